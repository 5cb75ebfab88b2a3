"""Teams: who is in them, which channels go to them. Admins only; every deed stands in the audit log."""

from collections.abc import Collection
from dataclasses import replace

from hub.auth.access import NotAllowed
from hub.auth.audit import record
from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.people import Agent, Role, Team
from hub.realtime import publish

NAME_LONGEST = 60
TEAMS_MOST = 200


async def add_team(desk: Desk, by: Agent, name: str, *, address: str | None = None) -> Team:
    """Raises NotAllowed, NotPossible."""
    only_admins(by)
    name = await _team_name(desk, name)
    if len(await desk.store.people.list_teams()) >= TEAMS_MOST:
        raise NotPossible("teams_many", most=TEAMS_MOST)
    now = desk.clock()
    team = Team(id=new_id(now), name=name, created_at=now)
    await desk.store.people.add_team(team)
    await _tell(desk, by, "team_added", team, address)
    return team


async def rename_team(desk: Desk, by: Agent, team: str, name: str, *, address: str | None = None) -> Team:
    """Raises NotAllowed, NotPossible."""
    only_admins(by)
    old = await get_team(desk, team)
    renamed = replace(old, name=await _team_name(desk, name, old))
    if renamed != old:
        await desk.store.people.rename_team(team, renamed.name)
        await _tell(desk, by, "team_renamed", renamed, address, was=old.name)
    return renamed


async def set_members(
    desk: Desk, by: Agent, team: str, members: Collection[str], *, address: str | None = None
) -> None:
    """These agents and no others are in it; ids that are nobody's are passed over."""
    only_admins(by)
    found = await get_team(desk, team)
    joined: list[str] = []
    left: list[str] = []
    for agent in await desk.store.people.list_agents():
        is_in, wanted = team in agent.teams, agent.id in members
        if is_in == wanted:
            continue
        (joined if wanted else left).append(agent.name)
        teams = [*agent.teams, team] if wanted else [each for each in agent.teams if each != team]
        await desk.store.people.change_agent(agent.id, teams=teams)
    if joined or left:
        await _tell(
            desk, by, "team_members_changed", found, address, joined=", ".join(joined), left=", ".join(left)
        )


async def set_channels(
    desk: Desk, by: Agent, team: str, channels: Collection[str], *, address: str | None = None
) -> None:
    """What comes in through these channels goes to it; a channel goes to one team at most."""
    only_admins(by)
    found = await get_team(desk, team)
    changed = False
    for channel in await desk.store.channels.list_channels():
        if (channel.id in channels) != (channel.team == team):
            await desk.store.channels.change(channel.id, {"team": team if channel.id in channels else None})
            changed = True
    if changed:
        names = [each.name for each in await desk.store.channels.list_channels() if each.team == team]
        await _tell(desk, by, "team_channels_changed", found, address, channels=", ".join(names))


async def get_team(desk: Desk, team: str) -> Team:
    """Raises NotPossible."""
    found = [each for each in await desk.store.people.list_teams() if each.id == team]
    if not found:
        raise NotPossible("team_gone", team=team)
    return found[0]


def only_admins(by: Agent) -> None:
    """Raises NotAllowed."""
    if by.role is not Role.ADMIN or by.disabled:
        raise NotAllowed("only_admins")


async def _team_name(desk: Desk, name: str, old: Team | None = None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_LONGEST:
        raise NotPossible("name_needed", most=NAME_LONGEST)
    others = [each for each in await desk.store.people.list_teams() if old is None or each.id != old.id]
    if name.casefold() in {each.name.casefold() for each in others}:
        raise NotPossible("team_there", name=name)
    return name


async def _tell(desk: Desk, by: Agent, deed: str, team: Team, address: str | None, **details: str) -> None:
    await record(
        desk.store, desk.clock, by, deed,
        target=team.id, target_name=team.name, address=address or "", details=details,
    )  # fmt: skip
    now = desk.clock()
    event = Event(id=new_id(now), kind="team_changed", at=now, by=by.id, details={"team": team.id})
    await publish(desk.store, [event])
