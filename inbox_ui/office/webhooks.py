"""Outgoing webhooks: who is told what happens here, what was sent to them and what they answered."""

import json
from dataclasses import dataclass

from aiohttp import web

from hub.desk.opening import list_channels, list_teams
from hub.hooks import endpoints, log
from hub.hooks.endpoints import BadHook, NoSuchHook, Wanted
from hub.hooks.kinds import KINDS
from hub.hooks.log import NoSuchDelivery
from hub.model.hooks import Hook, HookDelivery, HookDeliveryState, HookState
from inbox_ui.office.frame import ADMINS, Place, chosen, done, gone, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told, why
from inbox_ui.visitor import FORM, agent_of, now_of, words_of
from inbox_ui.words import Words

PLACE = Place(
    key="webhooks",
    group="company",
    icon="webhook",
    title=lambda words: words.gettext("Webhooks"),
    roles=ADMINS,
)
ANSWER_ICONS = {
    HookDeliveryState.WAITING: "clock",
    HookDeliveryState.DELIVERED: "check",
    HookDeliveryState.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A delivery in the log."""

    delivery: HookDelivery
    icon: str
    state: str
    kind: str
    outcome: str


async def page(request: web.Request) -> web.StreamResponse:
    return await _list(request)


async def add(request: web.Request) -> web.StreamResponse:
    hooks, wanted = request.app[PAGES].webhooks, await _wanted(request)
    try:
        hook, secret = await endpoints.add_hook(
            hooks, agent_of(request), wanted, address=request.remote or ""
        )
    except BadHook as problem:
        return await _list(request, 422, {problem.field: told(problem, words_of(request))}, wanted)
    return _secret(request, hook, secret, new=True)


async def one(request: web.Request) -> web.StreamResponse:
    return await _one(request)


async def change(request: web.Request) -> web.StreamResponse:
    hooks, wanted, hook = request.app[PAGES].webhooks, await _wanted(request), request.match_info["hook"]
    agent, address, words = agent_of(request), request.remote or "", words_of(request)
    try:
        if request[FORM].get("_method") == "delete":
            removed = await endpoints.remove_hook(hooks, agent, hook, address=address)
            return done(request, PLACE.address, words.gettext("%(name)s was removed", name=removed.name))
        await endpoints.change_hook(hooks, agent, hook, wanted, address=address)
    except NoSuchHook:
        return gone(request)
    except BadHook as problem:
        return await _one(request, 422, {problem.field: told(problem, words)}, wanted)
    return done(request, f"{PLACE.address}/{hook}", words.gettext("Saved"))


async def switch(request: web.Request) -> web.StreamResponse:
    hooks, hook, words = request.app[PAGES].webhooks, request.match_info["hook"], words_of(request)
    on = request[FORM].get("on") == "yes"
    try:
        await endpoints.switch_hook(hooks, agent_of(request), hook, on, address=request.remote or "")
    except NoSuchHook:
        return gone(request)
    said = words.gettext("It is told again from now on") if on else words.gettext("It is told nothing now")
    return done(request, f"{PLACE.address}/{hook}", said)


async def rotate(request: web.Request) -> web.StreamResponse:
    hooks, wanted = request.app[PAGES].webhooks, request.match_info["hook"]
    try:
        hook, secret = await endpoints.rotate_secret(
            hooks, agent_of(request), wanted, address=request.remote or ""
        )
    except NoSuchHook:
        return gone(request)
    return _secret(request, hook, secret, new=False)


async def try_out(request: web.Request) -> web.StreamResponse:
    hooks, hook, words = request.app[PAGES].webhooks, request.match_info["hook"], words_of(request)
    try:
        tried = await log.try_out(hooks, agent_of(request), hook, address=request.remote or "")
    except NoSuchHook:
        return gone(request)
    taken = tried.state is HookDeliveryState.DELIVERED
    said = words.gettext("The test was taken") if taken else words.gettext("The test was not taken")
    return done(request, f"{PLACE.address}/{hook}/deliveries/{tried.id}", said)


async def delivery(request: web.Request) -> web.StreamResponse:
    hooks, words, info = request.app[PAGES].webhooks, words_of(request), request.match_info
    try:
        hook = await endpoints.get_hook(hooks, agent_of(request), info["hook"])
        found = await log.get_delivery(hooks, agent_of(request), hook.id, info["delivery"])
    except (NoSuchHook, NoSuchDelivery):
        return gone(request)
    return office(
        request,
        PLACE,
        "office/webhook_delivery.html",
        hook=hook,
        line=_line(found, words),
        attempts=[(each, why(each.words, words)) for each in reversed(found.attempts)],
        payload=json.dumps(json.loads(found.payload), indent=2, ensure_ascii=False),
    )


async def redeliver(request: web.Request) -> web.StreamResponse:
    hooks, words, info = request.app[PAGES].webhooks, words_of(request), request.match_info
    try:
        await log.redeliver(
            hooks, agent_of(request), info["hook"], info["delivery"], address=request.remote or ""
        )
    except (NoSuchHook, NoSuchDelivery):
        return gone(request)
    address = f"{PLACE.address}/{info['hook']}/deliveries/{info['delivery']}"
    return done(request, address, words.gettext("It is sent again"))


async def redeliver_failed(request: web.Request) -> web.StreamResponse:
    hooks, words, hook = request.app[PAGES].webhooks, words_of(request), request.match_info["hook"]
    try:
        many = await log.redeliver_failed(hooks, agent_of(request), hook, address=request.remote or "")
    except NoSuchHook:
        return gone(request)
    said = words.ngettext("%(num)s delivery is sent again", "%(num)s deliveries are sent again", many)
    return done(request, f"{PLACE.address}/{hook}", said)


def kind_words(kind: str, words: Words) -> str:
    _ = words.gettext
    return {
        "conversation.opened": _("A conversation was opened"),
        "conversation.changed": _("A conversation was changed"),
        "conversation.deleted": _("A conversation was deleted"),
        "message.received": _("A customer has written"),
        "message.queued": _("Somebody has answered"),
        "message.edited": _("A message was edited"),
        "message.deleted": _("A message was deleted"),
        "message.reacted": _("A reaction was added or removed"),
        "delivery.changed": _("A delivery has moved on, or failed"),
        "note.added": _("A note was written"),
        "service_level.due_soon": _("A promise is due soon"),
        "service_level.broken": _("A promise was not kept"),
        "channel.changed": _("A channel was changed"),
        "rule.fired": _("A rule that names it has fired"),
        "webhook.test": _("A test"),
    }.get(kind, kind)


def _state_words(state: HookState, words: Words) -> str:
    _ = words.gettext
    return {
        HookState.ON: _("On"),
        HookState.OFF: _("Off"),
        HookState.DISABLED: _("Switched off after failures"),
    }[state]


def _line(found: HookDelivery, words: Words) -> Line:
    _ = words.gettext
    states = {
        HookDeliveryState.WAITING: _("Waiting"),
        HookDeliveryState.DELIVERED: _("Taken"),
        HookDeliveryState.FAILED: _("Given up"),
    }
    last = found.attempts[-1] if found.attempts else None
    outcome = "" if last is None else str(last.status or "") or why(last.words, words)
    kind = kind_words(found.kind, words)
    return Line(found, ANSWER_ICONS[found.state], states[found.state], kind, outcome)


async def _wanted(request: web.Request) -> Wanted:
    form = request[FORM]
    return Wanted(
        name=form.get("name", ""),
        url=form.get("url", ""),
        kinds=tuple(await chosen(request, "kind")),
        channels=tuple(await chosen(request, "channel")),
        teams=tuple(await chosen(request, "team")),
    )


def _secret(request: web.Request, hook: Hook, secret: str, *, new: bool) -> web.Response:
    """Drawn at once, not after a redirect: it is shown this once and kept nowhere it could be read from."""
    until = log.signs_until(hook, now_of(request))
    return office(
        request, PLACE, "office/webhook_secret.html", 201, hook=hook, secret=secret, new=new, until=until
    )


async def _list(
    request: web.Request,
    status: int = 200,
    problems: dict[str, str] | None = None,
    wanted: Wanted | None = None,
) -> web.StreamResponse:
    words = words_of(request)
    found = await endpoints.list_hooks(request.app[PAGES].webhooks, agent_of(request))
    return office(
        request,
        PLACE,
        "office/webhooks.html",
        status,
        problems,
        hooks=[(each, _state_words(each.state, words), why(each.problem or "", words)) for each in found],
        wanted=wanted or Wanted(name="", url="", kinds=()),
        **await _choices(request),
    )


async def _one(
    request: web.Request,
    status: int = 200,
    problems: dict[str, str] | None = None,
    wanted: Wanted | None = None,
) -> web.StreamResponse:
    hooks, agent, words = request.app[PAGES].webhooks, agent_of(request), words_of(request)
    failed, cursor = request.query.get("only") == "failed", request.query.get("before")
    try:
        hook = await endpoints.get_hook(hooks, agent, request.match_info["hook"])
        lines = await log.list_deliveries(hooks, agent, hook.id, failed=failed, cursor=cursor, limit=30)
    except (NoSuchHook, NoSuchDelivery):
        return gone(request)
    kept = Wanted(name=hook.name, url=hook.url, kinds=hook.kinds, channels=hook.channels, teams=hook.teams)
    return office(
        request,
        PLACE,
        "office/webhook.html",
        status,
        problems,
        hook=hook,
        state=_state_words(hook.state, words),
        because=why(hook.problem or "", words),
        lines=[_line(each, words) for each in lines.rows],
        older=lines.next_cursor,
        only_failed=failed,
        first=cursor is None,
        until=log.signs_until(hook, now_of(request)),
        wanted=wanted or kept,
        **await _choices(request),
    )


async def _choices(request: web.Request) -> dict[str, object]:
    desk, words = request.app[PAGES].desk, words_of(request)
    return {
        "kinds": [(each, kind_words(each, words)) for each in KINDS],
        "channels": await list_channels(desk),
        "teams": await list_teams(desk),
    }


ROUTES = [
    web.get("/office/webhooks", page),
    web.post("/office/webhooks", add),
    web.get("/office/webhooks/{hook}", one),
    web.post("/office/webhooks/{hook}", change),
    web.post("/office/webhooks/{hook}/switch", switch),
    web.post("/office/webhooks/{hook}/secrets", rotate),
    web.post("/office/webhooks/{hook}/tests", try_out),
    web.post("/office/webhooks/{hook}/redeliveries", redeliver_failed),
    web.get("/office/webhooks/{hook}/deliveries/{delivery}", delivery),
    web.post("/office/webhooks/{hook}/deliveries/{delivery}", redeliver),
]
