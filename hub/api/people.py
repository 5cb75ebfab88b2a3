"""Agents and their teams, as admins keep them."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from pydantic import Field, StringConstraints

from hub.api import shapes
from hub.api.bodies import Body, Id, Nothing
from hub.api.making import writing
from hub.api.problems import Problem
from hub.api.route import AnyRoute, Call
from hub.auth import agents
from hub.desk import teams
from hub.model.people import Role, Team
from hub.model.sign_ins import Scope

TEAMS_MOST, MEMBERS_MOST = 200, 1000

Name = Annotated[str, StringConstraints(pattern=r"\S", max_length=100)]


class NewAgent(Body):
    name: Name
    email: Annotated[str, StringConstraints(min_length=3, max_length=320)]
    role: Role = Role.AGENT
    teams: list[Id] = Field([], max_length=TEAMS_MOST)
    restricted: bool = Field(False, description="Sees only conversations of their teams and their own.")


class ChangeAgent(Body):
    """What is left out stays as it is."""

    name: Name | None = None
    role: Role | None = None
    teams: list[Id] | None = Field(None, max_length=TEAMS_MOST)
    restricted: bool | None = None
    disabled: bool | None = Field(None, description="Kept out, and signed out everywhere at once.")


class Member(shapes.Agent):
    restricted: bool
    disabled: bool


class Invited(shapes.Shape):
    agent: Member
    invitation: str | None = Field(
        description="The path at which a password is chosen, once; null when a request is repeated."
    )


class SignedOut(shapes.Shape):
    sessions: int = Field(description="How many ended.")


class NewTeam(Body):
    name: Name


class ChangeTeam(Body):
    """What is left out stays as it is."""

    name: Name | None = None
    members: list[Id] | None = Field(None, max_length=MEMBERS_MOST, description="These and nobody else.")
    channels: list[Id] | None = Field(None, max_length=200, description="What comes in there is theirs.")


async def add_agent(call: Call, asked: NewAgent) -> Invited:
    made, link = await agents.add_agent(
        call.auth,
        call.agent,
        asked.name,
        asked.email,
        role=asked.role,
        teams=asked.teams,
        restricted=asked.restricted,
        address=call.address,
    )
    return Invited(agent=Member.model_validate(made), invitation=link)


async def change_agent(call: Call, asked: ChangeAgent) -> Member:
    agent = call.path["agent"]
    if asked.disabled is not None:
        await agents.disable_agent(call.auth, call.agent, agent, asked.disabled, address=call.address)
    if asked.model_fields_set - {"disabled"}:
        await agents.change_agent(
            call.auth,
            call.agent,
            agent,
            name=asked.name,
            role=asked.role,
            teams=asked.teams,
            restricted=asked.restricted,
            address=call.address,
        )
    return await _member(call)


async def invite_again(call: Call, asked: Nothing) -> Invited:
    link = await agents.invite_again(call.auth, call.agent, call.path["agent"], address=call.address)
    return Invited(agent=await _member(call), invitation=link)


async def sign_out(call: Call, asked: Nothing) -> SignedOut:
    ended = await agents.end_sessions_of(call.auth, call.agent, call.path["agent"], address=call.address)
    return SignedOut(sessions=ended)


async def reset_factor(call: Call, asked: Nothing) -> Member:
    await agents.reset_second_factor(call.auth, call.agent, call.path["agent"], address=call.address)
    return await _member(call)


async def _member(call: Call) -> Member:
    return Member.model_validate((await agents.get_member(call.auth, call.agent, call.path["agent"])).agent)


# Teams


async def add_team(call: Call, asked: NewTeam) -> shapes.Named:
    made = await teams.add_team(call.desk, call.agent, asked.name, address=call.address)
    return shapes.Named.model_validate(made)


async def change_team(call: Call, asked: ChangeTeam) -> shapes.Named:
    team, by, at = (await _team(call)).id, call.agent, call.address
    if asked.name is not None:
        await teams.rename_team(call.desk, by, team, asked.name, address=at)
    if asked.members is not None:
        await teams.set_members(call.desk, by, team, asked.members, address=at)
    if asked.channels is not None:
        await teams.set_channels(call.desk, by, team, asked.channels, address=at)
    return shapes.Named.model_validate(await _team(call))


async def _team(call: Call) -> Team:
    found = [each for each in await call.desk.store.people.list_teams() if each.id == call.path["team"]]
    if not found:
        raise Problem("not-found", "There is no such team.")
    return found[0]


AGENT, TEAM, REFUSED = "/agents/{agent}", "/teams/{team}", "not-possible"
_admin = partial(writing, scope=Scope.ADMIN)
KEEPING: Sequence[AnyRoute] = (
    _admin(
        "POST",
        "/agents",
        "addAgent",
        "Somebody who answers. The answer has the way to their first password. Only for admins.",
        add_agent,
        NewAgent,
        Invited,
        REFUSED,
        status=201,
        untold="invitation",
    ),
    _admin(
        "POST", AGENT, "changeAgent", "Change an agent, or keep them out. Only for admins.",
        change_agent, ChangeAgent, Member, REFUSED,
    ),
    _admin(
        "POST",
        f"{AGENT}/invitation",
        "inviteAgain",
        "A new way to a password; the former one ends. Only for admins.",
        invite_again,
        Nothing,
        Invited,
        REFUSED,
        status=201,
        untold="invitation",
    ),
    _admin(
        "DELETE", f"{AGENT}/sessions", "signOut", "Sign an agent out everywhere. Only for admins.",
        sign_out, Nothing, SignedOut, REFUSED,
    ),
    _admin(
        "DELETE",
        f"{AGENT}/second-factor",
        "resetSecondFactor",
        "For somebody who lost both phone and recovery codes. Only for admins.",
        reset_factor,
        Nothing,
        Member,
        REFUSED,
    ),
    _admin(
        "POST", "/teams", "addTeam", "A new team. Only for admins.",
        add_team, NewTeam, shapes.Named, REFUSED, status=201,
    ),
    _admin(
        "POST", TEAM, "changeTeam", "Its name, who is in it, which channels are its. Only for admins.",
        change_team, ChangeTeam, shapes.Named, REFUSED,
    ),
)  # fmt: skip
