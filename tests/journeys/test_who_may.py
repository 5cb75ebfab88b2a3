"""Every address with every role, and every kind of event: nobody reads, changes or hears what is not theirs.

One conversation is the support team's and Ben's. Its words must reach no answer to somebody who may not see
it, whatever the address; and after everything they tried, it is as it was.

Long because it walks the desk and the API, each with everybody, and looks at all that could have changed.
"""

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from hub.api.mounting import PREFIX
from hub.api.rates import Limit, Meter
from hub.api.table import ROUTES
from hub.auth.access import may_hear
from hub.auth.csrf import csrf_token
from hub.auth.sessions import start_session
from hub.auth.tokens import INCLUDED, create_token
from hub.desk.searching import search
from hub.desk.tags import list_tags
from hub.desk.views import SAVED
from hub.model.events import Event
from hub.model.inbox import Conversation, Note
from hub.model.people import Agent, Role, Team
from hub.model.sign_ins import Scope, Session
from hub.realtime import publish
from hub.site import web_app
from inbox_ui.office.frame import OFFICE, Place
from inbox_ui.visitor import SESSION_COOKIE
from tests.hubs import Office, until
from tests.journeys.asking import body_of
from tests.journeys.belongings import (
    FOR_SUPERVISORS,
    OF_ANA,
    OF_THE_CONVERSATION,
    SIGNS_OUT,
    lay_out,
)
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
MANY = 1_000_000
REFUSED = {403, 404, 409}  # 404, 409: what is another's is not even there
IN_BODIES = {"agent": "own", "team": "support", "writer": "ana", "kinds": "note.added", "text": "Hello"}
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
        path = re.sub(r"\{(\w+)\}", lambda blank: self.blank(canonical, blank[1]), canonical)
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

    @property
    def names(self) -> Mapping[str, str]:
        """What a body can name, by the field."""
        return {"conversations": self.secret.id, "customer": "other", "channel": self.blanks["channel"]}

    def blank(self, canonical: str, name: str) -> str:
        """The thing itself, if there is one: what is not there is nobody's."""
        if name == "view" and "/views/" in canonical:
            return f"{SAVED}{self.blanks['saved']}" if canonical.startswith(PREFIX) else self.blanks["saved"]
        return self.blanks.get(name, "nothing")

    def expect(self, right: bool, who: Visitor, method: str, canonical: str, status: int) -> None:
        if not right:
            self.wrong.append(f"{who.name}: {method} {canonical} answers {status}")


async def _text(answer: ClientResponse) -> str:
    if answer.content_type == "text/event-stream":  # never ends: its beginning will do
        return (await answer.content.readany()).decode()
    return (await answer.read()).decode("utf-8", "replace")


