"""What every deed needs, and what somebody wants to say."""

from dataclasses import dataclass
from datetime import timedelta

from hub.clock import Clock
from hub.dispatch import Dispatch
from hub.model.content import Attachment
from hub.registry import Registry
from hub.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to say. `key`: the same for a repeated submit, which then sends once."""

    text: str
    key: str | None = None
    seen: str | None = None  # the last message its writer saw
    to: tuple[str, ...] | None = None  # None: whoever wrote last
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    wait: timedelta | None = None  # before it leaves; None: as long as it may be undone
    automated: bool = False
    subject: str | None = None  # of what is forwarded or written first; an answer keeps its own
    about: str | None = None  # the message that is forwarded
    answers: str | None = None  # the one message it answers; None: the newest
    through: str | None = None  # the place it goes to (`reaching`); None: where the customer last wrote


@dataclass(frozen=True, slots=True, repr=False)
class Desk:
    """What the deeds need."""

    store: Store
    registry: Registry
    clock: Clock
    dispatch: Dispatch
    give_up_after: timedelta = timedelta(hours=24)  # how long a delivery is tried
    undo: timedelta = timedelta()  # a reply waits so long before it leaves, and can be taken back
    largest_file: int = 25 * 1024 * 1024  # bytes
