"""The panel a list is filtered with: a form whose answer is an address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from hub.desk.fields import list_fields
from hub.desk.opening import list_agents
from hub.desk.tags import list_tags
from hub.model.desk import NONE, Filter
from hub.model.fields import CustomField, FieldOn
from inbox_ui.filtering import LISTS, UNKNOWN_LANGUAGE, address_of, filter_of, pairs_of, sort_of
from inbox_ui.kinds import hours_words, language_words, priority_words, status_words, surface_words
from inbox_ui.navigation import Navigation, navigation_of
from inbox_ui.pages import PAGES
from inbox_ui.rows import lens_here, names_of
from inbox_ui.visitor import agent_of, page, see_other, words_of
from inbox_ui.words import Words

LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "no", "fi", "cs", "tr", "ru", "uk",
             "ar", "zh", "ja", "ko", UNKNOWN_LANGUAGE)  # fmt: skip
AGES = (4, 24, 72, 168, 720)  # hours
DUE = (1, 4, 24)
TAGS_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the form: `options` are values and titles, `chosen` those in the filter now.

    `several`: any of those that are chosen will do.
    """

    key: str
    title: str
    options: Sequence[tuple[str, str]]
    chosen: Sequence[str]

    @property
    def several(self) -> bool:
        return self.key in LISTS

    @property
    def summary(self) -> str:
        """The titles of what is chosen."""
        return ", ".join(title for value, title in self.options if value in self.chosen)


@dataclass(frozen=True, slots=True)
class Pair:
    """A field and what is in it."""

    key: str
    title: str
    names: Sequence[tuple[str, str]]
    name: str
    value: str


async def panel(request: web.Request) -> web.StreamResponse:
    """GET /filters/{view}. Sent (`apply`), it leads to the list under its own, short address."""
    view, words = request.match_info["view"], words_of(request)
    nav = await navigation_of(request)
    lens = await lens_here(request, view, nav)
    if "apply" in request.query:
        own = lens.saved.sort if lens.saved else "newest"
        asked = filter_of(request.query) or Filter()
        sort = sort_of(request.query, own)
        return see_other(
            f"/desk/inbox/{view}{address_of(asked, sort, own=own, always=lens.saved is not None)}"
        )
    pages, agent = request.app[PAGES], agent_of(request)
    agents = {each.id: each for each in await list_agents(pages.desk)}
    tags = await list_tags(pages.desk, agent)
    fields = await list_fields(pages.desk, agent)
    return page(
        request,
        "filter.html",
        view=view,
        title=nav.titles.get(view, view),
        sort=sort_of(request.query, lens.saved.sort if lens.saved else "newest"),
        choices=_choices(lens.filter, nav, names_of(nav, agents, words)["agent"], words),
        priorities=priority_words(words),
        wanted=lens.filter,
        tags=[each.name for each in tags[:TAGS_SHOWN]],
        pairs=pairs_asked(lens.filter, fields, words),
    )


def _choices(wanted: Filter, nav: Navigation, agents: Mapping[str, str], words: Words) -> list[Choice]:
    _ = words.gettext
    said: dict[str, list[str]] = {}
    for key, value in pairs_of(wanted):
        said.setdefault(key, []).append(value)
    whom = [("us", _("Waits for us")), ("customer", _("Waits for the customer"))]
    soon = [(str(each), _("within %(time)s", time=hours_words(each, words))) for each in DUE]
    platforms = sorted({each.platform for each in nav.channel_kinds})
    lines: list[tuple[str, str, Sequence[tuple[str, str]]]] = [
        ("status", _("State"), list(status_words(words).items())),
        ("awaiting", _("Who is to answer"), whom),
        ("agent", _("Agent"), list(agents.items())),
        ("team", _("Team"), [(NONE, _("none")), *nav.team_names.items()]),
        ("channel", _("Channel"), list(nav.channel_names.items())),
        ("platform", _("Platform"), [(each, each.title()) for each in platforms]),
        ("surface", _("Kind of message"), list(surface_words(words).items())),
        ("language", _("Language"), [(each, language_words(each, words)) for each in LANGUAGES]),
        ("older", _("Older than"), [(str(each), hours_words(each, words)) for each in AGES]),
        ("due", _("Due"), [("over", _("Overdue")), *soon]),
    ]
    return [
        Choice(key, title, _with(options, said.get(key, [])), said.get(key, []))
        for key, title, options in lines
    ]


def pairs_asked(wanted: Filter, fields: Sequence[CustomField], words: Words) -> list[Pair]:
    """A line for each field that is asked for, and one more of each kind where there are others."""
    _ = words.gettext
    pairs: list[Pair] = []
    for key, title, on, held in (
        ("customer", _("Field of the customer"), FieldOn.CUSTOMER, wanted.customer_fields),
        ("field", _("Field of the conversation"), FieldOn.CONVERSATION, wanted.fields),
    ):
        known = [(each.key, each.name) for each in fields if each.on is on]
        asked = list(held.items())
        if any(name not in held for name, _ in known):
            asked.append(("", ""))  # room for one more
        names = _with(known, list(held))
        pairs += [Pair(key, title, names, name, value) for name, value in asked]
    return pairs


def _with(options: Sequence[tuple[str, str]], chosen: Sequence[str]) -> list[tuple[str, str]]:
    """Also what an address asks for that is not offered, so that to apply the form again loses nothing."""
    known = {value for value, _ in options}
    return [*options, *((each, each) for each in chosen if each not in known)]
