"""What the API takes and shows of rules, hours, service levels and staffing."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from hub.api.bodies import Body, Id
from hub.api.shapes import Shape
from hub.desk.rule_forms import RuleForm
from hub.model.hours import MIDNIGHT
from hub.model.rules import Do, Reading
from hub.model.staffing import Prefer, State, Strategy

Minutes = Annotated[int, Field(ge=0, le=366 * 24 * 60)]
Level = Annotated[int, Field(ge=1, le=5)]
Name = Annotated[str, Field(min_length=1, max_length=60)]


class Rule(Shape):
    id: str
    place: int
    version: int
    rule: RuleForm


class Rules(Shape):
    reading: Reading = Field(description="`first`: the first that fits; `all`: every one that fits.")
    rows: list[Rule]


class NewRule(Body):
    rule: RuleForm


class Order(Body):
    rules: list[Id] = Field(max_length=300, description="These first, in this order.")


class ChooseReading(Body):
    reading: Reading


class RulesFile(Shape):
    toml: str


class TakeRules(Body):
    toml: str = Field(max_length=1_000_000)


class ShiftForm(Body):
    day: int = Field(ge=0, le=6, description="0 is Monday.")
    begins: int = Field(ge=0, lt=MIDNIGHT, description="Minutes since midnight.")
    ends: int = Field(gt=0, le=MIDNIGHT)


class SaveHours(Body):
    name: Name
    zone: Annotated[str, Field(max_length=60)]
    shifts: list[ShiftForm] = Field([], max_length=60)
    holidays: Annotated[str, Field(max_length=10)] = ""
    closed: list[Annotated[str, Field(max_length=10)]] = Field([], max_length=400)


class Shift(Shape):
    day: int
    begins: int
    ends: int


class Hours(Shape):
    id: str
    name: str
    zone: str
    shifts: list[Shift]
    holidays: str
    closed: list[str]


class AllHours(Shape):
    rows: list[Hours]


class SaveLevel(Body):
    name: Name
    first_response: Minutes | None = None
    next_response: Minutes | None = None
    resolution: Minutes | None = None
    hours: Id | None = None


class ServiceLevel(Shape):
    id: str
    name: str
    first_response: int | None
    next_response: int | None
    resolution: int | None
    hours: str | None


class Levels(Shape):
    rows: list[ServiceLevel]


class SaveTeamPlan(Body):
    strategy: Strategy = Strategy.CLAIM
    prefer: list[Prefer] = Field([], max_length=2)
    split: dict[Id, Annotated[int, Field(ge=0, le=100)]] = Field({}, max_length=200)
    languages: bool = False
    strict: bool = False
    vip_first: bool = True
    hours: Id | None = None
    overflow: Id | None = None
    overflow_minutes: Minutes | None = None
    back_minutes: Minutes = 10


class TeamPlan(Shape):
    id: str
    strategy: Strategy
    prefer: list[Prefer]
    split: dict[str, int]
    languages: bool
    strict: bool
    vip_first: bool
    hours: str | None
    overflow: str | None
    overflow_minutes: int | None
    back_minutes: int


class SaveAgentPlan(Body):
    capacity: Annotated[int, Field(ge=0, le=1000)] | None = None
    most: dict[Annotated[str, Field(max_length=20)], Annotated[int, Field(ge=0, le=1000)]] = Field(
        {}, max_length=10
    )
    skills: dict[Annotated[str, Field(max_length=40)], Level] = Field({}, max_length=50)
    languages: dict[Annotated[str, Field(max_length=20)], Level] = Field({}, max_length=50)
    hours: Id | None = None


class AgentPlan(Shape):
    id: str
    capacity: int | None
    most: dict[str, int]
    skills: dict[str, int]
    languages: dict[str, int]
    hours: str | None


class ChooseState(Body):
    state: State
    back_at: AwareDatetime | None = Field(
        None, description="When somebody who is away or on a break is online again, within a day."
    )


class Attendance(Shape):
    agent: str
    state: State
    load: int
    capacity: int | None = Field(description="null: without a limit.")
    back_at: datetime | None


class Attendances(Shape):
    rows: list[Attendance]


class Passed(Shape):
    agent: str
    why: str
    details: dict[str, str]


class Done(Shape):
    do: Do
    value: str
    name: str


class Decision(Shape):
    id: str
    at: datetime
    event: str
    rules: list[str] = Field(description="Ids with the version that was in force: `id@version`.")
    because: str
    team: str | None
    agent: str | None
    passed: list[Passed]
    done: list[Done]
    corrected_by: str | None


class Decisions(Shape):
    rows: list[Decision]


class Correct(Body):
    team: Id | None = None
    agent: Id | None = None


class Corrected(Shape):
    undo: str | None = Field(description="Takes the correction back.")
    offered: RuleForm | None = Field(description="A rule that would decide so from now on.")


class Removed(Shape):
    id: str
