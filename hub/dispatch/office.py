"""What decisions are made with: the rules and plans in force, kept in memory until their version changes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.clock import Clock
from hub.contract.routing import Router
from hub.model.hours import WorkingHours
from hub.model.rules import Condition, Do, Group, Reading, Rule, Segment, Trigger
from hub.model.service import ServiceLevel
from hub.model.staffing import THE_ONE, AgentPlan, Strategy, TeamPlan, Workplace
from hub.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    version: int
    reading: Reading = Reading.ALL
    rules: tuple[Rule, ...] = ()
    hours: Mapping[str, WorkingHours] = field(default_factory=dict)
    levels: Mapping[str, ServiceLevel] = field(default_factory=dict)
    teams: Mapping[str, TeamPlan] = field(default_factory=dict)
    agents: Mapping[str, AgentPlan] = field(default_factory=dict)
    workplace: Workplace = field(default_factory=Workplace)
    segments: Mapping[str, Segment] = field(default_factory=dict)

    def listens(self, trigger: Trigger) -> bool:
        return any(each.enabled and trigger in each.on for each in self.rules)

    def asks(self, facts: Collection[str]) -> bool:
        """Whether a rule asks about one of these."""
        return any(each.enabled and _asks(each.when, facts) for each in self.rules)

    def hours_of(self, id: str | None) -> WorkingHours | None:
        return self.hours.get(id) if id else None

    def hands_out(self, team: str | None) -> bool:
        """Whether the team's conversations are given to agents by itself, or a rule may ask for one."""
        if team is None:
            return False
        planned = team in self.teams and self.teams[team].strategy is not Strategy.CLAIM
        return planned or any(
            each.enabled and action.do in (Do.AGENT, Do.STRATEGY)
            for each in self.rules
            for action in each.then
        )


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Asks the router and applies what it decides."""

    store: Store
    router: Router
    clock: Clock
    _known: list[Office] = field(default_factory=list)
    waits: dict[str, tuple[str, datetime]] = field(default_factory=dict)  # why, and when that was said

    async def office(self) -> Office:
        version, reading = await self.store.rules.version()
        if self._known and self._known[0].version == version:
            return self._known[0]
        rules = self.store.rules
        office = Office(
            version=version,
            reading=reading,
            rules=tuple(await rules.all_of(Rule)),
            hours={each.id: each for each in await rules.all_of(WorkingHours)},
            levels={each.id: each for each in await rules.all_of(ServiceLevel)},
            teams={each.id: each for each in await rules.all_of(TeamPlan)},
            agents={each.id: each for each in await rules.all_of(AgentPlan)},
            workplace=await rules.find(Workplace, THE_ONE) or Workplace(),
            segments={each.id: each for each in await rules.all_of(Segment)},
        )
        self._known[:] = [office]
        return office


def _asks(part: Condition | Group, facts: Collection[str]) -> bool:
    if isinstance(part, Condition):
        return part.fact in facts
    return any(_asks(each, facts) for each in part.parts)
