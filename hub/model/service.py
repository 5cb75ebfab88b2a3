"""What we promise customers, and how a conversation stands to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """Times in minutes of working time; None: nothing is promised."""

    id: str
    name: str
    first_response: int | None = None
    next_response: int | None = None
    resolution: int | None = None
    hours: str | None = None  # working hours, by id; None: around the clock
    created_at: datetime


class Promise(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One promise of a conversation that is running now."""

    promise: Promise
    at: datetime


class Turn(StrEnum):
    """What moves the clocks of a conversation."""

    WROTE = "wrote"  # the customer
    ANSWERED = "answered"  # one of us; an automatic message is no answer
    RESOLVED = "resolved"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Happened:
    turn: Turn
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a conversation stands to its service level; all that follows from its timeline."""

    dues: tuple[Due, ...] = ()
    broken: tuple[Due, ...] = ()  # promises that were not kept, though they may be settled by now
    used: timedelta = timedelta()  # working time that counts towards the resolution
