"""The office's pages about people: what they change, what they show once, what leaves as a file."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from hub.auth.audit import record
from hub.auth.sessions import start_session
from hub.auth.tokens import find_token
from hub.desk.replying import Draft, reply
from hub.model.people import Agent, Role, Team
from hub.notifying.posting import NotSent, Post
from inbox_ui.mounting import set_up
from inbox_ui.visitor import SESSION_COOKIE
from tests.hubs import Office
from tests.inbox_ui.conftest import Site

OFFICE = "/desk/office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters(Post):
    """A mail server that keeps what it is given, or refuses it."""

    sent: list[tuple[EmailMessage, str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    async def send(self, mail: EmailMessage, to: str) -> None:
        if to in self.refused:
            raise NotSent("The server is away.")
        self.sent.append((mail, to))


class Visit:
    """One agent's browser without scripts."""

    def __init__(self, client: TestClient[web.Request, web.Application], cookie: str) -> None:
        self.client, self.headers = client, {"Cookie": cookie, "Accept-Language": "en"}

    async def get(self, path: str) -> str:
        async with self.client.get(OFFICE + path, headers=self.headers) as answer:
            assert answer.status == 200, path
            return await answer.text()

    async def post(self, path: str, page: str, **form: Any) -> tuple[int, str]:
        """Send a form of `page`. Returns the status and the text, after a redirect of where it led."""
        token = re.search(r'name="csrf" value="([^"]+)"', await self.get(page))
        assert token is not None
        data = {"csrf": token[1], **form}
        async with self.client.post(OFFICE + path, data=data, headers=self.headers) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def visit(site: Site) -> AsyncIterator[Visit]:
    """Ana's, who is an admin."""
    app = web.Application()
    set_up(app, site.pages)
    session = await start_session(site.auth, site.ana, "password", address="192.0.2.1", browser="Firefox/140")
    async with TestClient(TestServer(app)) as client:
        yield Visit(client, f"{SESSION_COOKIE}={session.token}")


async def test_a_profile_is_kept_and_its_signature_leaves_with_answers(
    visit: Visit, site: Site, office: Office
) -> None:
    given = {
        "name": "Ana Sousa",
        "signature": "**Ana**\nOffice, Lisbon",
        "language": "",
        "zone": "Europe/Lisbon",
    }
    status, text = await visit.post("/profile", "/profile", **given, theme="dark")
    assert (status, "Saved" in text) == (200, True)
    found = await site.auth.store.people.find_agent(site.ana.id)
    assert found is not None
    assert (found.name, found.signature, found.zone) == (
        "Ana Sousa",
        "**Ana**\nOffice, Lisbon",
        "Europe/Lisbon",
    )
    assert 'data-theme="dark"' in text
    status, text = await visit.post("/profile", "/profile", **{**given, "name": " ", "zone": "Mars/Olympus"})
    assert (status, "A name is needed" in text) == (422, True)
    office.platform.write(office.world.person("tomas"), "Is anybody there?")
    sent = await reply(office.hub.desk, found, (await office.conversation()).id, Draft(text="Yes."))
    assert sent.delivery is not None
    assert sent.delivery.signature == found.signature


async def test_a_token_is_shown_once_and_revoked(visit: Visit, site: Site) -> None:
    form = {"title": "Reports", "scope": "read", "lasts": "30"}
    status, text = await visit.post("/tokens", "/tokens", **form)
    shown = re.search(r"hub_[\w-]{20,}", text)
    assert status == 200
    assert shown is not None
    found = await find_token(site.auth, shown[0])
    assert found is not None
    assert found[0].scopes == ("read",)
    listed = await visit.get("/tokens")
    assert "Reports" in listed
    assert shown[0] not in listed
    await visit.post(f"/tokens/{found[0].id}", "/tokens", _method="delete")
    assert await find_token(site.auth, shown[0]) is None
    status, text = await visit.post("/tokens", "/tokens", **{**form, "title": ""})
    assert (status, "what is it for?" in text) == (422, True)


async def test_an_invitation_is_mailed_and_shown_all_the_same(visit: Visit, site: Site) -> None:
    post = Letters(host="mail.hub.example", port=587, sender="hubbub@hub.example")
    object.__setattr__(site.pages, "post", post)
    _, shown = await visit.post("/agents", "/agents", name="Cleo", email="cleo@hub.example", role="agent")
    (link,) = re.findall(r'id="link" data-copy>([^<]+)<', shown)
    assert "It was mailed to cleo@hub.example." in shown
    ((mail, to),) = post.sent
    assert (to, mail["From"], mail["Auto-Submitted"]) == (
        "cleo@hub.example",
        "Hubbub <hubbub@hub.example>",
        "auto-generated",
    )
    assert link in mail.get_content()
    post.refused.add(site.ben.email)
    _, shown = await visit.post("/agents/ben/invitation", "/agents/ben")
    assert "It could not be mailed: The server is away. Give it to them yourself." in shown
    assert 'id="link"' in shown


async def test_an_agent_is_changed_and_what_they_had_is_free_again(
    visit: Visit, site: Site, office: Office
) -> None:
    people = site.auth.store.people
    await people.add_team(Team(id="sales", name="Sales", created_at=site.auth.clock()))
    office.platform.write(office.world.person("tomas"), "Is anybody there?")
    found = await office.conversation()
    assert await site.auth.store.inbox.change_conversation(found, {"agent": "ben"})
    changed = {"name": "Ben", "role": "supervisor", "team": "sales", "restricted": "yes"}
    await visit.post("/agents/ben", "/agents/ben", **changed)
    ben = await people.find_agent("ben")
    assert ben is not None
    assert (ben.role, ben.teams, ben.restricted) == (Role.SUPERVISOR, ("sales",), True)
    assert "Release 1 conversation" in await visit.get("/agents/ben")
    _, text = await visit.post("/agents/ben/disabling", "/agents/ben", release="yes")
    assert "1 conversation is free again" in text
    free = await site.auth.store.inbox.find_conversation(found.id)
    assert free is not None
    assert free.agent is None
    assert "kept out" in await visit.get("/agents")


async def test_the_audit_log_is_filtered_paged_and_exported_without_formulas(
    visit: Visit, site: Site
) -> None:
    store, clock = site.auth.store, site.auth.clock
    evil = Agent(id="eve", name="=HYPERLINK(1)", email="eve@hub.example", created_at=clock())
    for number in range(250):
        await record(
            store, clock, evil, "tag_made", target="t", target_name=f"tag {number}", address="192.0.2.7"
        )
    page = await visit.get("/audit?deed=tag_made")
    assert page.count("Made a tag") > 50
    assert "Signed in" not in page.split("<tbody>")[1]
    earlier = re.search(r'href="(/desk/office/audit\?[^"]*after=[^"]*)"', page)
    assert earlier is not None
    assert "tag 249" not in await visit.get(earlier[1].replace("&amp;", "&").removeprefix(OFFICE))
    rows = list(csv.DictReader(io.StringIO(await visit.get("/audit/export.csv?deed=tag_made"))))
    assert (len(rows), rows[0]["by_name"], rows[0]["address"]) == (250, "'=HYPERLINK(1)", "192.0.2.7")
    entries = json.loads(await visit.get("/audit/export.json?by=eve"))
    assert [each["target_name"] for each in entries[:2]] == ["tag 249", "tag 248"]
    exported = await visit.get("/audit?deed=audit_exported")
    assert exported.split("<tbody>")[1].count("Exported the audit log") == 2
