"""How working hours stand just now, who goes by them, and days taken from a calendar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hub.clock import clock_change, zone_named
from hub.contract.routing import ClosedDay
from hub.desk.calendar_files import Calendar, closed_days_in
from hub.desk.replying import Desk
from hub.desk.staffing import get_hours, save_hours
from hub.desk.teams import only_admins
from hub.model.hours import WorkingHours
from hub.model.people import Agent
from hub.model.rules import Do, Rule

SHOWN = 8  # closed days
YEARS_AHEAD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursNow:
    """`next_at`: when work goes on, while it rests; None: never. `there`: the clock of the zone, which is
    changed next at `changes_at`."""

    open: bool
    next_at: datetime | None
    closed: Sequence[ClosedDay]
    there: datetime
    changes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Uses:
    """Names of those who go by something."""

    teams: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.teams or self.agents or self.levels)


def look_at(desk: Desk, hours: WorkingHours, language: str = "") -> HoursNow:
    router, now = desk.dispatch.router, desk.clock()
    zone = zone_named(hours.zone)
    return HoursNow(
        open=router.at_work(hours, now),
        next_at=router.next_at_work(hours, now),
        closed=router.closed_days(hours, now.astimezone(zone).date(), SHOWN, language),
        there=now.astimezone(zone),
        changes_at=clock_change(zone, now),
    )


async def uses_of(desk: Desk) -> Mapping[str, Uses]:
    """Who goes by which hours, by the hours' id."""
    office = await desk.dispatch.office()
    teams = {each.id: each.name for each in await desk.store.people.list_teams()}
    agents = {each.id: each.name for each in await desk.store.people.list_agents()}
    found: dict[str, Uses] = {}
    for hours in office.hours:
        by_teams = (each.id for each in office.teams.values() if each.hours == hours)
        by_agents = (each.id for each in office.agents.values() if each.hours == hours)
        found[hours] = Uses(
            _names(teams[each] for each in by_teams if each in teams),
            _names(agents[each] for each in by_agents if each in agents),
            _names(each.name for each in office.levels.values() if each.hours == hours),
        )
    return found


async def rules_promising(desk: Desk) -> Mapping[str, Sequence[Rule]]:
    """The rules that give each service level, by the level's id, in their order."""
    found: dict[str, list[Rule]] = {}
    for rule in sorted((await desk.dispatch.office()).rules, key=lambda each: (each.place, each.id)):
        for level in {each.value for each in rule.then if each.do is Do.LEVEL}:
            found.setdefault(level, []).append(rule)
    return found


async def take_calendar(
    desk: Desk, by: Agent, hours: str, text: str, *, address: str = ""
) -> tuple[WorkingHours, Calendar]:
    """The days of an iCalendar file are closed days from now on, too. Raises NotAllowed, NotPossible."""
    only_admins(by)
    found = await get_hours(desk, by, hours)
    calendar = read_calendar(desk, text)
    closed = {*found.closed, *(each.isoformat() for each in calendar.days)}
    kept = await save_hours(desk, by, replace(found, closed=tuple(closed)), address=address)
    return kept, calendar


def read_calendar(desk: Desk, text: str) -> Calendar:
    """From today on, a few years ahead. Raises NotPossible."""
    today = desk.clock().date() - timedelta(days=1)  # somewhere it is still yesterday
    return closed_days_in(text, today, date(today.year + YEARS_AHEAD, 12, 31))


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=str.casefold))
