"""What the API is asked with: queries and bodies, checked at the border."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from hub.desk.saved_views import TITLE_MOST
from hub.model import desk
from hub.model.inbox import Awaiting, Priority, Status

TEXT_MOST = 200_000
KEY_PATTERN = r'^("[!#-~]{1,200}"|[!#-~]{1,200})$'  # of an Idempotency-Key
LATER_MOST = timedelta(days=366)
HOURS_MOST = 24 * 3660

Text = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MOST)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=320)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Cursor = Annotated[
    str | None, Field(max_length=200, description="`next` of the page before; left out for the first one.")
]
Limit = Annotated[int, Field(ge=1, le=100, description="Rows a page, at most.")]
Sort = Literal["newest", "waiting", "due", "window"]
Language = Annotated[str, StringConstraints(max_length=20)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", max_length=200)]
FieldValue = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Pair = Annotated[str, StringConstraints(pattern=r"^[^=\x00]+=.*\S", max_length=700)]


class Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Nothing(Query):
    """No parameters."""


class Wanted(BaseModel):
    """Which conversations: all that is set must fit."""

    status: Status | None = Field(None, description="Left out: what the view itself shows.")
    every_status: bool = Field(False, description="Whatever their status, but spam.")
    awaiting: Awaiting | None = None
    languages: tuple[Language, ...] = Field((), max_length=50, description="ISO 639-1; empty: unknown.")
    channels: tuple[Id, ...] = Field((), max_length=100)
    platforms: tuple[Id, ...] = Field((), max_length=100)
    surfaces: tuple[Id, ...] = Field((), max_length=20)
    team: Id | None = Field(None, description="`none`: in no team.")
    agent: Id | None = Field(None, description="`me` is whoever looks; `none`: nobody has it.")
    tags: tuple[Key, ...] = Field((), max_length=50, description="Every one of them.")
    priorities: tuple[Priority, ...] = Field((), max_length=4)
    older_than_hours: int | None = Field(None, ge=0, le=HOURS_MOST, description="Since its first message.")
    due_within_hours: int | None = Field(None, ge=0, le=HOURS_MOST, description="Overdue ones, too.")
    overdue: bool = False

    def plain(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in Wanted.model_fields}


class ListConversations(Wanted, Query):
    view: str = Field("open", max_length=100, description="A key of `/views`.")
    sort: Sort | None = Field(
        None,
        description="`newest`, `waiting` (longest first), `due` (due first), `window` (whose time for "
        "answering ends first). Left out: as the view is sorted.",
    )
    cursor: Cursor = None
    limit: Limit = 50
    fields: tuple[Pair, ...] = Field((), max_length=20, description="Custom fields: `order=4711`.")
    customer_fields: tuple[Pair, ...] = Field((), max_length=20, description="Of the customer: `plan=gold`.")

    def wanted(self) -> desk.Filter | None:
        """None: no filter is asked for, so that a saved view keeps its own."""
        if not self.model_fields_set - {"view", "sort", "cursor", "limit"}:
            return None
        return desk.Filter(
            **self.plain(), fields=_pairs(self.fields), customer_fields=_pairs(self.customer_fields)
        )


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, _, value in (each.partition("=") for each in given)}


class Earlier(Query):
    cursor: Cursor = None


class Ask(Query):
    q: str = Field(
        max_length=400,
        description="Words, and `from: channel: tag: is: before: after: has:attachment team: agent:`.",
    )
    cursor: Cursor = None
    limit: Limit = 30


class Since(Query):
    hours: int = Field(24, ge=1, le=24 * 31, description="How far to look back.")


class Page(Query):
    cursor: Cursor = None
    limit: Limit = 50


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class NewReply(Body):
    """An answer, in the thread the customer last wrote in or in a place that is chosen."""

    text: Text = Field(
        description="In Markdown. Lines such as [[Yes]] at its end are answers to tap on where there are any."
    )
    seen: Id | None = Field(
        None, description="The last entry its writer saw. If there is a newer one, the reply is held."
    )
    to: list[Key] | None = Field(
        None, max_length=100, description="Left out: whoever wrote last. Only where recipients are chosen."
    )
    cc: list[Key] = Field([], max_length=100)
    bcc: list[Key] = Field([], max_length=100)
    files: list[Id] = Field([], max_length=100, description="`id` of uploads.")
    wait_seconds: int | None = Field(
        None,
        ge=0,
        le=int(LATER_MOST.total_seconds()),
        description="Before it leaves. Left out: as long as it may be undone.",
    )
    answers: Id | None = Field(
        None, description="The one message it answers, where the platform shows that. Left out: the newest."
    )
    through: Id | None = Field(
        None, description="`id` from `/places`. Left out: where the customer last wrote."
    )
    everybody: bool = Field(
        False, description="To all who were on what the customer wrote last, but us, instead of `to`."
    )


class NewNote(Body):
    text: Annotated[str, StringConstraints(pattern=r"\S", max_length=TEXT_MOST)]


class Assign(Body):
    agent: Id = Field(description="Whom to give it to; `me` takes it.")


class HandToTeam(Body):
    team: Id


class Snooze(Body):
    until: AwareDatetime = Field(description="Within a year; a new message of the customer wakes it sooner.")


class Tag(Body):
    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=200)]


class SetPriority(Body):
    priority: Priority


class SetField(Body):
    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=200)]
    value: str | None = Field(max_length=10_000, description="null empties it.")


class Filter(Wanted, Body):
    """Which conversations: all that is set must fit."""

    fields: dict[FieldName, FieldValue] = Field({}, max_length=20)
    customer_fields: dict[FieldName, FieldValue] = Field({}, max_length=20)

    def wanted(self) -> desk.Filter:
        return desk.Filter(**self.plain(), fields=self.fields, customer_fields=self.customer_fields)


class NewView(Body):
    title: Annotated[str, StringConstraints(pattern=r"\S", max_length=TITLE_MOST)]
    base: str = Field("open", min_length=1, max_length=100, description="The view it filters.")
    filter: Filter
    sort: Sort = "newest"
    shared: bool = Field(False, description="For everybody; only supervisors and admins may.")
    team: Id | None = Field(None, description="For one team; only supervisors and admins may.")


class ChangeView(Body):
    """What is left out stays as it is."""

    title: Annotated[str, StringConstraints(pattern=r"\S", max_length=TITLE_MOST)] | None = None
    filter: Filter | None = None
    sort: Sort | None = None
    shared: bool | None = Field(None, description="For everybody; only supervisors and admins may.")
    team: Id | None = Field(None, description="With `shared` false: for one team.")
