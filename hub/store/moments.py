"""What moves the clocks of a conversation, out of its timeline: without texts, a page at a time."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.model.inbox import Conversation
from hub.store.codec import Document
from hub.store.schema import Database
from hub.store.shelves import Shelf, Span, Walk, ms_of

AT_ONCE = 500
FIELDS = dict.fromkeys(
    (
        "at",
        "type",
        "side",
        "flags",
        "delivery.automated",
        "deleted_at",
        "kind",
        "details.done",
        "details.what",
        "details.agent",
    ),
    1,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """An entry, as far as clocks go by it. `side`: of a message; `kind`: of a fact."""

    at: datetime
    id: str = ""
    side: str = ""
    flags: tuple[str, ...] = ()
    automated: bool = False
    deleted: bool = False
    kind: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


class Moments:
    def __init__(self, db: Database) -> None:
        self.entries = db.entries

    async def pages(self, conversation: Conversation) -> AsyncIterator[list[Moment]]:
        """All there are, newest first: whoever has seen enough stops."""
        last = ms_of(conversation.activity_at)
        first = min(ms_of(conversation.created_at), last)
        shelf = Shelf("", (("conversation", conversation.id),), "at")
        walk = Walk(shelf, [Span(first, last, max(conversation.messages, 1))], None)
        while not walk.over:
            query: Document = {"conversation": conversation.id}
            if stretch := walk.next(AT_ONCE):
                query["at"] = stretch
            found = await self.entries.find(query, FIELDS).sort([("at", -1), ("_id", -1)]).to_list(None)
            walk.found(len(found))
            yield [_moment(each) for each in found]


def _moment(document: Document) -> Moment:
    match document["type"]:
        case "message":
            return Moment(
                at=document["at"],
                id=document["_id"],
                side=document["side"],
                flags=tuple(document.get("flags", ())),
                automated=bool(document.get("delivery", {}).get("automated")),
                deleted=document.get("deleted_at") is not None,
            )
        case "activity":
            return Moment(at=document["at"], kind=document["kind"], details=document.get("details", {}))
    return Moment(at=document["at"])
