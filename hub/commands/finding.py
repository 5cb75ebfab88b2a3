"""From what somebody typed to what they meant: names, addresses, ids by any beginning that is unique."""

import difflib
from collections.abc import Sequence

from hub.app import Hub
from hub.commands.errors import Failure, NotFound
from hub.model.channels import Channel
from hub.model.people import Agent
from hub.store.lookup import ids_beginning


async def find_id(hub: Hub, collection: str, what: str, typed: str) -> str:
    """The one id in a collection that begins so."""
    found = await find_ids(hub, collection, typed)
    return one_of(found, what, typed)


async def find_ids(hub: Hub, collection: str, typed: str) -> list[str]:
    return await ids_beginning(hub.store.database, collection, typed.strip().lower())


def one_of(found: Sequence[str], what: str, typed: str) -> str:
    if not found:
        raise NotFound(f"There is no {what} {typed!r}.")
    if len(found) > 1:
        raise Failure(f"{typed!r} is the beginning of several ids ({', '.join(found)}): type more of it.")
    return found[0]


async def find_channel(hub: Hub, typed: str) -> Channel:
    """By name, whatever its case, or by the beginning of name or id."""
    channels = await hub.store.channels.list_channels()
    wanted = typed.casefold()
    exact = [each for each in channels if wanted in (each.name.casefold(), each.id)]
    begun = [
        each for each in channels if each.name.casefold().startswith(wanted) or each.id.startswith(wanted)
    ]
    found = exact or begun
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"{each.name!r} ({each.id})" for each in found)
        raise Failure(f"{typed!r} may be any of these channels: {names}.")
    raise NotFound(
        f"There is no channel {typed!r}{similar(typed, [each.name for each in channels], 'channel')}"
    )


async def find_agent(hub: Hub, typed: str) -> Agent:
    """By e-mail address or id."""
    agents = await hub.store.people.list_agents()
    for agent in agents:
        if typed.casefold() in (agent.email.casefold(), agent.id):
            return agent
    hint = similar(typed, [each.email for each in agents], "agent")
    raise NotFound(f"There is no agent {typed!r}{hint}")


async def acting_agent(hub: Hub, typed: str | None) -> Agent:
    """Who does it: the one named, or the only one there is."""
    if typed is not None:
        return await find_agent(hub, typed)
    agents = [each for each in await hub.store.people.list_agents() if not each.disabled]
    if len(agents) == 1:
        return agents[0]
    if not agents:
        raise Failure("There is no agent yet who could do it: `hubbub agent add` makes one.")
    raise Failure(f"Say who does it with --as: {', '.join(each.email for each in agents)}.")


def similar(typed: str, known: Sequence[str], what: str) -> str:
    """How the sentence goes on that says that there is no such thing."""
    by_folded = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(typed.casefold(), list(by_folded), n=3, cutoff=0.5)
    if close:
        return f": did you mean {' or '.join(repr(by_folded[each]) for each in close)}?"
    if known:
        return f"; there are: {', '.join(repr(each) for each in known[:10])}."
    return f"; there is no {what} at all yet."
