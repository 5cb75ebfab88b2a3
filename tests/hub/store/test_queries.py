"""Every query of a full day's work is served by an index, and none has a shape that reads everything.

What MongoDB forgives with a slower answer, the embedded database punishes by reading the whole collection. So
the commands of a journey through everything are recorded, and each kind of them is explained afterwards.

Long because that journey goes through everything.
"""

import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import monitoring

from connectors.simulator.troubles import Chances, Trouble
from hub.app import Hub, open_hub
from hub.contract.capabilities import ReceiptState
from hub.desk.customers import merge as merge_customers
from hub.desk.deeds import (
    assign,
    delete,
    hand_to_team,
    mark_not_spam,
    mark_spam,
    note,
    reopen,
    resolve,
    retry_delivery,
    tag,
)
from hub.desk.imports import (
    Meant,
    bring_file,
    check_file,
    discard_import,
    get_import,
    list_imports,
    list_wrong,
    run_import,
    undo_import,
)
from hub.desk.offers import accept_offer, list_offers, refuse_offer
from hub.desk.opening import open_conversation
from hub.desk.replying import Draft, reply
from hub.desk.segments import members_of, put_segment
from hub.desk.tags import list_tags, rename_tag
from hub.desk.troubled import page_of_trouble
from hub.desk.undoing import undo
from hub.desk.uploading import attach, let_go, let_in, sweep_uploads, upload
from hub.desk.views import BUILT_IN, list_view
from hub.dispatch import promises_changed
from hub.dispatch.line import line_of
from hub.dispatch.sweeping import Sweeper
from hub.hooks.endpoints import Wanted, add_hook, remove_hook, switch_hook
from hub.hooks.log import list_deliveries, redeliver_failed, try_out
from hub.model.channels import Joining
from hub.model.desk import Filter
from hub.model.imports import AT_WORK
from hub.model.inbox import Conversation, DeliveryState, Message, Status
from hub.model.people import Team
from hub.model.privacy import JobKind, Kept
from hub.model.rules import Condition, Group, Join, Test
from hub.model.service import ServiceLevel
from hub.model.staffing import Strategy, TeamPlan
from hub.privacy import build_privacy
from hub.privacy.jobs import ask, expire, get_job, list_jobs
from hub.privacy.retention import apply_rules, rehearse_rules, set_rule
from hub.store import connection
from hub.store.codec import from_document
from hub.store.queues import LANES
from hub.store.shelves import ms_of, words_of
from hub.store.turns import Turns
from tests.hub.ingest.post import SALES, SUPPORT, PostRoom, mail
from tests.hub.store.looking import look_at_everything
from tests.hubs import Office, settings_for, until

Document = Mapping[str, Any]

# Read as a whole, on purpose: they stay small however much the hub has to do.
SMALL = {
    "agents": "those who answer: tens",
    "channels": "connected accounts: tens",
    "event_tellings": "one for each program and type: tens",
    "event_types": "kinds of events from outside: tens",
    "fields": "custom fields: tens",
    "hook_state": "two documents",
    "hooks": "receivers of webhooks: tens",
    "imports": "files of customers: hundreds",
    "lanes": "sixteen",
    "media_uploads": "those under way: a few",
    "meta": "one document",
    "saved_views": "filters that somebody keeps: tens",
    "tags": "words that conversations are tagged with: hundreds",
    "routing_state": "two documents",
    "spam_terms": "thirty-two documents and their totals",
    "tallies": "one for each list that somebody has",
    "privacy_jobs": "people who were taken out or erased: hundreds",
    "retention": "four documents",
    "rooms": "channels of ours where agents answer: a few",
    "rating_plan": "one document",
    "rules": "a few hundred at most",
    "segments": "kinds of customers: tens",
    "service_levels": "a few",
    "team_plans": "a few",
    "agent_plans": "those who answer: tens",
    "working_hours": "a few",
    "teams": "a few",
    "workers": "those alive: a few",
    "workloads": "those who answer: tens",
    "workplace": "one document",
}
ONCE = {
    "find conversations {}": "whether there are any: asked once, at the start on a new database",
    "find customers {_id: {$gt: …}} by _id": "who is in a segment: MongoDB reads its own index of ids",
}
# Commands that are no queries, or follow one.
NO_QUERY = {
    "buildInfo", "create", "createIndexes", "dropDatabase", "endSessions", "getMore", "hello", "insert",
    "killCursors", "listCollections", "listIndexes", "ping", "saslContinue", "saslStart",
}  # fmt: skip
FORBIDDEN = {
    "findAndModify": "the embedded database answers it by reading the collection",
    "distinct": "it reads the collection",
    "count": "it reads the collection",
    "mapReduce": "it reads the collection",
}
READS_EVERYTHING = {"$or", "$and", "$nor", "$expr", "$where", "$text"}  # as a filter's own key
OFFICE = pytest.mark.parametrize("imitates", ["messenger"])


