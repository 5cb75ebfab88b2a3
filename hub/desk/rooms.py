"""Rooms: agents hear of their team's conversations in a channel of their own, and answer there.

Whoever writes below such a message answers the customer in their own name; what begins with "note:" is a
note. They are known by the e-mail address that the platform vouches for, and may do what they may do here.
What comes in while no worker runs is not told there; it waits in the inbox like everything else.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from hub.auth.access import NotAllowed
from hub.auth.audit import record
from hub.clock import Clock
from hub.contract.capabilities import Surface
from hub.contract.connector import HostsRooms, Reacts
from hub.contract.errors import ConnectorError
from hub.contract.inbound import MessageReceived, RemoteId, Thread
from hub.contract.outbound import OutboundMessage
from hub.desk.changing import NotPossible
from hub.desk.channels import ChannelProblem
from hub.desk.deeds import note
from hub.desk.replying import Desk, Draft, reply
from hub.desk.teams import get_team, only_admins
from hub.model.channels import Channel
from hub.model.content import Content, Markup
from hub.model.events import Event
from hub.model.ids import derived_id, new_id
from hub.model.inbox import Conversation, Message, Side
from hub.model.journal import Outcome
from hub.model.people import Agent
from hub.model.rooms import Room, RoomThread
from hub.model.sentences import Refusal, sentence
from hub.realtime import Follower, TooOld
from hub.store import StoreUnavailable

log = structlog.get_logger()

NOTE = re.compile(r"\s*(?:note|notiz)\s*:\s*", re.IGNORECASE)
LONGEST = 3_000  # characters of a message that a room is shown
Ended = tuple[Outcome, str | None, str]
TELLS = ("message_received", "message_queued")


# Which rooms there are


async def list_rooms(desk: Desk, channel: Channel) -> list[Room]:
    return [each for each in await desk.store.rooms.list_rooms() if each.channel == channel.id]


def can_host(desk: Desk, channel: Channel) -> bool:
    return isinstance(desk.registry.reader(channel), HostsRooms)


async def link_room(
    desk: Desk, by: Agent, channel: Channel, name: str, team: str | None, *, address: str | None = None
) -> Room:
    """Proven by writing there. Raises NotAllowed, NotPossible, ChannelProblem, ConnectorError."""
    only_admins(by)
    connector = desk.registry.reader(channel)
    if not isinstance(connector, HostsRooms):
        raise ChannelProblem("room_none")
    place = connector.room(name.strip())
    called = (await get_team(desk, team)).name if team else ""
    now = desk.clock()
    room = Room(
        id=derived_id("room", channel.id, place.key),
        channel=channel.id,
        place=place.key,
        name=name.strip(),
        team=team,
        created_at=now,
    )
    hello = f"Conversations of **{called or 'every team'}** are told here. Answer below a message; "
    hello += "what begins with *note:* stays among you."
    await connector.send(_outbound(place, hello, new_id(now), desk.clock))
    if not await desk.store.rooms.add(room):
        raise ChannelProblem("room_linked", name=room.name)
    await record(
        desk.store, desk.clock, by, "room_linked",
        target=channel.id, target_name=channel.name, address=address or "",
        details={"name": room.name, "team": called},
    )  # fmt: skip
    return room


async def unlink_room(
    desk: Desk, by: Agent, channel: Channel, room: str, *, address: str | None = None
) -> None:
    only_admins(by)
    found = next((each for each in await list_rooms(desk, channel) if each.id == room), None)
    if found is None:
        return
    await desk.store.rooms.remove(room)
    await record(
        desk.store, desk.clock, by, "room_unlinked",
        target=channel.id, target_name=channel.name, address=address or "", details={"name": found.name},
    )  # fmt: skip


# What is told there


@dataclass(frozen=True, slots=True)
class Teller:
    """`url`: where the inbox is reached."""

    desk: Desk
    url: str

    async def run(self, follower: Follower) -> None:
        """Until cancelled. What was missed is in the inbox."""
        while True:
            with suppress(TooOld):
                async with follower.subscribe() as events:
                    async for event in events:
                        try:
                            await self.tell(event)
                        except StoreUnavailable:
                            log.warning("rooms are not told just now")

    async def tell(self, event: Event) -> None:
        """A message, in every room of its conversation's team. Failing costs the room this one."""
        if event.kind not in TELLS or event.conversation is None or event.entry is None:
            return
        store = self.desk.store
        rooms = await store.rooms.list_rooms()
        if not rooms:
            return
        conversation = await store.inbox.find_conversation(event.conversation)
        message = await store.inbox.find_entry(event.entry)
        if conversation is None or not isinstance(message, Message):
            return
        for room in rooms:
            if room.team in (None, conversation.team):
                await self._tell(room, conversation, message)

    async def _tell(self, room: Room, conversation: Conversation, message: Message) -> None:
        store = self.desk.store
        channel = await store.channels.find(room.channel)
        if channel is None or channel.removed or channel.paused:
            return
        if not await store.rooms.first_to_tell(room.id, message.id, self.desk.clock()):
            return
        connector = self.desk.registry.reader(channel)
        if not isinstance(connector, HostsRooms):
            return
        known = await store.rooms.thread_of(room.id, conversation.id)
        place = Thread(known.thread if known else room.place, Surface.GROUP)
        words = _told(message) if known else _heading(conversation, self.url) + _told(message)
        try:
            sent = await connector.send(_outbound(place, words, message.id, self.desk.clock))
        except ConnectorError as problem:
            log.warning("a room was not told", room=room.id, reason=str(problem))
            await store.rooms.not_told(room.id, message.id)
            return
        if known is None:
            below = connector.below(place, RemoteId(sent.messages[0]))
            await store.rooms.lead(room, RoomThread(room.id, conversation.id, below.key))


