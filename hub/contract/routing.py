"""The questions the hub asks its router. All answers are decisions, not deeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from hub.contract.inbound import Author
from hub.model.channels import Joining
from hub.model.hours import WorkingHours
from hub.model.people import Identity
from hub.model.rules import Action, Group, Passed, Reading, Rule, Trigger
from hub.model.service import Happened, ServiceLevel, Standing
from hub.model.staffing import AgentPlan, TeamPlan, Workload

if TYPE_CHECKING:
    from hub.contract.rehearsal import Rehearsed, Trial


@dataclass(frozen=True, slots=True)
class Link:
    """Attach the identity to this customer; None: make a new one. `suggest` is for a human to judge."""

    customer: str | None
    because: str
    suggest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely two identities are one person's, of 100, and why: sentences, the strongest first."""

    score: int
    reasons: tuple[str, ...]


Facts = Mapping[str, tuple[str, ...]]  # what is known of a conversation, by the names in model/rules.FACTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something happened to a conversation. `minutes`: how long it has been so, where that matters."""

    trigger: Trigger
    facts: Facts
    minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules say: those that fit, and what they want done, in their order."""

    rules: tuple[Rule, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody of the team, as they are just now."""

    agent: str
    name: str
    plan: AgentPlan
    workload: Workload
    at_work: bool = True  # in their hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a conversation asks of whoever gets it."""

    surface: str
    weight: int | None = None  # None: as usual
    needs: Mapping[str, int] = field(default_factory=dict)  # skills with levels
    language: str | None = None
    asked: str | None = None  # by a rule
    owner: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """None: nobody can have it now. `passed`: everybody else who was considered."""

    agent: str | None
    because: str
    passed: tuple[Passed, ...] = ()


@dataclass(frozen=True, slots=True)
class ClosedDay:
    day: date
    name: str  # of the holiday; "": one of the office's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A conversation, as far as it tells whether it is about the same as another of the same customer."""

    id: str
    subject: str
    text: str  # how what was written begins
    public: bool
    team: str | None
    at: datetime  # of the last message
    waits: bool = True  # for an answer of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """What to do with a conversation that begins while others are live. `reasons`: the strongest first."""

    how: Joining
    matter: str | None = None  # the live one it is about; None: none of them
    score: int = 0  # of 100
    because: str
    reasons: tuple[str, ...] = ()


class Router(Protocol):
    def link(self, author: Author, candidates: Sequence[Identity], now: datetime) -> Link:
        """`candidates`: identities that share a verified e-mail address or phone number with the author."""

    def compare(self, one: Identity, other: Identity) -> Likeness | None:
        """None: nothing that is worth a person's time."""

    def holds(self, when: Group, facts: Facts) -> bool: ...

    def judge(self, rules: Sequence[Rule], reading: Reading, case: Case) -> Verdict: ...

    def choose(
        self, plan: TeamPlan, candidates: Sequence[Candidate], wanted: Wanted, now: datetime
    ) -> Choice: ...

    def at_work(self, hours: WorkingHours | None, moment: datetime) -> bool: ...

    def knows_holidays(self, place: str) -> bool:
        """`place`: DE, DE-BY."""

    def holiday_countries(self) -> Sequence[str]: ...

    def holiday_parts(self, country: str) -> Mapping[str, str]:
        """Parts of a country that have holidays of their own, with their names: BY, Bayern."""

    def next_at_work(self, hours: WorkingHours | None, moment: datetime) -> datetime | None:
        """The moment itself, if it is at work; None: never again."""

    def closed_days(
        self, hours: WorkingHours, since: date, most: int, language: str = ""
    ) -> Sequence[ClosedDay]:
        """The next days without work though there would be a shift."""

    def standing(
        self, level: ServiceLevel, hours: WorkingHours | None, history: Sequence[Happened], now: datetime
    ) -> Standing: ...

    def rehearse(self, trial: "Trial") -> "Rehearsed":
        """What the rules would have done with what has happened already."""

    def join(self, new: Matter, live: Sequence[Matter], wanted: Joining, *, shared: bool = False) -> Joint:
        """`live`: of the same customer. `shared`: several people may write from that address."""
