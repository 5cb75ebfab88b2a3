"""Web chat in a real browser: two visitors on a shop's pages, two agents at the desk, and what goes wrong.

The shop is another origin than the hub, as it is in life.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect
from pydantic import SecretStr

from connectors.webchat.bundle import widget
from connectors.webchat.config import WebchatConfig
from hub.app import Hub
from hub.auth import Auth
from hub.auth.signing_in import enter
from hub.model.channels import Channel
from hub.model.inbox import Message, Status
from hub.model.people import Agent, Role
from hub.work import running
from inbox_ui.visitor import SESSION_COOKIE
from tests.hubs import connect, until
from tests.inbox_ui.conftest import ASK_AXE, AXE, browser

__all__ = ["browser"]
pytestmark = pytest.mark.timeout(150)  # many steps, on a machine that may have much else to do

PAGE = """<!DOCTYPE html><html lang="en"><head><title>{title}</title><link rel="icon" href="data:,"></head>
<body><main><h1>{title}</h1><a href="/{other}">Other page</a></main>{snippet}</body></html>"""


@dataclass(frozen=True, slots=True)
class Scene:
    hub: Hub
    hub_url: str
    shop_url: str
    channel: Channel
    browser: Browser
    said: list[str]

    async def visitor(self, **options: Any) -> Page:
        wanted: dict[str, Any] = {"viewport": {"width": 1000, "height": 760}, "locale": "en-GB", **options}
        return await self._page(await self.browser.new_context(**wanted))

    async def agent(self, agent: Agent) -> Page:
        """Signed in, with the open view before them."""
        context = await self.browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page = await self._page(context)
        auth = Auth(self.hub.store, self.hub.clock, self.hub.registry.sealer)
        name = await page.evaluate("navigator.userAgent")
        session = await enter(auth, agent, None, "password", None, "127.0.0.1", name, None)
        cookie: Any = {"name": SESSION_COOKIE, "value": session.token, "domain": "127.0.0.1", "path": "/desk"}
        cookie |= {"httpOnly": True, "sameSite": "Lax"}
        await context.add_cookies([cookie])
        await page.goto(f"{self.hub_url}/desk/inbox/open")
        await page.wait_for_selector('[data-link-state="live"]', state="attached")
        return page

    async def _page(self, context: BrowserContext) -> Page:
        context.set_default_timeout(15_000)
        page = await context.new_page()
        page.on("console", lambda line: self.said.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda problem: self.said.append(str(problem)))
        return page


@pytest.fixture
async def scene(hub: Hub, browser: Browser) -> AsyncIterator[Scene]:
    shop = web.Application()
    runner = web.AppRunner(shop, access_log=None, shutdown_timeout=0.2)
    snippet = {"html": ""}

    async def page(request: web.Request) -> web.Response:
        name = request.match_info["name"] or "Home"
        other = "lamps" if name == "Home" else ""
        html = PAGE.format(title=name, other=other, snippet=snippet["html"])
        return web.Response(text=html, content_type="text/html")

    shop.router.add_get("/{name:.*}", page)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    shop_url = "http://{}:{}".format(*runner.addresses[0][:2])
    config = WebchatConfig(
        title="Linden Goods",
        origins=(shop_url,),
        secret=SecretStr(secrets.token_urlsafe(32)),
        form=({"key": "name", "required": True},),
        mail_after=0,
    )
    channel = await connect(hub, "webchat", config, "Site")
    said: list[str] = []
    try:
        async with running(hub, web_server=True, worker=True) as at_work:
            assert at_work.url is not None
            connector: Any = hub.registry.reader(channel)
            snippet["html"] = connector.snippet(at_work.url, channel.id)
            yield Scene(hub, at_work.url, shop_url, channel, browser, said)
            for context in browser.contexts:
                await context.close()
    finally:
        await runner.cleanup()
    expected = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "status of 503")
    assert [line for line in said if not any(each in line for each in expected)] == []


async def add_agent(hub: Hub, name: str) -> Agent:
    agent = Agent(
        id=name.lower(),
        name=name,
        email=f"{name.lower()}@hub.example",
        role=Role.ADMIN,
        created_at=hub.clock(),
    )
    await hub.store.people.add_agent(agent)
    return agent


def bubbles(page: Page) -> Locator:
    return page.locator("hubbub-chat .line .bubble")


async def begin(page: Page, name: str, text: str) -> None:
    """By keyboard alone, from the button to the first message."""
    launcher = page.get_by_role("button", name="Open the chat")
    await launcher.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Name")).to_be_focused()
    await page.keyboard.type(name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name="Write a message")).to_be_focused()
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")
    await expect(bubbles(page).last).to_have_text(text)


async def open_talk(page: Page, name: str) -> None:
    await page.click(f"#rows a:has-text('{name}')")
    await page.wait_for_selector("#talk[data-id]")


async def answer(page: Page, text: str) -> None:
    await page.fill("textarea[data-key=reply]", text)
    await page.click("form.reply [data-send]")


async def seen_all(page: Page) -> None:
    """Until the desk knows that what is on the screen was looked at: else it holds the answer back."""
    looks = """() => document.querySelector("form.reply [name=seen]").value ===
        [...document.querySelectorAll("#timeline > .theirs, #timeline > .ours")].at(-1).dataset.id"""

    async def seen() -> bool:
        return bool(await page.evaluate(looks))

    await until(seen, "the desk to know what was seen")


async def test_two_visitors_and_two_agents_talk_at_once(scene: Scene) -> None:
    ana, ben = await add_agent(scene.hub, "Ana"), await add_agent(scene.hub, "Ben")
    maria, tom = await scene.visitor(), await scene.visitor(locale="de-DE", color_scheme="dark")
    for page in (maria, tom):
        await page.goto(f"{scene.shop_url}/")
    assert await maria.context.cookies() == []
    assert await maria.evaluate("localStorage.length + sessionStorage.length") == 0
    await begin(maria, "Maria", "Does it get <b>hot</b>?")
    await begin(tom, "Tom", "Where is my parcel?")
    for_maria, for_tom = await scene.agent(ana), await scene.agent(ben)
    await open_talk(for_maria, "Maria")
    await open_talk(for_tom, "Tom")
    await expect(for_maria.locator("#talk")).to_contain_text("Does it get <b>hot</b>?")
    await expect(maria.locator(".them .foot")).to_contain_text("Read")

    await for_maria.locator("textarea[data-key=reply]").press_sequentially("Warm")
    await expect(maria.locator(".typist")).to_be_visible()
    await maria.keyboard.type("And")
    await expect(for_maria.locator("#presence")).to_contain_text("Maria is writing")
    await answer(for_maria, "Warm, **never** <i>hot</i>.")
    await answer(for_tom, "It is on its way.")
    await expect(bubbles(maria).last).to_have_text("Warm, never <i>hot</i>.")
    await expect(bubbles(maria).last.locator("strong")).to_have_text("never")
    await expect(bubbles(tom).last).to_have_text("It is on its way.")
    await expect(for_tom.locator("#talk .receipt, #talk [data-state]").first).to_be_visible()
    assert await bubbles(maria).count() == 3  # the greeting, the question, the answer
    assert await maria.context.cookies() == []

    for page in (maria, tom):
        await page.evaluate(await axe_script())
        found = await page.evaluate(ASK_AXE, ["hubbub-chat", {"runOnly": AXE, "resultTypes": ["violations"]}])
        assert found == []
    await maria.keyboard.press("Escape")
    await expect(maria.get_by_role("button", name="Open the chat")).to_be_focused()
    await answer(for_maria, "Anything else?")
    await expect(maria.get_by_role("button", name="Open the chat, 1 new message")).to_be_visible()
    await maria.click("text=Other page")
    await expect(maria.get_by_role("button", name="Open the chat, 1 new message")).to_be_visible()


async def test_nothing_is_lost_or_doubled_by_reloads_lost_answers_and_a_lost_network(scene: Scene) -> None:
    ana = await add_agent(scene.hub, "Ana")
    maria = await scene.visitor(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    await maria.goto(f"{scene.shop_url}/")
    await begin(maria, "Maria", "One")
    desk = await scene.agent(ana)
    await open_talk(desk, "Maria")
    await maria.route("**/events", losing_two_answers())
    text = maria.get_by_role("textbox", name="Write a message")
    await text.fill("Two")
    await text.press("Enter")
    await expect(maria.locator(".waits")).to_have_count(0)
    await maria.unroute("**/events")
    await expect(desk.locator("#talk")).to_contain_text("Two")
    await seen_all(desk)

    await maria.context.set_offline(True)
    for words in ("Three", "Four"):
        await text.fill(words)
        await text.press("Enter")
    await expect(maria.locator(".notice")).to_have_text("No connection. We keep trying.")
    await answer(desk, "While you were away.")
    await text.fill("a draft")
    await maria.context.set_offline(False)
    await maria.reload()
    await expect(maria.get_by_role("dialog")).to_be_visible()
    await expect(maria.get_by_role("textbox", name="Write a message")).to_have_value("a draft")
    await expect(maria.locator(".waits")).to_have_count(0)
    said = ["One", "Two", "Three", "Four"]
    await expect(maria.locator(".them .bubble")).to_have_text(said)
    await expect(maria.locator(".us .bubble").last).to_have_text("While you were away.")
    await expect(desk.locator("#talk")).to_contain_text("Four")
    entries = await scene.hub.store.inbox.timeline(await conversation_of(scene))
    texts = [each.content.text for each in entries if isinstance(each, Message) and each.delivery is None]
    assert texts == said


def losing_two_answers() -> Callable[[Any], Awaitable[None]]:
    """The hub takes what was said, and nobody says so."""
    asked = 0

    async def lose(route: Any) -> None:
        nonlocal asked
        asked += 1
        if asked > 2:
            await route.continue_()
        else:
            await route.fetch()
            await route.abort()

    return lose


async def conversation_of(scene: Scene) -> str:
    [found] = await scene.hub.store.inbox.list_conversations(Status.OPEN)
    return found.id


async def axe_script() -> str:
    return str(Axe().axe_script)


def test_the_whole_widget_is_light() -> None:
    assert len(widget().packed) < 30_000
