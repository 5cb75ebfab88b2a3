"""Search: what is found, by whom, in which order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.desk import indexing
from hub.desk.asking import BadQuestion, parse
from hub.desk.deeds import delete, note
from hub.desk.indexing import Indexer, indexed, rebuild
from hub.desk.replying import Draft, reply
from hub.desk.searching import search
from hub.desk.terms import PASSED_OVER, hits_in, plain, terms_of, words_of
from hub.model.content import Attachment, Content, Markup
from hub.model.inbox import Message, Side, Status, Version
from hub.model.people import Agent
from tests.hub.desk.inbox import ADMIN, AGENT, BEGAN, DISABLED, RESTRICTED, conversation, fill
from tests.hubs import Office, until


def said(number: int, text: str, *, author: str = "Cora Lind", **more: Any) -> Message:
    at = BEGAN + timedelta(minutes=number)
    content = Content(text=text, attachments=more.pop("attachments", ()), subject=more.pop("subject", None))
    return Message(
        id=f"e{number}", conversation=f"c{number:05}", at=at, channel=more.pop("channel", "ch"),
        platform="email", thread=f"t{number}", side=Side.CUSTOMER, author="i1", author_name=author,
        content=content, visibility="private", surface="email", **more,
    )  # fmt: skip


async def tell(hub: Hub, *messages: Message, **each_conversation: Any) -> None:
    await fill(hub, [conversation(int(each.id[1:]), **each_conversation) for each in messages])
    await hub.store.inbox.add_entries(messages)
    await rebuild(hub.store, hub.clock())


async def found(hub: Hub, text: str, agent: Agent = ADMIN) -> list[str]:
    return [hit.entry.id for hit in (await search(hub.desk, agent, text)).rows]


async def test_a_hit_shows_markdown_as_it_is_read(hub: Hub) -> None:
    message = said(1, "We will **gladly** send\n[your _invoice_](https://shop.example/1) again")
    marked = replace(message, content=replace(message.content, markup=Markup.MARKDOWN))
    await tell(hub, marked, said(2, "**Gladly** as it was typed"))
    typed, written = (await search(hub.desk, ADMIN, "gladly")).rows
    assert written.snippet == "We will gladly send your invoice again"
    assert [written.snippet[a:b] for a, b in written.marks] == ["gladly"]
    assert typed.snippet == "**Gladly** as it was typed"


async def test_every_word_is_required_and_the_last_one_may_be_begun(hub: Hub) -> None:
    await tell(
        hub,
        said(1, "My invoice is wrong"),
        said(2, "The invoice 1042 arrived"),
        said(3, "Nothing to invoicing"),
    )
    assert await found(hub, "invoice") == ["e2", "e1"]
    assert await found(hub, "invoic") == ["e3", "e2", "e1"]
    assert await found(hub, "invoic ") == []
    assert await found(hub, "invoice wro") == ["e1"]
    assert await found(hub, "wrong invoice 1042") == []
    assert await found(hub, '"the invoice" arriv') == ["e2"]
    assert await found(hub, "   ") == []


async def test_case_accents_and_scripts_without_spaces_do_not_matter(hub: Hub) -> None:
    await tell(
        hub,
        said(1, "Größe ÜBERPRÜFEN, señor"),
        said(2, "配送が遅れています", author="田中"),
        said(3, "Это счёт", subject="Счёт-фактура"),
    )
    assert await found(hub, "grosse überprüfen SENOR") == ["e1"]
    assert await found(hub, "配送") == ["e2"]
    assert await found(hub, "遅れて") == ["e2"]
    assert await found(hub, "配遅") == []
    assert await found(hub, "фактура ") == ["e3"]
    assert await found(hub, "田中") == ["e2"]


async def test_filters_narrow(hub: Hub) -> None:
    pdf = Attachment(name="Rechnung-Mai.pdf", mime="application/pdf", stored="m")
    await tell(hub, said(1, "hello", author="Tomás Barreto", attachments=(pdf,)), said(2, "hello tomas"))
    first = await hub.store.inbox.find_conversation("c00001")
    assert first is not None
    given = {"tags": ["VIP"], "agent": "ben", "team": "sales", "status": Status.RESOLVED}
    assert await hub.store.inbox.change_conversation(first, given)
    both, one, two = ["e2", "e1"], ["e1"], ["e2"]
    for asked, wanted in {
        "hello": both, "hello from:tomas": one, "from:barreto": one, "hello has:attachment": one,
        "has:attachment": one, "rechnung": one, "tag:vip": one, "hello tag:vip": one, "tag:none": [],
        "is:open": two, "hello is:resolved": one, "is:unassigned": two, "agent:ben": one, "agent:me": [],
        "team:sales hello": one, f"before:{BEGAN.date()} hello": [], f"after:{BEGAN.date()} hello": both,
        "after:2027-01-01": [], f"before:{(BEGAN + timedelta(seconds=90)).isoformat()} hello": one,
    }.items():  # fmt: skip
        assert await found(hub, asked) == wanted, asked


@pytest.mark.parametrize("text", ["is:wonderful", "before:yesterday", "has:horns", "channel:nowhere"])
async def test_a_filter_that_means_nothing_is_said_to(hub: Hub, text: str) -> None:
    with pytest.raises(BadQuestion):
        await search(hub.desk, ADMIN, text)


async def test_nobody_finds_what_they_may_not_see(hub: Hub) -> None:
    await tell(hub, said(1, "secret plan"), said(2, "secret too"))
    second = await hub.store.inbox.find_conversation("c00002")
    assert second is not None
    assert await hub.store.inbox.change_conversation(second, {"team": "sales"})
    for asked in ("secret", "secr", "is:open", "from:cora"):
        assert await found(hub, asked, AGENT) == ["e2", "e1"]
        assert await found(hub, asked, RESTRICTED) == ["e2"]
        with pytest.raises(NotAllowed):
            await search(hub.desk, DISABLED, asked)


async def paged(hub: Hub, asked: str, limit: int) -> list[str]:
    seen: list[str] = []
    cursor = None
    for _ in range(200):
        page = await search(hub.desk, ADMIN, asked, cursor, limit=limit)
        seen += [hit.entry.id for hit in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    return seen


async def test_pages_give_every_hit_once_newest_first(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "REBUILT", 70)  # in several segments
    texts = [f"hello number {number}" + (" rare" if number % 50 == 0 else "") for number in range(300)]
    messages = [said(number, text) for number, text in enumerate(texts)]
    await tell(hub, *messages[::2], *messages[1::2])  # not in the order of their times
    every = [f"e{number}" for number in range(299, -1, -1)]
    for asked in ("hello", "hello cora", "hel", "is:open"):
        assert await paged(hub, asked, 100) == every
    assert await paged(hub, "rare", 2) == every[49::50]
    # A page that had to look at much goes on where it stopped.
    others = [f"c{number:05}" for number in range(300) if number % 15]
    resolved = {"$set": {"status": Status.RESOLVED}}
    await hub.store.inbox.conversations.update_many({"_id": {"$in": others}}, resolved)
    first = await search(hub.desk, ADMIN, "hello is:open")
    assert len(first.rows) < 30
    assert first.next_cursor
    assert await paged(hub, "hello is:open", 30) == every[14::15]


async def test_hits_show_where_the_words_stand(hub: Hub) -> None:
    await tell(hub, said(1, "x " * 200 + "the Größe\nis wrong " + "y " * 200))
    [hit] = (await search(hub.desk, ADMIN, "grosse wro")).rows
    assert [hit.snippet[a:b] for a, b in hit.marks] == ["Größe", "wrong"]
    assert len(hit.snippet) <= 164
    assert (hit.snippet[:4], hit.snippet[-4:]) == ("… x ", " y …")
    await tell(hub, said(2, "hurray " + "unbelievable " * 40))
    [hit] = (await search(hub.desk, ADMIN, "hurray")).rows
    assert set(hit.snippet.split()) == {"hurray", "unbelievable", "…"}
    await tell(hub, said(3, "cheers " + "世界" * 200))
    [hit] = (await search(hub.desk, ADMIN, "cheers")).rows
    assert len(hit.snippet) == 162


async def test_what_happens_is_found_soon_edits_and_deletions_too(office: Office) -> None:
    hub = office.hub
    indexer = Indexer(hub.store, hub.clock, "w1")
    await indexer.catch_up()
    post = office.platform.write(office.world.person("tomas"), "The kettle leaks")
    opened = await office.conversation()
    await reply(hub.desk, office.ana, opened.id, Draft(text="Which kettle?"))
    await note(hub.desk, office.ana, opened.id, "kettle again")

    async def there(text: str, count: int) -> bool:
        await indexer.catch_up()
        return len((await search(hub.desk, office.ana, text)).rows) == count

    await until(lambda: there("kettle", 3))
    office.platform.edit(post, "The teapot leaks")
    await until(lambda: there("teapot", 1))
    assert await there("kettle", 2)
    office.platform.delete(post)
    await until(lambda: there("teapot", 0))


async def test_what_was_deleted_or_edited_is_not_found_even_before_the_index_knows(hub: Hub) -> None:
    edited = said(2, "My kettle leaks", edits=(Version(BEGAN, "My teapot leaks"),))
    await tell(hub, said(1, "secret kettle"), said(2, "My teapot leaks"))
    change = {"content.text": "My kettle leaks", "edits": [{"at": BEGAN, "text": "My teapot leaks"}]}
    await hub.store.inbox.set_entry("e2", change)
    assert await found(hub, "teapot") == await found(hub, "teap") == []
    assert await found(hub, "leaks") == ["e2"]
    await delete(hub.desk, ADMIN, "c00001")
    assert await found(hub, "kettle") == []
    await hub.store.search.add([indexed(edited)], hub.clock())
    assert await found(hub, "kettle") == ["e2"]
    assert await hub.store.search.erase(hub.clock() + timedelta(hours=1)) == 1
    assert await found(hub, "secret") == []


async def test_a_damaged_index_is_made_anew(hub: Hub) -> None:
    await tell(hub, said(1, "kettle"))
    await hub.store.search.set_position(hub.clock())
    await hub.store.database.search_segments.delete_many({})
    assert await found(hub, "kettle") == []
    await Indexer(hub.store, hub.clock, "w1").catch_up()
    assert await found(hub, "kettle") == ["e1"]


async def test_a_beginning_of_very_many_words_is_found_in_all_of_them(hub: Hub) -> None:
    await tell(hub, *(said(number, f"order 7{number:04} please") for number in range(200)))
    page = await search(hub.desk, ADMIN, "700", limit=300)
    assert len(page.rows) == 100
    assert await found(hub, "please 7012") == [f"e{number}" for number in range(129, 119, -1)]


async def test_one_process_at_a_time_keeps_search_up_to_date(hub: Hub) -> None:
    now, lasts = hub.clock(), timedelta(seconds=30)
    assert await hub.store.search.hold("w1", now, lasts)
    assert not await hub.store.search.hold("w2", now, lasts)
    assert await hub.store.search.hold("w1", now, lasts)
    assert await hub.store.search.hold("w2", now + lasts, lasts)


@given(st.text(max_size=60))
def test_a_text_is_found_by_each_of_its_words(text: str) -> None:
    kept = {*terms_of(said(1, text)), *PASSED_OVER}
    asked = parse(text.replace(":", " ").replace('"', " ") + " ", [], ADMIN)
    assert set(asked.terms) <= kept
    for word in words_of(text):
        assert plain(word) == word


@given(st.text(max_size=60), st.text(min_size=1, max_size=5))
def test_marks_stand_inside_the_text_in_order(text: str, word: str) -> None:
    marks = hits_in(text, list(words_of(word)), plain(word))
    assert all(0 <= a < b <= len(text) for a, b in marks)
    assert marks == sorted(marks)


async def test_a_quiet_inbox_is_not_read_anew_and_a_long_absence_is_made_up_for(hub: Hub) -> None:
    now = hub.clock()
    await fill(hub, [conversation(1)])
    await hub.store.inbox.add_entries([said(1, "kettle")])
    await Indexer(hub.store, lambda: now, "w1").catch_up()
    assert await found(hub, "kettle") == ["e1"]
    await hub.store.inbox.add_entries([said(2, "kettle")])  # nobody was told
    await fill(hub, [conversation(2)])
    await Indexer(hub.store, lambda: now + timedelta(days=3), "w1").catch_up()
    assert await found(hub, "kettle") == ["e1"]
    await Indexer(hub.store, lambda: now + timedelta(days=12), "w1").catch_up()
    assert await found(hub, "kettle") == ["e2", "e1"]


def test_a_day_begins_where_the_agent_lives() -> None:
    tokyo = replace(ADMIN, zone="Asia/Tokyo")
    assert parse("after:2026-05-01", [], tokyo).after == datetime(2026, 4, 30, 15, tzinfo=UTC)
    assert parse("after:2026-05-01", [], ADMIN).after == datetime(2026, 5, 1, tzinfo=UTC)
