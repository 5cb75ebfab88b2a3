"""Search over everything that was said: as lines for the palette, or as a page of its own."""

from dataclasses import dataclass, replace

from aiohttp import web
from markupsafe import Markup, escape

from hub.desk.asking import BadQuestion
from hub.desk.searching import Hit, search
from inbox_ui.kinds import via_icon
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import agent_of, now_of, wants_part, words_of
from inbox_ui.visitor import page as draw_page

IN_PALETTE = 8


@dataclass(frozen=True, slots=True)
class Found:
    conversation: str
    who: str
    icon: str
    snippet: Markup
    ago: str


async def page(request: web.Request) -> web.StreamResponse:
    """`q`: what is looked for; `after`: where the last page ended."""
    question, words, now = request.query.get("q", "").strip(), words_of(request), now_of(request)
    problem = ""
    next_cursor: str | None = None
    found: list[Found] = []
    agent = agent_of(request)
    try:
        hits = await search(
            request.app[PAGES].desk,
            agent if agent.zone else replace(agent, zone=words.zone),  # days as the browser's
            question,
            request.query.get("after"),
            limit=IN_PALETTE if wants_part(request) else 30,
        )
        found = [_found(hit, words.ago(hit.entry.at, now)) for hit in hits.rows]
        next_cursor = hits.next_cursor
    except BadQuestion as refused:
        problem = told(refused, words)
    if wants_part(request):
        return draw_page(request, "hits.html", found=found, problem=problem)
    return draw_page(
        request, "search.html", question=question, found=found, next_cursor=next_cursor, problem=problem
    )


def _found(hit: Hit, ago: str) -> Found:
    each = hit.conversation
    return Found(each.id, each.customer_name, via_icon(each.platform, each.surface), _marked(hit), ago)


def _marked(hit: Hit) -> Markup:
    """The snippet with the words that were looked for in <mark>."""
    parts: list[Markup] = []
    done = 0
    for start, end in hit.marks:
        parts += [escape(hit.snippet[done:start]), Markup("<mark>{}</mark>").format(hit.snippet[start:end])]
        done = end
    return Markup("").join([*parts, escape(hit.snippet[done:])])
