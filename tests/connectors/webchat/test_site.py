"""A look at the customer's own page: what stands there, what it allows, and what cannot be looked at."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from aiohttp import web
from pydantic import SecretStr

from connectors.webchat import WebchatConnector
from connectors.webchat.config import WebchatConfig
from connectors.webchat.site import problem_of, read_page
from hub.contract.errors import ConnectorError
from hub.outgoing import outgoing_session
from tests.conformance import kit_for
from tests.connectors.webchat.memory import Memory

HUB = "https://hub.example"
SITE = "https://shop.example"
TAG = f'<script src="{HUB}/chat/c1/widget.js" async></script>'
CONFIG = WebchatConfig(origins=(SITE,), secret=SecretStr("a-secret-that-nobody-but-the-hub-knows"))


def problem(html: str, *policies: str, address: str = f"{SITE}/", hub: str = HUB) -> str:
    return problem_of(read_page(address, html, policies), SITE, CONFIG, hub, "c1")


def test_a_page_that_has_the_tag_and_lets_it_work_is_well() -> None:
    fine = ("script-src 'self' https://hub.example; connect-src https: ; img-src *", "default-src https:")
    assert problem(f"<html><body>{TAG}</body>", *fine) == ""
    assert problem(TAG, "script-src 'nonce-x1' 'strict-dynamic'").startswith("The Content-Security-Policy")
    assert problem(TAG.replace("async", 'async nonce="x1"'), "script-src 'nonce-x1' 'strict-dynamic'") == ""
    assert problem(f'<script src="{HUB}/shop.js"></script>{TAG}', "frame-ancestors 'none'", hub="") == ""


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>Hello</p>", "has no tag of the chat"),
        (f"<!-- {TAG} -->", "has no tag of the chat"),
        (TAG.replace("/c1/", "/c2/"), "with the key c2"),
        (TAG.replace("hub.example", "old.example"), "leads to old.example"),
        (TAG.replace("https:", "http:"), "begins with http:"),
    ],
)
def test_what_is_wrong_with_the_tag_is_named(html: str, words: str) -> None:
    assert words in problem(html)


@pytest.mark.parametrize(
    ("policy", "missing"),
    [
        ("default-src 'self'", "script-src, connect-src, img-src"),
        ("default-src 'none'; script-src https://hub.example:8443; connect-src *; img-src *", "script-src"),
        ("script-src https://*.hub.example", "script-src"),
        ("script-src https://hub.example/assets/", "script-src"),
        ("SCRIPT-SRC HTTPS://HUB.EXAMPLE; connect-src 'self'; img-src https://*.example", "connect-src"),
        ("img-src data: 'self'", "img-src"),
        ("script-src-elem 'self'; script-src *", "script-src"),
    ],
)
def test_what_a_sites_own_policy_keeps_out_is_named(policy: str, missing: str) -> None:
    said = f"The Content-Security-Policy of {SITE} keeps the chat out: add {HUB} to {missing}."
    assert problem(TAG, policy) == said
    in_the_page = f'<meta http-equiv="Content-Security-Policy" content="{policy}">{TAG}'
    assert problem(in_the_page) == said
    assert problem(TAG, f"img-src *, {policy}") == said  # of several, each must allow it


def test_a_site_that_leads_elsewhere_is_told_where() -> None:
    assert "leads to https://www.shop.example" in problem(TAG, address="https://www.shop.example/en")


@dataclass
class Shop:
    url: str = ""
    html: str = "<p>Hello</p>"
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    kind: str = "text/html"


@asynccontextmanager
async def opened() -> AsyncIterator[Shop]:
    shop = Shop()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=shop.html, status=shop.status, content_type=shop.kind, headers=shop.headers)

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        shop.url = "http://{}:{}".format(*runner.addresses[0][:2])
        yield shop
    finally:
        await runner.cleanup()


async def looked(shop: Shop, *, allow_private: bool = True, site: str = "") -> list[str]:
    """As the button Test of the channel's page does."""
    config = CONFIG.model_copy(update={"origins": (site or shop.url, "https://*.shop.example")})
    async with outgoing_session(allow_private=allow_private) as http:
        kit = replace(kit_for(http), visitors=Memory(), public_url=HUB)
        return [each async for each in WebchatConnector(config, kit).probe()]


async def before(shop: Shop) -> str:
    """As the step of the set-up does."""
    async with outgoing_session(allow_private=True) as http:
        kit = replace(kit_for(http), visitors=Memory(), public_url=HUB)
        return " ".join(await WebchatConnector.check_step("site", {"origins": shop.url}, kit))


async def test_the_site_is_really_fetched_before_and_after_it_has_the_tag() -> None:
    async with opened() as shop:
        assert await before(shop) == f"{shop.url} can be reached and would let the chat in."
        shop.html = f"<body>{TAG}</body>"
        stands, patterns = await looked(shop)
        assert stands == f"The chat stands on {shop.url} and may work there."
        assert "https://*.shop.example" in patterns
        assert "another chat of a Hubbub stands there" in await before(shop)
        shop.headers = {"Content-Security-Policy": "default-src 'self'"}
        for look in (looked, before):
            with pytest.raises(ConnectorError, match="keeps the chat out: add https://hub.example to"):
                await look(shop)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda shop: setattr(shop, "status", 503), "answers with 503"),
        (lambda shop: setattr(shop, "kind", "application/json"), "answers with application/json"),
        (lambda shop: None, "has no tag of the chat"),
    ],
)
async def test_a_page_that_is_none_or_has_no_tag_is_told(spoil: Callable[[Shop], None], words: str) -> None:
    async with opened() as shop:
        spoil(shop)
        with pytest.raises(ConnectorError, match=words):
            await looked(shop)


async def test_private_addresses_are_not_looked_at_and_what_is_away_is_told() -> None:
    async with opened() as shop:
        with pytest.raises(ConnectorError, match="inside a private network: Hubbub does not look there"):
            await looked(shop, allow_private=False)
    with pytest.raises(ConnectorError, match="cannot be reached"):
        await looked(shop)  # it has closed
