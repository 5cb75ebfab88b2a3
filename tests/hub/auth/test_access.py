"""Who sees what, decided in one place."""

from dataclasses import replace

import pytest

from hub.auth.access import (
    NotAllowed,
    access_conversation,
    access_deletion,
    access_sharing,
    may_hear,
    may_see,
    visible_query,
)
from hub.model.events import Event
from hub.model.inbox import Conversation
from hub.model.people import Agent, Role
from tests.hub.desk.inbox import (
    ADMIN,
    AGENT,
    BEGAN,
    DISABLED,
    EVERYBODY,
    RESTRICTED,
    SUPERVISOR,
    conversation,
)

FREE = conversation(1)
THEIRS = conversation(2, agent="rea")
TEAMS = conversation(3, team="sales", agent="ben")
OTHERS = conversation(4, team="support", agent="ben")
ALL = (FREE, THEIRS, TEAMS, OTHERS)


@pytest.mark.parametrize("agent", [ADMIN, SUPERVISOR, AGENT], ids=lambda agent: agent.name)
def test_whoever_is_not_restricted_sees_everything(agent: Agent) -> None:
    assert all(may_see(agent, each) for each in ALL)
    assert visible_query(agent).everything


def test_a_restricted_agent_sees_what_is_theirs_or_their_teams() -> None:
    assert [may_see(RESTRICTED, each) for each in ALL] == [False, True, True, False]
    with pytest.raises(NotAllowed):
        access_conversation(RESTRICTED, OTHERS)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPERVISOR])
def test_supervisors_and_admins_cannot_be_restricted(role: Role) -> None:
    assert may_see(replace(RESTRICTED, role=role), OTHERS)


@pytest.mark.parametrize("seen", ALL, ids=lambda each: each.id)
def test_a_disabled_agent_sees_and_hears_nothing(seen: Conversation) -> None:
    mine = replace(seen, agent=DISABLED.id)
    assert not may_see(DISABLED, mine)
    assert not may_hear(DISABLED, event("message_received"), mine)
    with pytest.raises(NotAllowed):
        access_conversation(DISABLED, mine)


def test_only_supervisors_and_admins_delete_and_share() -> None:
    for agent in EVERYBODY:
        if agent.role is Role.AGENT:
            with pytest.raises(NotAllowed):
                access_deletion(agent, THEIRS)
            with pytest.raises(NotAllowed):
                access_sharing(agent)
        else:
            access_deletion(agent, THEIRS)
            access_sharing(agent)


EVENTS = (
    "message_received", "message_queued", "message_edited", "message_deleted", "reaction_changed",
    "amendment_changed",
    "delivery_changed", "note_added", "conversation_opened", "conversation_changed", "presence_changed",
    "visit_changed",
    "draft_changed", "due_changed", "came_due",
)  # fmt: skip


@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("agent", EVERYBODY, ids=lambda agent: agent.name)
def test_events_are_heard_by_those_who_see_their_conversation(agent: Agent, kind: str) -> None:
    for each in ALL:
        assert may_hear(agent, event(kind), each) is may_see(agent, each)


def test_who_loses_sight_of_a_conversation_hears_it_once_more() -> None:
    assert may_hear(RESTRICTED, event("conversation_changed", was_agent="rea"), OTHERS)
    assert may_hear(RESTRICTED, event("conversation_changed", was_team="sales"), OTHERS)
    assert not may_hear(RESTRICTED, event("conversation_changed", was_team="support"), OTHERS)


def test_events_for_one_agent_are_heard_by_nobody_else() -> None:
    private = event("draft_changed", only="ben")
    assert [agent.id for agent in EVERYBODY if may_hear(agent, private, THEIRS)] == ["ben"]


def test_of_what_belongs_to_no_conversation_only_harmless_things_are_told_to_everybody() -> None:
    for kind in ("channel_changed", "conversation_deleted"):
        assert all(may_hear(agent, replace(event(kind), conversation=None), None) for agent in EVERYBODY)
    unknown = replace(event("settings_changed"), conversation=None)
    assert [agent.id for agent in EVERYBODY if may_hear(agent, unknown, None)] == ["ada"]
    assert not may_hear(RESTRICTED, event("note_added"), None)


def event(kind: str, **details: str) -> Event:
    return Event(id="e", kind=kind, at=BEGAN, conversation="c", details=details)
