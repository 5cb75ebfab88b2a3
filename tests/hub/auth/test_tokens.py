"""Tokens of programs: what they open, and until when."""

from datetime import timedelta

import pytest

from hub.auth import Auth
from hub.auth.access import NotAllowed
from hub.auth.tokens import (
    MOST,
    TokenRefused,
    allows,
    create_token,
    find_token,
    list_tokens,
    revoke_token,
)
from hub.model.people import Agent, Role
from hub.model.sign_ins import Scope
from tests.hub.auth.door import Hands, add_agent

READ, WRITE, ADMIN = frozenset({Scope.READ}), frozenset({Scope.WRITE}), frozenset({Scope.ADMIN})


async def make(
    auth: Auth, agent: Agent, scopes: frozenset[Scope] = READ, lasts: timedelta | None = None
) -> str:
    _, text = await create_token(auth, agent, "Till in the shop", scopes, lasts=lasts)
    return text


async def test_a_token_is_its_agents_and_the_database_does_not_know_it(auth: Auth, ana: Agent) -> None:
    text = await make(auth, ana)
    assert text.startswith("hub_")
    found = await find_token(auth, text)
    assert found is not None
    assert found[1] == ana
    assert text.startswith(found[0].hint)
    assert text not in str(await auth.store.database.tokens.find().to_list(None))


@pytest.mark.parametrize("text", ["", "hub_", "hub_x", "x" * 43, "hub_" + "x" * 10_000, "hub_\ud800\0"])
async def test_what_is_no_token_opens_nothing(auth: Auth, ana: Agent, text: str) -> None:
    real = await make(auth, ana)
    assert await find_token(auth, text) is None
    assert await find_token(auth, real + "x") is None
    assert await find_token(auth, real.removeprefix("hub_")) is None


async def test_a_token_ends_when_it_was_said_to(auth: Auth, ana: Agent, hands: Hands) -> None:
    text = await make(auth, ana, lasts=timedelta(days=90))
    endless = await make(auth, ana)
    hands.pass_(days=90)
    assert await find_token(auth, text) is None
    assert await find_token(auth, endless) is not None


async def test_its_last_use_is_known_to_the_minute(auth: Auth, ana: Agent, hands: Hands) -> None:
    text = await make(auth, ana)
    began = hands()
    await find_token(auth, text)
    hands.pass_(seconds=59)
    await find_token(auth, text)
    [listed] = await list_tokens(auth, ana)
    assert listed.used_at == began
    hands.pass_(seconds=1)
    await find_token(auth, text)
    [listed] = await list_tokens(auth, ana)
    assert listed.used_at == hands()


async def test_wider_scopes_include_the_narrower_ones(auth: Auth) -> None:
    admin = await add_agent(auth, role=Role.ADMIN, password=None)
    for scopes, expected in (
        (READ, {"read"}),
        (WRITE, {"read", "write"}),
        (ADMIN, {"read", "write", "admin"}),
    ):
        token, _ = await create_token(auth, admin, "x", scopes, lasts=None)
        assert {scope for scope in Scope if allows(token, admin, scope)} == expected


async def test_an_admins_token_shrinks_with_its_agent(auth: Auth, ana: Agent) -> None:
    admin = await add_agent(auth, "Eve", role=Role.ADMIN, password=None)
    text = await make(auth, admin, ADMIN)
    await auth.store.people.change_agent("eve", role=Role.AGENT)
    found = await find_token(auth, text)
    assert found is not None
    assert not allows(*found, Scope.ADMIN)
    assert allows(*found, Scope.WRITE)
    with pytest.raises(NotAllowed):
        await make(auth, ana, ADMIN)
    await auth.store.people.set_agent_disabled("eve", True)
    assert await find_token(auth, text) is None


async def test_agents_revoke_their_own_tokens_and_admins_anybodys(auth: Auth, ana: Agent) -> None:
    ben = await add_agent(auth, "Ben", password=None)
    admin = await add_agent(auth, "Eve", role=Role.ADMIN, password=None)
    first, second = await make(auth, ana), await make(auth, ana)
    ids = [each.id for each in await list_tokens(auth, ana)]
    assert not await revoke_token(auth, ben, ids[0])
    assert await revoke_token(auth, ana, ids[0])
    assert not await revoke_token(auth, ana, ids[0])
    assert await list_tokens(auth, ben) == []
    with pytest.raises(NotAllowed):
        await list_tokens(auth, ben, everybodys=True)
    [left] = await list_tokens(auth, admin, everybodys=True)
    assert await revoke_token(auth, admin, left.id)
    assert [await find_token(auth, each) for each in (first, second)] == [None, None]


async def test_a_token_needs_a_name_a_scope_and_a_future_and_there_are_not_too_many(
    auth: Auth, ana: Agent
) -> None:
    for title, scopes, lasts in (
        (" ", READ, None),
        ("x" * 101, READ, None),
        ("x", frozenset[Scope](), None),
        ("x", READ, timedelta()),
    ):
        with pytest.raises(TokenRefused):
            await create_token(auth, ana, title, scopes, lasts=lasts)
    for _ in range(MOST):
        await make(auth, ana)
    with pytest.raises(TokenRefused, match="revoke"):
        await make(auth, ana)
