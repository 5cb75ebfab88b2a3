"""Every address with every role, and every kind of event: nobody reads, changes or hears what is not theirs.

One conversation is the support team's and Ben's. Its words must reach no answer to somebody who may not see
it, whatever the address; and after everything they tried, it is as it was.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from hub.api.mounting import PREFIX
from hub.api.table import ROUTES
from hub.auth.access import may_hear
from hub.auth.csrf import csrf_token
from hub.auth.sessions import start_session
from hub.auth.tokens import INCLUDED, create_token
from hub.desk.searching import search
from hub.model.events import Event
from hub.model.inbox import Conversation, Note
from hub.model.people import Agent, Role, Team
from hub.model.sign_ins import Scope, Session
from hub.realtime import publish
from hub.site import web_app
from inbox_ui.office.frame import OFFICE, Place
from inbox_ui.visitor import SESSION_COOKIE
from tests.hubs import Office, until
from tests.journeys.walking import (
    OF_A_CONVERSATION,
    OF_ALL,
    OF_SOME,
    Door,
    door_of,
    kinds_of_events,
    routes_of,
)

NAME = "Tom\\u00e1s"  # as JSON has it
SECRET = "the vault opens at eleven"
REFUSED = {403, 404, 405, 409, 410, 413, 415, 422}  # a form that is wrong in itself is refused for that
Client = TestClient[web.Request, web.Application]


@dataclass(frozen=True, slots=True)
class Visitor:
    agent: Agent | None = None
    session: Session | None = None
    tokens: Mapping[Scope, str] = field(default_factory=dict)
    sees: bool = False  # the conversation

    @property
    def name(self) -> str:
        return self.agent.id if self.agent else "nobody"


@dataclass(slots=True)
class House:
    """The whole web server, with everybody at its door."""

    office: Office
    client: Client
    routes: list[tuple[str, str]]
    places: tuple[Place, ...]
    secret: Conversation
    blanks: Mapping[str, str]
    people: Mapping[str, Visitor]
    wrong: list[str] = field(default_factory=list)

    async def ask(
        self, method: str, canonical: str, who: Visitor, *, token: str | None = None, **more: Any
    ) -> int:
        """The status; what leaks or breaks is written down."""
        path = re.sub(r"\{(\w+)\}", lambda blank: self.blanks.get(blank[1], "nothing"), canonical)
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        elif who.session is not None:
            headers["Cookie"] = f"{SESSION_COOKIE}={who.session.token}"
        query = {"q": "vault"} if "search" in canonical else {}
        async with self.client.request(
            method, path, headers=headers, params=query, allow_redirects=False, **more
        ) as answer:
            text = await _text(answer)
            if answer.status >= 500 and answer.status != 502:  # another server, such as a provider
                self.wrong.append(f"{who.name}: {method} {canonical} breaks ({answer.status})")
            if not who.sees and SECRET in text:
                self.wrong.append(f"{who.name}: {method} {canonical} tells the secret")
            return answer.status

    def expect(self, right: bool, who: Visitor, method: str, canonical: str, status: int) -> None:
        if not right:
            self.wrong.append(f"{who.name}: {method} {canonical} answers {status}")


async def _text(answer: ClientResponse) -> str:
    if answer.content_type == "text/event-stream":  # never ends: its beginning will do
        return (await answer.content.readany()).decode()
    return (await answer.read()).decode("utf-8", "replace")


@pytest.fixture
async def house(office: Office) -> AsyncIterator[House]:
    hub = office.hub
    await hub.store.people.add_team(Team(id="support", name="Support", created_at=hub.clock()))
    person = office.world.person("tomas", name="Tomás")
    office.platform.write(person, f"Be quiet about it: {SECRET}.")
    found = await office.conversation()
    assert await hub.store.inbox.change_conversation(found, {"team": "support", "agent": "ben"})
    note = Note(
        id="n" * 24, conversation=found.id, at=hub.clock(), author="ben", author_name="Ben", text=SECRET
    )
    await hub.store.inbox.add_entries([note])
    people = {each.name: each for each in [await _visitor(office, *each) for each in STAFF]}
    entry = (await office.messages(found.id, 1))[0].id
    await _found_by_search(office, people["ana"])
    app = web_app(hub, None, office.running.follower)
    async with TestClient(TestServer(app)) as client:
        blanks = {
            "conversation": found.id, "entry": entry, "delivery": entry, "view": "open", "number": "0",
            "channel": office.channel.id, "agent": "nothing", "kind": "csv", "name": "a.txt",
        }  # fmt: skip
        desk = next(each for each in app._subapps if OFFICE in each)
        kept = await hub.store.inbox.find_conversation(found.id)
        assert kept is not None
        yield House(office, client, routes_of(app), desk[OFFICE], kept, blanks, people)


STAFF: tuple[tuple[str, Role | None, bool, tuple[str, ...], bool], ...] = (
    # id, role, restricted, teams, sees the conversation
    ("nobody", None, False, (), False),
    ("gone", Role.ADMIN, False, (), False),  # disabled after signing in
    ("own", Role.AGENT, True, (), False),
    ("other", Role.AGENT, True, ("sales",), False),
    ("member", Role.AGENT, True, ("support",), True),
    ("agent", Role.AGENT, False, (), True),
    ("supervisor", Role.SUPERVISOR, False, (), True),
    ("ana", Role.ADMIN, False, (), True),
)


async def _visitor(
    office: Office, id: str, role: Role | None, restricted: bool, teams: tuple[str, ...], sees: bool
) -> Visitor:
    hub = office.hub
    if role is None:
        return Visitor()
    agent = office.ana
    if id != "ana":
        email = f"{id}@hub.example"
        agent = Agent(
            id=id, name=id.title(), email=email, role=role, restricted=restricted, teams=teams,
            created_at=hub.clock(),
        )  # fmt: skip
        await hub.store.people.add_agent(agent)
    session = await start_session(hub.auth, agent, "password", address="192.0.2.1", browser="Firefox")
    tokens = {
        scope: (await create_token(hub.auth, agent, "Test", frozenset({scope}), lasts=None))[1]
        for scope in Scope
        if scope is not Scope.ADMIN or role is Role.ADMIN
    }
    if id == "gone":
        await hub.store.people.set_agent_disabled(id, True)
    return Visitor(agent, session, tokens, sees)


async def _found_by_search(office: Office, admin: Visitor) -> None:
    async def look() -> object:
        assert admin.agent is not None
        return (await search(office.hub.desk, admin.agent, "vault")).rows or None

    await until(look, "the words to be found")


def test_every_kind_of_event_is_known_here() -> None:
    assert set(kinds_of_events()) <= OF_A_CONVERSATION | OF_ALL | OF_SOME


@pytest.mark.timeout(120)
async def test_everybody_gets_what_is_theirs_at_every_address_and_nothing_else(house: House) -> None:
    unknown = [canonical for _, canonical in house.routes if door_of(canonical) is None]
    assert unknown == [], "say in tests/journeys/walking.py who may go there"
    before = await _state(house)
    for method, canonical in house.routes:
        match door_of(canonical):
            case Door.API:
                await _walk_api(house, method, canonical)
            case Door.OPEN | Door.BY_SECRET:
                for name in ("nobody", "gone"):
                    await house.ask(method, canonical, house.people[name], data={})
            case door:
                assert door is not None
                await _walk_desk(house, method, canonical, door)
    assert house.wrong == []
    assert await _state(house) == before


async def _walk_desk(house: House, method: str, canonical: str, door: Door) -> None:
    for who in house.people.values():
        signed_in = who.session is not None and who.name != "gone"
        if method == "GET":
            status = await house.ask(method, canonical, who)
        elif signed_in and _may(house, who, canonical, door):
            continue  # they may, and it would change what the others are tried on
        else:
            form = {**_form(who), "id": house.secret.id, "deed": "resolve", "all": "yes"}
            status = await house.ask(method, canonical, who, data=form)
        if not signed_in:
            house.expect(status in (303, 401), who, method, canonical, status)
        elif door is Door.TALK and not who.sees:
            house.expect(status in REFUSED, who, method, canonical, status)
        elif door is Door.OFFICE and not _may_open(house, who, canonical):
            house.expect(status == 403, who, method, canonical, status)
        elif method == "GET":
            house.expect(status in (200, 303, 404, 422, 501), who, method, canonical, status)


def _may(house: House, who: Visitor, canonical: str, door: Door) -> bool:
    return _may_open(house, who, canonical) if door is Door.OFFICE else who.sees


def _may_open(house: House, who: Visitor, canonical: str) -> bool:
    key = canonical.removeprefix("/desk/office").strip("/").split("/")[0]
    place = next((each for each in house.places if each.key == key), None)
    assert who.agent is not None
    return place is None or who.agent.role in place.roles


def _form(who: Visitor) -> dict[str, str]:
    """Right enough that being refused is about who asks."""
    token = csrf_token(who.session) if who.session else ""
    return {
        "csrf": token, "text": "Hello", "name": "vip", "agent": "own", "team": "support", "priority": "high",
        "until": "2099-01-01T09:00:00+00:00", "key": "k", "field": "order", "value": "1",
    }  # fmt: skip


async def _walk_api(house: House, method: str, canonical: str) -> None:
    route = next(each for each in ROUTES if (each.method, PREFIX + each.path) == (method, canonical))
    body: dict[str, Any] = {"json": {}} if route.has_body else {}
    status = await house.ask(method, canonical, house.people["nobody"], **body)
    house.expect(status == 401, house.people["nobody"], method, canonical, status)
    for who in house.people.values():
        for scope, token in who.tokens.items():
            enough = route.scope in INCLUDED[scope]
            if enough and who.sees and route.writes:
                continue
            status = await house.ask(method, canonical, who, token=token, **body)
            if who.name == "gone":
                house.expect(status == 401, who, method, canonical, status)
            elif not enough:
                house.expect(status == 403, who, method, canonical, status)
            elif "{conversation}" in canonical and not who.sees:
                house.expect(status in REFUSED, who, method, canonical, status)


async def _state(house: House) -> tuple[object, ...]:
    """All of the conversation, and who may do what."""
    store, ana = house.office.hub.store, house.office.ana
    entries = await store.inbox.timeline(house.secret.id)
    agents = {(each.id, each.role, each.disabled) for each in await store.people.list_agents()}
    channels = [(each.id, each.paused) for each in await store.channels.list_channels()]
    assert ana.id in {each[0] for each in agents}
    return await store.inbox.find_conversation(house.secret.id), entries, agents, channels


async def test_no_form_is_taken_from_elsewhere(house: House) -> None:
    """Without the token of the session, and with it from the page of another site."""
    ana = house.people["ana"]
    before = await _state(house)
    for method, canonical in house.routes:
        if method != "POST" or not canonical.startswith("/desk/") or "unsubscribe" in canonical:
            continue
        status = await house.ask(method, canonical, ana, data={**_form(ana), "csrf": ""})
        house.expect(status == 403, ana, method, canonical, status)
        foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        status = await house.ask(method, canonical, ana, data=_form(ana), headers=foreign)
        house.expect(status == 403, ana, method, canonical, status)
        another = {**_form(house.people["supervisor"])}
        status = await house.ask(method, canonical, ana, data=another)
        house.expect(status == 403, ana, method, canonical, status)
    assert house.wrong == []
    assert await _state(house) == before


async def test_live_pages_hear_every_kind_of_event_if_it_is_for_them_and_counts_are_theirs(
    house: House,
) -> None:
    now = house.office.hub.clock()
    events = [
        Event(id=f"{number:024x}", kind=kind, at=now, conversation=house.secret.id, by="ana")
        for number, kind in enumerate(sorted(OF_A_CONVERSATION), start=1)
    ]
    nowhere = [
        Event(id=f"{number:024x}", kind=kind, at=now)
        for number, kind in enumerate(sorted(OF_ALL | OF_SOME), start=100)
    ]
    for who in house.people.values():
        if who.agent is None or who.name == "gone":
            continue
        for event in events:
            assert may_hear(who.agent, event, house.secret) is who.sees, (who.name, event.kind)
        for event in nowhere:
            heard = event.kind in OF_ALL or who.agent.role is Role.ADMIN
            assert may_hear(who.agent, event, None) is heard, (who.name, event.kind)
    for name, hears in (("own", False), ("other", False), ("member", True), ("ana", True)):
        said = await _listen(house, house.people[name], events)
        assert (house.secret.id in said, NAME in said) == (hears, hears), name
        assert ('"open": "1"' in said, '"open": ""' in said) == (hears, not hears), name


async def _listen(house: House, who: Visitor, events: list[Event]) -> str:
    """What a page that has the conversation open is told, until the last event has come by."""
    assert who.session is not None
    headers = {"Cookie": f"{SESSION_COOKIE}={who.session.token}"}
    query = {"view": "open", "conversation": house.secret.id}
    said = ""
    async with house.client.get("/desk/live", headers=headers, params=query) as answer:
        while "event: hello" not in said:
            said += (await answer.content.readany()).decode()
        mine = [Event(id=f"{each.id[:-4]}{who.name[:2].encode().hex()}", **_fields(each)) for each in events]
        await publish(house.office.hub.store, mine)
        while mine[-1].id not in said or '"counts"' not in said:
            said += (await answer.content.readany()).decode()
    return said


def _fields(event: Event) -> dict[str, Any]:
    return {"kind": event.kind, "at": event.at, "conversation": event.conversation, "by": event.by}
