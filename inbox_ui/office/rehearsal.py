"""Rules tried on the last days: what they would have done beside what really happened; nothing is changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from hub.contract.rehearsal import Burden, Course, Measures
from hub.desk.changing import NotPossible
from hub.desk.rehearsals import rehearse_rules
from hub.desk.rule_files import names_of
from hub.desk.rules import list_rules
from hub.dispatch.rehearsing import Rehearsal, Spot
from inbox_ui.office.frame import office
from inbox_ui.office.levels import span_words
from inbox_ui.office.rule_frame import PLACE
from inbox_ui.pages import PAGES
from inbox_ui.saying import told, why
from inbox_ui.visitor import agent_of, words_of
from inbox_ui.words import Words

DAYS = (7, 14, 30)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing beside what it really was."""

    what: str
    truly: str
    tried: str


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation that would have gone elsewhere."""

    conversation: str
    who: str
    subject: str
    was: str
    would: str
    because: str


async def page(request: web.Request) -> web.StreamResponse:
    """GET: `days`, and `rule`, one that is off and is tried as if it were on."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    asked, rule = request.query.get("days", ""), request.query.get("rule", "")
    days = int(asked) if asked in map(str, DAYS) else DAYS[0]
    off = [(each.id, each.name) for each in await list_rules(desk, agent) if not each.enabled]
    choices: dict[str, Any] = {
        "days": days,
        "spans": [(str(each), words.ngettext("%(num)s day", "%(num)s days", each)) for each in DAYS],
        "off": off,
        "rule": rule,
    }
    try:
        found = await rehearse_rules(desk, agent, days, switched_on=[rule] if rule else [])
    except NotPossible as problem:
        said = {"": told(problem, words)}
        return office(request, PLACE, "office/rehearsal.html", 422, said, found=None, **choices)
    teams = (await names_of(desk))["team"]
    agents = {each.id: each.name for each in await desk.store.people.list_agents()}
    return office(
        request,
        PLACE,
        "office/rehearsal.html",
        found=found,
        moves=_moves(found, teams, words),
        rows=list(_rows(found, teams, agents, words)),
        figures=_figures(found, words),
        burdens=_burdens(found.truly.burdens, found.tried.burdens, agents, words),
        **choices,
    )


def _moves(found: Rehearsal, teams: Mapping[str, str], words: Words) -> list[tuple[str, str, str, bool]]:
    return [
        (
            _spot_words(each.was, teams, words),
            _spot_words(each.would, teams, words),
            words.number(each.count),
            each.was != each.would,
        )
        for each in found.moves
    ]


def _spot_words(spot: Spot, teams: Mapping[str, str], words: Words) -> str:
    if spot.away:
        return words.gettext("Out of the way")
    if spot.team is None:
        return words.gettext("No team")
    return teams.get(spot.team, spot.team)


def _rows(
    found: Rehearsal, teams: Mapping[str, str], agents: Mapping[str, str], words: Words
) -> Iterator[Row]:
    for each in found.elsewhere:
        because = " ".join(why(line, words) for line in each.would.because.split("\n"))
        yield Row(
            conversation=each.conversation,
            who=each.customer_name,
            subject=each.subject,
            was=_course_words(each.was, teams, agents, words),
            would=_course_words(each.would, teams, agents, words),
            because=because,
        )


def _course_words(course: Course, teams: Mapping[str, str], agents: Mapping[str, str], words: Words) -> str:
    spot = _spot_words(Spot(course.team, course.away), teams, words)
    if course.away or course.agent is None:
        return spot
    return f"{spot} · {agents.get(course.agent, course.agent)}"


def _figures(found: Rehearsal, words: Words) -> list[Line]:
    _ = words.gettext
    names = {
        "first_response": _("First answers that were late"),
        "next_response": _("Further answers that were late"),
        "resolution": _("Resolved too late"),
    }

    def line(what: str, of: str) -> Line:
        return Line(what, *(_time(getattr(each, of), words) for each in (found.truly, found.tried)))

    def counted(what: str, truly: int, tried: int) -> Line:
        return Line(what, words.number(truly), words.number(tried))

    return [
        line(_("Half of all had the first answer within"), "median"),
        line(_("Nine of ten had it within"), "p90"),
        counted(_("Without an answer"), found.truly.unanswered, found.tried.unanswered),
        *(counted(said, _broken(found.truly, key), _broken(found.tried, key)) for key, said in names.items()),
    ]


def _broken(measures: Measures, promise: str) -> int:
    return measures.broken.get(promise, 0)


def _time(minutes: float | None, words: Words) -> str:
    if minutes is None:
        return "–"
    return span_words(round(minutes), words) if minutes >= 1 else words.gettext("less than a minute")


def _burdens(
    truly: Sequence[Burden], tried: Sequence[Burden], agents: Mapping[str, str], words: Words
) -> list[Line]:
    by_agent = [{each.agent: each for each in side} for side in (truly, tried)]
    named = sorted({*by_agent[0], *by_agent[1]}, key=lambda each: (agents.get(each, each), each))

    def said(burden: Burden | None) -> str:
        if burden is None:
            return "–"
        total = words.number(burden.total)
        return words.gettext("%(total)s, at once at most %(most)s", total=total, most=burden.most)

    return [Line(agents.get(each, each), *(said(side.get(each)) for side in by_agent)) for each in named]


ROUTES = [web.get("/office/rules/rehearsal", page)]
