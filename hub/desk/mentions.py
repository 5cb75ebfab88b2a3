"""Who is named in a note: `@Ana Lopez`, `@ana` where only one is called so, `@Sales` for a team. Pure."""

from collections.abc import Sequence

from hub.model.people import Agent, Team


def mentioned_in(text: str, agents: Sequence[Agent], teams: Sequence[Team]) -> list[str]:
    """The ids of the agents named, in the order of the text; of a team, all its agents."""
    names = _names(agents, teams)
    longest_first = sorted(names, key=len, reverse=True)
    lowered = text.casefold()
    found: dict[str, None] = {}
    at = lowered.find("@")
    while at >= 0:
        if at == 0 or not lowered[at - 1].isalnum():  # an address is nobody's name
            for name in longest_first:
                end = at + 1 + len(name)
                if lowered.startswith(name, at + 1) and not lowered[end : end + 1].isalnum():
                    found.update(dict.fromkeys(names[name]))
                    break
        at = lowered.find("@", at + 1)
    return list(found)


def _names(agents: Sequence[Agent], teams: Sequence[Team]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    first: dict[str, list[str]] = {}
    for agent in agents:
        if not agent.disabled:
            first.setdefault(agent.name.split(" ")[0].casefold(), []).append(agent.id)
            names[agent.name.casefold()] = [agent.id]
            names[agent.email.partition("@")[0].casefold()] = [agent.id]
    for name, ids in first.items():
        if name and len(ids) == 1:
            names.setdefault(name, ids)
    for team in teams:
        members = [each.id for each in agents if team.id in each.teams and not each.disabled]
        names.setdefault(team.name.casefold(), members)
    return {name: ids for name, ids in names.items() if name}
