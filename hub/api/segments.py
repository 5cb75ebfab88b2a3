"""Segments: customers who have something in common, and who they are."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from hub.api import shapes, shaping
from hub.api.bodies import Body, Cursor, Limit, Nothing, Query
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Call
from hub.api.routing_shapes import Removed
from hub.api.shapes import Next, Shape
from hub.desk import rule_forms, segments
from hub.model import rules
from hub.model.sign_ins import Scope


class SaveSegment(Body):
    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=200)]
    when: rule_forms.GroupForm = Field(description="What is asked of a customer; at least one condition.")


class ListMembers(Query):
    cursor: Cursor = None
    limit: Limit = 50


class Segment(Shape):
    id: str
    name: str
    when: rule_forms.GroupForm


class Segments(Shape):
    """By their names."""

    rows: list[Segment]


class Members(Shape):
    """The oldest customer first. A page may be short; there is more as long as there is a cursor."""

    rows: list[shapes.Customer]
    next: Next


async def list_all(call: Call, asked: Nothing) -> Segments:
    found = await segments.list_segments(call.desk, call.agent)
    return Segments(rows=[_shape(each) for each in found])


async def get(call: Call, asked: Nothing) -> Segment:
    return _shape(await segments.get_segment(call.desk, call.agent, call.path["segment"]))


async def make(call: Call, asked: SaveSegment) -> Segment:
    when, address = asked.when.drawn(), call.address
    return _shape(await segments.put_segment(call.desk, call.agent, asked.name, when, address=address))


async def change(call: Call, asked: SaveSegment) -> Segment:
    segment, when = call.path["segment"], asked.when.drawn()
    return _shape(
        await segments.change_segment(call.desk, call.agent, segment, asked.name, when, address=call.address)
    )


async def remove(call: Call, asked: Nothing) -> Removed:
    await segments.remove_segment(call.desk, call.agent, call.path["segment"], address=call.address)
    return Removed(id=call.path["segment"])


async def members(call: Call, asked: ListMembers) -> Members:
    found = await segments.members_of(call.desk, call.agent, call.path["segment"], asked.cursor, asked.limit)
    rows = [shaping.customer(each.customer, each.identities) for each in found.rows]
    return Members(rows=rows, next=found.next_cursor)


def _shape(found: rules.Segment) -> Segment:
    return Segment(id=found.id, name=found.name, when=rule_forms.group_form(found.when))


ALL, ONE = "/segments", "/segments/{segment}"
SEGMENTS: Sequence[AnyRoute] = (
    reading(ALL, "listSegments", "All there are.", list_all, Nothing, Segments, scope=Scope.ADMIN),
    writing(
        "POST", ALL, "addSegment", "Make one.", make, SaveSegment, Segment, "not-possible",
        status=201, scope=Scope.ADMIN,
    ),
    reading(ONE, "getSegment", "One of them.", get, Nothing, Segment, "not-possible", scope=Scope.ADMIN),
    writing(
        "POST", ONE, "changeSegment", "Give it another name, or ask something else.",
        change, SaveSegment, Segment, "not-possible", scope=Scope.ADMIN,
    ),
    writing(
        "DELETE", ONE, "removeSegment", "Remove it, unless a rule asks for it.",
        remove, Nothing, Removed, "not-possible", scope=Scope.ADMIN,
    ),
    reading(
        f"{ONE}/members", "listSegmentMembers", "The customers who are in it now.",
        members, ListMembers, Members, "not-possible", scope=Scope.ADMIN,
    ),
)  # fmt: skip
