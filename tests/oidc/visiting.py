"""Going to the forging provider and coming back, as a browser would."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from hub.auth import Auth
from hub.auth.oidc import Arrival, Departure, finish_oidc, start_oidc
from hub.auth.oidc_provider import Oidc, Provider
from hub.auth.signing_in import SignInRefused
from hub.model.people import Agent
from tests.hub.auth.door import HOME
from tests.oidc.forger import CLIENT_ID, CLIENT_SECRET, Forger

REDIRECT = "https://hub.example/desk/sign-in/oidc"


def at_provider(auth: Auth, forger: Forger, http: aiohttp.ClientSession, **chosen: Any) -> Auth:
    oidc = Oidc(issuer=forger.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, **chosen)
    return replace(auth, provider=Provider(oidc, http, auth.clock))


async def depart(auth: Auth, forger: Forger, back: str = "/") -> tuple[Departure, dict[str, str]]:
    """The departure, and what an honest provider sends back."""
    departure = await start_oidc(auth, REDIRECT, back)
    query = {name: values[0] for name, values in parse_qs(urlsplit(departure.url).query).items()}
    assert query["code_challenge_method"] == "S256"
    forger.nonce, forger.challenge = query["nonce"], query["code_challenge"]
    forger.now = int(auth.clock().timestamp())
    return departure, {"code": "a code", "state": query["state"]}


async def arrive(auth: Auth, departure: Departure, answer: Mapping[str, str]) -> Arrival:
    return await finish_oidc(auth, departure.cookie, answer, address=HOME, browser="Firefox")


async def come_in(auth: Auth, forger: Forger) -> Agent:
    departure, answer = await depart(auth, forger)
    arrival = await arrive(auth, departure, answer)
    agent = await auth.store.people.find_agent(arrival.session.agent)
    assert agent is not None
    return agent


async def refusal(auth: Auth, forger: Forger) -> str:
    with pytest.raises(SignInRefused) as caught:
        await come_in(auth, forger)
    assert await auth.store.database.sessions.find_one({}) is None
    return caught.value.code
