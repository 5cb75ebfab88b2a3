"""The office: pages on which people set up themselves, their work and the company. Below /desk/office.

One module is one page. It has

    PLACE    a `Place`: its address (`/desk/office/<key>`), its group in the navigation ("me", "work" or
             "company"), its icon, its title, and the roles that may open it and what lies below it
    ROUTES   `web.get("/office/<key>", page)` and so on; every one of them asks for PLACE's roles by itself

and stands in `MODULES` below. That is all: the navigation shows it to those who may see it. To draw, call
`frame.office(request, PLACE, "office/<key>.html", **values)` with a template that extends
"office/office.html" and fills the block `page`. A refused form is drawn again with `status=422` and
`problems={"name": "why"}`: the macros in "office/fields.html" put them beside their fields; `trouble` puts
the one under "" above the form. A form that did something ends with `frame.done(request, address, sentence)`:
the page it leads to says the sentence once. Styles are in static/css/office.css: tables, forms, empty states,
danger zones, and `<details class="asks">` for questions without script. Deeds are called in hub.desk and
hub.auth, which check who may, write the audit entry (give them `request.remote`) and tell live pages.
"""

from types import ModuleType

from aiohttp import web

from inbox_ui.office import (
    agents,
    audit,
    channels,
    contentment,
    events,
    fields,
    hours,
    imports,
    levels,
    notifications,
    outbox,
    privacy,
    profile,
    rules,
    saved_replies,
    security,
    segments,
    single_sign_on,
    tags,
    teams,
    tokens,
    webhooks,
    workload,
)
from inbox_ui.office.frame import OFFICE, Place, first_page, only

MODULES: tuple[ModuleType, ...] = (
    profile,
    notifications,
    security,
    tokens,
    saved_replies,
    tags,
    outbox,
    channels,
    agents,
    teams,
    hours,
    workload,
    levels,
    contentment,
    rules,
    segments,
    fields,
    events,
    imports,
    single_sign_on,
    webhooks,
    privacy,
    audit,
)


def set_up_office(desk: web.Application) -> None:
    """Mount all pages of the office on the application below /desk."""
    desk[OFFICE] = tuple(module.PLACE for module in MODULES)
    desk.add_routes([web.get("/office", first_page), web.get("/office/", first_page)])
    for module in MODULES:
        place: Place = module.PLACE
        for route in module.ROUTES:
            desk.router.add_route(route.method, route.path, only(place.roles, route.handler))
