"""Drafts on the server: one per agent, conversation and kind, so that nothing written is lost with a browser.

A draft is its writer's alone until they share it; a shared one may be read by whoever may see the
conversation.
"""

from dataclasses import replace
from hashlib import blake2b

from hub.desk.changing import NotPossible
from hub.desk.replying import Desk, Draft, get_conversation
from hub.model.desk import StoredDraft
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.people import Agent
from hub.realtime import publish
from hub.store.drafts import draft_id

LONGEST = 1_000_000
KINDS = ("reply", "note")


class DraftChanged(Exception):
    """The same draft was changed in another window. `newest` is what it says there."""

    def __init__(self, newest: StoredDraft) -> None:
        super().__init__("This draft was changed in another window.")
        self.newest = newest


async def save_draft(
    desk: Desk, agent: Agent, conversation: str, draft: Draft, *, kind: str = "reply", seen: int | None = None
) -> StoredDraft:
    """Keep what is being written; an empty one is forgotten. `seen`: the version this continues.

    Raises DraftChanged, NotPossible, NotAllowed.
    """
    found = await get_conversation(desk, agent, conversation)
    if kind not in KINDS or len(draft.text) > LONGEST:
        raise NotPossible("This cannot be kept as a draft.")
    chosen = draft_id(found.id, agent.id, kind)
    old = await desk.store.drafts.find(chosen)
    now = desk.clock()
    stored = StoredDraft(
        id=chosen,
        conversation=found.id,
        agent=agent.id,
        text=draft.text,
        kind=kind,
        to=draft.to or (),
        cc=draft.cc,
        bcc=draft.bcc,
        attachments=draft.attachments,
        shared=old.shared if old else False,
        version=(old.version if old else 0) + 1,
        changed_at=now,
    )
    if not draft.text.strip() and not draft.attachments:
        await desk.store.drafts.remove(chosen)
    elif not await desk.store.drafts.save(stored, seen):
        raise DraftChanged(await desk.store.drafts.find(chosen) or stored)
    await _tell(desk, stored)
    return stored


async def find_draft(
    desk: Desk, agent: Agent, conversation: str, *, kind: str = "reply"
) -> StoredDraft | None:
    """One's own."""
    found = await get_conversation(desk, agent, conversation)
    return await desk.store.drafts.find(draft_id(found.id, agent.id, kind))


async def share_draft(
    desk: Desk, agent: Agent, conversation: str, shared: bool = True, *, kind: str = "reply"
) -> StoredDraft:
    """Let the others read it, or not any more. Raises NotPossible."""
    found = await find_draft(desk, agent, conversation, kind=kind)
    if found is None:
        raise NotPossible("There is no draft to share.")
    changed = replace(found, shared=shared, version=found.version + 1)
    await desk.store.drafts.save(changed, None)
    await _tell(desk, replace(changed, shared=True))
    return changed


async def shared_drafts(desk: Desk, agent: Agent, conversation: str) -> list[StoredDraft]:
    """What others are writing here and let us read."""
    found = await get_conversation(desk, agent, conversation)
    drafts = await desk.store.drafts.of_conversation(found.id)
    return [each for each in drafts if each.shared and each.agent != agent.id]


async def discard_draft(desk: Desk, agent: Agent, conversation: str, *, kind: str = "reply") -> None:
    found = await find_draft(desk, agent, conversation, kind=kind)
    if found is not None:
        await desk.store.drafts.remove(found.id)
        await _tell(desk, found)


def submit_key(draft: StoredDraft) -> str:
    """What a repeated submit of this version carries, so that it is sent once."""
    return blake2b(f"{draft.id}:{draft.version}".encode(), digest_size=12).hexdigest()


async def _tell(desk: Desk, draft: StoredDraft) -> None:
    """An unshared draft concerns nobody but its writer's other windows."""
    now = desk.clock()
    event = Event(
        id=new_id(now),
        kind="draft_changed",
        at=now,
        conversation=draft.conversation,
        by=draft.agent,
        details={} if draft.shared else {"only": draft.agent},
    )
    await publish(desk.store, [event])
