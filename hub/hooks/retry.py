"""What to do after a try. Pure: the sender does what this decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.hooks.posting import Answer

STEPS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=6),
    timedelta(hours=6),
    timedelta(hours=6),
)  # about 26 hours
GIVE_UP_AFTER = timedelta(hours=36)  # also of what was never tried, because the others before it failed
WAIT_MOST = timedelta(hours=6)
JITTER = 0.2
PATIENT = 3  # failures in a row; then the whole hook waits, and is tried with one delivery at a time
HOLD_MOST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Taken:
    """The receiver has it."""


@dataclass(frozen=True, slots=True)
class Later:
    after: timedelta


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It was tried often enough, or for long enough."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The receiver wants nothing any more."""


def next_step(
    answer: Answer, tries: int, give_up_at: datetime, chance: float
) -> Taken | Later | GiveUp | Gone:
    """After try number `tries`, counted from 1. `chance`: 0 to 1, spreads those who failed together."""
    if answer.status is not None and 200 <= answer.status < 300:
        return Taken()
    if answer.status == 410:
        return Gone()
    if tries > len(STEPS):
        return GiveUp()
    after = STEPS[tries - 1] * (1 + JITTER * (2 * chance - 1))
    if answer.retry_after is not None:
        after = min(max(after, answer.retry_after), WAIT_MOST)
    if answer.at + after > give_up_at:
        return GiveUp()
    return Later(after)


def hold(answer: Answer, failures: int) -> timedelta | None:
    """How long to send nothing at all, after so many failures in a row.

    An answer that refuses this delivery alone (4xx) says nothing about the next one.
    """
    if answer.retry_after is not None:
        return min(answer.retry_after, WAIT_MOST)
    refused = answer.status is not None and 400 <= answer.status < 500
    if refused or failures < PATIENT:
        return None
    return min(STEPS[min(failures - PATIENT, len(STEPS) - 1)], HOLD_MOST)
