"""The door over HTTP: cookies, guessing, and that nobody can lock out somebody else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from hub.auth.addresses import behind_proxies
from hub.auth.attempts import ACCOUNT_FROM_ADDRESS
from inbox_ui.mounting import set_up
from inbox_ui.visitor import DEVICE_COOKIE, LOOKS_COOKIE, SESSION_COOKIE
from tests.inbox_ui.conftest import PASSWORD, Site

Client = TestClient[web.Request, web.Application]
STRANGER, HOME, ELSEWHERE = "203.0.113.9", "192.0.2.1", "198.51.100.7"


@pytest.fixture
async def client(site: Site) -> AsyncIterator[Client]:
    """The pages behind a proxy of ours that speaks https, so that requests come from where a test says."""
    app = web.Application(middlewares=[behind_proxies(["127.0.0.1"])])
    set_up(app, replace(site.pages, secure=True))
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def knock(
    client: Client, email: str, password: str, address: str, cookies: dict[str, str] | None = None
) -> ClientResponse:
    headers = {"X-Forwarded-For": address, "X-Forwarded-Proto": "https"}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    form = {"email": email, "password": password}
    answer = await client.post("/desk/session", data=form, headers=headers, allow_redirects=False)
    await answer.read()
    return answer


def cookies_of(answer: ClientResponse) -> SimpleCookie:
    found = SimpleCookie()
    for line in answer.headers.getall("Set-Cookie", []):
        found.load(line)
    return found


async def test_cookies_are_for_our_own_pages_over_https_and_for_no_script(client: Client, site: Site) -> None:
    answer = await knock(client, site.ana.email, PASSWORD, HOME)
    assert (answer.status, answer.headers["Location"]) == (303, "/desk/inbox/open")
    cookies = cookies_of(answer)
    assert set(cookies) == {SESSION_COOKIE, DEVICE_COOKIE}
    for each in cookies.values():
        assert (each["path"], each["secure"], each["httponly"], each["samesite"]) == (
            "/desk", True, True, "Lax",
        )  # fmt: skip
    assert cookies[SESSION_COOKIE]["max-age"] == ""  # ends with the browser; the server ends it anyway
    looks = await client.post("/desk/looks", data={"theme": "dark"}, allow_redirects=False)
    assert cookies_of(looks)[LOOKS_COOKIE]["httponly"]


async def test_where_to_go_after_signing_in_is_inside(client: Client, site: Site) -> None:
    for to in ("https://evil.example/", "//evil.example", "/desk/\\evil.example", "javascript:alert(1)"):
        form = {"email": site.ana.email, "password": PASSWORD, "to": to}
        answer = await client.post("/desk/session", data=form, allow_redirects=False)
        assert answer.headers["Location"] == "/desk/inbox/open", to


async def test_a_stranger_who_guesses_locks_out_nobody_but_themselves(client: Client, site: Site) -> None:
    at_home = await knock(client, site.ana.email, PASSWORD, HOME)
    known = {DEVICE_COOKIE: cookies_of(at_home)[DEVICE_COOKIE].value}
    for _ in range(ACCOUNT_FROM_ADDRESS.free + 1):
        refused = await knock(client, site.ana.email, "guess", STRANGER)
        assert refused.status == 403
    right_but_too_soon = await knock(client, site.ana.email, PASSWORD, STRANGER)
    assert right_but_too_soon.status == 403
    assert SESSION_COOKIE not in cookies_of(right_but_too_soon)
    # The agent elsewhere, and in a browser they have used before, even at the stranger's address.
    assert (await knock(client, site.ana.email, PASSWORD, ELSEWHERE)).status == 303
    assert (await knock(client, site.ana.email, PASSWORD, STRANGER, known)).status == 303
    assert (await knock(client, site.ben.email, PASSWORD, STRANGER)).status == 303


async def test_an_unknown_account_is_refused_like_a_known_one(client: Client, site: Site) -> None:
    answers = [await knock(client, email, "guess", HOME) for email in (site.ana.email, "nobody@hub.example")]
    assert {each.status for each in answers} == {403}
    known, unknown = [(await each.text()).replace("nobody@", "ana@") for each in answers]
    assert known == unknown


async def test_signing_out_ends_the_session_on_the_server(client: Client, site: Site) -> None:
    cookies = cookies_of(await knock(client, site.ana.email, PASSWORD, HOME))
    headers = {"Cookie": f"{SESSION_COOKIE}={cookies[SESSION_COOKIE].value}"}
    page = await (await client.get("/desk/office/profile", headers=headers)).text()
    token = page.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": token, "_method": "delete"}
    answer = await client.post("/desk/session", data=form, headers=headers, allow_redirects=False)
    assert cookies_of(answer)[SESSION_COOKIE]["max-age"] == "0"
    again = await client.get("/desk/office/profile", headers=headers, allow_redirects=False)
    assert again.headers["Location"].startswith("/desk/sign-in?to=")
