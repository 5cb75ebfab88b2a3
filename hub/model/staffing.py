"""Who can take conversations: how teams hand them out, what agents can do, and how they are just now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Strategy(StrEnum):
    CLAIM = "claim"  # whoever takes it
    ROUND_ROBIN = "round_robin"
    LEAST_BUSY = "least_busy"
    SKILLED = "skilled"  # who knows most of what it needs; of equals the least busy
    SPLIT = "split"  # by percentages


class Prefer(StrEnum):
    """Before the strategy is asked."""

    OWNER = "owner"  # of the customer
    LAST = "last"  # who had their last conversation


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPlan:
    """How a team hands out its conversations. `id`: the team's."""

    id: str
    strategy: Strategy = Strategy.CLAIM
    prefer: tuple[Prefer, ...] = ()
    split: dict[str, int] = field(default_factory=dict)  # agent: percent
    languages: bool = False  # only to those who speak the customer's, as long as somebody does
    strict: bool = False  # needs nobody meets wait, instead of going to whoever is there
    vip_first: bool = True  # in the queue
    hours: str | None = None  # working hours; None: always
    overflow: str | None = None  # another team
    overflow_minutes: int | None = None  # after so long in the queue; None: only when nobody is on shift
    back_minutes: int = 10  # after an agent vanished, unanswered conversations go back to the queue


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPlan:
    """What an agent can take. `id`: the agent's."""

    id: str
    capacity: int | None = None  # in weights, see `weight_of`; None: without limit
    most: dict[str, int] = field(default_factory=dict)  # conversations of a surface
    skills: dict[str, int] = field(default_factory=dict)  # with levels from 1 to 5
    languages: dict[str, int] = field(default_factory=dict)  # ISO 639-1, with levels
    hours: str | None = None  # None: the team's


class State(StrEnum):
    ONLINE = "online"
    AWAY = "away"  # chosen, or no hand on the keyboard
    BREAK = "break"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A conversation that an agent has, and what it weighs."""

    conversation: str
    weight: int
    surface: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """An agent just now. `id`: the agent's. `load` is the sum of what is held, kept in the same write."""

    id: str
    state: State = State.OFFLINE  # as chosen, or as the pages say
    until: datetime | None = None  # offline after that, unless a page says otherwise
    back_at: datetime | None = None  # online again from then on
    acted_at: datetime | None = None  # last hand on the keyboard, as pages say
    idle: bool = False  # away because of that, not chosen
    load: int = 0
    held: tuple[Held, ...] = ()
    turn: int = 0  # when something was assigned last, in ms: whose turn it is
    given: dict[str, int] = field(default_factory=dict)  # how many by each team: for `split`

    def state_at(self, now: datetime) -> State:
        return self.state if self.until is not None and now < self.until else State.OFFLINE


# A chat wants an answer now, a mail today: what a conversation takes of an agent's capacity.
WEIGHTS: Mapping[str, int] = {"email": 1, "direct": 2, "group": 2, "comment": 1, "mention": 1}
THE_ONE = "workplace"


def weight_of(surface: str) -> int:
    """As usual; `Workplace.weight_of` knows what the company says."""
    return WEIGHTS.get(surface, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What holds for everybody who answers; there is one. `weights`: by surface, those not as usual."""

    id: str = THE_ONE
    weights: dict[str, int] = field(default_factory=dict)
    idle_minutes: int | None = 15  # no hand on keyboard or pointer for so long: away; None: never by itself

    def weight_of(self, surface: str) -> int:
        return self.weights.get(surface, weight_of(surface))
