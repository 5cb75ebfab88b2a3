"""Who writes and who answers."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A customer's address on one platform. Unique by platform and key; belongs to one customer."""

    id: str
    platform: str
    key: str
    customer: str
    name: str | None = None
    handle: str | None = None
    email: str | None = None  # verified by the platform
    phone: str | None = None  # E.164, verified by the platform
    reachable: bool = True
    first_seen_at: datetime
    because: str  # why it was linked to this customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    id: str
    name: str
    created_at: datetime
    language: str | None = None  # ISO 639
    zone: str | None = None  # Europe/Berlin
    note: str | None = None  # what everybody who talks to them should know
    fields: dict[str, str] = field(default_factory=dict)


class Role(StrEnum):
    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    id: str
    name: str
    email: str
    role: Role = Role.AGENT
    teams: tuple[str, ...] = ()
    disabled: bool = False
    restricted: bool = False  # sees only what is theirs or their teams'
    signature: str = ""  # below their answers where the channel has signatures, above the channel's own
    language: str = ""  # in which pages and notices speak to them; "": as their browser says
    zone: str = ""  # such as "Europe/Lisbon"; "": as their browser says
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    id: str
    name: str
    created_at: datetime
