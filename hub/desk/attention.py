"""What customers see of our attention: that somebody writes to them, that they were read.

Only where the hub is the platform itself (`Manifest.hosted`): no connection is needed, any process can do it.
"""

from hub.contract.capabilities import Surface
from hub.contract.connector import MarksRead, ShowsTyping
from hub.contract.errors import ConnectorError
from hub.contract.inbound import RemoteId, Thread
from hub.desk.replying import Desk, said_lately
from hub.model.inbox import Conversation, Message, Side
from hub.registry import UnknownPlatform


async def show_attention(desk: Desk, conversation: Conversation, *, writes: bool, stopped: bool) -> None:
    """Somebody looks at the conversation now; `writes` an answer, or has `stopped` to."""
    if not _hosted(desk, conversation.platform):
        return
    newest = await _newest(desk, conversation)
    channel = await desk.store.channels.find(newest.channel) if newest else None
    if newest is None or channel is None or channel.removed or not _hosted(desk, channel.platform):
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


def _hosted(desk: Desk, platform: str) -> bool:
    try:
        return desk.registry.connector_type(platform).manifest.hosted
    except UnknownPlatform:
        return False


async def _newest(desk: Desk, conversation: Conversation) -> Message | None:
    """What the customer said last: usually the last of all."""
    if conversation.last.side is Side.CUSTOMER:
        found = await desk.store.inbox.find_entry(conversation.last.entry)
        if isinstance(found, Message):
            return found
    theirs = [each for each in await said_lately(desk, conversation) if each.side is Side.CUSTOMER]
    return theirs[-1] if theirs else None
