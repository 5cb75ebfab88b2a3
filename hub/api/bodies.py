"""What the API is asked with: queries and bodies, checked at the border."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from hub.desk.saved_views import TITLE_MOST
from hub.model import desk
from hub.model.inbox import Awaiting, Priority, Status

TEXT_MOST = 200_000
KEY_PATTERN = r'^("[!#-~]{1,200}"|[!#-~]{1,200})$'  # of an Idempotency-Key
LATER_MOST = timedelta(days=366)

Text = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MOST)]
Key = Annotated[str, StringConstraints(min_length=1, max_length=320)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Cursor = Annotated[
    str | None, Field(max_length=200, description="`next` of the page before; left out for the first one.")
]
Limit = Annotated[int, Field(ge=1, le=100, description="Rows a page, at most.")]
Sort = Literal["newest", "waiting", "due"]


class Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Query):
    """No parameters."""


class ListConversations(Query):
    view: str = Field("open", max_length=100, description="A key of `/views`.")
    sort: Sort = Field("newest", description="`waiting`: longest first; `due`: due first.")
    cursor: Cursor = None
    limit: Limit = 50


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
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class NewReply(Body):
    """An answer, in the thread the customer last wrote in."""

    text: Text = Field(description="In Markdown.")
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


class Filter(Body):
    """Which conversations: all that is set must fit."""

    status: Status = Status.OPEN
    awaiting: Awaiting | None = None
    languages: tuple[Key, ...] = Field((), max_length=50, description="ISO 639-1.")
    channels: tuple[Id, ...] = Field((), max_length=100)
    platforms: tuple[Id, ...] = Field((), max_length=100)
    surfaces: tuple[Id, ...] = Field((), max_length=20)
    team: Id | None = None
    agent: Id | None = Field(None, description="`me` is whoever looks.")
    tags: tuple[Key, ...] = Field((), max_length=50)
    priorities: tuple[Priority, ...] = Field((), max_length=4)
    older_than_hours: int | None = Field(None, ge=0, le=24 * 3660)
    overdue: bool = False

    def wanted(self) -> desk.Filter:
        return desk.Filter(
            status=self.status,
            awaiting=self.awaiting,
            languages=self.languages,
            channels=self.channels,
            platforms=self.platforms,
            surfaces=self.surfaces,
            team=self.team,
            agent=self.agent,
            tags=self.tags,
            priorities=self.priorities,
            older_than_hours=self.older_than_hours,
            overdue=self.overdue,
        )


class NewView(Body):
    title: Annotated[str, StringConstraints(pattern=r"\S", max_length=TITLE_MOST)]
    filter: Filter
    sort: Sort = "newest"
    shared: bool = Field(False, description="For everybody; only supervisors and admins may.")
