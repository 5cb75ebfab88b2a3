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
    drafted,
    drafts_in,
    find_draft,
    save_draft,
    share_draft,
    shared_drafts,
    submit_key,
    take_draft,
)
from hub.desk.editing_replies import discard_reply, keep_reply
from hub.desk.joining import merge
from hub.desk.presence import be_present, leave, who_is_there
from hub.desk.replying import Draft
from hub.desk.saved_replies import (
    BadReply,
    fill_in,
    filled,
    find_saved_replies,
    list_saved_replies,
    remove_saved_reply,
    save_reply,
    take_file,
)
from hub.desk.uploading import attach, sweep_uploads, upload
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
    for late in (Draft(text="three"), Draft(text="")):
        with pytest.raises(DraftChanged) as changed:
            await save_draft(hub.desk, AGENT, CONV, late, seen=first.version)
        assert changed.value.newest is not None
        assert changed.value.newest.text == "two"
    with pytest.raises(DraftChanged):
        await save_draft(hub.desk, AGENT, CONV, Draft(text="begun anew"), seen=0)
    note = await save_draft(hub.desk, AGENT, CONV, Draft(text="psst"), kind="note")
    assert note.id != second.id


async def test_a_shared_draft_is_taken_over_with_its_files_by_one_alone(hub: Hub) -> None:
    await fill(hub, [conversation(1)])
    desk = hub.desk
    file = await upload(desk, AGENT, b"one", name="list.txt", mime="text/plain")
    with pytest.raises(NotPossible):
        await take_draft(desk, ADMIN, CONV, AGENT.id)
    files = await attach(desk, AGENT, [file.stored or ""])
    await save_draft(desk, AGENT, CONV, Draft(text="Dear", attachments=files))
    with pytest.raises(NotPossible):
        await take_draft(desk, ADMIN, CONV, AGENT.id)
    await share_draft(desk, AGENT, CONV)
    await save_draft(desk, ADMIN, CONV, Draft(text="My own words"))
    taken = await take_draft(desk, ADMIN, CONV, AGENT.id)
    assert (taken.text, taken.attachments, taken.shared) == ("Dear\n\nMy own words", files, False)
    assert await attach(desk, ADMIN, [file.stored or ""]) == files
    assert await find_draft(desk, AGENT, CONV) is None
    assert (await drafted(desk, AGENT), await drafted(desk, ADMIN)) == ([], [CONV])
    with pytest.raises(NotPossible):
        await take_draft(desk, SUPERVISOR, CONV, AGENT.id)


async def test_a_file_that_leaves_a_draft_is_swept_and_one_that_was_sent_is_not(hub: Hub) -> None:
    await fill(hub, [conversation(1)])
    desk = hub.desk
    later = replace(desk, clock=lambda: hub.clock() + timedelta(days=2))
    given = [await upload(desk, AGENT, b"x", name=f"{each}.txt", mime="text/plain") for each in range(2)]
    first, second = await attach(desk, AGENT, [each.stored or "" for each in given])
    await save_draft(desk, AGENT, CONV, Draft(text="", attachments=(first, second)))
    assert await sweep_uploads(later) == 0
    await save_draft(desk, AGENT, CONV, Draft(text="", attachments=(second,)))
    assert await sweep_uploads(later) == 1
    await discard_draft(desk, AGENT, CONV, sent=True)
    assert await sweep_uploads(later) == 0


async def test_what_was_written_in_a_conversation_that_was_merged_is_in_the_one_it_is_in_now(
    hub: Hub,
) -> None:
    await fill(hub, [conversation(1), conversation(2)])
    desk = hub.desk
    await save_draft(desk, AGENT, "c00001", Draft(text="of the first"))
    await save_draft(desk, AGENT, "c00002", Draft(text="of the second"))
    await save_draft(desk, ADMIN, "c00002", Draft(text="mine"), kind="note")
    await merge(desk, ADMIN, "c00001", ["c00002"])
    [own] = await drafts_in(desk, AGENT, "c00001")
    assert own.text == "of the first\n\nof the second"
    late = await save_draft(desk, AGENT, "c00002", Draft(text="typed on"), seen=own.version)
    assert late.conversation == "c00001"
    assert [each.text for each in await drafts_in(desk, ADMIN, "c00002")] == ["mine"]


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


async def test_files_of_a_saved_reply_are_copied_and_swept_with_it_alone(hub: Hub) -> None:
    desk = hub.desk
    later = replace(desk, clock=lambda: hub.clock() + timedelta(hours=25))
    price, map_ = [
        await upload(desk, SUPERVISOR, b"x" * size, name=f"{size}.txt", mime="text/plain") for size in (1, 2)
    ]
    files = [price.stored or "", map_.stored or ""]
    kept = await save_reply(desk, SUPERVISOR, "Prices", "Here", shared=True, files=files)
    kept = await keep_reply(desk, SUPERVISOR, kept.id, "Prices", "Here", shared=True, files=files[:1])
    assert await sweep_uploads(later) == 1  # the one that was taken off
    assert (await fill_in(desk, AGENT, None, kept.id)).attachments == kept.attachments == (price,)
    with pytest.raises(NotPossible):
        await attach(desk, AGENT, files[:1])  # it stays the saved reply's
    copy = await take_file(desk, AGENT, kept.id, files[0])
    assert (copy.name, copy.mime, copy.size) == (price.name, price.mime, price.size)
    assert await attach(desk, AGENT, [copy.stored or ""]) == (copy,)
    await discard_reply(desk, SUPERVISOR, kept.id)
    assert await sweep_uploads(later) == 1
    assert await hub.store.media.read(copy.stored or "") == b"x"
    with pytest.raises(BadReply):
        await take_file(desk, AGENT, kept.id, files[0])


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


async def test_saved_replies_are_found_by_shortcut_title_and_text(hub: Hub) -> None:
    desk = hub.desk
    await save_reply(desk, AGENT, "Opening hours", "We open at nine.", shortcut="/oh")
    await save_reply(desk, AGENT, "Greeting", "Good day! Our opening is at nine.")
    await save_reply(desk, ADMIN, "Ohm's law", "U = R I", shared=True)
    for asked, titles in (
        ("oh", ["Opening hours", "Ohm's law"]),
        ("open ho", ["Opening hours"]),
        ("opening", ["Opening hours", "Greeting"]),
        ("nothing", []),
        ("", ["Greeting", "Ohm's law", "Opening hours"]),
    ):
        assert [each.title for each in await find_saved_replies(desk, AGENT, asked)] == titles
    with pytest.raises(BadReply):
        await save_reply(desk, AGENT, "Two words", "x", shortcut="two words")
