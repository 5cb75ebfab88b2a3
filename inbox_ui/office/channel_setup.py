"""Connecting a channel, its new credentials, trying it out: each proven step by step before the eyes."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from hub.contract.connector import Connector, Question
from hub.contract.errors import ConnectorError
from hub.desk import keeping_channels as keeping
from hub.desk.authorizing import can_authorize
from hub.desk.channels import ChannelProblem, questions_of
from hub.desk.reconciling import compare as compare_channel
from hub.desk.reconciling import take_missing
from hub.model.channels import Channel
from inbox_ui.kinds import BY_PLATFORM, channel_icon
from inbox_ui.office.channel_frame import PLACE, found_channel
from inbox_ui.office.frame import gone, office
from inbox_ui.office.question_words import asked, drawn_step
from inbox_ui.office.steps import Tell, stepwise
from inbox_ui.pages import PAGES
from inbox_ui.saying import told, why
from inbox_ui.visitor import FORM, agent_of, page, wants_part, words_of
from inbox_ui.words import Words

PREFIX = "a-"  # before the name of a question, so that none is taken for a field of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look at one step found, or what is in the way; `said`: by the platform, word for word."""

    step: str
    found: tuple[str, ...] = ()
    problem: str = ""
    said: str = ""


def kinds(request: web.Request) -> list[tuple[str, str, str]]:
    """Platform, name and icon of every connector there is."""
    types = request.app[PAGES].desk.registry.types
    found = [(key, kind.manifest.name, BY_PLATFORM.get(key, "bubble")) for key, kind in types.items()]
    return sorted(found, key=lambda each: each[1].casefold())


async def ask(request: web.Request) -> web.StreamResponse:
    """GET: the questions of a connector."""
    platform = request.match_info["platform"]
    kind = request.app[PAGES].desk.registry.types.get(platform)
    if kind is None:
        return gone(request)
    return office(request, PLACE, "office/connect.html", **_blank(request, platform, kind.manifest.name))


async def look(request: web.Request) -> web.StreamResponse:
    """POST: look whether one of the steps is done. The whole form comes along; nothing of it is kept."""
    desk, agent, form = request.app[PAGES].desk, agent_of(request), request[FORM]
    platform, step = request.match_info["platform"], request.match_info["step"]
    kind = desk.registry.types.get(platform)
    if kind is None or step not in {each.name for each in kind.manifest.steps}:
        return gone(request)
    words, answers = words_of(request), answers_of(form, questions_of(kind))
    looked = Looked(step=step)
    try:
        found = await keeping.check_step(desk, agent, platform, step, answers)
        looked = replace(looked, found=tuple(why(each, words) for each in found))
    except (ConnectorError, ChannelProblem) as problem:
        looked = replace(looked, problem=problem_words(problem, words), said=getattr(problem, "said", ""))
    if wants_part(request):
        return page(request, "office/looked.html", looked=looked)
    values = _blank(request, platform, kind.manifest.name, answers, form.get("name", ""))
    values |= {"working": False, "outcome": None, "mark": "", "looked": looked}
    return office(request, PLACE, "office/connect.html", **values)


async def connect(request: web.Request) -> web.StreamResponse:
    """POST: prove the answers, keep the channel. What is wrong stands under the steps, over the form."""
    desk, agent, form = request.app[PAGES].desk, agent_of(request), request[FORM]
    platform = request.match_info["platform"]
    kind = desk.registry.types.get(platform)
    if kind is None:
        return gone(request)
    answers, name = answers_of(form, questions_of(kind)), form.get("name", "").strip() or None

    async def work(tell: Tell) -> Mapping[str, object]:
        said: list[str] = []

        def told_of(sentence: str) -> None:
            said.append(sentence)
            tell(sentence)

        try:
            made = await keeping.add_channel(
                desk, agent, platform, answers, name, told_of, address=request.remote
            )
        except (ConnectorError, ChannelProblem) as problem:
            return {
                "problem": problem_words(problem, words_of(request)),
                "said": getattr(problem, "said", ""),
            }
        for sentence in made.found:
            if sentence not in said:
                tell(sentence)
        return {"problem": "", "channel": made.channel}

    values = _blank(request, platform, kind.manifest.name, answers, name or "")
    return await stepwise(request, PLACE, "office/connect.html", work, **values)


