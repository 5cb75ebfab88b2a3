"""When somebody leaves: what they had goes back to where others find it."""

from hub.auth.access import NotAllowed
from hub.desk.changing import Changed
from hub.desk.deeds import release
from hub.desk.replying import Desk, NoSuchConversation
from hub.model.inbox import Status
from hub.model.people import Agent, Role
from hub.store import shelves

AT_ONCE = 200


async def count_of(desk: Desk, agent: str) -> int:
    """How many conversations wait with an agent."""
    keys = [shelves.by_agent(agent, status).key for status in (Status.OPEN, Status.SNOOZED)]
    return sum((await desk.store.views.tallies.totals(keys)).values())


async def release_all(desk: Desk, by: Agent, agent: str) -> int:
    """Release whatever is open or snoozed with an agent. Returns how many there were. Raises NotAllowed."""
    if by.role is not Role.ADMIN or by.disabled:
        raise NotAllowed("only_admins")
    done = 0
    for conversation in await _ids_of(desk, agent):
        try:
            await release(desk, by, conversation)
        except (Changed, NoSuchConversation):
            continue  # somebody has taken it, or deleted it, at this very moment
        done += 1
    return done


async def _ids_of(desk: Desk, agent: str) -> list[str]:
    """Gathered before anything is done: releasing takes them off the shelf."""
    found: dict[str, None] = {}
    for status in (Status.OPEN, Status.SNOOZED):
        position: int | None = None
        while True:
            read = await desk.store.views.read([shelves.by_agent(agent, status)], position, AT_ONCE)
            before = len(found)
            found.update(dict.fromkeys(each.id for each in read.rows))
            if read.position is None or (read.position == position and len(found) == before):
                break
            position = read.position
    return list(found)
