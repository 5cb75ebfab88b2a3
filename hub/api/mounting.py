"""Where the API is mounted: /api/v1, beside the pages and the webhooks; and what explains it."""

import asyncio
from functools import cache

from aiohttp import web

from hub.api import docs
from hub.api.door import Door, explained
from hub.api.openapi import Json, document
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
    api.add_routes([web.route(each.method, each.path, door.handler(each)) for each in ROUTES])
    api.add_routes(
        [
            web.get("/openapi.json", _document),
            web.get("/docs", _page),
            web.get("/docs.css", _style),
        ]
    )
    app.add_subapp(PREFIX, api)


@cache
def _described() -> Json:
    """Half a second of work, which most who start never need."""
    return document(TABLE)


@cache
def _drawn() -> str:
    return docs.page(_described())


async def _document(request: web.Request) -> web.Response:
    response = web.json_response(await asyncio.to_thread(_described), headers=KEEP)
    response.enable_compression()
    return response


async def _page(request: web.Request) -> web.Response:
    headers = {**KEEP, "Content-Security-Policy": docs.POLICY}
    text = await asyncio.to_thread(_drawn)
    response = web.Response(text=text, content_type="text/html", headers=headers)
    response.enable_compression()
    return response


async def _style(request: web.Request) -> web.Response:
    return web.Response(text=docs.STYLE, content_type="text/css", headers=KEEP)
