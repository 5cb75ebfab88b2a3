"""Single sign-on at a provider that lies, errs or is away."""

from collections.abc import Callable
from typing import Any

import pytest
import structlog
from aiohttp import web

from hub.auth import Auth
from hub.auth.oidc import (
    AWAY,
    DECLINED,
    STALE,
    finish_oidc,
    local_path,
    start_oidc,
)
from hub.auth.oidc_provider import Oidc
from hub.auth.signing_in import SignInRefused
from hub.model.people import Agent
from hub.model.sentences import SENTENCES
from tests.hub.auth.door import HOME, Hands
from tests.oidc.forger import (
    CLIENT_ID,
    CLIENT_SECRET,
    KEY,
    NEXT_KEY,
    STRANGE_KEY,
    Forger,
    shared_secret,
)
from tests.oidc.visiting import REDIRECT, arrive, come_in, depart, refusal

Spoil = Callable[[Forger], None]


def claims(**changes: Any) -> Spoil:
    def spoil(forger: Forger) -> None:
        forger.changes = changes

    return spoil


def signed(header: dict[str, Any], key: Any) -> Spoil:
    def spoil(forger: Forger) -> None:
        forger.header, forger.key = header, key

    return spoil


def times(**after: int) -> Spoil:
    def spoil(forger: Forger) -> None:
        forger.changes = {name: forger.now + seconds for name, seconds in after.items()}

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(claims(nonce="of another sign-in"), id="wrong nonce"),
        pytest.param(claims(nonce=None), id="no nonce"),
        pytest.param(claims(aud="another client"), id="wrong audience"),
        pytest.param(claims(aud=["another client", "a third"]), id="wrong audiences"),
        pytest.param(claims(aud=[CLIENT_ID, "another client"]), id="several audiences"),
        pytest.param(claims(azp="another client"), id="issued to another client"),
        pytest.param(claims(aud=None), id="no audience"),
        pytest.param(claims(iss="https://evil.example"), id="wrong issuer"),
        pytest.param(claims(sub=None), id="nobody"),
        pytest.param(claims(sub=7), id="a number for a name"),
        pytest.param(claims(exp=None), id="without an end"),
        pytest.param(claims(exp="tomorrow"), id="an end that is no time"),
        pytest.param(times(exp=-61), id="expired"),
        pytest.param(times(iat=61), id="of the future"),
        pytest.param(times(nbf=61), id="not yet valid"),
        pytest.param(signed({"alg": "none"}, KEY), id="unsigned"),
        pytest.param(signed({"alg": "none", "kid": "one"}, KEY), id="unsigned with a key's name"),
        pytest.param(signed({"alg": "RS256", "kid": "one"}, STRANGE_KEY), id="a strange key"),
        pytest.param(signed({"alg": "RS256"}, STRANGE_KEY), id="a strange key without a name"),
        pytest.param(signed({"alg": "RS256", "kid": "nine"}, KEY), id="a key nobody publishes"),
        pytest.param(
            signed({"alg": "HS256", "kid": "one"}, shared_secret(CLIENT_SECRET * 4)), id="a shared secret"
        ),
        pytest.param(
            signed({"alg": "RS256", "jwk": STRANGE_KEY.as_dict(private=False)}, STRANGE_KEY),
            id="a key that it brings along",
        ),
    ],
)
async def test_a_forged_token_opens_nothing(at: Auth, forger: Forger, ana: Agent, spoil: Spoil) -> None:
    departure, answer = await depart(at, forger)
    spoil(forger)
    with pytest.raises(SignInRefused, match=SENTENCES[AWAY]):
        await arrive(at, departure, answer)
    assert await at.store.database.sessions.find_one({}) is None


async def test_rubbish_for_a_token_is_refused(at: Auth, forger: Forger, ana: Agent) -> None:
    for rubbish in ("", "x", "a.b.c", "...", "x" * 100_000, "é.é.é", 7, None, ["x"]):
        forger.answer = web.json_response({"id_token": rubbish, "access_token": "x"})
        assert await refusal(at, forger) == AWAY


async def test_clocks_may_differ_by_a_minute(at: Auth, forger: Forger, ana: Agent) -> None:
    departure, answer = await depart(at, forger)
    times(iat=55, exp=-55)(forger)
    await arrive(at, departure, answer)


