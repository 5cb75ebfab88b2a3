"""What a channel was set to, changed before the eyes: proven, and only then kept."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from hub.contract.errors import ConnectorError
from hub.desk.adjusting import adjust_channel, settings_of
from hub.desk.channels import ChannelProblem
from hub.model.channels import Channel
from inbox_ui.kinds import channel_icon
from inbox_ui.office.channel_frame import PLACE, found_channel
from inbox_ui.office.channel_setup import PREFIX, problem_words
from inbox_ui.office.frame import gone, office
from inbox_ui.office.question_words import asked
from inbox_ui.office.steps import Tell, stepwise
from inbox_ui.pages import PAGES
from inbox_ui.visitor import FORM, agent_of, words_of


async def ask(request: web.Request) -> web.StreamResponse:
    """GET: what it is set to."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    values = _drawn(request, channel, {})
    return office(request, PLACE, "office/adjust.html", working=False, outcome=None, mark="", **values)


async def adjust(request: web.Request) -> web.StreamResponse:
    """POST: prove it, keep it, go on with it."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    desk, agent, form = request.app[PAGES].desk, agent_of(request), request[FORM]
    names = [each.name for each in settings_of(desk, channel)]
    answers = {name: form[PREFIX + name].strip() for name in names if PREFIX + name in form}

    async def work(tell: Tell) -> Mapping[str, object]:
        try:
            changed = await adjust_channel(desk, agent, channel, answers, tell, address=request.remote)
        except (ConnectorError, ChannelProblem) as problem:
            return {"problem": problem_words(problem, words_of(request))}
        return {"problem": "", "changed": changed}

    return await stepwise(request, PLACE, "office/adjust.html", work, **_drawn(request, channel, answers))


def _drawn(request: web.Request, channel: Channel, answers: Mapping[str, str]) -> dict[str, Any]:
    words, questions = words_of(request), settings_of(request.app[PAGES].desk, channel)
    drawn = [asked(each, PREFIX, answers.get(each.name), words) for each in questions]
    return {"channel": channel, "icon_of": channel_icon(channel), "questions": drawn}


ROUTES = [
    web.get("/office/channels/{channel}/settings", ask),
    web.post("/office/channels/{channel}/settings", adjust),
]
