"""Every page and everything that opens: axe finds nothing in either theme, and a phone is wide enough."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import expect

from connectors.simulator.config import SimulatorConfig
from hub.app import build_marks
from hub.auth.links import invite
from hub.auth.sessions import start_session
from hub.contract.capabilities import Surface
from hub.csat.links import token_for
from hub.desk.deeds import note, tag
from hub.desk.fields import save_field
from hub.desk.happenings import save_type
from hub.desk.imports import bring_file
from hub.desk.rules import Drawn, add_rule
from hub.desk.saved_replies import save_reply
from hub.desk.saved_views import save_view
from hub.desk.searching import search
from hub.desk.segments import put_segment
from hub.desk.staffing import save_hours, save_level
from hub.desk.teams import add_team
from hub.hooks.endpoints import Wanted, add_hook
from hub.hooks.log import try_out
from hub.model.customers import EventField
from hub.model.desk import Filter
from hub.model.fields import FieldKind, FieldOn
from hub.model.hours import Shift, WorkingHours
from hub.model.people import Agent
from hub.model.privacy import JobKind, Kept
from hub.model.ratings import Rating
from hub.model.rules import Action, Condition, Decision, Do, Group, Join, Test, Trigger
from hub.model.service import ServiceLevel
from hub.privacy import build_privacy
from hub.privacy.jobs import ask
from hub.privacy.retention import set_rule
from hub.site import web_app
from inbox_ui.visitor import SESSION_COOKIE
from tests.hubs import connect, until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.every_page import ELSEWHERE, NO_PAGES, OPENINGS, PAGES
from tests.inbox_ui.test_a_day import arrive
from tests.inbox_ui.test_office import break_one
from tests.journeys.walking import routes_of

# What is wider than its place: the page itself, or what scrolls sideways though it should only scroll down.
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll("body *")]
    .filter((each) => each.clientWidth && each.scrollWidth > each.clientWidth + 1)
    .filter((each) => each.localName === "html" || /auto|scroll/.test(getComputedStyle(each).overflowX))
    .filter((each) => !each.matches("pre, .scrolls, textarea"))
    .map((each) => `wider than its place: <${each.localName} class="${each.className}">`)"""
MISSING = {f"/desk/inbox/open/{'0' * 24}": 404, "/desk/first-admin/spent": 410}
# Looked at by every rule also in the dark, as wide as a tablet and as a phone.
WHOLLY = ("/desk/inbox/open", "/desk/inbox/open/{conversation}", "/desk/office/channels/{channel}")
# Those that read the whole page of the API in seconds.
QUICK = (
    *("document-title", "html-has-lang", "landmark-one-main", "page-has-heading-one", "heading-order"),
    *("list", "listitem", "definition-list", "dlitem", "link-name", "empty-heading", "duplicate-id-aria"),
    *("empty-table-header", "td-headers-attr", "th-has-data-cells", "tabindex", "bypass", "meta-viewport"),
)
REFUSALS = ["403", "404", "410"]  # what the console says of pages that are about something missing


@dataclass(frozen=True, slots=True)
class House:
    """All that the web server serves, with something on every page of it."""

    site: Site
    app: web.Application
    blanks: Mapping[str, str]

    def url(self, path: str) -> str:
        return self.site.url + re.sub(r"\{(\w+)\}", lambda blank: self.blanks[blank[1]], path)


@pytest.fixture
async def house(site: Site) -> AsyncIterator[House]:
    blanks = await _furnish(site) | await _correspond(site)
    app = web_app(site.office.hub, None, site.office.running.follower)
    async with TestServer(app) as server:
        yield House(replace(site, url=str(server.make_url("")).rstrip("/")), app, blanks)


