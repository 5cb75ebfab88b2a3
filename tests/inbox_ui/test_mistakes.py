"""What is shown when a page cannot be: in the reader's language, with a way back, and with our headers."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from hub.auth.signing_in import enter
from hub.site import Runner, web_app
from inbox_ui.mistakes import HEADERS, Unreadable
from inbox_ui.visitor import SESSION_COOKIE
from tests.inbox_ui.conftest import Site

A_PAGE = {"Accept": "text/html,application/xhtml+xml"}
LONG = "x" * 9000


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]

    def is_page(self, status: int, heading: str) -> bool:
        """A whole page of ours, with the way back, under our policy."""
        assert self.status == status, self.text
        assert HEADERS.items() <= self.headers.items()
        assert self.headers["Content-Type"].startswith("text/html")
        assert 'href="/desk/inbox/open"' in self.text
        return f"<h1>{heading}</h1>" in self.text

    def is_problem(self, status: int, kind: str) -> str:
        assert self.status == status, self.text
        assert self.headers["Content-Type"].startswith("application/problem+json")
        problem = json.loads(self.text)
        assert problem["type"].endswith(f"#problem-{kind}")
        return str(problem["detail"])


@dataclass(frozen=True, slots=True)
class House:
    url: str
    client: ClientSession
    cookie: str

    async def ask(self, path: str, *, method: str = "GET", **headers: str) -> Answer:
        wanted = {**A_PAGE, "Cookie": self.cookie, "Accept-Language": "en", **headers}
        given = {name.replace("_", "-"): value for name, value in wanted.items()}
        asked = self.client.request(method, self.url + path, headers=given, allow_redirects=False)
        async with asked as answer:
            return Answer(answer.status, await answer.text(), dict(answer.headers))


def boom(*given: object, **named: object) -> web.StreamResponse:
    raise ZeroDivisionError("a secret")


async def failing(request: web.Request) -> web.StreamResponse:
    return boom(request)


@pytest.fixture
async def house(site: Site, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    app = web_app(site.office.hub, None, site.office.running.follower)
    app.router.add_get("/mistake/{token}", failing)
    monkeypatch.setattr("inbox_ui.search.search", boom)
    monkeypatch.setattr("hub.api.mounting._described", boom)
    runner = Runner(app, Unreadable())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    session = await enter(site.auth, site.ana, None, "password", None, "127.0.0.1", "", None)
    async with ClientSession() as client:
        yield House(f"http://{host}:{port}", client, f"{SESSION_COOKIE}={session.token}")
    await runner.cleanup()


@pytest.mark.parametrize(
    "path", ["/desk/unknown", "/unknown", "/desk/office/unknown", "/desk/inbox/open/x/y"]
)
async def test_nothing_at_an_address_is_said_on_a_page_in_the_readers_language(
    house: House, path: str
) -> None:
    assert (await house.ask(path)).is_page(404, "There is nothing at this address")
    assert (await house.ask(path, Accept_Language="de")).is_page(404, "Unter dieser Adresse ist nichts")
    assert (await house.ask(path, Accept="*/*")).text.startswith("404")  # another program


async def test_a_wrong_method_or_a_refusal_is_a_page_too_and_scripts_get_the_sentence(house: House) -> None:
    wrong = await house.ask("/desk/search", method="PUT")
    assert wrong.is_page(405, "This address is not for that")
    assert "GET" in wrong.headers["Allow"]
    gone = await house.ask("/desk/conversations/none/drafts/none")
    assert gone.is_page(404, "There is nothing at this address")
    part = await house.ask("/desk/views/none", X_Part="1")
    assert (part.status, part.text) == (404, "This view is not here any more.")
    whole = await house.ask("/desk/views/none")
    assert whole.is_page(404, "There is nothing at this address")
    assert "This view is not here any more." in whole.text


async def test_a_mistake_of_ours_has_a_number_on_the_page_and_in_the_log(house: House) -> None:
    for path, language, heading in (
        ("/desk/search?q=t0p", "en", "We have made a mistake"),
        ("/desk/search?q=t0p", "de", "Uns ist ein Fehler unterlaufen"),
        ("/mistake/t0p", "en", "We have made a mistake"),
    ):
        with capture_logs() as logged:
            answer = await house.ask(path, Accept_Language=language)
        assert answer.is_page(500, heading)
        number = re.findall(r'class="reference">([0-9a-f]{8})<', answer.text)
        (line,) = [each for each in logged if each["event"] == "a request failed"]
        assert number == [line["reference"]]
        assert "a secret" not in answer.text
        assert "t0p" not in str(line)
        assert isinstance(line["exc_info"], ZeroDivisionError)
    bare = await house.ask("/desk/search?q=t0p", X_Part="1")
    assert (bare.status, bare.headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert HEADERS.items() <= bare.headers.items()


async def test_programs_are_told_as_problems(house: House) -> None:
    with capture_logs() as logged:
        detail = (await house.ask("/api/v1/openapi.json")).is_problem(500, "broken")
    assert next(each["reference"] for each in logged if "reference" in each) in detail
    (await house.ask("/api/v1/unknown")).is_problem(404, "not-found")
    (await house.ask("/api/unknown")).is_problem(404, "not-found")
    assert LONG not in (await house.ask(f"/api/v1/{LONG}")).is_problem(400, "bad-request")


async def test_an_address_that_is_too_long_is_answered_in_both_languages(house: House) -> None:
    answer = await house.ask(f"/desk/search?q={LONG}")
    assert answer.is_page(400, "This address cannot be read")
    assert "Diese Adresse ist nicht lesbar" in answer.text
    assert "bytearray" not in answer.text
    assert "xxxx" not in answer.text
