"""Drafts on the server: one per agent, conversation and kind, so that nothing written is lost with a browser.

A draft is its writer's alone until they share it; a shared one may be read by whoever may see the
conversation, and taken over: then it is the other's, and its writer's no more.
"""

from dataclasses import replace
from hashlib import blake2b

from hub.auth.access import access_conversation
from hub.desk.changing import NotPossible
from hub.desk.replying import Desk, Draft, follow_merges
from hub.desk.uploading import let_go, let_in
from hub.model.desk import StoredDraft
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.inbox import Conversation
from hub.model.people import Agent
from hub.model.sentences import Refusal
from hub.realtime import publish
from hub.store.drafts import draft_id

LONGEST = 1_000_000
KINDS = ("reply", "forward", "note")
NEW = "new"  # in place of a conversation, and the kind: what somebody writes first. `about` is the channel


class DraftChanged(Refusal):
    """The same draft was changed in another window. `newest` is what it says there; None: it is gone."""

    def __init__(self, newest: StoredDraft | None) -> None:
        super().__init__("draft_changed")
        self.newest = newest


async def save_draft(
    desk: Desk, agent: Agent, conversation: str, draft: Draft, *, kind: str = "reply", seen: int | None = None
) -> StoredDraft:
    """Keep what is being written; an empty one is forgotten (version 0). `seen`: the version it continues.

    In a conversation that was merged, where it is now. Raises DraftChanged, NotPossible, NotAllowed.
    """
    place = await _place(desk, agent, conversation)
    kinds = (NEW,) if place == NEW else KINDS
    if kind not in kinds or len(draft.text) > LONGEST:
        raise NotPossible("draft_wrong")
    chosen = draft_id(place, agent.id, kind)
    old = await desk.store.drafts.find(chosen)
    stored = _stored(desk, agent, place, kind, draft, old)
    if not (draft.text.strip() or draft.attachments or (kind == NEW and (draft.to or draft.subject))):
        stored = replace(stored, version=0)
        if old is not None and not await desk.store.drafts.remove(chosen, seen):
            raise DraftChanged(await desk.store.drafts.find(chosen))
    elif not await desk.store.drafts.save(stored, seen):
        raise DraftChanged(await desk.store.drafts.find(chosen))
    if old is not None:
        await let_go(desk, [each for each in old.attachments if each not in draft.attachments])
    if old is not None or stored.version:
        await _tell(desk, stored)
    return stored


def _stored(
    desk: Desk, agent: Agent, conversation: str, kind: str, draft: Draft, old: StoredDraft | None
) -> StoredDraft:
    return StoredDraft(
        id=draft_id(conversation, agent.id, kind),
        conversation=conversation,
        agent=agent.id,
        text=draft.text,
        kind=kind,
        to=draft.to or (),
        cc=draft.cc,
        bcc=draft.bcc,
        attachments=draft.attachments,
        subject=draft.subject,
        about=draft.about,
        answers=draft.answers,
        shared=old.shared if old else False,
        version=(old.version if old else 0) + 1,
        changed_at=desk.clock(),
    )


async def find_draft(
    desk: Desk, agent: Agent, conversation: str, *, kind: str = "reply"
) -> StoredDraft | None:
    """One's own."""
    place = await _place(desk, agent, conversation)
    return await desk.store.drafts.find(draft_id(place, agent.id, kind))


async def _place(desk: Desk, agent: Agent, conversation: str) -> str:
    return NEW if conversation == NEW else (await follow_merges(desk, agent, conversation)).id


async def drafts_in(desk: Desk, agent: Agent, conversation: str) -> list[StoredDraft]:
    """One's own of every kind, and what others are writing here and let us read."""
    return await drafts_at(desk, agent, await follow_merges(desk, agent, conversation))


async def drafts_at(desk: Desk, agent: Agent, conversation: Conversation) -> list[StoredDraft]:
    """The same in a conversation that has been read. Raises NotAllowed."""
    access_conversation(agent, conversation)
    drafts = await desk.store.drafts.of_conversation(conversation.id)
    return [each for each in drafts if each.shared or each.agent == agent.id]


async def shared_drafts(desk: Desk, agent: Agent, conversation: str) -> list[StoredDraft]:
    """What others are writing here and let us read."""
    return [each for each in await drafts_in(desk, agent, conversation) if each.agent != agent.id]


