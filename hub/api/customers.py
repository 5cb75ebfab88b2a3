"""Customers: who they are, who is one person with whom, and what the hub suggests about that."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from hub.api import shapes, shaping
from hub.api.bodies import Body, Cursor, Id, Limit, Nothing, Query
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Call
from hub.api.shapes import Next, Shape
from hub.desk import customers
from hub.desk.finding import find_customers

CUSTOMER = "/customers/{customer}"


class FindCustomers(Query):
    text: str = Field(min_length=2, max_length=200, description="An address, or words that were said.")


class ListSuggestions(Query):
    cursor: Cursor = None
    limit: Limit = 25


class MergeCustomers(Body):
    customer: Id = Field(description="The other one. The older of the two stays.")


class GiveIdentity(Body):
    customer: Id | None = Field(description="Whose it is; null: of a new customer of their own.")


class Customers(Shape):
    rows: list[shapes.Customer]


class Joined(Shape):
    customer: str = Field(description="Who the customer is now.")
    record: str = Field(description="What was written down of it.")
    undo: str = Field(description="Takes it back, through `/undo`.")


class LinkRecord(Shape):
    id: str
    kind: str = Field(description="`merged`, `unmerged`, `moved`.")
    kept: str
    given: str
    identity: str | None
    of: str | None = Field(description="The record that this one takes back.")
    by: str = Field(description="An agent, or `routing`.")
    because: str
    evidence: tuple[str, ...]
    at: datetime


class LinkRecords(Shape):
    """Newest first."""

    rows: list[LinkRecord]


class Suggestion(Shape):
    id: str
    score: int = Field(description="Of 100.")
    reasons: tuple[str, ...]
    one: shapes.Customer
    other: shapes.Customer


class Suggestions(Shape):
    """The likeliest first."""

    rows: list[Suggestion]
    next: Next


class Refused(Shape):
    suggestion: str
    undo: str


async def find(call: Call, asked: FindCustomers) -> Customers:
    found = await find_customers(call.desk, call.agent, asked.text)
    return Customers(rows=[_shape(each) for each in found])


async def get(call: Call, asked: Nothing) -> shapes.Customer:
    return _shape(await customers.get_person(call.desk, call.agent, call.path["customer"]))


async def links(call: Call, asked: Nothing) -> LinkRecords:
    found = await customers.history(call.desk, call.agent, call.path["customer"])
    return LinkRecords(rows=[LinkRecord.model_validate(each) for each in found])


async def merge(call: Call, asked: MergeCustomers) -> Joined:
    return _joined(await customers.merge(call.desk, call.agent, call.path["customer"], asked.customer))


async def separate(call: Call, asked: Nothing) -> Joined:
    return _joined(await customers.separate(call.desk, call.agent, call.path["merge"]))


async def give(call: Call, asked: GiveIdentity) -> Joined:
    given = await customers.give_identity(call.desk, call.agent, call.path["identity"], asked.customer)
    return _joined(given)


async def list_suggestions(call: Call, asked: ListSuggestions) -> Suggestions:
    found = await customers.list_suggestions(call.desk, call.agent, asked.cursor, asked.limit)
    rows = [
        Suggestion(
            id=each.suggestion.id,
            score=each.suggestion.score,
            reasons=each.suggestion.reasons,
            one=_shape(each.one),
            other=_shape(each.other),
        )
        for each in found.rows
    ]
    return Suggestions(rows=rows, next=found.next_cursor)


async def accept(call: Call, asked: Nothing) -> Joined:
    return _joined(await customers.accept(call.desk, call.agent, call.path["suggestion"]))


async def refuse(call: Call, asked: Nothing) -> Refused:
    suggestion = call.path["suggestion"]
    token = await customers.refuse(call.desk, call.agent, suggestion)
    return Refused(suggestion=suggestion, undo=token)


def _shape(person: customers.Person) -> shapes.Customer:
    return shaping.customer(person.customer, person.identities)


def _joined(done: customers.Joined) -> Joined:
    return Joined(customer=done.customer, record=done.record, undo=done.token)


REFUSED = ("changed", "not-possible")
CUSTOMERS: Sequence[AnyRoute] = (
    reading(
        "/customers", "findCustomers", "Whom words or an address lead to.", find, FindCustomers, Customers
    ),
    reading(
        CUSTOMER,
        "getCustomer",
        "A customer, with everybody who was merged into them.",
        get,
        Nothing,
        shapes.Customer,
        "not-possible",
    ),
    reading(
        f"{CUSTOMER}/links",
        "listCustomerLinks",
        "Who was linked to this customer, by whose word, and what was taken back.",
        links,
        Nothing,
        LinkRecords,
        "not-possible",
    ),
    writing(
        "POST",
        f"{CUSTOMER}/merges",
        "mergeCustomers",
        "Another customer is the same person. Moves nothing, and can be taken back at any time.",
        merge,
        MergeCustomers,
        Joined,
        *REFUSED,
        status=201,
    ),
    writing(
        "DELETE",
        "/customer-merges/{merge}",
        "separateCustomers",
        "They are two again, exactly as they were.",
        separate,
        Nothing,
        Joined,
        *REFUSED,
    ),
    writing(
        "POST",
        "/identities/{identity}/customer",
        "giveIdentity",
        "An address is another customer's; the conversations it opened go with it.",
        give,
        GiveIdentity,
        Joined,
        *REFUSED,
    ),
    reading(
        "/suggestions",
        "listSuggestions",
        "Who may be one person, and nobody has decided.",
        list_suggestions,
        ListSuggestions,
        Suggestions,
    ),
    writing(
        "POST",
        "/suggestions/{suggestion}/acceptance",
        "acceptSuggestion",
        "They are one person.",
        accept,
        Nothing,
        Joined,
        *REFUSED,
    ),
    writing(
        "POST",
        "/suggestions/{suggestion}/refusal",
        "refuseSuggestion",
        "They are two people, for good.",
        refuse,
        Nothing,
        Refused,
        *REFUSED,
    ),
)
