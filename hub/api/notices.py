"""What the token's agent was told of, and that they have seen it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import Field

from hub.api.bodies import Body, Cursor, Id, Limit, Nothing, Query
from hub.api.making import reading, writing
from hub.api.problems import Problem, invalid
from hub.api.route import AnyRoute, Call
from hub.api.shapes import Next, Shape
from hub.desk.notices import (
    NoSuchNotice,
    list_notices,
    open_notices,
    see_all,
    see_conversation,
    see_notice,
)
from hub.model import notices as model
from hub.store.shelves import ms_of


class Notice(Shape):
    """One thing they were told of."""

    id: str
    kind: model.NoticeKind
    because: str
    who: str = Field(description="Who did it; empty where nobody did.")
    at: datetime
    conversation: str | None
    entry: str | None
    channel: str | None
    seen_at: datetime | None
    withdrawn_at: datetime | None = Field(description="When it was not true any more.")


class Notices(Shape):
    rows: list[Notice]
    next: Next


class Seen(Shape):
    count: int = Field(description="How many notices were still open.")


class ListNotices(Query):
    open: bool = Field(False, description="Only what was not seen and is still true, all on one page.")
    cursor: Cursor = None
    limit: Limit = 50


class SeeNotices(Body):
    conversation: Id | None = Field(None, description="Those about it; left out: all.")


async def get_notices(call: Call, asked: ListNotices) -> Notices:
    if asked.open:
        groups = await open_notices(call.desk, call.agent)
        return Notices(rows=[_shape(each) for group in groups for each in group.notices], next=None)
    rows = await list_notices(call.desk, call.agent, _before(asked.cursor), asked.limit)
    full = len(rows) == asked.limit
    return Notices(rows=[_shape(each) for each in rows], next=str(ms_of(rows[-1].at)) if full else None)


def _before(cursor: str | None) -> datetime | None:
    if cursor is None:
        return None
    try:
        return datetime.fromtimestamp(int(cursor) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise invalid("query", "cursor", "This place in the list does not exist.") from None


async def see(call: Call, asked: Nothing) -> Notice:
    try:
        return _shape(await see_notice(call.desk, call.agent, call.path["notice"]))
    except NoSuchNotice as problem:
        raise Problem("not-found", str(problem)) from None


async def see_several(call: Call, asked: SeeNotices) -> Seen:
    if asked.conversation is not None:
        return Seen(count=await see_conversation(call.desk, call.agent, asked.conversation))
    return Seen(count=await see_all(call.desk, call.agent))


def _shape(found: model.Notice) -> Notice:
    return Notice.model_validate(found)


NOTICES: Sequence[AnyRoute] = (
    reading(
        "/notices",
        "listNotices",
        "What you were told of, newest first; of what you may still see.",
        get_notices,
        ListNotices,
        Notices,
    ),
    writing("POST", "/notices/seen", "seeNotices", "You have seen them.", see_several, SeeNotices, Seen),
    writing("POST", "/notices/{notice}/seen", "seeNotice", "You have seen one.", see, Nothing, Notice),
)
