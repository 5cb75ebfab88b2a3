"""What is known of a customer: name, note, fields, company, owner, VIP, tags; and who changed what."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from hub.api import bodies, shapes, shaping
from hub.api.bodies import Body, Cursor, Id, Limit, Nothing, Query
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Call
from hub.api.shapes import Next, Shape
from hub.desk import details
from hub.desk.customers import get_person
from hub.desk.fields import FIELDS_MOST, VALUE_LONGEST
from hub.desk.profiles import NAME_LONGEST, NOTE_LONGEST

Short = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=details.COMPANY_LONGEST)]

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Value = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=VALUE_LONGEST)]


class ChangeCustomer(Body):
    """What is left out stays as it is; null empties it. All of it is changed, or nothing."""

    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=NAME_LONGEST)] | None = Field(
        None, description="Cannot be emptied."
    )
    language: Short | None = Field(None, description="As ISO 639 names it: de, pt-BR.")
    zone: Short | None = Field(None, description="Like Europe/Berlin.")
    note: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=NOTE_LONGEST)] | None = None
    fields: dict[Key, Value | None] = Field(
        default_factory=dict, max_length=FIELDS_MOST, description="By the keys of fields on customers."
    )
    salutation: Short | None = None
    pronouns: Short | None = None
    company: Short | None = Field(None, description="Its mail domain, where their addresses do not tell.")
    owner: Id | None = Field(None, description="The agent who looks after them.")
    vip: bool | None = None
    blocked: bool | None = Field(None, description="What they begin anew is spam.")


class DescribeCompany(Body):
    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=details.COMPANY_LONGEST)]
    note: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")] = Field(
        "", max_length=details.COMPANY_NOTE_LONGEST
    )


class Company(Shape):
    id: str = Field(description="The domain of its mail addresses.")
    name: str
    note: str | None


class ReadChanges(Query):
    cursor: Cursor = None
    limit: Limit = 50


class Change(Shape):
    id: str
    at: datetime
    by: str | None
    by_name: str
    what: str = Field(description="`name`, `note`, `fields.tier`, …")
    was: str
    now: str


class Changes(Shape):
    """Newest first."""

    rows: list[Change]
    next: Next


async def change(call: Call, asked: ChangeCustomer) -> shapes.Customer:
    own = (*details.ABOUT, *details.TEXTS, *details.FLAGS)
    wanted = {what: getattr(asked, what) for what in own if what in asked.model_fields_set}
    wanted |= {f"fields.{key}": value for key, value in asked.fields.items()}
    await details.set_details(call.desk, call.agent, call.path["customer"], wanted)
    return await _customer(call)


async def tag(call: Call, asked: bodies.Tag) -> shapes.Customer:
    await details.set_tag(call.desk, call.agent, call.path["customer"], asked.name, on=True)
    return await _customer(call)


async def untag(call: Call, asked: Nothing) -> shapes.Customer:
    await details.set_tag(call.desk, call.agent, call.path["customer"], call.path["tag"], on=False)
    return await _customer(call)


async def describe(call: Call, asked: DescribeCompany) -> Company:
    made = await details.describe_company(
        call.desk, call.agent, call.path["customer"], asked.name, asked.note
    )
    return Company.model_validate(made)


async def changes(call: Call, asked: ReadChanges) -> Changes:
    found = await details.list_changes(
        call.desk, call.agent, call.path["customer"], asked.cursor, asked.limit
    )
    return Changes(rows=[Change.model_validate(each) for each in found.rows], next=found.next_cursor)


async def _customer(call: Call) -> shapes.Customer:
    person = await get_person(call.desk, call.agent, call.path["customer"])
    return shaping.customer(person.customer, person.identities)


CUSTOMER, REFUSED = "/customers/{customer}", ("changed", "not-possible")
DETAILS: Sequence[AnyRoute] = (
    writing(
        "POST", CUSTOMER, "changeCustomer", "What is known of a customer: name, note, fields and so on.",
        change, ChangeCustomer, shapes.Customer, *REFUSED,
    ),
    writing(
        "POST", f"{CUSTOMER}/tags", "tagCustomer", "Add a tag to a customer.",
        tag, bodies.Tag, shapes.Customer, *REFUSED,
    ),
    writing(
        "DELETE", f"{CUSTOMER}/tags/{{tag}}", "untagCustomer", "Remove a tag from a customer.",
        untag, Nothing, shapes.Customer, *REFUSED,
    ),
    writing(
        "POST", f"{CUSTOMER}/company", "describeCompany", "What the company of a customer is called.",
        describe, DescribeCompany, Company, *REFUSED,
    ),
    reading(
        f"{CUSTOMER}/changes", "listCustomerChanges", "Who changed what of a customer, from what to what.",
        changes, ReadChanges, Changes, "not-possible",
    ),
)  # fmt: skip
