"""Who may come in and how: what is kept about passwords, sessions, links, tokens, and about who did what.

Apart from `Agent`, which every page loads: nothing here travels with it. Of every token only a hash is kept.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What an agent proves themselves with. `id` is the agent's."""

    id: str
    password: str | None = field(default=None, repr=False)  # argon2id, in its own notation
    password_at: datetime | None = None
    factor: str | None = field(default=None, repr=False)  # sealed secret of the authenticator, once confirmed
    factor_at: datetime | None = None
    factor_step: int = 0  # of the last code used: none is taken twice
    proposed: str | None = field(default=None, repr=False)  # sealed secret that waits for its first code
    recovery: tuple[str, ...] = field(default=(), repr=False)  # hashes of the codes that are left
    seen_at: datetime | None = None  # when they last used a session, to the minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that is signed in. `id` is a hash of the token in its cookie."""

    id: str
    agent: str
    created_at: datetime
    used_at: datetime  # exact to the minute
    expires_at: datetime
    browser: str
    address: str
    how: str  # "password", "oidc" or "link"
    # Known only to whoever holds the cookie, never stored:
    token: str = field(default="", repr=False)
    device: str = field(default="", repr=False)  # to be kept by the browser for a year, beyond the session


class Scope(StrEnum):
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A program's way in, with the rights of the agent who made it and no more than its scopes."""

    id: str
    agent: str
    title: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None  # exact to the minute
    hint: str  # how it begins, to recognise it by


class LinkKind(StrEnum):
    FIRST_ADMIN = "first_admin"
    PASSWORD = "password"  # noqa: S105  (a kind of link)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that works once. `id` is a hash of the token in it."""

    id: str
    kind: LinkKind
    agent: str | None = None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what, when, from where. Names as they were then."""

    id: str
    at: datetime
    by: str | None  # agent; None: the program itself or a command in the terminal
    by_name: str
    deed: str  # past tense: "signed_in", "role_changed"
    target: str = ""
    target_name: str = ""
    address: str = ""
    details: dict[str, str] = field(default_factory=dict)
