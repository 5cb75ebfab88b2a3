"""What the API takes and shows of agents' work beside the deeds: joining, drafts, files, labels, bulk."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hub.api.bodies import Body, Id, Key, Query
from hub.api.shapes import Shape
from hub.model.desk import Doing
from hub.model.fields import FieldKind, FieldOn

DraftKind = Literal["reply", "forward", "note"]
Title = Annotated[str, StringConstraints(pattern=r"\S", max_length=200)]
TEXT_MOST = 200_000

# Joining and taking back


class Merge(Body):
    conversations: list[Id] = Field(min_length=1, max_length=49, description="What goes into this one.")


class Split(Body):
    threads: list[Key] = Field(
        min_length=1, max_length=200, description="Ids of threads, from `/threads`; not all of them."
    )


class Thread(Shape):
    id: str
    channel: str
    platform: str
    surface: str
    subject: str
    author: str
    messages: int
    last_at: datetime


class Threads(Shape):
    rows: list[Thread]


class Undo(Body):
    token: Id = Field(description="`undo` of an answer.")


class Undone(Shape):
    conversations: int = Field(description="In how many something was taken back.")


# Writing


class WhichDraft(Query):
    kind: DraftKind = "reply"


class NewDraft(Body):
    kind: DraftKind = "reply"
    text: Annotated[str, StringConstraints(max_length=TEXT_MOST)] = Field(
        description="Empty and without files: the draft is forgotten."
    )
    to: list[Key] | None = Field(None, max_length=100)
    cc: list[Key] = Field([], max_length=100)
    bcc: list[Key] = Field([], max_length=100)
    files: list[Id] = Field([], max_length=100, description="`id` of uploads.")
    seen: int | None = Field(
        None, ge=0, description="The version it continues. If there is a newer one, it is refused."
    )


class WhichOfMine(Body):
    kind: DraftKind = "reply"
    shared: bool = True


class TakeDraft(Body):
    kind: DraftKind = "reply"
    writer: Id = Field(description="The agent who shares it.")


class DraftFile(Shape):
    name: str
    mime: str
    size: int | None


class Draft(Shape):
    conversation: str
    agent: str
    kind: DraftKind
    text: str
    to: list[str]
    cc: list[str]
    bcc: list[str]
    attachments: list[DraftFile]
    shared: bool = Field(description="Others who see the conversation may read it.")
    version: int
    changed_at: datetime


class Drafts(Shape):
    """One's own, and what others share."""

    rows: list[Draft]


class Upload(Shape):
    id: str = Field(description="For `files` of a reply or a draft, within a day.")
    name: str
    mime: str = Field(description="What it really is, by its first bytes.")
    size: int | None


class BeThere(Body):
    doing: Doing = Field(description="Renew `viewing` every 45 seconds at most, `writing` every 15.")


class There(Shape):
    agent: str
    agent_name: str
    doing: Doing
    until: datetime


class WhoIsThere(Shape):
    """The others."""

    rows: list[There]


class NewSavedReply(Body):
    title: Title
    text: Annotated[str, StringConstraints(pattern=r"\S", max_length=TEXT_MOST)] = Field(
        description="With placeholders such as `{{ customer.name }}`."
    )
    shortcut: Annotated[str, StringConstraints(max_length=40)] = ""
    team: Id | None = Field(None, description="For one team.")
    shared: bool = Field(False, description="For everybody; only supervisors and admins may.")
    files: Annotated[list[Id], Field(max_length=20)] = Field([], description="Ids of `/uploads`.")


class ChangedSavedReply(NewSavedReply):
    files: Annotated[list[Id], Field(max_length=20)] | None = Field(  # type: ignore[assignment]
        None, description="Ids of `/uploads`, in place of its files. Left out: they stay."
    )


class SavedReply(Shape):
    id: str
    title: str
    text: str
    shortcut: str
    owner: str
    team: str | None
    shared: bool
    attachments: list[DraftFile]


class SavedReplies(Shape):
    rows: list[SavedReply]


class FillIn(Query):
    conversation: Id | None = Field(None, description="Whose values to fill in.")


class Filled(Shape):
    text: str
    missing: list[str] = Field(description="Placeholders for which there is no value.")
    files: int = Field(description="How many files go with it: `POST …/files` copies them for an answer.")


class Uploads(Shape):
    rows: list[Upload]


# Labels


class TagRow(Shape):
    name: str
    count: int | None = Field(description="Conversations that carry it; null: not for this agent to know.")


class Tags(Shape):
    rows: list[TagRow]


class NewTag(Body):
    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=40)]


class RenameTag(Body):
    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=40)]
    merge: bool = Field(False, description="Whether the new name may be one that there is already.")


class Touched(Shape):
    conversations: int = Field(description="On how many it stood.")


class FieldsOn(Query):
    on: FieldOn | None = None


class FieldRow(Shape):
    on: FieldOn
    key: str
    name: str
    kind: FieldKind
    choices: list[str]
    required: bool = Field(description="Before a conversation can be resolved.")
    place: int


class Fields(Shape):
    rows: list[FieldRow]


class SaveField(Body):
    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=60)]
    kind: FieldKind = FieldKind.TEXT
    choices: list[Annotated[str, StringConstraints(max_length=60)]] = Field([], max_length=100)
    required: bool = False
    place: int = Field(0, ge=0, le=1000)


class NewUpload(Query):
    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=200)] = Field(
        description="What the file is called."
    )
