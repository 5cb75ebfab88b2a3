"""How long somebody stays signed in, and what a session knows."""

import pytest

from hub.auth import Auth
from hub.auth.csrf import Forged, check_csrf, csrf_token, from_elsewhere
from hub.auth.sessions import (
    MOST,
    end_other_sessions,
    end_session,
    find_session,
    list_sessions,
    sign_out,
    start_session,
)
from hub.model.people import Agent
from hub.model.sign_ins import Session
from tests.hub.auth.door import ELSEWHERE, HOME, Hands, add_agent


async def start(auth: Auth, agent: Agent, address: str = HOME, browser: str = "Firefox") -> Session:
    return await start_session(auth, agent, "password", address=address, browser=browser)


async def test_a_session_in_use_lasts_and_an_idle_one_ends(auth: Auth, ana: Agent, hands: Hands) -> None:
    session = await start(auth, ana)
    for _ in range(5):
        hands.pass_(days=2)
        assert await find_session(auth, session.token) is not None
    hands.pass_(days=3)
    assert await find_session(auth, session.token) is None
    assert await auth.store.database.sessions.find_one({}) is None


async def test_however_much_it_is_used_a_session_ends_after_a_month(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    session = await start(auth, ana)
    for _ in range(29):
        hands.pass_(days=1)
        assert await find_session(auth, session.token) is not None
    hands.pass_(days=1)
    assert await find_session(auth, session.token) is None


async def test_that_it_was_used_is_written_once_a_minute(auth: Auth, ana: Agent, hands: Hands) -> None:
    session = await start(auth, ana)

    async def used_at() -> object:
        await find_session(auth, session.token, address=ELSEWHERE)
        kept = await auth.store.sign_ins.find_session(session.id)
        assert kept is not None
        return kept.used_at, kept.address

    hands.pass_(seconds=59)
    assert await used_at() == (session.created_at, HOME)
    hands.pass_(seconds=1)
    assert await used_at() == (hands(), ELSEWHERE)


@pytest.mark.parametrize("token", [None, "", "x", "x" * 10_000, "\ud800", "\0"])
async def test_a_token_that_was_never_given_opens_nothing(auth: Auth, ana: Agent, token: str | None) -> None:
    session = await start(auth, ana)
    assert await find_session(auth, token) is None
    assert await find_session(auth, session.id) is None  # what the database and the page know is no way in


async def test_an_agent_sees_and_ends_their_own_sessions_and_nobody_elses(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    ben = await add_agent(auth, "Ben", password=None)
    first = await start(auth, ana)
    hands.pass_(hours=1)
    second = await start(auth, ana, ELSEWHERE, "Safari")
    bens = await start(auth, ben)
    listed = await list_sessions(auth, ana)
    assert [(each.address, each.browser, each.token) for each in listed] == [
        (ELSEWHERE, "Safari", ""),
        (HOME, "Firefox", ""),
    ]
    assert not await end_session(auth, ana, bens.id)
    assert await end_session(auth, ana, first.id)
    assert await find_session(auth, first.token) is None
    assert await find_session(auth, second.token) is not None
    assert await find_session(auth, bens.token) is not None


async def test_all_other_sessions_end_and_this_one_stays(auth: Auth, ana: Agent) -> None:
    here, *others = [await start(auth, ana) for _ in range(4)]
    assert await end_other_sessions(auth, ana, here) == 3
    assert [await find_session(auth, each.token) for each in others] == [None] * 3
    await sign_out(auth, here)
    assert await find_session(auth, here.token) is None


async def test_a_disabled_agent_is_out_at_once_and_stays_out_when_enabled_again(
    auth: Auth, ana: Agent
) -> None:
    session = await start(auth, ana)
    await auth.store.people.set_agent_disabled("ana", True)
    assert await find_session(auth, session.token) is None
    await auth.store.people.set_agent_disabled("ana", False)
    assert await find_session(auth, session.token) is None


async def test_the_number_of_sessions_is_bounded_and_the_oldest_goes(
    auth: Auth, ana: Agent, hands: Hands
) -> None:
    first = await start(auth, ana)
    for _ in range(MOST):
        hands.pass_(seconds=1)
        await start(auth, ana)
    assert len(await list_sessions(auth, ana)) == MOST
    assert await find_session(auth, first.token) is None


async def test_a_browser_with_a_strange_name_is_kept_shortened(auth: Auth, ana: Agent) -> None:
    await start(auth, ana, browser="\ud800\0<script>" * 100)
    [listed] = await list_sessions(auth, ana)
    assert len(listed.browser) == 300


async def test_a_form_is_bound_to_its_session(auth: Auth, ana: Agent) -> None:
    here, there = await start(auth, ana), await start(auth, ana)
    check_csrf(here, csrf_token(here))
    assert csrf_token(here) != csrf_token(here)  # masked
    found = await find_session(auth, here.token)
    assert found is not None
    check_csrf(found[0], csrf_token(here))
    for forged in (None, "", csrf_token(there), csrf_token(here)[:-1], "ä\ud800", here.id, "x" * 10_000):
        with pytest.raises(Forged):
            check_csrf(here, forged)
    [listed, _] = await list_sessions(auth, ana)
    with pytest.raises(ValueError, match="session of the request"):
        csrf_token(listed)


@pytest.mark.parametrize(
    ("origin", "fetch_site", "elsewhere"),
    [
        ("https://hub.example", "same-origin", False),
        (None, "none", False),
        ("https://evil.example", "cross-site", True),
        ("https://other.hub.example", "same-site", True),
        ("https://hub.example", "cross-site", True),
        ("https://hub.example", None, False),
        ("https://hub.example.evil.example", None, True),
        ("http://hub.example", None, True),
        ("null", None, True),
        (None, None, False),
    ],
)
def test_a_browser_says_for_which_page_it_asks(
    origin: str | None, fetch_site: str | None, elsewhere: bool
) -> None:
    assert from_elsewhere(origin, fetch_site, frozenset({"https://hub.example"})) is elsewhere
