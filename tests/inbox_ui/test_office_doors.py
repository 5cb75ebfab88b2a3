"""Who may enter which page of the office: every address of it, tried by everybody. Without a browser."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from hub.auth.signing_in import set_password
from hub.desk.editing_replies import keep_reply
from hub.desk.fields import save_field
from hub.desk.teams import add_team
from hub.model.fields import FieldOn
from hub.model.people import Agent, Role
from inbox_ui.office import MODULES
from tests.inbox_ui.conftest import PASSWORD, Site

EVERYBODY = {Role.ADMIN, Role.SUPERVISOR, Role.AGENT}
LEADS = {Role.ADMIN, Role.SUPERVISOR}
# What is not here is for everybody.
CLOSED = {
    "tags": LEADS,
    "outbox": LEADS,
    "channels": {Role.ADMIN},
    "teams": {Role.ADMIN},
    "fields": {Role.ADMIN},
    "events": {Role.ADMIN},
    "rules": {Role.ADMIN},
    "segments": {Role.ADMIN},
    "hours": {Role.ADMIN},
    "workload": {Role.ADMIN},
    "contentment": {Role.ADMIN},
    "service-levels": {Role.ADMIN},
    "agents": {Role.ADMIN},
    "audit": {Role.ADMIN},
    "single-sign-on": {Role.ADMIN},
    "webhooks": {Role.ADMIN},
    "privacy": {Role.ADMIN},
    "imports": {Role.ADMIN},
}
Enter = Callable[[Role], Awaitable[aiohttp.ClientSession]]


@pytest.fixture
async def enter(site: Site) -> AsyncIterator[Enter]:
    """Signs in one agent of a role, as a browser would."""
    sessions: list[aiohttp.ClientSession] = []

    async def entered(role: Role) -> aiohttp.ClientSession:
        agent = Agent(
            id=f"one-{role}", name=f"One {role}", email=f"{role}@hub.example", role=role,
            created_at=site.pages.desk.clock(),
        )  # fmt: skip
        await site.office.hub.store.people.add_agent(agent)
        await set_password(site.auth, agent, PASSWORD)
        session = aiohttp.ClientSession(site.url, cookie_jar=aiohttp.CookieJar(unsafe=True))
        sessions.append(session)
        form = {"email": agent.email, "password": PASSWORD}
        async with session.post("/desk/session", data=form, allow_redirects=False) as answer:
            assert answer.status == 303
        return session

    yield entered
    for session in sessions:
        await session.close()


@pytest.mark.parametrize("role", list(Role))
async def test_nobody_enters_a_page_that_is_not_for_their_role(enter: Enter, site: Site, role: Role) -> None:
    blanks = await furnished(site)
    session = await enter(role)
    token = await form_token(session)
    wrong = []
    for key, method, path in addresses():
        address = re.sub(r"{(\w+)}", lambda found: blanks.get(found[1], "nothing"), f"/desk{path}")
        allowed = role in CLOSED.get(key, EVERYBODY)
        if method == "POST" and allowed:
            continue  # deeds have tests of their own
        form = {"csrf": token} if method == "POST" else None
        async with session.request(method, address, data=form, allow_redirects=False) as answer:
            text = (await answer.read()).decode("utf-8", "replace")
        fine = answer.status in (200, 303, 404) if allowed else answer.status == 403
        leaks = not allowed and any(each in text for each in ("Secret team", "Secret field", "Shop"))
        if not fine or leaks:
            wrong.append(f"{role} {method} {address}: {answer.status}{' leaks' if leaks else ''}")
    assert wrong == []


async def test_the_navigation_shows_what_may_be_entered_and_a_forged_form_changes_nothing(
    enter: Enter, site: Site
) -> None:
    session = await enter(Role.AGENT)
    async with session.get("/desk/office") as answer:
        assert answer.status == 200
        shown = set(re.findall(r'href="/desk/office/([\w-]+)"', await answer.text()))
    assert shown == {module.PLACE.key for module in MODULES} - set(CLOSED)
    form = {"csrf": "forged", "title": "Mine", "text": "Hello"}
    async with session.post("/desk/office/saved-replies", data=form) as answer:
        assert answer.status == 403
    assert await site.office.hub.store.drafts.list_replies("one-agent", ()) == []


async def test_an_agent_keeps_replies_of_their_own_and_touches_no_others(enter: Enter, site: Site) -> None:
    blanks = await furnished(site)
    session = await enter(Role.AGENT)
    token = await form_token(session)
    address = "/desk/office/saved-replies"
    mine = {"csrf": token, "title": "Thanks", "text": "Thank you, {{ customer.name }}.", "shortcut": "ty"}
    async with session.post(address, data=mine) as answer:
        assert answer.status == 200
        assert "Thanks" in await answer.text()
    drafts = site.office.hub.store.drafts
    kept = await drafts.list_replies("one-agent", ())
    assert [(each.title, each.shortcut) for each in kept] == [("Thanks", "ty")]
    with_file = aiohttp.FormData({**mine, "deed": "preview"})
    with_file.add_field("upload", b"Prices", filename="prices.txt", content_type="text/plain")
    async with session.post(f"{address}/{kept[0].id}", data=with_file) as answer:
        found = re.search(r'name="file" value="([^"]+)" checked', await answer.text())  # not lost by looking
    assert found is not None
    for files in ([found[1]], [found[1]], []):
        again = [*mine.items(), *(("file", each) for each in files)]
        async with session.post(f"{address}/{kept[0].id}", data=again) as answer:
            assert answer.status == 200
            assert ("1 file" in await answer.text()) == bool(files)
        kept = await drafts.list_replies("one-agent", ())
        assert [each.stored for each in kept[0].attachments] == files
    async with session.post(address, data={**mine, "whose": "shared"}) as answer:
        assert answer.status == 403
    async with session.post(f"{address}/{blanks['reply']}", data={**mine, "title": "Stolen"}) as answer:
        assert answer.status == 404  # another's own: as if it were not there
    async with session.post(f"{address}/{kept[0].id}", data={**mine, "text": "{% for x in y %}"}) as answer:
        assert answer.status == 422
        assert "placeholders" in await answer.text()


def addresses() -> list[tuple[str, str, str]]:
    """Key of the page, method and path of all routes of the office."""
    return [
        (module.PLACE.key, route.method, route.path)
        for module in MODULES
        for route in module.ROUTES
        if isinstance(route, web.RouteDef)
    ]


async def furnished(site: Site) -> dict[str, str]:
    """One of everything, so that the addresses lead somewhere."""
    desk, ana = site.pages.desk, site.ana
    team = await add_team(desk, ana, "Secret team")
    await save_field(desk, ana, FieldOn.CONVERSATION, "order", "Secret field")
    reply = await keep_reply(desk, ana, None, "Ana's own", "Secret team")
    return {
        "channel": site.office.channel.id,
        "platform": "email",
        "team": team.id,
        "on": "conversation",
        "key": "order",
        "reply": reply.id,
        "agent": "ben",
    }


async def form_token(session: aiohttp.ClientSession) -> str:
    async with session.get("/desk/office") as answer:
        found = re.search(r'data-form-token="([^"]+)"', await answer.text())
    assert found is not None
    return found[1]
