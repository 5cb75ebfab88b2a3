"""A page to try the widget on: a small shop of several pages, served where a channel's settings say so."""

from collections.abc import Awaitable, Callable
from html import escape
from importlib import resources

from aiohttp import web

from connectors.webchat.connector import WebchatConnector
from hub.contract.visitors import Hosting

PAGES = {
    "": ("Linden Goods", "Lamps, linen and good paper.", "Made by people we know, sent within a day."),
    "lamps": ("Lamps", "Light that stays warm.", "Brass, glass and oak. Every lamp can be repaired."),
    "linen": ("Linen", "Washed soft.", "Woven in Belgium, sewn in Leipzig."),
    "prices": ("Delivery and prices", "Free above 60 €.", "Two days within the country, five elsewhere."),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def demo_page(hosting: Hosting) -> Callable[[web.Request], Awaitable[web.Response]]:
    template = (resources.files("connectors.webchat") / "demo.html").read_text(encoding="utf-8")

    async def page(request: web.Request) -> web.Response:
        channel = request.match_info["channel"]
        connector = await hosting.connector(channel, WebchatConnector.manifest.platform)
        if not isinstance(connector, WebchatConnector) or not connector.config.demo:
            raise web.HTTPNotFound(text="There is no such page.")
        name = request.query.get("page", "")
        title, claim, text = PAGES.get(name, PAGES[""])
        links = "".join(
            f'<a href="?page={key}"{" aria-current=page" if key == name else ""}>{escape(value[0])}</a>'
            for key, value in PAGES.items()
        )
        html = template
        for mark, value in (("title", title), ("claim", claim), ("text", text)):
            html = html.replace(f"[[{mark}]]", escape(value))
        html = html.replace("[[links]]", links).replace("[[snippet]]", connector.snippet("", channel))
        return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    return page
