"""What erased people and their messages are known by, so that they stay away: names only our key can make.

Of each there is a document whose `_id` is the name; a person's says since when. Most installations never
erase anybody: whether there is anything at all is remembered, so that no message costs a look for it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo import UpdateOne

from hub.model.customers import Consent
from hub.model.privacy import Secrecy
from hub.store.bulk import insert_new
from hub.store.codec import Document
from hub.store.remembered import Remembered
from hub.store.schema import Database

ANY = "any"  # the document that says that there are others: names are longer


class Tombstones:
    def __init__(self, db: Database) -> None:
        self.stones = db.tombstones
        self.proofs = db.consent_proofs
        self._any = Remembered(self._look)

    async def _look(self) -> bool:
        return await self.stones.find_one({"_id": ANY}) is not None

    async def any(self) -> bool:
        """Whether anybody was ever erased. Known everywhere some seconds after the first."""
        return await self._any.get()

    async def known(self, names: Sequence[str]) -> Mapping[str, datetime | None]:
        """Which of these are erased; a person with the moment until which."""
        if not names:
            return {}
        found = await self.stones.find({"_id": {"$in": list(names)}}).to_list(None)
        return {each["_id"]: each.get("at") for each in found}

    async def add_people(self, names: Sequence[str], at: datetime) -> None:
        """Whoever is erased once more is so until later."""
        changes = [UpdateOne({"_id": each}, {"$max": {"at": at}}, upsert=True) for each in names]
        if changes:
            await self.stones.bulk_write(changes, ordered=False)
        await self._noted()

    async def add_messages(self, names: Sequence[str]) -> None:
        await insert_new(self.stones, [{"_id": each} for each in dict.fromkeys(names)])
        await self._noted()

    async def _noted(self) -> None:
        if not await self._any.get():
            await insert_new(self.stones, [{"_id": ANY}])
            self._any.forget()

    # What they allowed: that it was said stays provable, by whom only for somebody who names themselves.

    async def keep_proofs(self, consents: Sequence[Consent], people: Sequence[str], secrecy: Secrecy) -> None:
        documents: list[Document] = [
            {
                "_id": each.id,
                "person": list(people),
                "platform": each.platform,
                "purpose": secrecy.name("purpose", each.purpose),
                "given": each.given,
                "at": each.at,
                "said": secrecy.name("consent", each.where, each.text),
            }
            for each in consents
        ]
        await insert_new(self.proofs, documents)

    async def proofs_of(self, names: Sequence[str]) -> list[Document]:
        """Of a person, by their names; the oldest first."""
        found = await self.proofs.find({"person": {"$in": list(names)}}).to_list(None)
        return sorted(found, key=lambda each: each["at"])
