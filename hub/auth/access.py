"""Who may do what. Every deed and every view asks here."""

from hub.model.inbox import Conversation
from hub.model.people import Agent, Role


class NotAllowed(Exception):
    """This agent may not do that."""


def access_conversation(agent: Agent, conversation: Conversation) -> None:
    """Raises NotAllowed unless the agent may see and answer the conversation."""
    if agent.disabled:
        raise NotAllowed("This sign-in has been disabled.")


def access_deletion(agent: Agent, conversation: Conversation) -> None:
    """Raises NotAllowed unless the agent may delete the conversation for good."""
    access_conversation(agent, conversation)
    if agent.role is Role.AGENT:
        raise NotAllowed("Only supervisors and admins may delete a conversation.")
