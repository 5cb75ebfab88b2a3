"""Plays a scenario on a simulated world: what has been, what comes, and customers who answer agents.

    scenario = load_scenario(DEMO)
    director = Director(scenario, scenario.open())
    for conversation, turn in in_order(director.history(now)):
        director.play(conversation, turn)        # the channels' connectors read it from the platforms
    await director.live()                        # until cancelled

Notes are nobody's business but the hub's: `play` does nothing for them. Agents' turns are told by the
platforms as messages of our own account with their past times; whoever would rather send them through the
hub's own deeds plays with `agents=False` and finds the thread by `thread_of`.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

from connectors.simulator.imitations import surfaces_of
from connectors.simulator.planning import By, PlannedConversation, Planner, Turn
from connectors.simulator.platform import Platform
from connectors.simulator.repartee import Repartee
from connectors.simulator.scenario import Scenario, Step
from connectors.simulator.society import Post
from connectors.simulator.world import World
from hub.contract.capabilities import ReceiptState
from hub.contract.inbound import Thread

THUMBS = "👍"


@dataclass(slots=True)
class Played:
    """How far a conversation has come on its platform."""

    plan: PlannedConversation
    thread: str
    later: list[Turn]
    last_said: Post  # by the customer
    said: set[str] = field(default_factory=set)  # what need not be said again
    done: bool = False


class Director:
    def __init__(self, scenario: Scenario, world: World) -> None:
        self.scenario = scenario
        self.world = world
        self.random = Random(f"{scenario.seed}:live")
        self._planner = Planner(
            scenario.matters,
            scenario.catalogue,
            {account.imitates: account.key for account in scenario.account},
            seed=scenario.seed,
            days=scenario.days,
        )
        self._repartee = Repartee(scenario.answers)
        self._played: dict[int, Played] = {}
        self._by_thread: dict[str, Played] = {}
        self._replies: asyncio.Queue[Post] = asyncio.Queue()
        self._alive = False
        for account in scenario.account:
            self.platform(account.key).on_taken.append(self._hear)

    @property
    def agents(self) -> tuple[str, ...]:
        """The full names of the agents who speak in the scenes."""
        return self.scenario.catalogue.agents

    def platform(self, account: str) -> Platform:
        return self.world.platform(account)

    def history(self, now: datetime, count: int = 300) -> tuple[PlannedConversation, ...]:
        """What has been said in the last days, oldest conversation first. Nothing is played yet."""
        planned = [self._planner.past(now) for _ in range(count)]
        return tuple(sorted(planned, key=lambda each: (each.turns[0].at, each.number)))

    def thread_of(self, conversation: PlannedConversation) -> Thread:
        """Where it is on its platform. Known once its first turn has been played."""
        played = self._played[conversation.number]
        return self.platform(conversation.account).places[played.thread].thread

    def play(self, conversation: PlannedConversation, turn: Turn, *, agents: bool = True) -> Post | None:
        """Let one turn happen at its time. Returns the message that it made, if it made one."""
        played = self._played.get(conversation.number)
        if turn.by is By.CUSTOMER:
            return self._customer_writes(conversation, turn, played)
        if played is None:
            raise ValueError(f"Conversation {conversation.number} does not begin with its customer.")
        platform = self.platform(conversation.account)
        ours = _last_of_ours(platform, played)
        match turn.by:
            case By.AGENT if agents:
                return platform.write_elsewhere(
                    played.thread, turn.text, author=turn.agent, files=turn.files, at=turn.at
                )
            case By.EDIT:
                platform.edit(played.last_said, turn.text, at=turn.at)
            case By.DELETE:
                platform.delete(played.last_said, at=turn.at)
            case By.REACT if ours:
                platform.react(conversation.customer, ours, turn.text, at=turn.at)
            case By.READ if ours:
                platform.receipt(ours, ReceiptState.READ, at=turn.at)
            case By.FAILED if ours:
                platform.receipt(ours, ReceiptState.FAILED, problem=turn.text, at=turn.at)
        return None

    def _customer_writes(self, conversation: PlannedConversation, turn: Turn, played: Played | None) -> Post:
        customer = conversation.customer
        self.world.people.setdefault(customer.key, customer)
        post = self.platform(conversation.account).write(
            customer,
            turn.text,
            thread=played.thread if played else None,
            surface=conversation.surface,
            subject=None if played else conversation.subject,
            files=turn.files,
            flags=conversation.flags,
            at=turn.at,
        )
        if played is None:
            played = Played(conversation, post.thread.key, list(conversation.later), post)
            self._played[conversation.number] = played
            self._by_thread[post.thread.key] = played
        played.last_said = post
        return post

    # What comes.

    def _hear(self, reply: Post) -> None:
        """Agents' replies of the past have their answers in the script; customers answer what is new."""
        played = self._by_thread.get(reply.thread.key)
        old = played is not None and any(turn.text == reply.text for turn in played.plan.turns)
        if self._alive and not old:
            self._replies.put_nowait(reply)

    async def live(self) -> None:
        """New messages every few seconds, answers to replies, and the scenario's steps; until cancelled."""
        self._alive = True
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._arrivals())
            for step in self.scenario.step:
                tasks.create_task(self._step(step))
            while True:
                reply = await self._replies.get()
                tasks.create_task(self._answer(reply))

    async def _arrivals(self) -> None:
        while True:
            await self.world.sleep(self.scenario.live.every * self.random.uniform(0.5, 1.5))
            self.arrive()

    def arrive(self) -> PlannedConversation:
        """Somebody writes to us for the first time, now."""
        conversation = self._planner.new(self.world.now())
        for turn in conversation.turns:
            self.play(conversation, replace(turn, at=self.world.now()))
        return conversation

    async def _answer(self, reply: Post) -> None:
        shortest, longest = self.scenario.live.answer_after
        delay = self.random.uniform(shortest, longest)
        await self.world.sleep(delay / 3)
        self._read(reply)
        await self.world.sleep(delay * 2 / 3)
        played = self._by_thread.get(reply.thread.key)
        # Who got another message meanwhile answers that one.
        if played is not None and _last_of_ours(self.platform(played.plan.account), played) is reply:
            self.answer(reply)

    def _read(self, reply: Post) -> None:
        played = self._by_thread.get(reply.thread.key)
        if played is not None:
            platform = self.platform(played.plan.account)
            if ReceiptState.READ in surfaces_of(platform.imitates)[reply.thread.surface].receipts:
                platform.receipt(reply, ReceiptState.READ)

    def answer(self, reply: Post) -> Post | None:
        """What the customer says to this reply, now and in its thread; None when nothing is left to say."""
        played = self._by_thread.get(reply.thread.key)
        if played is None or "auto_reply" in played.plan.flags or "spam" in played.plan.flags:
            return None
        plan, platform = played.plan, self.platform(played.plan.account)
        fitting = self._repartee.fitting(plan.language, reply.text, played.said, plan.blanks, self.random)
        if fitting is not None:
            return self._say(played, fitting.text, fitting.files)
        scripted = _next_words(played.later)
        if scripted is not None:
            return self._say(played, scripted.text, scripted.files)
        if not played.done:
            played.done = True
            return self._say(played, self._repartee.closing(plan.language, plan.blanks, self.random))
        if platform.imitates != "email" and not reply.reactions:
            platform.react(plan.customer, reply, THUMBS)
        return None

    def _say(self, played: Played, text: str, files: tuple[tuple[str, str, bytes], ...] = ()) -> Post:
        turn = Turn(at=self.world.now(), by=By.CUSTOMER, text=text, files=files)
        return self._customer_writes(played.plan, turn, played)

    async def _step(self, step: Step) -> None:
        await self.world.sleep(step.after)
        platform = self.platform(step.account)
        match step.trouble:
            case "mend":
                platform.mend()
            case "forget_cursors":
                platform.feed.forget_cursors()
            case trouble:
                platform.fail(trouble, on=step.on, calls=step.calls, lasting=step.duration)


def in_order(
    conversations: Iterable[PlannedConversation],
) -> Iterator[tuple[PlannedConversation, Turn]]:
    """Every turn of all conversations as time went by."""
    turns = [
        (turn.at, conversation.number, index, conversation, turn)
        for conversation in conversations
        for index, turn in enumerate(conversation.turns)
    ]
    for _, _, _, conversation, turn in sorted(turns, key=lambda row: row[:3]):
        yield conversation, turn


def _last_of_ours(platform: Platform, played: Played) -> Post | None:
    posts = platform.places[played.thread].posts
    return next((post for post in reversed(posts) if post.author is None), None)


def _next_words(later: list[Turn]) -> Turn | None:
    """The next thing the script lets the customer say; what stands before it is over."""
    while later:
        turn = later.pop(0)
        if turn.by is By.CUSTOMER:
            return turn
    return None
