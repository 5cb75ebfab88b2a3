"""How content customers are: what they answered, and whether, when and how they are asked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from hub.api.bodies import Body, Cursor, Id, Key, Limit, Nothing, Query
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Call
from hub.api.shapes import Next, Shape
from hub.csat import plan, results
from hub.csat.plan import DAYS_MOST, DELAY_MOST, LANGUAGES_MOST, OPEN_MOST, QUESTION_MOST
from hub.model import ratings
from hub.model.sign_ins import Scope

Days = Annotated[int, Field(ge=1, le=DAYS_MOST)]


class Rating(Shape):
    """What a customer answered."""

    id: str
    conversation: str
    customer: str
    channel: str
    platform: str
    agent: str | None = Field(description="Who had the conversation when it was resolved.")
    team: str | None
    language: str
    question: str
    score: int = Field(description="1 to 5, 5 is the best.")
    comment: str
    asked_at: datetime
    answered_at: datetime = Field(description="The last time.")
    changes: int = Field(description="How often they answered; more than once: they corrected it.")


class Ratings(Shape):
    """The newest answer first."""

    rows: list[Rating]
    next: Next


class ListRatings(Query):
    cursor: Cursor = None
    limit: Limit = 50


class RatingPlan(Shape):
    enabled: bool
    channels: list[str] = Field(description="Only there; none: on every channel.")
    delay_minutes: int = Field(description="After a conversation was resolved.")
    rest_days: int = Field(description="Nobody is asked again before.")
    open_days: int = Field(description="So long it can be answered and corrected.")
    questions: dict[str, str] = Field(description="By language, where they differ from ours.")


class SaveRatingPlan(Body):
    """What is left out stays as it is."""

    enabled: bool | None = None
    channels: tuple[Id, ...] | None = Field(None, max_length=200)
    delay_minutes: Annotated[int, Field(ge=0, le=DELAY_MOST)] | None = None
    rest_days: Days | None = None
    open_days: Annotated[int, Field(ge=1, le=OPEN_MOST)] | None = None
    questions: dict[Key, Annotated[str, Field(max_length=QUESTION_MOST)]] | None = Field(
        None, max_length=LANGUAGES_MOST
    )


async def list_ratings(call: Call, asked: ListRatings) -> Ratings:
    found = await results.list_answers(call.desk, call.agent, asked.cursor, asked.limit)
    return Ratings(rows=[Rating.model_validate(each) for each in found.rows], next=found.next_cursor)


async def get_plan(call: Call, asked: Nothing) -> RatingPlan:
    return RatingPlan.model_validate(await plan.get_plan(call.desk, call.agent))


async def save_plan(call: Call, asked: SaveRatingPlan) -> RatingPlan:
    was = await plan.get_plan(call.desk, call.agent)
    said = {name: value for name in asked.model_fields_set if (value := getattr(asked, name)) is not None}
    wanted = ratings.RatingPlan(**{**_fields(was), **said})
    return RatingPlan.model_validate(
        await plan.save_plan(call.desk, call.agent, wanted, address=call.address)
    )


def _fields(found: ratings.RatingPlan) -> dict[str, object]:
    return {name: getattr(found, name) for name in RatingPlan.model_fields}


RATINGS: Sequence[AnyRoute] = (
    reading(
        "/ratings", "listRatings", "What customers answered, newest first. Only for admins.",
        list_ratings, ListRatings, Ratings, scope=Scope.ADMIN,
    ),
    reading(
        "/ratings/plan", "getRatingPlan", "Whether, when and how customers are asked. Only for admins.",
        get_plan, Nothing, RatingPlan, scope=Scope.ADMIN,
    ),
    writing(
        "PUT", "/ratings/plan", "saveRatingPlan",
        "Change that. What was resolved before it is switched on is not asked about.",
        save_plan, SaveRatingPlan, RatingPlan, "not-possible", scope=Scope.ADMIN,
    ),
)  # fmt: skip