async def _furnish(site: Site) -> dict[str, str]:
    """What an office has. The blanks that lead there."""
    desk, ana, hooks = site.pages.desk, site.ana, site.office.hub.webhooks
    text = "Dear {{ customer.name }}, thank you."
    await save_field(
        desk, ana, FieldOn.CONVERSATION, "cause", "Cause", kind=FieldKind.CHOICE, choices=["Parcel", "Bill"]
    )
    await save_type(
        desk, ana, "order", "Order", [EventField(key="total", name="Total", kind=FieldKind.NUMBER)]
    )
    refunds = Condition("words", Test.WORD, ("refund",))
    either = Group(Join.ANY, (refunds, Condition("attachment", Test.IS, ("yes",))))
    school = Condition("customer_tag", Test.IS, ("school",))
    drawn = Drawn(
        name="Refunds",
        on=(Trigger.ARRIVED,),
        when=Group(Join.ALL, (refunds, either)),
        then=(Action(Do.PRIORITY, "high"),),
    )
    wanted = Wanted(name="Warehouse", url="http://127.0.0.1:9/", kinds=("message.received",))
    await site.office.hub.store.ratings.add(asked_of(desk.clock()))
    hook, _ = await add_hook(hooks, ana, wanted)
    return {
        **await _staff(site),
        "channel": site.office.channel.id,
        "team": (await add_team(desk, ana, "Orders")).id,
        "rule": (await add_rule(desk, ana, drawn)).id,
        "segment": (await put_segment(desk, ana, "Schools", Group(Join.ALL, (school,)))).id,
        "reply": (await save_reply(desk, ana, "Thanks", text, shortcut="thx")).id,
        "view": (await save_view(desk, ana, "Very important", Filter(tags=("vip",)))).id,
        "hook": hook.id,
        "delivery": (await try_out(hooks, ana, hook.id)).id,
        "rating": token_for(desk, "e" * 24),
        "unsubscribe": build_marks(site.office.hub).unsubscribe_token(ana.id),
        "invitation": await invite(site.auth, ana, site.ben),
    }


def asked_of(at: datetime) -> Rating:
    """A question that a customer has been asked."""
    return Rating(
        id="e" * 24, conversation="none", customer="none", identity="none", channel="none", platform="email",
        place="none", entry="none", language="de", question="Wie zufrieden sind Sie?", asked_at=at,
        until=at + timedelta(days=14), sent=True, state="answered", score=4, comment="Gut.", answered_at=at,
    )  # fmt: skip


async def _staff(site: Site) -> dict[str, str]:
    """When people are at work, and what is promised."""
    desk, ana, at = site.pages.desk, site.ana, site.pages.desk.clock()
    shifts = tuple(Shift(day, 9 * 60, 17 * 60) for day in range(5))
    hours = WorkingHours(
        id="", name="Berlin", zone="Europe/Berlin", shifts=shifts, holidays="DE-BY", created_at=at
    )
    kept = await save_hours(desk, ana, hours)
    level = ServiceLevel(id="", name="Gold", first_response=240, hours=kept.id, created_at=at)
    return {"hours": kept.id, "level": (await save_level(desk, ana, level)).id}


async def _correspond(site: Site) -> dict[str, str]:
    """Two matters of one customer by mail, and one in public; a mention, and an arrival that failed."""
    office, hub = site.office, site.office.hub
    config = SimulatorConfig(world=office.world.name, account="plaza", imitates="social", from_start=True)
    square = office.world.platform("plaza", imitates="social")
    await connect(hub, "simulator", config, name="Plaza")
    square.write(office.world.person("lena", name="Lena"), "@shop praise!", surface=Surface.MENTION)
    tomas = office.world.person("tomás")
    conversation = await arrive(site, "Is the workshop still on? See https://example.org/a?b=c")
    office.platform.write(tomas, "Another matter", subject="Invoice 20417")
    await office.conversation(3)
    public = next(each.id for each in await office.conversations() if each.customer_name == "Lena")
    await tag(hub.desk, site.ana, conversation, "vip")
    await note(hub.desk, site.ben, conversation, "@Ana can you look?")
    await break_one(site)

    async def indexed() -> bool:
        return bool((await search(hub.desk, site.ana, "workshop")).rows)

    await until(indexed)
    found = await site.office.hub.store.inbox.find_conversation(conversation)
    assert found is not None
    decision = Decision(
        id="d1", conversation=conversation, at=hub.clock(), event="arrived", because="It is their turn."
    )
    await hub.store.rules.add_decisions([decision])
    blanks = {"conversation": conversation, "customer": found.customer, "public": public}
    privacy = build_privacy(hub.desk)
    await set_rule(privacy, site.ana, Kept.SPAM, "", 30)
    job = (await ask(privacy, site.ana, found.customer, JobKind.EXPORT)).id
    rows = "Name,E-mail,Town\nCora,cora@acme.example,Ulm\n"
    blanks["import"] = (await bring_file(hub.desk, site.ana, rows.encode(), "people.csv")).id
    return {**blanks, "decision": decision.id, "job": job, "entry": found.last.entry}


