"""Two conversations of one customer that may be one matter, and what somebody said to that."""

from dataclasses import dataclass
from datetime import datetime

from hub.model.customers import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinOffer:
    """One document for each pair, whatever becomes of it."""

    id: str  # derived from the pair
    conversations: tuple[str, ...]  # the one that was open, the one that began
    open: tuple[str, ...] = ()  # the same two, while nobody has decided
    score: int  # of 100
    reasons: tuple[str, ...] = ()
    verdict: Verdict = Verdict.OPEN
    at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