@dataclass(slots=True)
class Recorder(monitoring.CommandListener):
    commands: list[Document] = field(default_factory=list)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command:  # what signs in is kept from us
            self.commands.append(dict(event.command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Only what is asked matters here."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Only what is asked matters here."""


@dataclass(frozen=True, slots=True)
class Query:
    command: str
    collection: str
    filter: Document
    sort: Document

    @property
    def kind(self) -> str:
        """The same for queries that differ only in their values."""
        sort = f" by {','.join(self.sort)}" if self.sort else ""
        return f"{self.command} {self.collection} {_shape(self.filter)}{sort}"


def _shape(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_shape(each)}" for key, each in value.items()) + "}"
    return "[…]" if isinstance(value, list) else "…"


def queries_of(command: Document) -> Iterator[Query]:
    """What a command looks for, once for each of its statements."""
    name = next(iter(command))
    collection = str(command[name])
    match name:
        case "find":
            yield Query(name, collection, command.get("filter") or {}, command.get("sort") or {})
        case "update" | "delete":
            for statement in command[f"{name}s"]:
                yield Query(name, collection, statement["q"], {})
        case "aggregate" if "$changeStream" not in command["pipeline"][0]:
            first = command["pipeline"][0]
            yield Query(name, collection, first.get("$match", {}), {})


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Hears every command of whatever connects from now on."""
    listener = Recorder()
    client: Any = AsyncIOMotorClient
    monkeypatch.setattr(
        connection, "AsyncIOMotorClient", lambda *a, **more: client(*a, event_listeners=[listener], **more)
    )
    return listener


@pytest.fixture
async def hub(recorder: Recorder, store_uri: str, tmp_path: Path) -> AsyncIterator[Hub]:
    settings = settings_for(store_uri, f"test_{uuid.uuid4().hex[:12]}", tmp_path)
    async with open_hub(settings) as opened:
        # As on any day but the first, when search reads everything there is once.
        await opened.store.search.set_position(opened.clock())
        yield opened
        await opened.store.database.client.drop_database(opened.store.database.name)


@OFFICE
@pytest.mark.timeout(180)  # a whole day's work
async def test_every_query_of_a_days_work_is_served_by_an_index_and_none_reads_everything(
    office: Office, recorder: Recorder
) -> None:
    await work_through_everything(office)
    commands = list(recorder.commands)
    _none_reads_everything(commands)
    asked = {query.kind: query for command in commands for query in queries_of(command)}
    assert len(asked) > 40, "the journey has become too short to show anything"
    unserved = [
        kind
        for kind, query in sorted(asked.items())
        if query.collection not in SMALL and kind not in ONCE and not await _served(office.hub, query)
    ]
    assert not unserved, "\n".join(unserved)


def _none_reads_everything(commands: Sequence[Mapping[str, Any]]) -> None:
    names = {next(iter(command)) for command in commands}
    assert not names & set(FORBIDDEN)
    assert names <= NO_QUERY | {"find", "update", "delete", "aggregate"}
    for query in (query for command in commands for query in queries_of(command)):
        assert not READS_EVERYTHING & set(query.filter), query.kind
        assert query.filter or query.collection in SMALL or query.kind in ONCE, query.kind
        assert not any(isinstance(each, Mapping) and "$all" in each for each in query.filter.values()), (
            query.kind
        )


async def _served(hub: Hub, query: Query) -> bool:
    """Whether an index serves the leading conditions.

    The embedded database goes by the first conditions that have an index and checks the rest on what it
    finds; its `explain` speaks only of filters that an index covers whole, and only of `find`. So the filter
    is shortened until it does; the rest is what the documents found are checked for.
    """
    conditions = list(query.filter.items())
    for many in range(len(conditions), 0, -1):
        asked = {"find": query.collection, "filter": dict(conditions[:many])}
        answer = await hub.store.database.command({"explain": asked, "verbosity": "queryPlanner"})
        stages = set(_stages(answer["queryPlanner"]["winningPlan"]))
        if stages & {"IXSCAN", "IDHACK", "EXPRESS_IXSCAN"} and "COLLSCAN" not in stages:
            return True
    return False


def _stages(plan: Any) -> Iterator[str]:
    if isinstance(plan, Mapping):
        if "stage" in plan:
            yield str(plan["stage"])
        for each in plan.values():
            yield from _stages(each)
    elif isinstance(plan, list):
        for each in plan:
            yield from _stages(each)


async def work_through_everything(office: Office) -> None:
    """Messages in and out, whatever platforms tell of them, every deed, every list."""
    conversation = await _exchange(office)
    await _changes(office, conversation)
    await _deeds(office, conversation)
    await _troubles(office)
    await _lists(office)
    await look_at_everything(office, conversation)
    await _queues(office)
    await _webhooks(office, conversation)
    await _matters(office)
    await _words(office)
    await _imports(office)
    await _privacy(office, conversation)


async def _words(office: Office) -> None:
    """Whatever was done to them, all conversations are found under what they are."""
    kept = await office.hub.store.database.conversations.find().to_list(None)
    assert len(kept) > 1
    for each in kept:
        assert sorted(each["under"]) == sorted(words_of(from_document(each, Conversation)))


async def _imports(office: Office) -> None:
    """A file of customers, brought in and undone; all who are in a segment."""
    desk, ana = office.hub.desk, office.ana
    job = await bring_file(desk, ana, b"email,name\na@acme.example,Ann\nnobody,Bo\n", "people.csv")
    for deed in (check_file, run_import):
        await deed(desk, ana, job.id, Meant(job.columns))
        await _stopped(office, job.id)
    await list_wrong(desk, ana, job.id)
    await undo_import(desk, ana, job.id)
    await _stopped(office, job.id)
    await list_imports(desk, ana)
    await discard_import(desk, ana, job.id)
    vip = Group(Join.ALL, (Condition("vip", Test.IS, ("yes",)),))
    await members_of(desk, ana, (await put_segment(desk, ana, "Important", vip)).id)


async def _stopped(office: Office, job: str) -> None:
    async def look() -> bool:
        return (await get_import(office.hub.desk, office.ana, job)).state not in AT_WORK

    await until(look, "the import to be worked off")


async def _privacy(office: Office, conversation: str) -> None:
    """Kept for so long and no longer; taken out, erased, and refused when it comes once more."""
    privacy, ana, store = build_privacy(office.hub.desk), office.ana, office.hub.store
    for kind in Kept:
        await set_rule(privacy, ana, kind, "", 1)
    await rehearse_rules(privacy, ana)
    await apply_rules(privacy)
    found = await store.inbox.find_conversation(conversation)
    assert found is not None
    lines = await store.journal.list_entries(channel=office.channel.id)
    for asked in (JobKind.EXPORT, JobKind.ERASURE):
        job = (await ask(privacy, ana, found.customer, asked)).id

        async def done(job: str = job) -> bool:
            return (await get_job(privacy, ana, job)).ended_at is not None

        await until(done, f"the {asked} to be done")
    await list_jobs(privacy, ana)
    for each in lines:
        await store.journal.replay(each.id)
    await expire(privacy)


async def _matters(office: Office) -> None:
    """Copies of a mail, what may be one matter, and where an answer can go."""
    hub, ana = office.hub, office.ana
    assert office.running.ingest is not None
    room = PostRoom(hub, office.running.ingest.pipeline)
    for address in (SUPPORT, SALES):
        await room.mailbox(address, address, paused=address == SUPPORT, joining=Joining.JOIN)
    before = {each.id for each in await room.open()}

    async def begun(count: int) -> list[str]:
        found = [each.id for each in await room.open() if each.id not in before]
        return found if len(found) >= count else []

    letter, other = mail("It leaks.", to=f"{SUPPORT}, {SALES}"), mail("A bill?", number=2, subject="A bill")
    for address, body in (
        (SUPPORT, letter),
        (SALES, letter),
        (SUPPORT, other),
        (SUPPORT, mail("!", number=3)),
    ):
        [entry] = await room.put(address, body)
        office.running.ingest.arrived.set()
        await until(lambda: _ended(hub, entry), "the mail to be worked on")  # noqa: B023  (waited for at once)
    one, bill = await begun(2)
    [offered] = await list_offers(hub.desk, ana, bill)
    for decide in (refuse_offer, accept_offer):
        done = await decide(hub.desk, ana, offered.offer.id)
        assert done.token
        await undo(hub.desk, ana, done.token)
    assert await room.facts(one, "joined")
    sales = room.channels[SALES].id
    assert (await list_view(hub.desk, ana, "open", wanted=Filter(channels=(sales,)))).rows
    opened = await open_conversation(hub.desk, ana, bill)
    place = next(each for each in opened.places if each.channel.id == sales)
    await reply(hub.desk, ana, bill, Draft(text="Here.", through=place.id))
    chats = [each for each in await room.open() if each.surface == "direct"]
    for each in chats[:2]:
        await merge_customers(hub.desk, ana, opened.conversation.customer, each.customer)
    assert len((await open_conversation(hub.desk, ana, bill)).places) > 2


async def _ended(hub: Hub, entry: str) -> bool:
    found = await hub.store.journal.get(entry)
    return found is not None and found[0].outcome is not None


async def _queues(office: Office) -> None:
    """A team's conversations are handed out, or go to the team that helps out."""
    desk, ana, store = office.hub.desk, office.ana, office.hub.store
    dispatch, now = desk.dispatch, office.hub.clock()
    plan = TeamPlan(id="sales", strategy=Strategy.LEAST_BUSY)
    await store.rules.save(plan)
    office.platform.write(office.world.person("quinn"), "Who has this?")
    waits = (await office.conversation(2)).id
    await hand_to_team(desk, ana, waits, Team(id="sales", name="Sales", created_at=now))
    await store.inbox.update_conversations([(waits, {"$set": {"due_at": now - timedelta(minutes=1)}})])
    assert [each.id async for each in line_of(dispatch, plan)] == [waits]
    assert [each async for each in line_of(dispatch, TeamPlan(id="sales"))] == []  # whoever takes it
    await store.rules.save(replace(plan, overflow="support", overflow_minutes=5))
    await store.rules.save(ServiceLevel(id="gold", name="Gold", first_response=60, created_at=now))
    await on_level(office, waits, "gold")
    await promises_changed(dispatch, level="gold")
    await Sweeper(dispatch, "test").sweep()
    moved = await store.inbox.find_conversation(waits)
    assert moved is not None
    assert (moved.team, moved.due_for) == ("support", "first_response")


async def on_level(office: Office, conversation: str, level: str) -> None:
    found = await office.hub.store.inbox.find_conversation(conversation)
    assert found is not None
    assert await office.hub.store.inbox.change_conversation(found, {"level": level})


async def _webhooks(office: Office, conversation: str) -> None:
    """Told, not taken, given up, told again."""
    hooks, ana, store = office.hub.webhooks, office.ana, office.hub.store.hooks
    wanted = Wanted(name="Nobody", url="http://127.0.0.1:1/", kinds=("note.added",))
    hook, _ = await add_hook(hooks, ana, wanted)
    await try_out(hooks, ana, hook.id)
    await note(office.hub.desk, ana, conversation, "Told.")

    async def told() -> bool:
        return len(await store.log(hook.id, 10, 10)) == 2

    await until(told, "the note to be told")
    await list_deliveries(hooks, ana, hook.id, failed=True)
    await redeliver_failed(hooks, ana, hook.id)
    await switch_hook(hooks, ana, hook.id, False)
    await remove_hook(hooks, ana, hook.id)


async def _exchange(office: Office) -> str:
    tomas = office.world.person("tomas", name="Tomás Barreto")
    asked = office.platform.write(
        tomas,
        "Is it still on?",
        files=[("list.txt", "text/plain", b"one"), ("large.bin", "image/png", bytes(700_000))],
    )
    conversation = (await office.conversation()).id
    await office.messages(conversation, 1)
    await reply(office.hub.desk, office.ana, conversation, Draft(text="It is.", key="form", wait=timedelta()))
    await _sent(office, conversation, 2)
    office.platform.answer(asked, "Thank you!")
    await office.messages(conversation, 3)
    return conversation


async def _sent(office: Office, conversation: str, count: int) -> Message:
    async def look() -> Message | None:
        newest = (await office.messages(conversation, count))[-1]
        settled = newest.delivery and newest.delivery.state in (DeliveryState.SENT, DeliveryState.DELIVERED)
        return newest if settled else None

    return await until(look, "the answer to be sent")


async def _changes(office: Office, conversation: str) -> None:
    first, *_ = posts = list(office.platform.posts.values())
    ours = next(each for each in posts if each is not first and each.text == "It is.")
    tomas = office.world.person("tomas")
    office.platform.receipt(ours, ReceiptState.READ)
    office.platform.edit(first, "Is the workshop still on?")
    office.platform.react(tomas, ours, "👍")
    office.platform.delete(posts[-1])
    office.platform.block(tomas)
    office.platform.block(tomas, blocked=False)

    async def all_there() -> bool:
        found = await office.messages(conversation)
        return any(each.edits for each in found) and any(each.deleted_at for each in found)

    await until(all_there, "edit and deletion")


async def _deeds(office: Office, conversation: str) -> None:
    desk, ana = office.hub.desk, office.ana
    await note(desk, ana, conversation, "Rings twice.")
    file = await upload(desk, ana, b"one", name="list.txt", mime="text/plain")
    await let_in(desk, ana, await attach(desk, ana, [file.stored or ""]))
    await let_go(desk, [file])
    await sweep_uploads(desk, timedelta(minutes=-1))
    await tag(desk, ana, conversation, "workshop")
    for deed in (mark_spam, mark_not_spam):
        assert (await deed(desk, ana, conversation)).token
    await list_tags(desk, ana)
    await rename_tag(desk, ana, "workshop", "course")
    await assign(desk, ana, conversation, ana)
    await resolve(desk, ana, conversation)
    await reopen(desk, ana, conversation)
    await resolve(desk, ana, conversation)
    office.platform.answer(next(iter(office.platform.posts.values())), "One more thing.")

    async def reopened() -> bool:
        found = await office.hub.store.inbox.find_conversation(conversation)
        return found is not None and found.status is Status.OPEN

    await until(reopened, "the conversation to be reopened")


async def _troubles(office: Office) -> None:
    desk, ana, store = office.hub.desk, office.ana, office.hub.store
    office.platform.troubles.chances = Chances(duplicated=1.0)
    office.platform.write(office.world.person("eva", name="Eva"), "Hello?")
    conversation = (await office.conversation(2)).id
    office.platform.troubles.chances = Chances()
    office.platform.fail(Trouble.REFUSED, on="send", calls=1)
    await reply(desk, ana, conversation, Draft(text="Good day, Eva."))

    async def failed() -> Message | None:
        found = await store.deliveries.in_trouble()
        return found[0] if found else None

    message = await until(failed, "the answer to fail")
    assert (await page_of_trouble(desk, ana, f"{ms_of(message.at)}-~", 10)).rows
    assert (await list_view(desk, ana, "failed", cursor=f"{ms_of(message.at) + 1}-~")).rows
    await retry_delivery(desk, message.id)
    await _sent(office, conversation, 2)
    journal = await store.journal.list_entries(channel=office.channel.id)
    await store.journal.replay(journal[0].id)
    await delete(desk, ana, conversation)


async def _lists(office: Office) -> None:
    desk, ana, store = office.hub.desk, office.ana, office.hub.store
    for view in BUILT_IN:
        for sort in ("newest", "waiting", "due"):
            await list_view(desk, ana, view, sort=sort)
    page = await store.inbox.list_conversations(Status.OPEN)
    await store.inbox.list_conversations(Status.OPEN, before=(page[-1].activity_at, page[-1].id))
    await store.people.identities_of(page[0].customer)
    await store.consents.of_customers([page[0].customer])
    await store.people.find_agent_by_email("ana@hub.example")
    await store.journal.list_entries(failed=True)
    await Turns(store.database.journal).oldest(range(LANES), 0)  # as when there is a crowd in each lane
    await store.journal.list_failed_arrivals()
    await store.channels.last_posted("channel")
    await store.deliveries.list_waiting([office.channel.id])
    await store.deliveries.count_waiting([office.channel.id])
    await store.journal.unfinished()
    await store.journal.missing(office.channel.id, ["never seen"])
    await store.notices.list_of("ana", office.hub.clock(), 10)
    await store.notices.to_mail()
    await store.notices.mail_nothing("ana")
    await store.notices.interrupted_digests()
    await store.notices.last_digest("ana")
    newest = await store.events.latest(office.hub.clock() - timedelta(minutes=5))
    await store.events.since(newest[0].id)
    await store.media.sweep_unfinished(office.hub.clock())
    now = office.hub.clock()
    await store.lapsed.quiet(now - timedelta(days=1), now, 10)
    await store.lapsed.resolved(now - timedelta(days=1), now, 10)
    await store.ratings.sent_of(["e" * 24])
    await store.ratings.in_places(["a thread"])
    await store.ratings.of_customers([page[0].customer])
    await store.ratings.page(None, 10)
    await store.ratings.page((now, "e" * 24), 10)