async def test_the_answer_must_be_to_this_browsers_own_question(
    at: Auth, forger: Forger, ana: Agent, hands: Hands
) -> None:
    departure, answer = await depart(at, forger)
    other, _ = await depart(at, forger)
    for cookie, query in (
        (None, answer),
        ("", answer),
        ("rubbish", answer),
        (other.cookie, answer),
        (departure.cookie, {"code": "a code"}),
        (departure.cookie, {**answer, "state": answer["state"][:-1]}),
        (departure.cookie, {**answer, "state": "\ud800"}),
    ):
        with pytest.raises(SignInRefused, match=SENTENCES[STALE]):
            await finish_oidc(at, cookie, query, address=HOME, browser="Firefox")
    hands.pass_(minutes=15)
    with pytest.raises(SignInRefused, match=SENTENCES[STALE]):
        await arrive(at, departure, answer)
    assert "token" not in forger.asked


async def test_a_stolen_code_is_worth_nothing_in_another_browser(
    at: Auth, forger: Forger, ana: Agent
) -> None:
    """Somebody puts the code of Ana's sign-in into an answer to their own."""
    await depart(at, forger)
    challenge = forger.challenge
    departure, answer = await depart(at, forger)
    forger.challenge = challenge
    with pytest.raises(SignInRefused, match=SENTENCES[AWAY]):
        await arrive(at, departure, answer)


async def test_an_answer_of_another_provider_is_refused(at: Auth, forger: Forger, ana: Agent) -> None:
    departure, answer = await depart(at, forger)
    with pytest.raises(SignInRefused, match=SENTENCES[AWAY]):
        await arrive(at, departure, {**answer, "iss": "https://evil.example"})
    await arrive(at, departure, {**answer, "iss": forger.issuer})


async def test_a_provider_that_promises_its_name_must_give_it(at: Auth, forger: Forger, ana: Agent) -> None:
    forger.about_itself = {"authorization_response_iss_parameter_supported": True}
    assert await refusal(at, forger) == AWAY


async def test_whoever_declines_is_told_so_without_the_words_of_the_address_line(
    at: Auth, forger: Forger, ana: Agent
) -> None:
    departure, answer = await depart(at, forger)
    query = {"state": answer["state"], "error": "access_denied", "error_description": "Call 0900 123"}
    with pytest.raises(SignInRefused) as caught:
        await arrive(at, departure, query)
    assert caught.value.code == DECLINED


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": 7},
        {"jwks_uri": "ftp://127.0.0.1/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
async def test_a_provider_that_describes_itself_wrongly_is_not_used(
    at: Auth, forger: Forger, about: dict[str, Any]
) -> None:
    forger.about_itself = about
    with pytest.raises(SignInRefused, match=SENTENCES[AWAY]):
        await start_oidc(at, REDIRECT)


async def test_a_provider_out_of_reach_is_tried_again_at_the_next_sign_in(
    at: Auth, forger: Forger, ana: Agent
) -> None:
    answers = [
        web.Response(status=500, text="<html>"),
        web.json_response({"error": "invalid_client"}, status=401),
        web.Response(text="<html>"),
        web.json_response(["a list"]),
        web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"}),
        web.Response(body=b" " * 1_000_001),
    ]
    for answer in answers:
        forger.answer = answer
        with structlog.testing.capture_logs() as lines:
            assert await refusal(at, forger) == AWAY
        assert CLIENT_SECRET not in str(lines)
    forger.answer = None
    assert await come_in(at, forger) == ana


async def test_new_keys_of_the_provider_are_found_but_not_asked_for_without_end(
    at: Auth, forger: Forger, ana: Agent, hands: Hands
) -> None:
    await come_in(at, forger)
    forger.published = [{"kty": "of the future", "kid": "x"}, NEXT_KEY.as_dict(private=False)]
    forger.header, forger.key = {"alg": "ES256", "kid": "two"}, NEXT_KEY
    hands.pass_(seconds=60)
    await come_in(at, forger)
    forger.header = {"alg": "ES256", "kid": "three"}
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await come_in(at, forger)
    assert forger.asked.count("keys") == 2
    assert forger.asked.count("description") == 1


async def test_without_a_provider_there_is_no_single_sign_on(auth: Auth) -> None:
    with pytest.raises(SignInRefused, match="not been set up"):
        await start_oidc(auth, REDIRECT)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/a\\b", "", "x", "/\n/evil", "/" * 2000],
)
def test_the_way_back_leads_to_a_page_of_ours(elsewhere: str) -> None:
    assert local_path(elsewhere) == "/"
    assert local_path("/conversations/7?a=//b") == "/conversations/7?a=//b"


def test_what_is_shown_of_the_settings_has_no_secret() -> None:
    shown = repr(Oidc(issuer="https://x.example", client_id="hubbub", client_secret=CLIENT_SECRET))
    assert CLIENT_SECRET not in shown
