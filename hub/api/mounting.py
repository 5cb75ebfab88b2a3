"""Where the API is mounted: /api/v1, beside the pages and the webhooks."""

from aiohttp import web

from hub.api.door import Door, explained
from hub.api.rates import Meter
from hub.api.table import ROUTES
from hub.auth import Auth
from hub.desk.replying import Desk
from hub.store.answers import Answers

PREFIX = "/api/v1"


def set_up(app: web.Application, desk: Desk, auth: Auth, *, meter: Meter | None = None) -> None:
    """Mount it on the application that also takes webhooks and serves the pages."""
    door = Door(desk, auth, meter or Meter(desk.clock), Answers(desk.store.database))
    api = web.Application(middlewares=[explained])
    api.add_routes([web.route(each.method, each.path, door.handler(each)) for each in ROUTES])
    app.add_subapp(PREFIX, api)
