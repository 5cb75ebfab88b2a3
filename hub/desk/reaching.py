"""Where an answer can go: every place where the person can be reached, and why some cannot be used.

A place is a channel of ours together with an address of theirs. Three kinds of them are found, in this order:
where they wrote in this conversation (and to which other mailboxes the same mail came); channels that may
write first, to whatever address of theirs is verified; and chats that they began elsewhere, which lead here
from then on. A number is only written to on the platform it is known from.

Consent: answers are service, so silence allows them. Who took their consent to the purpose "service" back is
written to only where they have written again since.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hub.contract.capabilities import Capabilities, Surface, Visibility
from hub.desk.allowing import is_allowed
from hub.desk.equipment import Desk
from hub.model.addresses import normal_email
from hub.model.channels import Channel, Health
from hub.model.customers import Consent
from hub.model.ids import derived_id
from hub.model.inbox import Conversation, Message, Side, Status
from hub.model.people import Customer, Identity
from hub.model.sentences import Refusal
from hub.outbox.preflight import NotSendable, check_window
from hub.registry import UnknownPlatform
from hub.store.inbox import ThreadRecord

SERVICE = "service"  # the purpose of a consent that answers go by
LIVE = (Status.OPEN, Status.SNOOZED)
ELSEWHERE_MOST = 20  # further conversations of theirs that are looked through for chats


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """Whom we write to, as far as that decides whether and where."""

    customer: Customer | None
    members: Sequence[str] = ()
    identities: Sequence[Identity] = ()
    consents: Sequence[Consent] = ()  # the newest first
    others: Sequence[Conversation] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`id`: what says in a draft that it is to go there. `why_not`: it cannot be used."""

    id: str
    channel: Channel
    surface: str
    visibility: str
    to: tuple[str, ...]
    address: str  # as people read it
    identity: Identity | None = None
    thread: str | None = None  # None: one begins
    leads_to: str | None = None  # the conversation that thread leads to, if it is another one
    answered: Message | None = None  # of this conversation
    last_at: datetime | None = None  # when they last wrote there
    current: bool = False
    why_not: Refusal | None = None


async def somebody(desk: Desk, conversation: Conversation) -> Somebody:
    people = desk.store.people
    members = await people.members_of(conversation.customer)
    found, identities, consents, others = await asyncio.gather(
        people.find_customers([conversation.customer]),
        people.identities_of_members(members),
        desk.store.consents.of_customers(members),
        desk.store.views.of_customer(members, ELSEWHERE_MOST),
    )
    return Somebody(
        customer=found.get(conversation.customer),
        members=members,
        identities=identities,
        consents=consents,
        others=others,
    )


async def places_of(
    desk: Desk, conversation: Conversation, messages: Sequence[Message], who: Somebody
) -> list[Place]:
    """All places, the one that is used if nobody chooses first, then those that can be used.

    `messages`: those lately said, oldest first.
    """
    channels = [each for each in await desk.store.channels.known.get() if not each.removed]
    authors = {each.author for each in messages if each.side is Side.CUSTOMER}
    known = {each.id: each for each in who.identities}
    if strangers := sorted(authors - set(known)):
        known |= await desk.store.people.find_identities(strangers)
    finder = _Finder(desk, conversation, messages, who, {each.id: each for each in channels}, known)
    found: dict[str, Place] = {}
    for place in (*finder.here(), *finder.first(), *await finder.elsewhere()):
        found.setdefault(place.id, place)
    current = finder.current(list(found.values()))
    places = [
        replace(each, current=each.id == current, why_not=each.why_not or finder.refusal(each))
        for each in found.values()
    ]
    return sorted(places, key=lambda each: (not each.current, each.why_not is not None))


