"""Shelves: the sets of conversations that lists are read from, each with its index and its tally. Pure.

A shelf is an equality and a moment (`status` open by `activity_at`). How many of its conversations fall on
which day is kept in a small document, so that a page is read in stretches of time that hold about a page.
That costs the same however many conversations there are, and it is only a hint: a wrong tally makes a list
slower, never wrong. Shelves without a tally of their own go by a larger one's, and learn how thin they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.model.inbox import Conversation, Priority, Status, Wish
from hub.store.codec import Document, from_document, to_document

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FARTHEST = 1 << 45  # ms: some eleven hundred years
MS = timedelta(milliseconds=1)
TAG_KEYS = "tag:"
DAY = 86_400_000  # ms
SPARE = 4  # conversations read beyond those wanted, and a fifth: tallies are not exact
THINNEST = 16  # times longer a stretch becomes where there is little
WORDED = frozenset({"agent", "channel", "also", "team", "level", "followers", "mentioned", "tags", "wish"})
MANY = frozenset({"also", "followers", "mentioned", "tags"})
_SINGLE = ("status", "agent", "team", "activity_at", "waiting_since", "due_at", "followers", "mentioned",
           "tags")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shelf:
    """`key` names its tally, or another's to go by. `newest`: the latest moment comes first."""

    key: str
    where: tuple[tuple[str, str | None], ...]
    field: str = "activity_at"
    newest: bool = True


def by_channel(channel: str, status: Status) -> list[Shelf]:
    """Those that began there, and those that are found there, too."""
    return [Shelf(by_status(status).key, _under(kind, channel, status)) for kind in ("channel", "also")]


def by_tag(tag: str, status: Status) -> Shelf:
    return Shelf(f"{TAG_KEYS}{tag}", _under("tag", tag, status))


def by_status(status: Status) -> Shelf:
    return Shelf(f"status:{status}", (("status", str(status)),))


def by_agent(agent: str | None, status: Status) -> Shelf:
    return Shelf(f"agent:{agent or ''}:{status}", _under("agent", agent or "", status))


def by_team(team: str, status: Status) -> Shelf:
    return Shelf(f"team:{team}:{status}", _under("team", team, status))


def by_follower(agent: str, status: Status) -> Shelf:
    return Shelf(f"followers:{agent}", _under("follower", agent, status))


def by_mention(agent: str, status: Status) -> Shelf:
    return Shelf(f"mentioned:{agent}", _under("mention", agent, status))


def by_waiting(status: Status) -> Shelf:
    return Shelf(f"waiting:{status}", (("status", str(status)),), "waiting_since", newest=False)


def by_waiting_agent(agent: str | None, status: Status) -> Shelf:
    where = _under("agent", agent or "", status)
    return Shelf(by_waiting(status).key, where, "waiting_since", newest=False)


def by_waiting_team(team: str, status: Status) -> Shelf:
    where = _under("team", team, status)
    return Shelf(by_waiting(status).key, where, "waiting_since", newest=False)


def by_window(status: Status) -> Shelf:
    return Shelf(by_waiting(status).key, (("status", str(status)),), "window_ends_at", newest=False)


def by_queue(team: str) -> list[list[Shelf]]:
    """What of a team nobody has, one part after the other: the more urgent before the less urgent; within
    these what is due before what is not, by when it is due; the others by how long they wait.

    What stands due may have been answered since: whoever reads passes over what is not waiting. What is usual
    may be left out of a document, or written: such a part has two shelves.
    """
    where = (("team", team), ("agent", None), ("status", str(Status.OPEN)))
    due, waiting = by_due(Status.OPEN).key, by_waiting(Status.OPEN).key
    parts: list[list[Shelf]] = []
    for priority in (Priority.URGENT, Priority.HIGH, Priority.NORMAL, Priority.LOW):
        kept = (None, str(priority)) if priority is Priority.NORMAL else (str(priority),)
        these = [(*where, ("priority", each)) for each in kept]
        parts.append([Shelf(due, each, "due_at", newest=False) for each in these])
        parts.append(
            [Shelf(waiting, (*each, ("due_at", None)), "waiting_since", newest=False) for each in these]
        )
    return parts


def by_level(level: str, status: Status) -> Shelf:
    """The longest quiet first: what becomes active while this is read through moves to its end."""
    return Shelf(by_status(status).key, _under("level", level, status), newest=False)


def by_due(status: Status) -> Shelf:
    return Shelf(f"due:{status}", (("status", str(status)),), "due_at", newest=False)


def word(kind: str, which: str) -> str:
    """One of the words that a conversation is found under (`words_of`)."""
    return f"{kind}:{which}"


def words_of(conversation: Conversation) -> list[str]:
    """What a conversation is found under, in one array with one index instead of one for each field: who has
    it, where it is, what it is about. Written together with the fields it follows from (`WORDED`).
    """
    found = [word("agent", conversation.agent or ""), word("channel", conversation.channel)]
    found += [word("also", each) for each in conversation.also]
    if conversation.team:
        found.append(word("team", conversation.team))
    if conversation.level:
        found.append(word("level", conversation.level))
    found += [word("follower", each) for each in conversation.followers]
    found += [word("mention", each) for each in conversation.mentioned]
    found += [word("tag", each) for each in conversation.tags]
    wish = conversation.wish
    if conversation.team and conversation.agent is None and wish and (wish.agent or wish.strategy):
        found.append(word("wish", conversation.team))
    return list(dict.fromkeys(found))


