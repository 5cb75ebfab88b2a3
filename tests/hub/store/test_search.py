"""The index of search: what was put into it is found, once, whatever happens to its segments meanwhile."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.store.schema import prepare
from hub.store.search import Indexed, Overtaken, Place, Search, Wanted, postings, segments
from hub.store.search.manifest import Manifest, load
from tests.database import Database

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def said(number: int, *terms: str) -> Indexed:
    return Indexed(f"e{number:04}", NOW + number * MINUTE, terms)


async def found(search: Search, *words: str, prefix: str | None = None, **more: Any) -> list[str]:
    wanted = Wanted(words=words, prefix=prefix, **more)
    return [entry for _, entry in await places(search, wanted)]


async def places(search: Search, wanted: Wanted) -> list[Place]:
    return [place for some in [each async for each in search.find(wanted)] for place in some]


async def manifest_of(search: Search) -> Manifest:
    return await load(search.db.search_manifest)


async def documents_of(search: Search) -> set[str]:
    return {each["_id"] async for each in search.db.search_segments.find({}, {"_id": 1})}


@pytest.fixture
def search(database: Database) -> Search:
    return Search(database)


@given(st.dictionaries(st.text("abcä配送", min_size=1, max_size=4), st.sets(st.integers(0, 299))), st.data())
def test_a_shard_has_of_every_word_the_entries_it_was_given(
    said: dict[str, set[int]], data: st.DataObject
) -> None:
    given = {term: sorted(numbers) for term, numbers in said.items() if numbers}
    shard = postings.decode(postings.unpack(postings.pack([b"", postings.encode(given, 300)]))[1], 300)
    assert {term: list(numbers) for term, numbers in shard.items()} == given
    for prefix in {*given, *(term[:1] for term in given), "b"}:
        assert postings.numbers_of(shard.holding(prefix)) == given.get(prefix, [])
        begun = [numbers for term, numbers in given.items() if term.startswith(prefix)]
        assert postings.numbers_of(shard.beginning(prefix)) == sorted(set().union(*begun))


def test_a_flood_of_made_up_words_does_not_fill_a_document() -> None:
    flood = {f"aa{number:038}": [number % 900] for number in range(70_000)}
    shard = postings.encode({**flood, "aachen": [1, 2]}, 900)
    assert len(postings.pack([shard])) < len(shard) < 1.3 * postings.NAMED
    assert postings.numbers_of(postings.decode(shard, 900).holding("aachen")) == [1, 2]


async def test_everything_is_found_in_its_order_while_segments_are_merged(search: Search) -> None:
    random = Random(4)
    numbers = list(range(900))
    random.shuffle(numbers)  # not in the order of their times
    kept: list[Indexed] = []
    while numbers:
        some = [numbers.pop() for _ in range(min(len(numbers), random.choice((1, 2, 9, 80))))]
        rows = [said(each, "every", f"w{each % 7}", f"n{each}", f"n{each}x") for each in some]
        await search.add(rows, NOW)
        kept += rows
        if not numbers or random.random() < 0.2:
            await check(search, kept)
    assert len((await manifest_of(search)).segments) < 24
    await search.add([], LATER, LATER)
    assert await search.position() == LATER


async def check(search: Search, kept: Sequence[Indexed]) -> None:
    newest = sorted(kept, key=lambda each: each.place, reverse=True)
    assert await found(search, "every") == [each.entry for each in newest]
    assert await found(search, "every", "w3") == [each.entry for each in newest if "w3" in each.terms]
    assert await found(search, "w3", "w4") == []
    one = newest[len(newest) // 2]
    assert await found(search, one.terms[2]) == [one.entry]
    assert one.entry in await found(search, prefix=one.terms[2])
    rest = [each.entry for each in newest if each.place < one.place]
    assert await found(search, "every", start=one.place) == rest
    within = await found(search, "every", after=newest[-1].place[0] + 1, before=one.place[0])
    assert within == rest[:-1]


async def test_words_that_begin_so_are_found_from_two_letters_or_one_sign_on(search: Search) -> None:
    await search.add([said(1, "invoice", "配送"), said(2, "invoicing"), said(3, "in")], NOW)
    assert await found(search, prefix="invoi") == ["e0002", "e0001"]
    assert await found(search, prefix="in") == ["e0003", "e0002", "e0001"]
    assert await found(search, "in", prefix="invoi") == []
    assert await found(search, prefix="i") == []
    assert await found(search, prefix="配") == ["e0001"]


async def test_an_entry_that_is_indexed_again_is_found_once_by_old_and_new_words_until_merged(
    search: Search,
) -> None:
    await search.add([said(1, "kettle", "leaks")], NOW)
    await search.add([said(1, "teapot", "leaks")], NOW)
    assert await found(search, "leaks") == ["e0001"]
    assert await found(search, "teapot") == ["e0001"]
    for number in range(2, 8):
        await search.add([said(number, "leaks")], NOW)
    assert len((await manifest_of(search)).segments) == 1
    assert await found(search, "kettle") == []
    assert await found(search, "teapot", "leaks") == ["e0001"]


async def test_what_was_written_and_never_published_is_not_found_and_goes_away(search: Search) -> None:
    rows = [said(number, "kettle") for number in range(70)]
    await search.add(rows[:35], NOW)
    await search.add(rows[35:], NOW)
    published = await documents_of(search)
    await segments.write(search.db.search_segments, f"{0:024x}", rows)  # and then the power went
    await segments.write(search.db.search_segments, f"{1:024x}", rows[:1])
    assert len(await found(search, "kettle")) == 70
    assert await search.sweep(LATER) == 2
    assert await documents_of(search) == published
    assert await search.sweep(LATER) == 0


async def test_of_two_who_index_at_once_one_comes_through(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    await search.add([said(1, "kettle")], NOW)
    write = segments.write

    async def write_and_be_overtaken(*given: Any) -> Any:
        monkeypatch.setattr(segments, "write", write)
        new = await write(*given)
        await search.add([said(2, "kettle")], NOW, NOW)
        return new

    monkeypatch.setattr(segments, "write", write_and_be_overtaken)
    with pytest.raises(Overtaken):
        await search.add([said(2, "kettle"), said(3, "kettle")], LATER, LATER)
    assert await found(search, "kettle") == ["e0002", "e0001"]
    assert await search.position() == NOW
    assert len(await documents_of(search)) == 2
    await search.add([said(2, "kettle"), said(3, "kettle")], LATER, LATER)
    assert await found(search, "kettle") == ["e0003", "e0002", "e0001"]


async def test_who_comes_back_too_late_to_a_swept_segment_cannot_publish_it(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    await search.add([said(1, "kettle")], NOW)
    write = segments.write

    async def write_and_sleep(*given: Any) -> Any:
        new = await write(*given)
        assert await search.sweep(LATER) == 1
        return new

    monkeypatch.setattr(segments, "write", write_and_sleep)
    with pytest.raises(Overtaken):
        await search.add([said(2, "kettle")], NOW)
    assert await found(search, "kettle") == ["e0001"]


async def test_a_search_under_way_goes_on_when_its_segments_are_merged_away(search: Search) -> None:
    for part in range(7):
        await search.add([said(number, "kettle") for number in range(part, 560, 7)], NOW)
    reading = search.find(Wanted(words=["kettle"]))
    seen = list(await anext(reading))
    former = await documents_of(search)
    for number in range(1000, 1009):  # two merges: the second, an hour later, drops what the first replaced
        await search.add([said(number, "late")], NOW if number == 1000 else LATER)
    assert not former & await documents_of(search)
    seen += [place for some in [each async for each in reading] for place in some]
    assert [entry for _, entry in seen] == [f"e{number:04}" for number in range(559, -1, -1)]


async def test_words_of_deleted_entries_are_erased(search: Search) -> None:
    many = [said(number, "teapot") for number in range(2000, 3100)]
    await search.add(many, NOW)
    await search.remove([each.place for each in many[9:]], NOW)
    assert await search.erase(LATER) == len(many) - 9
    assert await found(search, "teapot") == [each.entry for each in reversed(many[:9])]
    rows = [said(number, "kettle", f"secret{number}") for number in range(600)]
    await search.add(rows, NOW)
    await search.add([said(700, "confidential")], NOW)
    gone = [rows[300].place, rows[599].place, said(700).place, (5, "never there")]
    await search.remove(gone[:2], NOW)
    await search.remove(gone[2:], NOW)
    assert await search.erase(LATER) == 4
    assert await search.erase(LATER) == 0
    assert len(await found(search, "kettle")) == 598
    assert await found(search, "secret300") == await found(search, "confidential") == []
    assert await found(search, "secret301") == ["e0301"]


async def test_an_index_with_a_piece_missing_gives_what_it_can_and_is_made_anew(search: Search) -> None:
    await search.add([said(1, "kettle")], NOW, NOW)
    await search.db.search_segments.delete_many({})
    assert await found(search, "kettle") == []
    assert await search.position() is None
    await search.clear()
    assert (await manifest_of(search)).segments == ()


async def test_what_an_older_hubbub_kept_for_search_is_dropped(database: Database) -> None:
    for name in ("search", "search_words", "search_state"):
        await database[name].insert_one({"_id": "position", "at": NOW})
    await prepare(database)
    names = set(await database.list_collection_names())
    assert not names & {"search", "search_words", "search_state"}
    assert await Search(database).position() is None
