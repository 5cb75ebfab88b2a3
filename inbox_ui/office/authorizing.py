"""Agreeing on a platform's own page: from the form there, and back with a code."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from hub.contract.errors import ConnectorError
from hub.desk import authorizing
from hub.desk.changing import NotPossible
from hub.desk.channels import ChannelProblem, questions_of
from hub.model.channels import Channel
from inbox_ui.kinds import BY_PLATFORM
from inbox_ui.office.channel_frame import PLACE, found_channel
from inbox_ui.office.channel_setup import answers_of, problem_words
from inbox_ui.office.frame import gone, office
from inbox_ui.office.steps import Tell, stepwise
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of

COOKIE = "hubbub_authorization"
BACK = f"{PLACE.address}/authorizations"
TEMPLATE = "office/authorize.html"


async def begin(request: web.Request) -> web.StreamResponse:
    """POST: what is to be agreed to, with a link there. Nothing is kept but in the admin's own browser."""
    desk, form = request.app[PAGES].desk, request[FORM]
    channel = None
    if "channel" in request.match_info:
        channel = await found_channel(request)
        if channel is None:
            return gone(request)
    platform = channel.platform if channel else request.match_info["platform"]
    if not authorizing.can_authorize(desk, platform):
        return gone(request)
    kind = desk.registry.types[platform]
    answers = {} if channel else answers_of(form, questions_of(kind))
    redirect, name = request.app[PAGES].origin(request) + BACK, form.get("name", "").strip() or None
    values: dict[str, Any] = {
        "kind": kind.manifest.name,
        "icon_of": BY_PLATFORM.get(platform, "bubble"),
        "redirect": redirect,
    }
    try:
        begun = await authorizing.begin(
            desk, agent_of(request), platform, answers, redirect, name=name, channel=channel
        )
    except (ConnectorError, ChannelProblem) as problem:
        words = problem_words(problem, words_of(request))
        return _page(request, channel, status=422, url="", problem=words, **values)
    response = _page(request, channel, url=begun.url, problem="", **values)
    response.set_cookie(
        COOKIE,
        begun.sealed,
        path=BACK,
        max_age=int(authorizing.WITHIN.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=request.app[PAGES].secure,
    )
    return response


async def finish(request: web.Request) -> web.StreamResponse:
    """GET: back from the platform, with a code or with a refusal."""
    desk, agent, words, query = request.app[PAGES].desk, agent_of(request), words_of(request), request.query

    async def work(tell: Tell) -> Mapping[str, object]:
        if "code" not in query:
            said = query.get("error", "")[:200]
            return {"problem": words.gettext("Nothing was agreed to there."), "said": said}
        try:
            channel = await authorizing.finish(
                desk,
                agent,
                request.cookies.get(COOKIE, ""),
                query.get("state", ""),
                query["code"],
                tell,
                address=request.remote,
            )
        except (ConnectorError, ChannelProblem) as problem:
            return {"problem": problem_words(problem, words), "said": getattr(problem, "said", "")}
        except NotPossible as problem:
            return {"problem": told(problem, words), "said": ""}
        return {"problem": "", "said": "", "channel": channel}

    blank = {"kind": "", "icon_of": "bubble", "redirect": "", "channel": None, "url": "", "problem": ""}
    return await stepwise(request, PLACE, TEMPLATE, work, **blank)


def _page(request: web.Request, channel: Channel | None, *, status: int = 200, **values: Any) -> web.Response:
    blank: dict[str, Any] = {"working": False, "outcome": None, "mark": "", "channel": channel}
    return office(request, PLACE, TEMPLATE, status=status, **blank, **values)


ROUTES = [
    web.post("/office/channels/new/{platform}/authorization", begin),
    web.post("/office/channels/{channel}/authorization", begin),
    web.get("/office/channels/authorizations", finish),
]
