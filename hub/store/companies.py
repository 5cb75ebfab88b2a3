"""Companies, each known by the domain of its mail addresses."""

from collections.abc import Sequence

from hub.model.people import Company
from hub.store.codec import from_document, to_document
from hub.store.schema import Database


class Companies:
    def __init__(self, db: Database) -> None:
        self.companies = db.companies

    async def find(self, domains: Sequence[str]) -> dict[str, Company]:
        found = await self.companies.find({"_id": {"$in": list(domains)}}).to_list(None) if domains else []
        return {each["_id"]: from_document(each, Company) for each in found}

    async def save(self, company: Company) -> None:
        await self.companies.replace_one({"_id": company.id}, to_document(company), upsert=True)
