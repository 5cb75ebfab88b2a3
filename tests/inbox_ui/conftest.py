"""The desk in a real browser: a hub at work, its pages served, Chromium in front of them.

site       the pages of the office's hub, on a port of their own; ana and ben can sign in
browser    Chromium; everything it says and asks for is kept
desk       ana's page, signed in, on the open view
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    async_playwright,
    expect,
)

from hub.auth import Auth
from hub.auth.signing_in import enter, set_password
from hub.model.people import Agent
from inbox_ui.mounting import set_up
from inbox_ui.pages import Pages
from inbox_ui.visitor import SESSION_COOKIE
from tests.hubs import Office

CHROMIUM = "/usr/bin/chromium-headless-shell"  # the same without windows and menus, which nobody sees here
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PASSWORD = "seven dry lanterns"
expect.set_options(timeout=30_000)
AXE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ASK_AXE = """async ([within, options]) => {
    const found = await axe.run(within ?? document, options);
    return found.violations.flatMap(({ id, nodes }) =>
        nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ""}`));
}"""


@dataclass(frozen=True, slots=True, repr=False)
class Site:
    url: str
    office: Office
    pages: Pages
    auth: Auth
    ana: Agent
    ben: Agent


@dataclass(slots=True, repr=False)
class Window:
    """A browser window of one person, with what went wrong in it."""

    page: Page
    context: BrowserContext
    site: Site
    said: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # what its console may say: the status of a refusal
    asked: list[str] = field(default_factory=list)
    under_way: set[Request] = field(default_factory=set)  # without the live stream, which never ends

    def listen(self) -> None:
        """Playwright keeps what it calls beside it, which neither this class nor a set has room for."""

        def begins(request: Request) -> None:
            self.asked.append(request.url)
            if request.resource_type != "eventsource":
                self.under_way.add(request)

        def said(line: ConsoleMessage) -> None:
            if line.type in ("error", "warning"):
                self.said.append(f"{line.text} {line.location.get('url', '')}")

        self.page.on("console", said)
        self.page.on("pageerror", lambda problem: self.said.append(str(problem)))
        self.page.on("request", begins)
        self.page.on("requestfinished", lambda request: self.under_way.discard(request))
        self.page.on("requestfailed", lambda request: self.under_way.discard(request))

    async def sign_in(self, agent: Agent) -> None:
        """As if they had come in by the door, which has tests of its own, and is slow on purpose."""
        browser = await self.page.evaluate("navigator.userAgent")
        session = await enter(self.site.auth, agent, None, "password", None, "127.0.0.1", browser, None)
        host = urlsplit(self.site.url).hostname or ""
        cookie = {"name": SESSION_COOKIE, "value": session.token, "domain": host, "path": "/desk"}
        await self.context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[typeddict-item]
        await self.page.goto(f"{self.site.url}/desk/inbox/open")

    async def live(self) -> None:
        """Until live updates arrive here."""
        await self.page.wait_for_selector('[data-link-state="live"]', state="attached")

    async def open(self, name: str) -> None:
        await self.page.click(f"#rows a:has-text('{name}')")
        await self.page.wait_for_selector("#talk[data-id]")

    def foreign(self) -> list[str]:
        """Requests that left our own server."""
        ours = urlsplit(self.site.url).netloc
        return [url for url in self.asked if urlsplit(url).scheme != "data" and urlsplit(url).netloc != ours]

    async def findings(self, within: str | None = None, *, rules: Sequence[str] = ()) -> list[str]:
        """What axe finds wrong with the page as it is now, or with a part of it; by some rules, or by all."""
        chosen: object = {"type": "rule", "values": list(rules)} if rules else AXE
        if not await self.page.evaluate("typeof axe === 'object'"):
            await self.page.evaluate(Axe().axe_script)
        asked = {"runOnly": chosen, "resultTypes": ["violations"]}
        found: list[str] = await self.page.evaluate(ASK_AXE, [within, asked])
        return found


@pytest.fixture
async def site(office: Office) -> AsyncIterator[Site]:
    hub = office.hub
    auth = Auth(hub.store, hub.clock, hub.registry.sealer)
    ben = Agent(id="ben", name="Ben Okafor", email="ben@hub.example", created_at=hub.clock())
    await hub.store.people.add_agent(ben)
    for agent in (office.ana, ben):
        await set_password(auth, agent, PASSWORD)
    pages = Pages(
        desk=hub.desk,
        auth=auth,
        webhooks=hub.webhooks,
        follower=office.running.follower,
        key=secrets.token_bytes(32),
        secure=False,
    )
    app = web.Application()
    set_up(app, pages)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield Site(f"http://{host}:{port}", office, pages, auth, office.ana, ben)
    finally:
        await runner.cleanup()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        await chromium.close()


NewWindow = Callable[..., Awaitable[Window]]


@pytest.fixture
async def new_window(browser: Browser, site: Site) -> AsyncIterator[NewWindow]:
    """Opens windows; at the end, nothing may have gone wrong in any of them."""
    windows: list[Window] = []

    async def opened(
        width: int = 1440,
        height: int = 900,
        *,
        scheme: str = "light",
        language: str = "en-GB",
        scripts: bool = True,
        touch: bool = False,
    ) -> Window:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=language,
            timezone_id="Europe/Berlin",
            java_script_enabled=scripts,
            has_touch=touch,
            is_mobile=touch,
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        window = Window(await context.new_page(), context, site)
        window.listen()
        windows.append(window)
        return window

    yield opened
    for window in windows:
        await window.context.close()
        assert window.foreign() == []
        assert [line for line in window.said if not any(each in line for each in window.expected)] == []


@pytest.fixture
async def desk(new_window: NewWindow, site: Site) -> Window:
    window = await new_window()
    await window.sign_in(site.ana)
    await window.live()
    return window