async def come_in(window: Window, house: House, agent: Agent) -> None:
    session = await start_session(house.site.auth, agent, "password", address="127.0.0.1", browser="")
    cookie = {"name": SESSION_COOKIE, "value": session.token, "url": f"{house.site.url}/desk"}
    await window.context.add_cookies([cookie])  # type: ignore[list-item]  # a plain dict will do


async def look(window: Window, wrong: list[str], name: str, within: str | None = None) -> None:
    """All that axe knows, in the light; whether it can be read in the dark, too."""
    await window.page.emulate_media(color_scheme="light")
    found = await window.findings(within)
    await window.page.emulate_media(color_scheme="dark")
    found += await window.findings(within, rules=("color-contrast",))
    wrong += [f"{name}: {each}" for each in found]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", [0, 1], ids=["one half", "the other half"])
async def test_every_page_is_for_everyone_in_both_themes_and_on_a_phone(
    house: House, new_window: NewWindow, part: int
) -> None:
    inside, outside = await _window(new_window, house), await _window(new_window, house)
    await come_in(inside, house, house.site.ana)
    wrong: list[str] = []
    for path in list(dict.fromkeys((*PAGES.values(), "/desk/inbox/open", *MISSING)))[part::2]:
        at_the_door = path in ("/desk/sign-in", "{invitation}", "/desk/first-admin/spent")
        window = outside if at_the_door else inside
        page = window.page
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.emulate_media(color_scheme="dark")
        answer = await page.goto(house.url(path))
        if answer is None or answer.status != MISSING.get(path, 200):
            wrong.append(f"{path} answers {answer and answer.status}")
        wrong += [f"{path}: {each}" for each in await page.evaluate(TOO_WIDE)]
        rules = () if path in WHOLLY else ("target-size", "color-contrast")
        wrong += [f"{path} dark at 390: {each}" for each in await window.findings(rules=rules)]
        if path in WHOLLY:
            await page.set_viewport_size({"width": 1024, "height": 844})
            wrong += [f"{path} dark at 1024: {each}" for each in await window.findings()]
        await page.set_viewport_size({"width": 1440, "height": 900})
        await page.emulate_media(color_scheme="light")
        wrong += [f"{path}: {each}" for each in await window.findings()]
        wrong += [f"{path}: {each}" for each in window.foreign()]
    await inside.page.goto(house.url("/api/v1/docs"))
    wrong += [f"/api/v1/docs: {each}" for each in await inside.findings(rules=QUICK)]
    assert wrong == []
    gets = {address for method, address in routes_of(house.app) if method == "GET"}
    pages = {each for each in gets if not re.match(r"/api/v1/(?!docs|openapi)", each)}
    assert pages - NO_PAGES.keys() == PAGES.keys()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("imitates", ["email"])
async def test_everything_that_opens_is_for_everyone_in_both_themes(
    house: House, new_window: NewWindow
) -> None:
    window = await _window(new_window, house)
    page = window.page
    await come_in(window, house, house.site.ana)
    wrong: list[str] = []
    there: set[str] = set()
    shown = ""
    for where, part, steps in OPENINGS:
        if where != shown:
            await page.goto(house.url(where))
            await window.live()
            shown = where
            ids = "all => all.filter((e) => !e.matches('.reacts')).map((e) => e.id)"
            there |= set(await page.eval_on_selector_all("[popover], dialog", ids))
        for step in steps:
            await (page.keyboard.press(step[4:]) if step.startswith("key ") else page.click(step))
        await expect(page.locator(part)).to_be_visible()
        await look(window, wrong, " ".join((where, *steps)), part)
        for _ in range(3):
            await page.keyboard.press("Escape")
    assert wrong == []
    assert there - {part.removeprefix("#") for _, part, _ in OPENINGS} - ELSEWHERE == set()


async def _window(new_window: NewWindow, house: House) -> Window:
    window = await new_window()
    object.__setattr__(window, "site", house.site)
    window.expected += REFUSALS
    return window
