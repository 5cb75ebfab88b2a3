"""What is known of a customer, changed from a conversation with them; and the audit log."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints

from hub.api.bodies import Body, Cursor, Id, Limit, Nothing, Query
from hub.api.deeds import ONE, as_it_is
from hub.api.making import reading, writing
from hub.api.problems import invalid
from hub.api.route import AnyRoute, Call
from hub.api.shapes import ChangedConversation, Next, Shape
from hub.auth.audit import list_audit
from hub.desk import profiles
from hub.desk.changing import Done
from hub.desk.deeds import clear_mention
from hub.desk.replying import get_conversation
from hub.model.sign_ins import Scope

Key = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", max_length=200)]


def _no_number(given: str) -> str:
    # It would be read as seconds since 1970, which the document does not promise.
    if not re.match(r"\d{4}-", given):
        raise ValueError("a moment looks like 2026-05-31T09:00:00Z")
    return given


Moment = Annotated[AwareDatetime, BeforeValidator(_no_number)]


class RenameCustomer(Body):
    name: Annotated[str, StringConstraints(pattern=r"\S", max_length=profiles.NAME_LONGEST)]


class SetNote(Body):
    note: str | None = Field(max_length=profiles.NOTE_LONGEST, description="null empties it.")


class SetLanguage(Body):
    language: str | None = Field(
        max_length=profiles.LANGUAGE_LONGEST, description="As ISO 639 names it: de, pt-BR. null empties it."
    )


class SetZone(Body):
    zone: str | None = Field(max_length=100, description="Like Europe/Berlin. null empties it.")


class SetCustomerField(Body):
    key: Key = Field(description="Of a field on customers, from `/fields`.")
    value: str | None = Field(max_length=profiles.VALUE_LONGEST, description="null empties it.")


class WhichDeeds(Query):
    by: Id | None = Field(None, description="An agent.")
    deed: Id | None = Field(None, description="`signed_in`, `channel_paused`, …")
    target: Id | None = None
    since: Moment | None = None
    until: Moment | None = None
    cursor: Cursor = None
    limit: Limit = 50


class AuditEntry(Shape):
    id: str
    at: datetime
    by: str | None = Field(description="null: the program itself, or somebody at its terminal.")
    by_name: str
    deed: str
    target: str
    target_name: str
    address: str
    details: dict[str, str]


class AuditEntries(Shape):
    """Newest first."""

    rows: list[AuditEntry]
    next: Next


async def rename(call: Call, asked: RenameCustomer) -> ChangedConversation:
    done = await profiles.rename_customer(call.desk, call.agent, call.path["conversation"], asked.name)
    return await as_it_is(call, done)


async def set_note(call: Call, asked: SetNote) -> ChangedConversation:
    done = await profiles.set_note(call.desk, call.agent, call.path["conversation"], asked.note)
    return await as_it_is(call, done)


async def set_language(call: Call, asked: SetLanguage) -> ChangedConversation:
    done = await profiles.set_language(call.desk, call.agent, call.path["conversation"], asked.language)
    return await as_it_is(call, done)


async def set_zone(call: Call, asked: SetZone) -> ChangedConversation:
    done = await profiles.set_zone(call.desk, call.agent, call.path["conversation"], asked.zone)
    return await as_it_is(call, done)


async def set_field(call: Call, asked: SetCustomerField) -> ChangedConversation:
    conversation = call.path["conversation"]
    done = await profiles.set_customer_field(call.desk, call.agent, conversation, asked.key, asked.value)
    return await as_it_is(call, done)


async def mention_seen(call: Call, asked: Nothing) -> ChangedConversation:
    found = await get_conversation(call.desk, call.agent, call.path["conversation"])
    await clear_mention(call.desk, call.agent, found.id)
    return await as_it_is(call, Done(found.id, "mention_cleared"))


async def audit(call: Call, asked: WhichDeeds) -> AuditEntries:
    try:
        page = await list_audit(
            call.desk.store,
            call.agent,
            by=asked.by,
            deed=asked.deed,
            target=asked.target,
            since=asked.since,
            until=asked.until,
            cursor=asked.cursor,
            limit=asked.limit,
        )
    except (OverflowError, ValueError):  # a moment that no calendar has
        raise invalid("query", "until", "There is no such moment.") from None
    return AuditEntries(rows=[AuditEntry.model_validate(each) for each in page.rows], next=page.next_cursor)


CUSTOMER, REFUSED = f"{ONE}/customer", ("changed", "not-possible")
KNOWING: Sequence[AnyRoute] = (
    writing(
        "POST",
        f"{CUSTOMER}/name",
        "renameCustomer",
        "What the customer is called.",
        rename,
        RenameCustomer,
        ChangedConversation,
        *REFUSED,
    ),
    writing(
        "POST",
        f"{CUSTOMER}/note",
        "setCustomerNote",
        "What everybody who talks to them should know.",
        set_note,
        SetNote,
        ChangedConversation,
        *REFUSED,
    ),
    writing(
        "POST",
        f"{CUSTOMER}/language",
        "setCustomerLanguage",
        "Which language they read.",
        set_language,
        SetLanguage,
        ChangedConversation,
        *REFUSED,
    ),
    writing(
        "POST",
        f"{CUSTOMER}/zone",
        "setCustomerZone",
        "In which time zone they are.",
        set_zone,
        SetZone,
        ChangedConversation,
        *REFUSED,
    ),
    writing(
        "POST",
        f"{CUSTOMER}/fields",
        "setCustomerField",
        "Set or empty a custom field of the customer.",
        set_field,
        SetCustomerField,
        ChangedConversation,
        *REFUSED,
    ),
    writing(
        "DELETE",
        f"{ONE}/mention",
        "clearMention",
        "One has dealt with where one was named.",
        mention_seen,
        Nothing,
        ChangedConversation,
        *REFUSED,
    ),
)
AUDIT: Sequence[AnyRoute] = (
    reading(
        "/audit",
        "listAudit",
        "Who did what, when, from where. Only for admins.",
        audit,
        WhichDeeds,
        AuditEntries,
        scope=Scope.ADMIN,
    ),
)
