"""Definitions of custom fields, and the catalogue of tags: small collections, read whole."""

from hub.model.fields import CustomField, FieldOn, TagName
from hub.model.ids import derived_id
from hub.store.bulk import insert_new
from hub.store.codec import from_document, to_document
from hub.store.remembered import Remembered
from hub.store.schema import Database


def field_id(on: FieldOn, key: str) -> str:
    return derived_id("field", on, key)


def tag_id(name: str) -> str:
    return derived_id("tag", name.casefold())


class Fields:
    def __init__(self, db: Database) -> None:
        self.fields = db.fields
        self.tags = db.tags
        self.known_fields = Remembered(self.list_fields)

    async def list_fields(self) -> list[CustomField]:
        found = [from_document(each, CustomField) for each in await self.fields.find().to_list(None)]
        return sorted(found, key=lambda each: (each.place, each.name.casefold(), each.key))

    async def find_field(self, field: str) -> CustomField | None:
        document = await self.fields.find_one({"_id": field})
        return from_document(document, CustomField) if document else None

    async def save_field(self, field: CustomField) -> None:
        await self.fields.replace_one({"_id": field.id}, to_document(field), upsert=True)
        self.known_fields.forget()

    async def remove_field(self, field: str) -> bool:
        removed = await self.fields.delete_one({"_id": field})
        self.known_fields.forget()
        return bool(removed.deleted_count)

    async def list_tags(self) -> list[TagName]:
        return [from_document(each, TagName) for each in await self.tags.find().to_list(None)]

    async def find_tag(self, name: str) -> TagName | None:
        """However it is written."""
        document = await self.tags.find_one({"_id": tag_id(name)})
        return from_document(document, TagName) if document else None

    async def add_tag(self, tag: TagName) -> bool:
        """False: it was there."""
        return not await insert_new(self.tags, [to_document(tag)])

    async def save_tag(self, tag: TagName) -> None:
        await self.tags.replace_one({"_id": tag.id}, to_document(tag), upsert=True)

    async def remove_tag(self, tag: str) -> None:
        await self.tags.delete_one({"_id": tag})
