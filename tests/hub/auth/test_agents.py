"""What admins do about agents, who else may not, and what the audit log has of it."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hub.auth import Auth
from hub.auth.access import NotAllowed
from hub.auth.agents import (
    AgentRefused,
    add_agent,
    change_agent,
    disable_agent,
    end_sessions_of,
    reset_second_factor,
)
from hub.auth.audit import list_audit
from hub.auth.links import PASSWORD_PATH, accept_invitation
from hub.auth.sessions import find_session
from hub.auth.signing_in import sign_in
from hub.auth.totp import confirm_enrolment, start_enrolment
from hub.model.people import Agent, Role, Team
from hub.store.people import EmailTaken
from tests.hub.auth import door
from tests.hub.auth.door import HOME, PASSWORD, Hands, Phone


@pytest.fixture
async def eve(auth: Auth) -> Agent:
    return await door.add_agent(auth, "Eve", role=Role.ADMIN)


async def enter(auth: Auth, email: str) -> str:
    session = await sign_in(auth, email, PASSWORD, address=HOME, browser="Firefox")
    return session.token


async def deeds(auth: Auth, eve: Agent) -> set[tuple[str, str]]:
    page = await list_audit(auth.store, eve, by="eve")
    return {(each.deed, each.target_name) for each in page.rows if each.deed != "signed_in"}


async def test_an_added_agent_gets_a_link_and_comes_in(auth: Auth, eve: Agent) -> None:
    await auth.store.people.add_team(Team(id="shop", name="Shop", created_at=auth.clock()))
    ben, path = await add_agent(auth, eve, " Ben ", "Ben@hub.example", teams=["shop"], restricted=True)
    token = path.removeprefix(PASSWORD_PATH)
    session = await accept_invitation(auth, token, PASSWORD, address=HOME, browser="Firefox")
    found = await find_session(auth, session.token)
    assert found is not None
    assert found[1] == ben
    assert (ben.name, ben.email, ben.teams, ben.restricted) == ("Ben", "ben@hub.example", ("shop",), True)
    assert await deeds(auth, eve) == {("agent_added", "Ben"), ("invited", "Ben")}
    with pytest.raises(EmailTaken):
        await add_agent(auth, eve, "Ben", "BEN@hub.example")
    with pytest.raises(AgentRefused, match="team"):
        await add_agent(auth, eve, "Cem", "cem@hub.example", teams=["nowhere"])


async def test_role_teams_and_restriction_change_at_once_for_who_is_signed_in(
    auth: Auth, eve: Agent, ana: Agent
) -> None:
    token = await enter(auth, ana.email)
    changed = await change_agent(auth, eve, "ana", role=Role.SUPERVISOR, restricted=True, name="Ana S.")
    found = await find_session(auth, token)
    assert found is not None
    assert found[1] == changed
    assert (changed.role, changed.restricted, changed.name) == (Role.SUPERVISOR, True, "Ana S.")
    assert await deeds(auth, eve) == {("role_changed", "Ana S."), ("agent_changed", "Ana S.")}


async def test_there_is_always_an_admin(auth: Auth, eve: Agent, ana: Agent) -> None:
    for deed in (change_agent(auth, eve, "eve", role=Role.AGENT), disable_agent(auth, eve, "eve", True)):
        with pytest.raises(AgentRefused, match="last admin"):
            await deed
    ana = await change_agent(auth, eve, "ana", role=Role.ADMIN)
    for _ in range(3):  # each looks while the other is still there
        await asyncio.gather(
            change_agent(auth, eve, "ana", role=Role.AGENT),
            disable_agent(auth, ana, "eve", True),
            return_exceptions=True,
        )
        agents = await auth.store.people.list_agents()
        assert [each for each in agents if each.role is Role.ADMIN and not each.disabled]
        await auth.store.people.change_agent("ana", role=Role.ADMIN)
        await auth.store.people.set_agent_disabled("eve", False)
    await disable_agent(auth, eve, "eve", True)


async def test_a_disabled_agent_is_out_and_may_be_let_in_again(auth: Auth, eve: Agent, ana: Agent) -> None:
    token = await enter(auth, ana.email)
    await disable_agent(auth, eve, "ana", True)
    assert await find_session(auth, token) is None
    await disable_agent(auth, eve, "ana", False)
    await enter(auth, ana.email)
    assert await deeds(auth, eve) == {("agent_disabled", "Ana"), ("agent_enabled", "Ana")}


async def test_an_admin_signs_others_out_and_helps_who_lost_the_phone(
    auth: Auth, eve: Agent, ana: Agent, hands: Hands
) -> None:
    token = await enter(auth, ana.email)
    enrolment = await start_enrolment(auth, ana)
    await confirm_enrolment(auth, ana, Phone(enrolment.secret, hands).code())
    assert await end_sessions_of(auth, eve, "ana") == 1
    assert await find_session(auth, token) is None
    await reset_second_factor(auth, eve, "ana")
    await enter(auth, ana.email)
    assert await deeds(auth, eve) == {("sessions_ended", "Ana"), ("second_factor_reset", "Ana")}


@pytest.mark.parametrize(
    "deed",
    [
        lambda auth, by: add_agent(auth, by, "Ben", "ben@hub.example"),
        lambda auth, by: change_agent(auth, by, by.id, role=Role.ADMIN),
        lambda auth, by: disable_agent(auth, by, "eve", True),
        lambda auth, by: end_sessions_of(auth, by, "eve"),
        lambda auth, by: reset_second_factor(auth, by, "eve"),
    ],
)
@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
async def test_nobody_but_an_admin_may(
    auth: Auth, eve: Agent, role: Role, deed: Callable[[Auth, Agent], Awaitable[object]]
) -> None:
    sue = await door.add_agent(auth, "Sue", role=role, password=None)
    with pytest.raises(NotAllowed):
        await deed(auth, sue)
    assert await auth.store.people.find_agent("sue") == sue


async def test_whoever_is_gone_is_said_to_be(auth: Auth, eve: Agent) -> None:
    with pytest.raises(AgentRefused, match="no such agent"):
        await change_agent(auth, eve, "nobody", name="X")
