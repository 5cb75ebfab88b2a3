"""What somebody typed into the search field, understood. Pure.

invoice from:tomas from:cora@shop.example channel:support tag:vip is:open before:2026-05-01
after:2026-04-01 has:attachment agent:me
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.clock import zone_named
from hub.desk.terms import PASSED_OVER, plain, whole_address, words_of
from hub.model.channels import Channel
from hub.model.inbox import Awaiting, Conversation, Status
from hub.model.people import Agent
from hub.model.sentences import Refusal
from hub.store.shelves import moment_of

LONGEST = 400  # characters that are read
WORDS = 12
_PART = re.compile(r'(?:(\w+):)?(?:"([^"]*)"|(\S+))')
STATES = {
    "open": Status.OPEN,
    "snoozed": Status.SNOOZED,
    "resolved": Status.RESOLVED,
    "closed": Status.RESOLVED,
    "spam": Status.SPAM,
}


class BadQuestion(Refusal):
    """A filter that cannot be understood; the text says which and what would be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    terms: tuple[str, ...] = ()  # every one of them
    prefix: str | None = None  # and a word that begins so
    tags: tuple[str, ...] = ()
    status: Status | None = None
    unassigned: bool = False
    waiting: bool = False
    public: bool = False
    before: datetime | None = None
    after: datetime | None = None
    team: str | None = None
    agent: str | None = None

    @property
    def empty(self) -> bool:
        return self == Asked()

    @property
    def narrows(self) -> bool:
        """Whether it asks for something that only the conversation can tell."""
        asks = (self.tags, self.status, self.unassigned, self.waiting, self.public, self.team, self.agent)
        return any(asks)

    def at_moment(self, at: datetime) -> bool:
        return (self.before is None or at < self.before) and (self.after is None or at >= self.after)

    def fits(self, conversation: Conversation) -> bool:
        shown = conversation.status not in (Status.SPAM, Status.MERGED)
        return all(
            (
                conversation.status is self.status if self.status else shown,
                set(self.tags) <= {plain(tag) for tag in conversation.tags},
                not self.unassigned or conversation.agent is None,
                not self.waiting or conversation.awaiting is Awaiting.US,
                not self.public or conversation.visibility == "public",
                self.team is None or conversation.team == self.team,
                self.agent is None or conversation.agent == self.agent,
            )
        )


def parse(text: str, channels: Sequence[Channel], agent: Agent) -> Asked:
    """Raises BadQuestion. A last word without a space behind it is still being typed: a beginning."""
    terms: dict[str, None] = {}
    given: dict[str, object] = {}
    tags: list[str] = []
    prefix: str | None = None
    text = text[:LONGEST]
    for match in _PART.finditer(text):
        name, quoted, bare = match.groups()
        value = quoted if quoted is not None else bare
        name = (name or "").casefold()
        last = quoted is None and match.end() == len(text)
        if name == "from":
            whole = whole_address(value)
            words = [whole] if whole else [f"@{word}" for word in words_of(value)]
            prefix = words.pop() if words and last else None
            terms.update(dict.fromkeys(words))
            continue
        if name in _FILTERS or name in ("channel", "tag", "has"):
            terms.update(dict.fromkeys(_terms(name, value, channels)))
            tags += [plain(value)] if name == "tag" else []
            given.update(_FILTERS[name](value, agent) if name in _FILTERS else {})
            continue
        words = list(words_of(match.group()))
        if words and last:
            prefix = words.pop()
        addressed = not name and whole_address(value) is not None  # of an address, every word counts
        terms.update(dict.fromkeys(word for word in words if addressed or word not in PASSED_OVER))
        if prefix in PASSED_OVER and terms and not addressed:  # as if there were a space behind it
            prefix = None
    kept = tuple(terms)[:WORDS]
    return Asked(terms=kept, prefix=prefix, tags=tuple(tags), **given)  # type: ignore[arg-type]


def _terms(name: str, value: str, channels: Sequence[Channel]) -> list[str]:
    match name:
        case "has":
            if plain(value) not in ("attachment", "attachments", "file", "files"):
                raise BadQuestion("has_unknown", value=value)
            return ["#has:attachment"]
        case "channel":
            wanted = plain(value)
            found = [each for each in channels if each.id == value or plain(each.name) == wanted]
            found = found or [each for each in channels if plain(each.name).startswith(wanted)]
            if not found:
                raise BadQuestion("channel_unknown", name=value)
            return [f"#channel:{found[0].id}"]
    return []


def _is(value: str, agent: Agent) -> dict[str, object]:
    wanted = plain(value)
    if wanted in STATES:
        return {"status": STATES[wanted]}
    if wanted in ("unassigned", "waiting", "public"):
        return {wanted: True}
    known = ", ".join([*STATES, "unassigned", "waiting", "public"])
    raise BadQuestion("is_unknown", value=value, known=known)


def _day(name: str, value: str, agent: Agent) -> dict[str, object]:
    """A day begins at midnight where the agent lives."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise BadQuestion("day_wrong", name=name, value=value) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone_named(agent.zone)).astimezone(UTC)
    return {name: min(max(moment, moment_of(0)), moment_of(1 << 46))}


_FILTERS: Mapping[str, Callable[[str, Agent], dict[str, object]]] = {
    "is": _is,
    "before": lambda value, agent: _day("before", value, agent),
    "after": lambda value, agent: _day("after", value, agent),
    "team": lambda value, agent: {"team": value},
    "agent": lambda value, agent: {"agent": agent.id if value == "me" else value},
}