def _heading(conversation: Conversation, url: str) -> str:
    subject = conversation.subject.replace("[", "(").replace("]", ")")
    return f"[{subject or conversation.customer_name}](<{url}/desk/conversations/{conversation.id}>)\n"


def _told(message: Message) -> str:
    text = message.content.text
    shown = text if len(text) <= LONGEST else text[:LONGEST] + " …"
    if message.content.markup is Markup.PLAIN:
        shown = re.sub(r"([\\`*_\[\]~<])", r"\\\1", shown)
    who = re.sub(r"([\\`*_\[\]~<])", r"\\\1", message.author_name)
    said = "" if message.side is Side.CUSTOMER else "→ "
    files = "".join(f"\n📎 {each.name}" for each in message.content.attachments)
    quoted = "\n".join(f"> {line}" for line in f"{shown}{files}".strip("\n").split("\n"))
    return f"{said}**{who}**\n{quoted}"


def _outbound(place: Thread, text: str, key: str, clock: Clock) -> OutboundMessage:
    content = Content(text=text, markup=Markup.MARKDOWN)
    return OutboundMessage(key=key, thread=place, to=(), content=content, at=clock())


# What is said there


async def said_in_rooms(
    desk: Desk, channel: Channel, events: Mapping[str, MessageReceived]
) -> dict[str, Ended]:
    """Of these events of one channel, how those ended that were said in a room. By the same keys."""
    rooms = {each.place: each for each in await desk.store.rooms.list_rooms() if each.channel == channel.id}
    if not rooms:
        return {}
    inside = {key: each for key, each in events.items() if each.thread.key.partition(":")[0] in rooms}
    about = await desk.store.rooms.about(channel.id, [each.thread.key for each in inside.values()])
    return {key: await _said(desk, channel, each, about.get(each.thread.key)) for key, each in inside.items()}


async def _said(desk: Desk, channel: Channel, event: MessageReceived, about: RoomThread | None) -> Ended:
    if about is None:
        return Outcome.IGNORED, None, sentence("room_aside")
    email = event.author.email
    agent = await desk.store.people.find_agent_by_email(email) if email else None
    if agent is None or agent.disabled:
        await _mark(desk, channel, event, "⚠️")
        return Outcome.IGNORED, about.conversation, sentence("room_stranger")
    text = event.content.text
    remark, files = NOTE.match(text), tuple(each for each in event.content.attachments if each.stored)
    try:
        if remark:
            await note(desk, agent, about.conversation, text[remark.end() :], key=event.message)
        else:
            entry = derived_id("reply", agent.id, about.conversation, event.message)
            await desk.store.rooms.first_to_tell(about.room, entry, desk.clock())  # it stands there already
            await reply(
                desk, agent, about.conversation, Draft(text=text, key=event.message, attachments=files)
            )
    except (NotPossible, NotAllowed, Refusal) as problem:
        await _mark(desk, channel, event, "⚠️")
        return Outcome.IGNORED, about.conversation, str(problem)
    await _mark(desk, channel, event, "📝" if remark else "✅")
    return Outcome.DELIVERED, about.conversation, ""


async def _mark(desk: Desk, channel: Channel, event: MessageReceived, emoji: str) -> None:
    """What became of it, where its writer sees it."""
    connector = desk.registry.reader(channel)
    if not isinstance(connector, Reacts):
        return
    try:
        await connector.react(replace(event.thread), event.message, emoji, on=True)
    except ConnectorError as problem:
        log.warning("what became of an answer was not shown", channel=channel.id, reason=str(problem))
