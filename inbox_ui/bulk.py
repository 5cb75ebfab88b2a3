"""One deed for several conversations, from the bar above the list.

Our scripts are told line by line how far it is (one JSON object each); a browser without scripts gets a page
about what was done, and what was not. What was begun is finished, also when nobody listens any more.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from hub.auth.access import NotAllowed
from hub.desk import deeds
from hub.desk.away import StoreUnavailable
from hub.desk.bulk import MOST, Deed, Progress, deletion, for_all_in, for_each, merge_all
from hub.desk.fields import set_field
from hub.desk.opening import list_agents, list_teams
from hub.desk.replying import NoSuchConversation
from hub.desk.undoing import undo as take_back
from hub.model.inbox import Priority
from inbox_ui.bulk_asking import ask, has_to_ask
from inbox_ui.deeds import moment
from inbox_ui.filtering import address_of, filter_of
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, is_inside, page, see_other, wants_part, words_of
from inbox_ui.words import Words

UNBUFFERED = {
    "Content-Type": "application/x-ndjson",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}
FAILED_MOST = 100  # that are named
Plain = Callable[..., Awaitable[deeds.Done]]
PLAIN: dict[str, Plain] = {
    "resolve": deeds.resolve,
    "reopen": deeds.reopen,
    "claim": deeds.claim,
    "release": deeds.release,
    "spam": deeds.mark_spam,
    "not_spam": deeds.mark_not_spam,
    "follow": deeds.follow,
    "unfollow": deeds.unfollow,
}


async def do(request: web.Request) -> web.StreamResponse:
    """POST /bulk: `deed` (`resolve`, `assign:ben`, …) for each `id`, or, with `all`, for the whole list."""
    form = await request.post()
    ids = [each for each in form.getall("id", ()) if isinstance(each, str)]
    name, _, argument = request[FORM].get("deed", "").partition(":")
    if not ids and not request[FORM].get("all"):
        raise web.HTTPUnprocessableEntity(text=words_of(request).gettext("Choose conversations first."))
    if has_to_ask(request[FORM], name, argument):
        return await ask(request, ids, name, _back(request))
    steps = (
        _merged(request, ids)
        if name == "merge"
        else _steps(request, ids, await _deed(request, name, argument))
    )
    return await (_streamed if wants_part(request) else _page)(request, steps)


async def undo(request: web.Request) -> web.StreamResponse:
    """POST /bulk/undo: all of it at once."""
    words = words_of(request)
    try:
        count = await take_back(request.app[PAGES].desk, agent_of(request), request[FORM].get("token", ""))
    except (deeds.NotPossible, deeds.Changed) as problem:
        raise web.HTTPConflict(text=told(problem, words)) from problem
    if wants_part(request):
        return web.json_response(
            {
                "say": words.ngettext(
                    "Taken back in one conversation", "Taken back in %(num)d conversations", count
                )
            }
        )
    back = request[FORM].get("back", "")
    return see_other(back if is_inside(back) else "/desk/inbox/open")


def _steps(request: web.Request, ids: Sequence[str], deed: Deed) -> AsyncIterator[Progress]:
    desk, agent, form = request.app[PAGES].desk, agent_of(request), request[FORM]
    if not form.get("all"):
        return for_each(desk, agent, ids, deed)
    asked = filter_of(MultiDict(parse_qsl(form.get("query", "").lstrip("?"))))
    return for_all_in(desk, agent, form.get("view", "open"), deed, wanted=asked)


async def _merged(request: web.Request, ids: Sequence[str]) -> AsyncIterator[Progress]:
    try:
        done = await merge_all(request.app[PAGES].desk, agent_of(request), ids)
    except (deeds.NotPossible, deeds.Changed, NotAllowed, NoSuchConversation) as problem:
        raise web.HTTPConflict(text=told(problem, words_of(request))) from problem
    yield Progress(done=len(ids), total=len(ids), token=done.token, over=True)


async def _deed(request: web.Request, name: str, argument: str) -> Deed:
    """Raises HTTPUnprocessableEntity for what cannot be done to many."""
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    if name in PLAIN:
        return lambda each: PLAIN[name](desk, agent, each)
    if name == "assign" and (to := {each.id: each for each in await list_agents(desk)}.get(argument)):
        return lambda each: deeds.assign(desk, agent, each, to)
    if name == "team" and (team := {each.id: each for each in await list_teams(desk)}.get(argument)):
        return lambda each: deeds.hand_to_team(desk, agent, each, team)
    if name == "snooze":
        until = moment(argument or form.get("until", ""), request)
        return lambda each: deeds.snooze(desk, agent, each, until)
    if name in ("tag", "untag") and (tag := form.get("tag", "").strip()):
        change = deeds.tag if name == "tag" else deeds.untag
        return lambda each: change(desk, agent, each, tag)
    if name == "priority" and argument in {str(each) for each in Priority}:
        return lambda each: deeds.set_priority(desk, agent, each, Priority(argument))
    if name == "delete":
        return deletion(desk, agent)
    if name == "field" and argument:
        return lambda each: set_field(desk, agent, each, argument, form.get("value", "").strip() or None)
    raise web.HTTPUnprocessableEntity(text=words.gettext("That cannot be done to several conversations."))


async def _streamed(request: web.Request, steps: AsyncIterator[Progress]) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/x-ndjson",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    listens = True
    try:
        async for step in steps:
            if not response.prepared:
                await response.prepare(request)
            try:
                if listens:
                    await response.write(json.dumps(_line(request, step)).encode() + b"\n")
            except ConnectionError:
                listens = False
    except StoreUnavailable:
        if not response.prepared:
            raise
        say = words_of(request).gettext(
            "The database cannot be reached. What was done is done; try again for the rest."
        )
        await response.write(json.dumps({"broken": say}).encode() + b"\n")
    return response


def _line(request: web.Request, step: Progress) -> dict[str, object]:
    words = words_of(request)
    failed = [
        {
            "id": each.conversation,
            "who": each.who or words.gettext("A conversation"),
            "why": told(each.problem, words),
        }
        for each in step.failed[:FAILED_MOST]
    ]
    return {
        "done": step.done,
        "total": step.total,
        "failed": failed if step.over else [],
        "failures": len(step.failed),
        "token": step.token,
        "over": step.over,
        "more": _more(words) if step.more else "",
    }


def _more(words: Words) -> str:
    return words.gettext("There are more than %(most)s: do it again for the rest.", most=words.number(MOST))


async def _page(request: web.Request, steps: AsyncIterator[Progress]) -> web.StreamResponse:
    """All at once, and then what became of it."""
    last = Progress(done=0, total=0, over=True)
    async for step in steps:
        last = step
    words = words_of(request)
    failed = [(each.conversation, each.who, told(each.problem, words)) for each in last.failed[:FAILED_MOST]]
    return page(
        request,
        "bulk_done.html",
        done=last.done,
        total=last.total,
        failed=failed,
        token=last.token,
        more=_more(words) if last.more else "",
        back=_back(request),
    )


def _back(request: web.Request) -> str:
    """To the list it was begun in."""
    form = request[FORM]
    asked = filter_of(MultiDict(parse_qsl(form.get("query", "").lstrip("?"))))
    back = f"/desk/inbox/{form.get('view', 'open')}{address_of(asked, always=True)}"
    return back if is_inside(back) else "/desk/inbox/open"
