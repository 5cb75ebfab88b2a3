"""Custom fields and tags: what an office wants to know of a conversation or a customer beyond the rest."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FieldKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"  # kept as 2026-03-02
    CHOICE = "choice"
    CHECKBOX = "checkbox"  # kept as yes, no
    LINK = "link"  # kept as http(s)://…


class FieldOn(StrEnum):
    CONVERSATION = "conversation"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomField:
    """A definition. Values are kept as text under `key`, in `fields` of the conversation or the customer."""

    id: str  # derived from `on` and `key`
    on: FieldOn
    key: str  # never changes: values, rules and saved replies name it
    name: str  # on the page
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[str, ...] = ()
    required: bool = False  # before a conversation can be resolved
    place: int = 0  # order on the page; equal ones by name
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TagName:
    """A tag as it is written. `id`: without regard to case, so that there is one of each."""

    id: str
    name: str
    created_at: datetime
