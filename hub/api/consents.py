"""What a customer allowed, per channel and purpose, with the proof."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from hub.api.bodies import Body, Nothing
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Call
from hub.api.shapes import Shape
from hub.desk import consents
from hub.desk.consents import Said

Words = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]


class RecordConsent(Body):
    purpose: Words = Field(min_length=1, max_length=consents.PURPOSE_LONGEST, description="newsletter, …")
    given: bool = Field(description="false: they took it back.")
    where: Words = Field(
        min_length=1, max_length=consents.WHERE_LONGEST, description="A form, a page, a call."
    )
    platform: Words = Field("", max_length=consents.PLATFORM_LONGEST, description="Empty: everywhere.")
    text: Words = Field(
        "", max_length=consents.TEXT_LONGEST, description="What they agreed to. Needed where it is given."
    )
    at: AwareDatetime | None = Field(None, description="When they said so; left out: now.")


class Consent(Shape):
    id: str
    platform: str
    purpose: str
    given: bool
    at: datetime
    where: str
    text: str
    by: str
    recorded_at: datetime


class Consents(Shape):
    """Newest first."""

    standing: list[Consent] = Field(description="The last word on each platform and purpose.")
    rows: list[Consent] = Field(description="All that was ever said.")


async def read(call: Call, asked: Nothing) -> Consents:
    found = await consents.list_consents(call.desk, call.agent, call.path["customer"])
    return Consents(
        standing=[Consent.model_validate(each) for each in consents.standing(found)],
        rows=[Consent.model_validate(each) for each in found],
    )


async def write(call: Call, asked: RecordConsent) -> Consent:
    said = Said(**{name: getattr(asked, name) for name in RecordConsent.model_fields})
    made = await consents.record_consent(call.desk, call.agent, call.path["customer"], said)
    return Consent.model_validate(made)


PATH = "/customers/{customer}/consents"
CONSENTS: Sequence[AnyRoute] = (
    reading(
        PATH, "listConsents", "What a customer allowed, and the proof.", read, Nothing, Consents,
        "not-possible",
    ),
    writing(
        "POST", PATH, "recordConsent", "A customer allowed something, or took it back.",
        write, RecordConsent, Consent, "not-possible", status=201,
    ),
)  # fmt: skip