@pytest.fixture
async def house(office: Office, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    hub = office.hub
    # The walk asks more of each token within a minute than anybody may: rates have tests of their own.
    monkeypatch.setattr(Meter.__init__, "__defaults__", (Limit("all", MANY, 60), Limit("writes", MANY, 60)))
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
    session = people["ana"].session
    assert session is not None
    token = (await hub.store.sign_ins.list_tokens("ana"))[0].id
    blanks = {**await lay_out(office, found, SECRET), "session": session.id, "token": token}
    await _found_by_search(office, people["ana"])
    many = [
        Limit(name, 100_000, 60) for name in ("all", "writes")
    ]  # a walk knocks more often than programs may
    monkeypatch.setattr("hub.api.mounting.Meter", lambda clock: Meter(clock, *many))
    app = web_app(hub, None, office.running.follower)
    async with TestClient(TestServer(app)) as client:
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


@pytest.mark.timeout(240)
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
    assert not house.wrong, "\n".join(house.wrong)
    assert _changed(before, await _state(house)) == []


async def _walk_desk(house: House, method: str, canonical: str, door: Door) -> None:
    for who in house.people.values():
        signed_in = who.session is not None and who.name != "gone"
        theirs = signed_in and _theirs(house, who, method, canonical, door)
        if method == "GET":
            answers = [await house.ask(method, canonical, who)]
        elif theirs and who.sees:
            continue  # they may, and it would change what the others are tried on
        else:
            form = {**_form(who), "id": house.secret.id, "deed": "resolve", "all": "yes"}
            deletes = {**form, "_method": "delete"}
            answers = [await house.ask(method, canonical, who, data=each) for each in (form, deletes)]
        for status in answers:
            if not signed_in:
                house.expect(status in (303, 401), who, method, canonical, status)
            elif door is Door.OFFICE and not _may_open(house, who, canonical):
                house.expect(status == 403, who, method, canonical, status)
            elif not theirs:
                house.expect(status in _refusals(method, canonical), who, method, canonical, status)
            elif method == "GET":
                house.expect(status in (200, 303, 404, 409, 422, 501), who, method, canonical, status)


def _refusals(method: str, canonical: str) -> set[int]:
    """Beside the usual: 405 for what can only be removed; and what does nothing to another's."""
    if "{reply}" in canonical:
        return REFUSED | {405, 422}
    if "{session}" in canonical or (method, canonical.endswith("/presence")) == ("POST", True):
        return REFUSED | {204, 303}  # only one's own is looked for
    return REFUSED | {405}


def _theirs(house: House, who: Visitor, method: str, canonical: str, door: Door) -> bool:
    """Whether what an address of the desk names may be seen by them; and done, if it is a form."""
    assert who.agent is not None
    named = _blanks(canonical)
    if door is Door.OFFICE and not _may_open(house, who, canonical):
        return False
    if (method, canonical) in FOR_SUPERVISORS and who.agent.role is Role.AGENT:
        return False
    if named & OF_ANA:
        return who.name == "ana"
    if door is Door.TALK or (method == "POST" and named & OF_THE_CONVERSATION):
        return who.sees
    return True


def _blanks(canonical: str) -> set[str]:
    named = set(re.findall(r"\{(\w+)\}", canonical))
    return named if "/views/" in canonical else named - {"view"}


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
        "to": "eva",
        "writer": "ana", "verdict": "same", "title": "Mine", "salutation": "Dr",
        "customer": "other", "kind": "reply",
    }  # fmt: skip


async def _walk_api(house: House, method: str, canonical: str) -> None:
    route = next(each for each in ROUTES if (each.method, PREFIX + each.path) == (method, canonical))
    body: dict[str, Any] = (
        {"json": body_of(route.asks, {**IN_BODIES, **house.names})} if route.has_body else {}
    )
    if route.takes_bytes:
        body = {"data": b"a"}
    status = await house.ask(method, canonical, house.people["nobody"], **body)
    house.expect(status == 401, house.people["nobody"], method, canonical, status)
    for who in house.people.values():
        for scope, token in who.tokens.items():
            enough = route.scope in INCLUDED[scope]
            theirs = _may_call(who, method, canonical)
            if enough and (scope is not route.scope or (theirs and who.sees and route.writes)):
                continue
            if enough and (method, canonical) == SIGNS_OUT and who.name != "gone":
                continue
            status = await house.ask(method, canonical, who, token=token, **body)
            if who.name == "gone":
                house.expect(status == 401, who, method, canonical, status)
            elif not enough:
                house.expect(status == 403, who, method, canonical, status)
            elif _blanks(canonical) & OF_ANA and not theirs:
                house.expect(status in REFUSED, who, method, canonical, status)
            elif not theirs:
                house.expect(status == 403, who, method, canonical, status)
            else:
                house.expect(status not in (401, 403), who, method, canonical, status)


def _may_call(who: Visitor, method: str, canonical: str) -> bool:
    assert who.agent is not None
    if (method, canonical) in FOR_SUPERVISORS and who.agent.role is Role.AGENT:
        return False
    if "{webhook}" not in canonical and _blanks(canonical) & OF_ANA:
        return who.name == "ana"
    return who.sees or "{webhook}" in canonical or not _blanks(canonical) & OF_THE_CONVERSATION


