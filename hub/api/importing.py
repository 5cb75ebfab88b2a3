"""Customers brought in from elsewhere."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from hub.api.bodies import Body
from hub.api.making import writing
from hub.api.route import AnyRoute, Call
from hub.api.shapes import Shape
from hub.desk import importing
from hub.model.sign_ins import Scope

Column = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", max_length=60)]
Value = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=5000)]


class ImportCustomers(Body):
    rows: list[dict[Column, Value]] = Field(
        min_length=1,
        max_length=importing.ROWS_MOST,
        description=f"By {', '.join(importing.COLUMNS)}, and fields.KEY. Each has an address or a number.",
    )
    rehearse: bool = Field(False, description="Tell what would become of it, and write nothing.")
    overwrite: bool = Field(False, description="What is known already gives way.")
    country: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = Field(
        "", description="Of numbers without an international prefix: DE."
    )


class WrongRow(Shape):
    place: int = Field(description="Which one of those sent, counted from 0.")
    reason: str
    words: str


class ImportedCustomers(Shape):
    added: int
    changed: int
    same: int = Field(description="Were there already, and say nothing new.")
    wrong: list[WrongRow] = Field(description="Not brought in; the others are.")


async def bring_in(call: Call, asked: ImportCustomers) -> ImportedCustomers:
    found = await importing.import_customers(
        call.desk,
        call.agent,
        asked.rows,
        rehearse=asked.rehearse,
        overwrite=asked.overwrite,
        country=asked.country,
    )
    wrong = [
        WrongRow(place=each.place, reason=each.refusal.code, words=str(each.refusal)) for each in found.wrong
    ]
    return ImportedCustomers(added=found.added, changed=found.changed, same=found.same, wrong=wrong)


IMPORTING: Sequence[AnyRoute] = (
    writing(
        "POST",
        "/customers/import",
        "importCustomers",
        "Bring in customers, each only once however often it is sent. Only for admins.",
        bring_in,
        ImportCustomers,
        ImportedCustomers,
        "not-possible",
        scope=Scope.ADMIN,
    ),
)
