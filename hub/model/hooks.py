"""Outgoing webhooks: where to tell what happened, and what became of each telling."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hub.model.channels import Lease

RULE_FIRED = "rule.fired"  # a kind that is told to the hook alone that a rule names


class HookState(StrEnum):
    ON = "on"
    OFF = "off"  # an admin chose so
    DISABLED = "disabled"  # Hubbub gave up: it failed for days, or said that it is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSecret:
    """What signs. With two of them, both sign until the older one ends."""

    id: str
    sealed: str = field(repr=False)
    created_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """An address that wants to hear of things. Empty `channels` and `teams`: of all of them."""

    id: str
    name: str
    url: str
    kinds: tuple[str, ...]  # of `hub.hooks.kinds`
    channels: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    state: HookState = HookState.ON
    problem: str | None = None  # why it was disabled
    secrets: tuple[HookSecret, ...] = ()  # the newest first
    created_at: datetime
    since: datetime  # tells of what happened from here on
    sequence: int = 0  # of the last delivery
    failures: int = 0  # one after the other, lately
    failing_since: datetime | None = None
    hold_until: datetime | None = None  # nothing is sent before
    delivered_at: datetime | None = None  # the last that was taken, exact to the minute
    lease: Lease | None = None


class HookDeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookAttempt:
    """One try. Without a status there was no answer; `words` say why."""

    at: datetime
    took_ms: int
    status: int | None = None
    words: str = ""
    answer: str = ""  # its beginning


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDelivery:
    """One thing that happened, told to one hook."""

    id: str
    hook: str
    message: str  # `webhook-id`: the same however often it is sent, and for every hook
    kind: str
    conversation: str | None = None
    sequence: int
    at: datetime  # when it happened
    created_at: datetime
    expires_at: datetime  # of the log
    give_up_at: datetime
    payload: str = ""  # JSON, as it is sent
    state: HookDeliveryState = HookDeliveryState.WAITING
    due_at: datetime | None = None  # while it waits
    failed_at: datetime | None = None
    tries: int = 0  # since it was last queued
    attempts: tuple[HookAttempt, ...] = ()
