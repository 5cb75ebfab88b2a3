"""Opening a conversation: everything a page shows of it, read together."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from hub.auth.access import may_see
from hub.desk.composing import ComposerRules, composer_rules
from hub.desk.offers import Offered, offers_of
from hub.desk.reaching import Place, Somebody, places_of
from hub.desk.replying import Desk, NoSuchConversation, follow_merges, get_conversation, said_lately
from hub.model.channels import Channel
from hub.model.content import Attachment
from hub.model.inbox import Conversation, Entry, Message, Note, Side, Status
from hub.model.people import Agent, Customer, Identity, Team
from hub.store.shelves import ms_of

PAGE = 30  # entries of a conversation: what one reads, and what it takes to draw
OTHERS = 8  # further conversations of the customer


Limits = ComposerRules  # what the composer must know before anybody writes


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConversation:
    conversation: Conversation
    customer: Customer | None
    identities: Sequence[Identity]
    members: Sequence[str]  # the customers that this one is, the oldest first
    others: Sequence[Conversation]  # of the same customer
    entries: Sequence[Entry]  # oldest first
    earlier: str | None  # cursor to the entries before these
    channels: Mapping[str, Channel]
    limits: Limits | None  # None: nothing can be answered here
    places: Sequence[Place] = ()  # where an answer can go, and where it cannot
    place: Place | None = None  # the one that was chosen; else where they wrote last
    offers: Sequence[Offered] = ()  # which others it may be one with


async def open_conversation(
    desk: Desk, agent: Agent, conversation: str, *, before: str | None = None, through: str | None = None
) -> OpenConversation:
    """Of a conversation that was merged, the one it is in now. Raises NoSuchConversation or NotAllowed.

    `through`: the place an answer is to go to.
    """
    found = await follow_merges(desk, agent, conversation)
    store, start = desk.store, _place(before)
    rows, channels, who, offers = await asyncio.gather(
        store.moving.page(found, start, PAGE + 1),
        store.channels.known.get(),
        _whose(desk, found),
        offers_of(desk, agent, found),
    )
    entries = list(reversed(rows[:PAGE]))
    recent = [each for each in entries if isinstance(each, Message) and each.deleted_at is None]
    theirs = any(each.side is Side.CUSTOMER for each in recent)
    if before is not None or not recent or (not theirs and len(rows) > PAGE):
        recent = await said_lately(desk, found)
    places = await places_of(desk, found, recent, who) if recent else []
    place = _chosen(places, through)
    return OpenConversation(
        conversation=found,
        customer=who.customer,
        identities=who.identities,
        members=who.members,
        others=[each for each in who.others if each.id != found.id and _shown(agent, each)][:OTHERS],
        entries=entries,
        earlier=f"{ms_of(entries[0].at)}-{entries[0].id}" if len(rows) > PAGE else None,
        channels={each.id: each for each in channels},
        limits=await composer_rules(desk, recent, agent, place),
        places=places,
        place=place,
        offers=offers,
    )


async def _whose(desk: Desk, conversation: Conversation) -> Somebody:
    """The person as a whole: mostly one customer, read at once with all that is theirs."""
    people, views, consents = desk.store.people, desk.store.views, desk.store.consents
    members = [conversation.customer]
    customers, identities, others, said = await asyncio.gather(
        people.find_customers(members),
        people.identities_of_members(members),
        views.of_customer(members, OTHERS + 1),
        consents.of_customers(members),
    )
    customer = customers.get(conversation.customer)
    if customer is not None and (customer.absorbed or customer.id != conversation.customer):
        members = await people.members_of(conversation.customer)
        identities = await people.identities_of_members(members)
        others = await views.of_customer(members, OTHERS + 1)
        said = await consents.of_customers(members)
    return Somebody(customer=customer, members=members, identities=identities, consents=said, others=others)


def _chosen(places: Sequence[Place], through: str | None) -> Place | None:
    """Where they wrote last is gone: the first that can be used, which the page then names."""
    wanted = [each for each in places if each.id == through] if through else []
    current = [each for each in places if each.current]
    return next(iter([*wanted, *current, *(each for each in places if each.why_not is None)]), None)


def _shown(agent: Agent, conversation: Conversation) -> bool:
    return conversation.status is not Status.MERGED and may_see(agent, conversation)


def _place(before: str | None) -> tuple[int, str] | None:
    if before is None:
        return None
    moment, dash, entry = before.partition("-")
    if not dash or not (moment.isascii() and moment.isdecimal()) or len(moment) > 14:
        raise NoSuchConversation("place_gone")
    return int(moment), entry


async def find_entry(desk: Desk, agent: Agent, entry: str) -> Message | Note | None:
    """One message or note, if the agent may see its conversation. Raises NotAllowed, NoSuchConversation."""
    found = await desk.store.inbox.find_entry(entry)
    if not isinstance(found, Message | Note):
        return None
    await get_conversation(desk, agent, found.conversation)
    return found


async def find_conversation(desk: Desk, conversation: str) -> Conversation | None:
    """For whoever asks `may_hear` for each of many agents. Nothing is checked here."""
    return await desk.store.inbox.find_conversation(conversation)


async def find_customer(desk: Desk, conversation: Conversation) -> Customer | None:
    """Whose conversation it is, for whoever may see it. Nothing is checked here."""
    return (await desk.store.people.find_customers([conversation.customer])).get(conversation.customer)


async def list_agents(desk: Desk) -> list[Agent]:
    """Those who can answer, by name."""
    return [each for each in await desk.store.people.known_agents.get() if not each.disabled]


async def list_teams(desk: Desk) -> list[Team]:
    """By name."""
    return list(await desk.store.people.known_teams.get())


async def list_channels(desk: Desk) -> list[Channel]:
    """Connected accounts, by name."""
    return [each for each in await desk.store.channels.known.get() if not each.removed]


def open_attachment(
    desk: Desk, attachment: Attachment, start: int = 0, stop: int | None = None
) -> AsyncIterator[bytes]:
    """The bytes of a stored attachment, or some of them."""
    if attachment.stored is None:
        raise LookupError(f"{attachment.name} is not kept here.")
    return desk.store.media.open(attachment.stored, start, stop)


async def size_of(desk: Desk, stored: str) -> int:
    """Raises LookupError when the file is not kept any more."""
    found = await desk.store.media.find(stored)
    if found is None:
        raise LookupError(stored)
    return found.size
