"""Writing to somebody first: on which channel, to whom, about what."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from hub.contract.capabilities import Capabilities, Surface
from hub.desk import deeds
from hub.desk.drafting import NEW, discard_draft, find_draft
from hub.desk.finding import channels_to_write_first, find_people
from hub.desk.replying import Desk, Draft
from hub.desk.sending import first_surface, start_conversation
from hub.model.channels import Channel
from hub.model.content import Attachment
from hub.model.desk import StoredDraft
from hub.model.ids import new_id
from hub.outbox.preflight import NotSendable
from inbox_ui.composer import Box
from inbox_ui.composing import attached
from inbox_ui.kinds import channel_icon
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.tasks import done, task
from inbox_ui.timeline import Reader
from inbox_ui.visitor import FORM, agent_of, now_of, page, words_of
from inbox_ui.written import read_written

MOST = 50


@dataclass(frozen=True, slots=True)
class Way:
    """A channel on which somebody can be written to who has not written to us."""

    id: str
    name: str
    icon: str
    subject: bool
    several: bool
    limits: Capabilities


async def form(
    request: web.Request, problem: str = "", attachments: Sequence[Attachment] = ()
) -> web.Response:
    """GET /conversations/new; a refused submit comes back with what was written."""
    pages, agent = request.app[PAGES], agent_of(request)
    kept = await find_draft(pages.desk, agent, NEW, kind=NEW)
    given = _given(kept) | {**request.query, **request.get(FORM, {})}
    attachments = attachments or (kept.attachments if kept and not problem else ())
    ways = [_way(pages.desk, each) for each in await channels_to_write_first(pages.desk)]
    chosen = next((each for each in ways if each.id == given.get("channel")), ways[0] if ways else None)
    return task(
        request,
        "beginning.html",
        422 if problem else 200,
        ways=ways,
        chosen=chosen,
        to=given.get("to", ""),
        subject=given.get("subject", ""),
        box=_box(request, chosen, given.get("text", ""), attachments, kept.version if kept else 0),
        key=given.get("key") or new_id(now_of(request)),
        problem=problem,
    )


async def people(request: web.Request) -> web.StreamResponse:
    """GET /people?q=…&channel=…: who could be meant, as choices for the field."""
    pages, query = request.app[PAGES], request.query
    channels = {each.id: each for each in await channels_to_write_first(pages.desk)}
    channel = channels.get(query.get("channel", ""))
    platform = channel.platform if channel else ""
    found = await find_people(pages.desk, agent_of(request), query.get("q", ""), platform)
    return page(request, "people.html", found=found)


async def begin(request: web.Request) -> web.StreamResponse:
    """POST /conversations: the first message is on its way, in a conversation of its own."""
    desk, agent, words, given = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    to = [each.strip() for each in given.get("to", "").replace(";", ",").split(",")]
    attachments: Sequence[Attachment] = ()
    try:
        written = await read_written(request)
        attachments = written.attachments
        draft = Draft(text=written.text, key=given.get("key") or None, attachments=written.attachments)
        opened = await start_conversation(
            desk, agent, given.get("channel", ""), to[:MOST], draft, given.get("subject", "").strip()
        )
    except (NotSendable, deeds.NotPossible) as problem:
        return await form(request, told(problem, words), attachments)
    await discard_draft(desk, agent, NEW, kind=NEW, sent=True)
    return done(request, opened.id, words.gettext("On its way"))


def _given(kept: StoredDraft | None) -> dict[str, str]:
    """What was begun to be written, in this browser or another."""
    if kept is None:
        return {}
    return {
        "channel": kept.about or "",
        "to": ", ".join(kept.to),
        "subject": kept.subject or "",
        "text": kept.text,
    }


def _box(
    request: web.Request, way: Way | None, text: str, attachments: Sequence[Attachment], version: int
) -> Box | None:
    if way is None:
        return None
    pages, words = request.app[PAGES], words_of(request)
    reader = Reader(words, pages.key, now_of(request), {}, {})
    media = way.limits.media
    return Box(
        kind=NEW,
        conversation=NEW,
        version=version,
        label=words.gettext("Message"),
        placeholder="",
        text=text,
        files=[attached(each, reader) for each in attachments],
        longest=way.limits.text.longest,
        measure=way.limits.text.measure.__name__,
        files_most=media.most if media else 0,
        files_largest=json.dumps(dict(media.largest) if media else {}),
    )


def _way(desk: Desk, channel: Channel) -> Way:
    surface = first_surface(desk, channel)
    limits = desk.registry.reader(channel).surfaces[surface or Surface.DIRECT]
    return Way(channel.id, channel.name, channel_icon(channel), limits.subject, limits.recipients, limits)
