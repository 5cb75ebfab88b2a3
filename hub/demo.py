"""The demo: a shop with five agents, two weeks of conversations behind it and a lively day before it.

Everything goes the way real messages go. The customers of a simulated world write on its platforms,
connectors read that, journal and pipeline make conversations of it, agents answer by the deeds of the desk,
and the outbox sends. The two weeks are played in under a minute: each turn has a moment of its own, which is
what every clock tells that is asked on its behalf, and turns of different conversations go together.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from pydantic import SecretStr

from config.settings import Settings
from connectors.simulator.connector import PollingSimulator
from connectors.simulator.director import Director, in_order
from connectors.simulator.planning import By, PlannedConversation, Turn
from connectors.simulator.scenario import Scenario, load_scenario
from connectors.simulator.world import close_world
from connectors.webchat.config import FormField, Rule, WebchatConfig
from hub.app import Hub, open_hub
from hub.auth.signing_in import set_password
from hub.clock import utc_now
from hub.contract.inbound import Cursor
from hub.desk.deeds import assign, note, resolve
from hub.desk.replying import Draft, reply
from hub.ingest.worker import IngestWorker
from hub.model.channels import Channel
from hub.model.content import Attachment
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.people import Agent, Role
from hub.outbox.preflight import NotSendable
from hub.outbox.worker import Sender
from hub.store.events import Events
from hub.store.inbox import own_key, thread_id
from hub.store.queues import LANES
from hub.work import Running, ingest_worker, running

log = structlog.get_logger()

COUNT = 300
TOGETHER = 48  # turns in a batch, each of another conversation
WINDOW = 6 * 3600  # seconds: turns of different conversations may be played out of order within it
SHORTLY = timedelta(seconds=2)
TAKEN_BEFORE = timedelta(minutes=1)  # an agent takes a conversation, reads it, then answers
RESOLVED_AFTER = timedelta(minutes=4)
ROUNDS_MOST = 50  # looks at the platforms and the journal in one batch; two or three are usual

Show = Callable[[int, int], None]
Play = tuple[PlannedConversation, Turn]

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def clock() -> datetime:
    """The moment of the turn that is being played; otherwise now."""
    return _moment.get() or utc_now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    before = _moment.set(moment.replace(microsecond=moment.microsecond // 1000 * 1000))
    try:
        yield
    finally:
        _moment.reset(before)


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo at work."""

    hub: Hub
    running: Running
    director: Director
    agents: tuple[Agent, ...]
    password: str  # all of them sign in with it
    conversations: int
    chat: str  # the address of a page with a web chat


@asynccontextmanager
async def open_demo(
    settings: Settings, *, scenario: Scenario | None = None, count: int = COUNT, show: Show = lambda *_: None
) -> AsyncIterator[Demo]:
    """A demo with `count` conversations behind it, for as long as the block lasts. Raises StoreError.

    In a data folder that was used before, what is there stays, and only the new day is played.
    """
    scenario = scenario or load_scenario()
    world = scenario.open(now=clock)
    try:
        async with AsyncExitStack() as stack:
            hub = await stack.enter_async_context(open_hub(settings, starts_database=True, clock=clock))
            director = Director(scenario, world)
            agents = await _agents(hub, director.agents)
            fresh = not await hub.store.channels.list_channels(removed=True)
            channels = await _channels(hub, scenario)
            chat = await _chat(hub)
            conversations = director.history(utc_now(), count)
            if fresh:
                await Past(_quiet(hub), director, channels, agents).play(conversations, show)
            password = secrets.token_urlsafe(12)
            await asyncio.gather(*(set_password(hub.auth, agent, password) for agent in agents))
            at_work = await stack.enter_async_context(running(hub, web_server=True, worker=True))
            live = asyncio.create_task(director.live(), name="customers")
            try:
                page = f"{at_work.url}/chat/{chat.id}/demo"
                yield Demo(hub, at_work, director, agents, password, count, page)
            finally:
                live.cancel()
                await asyncio.gather(live, return_exceptions=True)
    finally:
        close_world(scenario.world)


