"""What admins do about agents. Each deed asks who may, keeps one admin, and stands in the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub.auth import Auth
from hub.auth.access import NotAllowed
from hub.auth.audit import record
from hub.auth.first_admin import AgentRefused, check_agent
from hub.auth.links import invite
from hub.auth.telling import tell_change
from hub.auth.totp import remove_factor
from hub.model.ids import new_id
from hub.model.people import Agent, Role
from hub.model.sign_ins import Credentials

__all__ = [
    "AgentRefused",
    "Member",
    "add_agent",
    "admins",
    "change_agent",
    "disable_agent",
    "end_sessions_of",
    "get_member",
    "invite_again",
    "list_members",
    "list_names",
    "reset_second_factor",
]


async def add_agent(
    auth: Auth,
    by: Agent,
    name: str,
    email: str,
    *,
    role: Role = Role.AGENT,
    teams: Sequence[str] = (),
    restricted: bool = False,
    address: str = "",
) -> tuple[Agent, str]:
    """The agent, and the path to choose a password at. Raises NotAllowed, AgentRefused, EmailTaken."""
    _only_admins(by)
    name, email = check_agent(name, email)
    now = auth.clock()
    agent = Agent(
        id=new_id(now),
        name=name,
        email=email,
        role=role,
        teams=await _known_teams(auth, teams),
        restricted=restricted,
        created_at=now,
    )
    await auth.store.people.add_agent(agent)
    await tell_change(auth, by.id, agent.id)
    await _record(auth, by, "agent_added", agent, address, role=role)
    return agent, await invite(auth, by, agent, address=address)


async def change_agent(
    auth: Auth,
    by: Agent,
    agent: str,
    *,
    name: str | None = None,
    role: Role | None = None,
    teams: Sequence[str] | None = None,
    restricted: bool | None = None,
    address: str = "",
) -> Agent:
    """The agent as they are now; what is None stays. Raises NotAllowed, AgentRefused."""
    _only_admins(by)
    former = await _get(auth, agent)
    changed = former
    if name is not None:
        changed = replace(changed, name=check_agent(name, former.email)[0])
    if role is not None:
        changed = replace(changed, role=role)
    if teams is not None:
        changed = replace(changed, teams=await _known_teams(auth, teams))
    if restricted is not None:
        changed = replace(changed, restricted=restricted)
    demoted = former.role is Role.ADMIN and changed.role is not Role.ADMIN
    if demoted:
        await _keep_an_admin(auth, former)
    teams_now, alone = list(changed.teams), changed.restricted
    await auth.store.people.change_agent(
        agent, name=changed.name, role=changed.role, teams=teams_now, restricted=alone
    )
    if demoted:
        await _or_back(auth, former, role=former.role)
    await tell_change(auth, by.id, agent)
    if changed.role is not former.role:
        await _record(auth, by, "role_changed", changed, address, was=former.role, now=changed.role)
    if replace(changed, role=former.role) != former:
        now = f"{changed.name}; {' '.join(changed.teams)}; {'restricted' if changed.restricted else ''}"
        await _record(auth, by, "agent_changed", changed, address, now=now)
    return changed


async def disable_agent(auth: Auth, by: Agent, agent: str, disabled: bool, *, address: str = "") -> None:
    """Keep somebody out from now on, or let them in again. Raises NotAllowed, AgentRefused."""
    _only_admins(by)
    found = await _get(auth, agent)
    if disabled and found.role is Role.ADMIN:
        await _keep_an_admin(auth, found)
    await auth.store.people.set_agent_disabled(agent, disabled)
    if disabled and found.role is Role.ADMIN:
        await _or_back(auth, found, disabled=False)
    await tell_change(auth, by.id, agent)
    await _record(auth, by, "agent_disabled" if disabled else "agent_enabled", found, address)


@dataclass(frozen=True, slots=True)
class Member:
    """An agent as the list of all shows them."""

    agent: Agent
    seen_at: datetime | None
    second_factor: bool
    invited: bool  # has never come in


async def list_members(auth: Auth, by: Agent) -> list[Member]:
    """Everybody, those who are kept out last. Raises NotAllowed."""
    _only_admins(by)
    agents = await auth.store.people.list_agents()
    kept = await auth.store.sign_ins.list_credentials([each.id for each in agents])
    members = [_member(each, kept.get(each.id)) for each in agents]
    return sorted(members, key=lambda each: (each.agent.disabled, each.agent.name.casefold()))


async def list_names(auth: Auth) -> dict[str, str]:
    """Of everybody, those who are kept out too, by id."""
    return {each.id: each.name for each in await auth.store.people.list_agents()}


async def get_member(auth: Auth, by: Agent, agent: str) -> Member:
    """Raises NotAllowed, AgentRefused."""
    _only_admins(by)
    return _member(await _get(auth, agent), await auth.store.sign_ins.find_credentials(agent))


async def invite_again(auth: Auth, by: Agent, agent: str, *, address: str = "") -> str:
    """A new link to choose a password at; a former one stops working. Raises NotAllowed, AgentRefused."""
    _only_admins(by)
    return await invite(auth, by, await _get(auth, agent), address=address)


async def end_sessions_of(auth: Auth, by: Agent, agent: str, *, address: str = "") -> int:
    """Sign somebody out everywhere. Returns how many sessions ended. Raises NotAllowed, AgentRefused."""
    _only_admins(by)
    found = await _get(auth, agent)
    ended = await auth.store.sign_ins.end_sessions(agent)
    await tell_change(auth, by.id, agent)
    await _record(auth, by, "sessions_ended", found, address, count=str(ended))
    return ended


async def reset_second_factor(auth: Auth, by: Agent, agent: str, *, address: str = "") -> None:
    """For somebody who has lost both phone and recovery codes. Raises NotAllowed, AgentRefused."""
    _only_admins(by)
    found = await _get(auth, agent)
    await remove_factor(auth, found)
    await _record(auth, by, "second_factor_reset", found, address)


def _member(agent: Agent, kept: Credentials | None) -> Member:
    seen = kept.seen_at if kept else None
    factor = kept is not None and kept.factor is not None
    return Member(agent, seen, factor, invited=seen is None and (kept is None or kept.password is None))


def _only_admins(by: Agent) -> None:
    if by.role is not Role.ADMIN or by.disabled:
        raise NotAllowed("only_admins")


async def _get(auth: Auth, agent: str) -> Agent:
    found = await auth.store.people.find_agent(agent)
    if found is None:
        raise AgentRefused("agent_gone")
    return found


async def _known_teams(auth: Auth, teams: Sequence[str]) -> tuple[str, ...]:
    known = {each.id for each in await auth.store.people.list_teams()}
    if unknown := set(teams) - known:
        raise AgentRefused("team_gone", team=min(unknown))
    return tuple(dict.fromkeys(teams))


async def _keep_an_admin(auth: Auth, leaving: Agent) -> None:
    if leaving.disabled or await admins(auth) - {leaving.id}:
        return
    raise AgentRefused("last_admin")


async def _or_back(auth: Auth, leaving: Agent, **former: object) -> None:
    """Two admins may have let each other go at the same instant, each still seeing the other: whoever
    finds none left takes their own change back."""
    if not await admins(auth) and not leaving.disabled:
        await auth.store.people.change_agent(leaving.id, **former)
        raise AgentRefused("last_admin")


async def admins(auth: Auth) -> set[str]:
    """Ids of all who can still come in."""
    found = await auth.store.people.list_agents()
    return {each.id for each in found if each.role is Role.ADMIN and not each.disabled}


async def _record(auth: Auth, by: Agent, deed: str, agent: Agent, address: str, **details: str) -> None:
    await record(
        auth.store,
        auth.clock,
        by,
        deed,
        target=agent.id,
        target_name=agent.name,
        address=address,
        details=details,
    )
