"""A connected account, as the hub keeps it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Health(StrEnum):
    NEW = "new"
    CONNECTED = "connected"
    RETRYING = "retrying"  # the platform cannot be reached; we go on trying
    BROKEN = "broken"  # credentials refused: an admin must act


class Joining(StrEnum):
    """What becomes of a conversation that somebody begins while another one of theirs is open."""

    JOIN = "join"  # the two become one, where enough says that it is the same matter
    SUGGEST = "suggest"  # both show the other; an agent decides
    APART = "apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who may work on it until when. `fence` rises with every new owner, so that a late one is noticed."""

    owner: str
    until: datetime
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    id: str
    name: str
    platform: str
    config: dict[str, Any]  # secrets sealed
    created_at: datetime
    account: str | None = None  # the platform's key of who we are
    account_name: str | None = None
    automatic_most: int = 20  # automatic messages to one address within an hour; more would be a loop
    paused: bool = False
    removed: bool = False
    health: Health = Health.NEW
    problem: str | None = None  # why it is not connected, for an admin
    health_at: datetime | None = None
    cursor: str | None = None
    progress: tuple[int, int] | None = None  # backfill: done, total
    sent_at: datetime | None = None  # when it last sent something, to the minute
    hold_until: datetime | None = None  # rate limited: nothing is sent before
    reopen_days: int = 14  # a resolved conversation is reopened by a message within these days
    joining: Joining = Joining.SUGGEST
    team: str | None = None
    country: str = ""  # where phone numbers without a prefix are meant to be: DE
    lease: Lease | None = None
    settings_version: int = 0  # rises when an admin changes the settings: the channel starts anew
    counts: dict[str, int] = field(default_factory=dict)  # forged: webhooks with a wrong signature
