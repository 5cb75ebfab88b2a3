"""What an agent is told of, and how they want to be told."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class NoticeKind(StrEnum):
    ASSIGNED = "assigned"  # given to me
    MENTIONED = "mentioned"
    MESSAGE = "message"  # the customer wrote in a conversation of mine
    FOLLOWED = "followed"  # the customer wrote in one that I follow
    TEAM = "team"  # new for one of my teams, and nobody has it
    NEW = "new"  # new, of no team, and nobody has it
    TROUBLE = "trouble"  # what we sent failed, or may not have arrived
    WOKE = "woke"  # what was snoozed is back
    DUE = "due"  # soon
    OVERDUE = "overdue"
    CHANNEL = "channel"  # a channel needs signing in again; for admins
    WEBHOOK = "webhook"  # one was switched off after failing for long; for admins
    RULE = "rule"  # a rule wants it known
    BULK = "bulk"  # a deed for many conversations is done


class Way(StrEnum):
    PAGE = "page"
    BROWSER = "browser"
    MAIL = "mail"


class Pace(StrEnum):
    """How soon what was not seen in the page comes by mail."""

    OFF = "off"
    QUARTER = "quarter"  # of an hour
    HOUR = "hour"
    DAY = "day"


# What names somebody in person comes through however much they have muted.
IN_PERSON = frozenset({NoticeKind.ASSIGNED, NoticeKind.MENTIONED, NoticeKind.RULE, NoticeKind.BULK})

# Little by default: what waits is in the lists anyway. A mail only for what somebody else expects of one.
DEFAULT_WAYS: dict[NoticeKind, tuple[Way, ...]] = {
    NoticeKind.ASSIGNED: (Way.PAGE, Way.BROWSER, Way.MAIL),
    NoticeKind.MENTIONED: (Way.PAGE, Way.BROWSER, Way.MAIL),
    NoticeKind.MESSAGE: (Way.PAGE, Way.BROWSER),
    NoticeKind.FOLLOWED: (Way.PAGE,),
    NoticeKind.TEAM: (Way.PAGE,),
    NoticeKind.NEW: (),
    NoticeKind.TROUBLE: (Way.PAGE, Way.BROWSER),
    NoticeKind.WOKE: (Way.PAGE,),
    NoticeKind.DUE: (Way.PAGE,),
    NoticeKind.OVERDUE: (Way.PAGE, Way.MAIL),
    NoticeKind.CHANNEL: (Way.PAGE, Way.BROWSER, Way.MAIL),
    NoticeKind.WEBHOOK: (Way.PAGE, Way.MAIL),
    NoticeKind.RULE: (Way.PAGE, Way.BROWSER),
    NoticeKind.BULK: (Way.PAGE,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Minutes after midnight, where the agent is; `until` before `since`: the next morning. Monday is 0."""

    since: int = 20 * 60
    until: int = 7 * 60
    free_days: tuple[int, ...] = (5, 6)  # quiet from midnight to midnight


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSettings:
    """How one agent wants to be told. `ways`: what differs from the default."""

    id: str  # the agent
    ways: dict[str, tuple[Way, ...]] = field(default_factory=dict)
    muted_channels: tuple[str, ...] = ()
    muted_teams: tuple[str, ...] = ()
    quiet: QuietHours | None = None
    pace: Pace = Pace.HOUR
    daily_at: int = 8 * 60  # minutes after midnight, for Pace.DAY
    sound: bool = False
    language: str = "en"  # as in the browser they used last
    zone: str = "UTC"

    def ways_of(self, kind: NoticeKind) -> tuple[Way, ...]:
        return self.ways.get(kind, DEFAULT_WAYS[kind])


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One agent told of one thing. Its id is derived from both, so that a repeated step tells once.

    Open until it was seen, or withdrawn because it is not true any more.
    """

    id: str
    agent: str
    kind: NoticeKind
    because: str
    at: datetime
    ring_at: datetime  # by browser and mail not before: quiet hours
    ways: tuple[Way, ...]
    conversation: str | None = None
    entry: str | None = None
    channel: str | None = None
    who: str = ""  # name of who did it
    details: dict[str, str] = field(default_factory=dict)
    seen_at: datetime | None = None
    withdrawn_at: datetime | None = None
    mailed_at: datetime | None = None  # when it was marked to be sent

    @property
    def open(self) -> bool:
        return self.seen_at is None and self.withdrawn_at is None


class DigestState(StrEnum):
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"  # refused or not reached: what it told is told by the next one
    UNSURE = "unsure"  # may not have been sent; it is not sent again


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One mail to one agent."""

    id: str
    agent: str
    at: datetime
    notices: tuple[str, ...]
    state: DigestState
    problem: str = ""
