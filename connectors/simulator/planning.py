"""Conversations as they are to be played: who says what when. Pure, and the same for the same seed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from connectors.simulator.casting import Catalogue, blanks, cast
from connectors.simulator.files import make_file
from connectors.simulator.screenplay import Cue, Matter
from connectors.simulator.society import Persona
from connectors.simulator.timetable import next_time, opening_time
from hub.contract.capabilities import Surface


class By(StrEnum):
    """Who acts in a turn. All but agent and note are the platform's or the customer's doing."""

    CUSTOMER = "customer"
    AGENT = "agent"
    NOTE = "note"
    EDIT = "edit"
    DELETE = "delete"
    REACT = "react"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    at: datetime
    by: By
    text: str = ""
    agent: str | None = None  # full name, where an agent speaks or notes
    files: tuple[tuple[str, str, bytes], ...] = ()  # name, MIME type, bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedConversation:
    """One matter of one customer. `turns` have happened; `later` is what the script would still bring."""

    number: int
    matter: str
    language: str
    account: str
    surface: Surface
    customer: Persona
    subject: str | None
    tags: tuple[str, ...]
    flags: tuple[str, ...]
    agent: str  # whose conversation it is
    turns: tuple[Turn, ...]
    later: tuple[Turn, ...] = ()
    resolved: bool = False
    blanks: dict[str, str]


class Planner:
    """Deals matters like cards: each as often as its weight says before any comes again."""

    def __init__(
        self,
        matters: tuple[Matter, ...],
        catalogue: Catalogue,
        accounts: dict[str, str],
        *,
        seed: int,
        days: int,
    ) -> None:
        """`accounts`: imitation -> the account where such matters come up. Others are not played."""
        self._matters = tuple(matter for matter in matters if matter.imitation in accounts)
        self._catalogue = catalogue
        self._accounts = accounts
        self._seed = seed
        self._days = days
        self._deck: list[Matter] = []
        self._shuffles = 0
        self._known: dict[str, list[Persona]] = {"de": [], "en": []}
        self._chatting: set[tuple[str, str]] = set()  # customer, account: one chat per person and platform
        self._subjects: set[str] = set()
        self._number = 0

    def past(self, now: datetime) -> PlannedConversation:
        """A conversation of the last days, played as far as it may have come by now."""
        number, random, matter = self._next()
        start = opening_time(now, self._days, random)
        whole = self._plan(number, matter, random, start)
        return _cut(whole, now, random)

    def new(self, now: datetime) -> PlannedConversation:
        """A conversation that begins now."""
        number, random, matter = self._next()
        whole = self._plan(number, matter, random, now)
        first = 1 + next((i for i, turn in enumerate(whole.turns[1:]) if turn.by is not By.EDIT), 0)
        return replace(whole, turns=whole.turns[:first], later=whole.turns[first:], resolved=False)

    def _next(self) -> tuple[int, Random, Matter]:
        if not self._deck:
            self._shuffles += 1
            self._deck = [matter for matter in self._matters for _ in range(matter.weight)]
            Random(f"{self._seed}:deck:{self._shuffles}").shuffle(self._deck)
        self._number += 1
        return self._number, Random(f"{self._seed}:{self._number}"), self._deck.pop()

    def _plan(self, number: int, matter: Matter, random: Random, start: datetime) -> PlannedConversation:
        customer, company = self._customer(number, matter, random)
        agent = random.choice(self._catalogue.agents)
        words = blanks(self._catalogue, matter, customer, company, agent, random)
        turns: list[Turn] = []
        at = start
        for cue in matter.script:
            if turns:
                at = next_time(at, cue.who, matter.surface, cue.after, random)
            turns.append(_turn(cue, at, words, agent, random))
        return PlannedConversation(
            number=number,
            matter=matter.key,
            language=matter.language,
            account=self._accounts[matter.imitation],
            surface=matter.surface,
            customer=customer,
            subject=self._subject(matter, words, random),
            tags=matter.tags,
            flags=matter.flags,
            agent=agent,
            turns=tuple(turns),
            resolved=True,
            blanks=words,
        )

    def _customer(self, number: int, matter: Matter, random: Random) -> tuple[Persona, str | None]:
        """Somebody new, or (one in eight) somebody we know, perhaps from another channel."""
        account = self._accounts[matter.imitation]
        chat = matter.surface in (Surface.DIRECT, Surface.GROUP)
        known = self._known[matter.language]
        if known and not (matter.company or matter.bounces or matter.flags) and random.random() < 0.125:
            again = random.choice(known)
            if not (chat and (again.key, account) in self._chatting):
                self._chatting |= {(again.key, account)} if chat else set()
                return again, None
        customer, company = cast(self._catalogue, matter, random, number)
        if not (matter.company or matter.bounces or matter.flags):
            known.append(customer)
        if chat:
            self._chatting.add((customer.key, account))
        return customer, company

    def _subject(self, matter: Matter, words: dict[str, str], random: Random) -> str | None:
        """One of the matter's subjects, preferably one that nobody has used yet."""
        if not matter.subjects:
            return None
        choices = [each.format_map(words) for each in matter.subjects]
        random.shuffle(choices)
        chosen = next((each for each in choices if each not in self._subjects), choices[0])
        self._subjects.add(chosen)
        return chosen


def _turn(cue: Cue, at: datetime, words: dict[str, str], agent: str, random: Random) -> Turn:
    by = By(cue.who)
    text = random.choice(cue.texts).format_map(words)
    files = tuple(make_file(kind, name.format_map(words), at) for kind, name in cue.files)
    return Turn(at=at, by=by, text=text, agent=agent if by in (By.AGENT, By.NOTE) else None, files=files)


def _cut(whole: PlannedConversation, now: datetime, random: Random) -> PlannedConversation:
    """As much as can have happened; of recent ones, many still wait for our answer."""
    happened = sum(turn.at < now - timedelta(seconds=30) for turn in whole.turns)
    age = now - whole.turns[0].at
    waiting = 0.6 if age < timedelta(days=1) else 0.3 if age < timedelta(days=3) else 0.05
    asked = [
        index
        for index, turn in enumerate(whole.turns[:happened])
        if turn.by is By.CUSTOMER and index + 1 < len(whole.turns)
    ]
    if asked and random.random() < waiting:
        happened = random.choice(asked) + 1
    finished = happened == len(whole.turns) and age > timedelta(hours=6)
    return replace(
        whole,
        turns=whole.turns[:happened],
        later=whole.turns[happened:],
        resolved=finished and random.random() < 0.9,
    )