def with_words(conversation: Conversation) -> Document:
    """The document of a new conversation."""
    return {**to_document(conversation), "under": words_of(conversation)}


def words_after(conversation: Conversation, changes: Mapping[str, Any]) -> Document:
    """The words to be written with changes of fields; None: the field goes. Empty if they stay the same."""
    worded = {key: value for key, value in changes.items() if key in WORDED}
    if not worded:
        return {}
    now: dict[str, Any] = {
        key: () if value is None and key in MANY else value for key, value in worded.items()
    }
    if isinstance(wish := now.get("wish"), Mapping):
        now["wish"] = from_document(dict(wish), Wish)
    return {"under": words_of(replace(conversation, **now))}


def _under(kind: str, which: str, status: Status) -> tuple[tuple[str, str | None], ...]:
    return (("under", word(kind, which)), ("status", str(status)))


def shelves_of(conversation: Conversation) -> list[tuple[str, int]]:
    """The key of every shelf a conversation stands on, with its moment there in ms."""
    if conversation.status is Status.MERGED:
        return []
    status = conversation.status
    at = ms_of(conversation.activity_at)
    found = [(by_status(status).key, at), (by_agent(conversation.agent, status).key, at)]
    if conversation.team:
        found.append((by_team(conversation.team, status).key, at))
    found += [(by_follower(each, status).key, at) for each in conversation.followers]
    found += [(by_mention(each, status).key, at) for each in conversation.mentioned]
    found += [(by_tag(each, status).key, at) for each in conversation.tags]
    if conversation.waiting_since:
        found.append((by_waiting(status).key, ms_of(conversation.waiting_since)))
    if conversation.due_at:
        found.append((by_due(status).key, ms_of(conversation.due_at)))
    return found


def changed_by(conversation: Conversation, update: Mapping[str, Any]) -> Conversation:
    """A conversation after an update, as far as its shelves depend on it."""
    changes: dict[str, Any] = {key: value for key, value in update.get("$set", {}).items() if key in _SINGLE}
    latest = update.get("$max", {}).get("activity_at")
    if latest is not None:
        changes["activity_at"] = max(latest, conversation.activity_at)
    for key in update.get("$unset", {}):
        if key in _SINGLE:
            changes[key] = () if key in MANY else None
    if "status" in changes:
        changes["status"] = Status(changes["status"])
    return replace(conversation, **changes) if changes else conversation


def ms_of(moment: datetime) -> int:
    return (moment - EPOCH) // MS


def moment_of(ms: int) -> datetime:
    """A cursor may name a moment that no calendar has: then the last, or the first, that matters."""
    return EPOCH + timedelta(milliseconds=max(-FARTHEST, min(ms, FARTHEST)))


@dataclass(frozen=True, slots=True)
class Span:
    """How many conversations of a shelf fall between two moments of one day, both included, in ms."""

    first: int
    last: int
    count: int


class Walk:
    """Cuts a shelf into stretches of about as many conversations as are wanted. `spans`: the tally.

    Inside, time runs forwards whatever the order: for newest first it is mirrored (`-ms - 1`).
    """

    def __init__(self, shelf: Shelf, spans: Sequence[Span], start: int | None) -> None:
        self._newest = shelf.newest
        ends = [tuple(sorted((self._mirrored(each.first), self._mirrored(each.last)))) for each in spans]
        self._spans = sorted((a, b + 1, each.count) for (a, b), each in zip(ends, spans, strict=True))
        self._at = None if start is None else self._mirrored(start)
        self._expected = 0.0
        self._thin = 1.0
        self.over = False

    def _mirrored(self, ms: int) -> int:
        return -ms - 1 if self._newest else ms

    def next(self, want: int) -> Document:
        """The range of the next stretch, as a query on the shelf's moment; empty: everything."""
        self._expected = want * 1.2 + SPARE
        begin, end = self._at, self._end(self._expected * self._thin)
        self._at, self.over = end, end is None
        low, high = begin, end
        if self._newest:
            low, high = None if end is None else -end, None if begin is None else -begin
        # Bounds are never included: where an index goes on behind the moment, the embedded database (0.7.0b3)
        # passes over what stands exactly on an included one.
        query: Document = {}
        if low is not None:
            query["$gt"] = moment_of(low - 1)
        if high is not None:
            query["$lt"] = moment_of(high)
        return query

    def found(self, count: int) -> None:
        """How many there were in the stretch: after a thin one the next is longer, after a full one not."""
        times = min(self._expected / max(count, 1), 4.0)
        if not 0.5 < times < 2:
            self._thin = min(max(self._thin * times, 1.0), THINNEST)

    @property
    def position(self) -> int | None:
        """The moment the next stretch begins with, in ms; None: nothing follows."""
        return None if self.over or self._at is None else self._mirrored(self._at)

    def _end(self, want: float) -> int | None:
        ahead = [self._left(*span) for span in self._spans if self._at is None or span[1] > self._at]
        if sum(count for _, _, count in ahead) <= want * 1.5:
            return None
        together = 0.0
        for begin, end, count in ahead:
            if together + count >= want:  # a part of this day
                part = (want - together) / count
                return min(begin + max(1, int((end - begin) * part)), end)
            together += count
        return None

    def _left(self, begin: int, end: int, count: int) -> tuple[int, int, float]:
        """What is left of a day, if its conversations are spread evenly."""
        if self._at is None or self._at <= begin:
            return begin, end, count
        return self._at, end, count * (end - self._at) / (end - begin)
