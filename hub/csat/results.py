"""What customers answered: a page at a time for admins, and one figure beside a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.desk.replying import Desk
from hub.desk.teams import only_admins
from hub.model.people import Agent
from hub.model.ratings import Rating
from hub.store.shelves import ms_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLACES = 14  # digits of a moment in a cursor


@dataclass(frozen=True, slots=True)
class Answers:
    """The newest answer first. `next_cursor`: where it goes on."""

    rows: Sequence[Rating]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Contentment:
    """Of one customer."""

    average: float
    count: int
    latest: int
    latest_at: datetime


async def list_answers(desk: Desk, agent: Agent, cursor: str | None = None, limit: int = 50) -> Answers:
    """Raises NotAllowed: admins only, since they tell of every team's conversations."""
    only_admins(agent)
    rows = await desk.store.ratings.page(_place(cursor), limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    more = f"{ms_of(last.answered_at)}-{last.id}" if last and last.answered_at else None
    return Answers(rows[:limit], more)


def _place(cursor: str | None) -> tuple[datetime, str] | None:
    moment, dash, last = (cursor or "").partition("-")
    if not dash or not (moment.isascii() and moment.isdecimal()) or len(moment) > PLACES:
        return None
    return EPOCH + timedelta(milliseconds=int(moment)), last


async def contentment_of(desk: Desk, customers: Sequence[str]) -> Contentment | None:
    """For whoever may see a conversation of theirs. Nothing is checked here."""
    if not customers:
        return None
    found = [each for each in await desk.store.ratings.of_customers(customers) if each.score is not None]
    if not found:
        return None
    scores = [each.score or 0 for each in found]
    latest = max(found, key=lambda each: each.answered_at or each.asked_at)
    return Contentment(
        average=sum(scores) / len(scores),
        count=len(scores),
        latest=latest.score or 0,
        latest_at=latest.answered_at or latest.asked_at,
    )
