"""The race for conversations: several workers hand out and resolve the same team's queue at once.

What was promised is checked afterwards from what was written down: nobody ever had more than they can have,
nobody was given anything while away, nothing waited while there was room, and nobody was passed by for ever.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from hub.clock import utc_now
from hub.desk.attending import choose_state
from hub.desk.changing import Changed, NotPossible
from hub.desk.deeds import resolve
from hub.desk.replying import Desk
from hub.dispatch import About, Dispatch, arrived, finish
from hub.dispatch.sweeping import Sweeper, reconcile
from hub.model.channels import Channel
from hub.model.inbox import Awaiting, Conversation, Last, Side, Status
from hub.model.people import Agent, Role, Team
from hub.model.staffing import AgentPlan, State, Strategy, TeamPlan
from hub.registry import Registry
from hub.store import Store
from routing import Routing

TEAM, LOGS = "race", "race_log"
SLACK = timedelta(seconds=1)  # between taking room and writing it down, on a busy machine
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
CHANNEL = Channel(id="race", name="Race", platform="email", config={}, created_at=LONG_AGO, team=TEAM)
ADMIN = Agent(id="ada", name="Ada", email="ada@hub.example", role=Role.ADMIN, created_at=LONG_AGO)


@dataclass(frozen=True, slots=True)
class Size:
    conversations: int
    agents: int
    capacity: int = 4
    workers: int = 4
    kills: int = 0
    burst: int = 20
    seed: int = 1


@dataclass(slots=True)
class Result:
    given: int = 0
    overfull: int = 0  # moments at which somebody had more than they can have
    while_away: int = 0
    left: int = 0  # never given to anybody
    longest_idle: float = 0.0  # seconds somebody waited while there was room
    most_overtaken: int = 0  # later ones that were given before one that waited
    drifts: int = 0  # load counters that were wrong at the end
    kills: int = 0
    seconds: float = 0.0


async def set_up(store: Store, size: Size) -> None:
    await store.people.add_agent(ADMIN)
    await store.people.add_team(Team(id=TEAM, name="Race", created_at=LONG_AGO))
    for each in agents_of(size):
        await store.people.add_agent(each)
    plans = [AgentPlan(id=each.id, capacity=size.capacity) for each in agents_of(size)]
    await store.rules.save(*plans)
    await store.rules.save(TeamPlan(id=TEAM, strategy=Strategy.LEAST_BUSY, back_minutes=60))
    for each in agents_of(size):
        await store.workloads.attend(each.id, utc_now() + timedelta(hours=2), State.ONLINE)


def agents_of(size: Size) -> list[Agent]:
    return [
        Agent(
            id=f"agent{each:02}",
            name=f"Agent {each}",
            email=f"{each}@hub.example",
            teams=(TEAM,),
            created_at=LONG_AGO,
        )
        for each in range(size.agents)
    ]


def conversation(number: int) -> Conversation:
    at = utc_now()
    return Conversation(
        id=f"race{number:06}",
        customer=f"customer{number}",
        customer_name=f"Customer {number}",
        subject="Race",
        status=Status.OPEN,
        awaiting=Awaiting.US,
        channel=CHANNEL.id,
        platform="email",
        surface="email",
        visibility="private",
        created_at=at,
        activity_at=at,
        waiting_since=at,
        last=Last(entry=f"entry{number}", side=Side.CUSTOMER, author_name="Customer", preview="", at=at),
    )


@dataclass(slots=True)
class Worker:
    """One of those that race. May be killed and begun again at any moment."""

    store: Store
    registry: Registry
    size: Size
    number: int
    dispatch: Dispatch = field(init=False)
    desk: Desk = field(init=False)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.dispatch = Dispatch(self.store, Routing(), utc_now)
        self.desk = Desk(self.store, self.registry, utc_now, self.dispatch)
        self.random = Random(f"{self.size.seed} {self.number} {utc_now()}")

    async def run(self) -> None:
        """Until everything that there is has been resolved."""
        sweeping = asyncio.create_task(Sweeper(self.dispatch, f"worker{self.number}").run())
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._arrive())
                tasks.create_task(self._resolve())
                tasks.create_task(self._come_and_go())
        finally:
            sweeping.cancel()

    async def _arrive(self) -> None:
        """In bursts. What a former life left half done is done again, as the pipeline does."""
        mine = range(self.number, self.size.conversations, self.size.workers)
        office = await self.dispatch.office()
        for place, number in enumerate(mine):
            known = await self.store.inbox.find_conversation(f"race{number:06}")
            if known is not None and known.version:
                continue
            new = known or conversation(number)
            await self.store.inbox.add_conversations([new])
            await finish(self.dispatch, await arrived(self.dispatch, office, new, CHANNEL, About()))
            if place % self.size.burst == self.size.burst - 1:
                await asyncio.sleep(self.random.uniform(0, 0.2))

    async def _resolve(self) -> None:
        names = [each.id for each in agents_of(self.size)]
        while not await self._over():
            found = await self.store.workloads.find(self.random.sample(names, min(4, len(names))))
            theirs = [(each.id, item.conversation) for each in found.values() for item in each.held]
            for agent, held in theirs:
                known = await self.store.inbox.find_conversation(held)
                # Room is taken a moment before the conversation is given: nobody resolves it in between.
                if known is not None and known.agent == agent and self.random.random() < 0.5:
                    with suppress(Changed, NotPossible):
                        await resolve(self.desk, ADMIN, held)
            await asyncio.sleep(self.random.uniform(0.05, 0.15))

    async def _over(self) -> bool:
        resolved = await self.store.database.conversations.count_documents({"status": "resolved"})
        return resolved >= self.size.conversations

    async def _come_and_go(self) -> None:
        """Some of the agents go away for a while, few at a time; each of them is one worker's to send."""
        mine = agents_of(self.size)[self.number :: self.size.workers][:3]
        if len(mine) < 3 and self.number:
            return
        while not await self._over():
            each = self.random.choice(mine)
            await self._be(each, State.AWAY)
            await asyncio.sleep(self.random.uniform(1.5, 3))
            await self._be(each, State.ONLINE)
            await asyncio.sleep(self.random.uniform(0.5, 2))

    async def _be(self, agent: Agent, state: State) -> None:
        # Who comes back is noted before, who goes afterwards: a worker that is killed in between leaves
        # nobody in the log as away who may be given something.
        before = utc_now()
        if state is not State.AWAY:
            await self._note(agent, state, before)
        await choose_state(self.desk, agent, state)
        await self.store.workloads.attend(agent.id, utc_now() + timedelta(hours=2))
        if state is State.AWAY:
            await self._note(agent, state, before)

    async def _note(self, agent: Agent, state: State, before: datetime) -> None:
        told = {"agent": agent.id, "state": str(state), "before": before, "after": utc_now()}
        await self.store.database[LOGS].insert_one(told)