async def drafted(desk: Desk, agent: Agent) -> list[str]:
    """The conversations where the agent has written something that has not been sent."""
    return [each for each in await desk.store.drafts.conversations_of(agent.id) if each != NEW]


async def share_draft(
    desk: Desk, agent: Agent, conversation: str, shared: bool = True, *, kind: str = "reply"
) -> StoredDraft:
    """Let the others read it, or not any more. Raises NotPossible."""
    found = await find_draft(desk, agent, conversation, kind=kind)
    if found is None:
        raise NotPossible("draft_none")
    changed = replace(found, shared=shared, version=found.version + 1)
    await desk.store.drafts.save(changed, None)
    await _tell(desk, replace(changed, shared=True))
    return changed


async def take_draft(
    desk: Desk, agent: Agent, conversation: str, writer: str, *, kind: str = "reply"
) -> StoredDraft:
    """Go on with what somebody shares: it follows what one has written oneself. Raises NotPossible."""
    found = await follow_merges(desk, agent, conversation)
    given = await desk.store.drafts.find(draft_id(found.id, writer, kind))
    if given is None or not given.shared or writer == agent.id:
        raise NotPossible("draft_not_shared")
    # Whoever removes it has it: two who take it at once do not both go on with it.
    if not await desk.store.drafts.remove(given.id, given.version):
        raise NotPossible("draft_busy")
    await let_in(desk, agent, given.attachments)
    taken = await keep_also(desk, agent, found.id, _plain(given), kind=kind)
    await _tell(desk, given)
    return taken


async def keep_also(
    desk: Desk, agent: Agent, conversation: str, draft: Draft, *, kind: str = "reply"
) -> StoredDraft:
    """Keep something as a draft without losing what has been written there already."""
    found = await follow_merges(desk, agent, conversation)
    own = await desk.store.drafts.find(draft_id(found.id, agent.id, kind))
    if own is not None:
        both = tuple(dict.fromkeys((*draft.attachments, *own.attachments)))
        texts = [each for each in (draft.text, own.text) if each.strip()]
        draft = replace(draft, text="\n\n".join(dict.fromkeys(texts)), attachments=both)
    return await save_draft(desk, agent, found.id, draft, kind=kind)


async def discard_draft(
    desk: Desk, agent: Agent, conversation: str, *, kind: str = "reply", sent: bool = False
) -> StoredDraft | None:
    """Forget it. `sent`: it has become a message, which has its files now. Returns what it was."""
    found = await find_draft(desk, agent, conversation, kind=kind)
    if found is not None and await desk.store.drafts.remove(found.id):
        if not sent:
            await let_go(desk, found.attachments)
        await _tell(desk, found)
    return found


async def move_drafts(desk: Desk, source: str, target: str) -> None:
    """Into the conversation that theirs was merged into."""
    for each in await desk.store.drafts.of_conversation(source):
        chosen = draft_id(target, each.agent, each.kind)
        own = await desk.store.drafts.find(chosen)
        moved = replace(each, id=chosen, conversation=target)
        if own is not None:
            text = f"{own.text}\n\n{each.text}".strip()
            both = tuple(dict.fromkeys((*own.attachments, *each.attachments)))
            moved = replace(own, text=text, attachments=both, version=own.version + 1)
        await desk.store.drafts.save(moved, None)
        await desk.store.drafts.remove(each.id)
        await _tell(desk, moved)


def _plain(draft: StoredDraft) -> Draft:
    return Draft(
        text=draft.text,
        to=draft.to or None,
        cc=draft.cc,
        bcc=draft.bcc,
        attachments=draft.attachments,
        subject=draft.subject,
        about=draft.about,
        answers=draft.answers,
    )


def submit_key(draft: StoredDraft) -> str:
    """What a repeated submit of this version carries, so that it is sent once."""
    return blake2b(f"{draft.id}:{draft.version}".encode(), digest_size=12).hexdigest()


async def _tell(desk: Desk, draft: StoredDraft) -> None:
    """An unshared draft concerns nobody but its writer's other windows; of none, nobody."""
    if draft.conversation == NEW:
        return
    now = desk.clock()
    event = Event(
        id=new_id(now),
        kind="draft_changed",
        at=now,
        conversation=draft.conversation,
        by=draft.agent,
        details={"kind": draft.kind, **({} if draft.shared else {"only": draft.agent})},
    )
    await publish(desk.store, [event])
