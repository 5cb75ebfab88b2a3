"""What customers allowed and took back: appended to, read, never changed."""

from collections.abc import Sequence

from hub.model.customers import Consent
from hub.store.codec import from_document, to_document
from hub.store.schema import Database


class Consents:
    def __init__(self, db: Database) -> None:
        self.consents = db.consents

    async def add(self, consent: Consent) -> None:
        await self.consents.insert_one(to_document(consent))

    async def of_customers(self, customers: Sequence[str]) -> list[Consent]:
        """The newest first; of what was said at one moment, what was written down last."""
        found = await self.consents.find({"customer": {"$in": list(customers)}}).to_list(None)
        consents = [from_document(each, Consent) for each in found]
        return sorted(consents, key=lambda each: (each.at, each.id), reverse=True)
