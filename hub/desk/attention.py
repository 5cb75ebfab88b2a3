"""What customers see of our attention: that somebody writes to them, that they were read.

Where the hub is the platform itself (`Manifest.hosted`) any process can show it; elsewhere it is told to
whoever holds the channel (`hub/showing`), and only while somebody writes.
"""

from hub.contract.capabilities import Surface
from hub.contract.connector import MarksRead, ShowsTyping
from hub.contract.errors import ConnectorError
from hub.contract.inbound import RemoteId, Thread
from hub.desk.replying import Desk, said_lately
from hub.model.channels import Channel
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.inbox import Conversation, Message, Side
from hub.realtime import publish
from hub.registry import UnknownPlatform

SHOWN = "attention_shown"  # the event that says so


async def show_attention(desk: Desk, conversation: Conversation, *, writes: bool, stopped: bool) -> None:
    """Somebody looks at the conversation now; `writes` an answer, or has `stopped` to."""
    hosted = _hosted(desk, conversation.platform)
    if hosted is None or not (hosted or writes or stopped):
        return
    newest = await _newest(desk, conversation)
    channel = await desk.store.channels.find(newest.channel) if newest else None
    if newest is None or channel is None or channel.removed:
        return
    if not _hosted(desk, channel.platform):
        if writes or stopped:
            await _tell(desk, newest, channel, writes=writes)
        return
    connector: object = desk.registry.reader(channel)
    place = Thread(newest.thread, Surface(newest.surface))
    try:
        if isinstance(connector, MarksRead) and newest.remote_ids:
            await connector.mark_read(place, RemoteId(newest.remote_ids[0]))
        if isinstance(connector, ShowsTyping) and (writes or stopped):
            await connector.typing(place, on=writes)
    except ConnectorError:
        return  # nothing that is worth a word: it is shown anew in a moment


async def _tell(desk: Desk, newest: Message, channel: Channel, *, writes: bool) -> None:
    """Of no conversation, so that no screen draws anything for it."""
    kind = desk.registry.types.get(channel.platform)
    if kind is None or channel.paused or not (issubclass(kind, ShowsTyping) or issubclass(kind, MarksRead)):
        return
    now = desk.clock()
    details = {"thread": newest.thread, "surface": str(newest.surface), "writes": "yes" if writes else ""}
    if newest.remote_ids:
        details["message"] = newest.remote_ids[0]
    event = Event(id=new_id(now), kind=SHOWN, at=now, channel=channel.id, details=details)
    await publish(desk.store, [event])


def _hosted(desk: Desk, platform: str) -> bool | None:
    """Whether the hub itself is the platform; None where nobody knows it any more."""
    try:
        return desk.registry.connector_type(platform).manifest.hosted
    except UnknownPlatform:
        return None


async def _newest(desk: Desk, conversation: Conversation) -> Message | None:
    """What the customer said last: usually the last of all."""
    if conversation.last.side is Side.CUSTOMER:
        found = await desk.store.inbox.find_entry(conversation.last.entry)
        if isinstance(found, Message):
            return found
    theirs = [each for each in await said_lately(desk, conversation) if each.side is Side.CUSTOMER]
    return theirs[-1] if theirs else None
