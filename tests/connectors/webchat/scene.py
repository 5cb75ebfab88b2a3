"""The web chat on a page of a shop, in a real browser; the shop is another origin than the hub, as in life.

scene      the hub at work, a web chat on it, the shop; `settings` are further settings of the chat
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect
from pydantic import SecretStr

from connectors.webchat.config import WebchatConfig
from hub.app import Hub
from hub.auth import Auth
from hub.auth.signing_in import enter
from hub.model.channels import Channel
from hub.model.inbox import Status
from hub.model.people import Agent, Role
from hub.work import running
from inbox_ui.visitor import SESSION_COOKIE
from tests.hubs import connect, until
from tests.inbox_ui.conftest import ASK_AXE, AXE

PAGE = """<!DOCTYPE html><html lang="{lang}"><head><title>{title}</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"></head>
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
        return await self.page(await self.browser.new_context(**wanted))

    async def agent(self, agent: Agent) -> Page:
        """Signed in, with the open view before them."""
        context = await self.browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page = await self.page(context)
        auth = Auth(self.hub.store, self.hub.clock, self.hub.registry.sealer)
        name = await page.evaluate("navigator.userAgent")
        session = await enter(auth, agent, None, "password", None, "127.0.0.1", name, None)
        cookie: Any = {"name": SESSION_COOKIE, "value": session.token, "domain": "127.0.0.1", "path": "/desk"}
        cookie |= {"httpOnly": True, "sameSite": "Lax"}
        await context.add_cookies([cookie])
        await page.goto(f"{self.hub_url}/desk/inbox/open")
        await page.wait_for_selector('[data-link-state="live"]', state="attached")
        return page

    async def page(self, context: BrowserContext) -> Page:
        context.set_default_timeout(15_000)
        page = await context.new_page()
        page.on("console", lambda line: self.said.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda problem: self.said.append(str(problem)))
        return page


@asynccontextmanager
async def open_shop(snippet: list[str]) -> AsyncIterator[str]:
    """Its address; what is in `snippet` by then stands at the end of every page."""

    async def page(request: web.Request) -> web.Response:
        name, lang = request.match_info["name"] or "Home", request.query.get("lang", "en")
        other = "lamps" if name == "Home" else ""
        html = PAGE.format(title=name, other=other, snippet="".join(snippet), lang=lang)
        return web.Response(text=html, content_type="text/html")

    shop = web.Application()
    shop.router.add_get("/{name:.*}", page)
    runner = web.AppRunner(shop, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield "http://{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


@pytest.fixture
async def scene(hub: Hub, browser: Browser, settings: dict[str, Any]) -> AsyncIterator[Scene]:
    said: list[str] = []
    snippet: list[str] = []
    async with open_shop(snippet) as shop_url, running(hub, web_server=True, worker=True) as at_work:
        assert at_work.url is not None
        config = WebchatConfig.model_validate(
            {
                "title": "Linden Goods",
                "origins": (shop_url,),
                "secret": SecretStr(secrets.token_urlsafe(32)),
                "form": ({"key": "name", "required": True},),
                "mail_after": 0,
                **settings,
            }
        )
        channel = await connect(hub, "webchat", config, "Site")
        connector: Any = hub.registry.reader(channel)
        snippet.append(connector.snippet(at_work.url, channel.id))
        yield Scene(hub, at_work.url, shop_url, channel, browser, said)
        for context in browser.contexts:
            await context.close()
    expected = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "status of 503", "status of 401")
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
    asked = page.get_by_label("Name")
    if page.viewport_size and page.viewport_size["width"] > 480:
        await expect(asked).to_be_focused()
    await asked.focus()  # on a phone nothing is, lest the keyboard hide what is asked
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
    found = await until(lambda: scene.hub.store.inbox.list_conversations(Status.OPEN), "a conversation")
    [only] = found
    return only.id


async def nothing_is_found(page: Page) -> None:
    """By axe, in the widget."""
    await page.evaluate(str(Axe().axe_script))
    found = await page.evaluate(ASK_AXE, ["hubbub-chat", {"runOnly": AXE, "resultTypes": ["violations"]}])
    assert found == []
