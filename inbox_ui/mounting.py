"""Where the pages are mounted: every address, and who answers there."""

from aiohttp import web
from aiohttp.typedefs import Handler

from inbox_ui import (
    amending,
    assets_view,
    attendance,
    beginning,
    bulk,
    conversation,
    correcting,
    deeds,
    details,
    drafts,
    files,
    filters,
    frames,
    history,
    joins,
    links,
    live,
    looks,
    navigation,
    notices,
    palette,
    person,
    presence,
    rating,
    replies,
    rows,
    same,
    search,
    sign_in,
    suggesting,
    tasks,
    uploads,
    views,
)
from inbox_ui.guard import guard
from inbox_ui.mistakes import outside
from inbox_ui.office import set_up_office
from inbox_ui.pages import PAGES, Pages
from inbox_ui.visitor import FORM, see_other


def set_up(app: web.Application, pages: Pages) -> None:
    """Mount the pages on the application that also takes webhooks and serves the API."""
    app[PAGES] = pages
    app.middlewares.append(outside)
    app.add_routes(
        [
            web.get("/", _to_the_desk),
            web.get("/assets/{version}/{name}", assets_view.asset),
            web.get("/files/{link}/{name}", files.file),
        ]
    )
    desk = web.Application(middlewares=[guard])
    desk[PAGES] = pages
    desk.add_routes(_pages())
    desk.add_routes(_forms())
    desk.add_routes(attendance.ROUTES)
    set_up_office(desk)
    desk.add_routes(_writing())
    desk.add_routes(_customers())
    app.add_subapp("/desk", desk)
    customers = web.Application(middlewares=[guard])
    customers[PAGES] = pages
    customers.add_routes(rating.ROUTES)
    app.add_subapp("/rating", customers)


def _pages() -> list[web.RouteDef]:
    return [
        web.get("/", _to_the_desk),
        web.get("/sign-in", sign_in.page),
        web.get("/sign-in/away", sign_in.away),
        web.get("/sign-in/oidc", sign_in.back),
        web.get("/first-admin/{token}", links.first_admin),
        web.get("/set-password/{token}", links.set_password),
        web.get("/live", live.live),
        web.get("/search", search.page),
        web.get("/notices", notices.page),
        web.get("/unsubscribe/{token}", notices.unsubscribe),
        web.get("/inbox", _to_the_desk),
        web.get("/filters/{view}", filters.panel),
        web.get("/views", views.overview),
        web.get("/views/new", views.form),
        web.get("/views/{view}", views.form),
        web.get("/navigation", navigation.part),
        web.get("/palette", palette.places),
        web.get("/inbox/{view}", rows.page),
        web.get("/inbox/{view}/{conversation}", conversation.page),
        web.get("/conversations/new", beginning.form),
        web.get("/conversations/{conversation}", conversation.anywhere),
        web.get("/frames/{entry}", frames.frame),
        web.get("/tags", person.tags),
        web.get("/people", beginning.people),
        web.get("/conversations/{conversation}/merges", tasks.merging),
        web.get("/conversations/{conversation}/parts", tasks.splitting),
        web.get("/conversations/{conversation}/deletion", tasks.deleting),
        web.get("/conversations/{conversation}/correction", correcting.ask),
        web.get("/messages/{entry}/text", amending.editing),
        web.get("/messages/{entry}/deletion", amending.deleting),
    ]


