"""The first run, and links to choose a password."""

import asyncio

import pytest

from hub.auth import Auth
from hub.auth.access import NotAllowed
from hub.auth.first_admin import (
    PATH,
    AgentRefused,
    finish_first_admin,
    first_admin_wanted,
    start_first_admin,
)
from hub.auth.links import PASSWORD_PATH, LinkSpent, accept_invitation, find_invited, invite
from hub.auth.passwords import PasswordRefused
from hub.auth.signing_in import SignInRefused, find_session, sign_in
from hub.model.people import Agent, Role
from hub.model.sign_ins import Session
from tests.hub.auth.door import HOME, PASSWORD, Hands, add_agent


async def first_token(auth: Auth) -> str:
    path = await start_first_admin(auth)
    assert path is not None
    return path.removeprefix(PATH)


async def finish(
    auth: Auth, token: str, name: str = "Ana", email: str = "ana@hub.example", password: str = PASSWORD
) -> Session:
    return await finish_first_admin(auth, token, name, email, password, address=HOME, browser="Firefox")


async def invited(auth: Auth, by: Agent | None, agent: Agent) -> str:
    return (await invite(auth, by, agent)).removeprefix(PASSWORD_PATH)


async def accept(auth: Auth, token: str, password: str = PASSWORD) -> Session:
    return await accept_invitation(auth, token, password, address=HOME, browser="Firefox")


async def test_the_link_makes_the_first_admin_who_is_signed_in_and_can_sign_in_again(auth: Auth) -> None:
    session = await finish(auth, await first_token(auth), "  Ana   Sousa ", " Ana@Hub.Example")
    found = await find_session(auth, session.token)
    assert found is not None
    assert (found[1].name, found[1].email, found[1].role) == ("Ana Sousa", "ana@hub.example", Role.ADMIN)
    await sign_in(auth, "ana@hub.example", PASSWORD, address=HOME, browser="Firefox")


async def test_once_somebody_can_sign_in_there_is_no_link_and_no_former_one_works(auth: Auth) -> None:
    first, second = await first_token(auth), await first_token(auth)
    await finish(auth, first)
    assert await start_first_admin(auth) is None
    for spent in (first, second):
        assert not await first_admin_wanted(auth, spent)
        with pytest.raises(LinkSpent):
            await finish(auth, spent, "Eve", "eve@hub.example")
    assert len(await auth.store.people.list_agents()) == 1


async def test_agents_whom_a_command_added_do_not_end_the_first_run(auth: Auth) -> None:
    ana = await add_agent(auth, password=None)
    session = await finish(auth, await first_token(auth), email=ana.email)
    found = await find_session(auth, session.token)
    assert found is not None
    assert (found[1].id, found[1].role) == (ana.id, Role.ADMIN)


async def test_two_clicks_make_one_admin(auth: Auth) -> None:
    token = await first_token(auth)
    both = await asyncio.gather(finish(auth, token), finish(auth, token), return_exceptions=True)
    assert sorted(type(each).__name__ for each in both) == ["LinkSpent", "Session"]


async def test_a_link_ends_after_a_day_and_a_guessed_one_never_works(auth: Auth, hands: Hands) -> None:
    token = await first_token(auth)
    for wrong in ("", "x", token[:-1], token + "x", "x" * 100_000, "\ud800"):
        with pytest.raises(LinkSpent):
            await finish(auth, wrong)
    hands.pass_(hours=24)
    with pytest.raises(LinkSpent):
        await finish(auth, token)


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("", "ana@hub.example"),
        ("   ", "ana@hub.example"),
        ("x" * 101, "ana@hub.example"),
        ("An\u202ea", "ana@hub.example"),
        ("Ana", "ana"),
        ("Ana", "ana@hub.example, eve@hub.example"),
        ("Ana", "Ana <ana@hub.example>"),
        ("Ana", "an\0a@hub.example"),
        ("Ana", "x" * 400 + "@hub.example"),
    ],
)
async def test_wrong_entries_are_explained_and_do_not_use_up_the_link(
    auth: Auth, name: str, email: str
) -> None:
    token = await first_token(auth)
    with pytest.raises(AgentRefused):
        await finish(auth, token, name, email)
    with pytest.raises(PasswordRefused):
        await finish(auth, token, password="short")
    await finish(auth, token)


async def test_an_invited_agent_chooses_a_password_and_is_in(auth: Auth) -> None:
    admin = await add_agent(auth, "Eve", role=Role.ADMIN)
    ben = await add_agent(auth, "Ben", password=None)
    token = await invited(auth, admin, ben)
    assert await find_invited(auth, token) == ben
    with pytest.raises(PasswordRefused):
        await accept(auth, token, "ben@hub.example")
    session = await accept(auth, token)
    assert session.agent == "ben"
    await sign_in(auth, ben.email, PASSWORD, address=HOME, browser="Firefox")
    with pytest.raises(LinkSpent):
        await accept(auth, token, "four marble herons")


async def test_a_new_link_ends_the_former_and_an_old_one_ends_by_itself(auth: Auth, hands: Hands) -> None:
    ben = await add_agent(auth, "Ben", password=None)
    former, token = await invited(auth, None, ben), await invited(auth, None, ben)
    assert await find_invited(auth, former) is None
    hands.pass_(days=3)
    with pytest.raises(LinkSpent):
        await accept(auth, token)


async def test_a_forgotten_password_is_replaced_by_link_and_whoever_was_in_is_out(auth: Auth) -> None:
    ben = await add_agent(auth, "Ben")
    session = await sign_in(auth, ben.email, PASSWORD, address=HOME, browser="Firefox")
    await accept(auth, await invited(auth, None, ben), "four marble herons")
    assert await find_session(auth, session.token) is None
    with pytest.raises(SignInRefused):
        await sign_in(auth, ben.email, PASSWORD, address=HOME, browser="Firefox")


async def test_only_admins_invite_and_a_disabled_agent_cannot_accept(auth: Auth, ana: Agent) -> None:
    ben = await add_agent(auth, "Ben", password=None)
    with pytest.raises(NotAllowed):
        await invite(auth, ana, ben)
    token = await invited(auth, None, ben)
    await auth.store.people.set_agent_disabled("ben", True)
    with pytest.raises(LinkSpent):
        await accept(auth, token)


async def test_a_link_for_the_first_admin_sets_no_password(auth: Auth) -> None:
    token = await first_token(auth)
    assert await find_invited(auth, token) is None
    ben = await add_agent(auth, "Ben", password=None)
    with pytest.raises(LinkSpent):
        await finish(auth, await invited(auth, None, ben))
