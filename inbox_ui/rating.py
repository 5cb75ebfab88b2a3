"""Where a customer says how content they are, by a link that only they have; nobody signs in.

Programs follow links in mails: to open one says nothing yet, only the button does. Whose link it is is not
told: whoever it was forwarded to reads the question, and no name or message.
"""

from dataclasses import replace

from aiohttp import web

from hub.csat.answering import COMMENT_MOST, answer, find_rating, stop_asking
from hub.csat.wording import choices_in
from hub.desk.changing import NotPossible
from hub.model.ratings import Rating
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, VISITOR, now_of, words_of
from inbox_ui.visitor import page as draw_page
from inbox_ui.words import LANGUAGES, Words


async def page(request: web.Request) -> web.StreamResponse:
    """GET: `score`, the one whose link was followed; nothing is kept by it."""
    rating = await _named(request)
    if rating is None:
        return draw_page(request, "trouble.html", status=404, kind="gone")
    asked = request.query.get("score", "")
    return _drawn(request, rating, int(asked) if asked in ("1", "2", "3", "4", "5") else rating.score)


async def keep(request: web.Request) -> web.StreamResponse:
    rating, form = await _named(request), request[FORM]
    if rating is None:
        return draw_page(request, "trouble.html", status=404, kind="gone")
    if form.get("stop"):
        await stop_asking(request.app[PAGES].desk, rating)
        return _drawn(request, rating, rating.score, done="stopped")
    asked = form.get("score", "")
    score = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 1 else 0
    wishes = form.get("wishes") == "yes"
    try:
        kept = await answer(request.app[PAGES].desk, rating, score, form.get("comment", ""), wishes=wishes)
    except NotPossible as problem:
        said = told(problem, words_of(request))
        given = replace(rating, comment=form.get("comment", "")[:COMMENT_MOST])
        return _drawn(request, given, score or None, problem=said, wishes=wishes)
    return _drawn(request, kept, kept.score, done="kept")


async def _named(request: web.Request) -> Rating | None:
    """In the language in which they were asked, if the pages speak it; else as their browser says."""
    rating = await find_rating(request.app[PAGES].desk, request.match_info["token"])
    if rating is not None and rating.language in LANGUAGES:
        visitor = request[VISITOR]
        request[VISITOR] = replace(visitor, words=Words(rating.language, visitor.words.zone))
    return rating


def _drawn(
    request: web.Request,
    rating: Rating,
    score: int | None,
    *,
    done: str = "",
    problem: str = "",
    wishes: bool = False,
) -> web.Response:
    return draw_page(
        request,
        "rating.html",
        status=422 if problem else 200,
        rating=rating,
        score=score,
        choices=choices_in(rating.language),
        over=now_of(request) > rating.until,
        done=done,
        problem=problem,
        wishes=wishes,
        most=COMMENT_MOST,
    )


ROUTES = [web.get("/{token}", page), web.post("/{token}", keep)]
