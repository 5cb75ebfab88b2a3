"""Looks who else a new identity may be, behind the pipeline: links what is certain, suggests what is likely.

The pipeline does not wait for it. Any number of processes may run one: what two do at once comes out as if
one had done it. Whoever is to be looked at stays noted until it was done: nobody is forgotten over a crash.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from hub.clock import Clock
from hub.contract.inbound import Author
from hub.contract.routing import Likeness, Router
from hub.customers.links import of_the_same_address
from hub.customers.merging import Evidence, merge_customers
from hub.customers.telling import announce
from hub.model.addresses import addresses_in, numbers_in
from hub.model.customers import Suggestion, Verdict
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.inbox import Entry, Message
from hub.model.people import Identity
from hub.model.traces import trace_keys
from hub.realtime import publish
from hub.store import Store, StoreUnavailable
from hub.store.customers import Unmatched
from hub.store.likeness import suggestion_id

Each = TypeVar("Each")
log = structlog.get_logger()

LOOK = 2.0  # seconds between two looks
AT_ONCE = 500  # to find them costs the same, however many are taken
TOGETHER = 32  # of them are looked at side by side
KEYS_OF = 8  # of them in one query: the embedded store checks each document against all keys asked for
ON_ITS_WAY = timedelta(seconds=20)  # from the identity to its first message
READ = 5  # messages whose signatures are read
LINES = 12  # at the end of a message: the signature
LONGEST_LINE = 200  # characters; longer ones are sentences
NAMED_MOST = 5  # addresses in a signature; a longer list is no signature
BEST = 5  # suggestions for one identity


@dataclass(frozen=True, slots=True)
class Matcher:
    store: Store
    router: Router
    clock: Clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                while await self.look() == AT_ONCE:
                    continue
            except StoreUnavailable:
                log.warning("nobody can be matched just now")
            await asyncio.sleep(LOOK)

    async def look(self) -> int:
        """Look at those whom nobody has looked at. Returns how many there were."""
        waiting = await self.store.people.next_unmatched(AT_ONCE)
        return sum([await self._look_at(group) for group in _groups(waiting, TOGETHER)])

    async def _look_at(self, waiting: Sequence[Unmatched]) -> int:
        people, now = self.store.people, self.clock()
        known = await people.find_identities(list({each.identity for each in waiting}))
        said = await self._said_by(list(known.values()))
        late = {each.identity for each in waiting if now - each.at >= ON_ITS_WAY}
        ready = [each for each in known.values() if said[each.id] or each.source != "message"]
        ready += [each for each in known.values() if each.id in late and each not in ready]
        told = [await self._with_signature(each, said[each.id]) for each in ready]
        unlinked = await self._link_all(told)
        for group in _groups(unlinked, KEYS_OF):
            near = await people.with_keys(list({key for each in group for key in each.keys}))
            for each in group:
                await self._suggest(each, near)
        done = {each.id for each in ready} | (late - set(known))
        looked = [each for each in waiting if each.identity in done]
        await people.set_matched(looked)
        return len(looked)

    async def suggest(self, identity: Identity) -> list[Suggestion]:
        """Keep the likeliest others of an identity as suggestions. Returns them."""
        return await self._suggest(identity, await self.store.people.with_keys(identity.keys))

    async def _suggest(self, identity: Identity, near: Sequence[Identity]) -> list[Suggestion]:
        """`near`: those who share a key with it, and perhaps others."""
        mine = set(identity.keys)
        others = [
            each for each in near if each.customer != identity.customer and not mine.isdisjoint(each.keys)
        ]
        likely = [(likeness, each) for each in others if (likeness := self.router.compare(identity, each))]
        if not likely:
            return []
        likely.sort(key=lambda pair: (-pair[0].score, pair[1].id))
        found = await self._undecided(identity, likely[: BEST * 2])
        await self.store.likenesses.suggest(found)
        if found:
            await self._tell(identity)
        return found

    async def _tell(self, identity: Identity) -> None:
        """Whoever looks at a conversation of theirs sees the suggestion."""
        now = self.clock()
        told = [
            Event(
                id=new_id(now),
                kind="conversation_changed",
                at=now,
                conversation=each.id,
                by="routing",
                details={"what": "customer_suggested"},
            )
            for each in await self.store.views.of_customer([identity.customer], 1)
        ]
        await publish(self.store, told)

    async def _undecided(
        self, identity: Identity, likely: Sequence[tuple[Likeness, Identity]]
    ) -> list[Suggestion]:
        """One for each other person; none that was refused, between whichever of their parts."""
        roots = await self.store.people.roots_of([identity.customer, *(each.customer for _, each in likely)])
        mine = roots[identity.customer]
        best: dict[str, Suggestion] = {}
        for likeness, each in likely:
            if (other := roots[each.customer]) not in (mine, *best) and len(best) < BEST:
                best[other] = _suggestion(identity, each, likeness, self.clock())
        refused = await self._refused(mine) if best else set()
        return [each for other, each in best.items() if other not in refused]

    async def _refused(self, person: str) -> set[str]:
        """Whom somebody said that this person is not."""
        members = await self.store.people.members_of(person)
        decided = await self.store.likenesses.suggestions_of(members)
        pairs = [each.customers for each in decided if each.verdict is Verdict.REFUSED]
        roots = await self.store.people.roots_of([each for pair in pairs for each in pair])
        return {roots[each] for pair in pairs for each in pair} - {person}

    async def _link_all(self, identities: Sequence[Identity]) -> list[Identity]:
        """Those who were not linked."""
        emails = {each.email for each in identities if each.email}
        phones = {each.phone for each in identities if each.phone}
        sharing = await self.store.people.with_address(sorted(emails), sorted(phones))
        return [each for each in identities if not await self._link(each, sharing)]

    async def _link(self, identity: Identity, sharing: Sequence[Identity]) -> bool:
        """What two workers saw at the same moment, or was verified later: the same rule as on the way in."""
        candidates = [each for each in of_the_same_address(identity, sharing) if each.id != identity.id]
        if not candidates:
            return False
        roots = await self.store.people.roots_of([identity.customer, *(each.customer for each in candidates)])
        mine = roots[identity.customer]
        others = [
            replace(each, customer=roots[each.customer])
            for each in candidates
            if roots[each.customer] != mine
        ]
        author = Author(
            key=identity.key,
            name=identity.name,
            handle=identity.handle,
            email=identity.email,
            phone=identity.phone,
        )
        decision = self.router.link(author, others, identity.first_seen_at)
        if decision.customer is None or decision.customer in await self._refused(mine):
            return False
        evidence = Evidence(by="routing", because=decision.because)
        record = await merge_customers(self.store, mine, decision.customer, evidence, self.clock())
        if record is not None:
            await announce(self.store, record, self.clock())
        return True

    async def _said_by(self, identities: Sequence[Identity]) -> dict[str, list[Message]]:
        """What each of them said in their latest conversation; nearly all of them said one thing only."""
        found = await self.store.views.latest_of([each.customer for each in identities])
        only = [each.last.entry for each in found.values() if each.messages <= 1]
        entries = await self.store.inbox.find_entries(only)
        said: dict[str, list[Message]] = {}
        for each in identities:
            theirs = found.get(each.customer)
            if theirs is None:
                read: Sequence[Entry] = ()
            elif theirs.last.entry in entries:
                read = [entries[theirs.last.entry]]
            else:
                read = await self.store.inbox.timeline(theirs.id, READ)
            said[each.id] = [it for it in read if isinstance(it, Message) and it.author == each.id]
        return said

    async def _with_signature(self, identity: Identity, said: Sequence[Message]) -> Identity:
        """With the addresses that the end of their messages names."""
        own = {identity.email, identity.phone, *identity.claimed}
        named = [each for message in said for each in named_in(message.content.text)]
        new = tuple(dict.fromkeys(each for each in named if each not in own))
        if not new or len(new) > NAMED_MOST:
            return identity
        told = replace(identity, claimed=(*identity.claimed, *new))
        told = replace(told, keys=trace_keys(told))
        change = {"claimed": list(told.claimed), "keys": list(told.keys)}
        await self.store.people.change_identities([(told.id, change)])
        return told


def _groups(many: Sequence[Each], size: int) -> Iterator[Sequence[Each]]:
    return (many[start : start + size] for start in range(0, len(many), size))


def named_in(text: str) -> list[str]:
    """Addresses and numbers at the end of what somebody wrote themselves."""
    lines = (line.strip() for line in text.splitlines())
    own = [line for line in lines if line and len(line) <= LONGEST_LINE and not line.startswith(">")]
    end = "\n".join(own[-LINES:])
    return [*addresses_in(end), *numbers_in(end)]


def _suggestion(identity: Identity, other: Identity, likeness: Likeness, now: datetime) -> Suggestion:
    first, second = sorted((identity, other), key=lambda each: each.customer)
    return Suggestion(
        id=suggestion_id(first.customer, second.customer),
        customers=(first.customer, second.customer),
        identities=(first.id, second.id),
        score=likeness.score,
        open=likeness.score,
        reasons=likeness.reasons,
        at=now,
    )