@dataclass(frozen=True, slots=True, order=True)
class Given:
    """One conversation: since when it waited in the queue, when somebody got it, until when they had it."""

    queued_at: datetime
    given_at: datetime
    until: datetime
    agent: str
    conversation: str


async def judge(store: Store, size: Size, result: Result) -> Result:
    """What the log says."""
    given = await _log(store, size, result)
    result.given = len(given)
    for each in agents_of(size):
        theirs = [one for one in given if one.agent == each.id]
        moments = [(one.given_at, 1) for one in theirs] + [(one.until, -1) for one in theirs]
        load = 0
        for _, change in sorted(moments):  # what ends at a moment ends before what begins at it
            load += change
            result.overfull += load > size.capacity
        result.while_away += await _while_away(store, each.id, theirs)
    result.longest_idle = _longest_idle(given, size)
    ordered = sorted(given, key=lambda one: one.given_at)
    overtakers = [
        sum(later.queued_at > one.queued_at for later in ordered[:place]) for place, one in enumerate(ordered)
    ]
    result.most_overtaken = max(overtakers, default=0)
    result.drifts = len(await reconcile(Dispatch(store, Routing(), utc_now)))
    return result


async def _log(store: Store, size: Size, result: Result) -> list[Given]:
    given = []
    for number in range(size.conversations):
        name = f"race{number:06}"
        decisions = await store.rules.decisions_of(name)
        queued = [each.at for each in decisions if each.team]
        assigned = [(each.at, each.agent) for each in decisions if each.agent]
        found = await store.inbox.find_conversation(name)
        if found is None or found.agent is None or found.resolved_at is None:
            result.left += 1
            continue
        # A worker that was killed between giving and writing it down leaves no decision: since when is not
        # known, so the least is taken, that it was given as it was resolved.
        at, agent = assigned[-1] if assigned else (found.resolved_at, found.agent)
        began = queued[0] if queued else found.created_at
        given.append(Given(began, at, found.resolved_at, agent or "", name))
    return given


async def _while_away(store: Store, agent: str, theirs: Sequence[Given]) -> int:
    log = await store.database[LOGS].find({"agent": agent}).sort("before", 1).to_list(None)
    away = 0
    for index, each in enumerate(log):
        if each["state"] != State.AWAY:
            continue
        back = log[index + 1]["before"] if index + 1 < len(log) else each["after"]
        away += sum(each["after"] + SLACK < one.given_at < back for one in theirs)
    return away


def _longest_idle(given: Sequence[Given], size: Size) -> float:
    """The longest time in which something waited and half of all room was free: a third may be away."""
    moments = [(one.queued_at, 1, 0) for one in given]
    moments += [(one.given_at, -1, 1) for one in given]
    moments += [(one.until, 0, -1) for one in given]
    waiting = held = 0
    since: datetime | None = None
    longest = 0.0
    for at, queue, load in sorted(moments):
        idle = waiting > 0 and held < size.agents * size.capacity / 2
        if idle and since is not None:
            longest = max(longest, (at - since).total_seconds())
        waiting += queue
        held += load
        idle = waiting > 0 and held < size.agents * size.capacity / 2
        since = (since or at) if idle else None
    return longest
