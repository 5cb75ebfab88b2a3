"""Somebody writes anew while another conversation of theirs is open: joins the two, or suggests it.

What enough speaks for is joined before it has a conversation of its own, where its channel wants that. All
else is looked at when everything is written, so that of two that begin at the same moment at least one finds
the other. Either costs one look for all of a batch together.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hub.contract.capabilities import Surface, Visibility
from hub.contract.routing import Joint, Matter
from hub.dispatch import About, Dispatch, foretold
from hub.ingest.parcels import Parcel, message_of, opening_of, thread_id_of
from hub.model.addresses import is_role
from hub.model.channels import Joining
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Awaiting, Conversation
from hub.model.joins import JoinOffer
from hub.store import Store
from hub.store.joins import join_id

LOOKED_BACK = timedelta(days=14)
TEXT = 2000  # characters of a message that are compared
MACHINES = frozenset({"auto_reply", "automatic", "list", "spam", "bounce", "complaint"})
PLACES = (Surface.EMAIL, Surface.DIRECT, Surface.COMMENT, Surface.MENTION)

Live = Mapping[str, Sequence[Conversation]]  # by the customer they are now


async def join_live(dispatch: Dispatch, parcels: Sequence[Parcel], now: datetime) -> dict[str, Conversation]:
    """Place those into a live conversation that surely belong there. Returns these conversations by id."""
    asked = [each for each in parcels if each.channel.joining is Joining.JOIN and _begins(each)]
    live = await _live(dispatch.store, asked, now)
    joined: dict[str, Conversation] = {}
    for parcel in asked:
        assert parcel.customer is not None
        assert parcel.placement is not None
        others = live.get(parcel.customer.id, ())
        new = await _as_it_would_be(dispatch, parcel) if others else None
        if new is None:
            continue
        joint = dispatch.router.join(
            new, [_matter(each) for each in others], Joining.JOIN, shared=_shared(parcel)
        )
        found = next((each for each in others if each.id == joint.matter), None)
        if joint.how is Joining.JOIN and found is not None:
            parcel.joint = joint
            parcel.placement = replace(parcel.placement, conversation=found.id, because=joint.because)
            joined[found.id] = found
    return joined


async def suggest_joins(dispatch: Dispatch, parcels: Sequence[Parcel], now: datetime) -> list[Event]:
    """Say of what was joined why, and of what began which other conversation it may belong to."""
    events = await _told(dispatch.store, [each for each in parcels if each.joint], now)
    asked = [each for each in parcels if each.channel.joining is not Joining.APART and _has_begun(each)]
    live = await _live(dispatch.store, asked, now)
    offers: list[JoinOffer] = []
    for parcel in asked:
        assert parcel.customer is not None
        everything = {each.id: each for each in live.get(parcel.customer.id, ())}
        own = everything.pop(parcel.conversation_id, None)
        if own is None or not everything:  # resolved or taken for spam at once
            continue
        text = parcel.content.text[:TEXT]
        joint = dispatch.router.join(
            replace(_matter(own), text=text),
            [_matter(each) for each in everything.values()],
            parcel.channel.joining,
            shared=_shared(parcel),
        )
        if joint.matter is not None:
            offers.append(_offer(joint, parcel.conversation_id, now))
    made = await dispatch.store.joins.offer(offers) if offers else []
    return [*events, *(_offered(offer, each, now) for offer in made for each in offer.conversations)]


def _begins(parcel: Parcel) -> bool:
    """Whether it opens a conversation, and is of a kind that people write."""
    opens = parcel.placement is not None and parcel.placement.conversation is None
    return opens and _by_people(parcel)


def _has_begun(parcel: Parcel) -> bool:
    """As `_begins`, when it has; also where a run died before this was looked at."""
    found = parcel.conversation
    left = found is not None and found.version == 0 and found.last.entry == parcel.entry_id
    return (parcel.opened or left) and _by_people(parcel)


def _by_people(parcel: Parcel) -> bool:
    blocked = parcel.customer is not None and parcel.customer.blocked
    kind = parcel.event.thread.surface in PLACES
    return kind and not blocked and not MACHINES.intersection(parcel.event.flags)


def _shared(parcel: Parcel) -> bool:
    address = parcel.event.author.email or parcel.event.author.key
    return "@" in address and is_role(address)


async def _live(store: Store, parcels: Sequence[Parcel], now: datetime) -> Live:
    """All live conversations of whoever wrote these: one look, and one more for whom were merged."""
    homes: dict[str, str] = {}  # customers as they were before merges, and who they are
    for parcel in parcels:
        assert parcel.customer is not None
        assert parcel.identity is not None
        homes[parcel.identity.customer] = parcel.customer.id
        if parcel.customer.absorbed or parcel.customer.id != parcel.identity.customer:
            members = await store.people.members_of(parcel.customer.id)
            homes |= dict.fromkeys(members, parcel.customer.id)
    found: defaultdict[str, list[Conversation]] = defaultdict(list)
    for each in await store.joins.live_of(sorted(homes), now - LOOKED_BACK):
        found[homes[each.customer]].append(each)
    return found


async def _as_it_would_be(dispatch: Dispatch, parcel: Parcel) -> Matter | None:
    """The conversation that this would open, in the team that the rules would give it.

    None: they would not leave it open.
    """
    message = message_of(parcel)
    opening = opening_of(parcel, message)
    about = About(message=message, customer=parcel.customer, identity=parcel.identity)
    team = await foretold(dispatch, opening, parcel.channel, about)
    if team is None:
        return None
    return replace(_matter(opening), team=team or None, text=parcel.content.text[:TEXT])


def _matter(conversation: Conversation) -> Matter:
    return Matter(
        id=conversation.id,
        subject=conversation.subject,
        text=conversation.last.preview,
        public=conversation.visibility == Visibility.PUBLIC,
        team=conversation.team,
        at=conversation.last.at,
        waits=conversation.awaiting is Awaiting.US,
    )


def _offer(joint: Joint, began: str, now: datetime) -> JoinOffer:
    assert joint.matter is not None
    pair = (joint.matter, began)
    return JoinOffer(
        id=join_id(*pair), conversations=pair, open=pair, score=joint.score, reasons=joint.reasons, at=now
    )


async def _told(store: Store, parcels: Sequence[Parcel], now: datetime) -> list[Event]:
    facts = [_fact(each, each.joint) for each in parcels if each.joint]
    await store.inbox.add_entries(facts)
    for parcel in parcels:
        await store.joins.found_under(parcel.conversation_id, parcel.channel.id)
    return [_event("joined", each.conversation, each.id, now) for each in facts]


def _fact(parcel: Parcel, joint: Joint) -> Activity:
    return Activity(
        id=derived_id("joined", parcel.entry_id),
        conversation=parcel.conversation_id,
        at=parcel.event.at,
        kind="joined",
        by="routing",
        because=joint.because,
        details={"thread": thread_id_of(parcel), "reasons": "\n".join(joint.reasons[1:])},
    )


def _offered(offer: JoinOffer, conversation: str, now: datetime) -> Event:
    return _event("join_suggested", conversation, None, now, offer.id)


def _event(what: str, conversation: str, entry: str | None, now: datetime, of: str = "") -> Event:
    return Event(
        id=derived_id(what, conversation, entry or of),
        kind="conversation_changed",
        at=now,
        conversation=conversation,
        entry=entry,
        by="routing",
        details={"what": what},
    )
