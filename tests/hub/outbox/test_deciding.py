"""What is decided after a failure, and whom a report is about."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.contract.errors import (
    AuthBroken,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RejectReason,
    Unavailable,
)
from hub.outbox.retry import STEPS, GiveUp, HoldChannel, Later, LookUp, StopChannel, decide

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    ("problem", "decision"),
    [
        (RateLimited("slow down", retry_after=timedelta(seconds=9)), HoldChannel),
        (AuthBroken("wrong password"), StopChannel),
        (OutcomeUnknown("no answer"), LookUp),
        (Rejected("no", reason=RejectReason.OTHER), GiveUp),
        (Unavailable("down"), Later),
    ],
)
def test_each_error_has_its_answer(problem: Unavailable, decision: type[object]) -> None:
    assert isinstance(decide(problem, 1, NOW, LATER), decision)


def test_tries_grow_apart_and_go_on_for_hours_until_the_budget_is_used() -> None:
    steps = [decide(Unavailable("down"), tries, NOW, LATER, chance=lambda: 0.5) for tries in range(1, 9)]
    waits = [step.at - NOW for step in steps if isinstance(step, Later)]
    assert waits == [*STEPS, STEPS[-1], STEPS[-1], STEPS[-1]]
    assert isinstance(decide(Unavailable("down"), 9, LATER, LATER), GiveUp)


def test_being_told_to_wait_for_ever_ends_too() -> None:
    problem = RateLimited("slow down", retry_after=timedelta(minutes=1))
    assert isinstance(decide(problem, 1, LATER + timedelta(seconds=1), LATER), GiveUp)
