"""The catalogue of tags: one of each, counted, renamed and removed everywhere."""

from dataclasses import replace

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.auth.audit import list_audit
from hub.desk import deeds
from hub.desk.changing import NotPossible
from hub.desk.saved_views import save_view
from hub.desk.tags import Tag, add_tag, list_tags, merge_tags, remove_tag, rename_tag
from hub.desk.views import repair_counts
from hub.model.desk import Filter
from tests.hub.desk.inbox import ADMIN, AGENT, RESTRICTED, SUPERVISOR, conversation, fill, staff


async def tagged(hub: Hub) -> None:
    await staff(hub)
    await fill(hub, [conversation(1), conversation(2, team="sales"), conversation(3)])
    for number, name in ((1, "VIP"), (2, "vip"), (2, "late"), (3, "Late")):
        await deeds.tag(hub.desk, ADMIN, f"c0000{number}", name)


async def tags_of(hub: Hub) -> list[tuple[str, ...]]:
    found = await hub.store.inbox.find_conversations(["c00001", "c00002", "c00003"])
    return [found[each].tags for each in sorted(found)]


async def test_a_tag_is_one_however_it_is_written_and_is_counted(hub: Hub) -> None:
    await tagged(hub)
    assert await tags_of(hub) == [("VIP",), ("VIP", "late"), ("late",)]
    assert await list_tags(hub.desk, AGENT) == [Tag("late", 2), Tag("VIP", 2)]
    await deeds.untag(hub.desk, ADMIN, "c00001", "vip")
    assert await list_tags(hub.desk, AGENT) == [Tag("late", 2), Tag("VIP", 1)]
    assert await repair_counts(hub.desk) == 0


async def test_how_often_a_tag_is_used_is_not_told_to_those_who_do_not_see_everything(hub: Hub) -> None:
    await tagged(hub)
    assert await list_tags(hub.desk, RESTRICTED) == [Tag("late", None), Tag("VIP", None)]


async def test_renaming_changes_every_conversation_and_saved_view(hub: Hub) -> None:
    await tagged(hub)
    view = await save_view(hub.desk, ADMIN, "Important", Filter(tags=("VIP", "late")))
    assert await rename_tag(hub.desk, SUPERVISOR, "vip", "important") == 2
    assert await tags_of(hub) == [("important",), ("important", "late"), ("late",)]
    assert await list_tags(hub.desk, AGENT) == [Tag("important", 2), Tag("late", 2)]
    kept = await hub.store.drafts.find_view(view.id)
    assert kept is not None
    assert kept.filter.tags == ("important", "late")
    with pytest.raises(NotPossible, match="Merge"):
        await rename_tag(hub.desk, SUPERVISOR, "important", "LATE")


async def test_merging_leaves_one_and_removing_none(hub: Hub) -> None:
    await tagged(hub)
    assert await merge_tags(hub.desk, SUPERVISOR, "late", "vip") == 2
    assert await tags_of(hub) == [("VIP",), ("VIP",), ("VIP",)]
    assert await remove_tag(hub.desk, SUPERVISOR, "vip") == 3
    assert await tags_of(hub) == [(), (), ()]
    assert await list_tags(hub.desk, AGENT) == []
    found = [(each.deed, each.details["conversations"]) for each in (await list_audit(hub.store, ADMIN)).rows]
    assert found == [("tag_removed", "3"), ("tags_merged", "2")]
    assert await repair_counts(hub.desk) == 0


async def test_agents_use_tags_and_supervisors_keep_them_in_order(hub: Hub) -> None:
    await tagged(hub)
    for deed in (
        add_tag(hub.desk, AGENT, "new"),
        rename_tag(hub.desk, AGENT, "VIP", "new"),
        merge_tags(hub.desk, AGENT, "VIP", "late"),
        remove_tag(hub.desk, replace(SUPERVISOR, disabled=True), "VIP"),
    ):
        with pytest.raises(NotAllowed):
            await deed
    assert await add_tag(hub.desk, SUPERVISOR, "new") == Tag("new", 0)
    with pytest.raises(NotPossible):
        await add_tag(hub.desk, SUPERVISOR, "NEW")
