"""Rules tried on what has happened already: what that is done with, and what comes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.contract.routing import Candidate, Facts
from hub.model.hours import WorkingHours
from hub.model.rules import Reading, Rule
from hub.model.service import Happened, ServiceLevel
from hub.model.staffing import AgentPlan, TeamPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Where a conversation went, or would go. `away`: it did not stay open when it arrived."""

    team: str | None = None
    agent: str | None = None
    given_at: datetime | None = None  # to the agent, for the first time
    away: bool = False
    level: str | None = None
    because: str = ""  # one reason a line
    rules: tuple[str, ...] = ()  # names of those that fit
    queued: bool = False  # for somebody to be given it: nobody answers before
    asked: str | None = None  # the agent whom a rule asks for


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A conversation that came in, as it was then; what became of it; and who did what when."""

    id: str
    arrived: datetime
    facts: Facts
    surface: str
    weight: int
    language: str | None = None
    person: str = ""
    owner: str | None = None
    vip: bool = False
    blocked: bool = False
    channel: str = ""  # its name
    home: str | None = None  # the channel's team
    history: tuple[Happened, ...] = ()
    truly: Course


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Somebody who answers. They are there in their hours; when they truly were is not kept."""

    agent: str
    name: str
    plan: AgentPlan
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`crowded`: what rules can ask of how busy a team is, by its agents at a moment."""

    past: Sequence[Past]
    rules: Sequence[Rule]
    reading: Reading
    plans: Mapping[str, TeamPlan]
    staff: Sequence[Staff]
    hours: Mapping[str, WorkingHours]
    levels: Mapping[str, ServiceLevel]
    ends: datetime  # until when is looked at
    crowded: Callable[[Sequence[Candidate], datetime], Facts] = lambda candidates, now: {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """What one agent had. `most`: at once, by what conversations weigh."""

    agent: str
    total: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Waiting for the first answer, in minutes. `broken`: promises that were not kept, by their names."""

    burdens: tuple[Burden, ...] = ()
    answered: int = 0
    unanswered: int = 0
    median: float | None = None
    p90: float | None = None
    broken: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """`courses`: by conversation, what the rules would have done."""

    courses: Mapping[str, Course]
    tried: Measures
    truly: Measures
