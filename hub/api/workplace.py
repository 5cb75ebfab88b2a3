"""What holds for everybody who answers: what conversations weigh, when somebody counts as away."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from hub.api import shapes
from hub.api.bodies import Body, Nothing
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Call
from hub.contract.capabilities import Surface
from hub.desk import workplace
from hub.desk.workplace import IDLE_MOST, WEIGHT_MOST
from hub.model import staffing
from hub.model.sign_ins import Scope

Weight = Annotated[int, Field(ge=1, le=WEIGHT_MOST)]


class Workplace(shapes.Shape):
    weights: dict[Surface, int] = Field(
        description="By surface: what a conversation takes of an agent's capacity."
    )
    idle_minutes: int | None = Field(description="Without a hand on the keyboard: away. null: never.")


class SaveWorkplace(Body):
    """What is left out stays as it is."""

    weights: dict[Surface, Weight] = Field({}, max_length=10)
    idle_minutes: Annotated[int, Field(ge=1, le=IDLE_MOST)] | None = None


def _shown(found: staffing.Workplace) -> Workplace:
    return Workplace(
        weights={each: found.weight_of(each) for each in Surface}, idle_minutes=found.idle_minutes
    )


async def get_workplace(call: Call, asked: Nothing) -> Workplace:
    return _shown(await workplace.workplace(call.desk, call.agent))


async def save_workplace(call: Call, asked: SaveWorkplace) -> Workplace:
    was = await workplace.workplace(call.desk, call.agent)
    idle = asked.idle_minutes if "idle_minutes" in asked.model_fields_set else was.idle_minutes
    weights = {**was.weights, **{str(key): weight for key, weight in asked.weights.items()}}
    wanted = staffing.Workplace(weights=weights, idle_minutes=idle)
    return _shown(await workplace.save_workplace(call.desk, call.agent, wanted, address=call.address))


WORKPLACE: Sequence[AnyRoute] = (
    reading(
        "/workplace", "getWorkplace", "What conversations weigh, and when somebody is away. Only for admins.",
        get_workplace, Nothing, Workplace, scope=Scope.ADMIN,
    ),
    writing(
        "PUT", "/workplace", "saveWorkplace", "Change that; what agents have is weighed anew.",
        save_workplace, SaveWorkplace, Workplace, "not-possible", scope=Scope.ADMIN,
    ),
)  # fmt: skip
