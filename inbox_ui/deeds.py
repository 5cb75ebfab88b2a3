"""Forms that change a conversation: each calls one deed, then shows the conversation as it is now.

A browser without scripts is sent back to the page. Our scripts get the conversation's part to put in place,
with what to say in `X-Say` and, where it can be taken back, how in `X-Undo`.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import quote

from aiohttp import web

from hub.desk import deeds
from hub.desk.deliveries import confirm_delivery
from hub.desk.opening import list_agents, list_teams
from hub.desk.undoing import undo as take_back
from hub.model.inbox import Priority
from inbox_ui.conversation import menus_of, talk_of
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, is_inside, page, see_other, wants_part, words_of

Deed = Callable[[str], Awaitable[deeds.Done]]


async def assign(request: web.Request) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    to = {each.id: each for each in await list_agents(desk)}.get(request[FORM].get("agent", ""))
    if to is None:
        raise web.HTTPUnprocessableEntity(text=words.gettext("There is no such agent any more."))
    said = words.gettext("Assigned to %(who)s", who=to.name)
    return await changed(request, lambda found: deeds.assign(desk, agent, found, to), said)


async def release(request: web.Request) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    return await changed(request, lambda found: deeds.release(desk, agent, found), words.gettext("Released"))


async def hand(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/team; without one, to no team."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    team = {each.id: each for each in await list_teams(desk)}.get(request[FORM].get("team", ""))
    said = (
        words.gettext("Handed to %(team)s", team=team.name) if team else words.gettext("In no team any more")
    )
    return await changed(request, lambda found: deeds.hand_to_team(desk, agent, found, team), said)


async def resolve(request: web.Request) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    return await changed(request, lambda found: deeds.resolve(desk, agent, found), words.gettext("Resolved"))


async def reopen(request: web.Request) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    return await changed(request, lambda found: deeds.reopen(desk, agent, found), words.gettext("Reopened"))


async def snooze(request: web.Request) -> web.StreamResponse:
    """`until`: a moment, or a time of day where the reader is, as a date field writes it."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    until = moment(request[FORM].get("until") or request[FORM].get("chosen", ""), request)
    said = words.gettext("Snoozed until %(time)s", time=words.until(until))
    return await changed(request, lambda found: deeds.snooze(desk, agent, found, until), said)


async def mark_spam(request: web.Request) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    said = words.gettext("Marked as spam")
    return await changed(request, lambda found: deeds.mark_spam(desk, agent, found), said)


async def mark_not_spam(request: web.Request) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    said = words.gettext("No spam")
    return await changed(request, lambda found: deeds.mark_not_spam(desk, agent, found), said)


async def follow(request: web.Request) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    said = words.gettext("You follow it now")
    return await changed(request, lambda found: deeds.follow(desk, agent, found), said)


async def unfollow(request: web.Request) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    said = words.gettext("You do not follow it any more")
    return await changed(request, lambda found: deeds.unfollow(desk, agent, found), said)


async def tag(request: web.Request) -> web.StreamResponse:
    desk, agent, name = request.app[PAGES].desk, agent_of(request), request[FORM].get("name", "")
    return await changed(request, lambda found: deeds.tag(desk, agent, found, name), name)


async def untag(request: web.Request) -> web.StreamResponse:
    desk, agent, name = request.app[PAGES].desk, agent_of(request), request[FORM].get("name", "")
    said = words_of(request).gettext("Tag removed")
    return await changed(request, lambda found: deeds.untag(desk, agent, found, name), said)


async def prioritise(request: web.Request) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    try:
        wanted = Priority(request[FORM].get("priority", ""))
    except ValueError:
        raise web.HTTPUnprocessableEntity(text=words.gettext("There is no such priority.")) from None
    said = words.gettext("Priority changed")
    return await changed(request, lambda found: deeds.set_priority(desk, agent, found, wanted), said)


async def confirm(request: web.Request) -> web.StreamResponse:
    """POST /deliveries/{id}/confirmation: what may have arrived did arrive."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    try:
        finished = await confirm_delivery(desk, agent, request.match_info["delivery"], address=request.remote)
    except deeds.NotPossible as problem:
        raise web.HTTPConflict(text=told(problem, words)) from problem
    return await shown(request, finished.conversation, words.gettext("Marked as sent"), finished.token)


async def undo(request: web.Request) -> web.StreamResponse:
    """POST /undo: take back what was done last, by the token that the deed gave."""
    form = request[FORM]
    try:
        await take_back(request.app[PAGES].desk, agent_of(request), form.get("token", ""))
    except (deeds.NotPossible, deeds.Changed) as problem:
        raise web.HTTPConflict(text=told(problem, words_of(request))) from problem
    return await shown(request, form.get("conversation", ""), words_of(request).gettext("Taken back"))


async def changed(request: web.Request, deed: Deed, said: str) -> web.StreamResponse:
    """A deed that compares and sets. Beaten by somebody else, it is tried once more on what is there now."""
    conversation = request.match_info["conversation"]
    try:
        try:
            done = await deed(conversation)
        except deeds.Changed:
            done = await deed(conversation)
    except (deeds.NotPossible, deeds.Changed) as problem:
        raise web.HTTPConflict(text=told(problem, words_of(request))) from problem
    return await shown(request, conversation, said, done.token)


async def shown(
    request: web.Request, conversation: str, said: str, token: str | None = None
) -> web.StreamResponse:
    """The conversation as it is now, and what to say about what was done."""
    view = request[FORM].get("view", "open")
    if not wants_part(request):
        back = f"/desk/inbox/{view}/{conversation}"
        return see_other(back if is_inside(back) else "/desk/inbox/open")
    talk = await talk_of(request, conversation)
    response = page(request, "talk.html", talk=talk, view=view, **await menus_of(request))
    response.headers["X-Say"] = quote(said)
    if token:
        response.headers["X-Undo"] = token
    return response


def moment(text: str, request: web.Request) -> datetime:
    """A time of day is meant where the reader is. Raises HTTPUnprocessableEntity."""
    words = words_of(request)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise web.HTTPUnprocessableEntity(text=words.gettext("That is not a time.")) from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=words.tz).astimezone(UTC)
