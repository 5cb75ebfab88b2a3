"""Where the API is mounted: /api/v1, beside the pages and the webhooks; and what explains it."""

from aiohttp import web
from aiohttp.typedefs import Handler

from hub.api import docs
from hub.api.door import Door, explained
from hub.api.openapi import document
from hub.api.rates import Meter
from hub.api.table import ROUTES, TABLE
from hub.auth import Auth
from hub.hooks import Webhooks
from hub.store.answers import Answers

PREFIX = "/api/v1"
KEEP = {"Cache-Control": "public, max-age=300"}


def set_up(app: web.Application, hooks: Webhooks, auth: Auth, *, meter: Meter | None = None) -> None:
    """Mount it on the application that also takes webhooks and serves the pages."""
    desk = hooks.desk
    door = Door(desk, hooks, auth, meter or Meter(desk.clock), Answers(desk.store.database))
    api = web.Application(middlewares=[explained])
    described = document(TABLE)
    api.add_routes([web.route(each.method, each.path, door.handler(each)) for each in ROUTES])
    api.add_routes(
        [
            web.get("/openapi.json", _document(described)),
            web.get("/docs", _page(docs.page(described))),
            web.get("/docs.css", _style),
        ]
    )
    app.add_subapp(PREFIX, api)


def _document(described: dict[str, object]) -> Handler:
    async def openapi(request: web.Request) -> web.Response:
        response = web.json_response(described, headers=KEEP)
        response.enable_compression()
        return response

    return openapi


def _page(html: str) -> Handler:
    async def page(request: web.Request) -> web.Response:
        headers = {**KEEP, "Content-Security-Policy": docs.POLICY}
        response = web.Response(text=html, content_type="text/html", headers=headers)
        response.enable_compression()
        return response

    return page


async def _style(request: web.Request) -> web.Response:
    return web.Response(text=docs.STYLE, content_type="text/css", headers=KEEP)
