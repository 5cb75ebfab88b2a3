"""Everything about a customer over all channels, on a page of its own, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from hub.desk.changing import NotPossible
from hub.desk.customers import get_person
from hub.desk.happenings import customer_stream, list_types
from hub.desk.opening import list_agents, list_channels
from hub.model.customers import EventType, OutsideEvent
from hub.model.inbox import Activity, Entry, Message, Note, Side
from hub.model.people import Agent, Role
from inbox_ui.alike import somebody_of
from inbox_ui.facts import fact_words
from inbox_ui.kinds import via_icon
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import agent_of, page, words_of
from inbox_ui.words import Words

SHOWN = 280  # characters of what was said
# By a word in the key of a type.
SIGNS = {
    "order": "order",
    "visit": "eye",
    "page": "eye",
    "call": "phone",
    "campaign": "send",
    "newsletter": "send",
}


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    at: datetime
    icon: str
    who: str
    text: str
    conversation: str | None
    ours: bool = False


async def overview(request: web.Request) -> web.Response:
    """GET /customers/{id}: `kind` shows one kind only, `channel` one channel, `before` goes on."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    _, kind = words.gettext, request.query.get("kind", "")
    kinds = {"": _("Everything"), "message": _("Messages"), "note": _("Notes"), "event": _("Events")}
    kinds["activity"] = _("Facts")
    kind = kind if kind in kinds else ""
    channels = {each.id: each.name for each in await list_channels(desk)}
    channel = request.query.get("channel", "") if request.query.get("channel") in channels else ""
    try:
        person = await get_person(desk, agent, request.match_info["customer"])
        found = await customer_stream(
            desk,
            agent,
            person.customer.id,
            kinds=[kind] if kind else [],
            channel=channel or None,
            cursor=request.query.get("before"),
        )
    except NotPossible as problem:
        raise web.HTTPNotFound(text=told(problem, words)) from None
    agents = {each.id: each for each in await list_agents(desk)}
    types = {each.id: each for each in await list_types(desk, agent)}
    rows = [_row(each, agents, types, words) for each in found.rows]
    who, before = somebody_of(person), found.next_cursor
    return page(
        request, "history.html", who=who, rows=rows, next=before, kinds=kinds, kind=kind,
        channels=sorted(channels.items(), key=lambda each: each[1].casefold()), channel=channel,
        erases=agent.role is Role.ADMIN,
    )  # fmt: skip


def _row(
    entry: Entry | OutsideEvent, agents: Mapping[str, Agent], types: Mapping[str, EventType], words: Words
) -> Row:
    match entry:
        case Message():
            icon, ours = via_icon(entry.platform, entry.surface), entry.side is Side.US
            text = _short(entry.content.text) if entry.deleted_at is None else words.gettext("deleted")
            return Row(entry.id, entry.at, icon, entry.author_name, text, entry.conversation, ours)
        case Note():
            return Row(entry.id, entry.at, "note", entry.author_name, _short(entry.text), entry.conversation)
        case Activity():
            text = fact_words(entry, agents, words)
            return Row(entry.id, entry.at, "check", "", text, entry.conversation)
        case OutsideEvent():
            return _outside(entry, types)
    return Row(entry.id, entry.at, "check", "", "", entry.conversation)


def _outside(event: OutsideEvent, types: Mapping[str, EventType]) -> Row:
    kind = types.get(event.type)
    names = {each.key: each.name for each in kind.fields} if kind else {}
    values: Sequence[str] = [f"{names.get(key, key)}: {value}" for key, value in event.values.items()]
    title = kind.name if kind else event.type
    sign = next((SIGNS[each] for each in event.type.split("_") if each in SIGNS), "globe")
    return Row(event.id, event.at, sign, title, ", ".join(values), None)


def _short(text: str) -> str:
    words = " ".join(text[: SHOWN * 2].split())
    return words if len(words) <= SHOWN else words[: SHOWN - 1] + "…"