def test_bodies_are_right_so_that_it_is_access_that_refuses() -> None:
    for route in ROUTES:
        if route.has_body:
            route.asks.model_validate_json(json.dumps(body_of(route.asks, IN_BODIES)))


async def _state(house: House) -> tuple[object, ...]:
    """All of the conversation, and who may do what."""
    store, ana = house.office.hub.store, house.office.ana
    entries = await store.inbox.timeline(house.secret.id)
    agents = {(each.id, each.role, each.disabled) for each in await store.people.list_agents()}
    channels = [(each.id, each.paused) for each in await store.channels.list_channels()]
    assert ana.id in {each[0] for each in agents}
    return (
        await store.inbox.find_conversation(house.secret.id),
        entries,
        agents,
        channels,
        await _others(house),
    )


async def _others(house: House) -> dict[str, object]:
    """What belongs to the conversation or to ana."""
    store, ana, blanks = house.office.hub.store, house.office.ana, house.blanks
    replies = await store.drafts.list_replies(ana.id, ())
    return {
        "customers": await store.people.find_customers([blanks["customer"], "half", "other"]),
        "identity": await store.people.find_identities([blanks["identity"]]),
        "suggestion": await store.likenesses.find_suggestions(["alike"]),
        "offer": await store.joins.find_offer("matter"),
        "decision": await store.rules.find_decision("decided"),
        "view": await store.drafts.find_view(blanks["saved"]),
        "reply": [each for each in replies if each.id == blanks["reply"]],
        "undo": await store.drafts.undoable([blanks["undo"]], ana.id),
        "sessions": {each.id for each in await store.sign_ins.list_sessions(ana.id)},
        "tokens": {each.id for each in await store.sign_ins.list_tokens(ana.id)},
        "tags": {each.name for each in await list_tags(house.office.hub.desk, ana)},
    }


def _changed(before: tuple[object, ...], after: tuple[object, ...]) -> list[str]:
    found = [
        f"part {at}"
        for at, pair in enumerate(zip(before[:-1], after[:-1], strict=True))
        if pair[0] != pair[1]
    ]
    was, now = before[-1], after[-1]
    assert isinstance(was, dict)
    assert isinstance(now, dict)
    return found + [f"{name}: {was[name]} is {now[name]}" for name in was if was[name] != now[name]]


async def test_nothing_is_reached_by_what_a_body_names(house: House) -> None:
    """The address is their own, or nobody's: what it is done to is not."""
    office, store = house.office, house.office.hub.store
    office.platform.write(office.world.person("eva"), "Mine.")
    theirs = next(each for each in [await office.conversation(2), *await office.conversations()]
                  if each.id != house.secret.id)  # fmt: skip
    assert await store.inbox.change_conversation(theirs, {"agent": "own", "team": "sales"})
    before = await _state(house)
    secret, customer = house.secret.id, house.secret.customer
    tries: list[tuple[str, Any, bool]] = [
        (f"/conversations/{theirs.id}/merges", {"conversations": [secret]}, True),
        (f"/customers/{theirs.customer}/merges", {"customer": customer}, True),
        ("/bulk", {"deed": "merge", "conversations": [theirs.id, secret]}, True),
        ("/bulk", {"deed": "resolve", "conversations": [secret]}, False),  # 200: told that it failed
        ("/bulk", {"deed": "delete", "conversations": [theirs.id]}, False),
        ("/undo", {"token": house.blanks["undo"]}, True),
        ("/views", {"title": "All", "filter": {}, "shared": True}, True),
        ("/saved-replies", {"title": "All", "text": "Hello", "shared": True}, True),
    ]
    for name in ("own", "other"):
        who = house.people[name]
        for path, body, refused in tries:
            token = who.tokens[Scope.WRITE]
            status = await house.ask("POST", PREFIX + path, who, token=token, json=body)
            house.expect((status in REFUSED) is refused, who, "POST", path, status)
    assert not house.wrong, "\n".join(house.wrong)
    assert _changed(before, await _state(house)) == []
    assert await store.inbox.find_conversation(theirs.id) is not None


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
    assert _changed(before, await _state(house)) == []


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