def _forms() -> list[web.RouteDef]:
    """Resources, not verbs. A form cannot DELETE, so it POSTs `_method=delete`; scripts may do either."""
    one = "/conversations/{conversation}"
    return [
        web.post("/session", _resource(sign_in.begin, sign_in.end)),
        web.post("/session/code", sign_in.code),
        web.post("/first-admin/{token}", links.first_admin),
        web.post("/set-password/{token}", links.set_password),
        web.post("/looks", looks.change),
        web.post(f"{one}/replies", replies.reply),
        web.post(f"{one}/notes", replies.note),
        web.post(f"{one}/assignment", _resource(deeds.assign, deeds.release)),
        web.post(f"{one}/resolution", _resource(deeds.resolve, deeds.reopen)),
        web.post(f"{one}/team", deeds.hand),
        web.post(f"{one}/snooze", _resource(deeds.snooze, deeds.reopen)),
        web.post(f"{one}/spam", _resource(deeds.mark_spam, deeds.mark_not_spam)),
        web.post(f"{one}/follower", _resource(deeds.follow, deeds.unfollow)),
        web.post(f"{one}/tags", _resource(deeds.tag, deeds.untag)),
        web.post(f"{one}/priority", deeds.prioritise),
        web.post(f"{one}/customer", person.profile),
        web.post(f"{one}/customer/note", person.note),
        web.post(f"{one}/fields", person.field),
        web.post(f"{one}/presence", _resource(presence.be_there, presence.go)),
        web.post("/conversations", beginning.begin),
        web.post(one, _resource(_nothing_to_make, tasks.delete)),
        web.post(f"{one}/merges", tasks.merges),
        web.post(f"{one}/parts", tasks.parts),
        web.post(f"{one}/correction", correcting.correct),
        web.post("/undo", deeds.undo),
        web.post("/notices/seen", notices.see),
        web.post("/unsubscribe/{token}", notices.unsubscribe),
        web.post("/bulk", bulk.do),
        web.post("/bulk/undo", bulk.undo),
        web.post("/views", views.save),
        web.post("/views/{view}", _resource(views.save, views.remove)),
        web.post("/deliveries/{delivery}/attempts", replies.retry),
        web.post("/deliveries/{delivery}/delay", _resource(_nothing_to_make, replies.send_now)),
        web.post("/deliveries/{delivery}/confirmation", deeds.confirm),
        web.post("/deliveries/{delivery}", _resource(_nothing_to_make, replies.take_back)),
    ]


def _customers() -> list[web.RouteDef]:
    """Who is one person."""
    one = "/conversations/{conversation}"
    return [
        web.get("/customers/{customer}", history.overview),
        web.get("/customers/{customer}/details", details.overview),
        web.post("/customers/{customer}/details", details.save),
        web.post("/customers/{customer}/undo", details.undo),
        web.post("/customers/{customer}/tags", _resource(details.tag, details.untag)),
        web.post("/customers/{customer}/company", details.describe),
        web.post("/customers/{customer}/consents", details.consent),
        web.get("/suggestions", same.overview),
        web.post("/suggestions/{suggestion}", same.decide),
        web.get(f"{one}/same", same.merging),
        web.post(f"{one}/same", same.merge),
        web.post(f"{one}/separation", same.separate),
        web.post(f"{one}/strangers", same.set_apart),
        web.post(f"{one}/suggestions/{{suggestion}}", same.decide),
    ]


def _writing() -> list[web.RouteDef]:
    """What the composer needs beside its forms."""
    one = "/conversations/{conversation}"
    draft = f"{one}/drafts/{{kind}}"
    return [
        web.post(f"{one}/forwards", replies.forward),
        web.post(f"{one}/place", replies.choose_place),
        web.post(f"{one}/joins/{{join}}", _resource(joins.decide, joins.set_apart)),
        web.get(draft, drafts.find),
        web.post(draft, _resource(drafts.save, drafts.discard)),
        web.post(f"{draft}/shared", _resource(drafts.share, drafts.unshare)),
        web.post(f"{draft}/writer", drafts.take),
        web.post("/messages/{entry}/text", amending.edit),
        web.post("/messages/{entry}/deletion", amending.delete),
        web.post("/messages/{entry}/reactions", _resource(amending.react, amending.unreact)),
        web.post("/messages/{entry}/amending", _resource(_nothing_to_make, amending.dismiss)),
        web.post("/uploads", uploads.add),
        web.get("/saved-replies", suggesting.saved_replies),
        web.get("/saved-replies/{reply}", suggesting.saved_reply),
        web.post("/saved-replies/{reply}/files/{file}", suggesting.saved_file),
        web.get(f"{one}/names", suggesting.names),
        web.post(f"{one}/preview", suggesting.preview),
    ]


def _resource(made: Handler, removed: Handler) -> Handler:
    async def either(request: web.Request) -> web.StreamResponse:
        removes = request[FORM].get("_method") == "delete"
        return await (removed if removes else made)(request)

    return either


async def _nothing_to_make(request: web.Request) -> web.StreamResponse:
    raise web.HTTPMethodNotAllowed(request.method, ["DELETE"])


async def _to_the_desk(request: web.Request) -> web.StreamResponse:
    return see_other("/desk/inbox/open")
