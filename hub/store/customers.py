"""Customers and their identities, and which customers are one person.

A merge writes one thing: the younger customer's `merged_into`. Everything else follows when it is read, so
that nothing is moved, a merge of thousands of conversations costs the same as one of two, and to take it
back gives exactly what was. A customer is merged into an older one only (ids sort by age), so that no order
of merges, at however many places at once, can make a circle.
"""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from hub.model.addresses import normal_key
from hub.model.ids import derived_id
from hub.model.people import Customer, Identity
from hub.store.bulk import insert_new, update_each
from hub.store.codec import Document, from_document, to_document
from hub.store.schema import Database

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
KEYED_MOST = 60  # identities with one key; where there are more, it tells nobody apart
# What the first part that says it says for the whole person.
WHOLE = ("language", "zone", "note", "salutation", "pronouns", "company", "owner", "vip", "blocked")
COMMON_MOST = 20_000  # of such keys are remembered, so that nobody is read for them again


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Somebody of whom nobody has looked yet who else they may be, once for each reason to look."""

    id: object
    identity: str
    at: datetime


def identity_id(platform: str, key: str) -> str:
    return derived_id("identity", platform, normal_key(platform, key))


class Customers:
    def __init__(self, db: Database) -> None:
        self.identities = db.identities
        self.unmatched = db.unmatched
        self.customers = db.customers
        self._common: set[str] = set()

    # Identities

    async def find_identities(self, ids: Sequence[str]) -> dict[str, Identity]:
        found = await self.identities.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        return {each["_id"]: from_document(each, Identity) for each in found}

    async def add_identities(self, identities: Sequence[Identity]) -> dict[str, Identity]:
        """Insert; who came first is right. Returns all of them as they now are.

        Somebody will look who else they may be: noted first, so that a crash in between forgets nobody.
        """
        await self._note([(each.id, each.first_seen_at) for each in identities])
        taken = await insert_new(self.identities, [to_document(each) for each in identities])
        mine = {each.id: each for each in identities if each.id not in taken}
        return {**mine, **await self.find_identities(list(taken))}

    async def change_identities(self, changes: Sequence[tuple[str, Document]]) -> None:
        if changes:
            await update_each(self.identities, [(each, {"$set": change}) for each, change in changes])

    async def move_identity(self, identity: str, was: str, to: str) -> bool:
        """Compare and set whose it is. False: somebody else moved it meanwhile."""
        moved = await self.identities.update_one(
            {"_id": identity, "customer": was}, {"$set": {"customer": to}}
        )
        return bool(moved.modified_count)

    async def with_address(self, emails: Sequence[str], phones: Sequence[str]) -> list[Identity]:
        """Identities with one of these verified addresses or numbers. Two queries, each with its index."""
        found: list[Document] = []
        if emails:
            found += await self.identities.find({"email": {"$in": list(emails)}}).to_list(None)
        if phones:
            found += await self.identities.find({"phone": {"$in": list(phones)}}).to_list(None)
        return [from_document(each, Identity) for each in {each["_id"]: each for each in found}.values()]

    async def with_keys(self, keys: Sequence[str]) -> list[Identity]:
        """Identities that share one of these keys. A key that very many have is passed over."""
        asked = [each for each in keys if each not in self._common]
        most = KEYED_MOST * len(asked) + 1
        found = (
            await self.identities.find({"keys": {"$in": asked}}).limit(most).to_list(most) if asked else []
        )
        if len(found) == most and len(asked) > 1:  # one of them drowns the others: each by itself
            return [each for key in asked for each in await self.with_keys([key])]
        held = Counter(key for each in found for key in each["keys"] if key in asked)
        common = {key for key, count in held.items() if count > KEYED_MOST}
        if len(self._common) < COMMON_MOST:
            self._common |= common
        rare = [each for each in found if any(key in held and key not in common for key in each["keys"])]
        return [from_document(each, Identity) for each in rare]

    async def look_again(self, identities: Sequence[str], now: datetime) -> None:
        """They have told something new: to be noted before that is written."""
        await self._note([(each, now) for each in identities])

    async def _note(self, wanted: Sequence[tuple[str, datetime]]) -> None:
        if wanted:
            noted = [{"identity": identity, "at": at} for identity, at in wanted]
            await self.unmatched.insert_many(noted, ordered=False)

    async def next_unmatched(self, limit: int) -> list[Unmatched]:
        """Whoever has waited longest first."""
        found = self.unmatched.find({"at": {"$gt": LONG_AGO}}).sort("at", 1).limit(limit)
        return [Unmatched(each["_id"], each["identity"], each["at"]) for each in await found.to_list(limit)]

    async def set_matched(self, looked: Sequence[Unmatched]) -> None:
        if looked:
            await self.unmatched.delete_many({"_id": {"$in": [each.id for each in looked]}})

    async def set_reachable(self, identity: str, reachable: bool) -> bool:
        """False when we know no such identity."""
        changed = await self.identities.update_one({"_id": identity}, {"$set": {"reachable": reachable}})
        return bool(changed.matched_count)

    async def identities_of(self, customer: str) -> list[Identity]:
        """Of the whole person."""
        return await self.identities_of_members(await self.members_of(customer))

    async def identities_of_members(self, members: Sequence[str]) -> list[Identity]:
        query = {"customer": members[0]} if len(members) == 1 else {"customer": {"$in": list(members)}}
        found = await self.identities.find(query).to_list(None)
        return [from_document(each, Identity) for each in found]

    # Customers

    async def add_customers(self, customers: Sequence[Customer]) -> None:
        """Insert those that are not there yet."""
        await insert_new(self.customers, [to_document(each) for each in customers])

    async def find_customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        """By the ids that were asked for, the whole person each belongs to: who was merged into another is
        that other, with whatever only their parts know."""
        known = await self._with_parents(ids)
        roots = {each: _root(known, each) for each in ids if each in known}
        parts: dict[str, list[Customer]] = {}
        for root in set(roots.values()):
            if known[root].absorbed:
                parts[root] = await self._below(known[root])
        return {each: whole(known[root], parts.get(root, ())) for each, root in roots.items()}

    async def find_parts(self, ids: Sequence[str]) -> dict[str, Customer]:
        """As they are kept, each by itself."""
        found = await self.customers.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        return {each["_id"]: from_document(each, Customer) for each in found}

    async def every_customer(self, batch: int) -> AsyncIterator[list[Customer]]:
        """All there are but those who were merged into another, some at a time."""
        some: list[Customer] = []
        async for each in self.customers.find(batch_size=batch):
            if each.get("merged_into") is None:
                some.append(from_document(each, Customer))
            if len(some) == batch:
                yield some
                some = []
        if some:
            yield some

    async def customers_after(self, place: str, limit: int) -> list[Customer]:
        """Those whose ids come behind a place, in their order, each by itself."""
        found = self.customers.find({"_id": {"$gt": place}}).sort("_id", 1).limit(limit)
        return [from_document(each, Customer) for each in await found.to_list(limit)]

    async def roots_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Who each of these is now; who is not known is themselves."""
        known = await self._with_parents(ids)
        return {each: _root(known, each) if each in known else each for each in ids}

    async def members_of(self, customer: str) -> list[str]:
        """The ids of all customers that are this person, the oldest first."""
        known = await self._with_parents([customer])
        if customer not in known:
            return [customer]
        root = known[_root(known, customer)]
        return [root.id, *(each.id for each in (await self._below(root) if root.absorbed else ()))]

    async def parts_below(self, customer: str) -> list[Customer]:
        """A customer, and all who were merged into them."""
        found = (await self.find_parts([customer])).get(customer)
        return [found, *(await self._below(found) if found.absorbed else ())] if found else []

    async def set_merged(self, given: str, kept: str, merge: str) -> bool:
        """The one write that makes two customers one. False: it was merged elsewhere meanwhile."""
        assert kept < given
        await self.customers.update_one({"_id": kept}, {"$set": {"absorbed": True}})
        changed = await self.customers.update_one(
            {"_id": given, "merged_into": None}, {"$set": {"merged_into": kept, "merge": merge}}
        )
        return bool(changed.modified_count)

    async def set_unmerged(self, given: str, merge: str) -> bool:
        """False: that merge is not there any more."""
        changed = await self.customers.update_one(
            {"_id": given, "merge": merge}, {"$unset": {"merged_into": "", "merge": ""}}
        )
        return bool(changed.modified_count)

    async def change_customer(self, customer: str, field: str, was: Any, now: Any) -> bool:
        """Compare and set one field (`note`, `fields.tier`). False: changed since. None removes.

        Of a person who is several customers, the oldest one's is written: what a part knows shows where the
        oldest has nothing, so removing leaves an empty text there.
        """
        root = (await self.roots_of([customer]))[customer]
        found = (await self.find_parts([root])).get(root)
        if found is None:
            return False
        if found.absorbed and now is None and was is not None:
            now = False if isinstance(was, bool) else ""
        change = {"$unset": {field: ""}} if now is None else {"$set": {field: now}}
        # Of what only a part knew or what was emptied here, the whole person says the same: nothing.
        empty: list[Any] = [False, ""] if was is None else []
        same: Any = {"$in": [None, was, *empty]} if found.absorbed else was
        changed = await self.customers.update_one({"_id": root, field: same}, change)
        return bool(changed.matched_count)

    async def _with_parents(self, ids: Sequence[str]) -> dict[str, Customer]:
        known: dict[str, Customer] = {}
        wanted = set(ids)
        while wanted:
            found = await self.find_parts(sorted(wanted))
            known |= found
            parents = {each.merged_into for each in found.values() if each.merged_into}
            wanted = parents - set(known)
        return known

    async def _below(self, root: Customer) -> list[Customer]:
        """Whoever was merged into a customer, directly or not, the oldest first."""
        found: list[Customer] = []
        level = [root.id]
        while level:
            query = {"merged_into": {"$in": level}}
            children = [
                from_document(each, Customer) for each in await self.customers.find(query).to_list(None)
            ]
            found += children
            level = [each.id for each in children if each.absorbed]
        return sorted(found, key=lambda each: each.id)


def whole(root: Customer, parts: Sequence[Customer]) -> Customer:
    """What is known of a person: what the oldest part says, then what only others say."""
    if not root.absorbed:
        return root
    every = (root, *parts)
    fields: dict[str, str] = {}
    tags: dict[str, str] = {}
    for each in reversed(every):
        fields |= each.fields
        tags |= each.tags
    named = next(
        (each.name for each in every if "@" not in each.name and not each.name[:1].isdecimal()), root.name
    )
    return replace(
        root,
        name=named,
        fields={key: value for key, value in fields.items() if value},
        tags={key: value for key, value in tags.items() if value},
        created_at=min(each.created_at for each in every),
        **{field: _first(every, field) for field in WHOLE},
    )


def _first(every: Sequence[Customer], field: str) -> Any:
    said = next((value for each in every if (value := getattr(each, field)) is not None), None)
    return said or None


def _root(known: Mapping[str, Customer], customer: str) -> str:
    """Stops at a parent who is gone."""
    at = known[customer]
    while at.merged_into is not None and at.merged_into in known:
        at = known[at.merged_into]
    return at.id
