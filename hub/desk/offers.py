"""Conversations that may be one matter: what is suggested, and what somebody says to that.

What was joined by itself is set apart by the same deed as any other part of a conversation (`joining.split`);
either answer is for good, and can be taken back.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.auth.access import may_see
from hub.desk.changing import Done, NotPossible, tell
from hub.desk.joining import merge, split
from hub.desk.replying import Desk, get_conversation
from hub.model.customers import Verdict
from hub.model.ids import new_id
from hub.model.inbox import Activity, Conversation, Status
from hub.model.joins import JoinOffer
from hub.model.people import Agent
from hub.model.sentences import sentence
from hub.store.joins import join_id

LIVE = (Status.OPEN, Status.SNOOZED)


@dataclass(frozen=True, slots=True)
class Offered:
    """Another live conversation that this one may belong to. `began`: this is the one that began later."""

    offer: JoinOffer
    other: Conversation
    began: bool


async def offers_of(desk: Desk, agent: Agent, conversation: Conversation) -> list[Offered]:
    """Those that can still be joined and that the agent may see, the likeliest first."""
    if conversation.status not in LIVE:
        return []
    found = await desk.store.joins.open_offers(conversation.id)
    ids = [_other(each, conversation.id) for each in found]
    others = await desk.store.inbox.find_conversations(ids)
    return [
        Offered(each, others[other], each.conversations[1] == conversation.id)
        for each, other in zip(found, ids, strict=True)
        if other in others and others[other].status in LIVE and may_see(agent, others[other])
    ]


async def list_offers(desk: Desk, agent: Agent, conversation: str) -> Sequence[Offered]:
    """Raises NoSuchConversation, NotAllowed."""
    return await offers_of(desk, agent, await get_conversation(desk, agent, conversation))


async def accept_offer(desk: Desk, agent: Agent, offer: str) -> Done:
    """They are one matter: the one that began is in the other from now on.

    Raises NotPossible, Changed, NotAllowed, NoSuchConversation.
    """
    found = await _open(desk, agent, offer)
    kept, given = found.conversations
    now = desk.clock()
    if not await desk.store.joins.decide(found.id, Verdict.ACCEPTED, agent.id, now):
        raise NotPossible("join_decided")
    try:
        done = await merge(desk, agent, kept, [given])
    except Exception:
        await desk.store.joins.reopen(found)
        raise
    return Done(kept, "merged", await _undo(desk, agent, found, [done.token] if done.token else []))


async def refuse_offer(desk: Desk, agent: Agent, offer: str) -> Done:
    """They are two matters, for good. Raises NotPossible, NotAllowed, NoSuchConversation."""
    found = await _open(desk, agent, offer)
    if not await desk.store.joins.decide(found.id, Verdict.REFUSED, agent.id, desk.clock()):
        raise NotPossible("join_decided")
    for each in found.conversations:
        await _tell(desk, agent, each)
    return Done(found.conversations[1], "refused", await _undo(desk, agent, found, []))


async def set_apart(desk: Desk, agent: Agent, conversation: str, entry: str) -> tuple[str, Done]:
    """What was joined by itself becomes a conversation of its own, for good. Returns its id.

    `entry`: the fact that tells of the joining. Raises NotPossible, Changed, NotAllowed, NoSuchConversation.
    """
    await get_conversation(desk, agent, conversation)
    fact = await desk.store.inbox.find_entry(entry)
    if not isinstance(fact, Activity) or fact.kind != "joined" or fact.conversation != conversation:
        raise NotPossible("join_apart")
    opened, done = await split(desk, agent, conversation, [fact.details.get("thread", "")])
    now = desk.clock()
    pair = (conversation, opened)
    decided = JoinOffer(
        id=join_id(*pair),
        conversations=pair,
        score=0,
        reasons=(sentence("set_apart_by", who=agent.name),),
        verdict=Verdict.REFUSED,
        at=now,
        decided_at=now,
        decided_by=agent.id,
    )
    await desk.store.joins.offer([decided])
    await _show_apart(desk, fact.id, "yes")
    token = new_id(now)
    step = {"kind": "apart", "tokens": [done.token], "entry": fact.id}
    await desk.store.drafts.keep_undo(token, agent.id, now, step)
    return opened, Done(conversation, "split", token)


async def reconsider(desk: Desk, agent: Agent, offer: str) -> None:
    """The suggestion is open again. Raises NotPossible."""
    found = await desk.store.joins.find_offer(offer)
    if found is None or found.open:
        raise NotPossible("undo_changed")
    for each in found.conversations:
        await get_conversation(desk, agent, each)
    await desk.store.joins.reopen(found)
    for each in found.conversations:
        await _tell(desk, agent, each)


async def show_joined(desk: Desk, entry: str) -> None:
    """What was set apart is joined again: it can be set apart once more."""
    await _show_apart(desk, entry, "")


async def _show_apart(desk: Desk, entry: str, apart: str) -> None:
    await desk.store.inbox.set_entry(entry, {"details.apart": apart})


async def _open(desk: Desk, agent: Agent, offer: str) -> JoinOffer:
    found = await desk.store.joins.find_offer(offer)
    if found is None or not found.open:
        raise NotPossible("join_decided")
    for each in found.conversations:
        await get_conversation(desk, agent, each)
    return found


async def _undo(desk: Desk, agent: Agent, offer: JoinOffer, tokens: Sequence[str]) -> str:
    now = desk.clock()
    token = new_id(now)
    step = {"kind": "join_offer", "offer": offer.id, "tokens": list(tokens)}
    await desk.store.drafts.keep_undo(token, agent.id, now, step)
    return token


async def _tell(desk: Desk, agent: Agent, conversation: str) -> None:
    now = desk.clock()
    await tell(desk, "conversation_changed", conversation, agent, None, now, {"what": "join_decided"})


def _other(offer: JoinOffer, conversation: str) -> str:
    return next(each for each in offer.conversations if each != conversation)
