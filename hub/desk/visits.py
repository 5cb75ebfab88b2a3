"""Where a customer of the web chat is and has been on the site, for whoever may see the conversation."""

from hub.auth.access import access_conversation
from hub.contract.visitors import Visitor
from hub.desk.replying import Desk
from hub.model.inbox import Conversation, Message, Side
from hub.model.people import Agent
from hub.registry import UnknownPlatform
from hub.store.inbox import thread_id


async def visit_of(
    desk: Desk, agent: Agent, conversation: Conversation, lately: list[Message]
) -> Visitor | None:
    """None: nobody on a site. `lately`: what was said in it. Raises NotAllowed."""
    access_conversation(agent, conversation)
    for message in reversed(lately):
        if message.side is Side.CUSTOMER and _hosted(desk, message.platform):
            found = await desk.store.visitors.find_by_thread(thread_id(message.channel, message.thread))
            if found is not None and found.moved_to is not None:
                moved = await desk.store.visitors.find_visitor(message.channel, found.moved_to)
                return moved or found
            return found
    return None


def _hosted(desk: Desk, platform: str) -> bool:
    try:
        return desk.registry.connector_type(platform).manifest.hosted
    except UnknownPlatform:
        return False
