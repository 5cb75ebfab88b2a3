"""Closed days of working hours, taken from an iCalendar file."""

from collections.abc import Sequence

from pydantic import Field

from hub.api import shapes
from hub.api.bodies import Body
from hub.api.making import writing
from hub.api.route import AnyRoute, Call
from hub.api.routing_shapes import Hours
from hub.desk.calendar_files import LARGEST
from hub.desk.office_hours import take_calendar
from hub.model.sign_ins import Scope


class TakeCalendar(Body):
    calendar: str = Field(max_length=LARGEST, description="The text of an .ics file.")


class TakenCalendar(shapes.Shape):
    hours: Hours
    taken: int = Field(description="Days that are closed now, or were already.")
    left_out: int = Field(description="Entries that are no whole days, or come again otherwise than yearly.")


async def take(call: Call, asked: TakeCalendar) -> TakenCalendar:
    kept, calendar = await take_calendar(
        call.desk, call.agent, call.path["hours"], asked.calendar, address=call.address
    )
    hours = Hours.model_validate(kept)
    return TakenCalendar(hours=hours, taken=len(calendar.days), left_out=calendar.left_out)


CALENDARS: Sequence[AnyRoute] = (
    writing(
        "POST", "/hours/{hours}/calendar", "takeCalendar",
        "The whole days of an iCalendar file become closed days, up to three years ahead. Only for admins.",
        take, TakeCalendar, TakenCalendar, "not-possible", scope=Scope.ADMIN,
    ),
)  # fmt: skip