def check_person(
    who: Somebody, identity: Identity | None, platform: str, last_at: datetime | None = None
) -> None:
    """Raises NotSendable where nothing may be sent to somebody, or to this address of theirs.

    `last_at`: when they last wrote there.
    """
    name = who.customer.name if who.customer else ""
    if who.customer is not None and who.customer.blocked:
        raise NotSendable("to_blocked", name=name)
    if identity is not None and not identity.reachable:
        raise NotSendable("to_unreachable", address=address_of(identity))
    spoken = [
        each
        for each in who.consents
        if each.purpose.casefold() == SERVICE and each.platform in ("", platform)
    ]
    if not spoken or is_allowed(who.consents, platform, SERVICE):
        return
    if last_at is None or last_at <= spoken[0].at:
        where, code = spoken[0].where, "to_unwilling" if spoken[0].platform else "to_unwilling_anywhere"
        raise NotSendable(code, name=name, platform=platform, where=where)


def address_of(identity: Identity, surface: str = Surface.EMAIL) -> str:
    """As people read it: in a chat they are known by another name than in a mail."""
    handle = f"@{identity.handle.removeprefix('@')}" if identity.handle else ""
    if surface != Surface.EMAIL:
        return identity.phone or handle or identity.name or identity.key
    return identity.email or identity.phone or handle or identity.name or identity.key


def place_id(channel: str, surface: str, key: str) -> str:
    return derived_id("place", channel, surface, key)


