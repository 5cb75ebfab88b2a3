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
    claimed: tuple[str, ...] = ()  # addresses and numbers they named themselves: unverified
    device: str | None = None  # a token of their browser or app
    source: str = "message"  # how we came to know it: message, agent, import
    reachable: bool = True
    first_seen_at: datetime
    last_seen_at: datetime | None = None  # to the day
    because: str  # why it was linked to this customer
    keys: tuple[str, ...] = ()  # what those who may be the same person are looked for by

    @property
    def verified(self) -> bool:
        return bool(self.email or self.phone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    id: str
    name: str
    created_at: datetime
    language: str | None = None  # ISO 639
    zone: str | None = None  # Europe/Berlin
    note: str | None = None  # what everybody who talks to them should know
    salutation: str | None = None  # how a letter to them begins
    pronouns: str | None = None
    company: str | None = None  # its mail domain, where their own addresses do not tell
    owner: str | None = None  # the agent who looks after them
    vip: bool | None = None
    blocked: bool | None = None  # what they begin anew is spam
    tags: dict[str, str] = field(default_factory=dict)  # by the tag's id, as it is written
    fields: dict[str, str] = field(default_factory=dict)
    merged_into: str | None = None  # the customer who this one is too, as far as anybody knows
    merge: str | None = None  # the record of that merge
    absorbed: bool = False  # others were merged into this one, at least once


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Whoever people with addresses of one mail domain work for. `id`: the domain."""

    id: str
    name: str
    note: str | None = None
    created_at: datetime


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