def _blank(
    request: web.Request,
    platform: str,
    title: str,
    answers: Mapping[str, str] | None = None,
    name: str = "",
) -> dict[str, Any]:
    kind = request.app[PAGES].desk.registry.types[platform]
    values: dict[str, Any] = {
        "platform": platform,
        "kind": title,
        "icon_of": BY_PLATFORM.get(platform, "bubble"),
        "name": name,
        "authorizes": can_authorize(request.app[PAGES].desk, platform),
        **_asked(request, kind, answers or {}),
    }
    blank = {"working": False, "outcome": None, "mark": "", "looked": None}
    return {**blank, **values} if answers is None else {"looked": None, **values}


async def ask_anew(request: web.Request) -> web.StreamResponse:
    """GET: the secrets of a channel, to be entered once more."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    values = _renewal(request, channel)
    return office(request, PLACE, "office/renew.html", working=False, outcome=None, mark="", **values)


async def renew(request: web.Request) -> web.StreamResponse:
    """POST: prove them, keep them, begin anew."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    desk, agent = request.app[PAGES].desk, agent_of(request)
    form = request[FORM]
    answers = answers_of(form, keeping.renewal_of(desk, channel))

    async def work(tell: Tell) -> Mapping[str, object]:
        try:
            await keeping.renew_channel(desk, agent, channel, answers, tell, address=request.remote)
        except (ConnectorError, ChannelProblem) as problem:
            return {"problem": problem_words(problem, words_of(request))}
        return {"problem": ""}

    return await stepwise(request, PLACE, "office/renew.html", work, **_renewal(request, channel))


def _renewal(request: web.Request, channel: Channel) -> dict[str, Any]:
    questions = keeping.renewal_of(request.app[PAGES].desk, channel)
    drawn = [asked(each, PREFIX, None, words_of(request)) for each in questions]
    return {"channel": channel, "icon_of": channel_icon(channel), "questions": drawn}


async def try_out(request: web.Request) -> web.StreamResponse:
    """POST: something is sent through it and awaited, or at least it signs in."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    desk, agent = request.app[PAGES].desk, agent_of(request)

    async def work(tell: Tell) -> Mapping[str, object]:
        try:
            async with aclosing(keeping.try_out(desk, agent, channel, address=request.remote)) as steps:
                async for sentence in steps:
                    tell(sentence)
        except ConnectorError as problem:
            return {"problem": problem_words(problem, words_of(request))}
        return {"problem": ""}

    return await stepwise(request, PLACE, "office/tried.html", work, channel=channel)


async def compare(request: web.Request) -> web.StreamResponse:
    """POST: ask the platform what it holds and look for it here; `deed=take`: keep what is missing first."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    desk, agent, takes = request.app[PAGES].desk, agent_of(request), request[FORM].get("deed") == "take"

    async def work(tell: Tell) -> Mapping[str, object]:
        try:
            taken = await take_missing(desk, agent, channel, address=request.remote) if takes else 0
            compared = await compare_channel(desk, agent, channel, address=request.remote)
        except ConnectorError as problem:
            return {"problem": problem_words(problem, words_of(request))}
        return {"problem": "", "compared": compared, "taken": taken}

    return await stepwise(request, PLACE, "office/compared.html", work, channel=channel)


def problem_words(problem: ConnectorError | ChannelProblem, words: Words) -> str:
    return told(problem, words) if isinstance(problem, ChannelProblem) else why(str(problem), words)


def _asked(request: web.Request, kind: type[Connector[Any]], answers: Mapping[str, str]) -> dict[str, object]:
    """The steps with what each asks; what none of them asks: the usual, and what is asked only on request."""
    words, origin = words_of(request), request.app[PAGES].origin(request)
    questions = questions_of(kind)
    drawn = {each.name: asked(each, PREFIX, answers.get(each.name), words) for each in questions}
    steps = [
        drawn_step(each, [drawn.pop(name) for name in each.asks], origin, words)
        for each in kind.manifest.steps
    ]
    rest = {
        "usual": [each for each in drawn.values() if not each.advanced],
        "advanced": [each for each in drawn.values() if each.advanced],
    }
    return {"steps": steps, "questions": rest}


def answers_of(form: Mapping[str, str], questions: Sequence[Question]) -> dict[str, str]:
    """All answers; where nothing was typed, what was proposed."""
    return {
        each.name: form.get(PREFIX + each.name, "").strip("\r\n" if each.secret else None) or each.default
        for each in questions
    }


ROUTES = [
    web.get("/office/channels/new/{platform}", ask),
    web.post("/office/channels/new/{platform}", connect),
    web.post("/office/channels/new/{platform}/steps/{step}", look),
    web.get("/office/channels/{channel}/credentials", ask_anew),
    web.post("/office/channels/{channel}/credentials", renew),
    web.post("/office/channels/{channel}/tests", try_out),
    web.post("/office/channels/{channel}/comparisons", compare),
]
