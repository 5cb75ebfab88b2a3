"""Drafts, saved replies and presence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.desk.changing import NotPossible
from hub.desk.drafting import (
    DraftChanged,
    discard_draft,
    find_draft,
    save_draft,
    share_draft,
    shared_drafts,
    submit_key,
)
from hub.desk.presence import be_present, leave, who_is_there
from hub.desk.replying import Draft
from hub.desk.saved_replies import (
    BadReply,
    fill_in,
    filled,
    list_saved_replies,
    remove_saved_reply,
    save_reply,
)
from hub.model.desk import Doing
from tests.hub.desk.inbox import ADMIN, AGENT, DISABLED, RESTRICTED, SUPERVISOR, conversation, fill

CONV = "c00001"


async def test_a_draft_is_its_writers_until_it_is_shared(hub: Hub) -> None:
    await fill(hub, [conversation(1)])
    desk = hub.desk
    saved = await save_draft(desk, AGENT, CONV, Draft(text="Dear", cc=("x@y.example",)))
    assert await find_draft(desk, AGENT, CONV) == saved
    assert await find_draft(desk, ADMIN, CONV) is None
    assert await shared_drafts(desk, ADMIN, CONV) == []
    await share_draft(desk, AGENT, CONV)
    assert [each.text for each in await shared_drafts(desk, ADMIN, CONV)] == ["Dear"]
    assert await shared_drafts(desk, AGENT, CONV) == []
    await share_draft(desk, AGENT, CONV, False)
    assert await shared_drafts(desk, ADMIN, CONV) == []
    for agent in (RESTRICTED, DISABLED):
        with pytest.raises(NotAllowed):
            await save_draft(desk, agent, CONV, Draft(text="x"))
        with pytest.raises(NotAllowed):
            await shared_drafts(desk, agent, CONV)


async def test_two_windows_do_not_overwrite_each_other(hub: Hub) -> None:
    await fill(hub, [conversation(1)])
    first = await save_draft(hub.desk, AGENT, CONV, Draft(text="one"), seen=0)
    second = await save_draft(hub.desk, AGENT, CONV, Draft(text="two"), seen=first.version)
    assert submit_key(first) != submit_key(second)
    with pytest.raises(DraftChanged) as changed:
        await save_draft(hub.desk, AGENT, CONV, Draft(text="three"), seen=first.version)
    assert changed.value.newest.text == "two"
    note = await save_draft(hub.desk, AGENT, CONV, Draft(text="psst"), kind="note")
    assert note.id != second.id


async def test_an_empty_draft_is_forgotten_and_a_discarded_one_too(hub: Hub) -> None:
    await fill(hub, [conversation(1)])
    await save_draft(hub.desk, AGENT, CONV, Draft(text="one"))
    await save_draft(hub.desk, AGENT, CONV, Draft(text="  "))
    assert await find_draft(hub.desk, AGENT, CONV) is None
    await save_draft(hub.desk, AGENT, CONV, Draft(text="one"))
    await discard_draft(hub.desk, AGENT, CONV)
    assert await find_draft(hub.desk, AGENT, CONV) is None
    with pytest.raises(NotPossible):
        await share_draft(hub.desk, AGENT, CONV)
    with pytest.raises(NotPossible):
        await save_draft(hub.desk, AGENT, CONV, Draft(text="x"), kind="poem")


async def test_drafts_are_told_to_nobody_else_until_they_are_shared(hub: Hub) -> None:
    await fill(hub, [conversation(1)])
    now = hub.clock()
    await save_draft(hub.desk, AGENT, CONV, Draft(text="one"))
    await share_draft(hub.desk, AGENT, CONV)
    told = await hub.store.events.latest(now - timedelta(seconds=1))
    assert [event.details.get("only") for event in told] == ["ben", None]


async def test_a_saved_reply_is_filled_in_and_says_what_is_missing(hub: Hub) -> None:
    await fill(hub, [conversation(1, fields={"order": "1042"}, customer_name="Tomás")])
    text = "Dear {{ customer.name }}, {{fields.order}} {{ fields.date }} {{ nonsense.a.b }} {{ agent.name }}"
    kept = await save_reply(hub.desk, AGENT, " Order  gone ", text)
    assert kept.title == "Order gone"
    result = await fill_in(hub.desk, AGENT, CONV, kept.id)
    assert result.text == "Dear Tomás, 1042 {{ fields.date }} {{ nonsense.a.b }} Ben"
    assert result.missing == ("fields.date", "nonsense.a.b")
    for agent in (ADMIN, SUPERVISOR):
        with pytest.raises(BadReply):
            await fill_in(hub.desk, agent, CONV, kept.id)
    with pytest.raises(NotAllowed):
        await fill_in(hub.desk, RESTRICTED, CONV, kept.id)


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(9) %}x{% endfor %}", "{{ 'x' * 10 ** 9 }}", "{{ customer.__class__() }}",
        "{{ ''.join }}{{ cycler() }}", "{{ customer. }}", "{{ 9 ** 9 ** 9 }}", "{# #}", "  ", "x" * 20_001,
        "{{ [1, 2] }}", "{{ agent.name ~ agent.name }}", "{{ customer.name | pprint }}",
    ],
)  # fmt: skip
async def test_snippets_that_would_do_more_than_name_values_are_refused(hub: Hub, text: str) -> None:
    with pytest.raises(BadReply):
        await save_reply(hub.desk, ADMIN, "Bad", text)


@pytest.mark.parametrize("name", ["customer.__class__", "customer._values", "agent.__dict__"])
def test_nothing_but_the_named_values_can_be_reached(name: str) -> None:
    result = filled("{{ " + name + " }}", {"customer": {"name": "T"}, "agent": {"name": "B"}})
    assert result.missing == (name.partition(".")[2],)


def test_a_value_is_never_read_as_a_placeholder() -> None:
    result = filled("{{ customer.name }}", {"customer": {"name": "{{ agent.name }}"}, "agent": {"name": "B"}})
    assert result.text == "{{ agent.name }}"


async def test_saved_replies_are_for_oneself_a_team_or_everybody(hub: Hub) -> None:
    desk = hub.desk
    mine = await save_reply(desk, AGENT, "Mine", "a")
    team = await save_reply(desk, AGENT, "Ours", "b", team="sales")
    everybody = await save_reply(desk, SUPERVISOR, "All", "c", shared=True)
    for more in ({"shared": True}, {"team": "support"}):
        with pytest.raises(NotAllowed):
            await save_reply(desk, AGENT, "No", "x", **more)
    assert [each.title for each in await list_saved_replies(desk, AGENT)] == ["All", "Mine", "Ours"]
    assert [each.title for each in await list_saved_replies(desk, RESTRICTED)] == ["All", "Ours"]
    assert [each.title for each in await list_saved_replies(desk, ADMIN)] == ["All"]
    for agent, reply in ((AGENT, everybody), (RESTRICTED, team), (ADMIN, mine)):
        with pytest.raises(NotAllowed):
            await remove_saved_reply(desk, agent, reply.id)
    await remove_saved_reply(desk, ADMIN, team.id)
    await remove_saved_reply(desk, AGENT, mine.id)
    assert [each.title for each in await list_saved_replies(desk, AGENT)] == ["All"]


async def test_agents_see_who_else_is_there_and_who_writes(hub: Hub) -> None:
    await fill(hub, [conversation(1)])
    now = hub.clock()
    assert await be_present(hub.desk, ADMIN, CONV, Doing.VIEWING) == []
    await be_present(hub.desk, ADMIN, CONV, Doing.VIEWING)
    [there] = await be_present(hub.desk, AGENT, CONV, Doing.WRITING)
    assert (there.agent_name, there.doing) == ("Ada", Doing.VIEWING)
    assert [each.doing for each in await who_is_there(hub.desk, ADMIN, CONV)] == [Doing.WRITING]
    later = replace(hub.desk, clock=lambda: now + timedelta(seconds=30))
    assert await who_is_there(later, ADMIN, CONV) == []
    await leave(hub.desk, ADMIN, CONV)
    assert await who_is_there(hub.desk, AGENT, CONV) == []
    told = await hub.store.events.latest(now - timedelta(seconds=1))
    assert [event.details["doing"] for event in told] == ["viewing", "writing", "gone"]
    with pytest.raises(NotAllowed):
        await be_present(hub.desk, RESTRICTED, CONV, Doing.VIEWING)
