"""What to do after a failed delivery. Pure: the worker does what this decides."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.contract.errors import (
    AuthBroken,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unavailable,
)
from hub.model.sentences import sentence

STEPS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
)
JITTER = 0.2  # of each step, up or down: many deliveries do not come back at the same moment


@dataclass(frozen=True, slots=True)
class Later:
    """Try this delivery again."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class HoldChannel:
    """The platform told us to wait: nothing is sent before. Not an attempt."""

    until: datetime
    words: str


@dataclass(frozen=True, slots=True)
class StopChannel:
    """Credentials refused: deliveries stay queued until an admin has reconnected the channel."""

    words: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """It may have arrived: ask the platform, or else a person."""

    words: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    words: str


Decision = Later | HoldChannel | StopChannel | LookUp | GiveUp


def decide(
    problem: ConnectorError,
    tries: int,
    now: datetime,
    give_up_at: datetime,
    chance: Callable[[], float] = random.random,
) -> Decision:
    """After failed try number `tries`, counted from 1. `chance` gives numbers from 0 to 1 for the jitter."""
    words = str(problem)
    match problem:
        case RateLimited(retry_after=retry_after):
            if now > give_up_at:
                return GiveUp(sentence("given_up_paced", problem=words))
            return HoldChannel(now + retry_after, words)
        case AuthBroken():
            return StopChannel(words)
        case OutcomeUnknown():
            return LookUp(words)
        case Rejected():
            return GiveUp(words)
        case Unavailable():
            step = STEPS[min(tries, len(STEPS)) - 1]
            at = now + step * (1 + JITTER * (2 * chance() - 1))
            if at > give_up_at:
                hours = round(sum((each.total_seconds() for each in STEPS), 0.0) / 3600)
                return GiveUp(sentence("given_up", tries=tries, hours=max(hours, 1), problem=words))
            return Later(at, words)
    return GiveUp(words)