@dataclass(slots=True)
class _Finder:
    desk: Desk
    conversation: Conversation
    messages: Sequence[Message]
    who: Somebody
    channels: dict[str, Channel]
    known: dict[str, Identity]
    _chats: dict[str, Conversation] = field(default_factory=dict)

    def here(self) -> Iterator[Place]:
        """Where they wrote, the latest first; where only we did, there."""
        theirs = [each for each in self.messages if each.side is Side.CUSTOMER]
        for message in reversed(theirs or self.messages[-1:]):
            yield from self._of(message)
            for copy in message.copies:
                yield from self._of(replace(message, channel=copy.channel, thread=copy.thread))

    def _of(self, message: Message) -> Iterator[Place]:
        channel = self.channels.get(message.channel)
        if channel is None:
            return
        identity = self.known.get(message.author)
        to = message.delivery.to if message.delivery else (identity.key,) if identity else ()
        key = identity.key if identity else ",".join(to)
        yield Place(
            id=place_id(channel.id, message.surface, key),
            channel=channel,
            surface=message.surface,
            visibility=message.visibility,
            to=_replies_to(message) or to,
            address=address_of(identity, message.surface) if identity else key,
            identity=identity,
            thread=message.thread,
            answered=message,
            last_at=message.at if message.side is Side.CUSTOMER else None,
        )

    def first(self) -> Iterator[Place]:
        """Channels where we may write first, to every address that fits."""
        for channel in self.channels.values():
            for surface, can in self._surfaces(channel).items():
                if can.initiates and Visibility.PRIVATE in can.replies:
                    yield from self._addresses(channel, surface)

    def _addresses(self, channel: Channel, surface: Surface) -> Iterator[Place]:
        own = [each for each in self.known.values() if each.platform == channel.platform]
        for identity in own:
            if surface is Surface.EMAIL and normal_email(identity.key) is None:
                continue
            proven = identity.verified or (surface is not Surface.EMAIL and identity.source == "message")
            yield self._new(channel, surface, identity.key, identity, proven=proven)
        if surface is Surface.EMAIL and _takes_addresses(channel, own):
            given = [(each.email, True) for each in self.known.values() if each.email]
            given += [(mail, False) for each in self.known.values() for mail in each.claimed if "@" in mail]
            for address, proven in given:
                yield self._new(channel, surface, address or "", None, proven=proven)

    def _new(
        self, channel: Channel, surface: str, key: str, identity: Identity | None, *, proven: bool
    ) -> Place:
        shown = address_of(identity, surface) if identity else key
        return Place(
            id=place_id(channel.id, surface, key),
            channel=channel,
            surface=surface,
            visibility=Visibility.PRIVATE,
            to=(key,),
            address=shown,
            identity=identity or self._with_key(key),
            why_not=None if proven else NotSendable("to_unverified", address=shown),
        )

    def _with_key(self, key: str) -> Identity | None:
        """Whose mailbox it is: what bounced there is known of that one."""
        return next((each for each in self.known.values() if normal_email(each.key) == key), None)

    async def elsewhere(self) -> list[Place]:
        """Chats that they began with us in other conversations."""
        wanted = [
            (channel, identity)
            for channel in self.channels.values()
            for identity in self.who.identities
            if identity.platform == channel.platform and self._only_answers(channel)
        ]
        others = {each.id: each for each in self.who.others if each.surface == Surface.DIRECT}
        others.pop(self.conversation.id, None)
        threads = await self.desk.store.moving.threads_in(list(others)) if wanted and others else []
        return [self._chat(channel, identity, threads, others) for channel, identity in wanted]

    def _only_answers(self, channel: Channel) -> bool:
        can = self._surfaces(channel).get(Surface.DIRECT)
        return can is not None and not can.initiates

    def _chat(
        self,
        channel: Channel,
        identity: Identity,
        threads: Sequence[ThreadRecord],
        others: dict[str, Conversation],
    ) -> Place:
        theirs = [each for each in threads if each.channel == channel.id and identity.key in each.people]
        theirs.sort(key=lambda each: others[each.conversation].activity_at)
        place = self._new(channel, Surface.DIRECT, identity.key, identity, proven=True)
        if not theirs:
            return place
        other = others[theirs[-1].conversation]
        return replace(
            place,
            thread=theirs[-1].key,
            leads_to=other.id,
            last_at=other.last.at if other.last.side is Side.CUSTOMER else other.waiting_since,
            why_not=NotSendable("to_elsewhere", subject=other.subject) if other.status in LIVE else None,
        )

    def current(self, places: Sequence[Place]) -> str | None:
        """The one that is used if nobody chooses: of copies, the mailbox that was addressed first."""
        here = [each for each in places if each.answered is not None]
        if not here:
            return None
        first = [copy for copy in here[0].answered.copies if copy.first] if here[0].answered else []
        return next(
            (
                each.id
                for each in here
                for copy in first
                if (each.channel.id, each.thread) == (copy.channel, copy.thread)
            ),
            here[0].id,
        )

    def refusal(self, place: Place) -> Refusal | None:
        """Why nothing can be sent there."""
        try:
            check_person(self.who, place.identity, place.channel.platform, place.last_at)
            if not place.current and place.answered is None:
                self._check_channel(place)
            can = self._surfaces(place.channel).get(Surface(place.surface))
            if can is None:
                raise NotSendable("place_unsupported", platform=place.channel.platform)
            visibility, now = Visibility(place.visibility), self.desk.clock()
            if place.answered is None or place.answered.side is Side.CUSTOMER:
                check_window(can, visibility, place.last_at, now, automated=False)
        except NotSendable as problem:
            return problem
        return None

    def _check_channel(self, place: Place) -> None:
        if place.channel.paused:
            raise NotSendable("to_paused", channel=place.channel.name)
        if place.channel.health is Health.BROKEN:
            raise NotSendable("to_broken", channel=place.channel.name)

    def _surfaces(self, channel: Channel) -> dict[Surface, Capabilities]:
        try:
            return dict(self.desk.registry.reader(channel).surfaces)
        except UnknownPlatform:
            return {}


def _takes_addresses(channel: Channel, own: Sequence[Identity]) -> bool:
    """Whether its people are known by mail addresses: by that of its own account, or of somebody there."""
    keys = [channel.account or "", *(each.key for each in own)]
    return channel.platform == "email" or any(normal_email(each) for each in keys)


def _replies_to(message: Message) -> tuple[str, ...]:
    return tuple(each.key for each in message.people if each.role == "reply_to")
