"""Who may see and do what. Every deed, list, count, search, file and live event asks here, and nowhere else.

Admins and supervisors see everything; agents too, unless they are restricted to what is theirs or their
teams'. What one may see one may also answer.
"""

from dataclasses import dataclass

from hub.model.events import Event
from hub.model.inbox import Conversation
from hub.model.people import Agent, Role
from hub.model.sentences import Refusal

# Events that belong to no conversation (any more) and tell nothing but that something is so.
HARMLESS = frozenset(
    {
        "channel_changed",
        "conversation_deleted",
        "team_changed",
        "agent_changed",
        "customers_changed",
        "event_types_changed",
        "fields_changed",
        "tags_changed",
        "views_changed",
        "attendance_changed",
        "saved_replies_changed",
    }
)


class NotAllowed(Refusal):
    """This agent may not do that."""


@dataclass(frozen=True, slots=True)
class Visible:
    """The conversations an agent may see, as a query can say it: all, or those given to one of these."""

    everything: bool
    agent: str = ""
    teams: tuple[str, ...] = ()


def visible_query(agent: Agent) -> Visible:
    if agent.disabled:
        return Visible(False)
    return Visible(True) if not is_restricted(agent) else Visible(False, agent.id, agent.teams)


def is_restricted(agent: Agent) -> bool:
    return agent.restricted and agent.role is Role.AGENT


def may_see(agent: Agent, conversation: Conversation) -> bool:
    visible = visible_query(agent)
    if visible.everything:
        return True
    mine = conversation.agent is not None and conversation.agent == visible.agent
    return mine or (conversation.team is not None and conversation.team in visible.teams)


def access_conversation(agent: Agent, conversation: Conversation) -> None:
    """Raises NotAllowed unless the agent may see and answer the conversation."""
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    if not may_see(agent, conversation):
        raise NotAllowed("other_team")


def access_deletion(agent: Agent, conversation: Conversation) -> None:
    """Raises NotAllowed unless the agent may delete the conversation for good."""
    access_conversation(agent, conversation)
    if agent.role is Role.AGENT:
        raise NotAllowed("deleting_not_yours")


def access_sharing(agent: Agent) -> None:
    """Raises NotAllowed unless the agent may make views and saved replies for everybody."""
    if agent.disabled or agent.role is Role.AGENT:
        raise NotAllowed("sharing_not_yours")


def may_hear(agent: Agent, event: Event, conversation: Conversation | None) -> bool:
    """Whether an agent is told of an event; `conversation` is the event's, as it is now.

    Who could see it until this very event is told too: their screen has to let go of it.
    """
    if agent.disabled:
        return False
    if (only := event.details.get("only")) is not None:
        return only == agent.id
    if (several := event.details.get("agents")) is not None:
        return agent.id in several.split(",")
    if event.conversation is None or conversation is None:
        return event.kind in HARMLESS or (event.conversation is None and agent.role is Role.ADMIN)
    if may_see(agent, conversation):
        return True
    was_mine = event.details.get("was_agent") == agent.id
    return was_mine or event.details.get("was_team") in agent.teams