async def _agents(hub: Hub, names: Sequence[str]) -> tuple[Agent, ...]:
    """The first is the admin. Their addresses are made from their first names."""
    known = {each.email: each for each in await hub.store.people.list_agents()}
    agents = []
    for number, name in enumerate(names):
        email = f"{name.split()[0].lower()}@linden.example"
        if email not in known:
            role = Role.SUPERVISOR if number else Role.ADMIN
            now = hub.clock() - timedelta(days=60 - number)
            made = Agent(id=new_id(now), name=name, email=email, role=role, created_at=now)
            await hub.store.people.add_agent(made)
            known[email] = made
        agents.append(known[email])
    return tuple(agents)


async def _channels(hub: Hub, scenario: Scenario) -> dict[str, Channel]:
    """One for each account. Those of an earlier run are over: its customers went with its world."""
    for old in await hub.store.channels.list_channels():
        await hub.store.channels.change(old.id, {"removed": True})
    channels = {}
    for account in scenario.account:
        now = hub.clock()
        channel = new_id(now)
        channels[account.key] = Channel(
            id=channel,
            name=account.channel,
            platform=PollingSimulator.manifest.platform,
            config=hub.registry.sealed(scenario.config_for(account), channel),
            created_at=now,
            account=account.key,
            account_name=account.channel,
        )
        await hub.store.channels.add(channels[account.key])
    return channels


async def _chat(hub: Hub) -> Channel:
    """A chat on the page of a shop, which the hub serves itself."""
    now = hub.clock()
    channel = new_id(now)
    config = WebchatConfig(
        title="Linden",
        origins=("https://linden.example",),
        secret=SecretStr(secrets.token_urlsafe(32)),
        form=(FormField(key="name"),),
        rules=(Rule(page="*page=prices*", after=8, text="Questions about delivery? We are here."),),
        colour="#8a4b2a",
        demo=True,
    )
    kept = Channel(
        id=channel,
        name="Web chat",
        platform="webchat",
        config=hub.registry.sealed(config, channel),
        created_at=now,
    )
    await hub.store.channels.add(kept)
    return kept


class Unheard(Events):
    """Nobody follows what was long ago."""

    async def add(self, events: Sequence[Event]) -> None:
        pass


def _quiet(hub: Hub) -> Hub:
    store = replace(hub.store, events=Unheard(hub.store.database))
    return replace(hub, store=store, desk=replace(hub.desk, store=store))


