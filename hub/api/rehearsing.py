"""Rules tried on what came in during the last days, without any effect."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from hub.api.bodies import Body, Id
from hub.api.making import writing
from hub.api.route import AnyRoute, Call
from hub.api.shapes import Shape
from hub.desk.rehearsals import DAYS_MOST, rehearse_rules
from hub.model.sign_ins import Scope


class AskRehearsal(Body):
    days: int = Field(7, ge=1, le=DAYS_MOST, description="What began since then is looked at.")
    toml: str | None = Field(
        None,
        max_length=1_000_000,
        description="A file of rules: those of a name that is known stand for it, others come behind.",
    )
    switched_on: list[Id] = Field([], max_length=300, description="Rules that are off, as if they were on.")


class Spot(Shape):
    team: str | None = Field(description="null: none.")
    away: bool = Field(description="It does not stay open: spam, or resolved at once.")


class Move(Shape):
    was: Spot
    would: Spot
    count: int


class Course(Shape):
    team: str | None
    agent: str | None
    given_at: datetime | None = Field(description="When an agent had it first.")
    away: bool
    because: str = Field(description="One reason a line.")
    rules: list[str] = Field(description="Names of the rules that fit.")


class Elsewhere(Shape):
    conversation: str
    subject: str
    customer_name: str
    at: datetime
    was: Course
    would: Course


class Burden(Shape):
    agent: str
    total: int = Field(description="Conversations.")
    most: int = Field(description="At once, by what conversations weigh.")


class Measures(Shape):
    burdens: list[Burden]
    answered: int
    unanswered: int
    median: float | None = Field(description="Minutes until the first answer.")
    p90: float | None = Field(description="Minutes within which nine of ten had an answer.")
    broken: dict[str, int] = Field(description="Promises that were not kept, by what was promised.")


class Rehearsal(Shape):
    """What the rules would have done, beside what really happened."""

    since: datetime
    until: datetime
    conversations: int
    cut: bool = Field(description="There are more, further back, that were not looked at.")
    too_long: int = Field(description="Left out, because too much was said in them.")
    not_asked: list[str] = Field(description="Rules that only listen to what comes after the arrival.")
    moves: list[Move]
    elsewhere: list[Elsewhere] = Field(description="The latest of those that would have gone elsewhere.")
    changed: int = Field(description="How many would have gone elsewhere.")
    tried: Measures
    truly: Measures


async def rehearse(call: Call, asked: AskRehearsal) -> Rehearsal:
    found = await rehearse_rules(
        call.desk, call.agent, asked.days, toml=asked.toml, switched_on=asked.switched_on
    )
    return Rehearsal.model_validate(found)


REHEARSALS: Sequence[AnyRoute] = (
    writing(
        "POST", "/rules/rehearsals", "rehearseRules",
        "Try rules on what came in during the last days. Changes nothing. Only for admins.",
        rehearse, AskRehearsal, Rehearsal, "not-possible", scope=Scope.ADMIN,
    ),
)  # fmt: skip
