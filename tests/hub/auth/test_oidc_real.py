"""Single sign-on at a provider that is certified for OpenID Connect."""

from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from hub.auth import Auth
from hub.auth.oidc import RETURN_PATH, UNVERIFIED, finish_oidc, start_oidc
from hub.auth.oidc_provider import Oidc, Provider
from hub.auth.sessions import find_session
from hub.auth.signing_in import SignInRefused
from hub.clock import utc_now
from hub.model.people import Agent, Role
from hub.model.sentences import SENTENCES
from tests.hub.auth.door import HOME
from tests.oidc.real import CLIENT_ID, CLIENT_SECRET, real_provider, visit

REDIRECT = "http://127.0.0.1:9" + RETURN_PATH


@pytest.fixture
async def at_real(auth: Auth) -> AsyncIterator[Auth]:
    async with real_provider(REDIRECT) as issuer, aiohttp.ClientSession() as http:
        oidc = Oidc(
            issuer=issuer,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            scopes=("openid", "profile", "email", "groups"),
            roles={"hub-leads": Role.SUPERVISOR, "staff": Role.AGENT, "hub-admins": Role.ADMIN},
            create_agents=True,
        )
        yield replace(auth, clock=utc_now, provider=Provider(oidc, http, utc_now))


async def come_in(auth: Auth, login: str) -> tuple[Agent, str]:
    departure = await start_oidc(auth, REDIRECT, "/conversations/7")
    answer = await visit(departure.url, login, REDIRECT)
    arrival = await finish_oidc(auth, departure.cookie, answer, address=HOME, browser="Firefox")
    found = await find_session(auth, arrival.session.token)
    assert found is not None
    return found[1], arrival.back


async def test_people_come_in_with_the_role_of_their_groups(at_real: Auth, ana: Agent) -> None:
    """Ana is known by her verified address, Ben is made an agent, and each is the same one next time."""
    agent, back = await come_in(at_real, "ana")
    assert (agent.id, agent.role, back) == (ana.id, Role.SUPERVISOR, "/conversations/7")
    ben, _ = await come_in(at_real, "ben")
    assert (ben.name, ben.email, ben.role) == ("Ben", "ben@hub.example", Role.AGENT)
    assert (await come_in(at_real, "ben"))[0] == ben
    assert len(await at_real.store.people.list_agents()) == 2


async def test_an_address_that_is_not_verified_opens_nobodys_account(at_real: Auth, ana: Agent) -> None:
    with pytest.raises(SignInRefused, match=SENTENCES[UNVERIFIED]):
        await come_in(at_real, "mallory")


async def test_a_code_works_once(at_real: Auth, ana: Agent) -> None:
    departure = await start_oidc(at_real, REDIRECT)
    answer = await visit(departure.url, "ana", REDIRECT)
    await finish_oidc(at_real, departure.cookie, answer, address=HOME, browser="Firefox")
    with pytest.raises(SignInRefused):
        await finish_oidc(at_real, departure.cookie, answer, address=HOME, browser="Firefox")
