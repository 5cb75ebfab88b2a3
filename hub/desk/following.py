"""What follows from a deed: rules that listen to it, room for what waits, other due times."""

from collections.abc import Mapping
from typing import Any

from hub.dispatch import Dispatch, Following, finish, happened
from hub.model.inbox import Conversation
from hub.model.rules import Trigger
from hub.store.workloads import holder_of

LISTENED: Mapping[str, Trigger] = {
    "agent": Trigger.ASSIGNED,
    "tags": Trigger.TAGGED,
    "fields": Trigger.FIELD_SET,
    "status": Trigger.STATUS,
}


async def follow_up(dispatch: Dispatch, before: Conversation, changes: Mapping[str, Any]) -> None:
    """Call it after the deed was written and told."""
    found = await dispatch.store.inbox.find_conversation(before.id)
    if found is None:
        return
    following = Following()
    for key, trigger in LISTENED.items():
        left = key == "agent" and found.agent is None  # released: nobody was assigned
        if key in changes and not left:
            following.add(await happened(dispatch, found, trigger))
    had = holder_of(before)
    if had is not None and holder_of(found) != had:
        following.teams += await _teams_of(dispatch, had)
    if found.team and not found.agent and {"team", "agent", "status", "priority"} & set(changes):
        following.teams.append(found.team)
    if found.level or found.due_at:
        following.levels.append(found.id)
    if following.events or following.teams or following.levels or following.asked:
        await finish(dispatch, following, "room")


async def _teams_of(dispatch: Dispatch, agent: str) -> tuple[str, ...]:
    found = await dispatch.store.people.find_agent(agent)
    return found.teams if found else ()