@dataclass(slots=True)
class Past:
    """Plays what has been. Afterwards the channels' cursors stand where it ended."""

    hub: Hub
    director: Director
    channels: dict[str, Channel]
    agents: tuple[Agent, ...]
    _readers: dict[str, PollingSimulator] = field(default_factory=dict)
    _senders: dict[str, Sender] = field(default_factory=dict)
    _cursors: dict[str, Cursor | None] = field(default_factory=dict)
    _conversations: dict[int, str] = field(default_factory=dict)
    _taken: set[int] = field(default_factory=set)

    async def play(self, conversations: Sequence[PlannedConversation], show: Show) -> None:
        ingest = ingest_worker(self.hub, "demo")
        ingest.held = frozenset(range(LANES))
        platforms = [self.director.platform(account) for account in self.channels]
        echoing = [each for each in platforms if each.echoes]
        for each in echoing:  # what we said ourselves we know; hearing it again only takes time
            each.echoes = False
        for account, channel in self.channels.items():
            await self._open(account, channel)
        turns = list(in_order(conversations))
        done = 0
        for batch in _batches(turns):
            await self._play(batch, ingest)
            done += len(batch)
            show(done, len(turns))
        for each in echoing:
            each.echoes = True
        for account, channel in self.channels.items():
            await self.hub.store.channels.change(channel.id, {"cursor": self._cursors[account]})
            await self._readers[account].close()

    async def _open(self, account: str, channel: Channel) -> None:
        """Whatever its way in, the past is read by asking."""
        config = self.hub.registry.build(channel).config
        reader = PollingSimulator(config, self.hub.registry.kit(channel.id))
        who = await reader.connect()
        self._readers[account] = reader
        self._senders[account] = Sender(self.hub.store, channel, reader, who, clock)
        self._cursors[account] = None

    async def _play(self, batch: Sequence[Play], ingest: IngestWorker) -> None:
        for conversation, turn in batch:
            with at(turn.at):
                self.director.play(conversation, turn, agents=False)
        end = max(turn.at for _, turn in batch)
        with at(end):
            await self._take_in(ingest)
        await self._find(conversation for conversation, _ in batch)
        ours = [play for play in batch if play[1].by in (By.AGENT, By.NOTE)]
        async with asyncio.TaskGroup() as tasks:
            for conversation, turn in ours:
                tasks.create_task(self._agent_acts(conversation, turn))
        for conversation, turn in ours:
            if turn.by is By.AGENT:
                with at(turn.at + SHORTLY):
                    await self._senders[conversation.account].work_off()
        if any(turn.by is By.AGENT for _, turn in ours):
            with at(end + SHORTLY):
                await self._take_in(ingest)
        async with asyncio.TaskGroup() as tasks:
            for conversation, turn in batch:
                if conversation.resolved and turn is conversation.turns[-1]:
                    tasks.create_task(self._resolve(conversation, turn))

    async def _take_in(self, ingest: IngestWorker) -> None:
        """Everything the platforms have to tell, through journal and pipeline."""
        for account, channel in self.channels.items():
            for _ in range(ROUNDS_MOST):
                batch = await self._readers[account].poll(self._cursors[account])
                self._cursors[account] = batch.cursor
                if not batch.events:
                    break
                await self.hub.store.journal.add(channel.id, batch.events, clock())
        for _ in range(ROUNDS_MOST):
            if not await ingest.work_off(range(LANES)):
                break

    async def _find(self, conversations: Iterator[PlannedConversation]) -> None:
        """Which of our conversations each played one has become."""
        new = [each for each in conversations if each.number not in self._conversations]
        wanted: dict[str, int] = {}
        for each in new:
            channel, key = self.channels[each.account].id, self.director.thread_of(each).key
            customer = self.director.platform(each.account).name_of(each.customer)
            wanted[thread_id(channel, key)] = each.number
            wanted[thread_id(channel, own_key(key, customer))] = each.number
        for record in (await self.hub.store.inbox.find_threads(list(wanted))).values():
            self._conversations[wanted[record.id]] = record.conversation

    async def _agent_acts(self, conversation: PlannedConversation, turn: Turn) -> None:
        agent = self._agent(turn.agent or conversation.agent)
        found = self._conversations.get(conversation.number)
        if found is None:
            log.warning("a scene is not in the inbox", matter=conversation.matter)
            return
        if conversation.number not in self._taken:
            self._taken.add(conversation.number)
            with at(turn.at - TAKEN_BEFORE):
                await assign(self.hub.desk, agent, found, agent)
        with at(turn.at):
            if turn.by is By.NOTE:
                await note(self.hub.desk, agent, found, turn.text)
                return
            files = tuple([await self._keep(*file) for file in turn.files])
            draft = Draft(text=turn.text, attachments=files, wait=timedelta())
            try:
                await reply(self.hub.desk, agent, found, draft)
            except NotSendable as problem:
                log.warning("a scene cannot be played", matter=conversation.matter, reason=str(problem))

    async def _resolve(self, conversation: PlannedConversation, turn: Turn) -> None:
        found = self._conversations.get(conversation.number)
        if found is not None:
            with at(min(turn.at + RESOLVED_AFTER, utc_now())):
                await resolve(self.hub.desk, self._agent(conversation.agent), found)

    def _agent(self, name: str) -> Agent:
        return next((each for each in self.agents if each.name == name), self.agents[0])

    async def _keep(self, name: str, mime: str, content: bytes) -> Attachment:
        kept = await self.hub.store.media.add(content, name, mime, len(content))
        return Attachment(name=name, mime=kept.mime, size=kept.size, stored=kept.id)


def _batches(turns: Sequence[Play]) -> Iterator[list[Play]]:
    """At most one turn of a conversation in each, in its order; window by window in the order of time."""
    for _, window in groupby(turns, lambda play: play[1].at.timestamp() // WINDOW):
        left = list(window)
        while left:
            batch: dict[int, Play] = {}
            later: list[Play] = []
            for play in left:
                number = play[0].number
                if number in batch or len(batch) == TOGETHER:
                    later.append(play)
                else:
                    batch[number] = play
            yield list(batch.values())
            left = later
