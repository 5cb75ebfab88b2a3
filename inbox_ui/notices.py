"""The bell: what concerns an agent and was not seen yet; how they want to be told; the end of mails."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from hub.desk.notices import (
    NoSuchNotice,
    notice_settings,
    open_notices,
    remember_place,
    see_all,
    see_conversation,
    see_notice,
    stop_mails,
)
from inbox_ui.noticing import Told, told
from inbox_ui.pages import PAGES
from inbox_ui.visitor import FORM, VISITOR, agent_of, draw, now_of, see_other, wants_part, words_of
from inbox_ui.visitor import page as draw_page

SHOWN = 50  # conversations in the panel
Part = dict[str, object]


async def page(request: web.Request) -> web.StreamResponse:
    """All of it, for those without scripts and for phones."""
    listed = [each for each in await _told(request) if each.listed]
    template = "notices_list.html" if wants_part(request) else "notices.html"
    return draw_page(request, template, groups=listed[:SHOWN], count=len(listed))


async def see(request: web.Request) -> web.StreamResponse:
    """`conversation` or `notice`: one; neither: all."""
    desk, agent, form = request.app[PAGES].desk, agent_of(request), request[FORM]
    if conversation := form.get("conversation"):
        await see_conversation(desk, agent, conversation)
    elif notice := form.get("notice"):
        try:
            await see_notice(desk, agent, notice)
        except NoSuchNotice:
            return draw_page(request, "trouble.html", status=404, kind="gone")
    else:
        await see_all(desk, agent)
    return web.Response(status=204) if wants_part(request) else see_other("/desk/notices")


async def bell_part(request: web.Request) -> Part:
    """What the bell shows, and what there is to ring for."""
    pages, agent = request.app[PAGES], agent_of(request)
    groups = await _told(request)
    listed = [each for each in groups if each.listed]
    settings = await notice_settings(pages.desk, agent)
    return {
        "part": "bell",
        "count": len(listed),
        "html": draw(request, "notices_list.html", groups=listed[:SHOWN], count=len(listed)),
        "groups": [_for_scripts(request, each) for each in groups[:SHOWN]],
        "sound": settings.sound,
    }


async def remember(request: web.Request) -> None:
    """Mails and quiet hours go by the language and the clock of the browser that was used last."""
    visitor = request[VISITOR]
    if visitor.zone_known:
        words = visitor.words
        await remember_place(request.app[PAGES].desk, agent_of(request), words.language, words.zone)


async def unsubscribe(request: web.Request) -> web.StreamResponse:
    """A page that asks, since programs follow links too; and the one click of a mail program (RFC 8058)."""
    pages = request.app[PAGES]
    agent = pages.marks.agent_of(request.match_info["token"])
    if agent is None:
        return draw_page(request, "trouble.html", status=404, kind="gone")
    done = request.method == "POST" and await stop_mails(pages.desk, agent)
    return draw_page(request, "unsubscribe.html", done=done)


async def _told(request: web.Request) -> Sequence[Told]:
    found = await open_notices(request.app[PAGES].desk, agent_of(request))
    return [told(each, words_of(request)) for each in found]


def _for_scripts(request: web.Request, each: Told) -> dict[str, Any]:
    return {
        "key": each.key,
        "conversation": each.conversation,
        "url": each.url,
        "title": each.title,
        "text": each.lines[0].text,
        "ids": list(each.ids),
        "listed": each.listed,
        "rings": each.rings,
        "wait": max(0, int((each.ring_at - now_of(request)).total_seconds() * 1000)),
    }
