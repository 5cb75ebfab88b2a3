"""Decides who a writer is and who answers. Pure: never reads, never writes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from hub.contract.inbound import Author
from hub.contract.rehearsal import Rehearsed, Trial
from hub.contract.routing import (
    Candidate,
    Case,
    Choice,
    ClosedDay,
    Facts,
    Joint,
    Likeness,
    Link,
    Matter,
    Verdict,
    Wanted,
)
from hub.model.channels import Joining
from hub.model.hours import WorkingHours
from hub.model.people import Identity
from hub.model.rules import Group, Reading, Rule
from hub.model.service import Happened, ServiceLevel, Standing
from hub.model.staffing import TeamPlan
from routing.conditions import holds
from routing.due import standing
from routing.holidays_known import closed_days, holiday_countries, holiday_parts
from routing.hours import at_work, knows_holidays, next_at_work
from routing.join import join
from routing.link import link_by_address
from routing.rehearse import rehearse
from routing.rules import judge
from routing.strategies import choose
from routing.suggest import compare


class Routing:
    """The router the hub is started with."""

    def link(self, author: Author, candidates: Sequence[Identity], now: datetime) -> Link:
        return link_by_address(author, candidates, now)

    def compare(self, one: Identity, other: Identity) -> Likeness | None:
        return compare(one, other)

    def holds(self, when: Group, facts: Facts) -> bool:
        return holds(when, facts)

    def judge(self, rules: Sequence[Rule], reading: Reading, case: Case) -> Verdict:
        return judge(rules, reading, case)

    def choose(
        self, plan: TeamPlan, candidates: Sequence[Candidate], wanted: Wanted, now: datetime
    ) -> Choice:
        return choose(plan, candidates, wanted, now)

    def at_work(self, hours: WorkingHours | None, moment: datetime) -> bool:
        return at_work(hours, moment)

    def knows_holidays(self, place: str) -> bool:
        return knows_holidays(place)

    def holiday_countries(self) -> Sequence[str]:
        return holiday_countries()

    def holiday_parts(self, country: str) -> Mapping[str, str]:
        return holiday_parts(country)

    def next_at_work(self, hours: WorkingHours | None, moment: datetime) -> datetime | None:
        return next_at_work(hours, moment)

    def closed_days(
        self, hours: WorkingHours, since: date, most: int, language: str = ""
    ) -> Sequence[ClosedDay]:
        return closed_days(hours, since, most, language)

    def standing(
        self, level: ServiceLevel, hours: WorkingHours | None, history: Sequence[Happened], now: datetime
    ) -> Standing:
        return standing(level, hours, history, now)

    def rehearse(self, trial: Trial) -> Rehearsed:
        return rehearse(trial)

    def join(self, new: Matter, live: Sequence[Matter], wanted: Joining, *, shared: bool = False) -> Joint:
        return join(new, live, wanted, shared=shared)
