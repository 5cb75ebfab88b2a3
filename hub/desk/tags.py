"""The catalogue of tags: which there are, on how many conversations; renamed, joined and removed everywhere.

A tag is known once somebody has used it, however it is written: "VIP" and "vip" are one. Its count is its
shelf's tally (hub/store/shelves.py), kept as conversations change.
"""

from dataclasses import dataclass, replace

from hub.auth.access import NotAllowed, access_sharing, is_restricted
from hub.auth.audit import record
from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.model.events import Event
from hub.model.fields import TagName
from hub.model.ids import new_id
from hub.model.people import Agent
from hub.realtime import publish
from hub.store.fields import tag_id

TAG_LONGEST = 40
TAGS_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Tag:
    """`count`: conversations that carry it; None: not for this agent to know."""

    name: str
    count: int | None


async def list_tags(desk: Desk, agent: Agent) -> list[Tag]:
    """By name. Those in use and those that were made beforehand."""
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    used = await desk.store.inbox.tallies.tags()
    names = {each.id: each.name for each in await desk.store.fields.list_tags()}
    names = {**{tag_id(name): name for name in used}, **names}
    counts: dict[str, int] = {}
    for name, count in used.items():
        counts[tag_id(name)] = counts.get(tag_id(name), 0) + count
    hidden = is_restricted(agent)
    tags = [Tag(name, None if hidden else counts.get(each, 0)) for each, name in names.items()]
    return sorted(tags, key=lambda tag: tag.name.casefold())


async def add_tag(desk: Desk, agent: Agent, name: str, *, address: str = "") -> Tag:
    """Make a tag before anybody uses it. Raises NotPossible, NotAllowed."""
    access_sharing(agent)
    name = tag_name(name)
    if len(await desk.store.fields.list_tags()) >= TAGS_KEPT:
        raise NotPossible("tags_kept", most=TAGS_KEPT)
    fresh = TagName(id=tag_id(name), name=name, created_at=desk.clock())
    if not await desk.store.fields.add_tag(fresh):
        raise NotPossible("tag_there", name=name)
    await _told(desk, agent, "tag_made", name, address, {})
    return Tag(name, 0)


async def rename_tag(desk: Desk, agent: Agent, old: str, new: str, *, address: str = "") -> int:
    """Everywhere. Returns on how many conversations it stood.

    Raises NotAllowed, and NotPossible when the new name is another tag's: that is `merge_tags`.
    """
    access_sharing(agent)
    new = tag_name(new)
    if tag_id(new) != tag_id(old) and tag_id(new) in {
        tag_id(each.name) for each in await list_tags(desk, agent)
    }:
        raise NotPossible("tag_there_merge", name=new)
    count = await _replace(desk, old, new)
    await _told(desk, agent, "tag_renamed", old, address, {"to": new, "conversations": str(count)})
    return count


async def merge_tags(desk: Desk, agent: Agent, old: str, into: str, *, address: str = "") -> int:
    """What carried `old` carries `into`. Returns how many conversations did."""
    access_sharing(agent)
    kept = await desk.store.fields.find_tag(into)
    into = kept.name if kept else tag_name(into)
    if tag_id(old) == tag_id(into):
        raise NotPossible("tag_itself")
    count = await _replace(desk, old, into)
    await _told(desk, agent, "tags_merged", old, address, {"into": into, "conversations": str(count)})
    return count


async def remove_tag(desk: Desk, agent: Agent, name: str, *, address: str = "") -> int:
    """From every conversation, and from the catalogue. Returns on how many it stood."""
    access_sharing(agent)
    count = await _replace(desk, name, None)
    await _told(desk, agent, "tag_removed", name, address, {"conversations": str(count)})
    return count


async def spelled(desk: Desk, name: str) -> str:
    """A tag as the catalogue writes it; a new one is put there."""
    name = tag_name(name)
    if known := await desk.store.fields.find_tag(name):
        return known.name
    await desk.store.fields.add_tag(TagName(id=tag_id(name), name=name, created_at=desk.clock()))
    return name


def tag_name(name: str) -> str:
    """Raises NotPossible."""
    name = " ".join(name.split())
    if not name or len(name) > TAG_LONGEST:
        raise NotPossible("tag_length", longest=TAG_LONGEST)
    return name


async def _replace(desk: Desk, old: str, new: str | None) -> int:
    """Another name, or none, on all conversations and in all saved views, however the old one is written."""
    used = await desk.store.inbox.tallies.tags()
    written = {old, *(name for name in used if tag_id(name) == tag_id(old))} - {new}
    count = 0
    for name in sorted(written):
        count += await desk.store.inbox.replace_tag(name, new)
        await desk.store.drafts.replace_tag(name, new)
    known = await desk.store.fields.find_tag(old)
    if known and (new is None or tag_id(new) != known.id):
        await desk.store.fields.remove_tag(known.id)
    if new is not None:
        made = known or TagName(id="", name=new, created_at=desk.clock())
        await desk.store.fields.save_tag(replace(made, id=tag_id(new), name=new))
    return count


async def _told(
    desk: Desk, agent: Agent, deed: str, name: str, address: str, details: dict[str, str]
) -> None:
    await record(
        desk.store, desk.clock, agent, deed,
        target=tag_id(name), target_name=name, address=address, details=details,
    )  # fmt: skip
    now = desk.clock()
    await publish(desk.store, [Event(id=new_id(now), kind="tags_changed", at=now, by=agent.id)])
