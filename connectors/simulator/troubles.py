"""What goes wrong on a simulated platform: by plan, by chance or for good. Repeatable by seed."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Self


class Trouble(StrEnum):
    """What one call of ours may meet."""

    DOWN = "down"  # no connection
    SERVER_ERROR = "server_error"  # 503, nothing was taken
    RATE_LIMITED = "rate_limited"  # 429 with Retry-After
    CREDENTIALS = "credentials"  # 401
    REFUSED = "refused"  # 400: this will never be taken
    LOST_ANSWER = "lost_answer"  # taken, but the answer never comes back
    LOST_REQUEST = "lost_request"  # not taken, and no answer either: from outside just the same


WRITES = frozenset({"send", "edit", "delete", "react"})


class Refusal(Exception):
    """The platform answers with an HTTP error."""

    def __init__(self, status: int, code: str, words: str, retry_after: timedelta | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.code = code
        self.retry_after = retry_after


@dataclass(slots=True)
class Plan:
    """One arranged trouble: for a number of calls, until a moment, or (neither) until mended."""

    trouble: Trouble
    on: str | None = None  # the name of a call; None: any
    calls: int | None = None
    until: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Chances:
    """How often things go wrong by themselves. Shares between 0 and 1."""

    duplicated: float = 0.0  # an update is told a second time, later
    reordered: float = 0.0  # an update changes places with the next
    broken: float = 0.0  # an unreadable update, or webhook body, comes in between
    down: float = 0.0
    server_error: float = 0.0
    rate_limited: float = 0.0
    lost_answer: float = 0.0
    lost_request: float = 0.0

    def __post_init__(self) -> None:
        for each in fields(self):
            if not 0 <= getattr(self, each.name) <= 1:
                raise ValueError(f"{each.name} is a share between 0 and 1.")


@dataclass(slots=True)
class Troubles:
    """Decides what each call meets. Plans come before chance, the oldest plan first."""

    random: Random
    now: Callable[[], datetime]
    chances: Chances = field(default_factory=Chances)
    retry_after: timedelta = timedelta(seconds=2)
    slow: timedelta = timedelta(0)  # every answer takes this long
    plans: list[Plan] = field(default_factory=list)

    def plan(
        self,
        trouble: Trouble,
        *,
        on: str | None = None,
        calls: int | None = None,
        until: datetime | None = None,
    ) -> Self:
        self.plans.append(Plan(trouble, on, calls, until))
        return self

    def mend(self) -> None:
        """Everything works again: no plans, no chance of trouble, quick answers."""
        self.plans.clear()
        self.chances = Chances()
        self.slow = timedelta(0)

    def meet(self, call: str) -> Trouble | None:
        """What this call meets; None when all goes well."""
        now = self.now()
        self.plans = [
            plan for plan in self.plans if (plan.until is None or now < plan.until) and plan.calls != 0
        ]
        for plan in self.plans:
            if plan.on in (None, call):
                if plan.calls is not None:
                    plan.calls -= 1
                return plan.trouble
        return self._by_chance(call)

    def _by_chance(self, call: str) -> Trouble | None:
        chances = [
            (Trouble.DOWN, self.chances.down),
            (Trouble.SERVER_ERROR, self.chances.server_error),
            (Trouble.RATE_LIMITED, self.chances.rate_limited),
        ]
        if call in WRITES:
            chances += [
                (Trouble.LOST_ANSWER, self.chances.lost_answer),
                (Trouble.LOST_REQUEST, self.chances.lost_request),
            ]
        drawn = self.random.random()
        for trouble, share in chances:
            if drawn < share:
                return trouble
            drawn -= share
        return None

    def raise_before(self, trouble: Trouble | None) -> None:
        """Fail a call that the platform does not take."""
        match trouble:
            case Trouble.DOWN:
                raise ConnectionRefusedError("The simulated platform takes no connections.")
            case Trouble.SERVER_ERROR:
                raise Refusal(503, "unavailable", "The simulated platform has a bad moment.")
            case Trouble.RATE_LIMITED:
                raise Refusal(429, "slow_down", "Too many calls.", self.retry_after)
            case Trouble.CREDENTIALS:
                raise Refusal(401, "token_refused", "The token is not valid any more.")
            case Trouble.REFUSED:
                raise Refusal(400, "policy", "The simulated platform does not take this message.")
            case Trouble.LOST_REQUEST:
                raise TimeoutError

    def raise_after(self, trouble: Trouble | None) -> None:
        """Fail a call that the platform has taken."""
        if trouble is Trouble.LOST_ANSWER:
            raise TimeoutError
