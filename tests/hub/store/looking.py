"""What an agent looks at in a day, for the journey in test_queries.py: search, lists as they are sorted and
filtered, a conversation opened, counts, drafts, who else is there, the customer's pages, the audit log."""

from datetime import timedelta

from hub.auth.audit import list_audit
from hub.desk import customers
from hub.desk.consents import list_consents
from hub.desk.counting import Counting, count_views
from hub.desk.details import list_changes
from hub.desk.drafting import discard_draft, drafted, drafts_in, save_draft, share_draft, take_draft
from hub.desk.finding import find_customers, find_people
from hub.desk.happenings import customer_stream, save_type, tell_events
from hub.desk.notices import list_notices, open_notices
from hub.desk.opening import open_conversation
from hub.desk.presence import be_present, leave, who_is_there
from hub.desk.replying import Draft
from hub.desk.saved_replies import list_saved_replies
from hub.desk.saved_views import list_saved_views, save_view
from hub.desk.searching import search
from hub.desk.tellings import Told, latest_events
from hub.desk.views import BUILT_IN, SAVED, list_view, repair_counts
from hub.model.desk import Doing, Filter
from hub.model.inbox import Awaiting, Priority
from hub.model.people import Agent, Role
from tests.hubs import Office, until

SORTS = ("newest", "waiting", "due", "window")
QUESTIONS = (
    "still", '"still on"', "sti", "still from:tomás", "still channel:test is:open", "tag:course", "is:open",
    "still before:2099-01-01 after:2020-01-01", "still has:attachment", "team:support", "still agent:me",
    "from:tomás",
)  # fmt: skip


async def look_at_everything(office: Office, conversation: str) -> None:
    """As somebody who sees all, and as somebody who sees only what is theirs."""
    store, now = office.hub.store, office.hub.clock()
    limited = Agent(
        id="lea", name="Lea", email="lea@hub.example", role=Role.AGENT, restricted=True, teams=("support",),
        created_at=now,
    )  # fmt: skip
    await store.people.add_agent(limited)

    async def found() -> object:
        return (await search(office.hub.desk, office.ana, "still")).rows or None

    await until(found, "the words to be found")
    for agent in (office.ana, limited):
        await _search(office, agent)
        await _lists(office, agent)
    await _opened(office, conversation)
    await _written(office, conversation)
    await _customer(office, conversation)


async def _search(office: Office, agent: Agent) -> None:
    for question in QUESTIONS:
        page = await search(office.hub.desk, agent, question, limit=1)
        if page.next_cursor:
            await search(office.hub.desk, agent, question, page.next_cursor, limit=1)


async def _lists(office: Office, agent: Agent) -> None:
    desk = office.hub.desk
    view = await save_view(desk, agent, f"Of {agent.id}", Filter(tags=("course",)), sort="waiting")
    for key in (*BUILT_IN, f"{SAVED}{view.id}"):
        for sort in SORTS:
            page = await list_view(desk, agent, key, sort=sort, limit=1)
            if page.next_cursor:
                await list_view(desk, agent, key, sort=sort, limit=1, cursor=page.next_cursor)
    for wanted in _filters(office):
        for sort in SORTS:
            await list_view(desk, agent, "open", wanted=wanted, sort=sort)
    await list_saved_views(desk, agent)
    await list_saved_replies(desk, agent)
    await list_notices(desk, agent, None, 10)
    await open_notices(desk, agent)
    await count_views(desk, agent)
    await Counting(desk).of(agent)
    await repair_counts(desk)


def _filters(office: Office) -> list[Filter]:
    """Each condition that a filter knows."""
    return [
        Filter(every_status=True), Filter(awaiting=Awaiting.US), Filter(channels=(office.channel.id,)),
        Filter(platforms=("simulator",)), Filter(surfaces=("chat",)), Filter(team="support"),
        Filter(team="none"), Filter(agent="me"), Filter(agent="none"), Filter(tags=("course", "vip")),
        Filter(priorities=(Priority.HIGH,)), Filter(languages=("en", "")), Filter(fields={"order": "1"}),
        Filter(customer_fields={"plan": "gold"}), Filter(older_than_hours=1), Filter(due_within_hours=1),
        Filter(overdue=True),
    ]  # fmt: skip


async def _opened(office: Office, conversation: str) -> None:
    desk, ana = office.hub.desk, office.ana
    opened = await open_conversation(desk, ana, conversation)
    last = opened.entries[-1]
    at = int((last.at + timedelta(seconds=1)).timestamp() * 1000)
    assert (await open_conversation(desk, ana, conversation, before=f"{at}-~")).entries
    await be_present(desk, ana, conversation, Doing.WRITING)
    await who_is_there(desk, ana, conversation)
    await leave(desk, ana, conversation)


async def _written(office: Office, conversation: str) -> None:
    desk, ana, now = office.hub.desk, office.ana, office.hub.clock()
    zoe = Agent(id="zoe", name="Zoe", email="zoe@hub.example", created_at=now)
    await office.hub.store.people.add_agent(zoe)
    kept = await save_draft(desk, zoe, conversation, Draft(text="I think"))
    await save_draft(desk, zoe, conversation, Draft(text="I think so"), seen=kept.version)
    await share_draft(desk, zoe, conversation)
    assert await drafts_in(desk, ana, conversation)
    assert await drafted(desk, zoe) == [conversation]
    await take_draft(desk, ana, conversation, "zoe")
    await discard_draft(desk, ana, conversation)


async def _customer(office: Office, conversation: str) -> None:
    desk, ana = office.hub.desk, office.ana
    customer = (await open_conversation(desk, ana, conversation)).conversation.customer
    await find_customers(desk, ana, "Tomás")
    await find_people(desk, ana, "tom", "simulator")
    person = await customers.get_person(desk, ana, customer)
    await customers.history(desk, ana, customer)
    await customers.suggestions_for(desk, ana, person)
    await customers.list_suggestions(desk, ana)
    await save_type(desk, ana, "visit", "Visit", [])
    await tell_events(desk, ana, customer, [Told(type="visit", key="1", at=office.hub.clock(), values={})])
    assert await latest_events(desk, ana, "visit")
    stream = await customer_stream(desk, ana, customer, limit=1)
    assert (await customer_stream(desk, ana, customer, limit=1, cursor=stream.next_cursor)).rows
    await list_changes(desk, ana, customer)
    await list_consents(desk, ana, customer)
    audit, now = office.hub.store, office.hub.clock()
    assert (await list_audit(audit, ana, limit=1)).rows
    await list_audit(audit, ana, by="ana", since=now - timedelta(days=1), until=now)
    await list_audit(audit, ana, deed="tag_renamed")
    await list_audit(audit, ana, target=conversation, cursor="f" * 24)
