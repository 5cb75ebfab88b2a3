"""What a customer allowed, per channel and purpose, with the proof: when, where, what they agreed to.

Nothing is changed or removed: who takes a consent back says so in a line of its own, and the newest line that
speaks of a platform and a purpose holds. A line without a platform speaks of all of them.
"""

from dataclasses import dataclass
from datetime import datetime

from hub.auth.audit import record
from hub.desk.allowing import is_allowed, standing
from hub.desk.changing import NotPossible
from hub.desk.customers import get_person
from hub.desk.details import tell_change
from hub.desk.replying import Desk
from hub.model.customers import Consent
from hub.model.ids import new_id
from hub.model.people import Agent

__all__ = ["Said", "is_allowed", "list_consents", "record_consent", "standing"]

PURPOSE_LONGEST, PLATFORM_LONGEST, WHERE_LONGEST, TEXT_LONGEST = 60, 40, 200, 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a customer said, and how we know."""

    purpose: str
    given: bool
    where: str
    platform: str = ""
    text: str = ""
    at: datetime | None = None  # None: just now


async def list_consents(desk: Desk, agent: Agent, customer: str) -> list[Consent]:
    """All that was ever said, the newest first. Raises NotPossible, NotAllowed."""
    person = await get_person(desk, agent, customer)
    return await desk.store.consents.of_customers(person.members)


async def record_consent(desk: Desk, agent: Agent, customer: str, said: Said) -> Consent:
    """Write down that a customer allowed something, or took it back. Raises NotPossible, NotAllowed."""
    person = await get_person(desk, agent, customer)
    now = desk.clock()
    purpose, platform, where = (" ".join(each.split()) for each in (said.purpose, said.platform, said.where))
    text, at = said.text.strip(), said.at or now
    if not 0 < len(purpose) <= PURPOSE_LONGEST or not 0 < len(where) <= WHERE_LONGEST:
        raise NotPossible("consent_wrong", most=PURPOSE_LONGEST)
    if (said.given and not text) or len(text) > TEXT_LONGEST or len(platform) > PLATFORM_LONGEST:
        raise NotPossible("consent_text", most=TEXT_LONGEST)
    if at > now:
        raise NotPossible("consent_future")
    consent = Consent(
        id=new_id(now),
        customer=person.customer.id,
        platform=platform.casefold(),
        purpose=purpose,
        given=said.given,
        at=at,
        where=where,
        text=text,
        by=agent.id,
        recorded_at=now,
    )
    await desk.store.consents.add(consent)
    told = {"purpose": purpose, "platform": platform, "where": where, "given": "yes" if said.given else "no"}
    await record(
        desk.store, desk.clock, agent, "consent_recorded",
        target=person.customer.id, target_name=person.customer.name,
        details={key: value for key, value in told.items() if value},
    )  # fmt: skip
    words = purpose + (f" ({platform})" if platform else "")
    was, value = ("", words) if said.given else (words, "")
    await tell_change(desk, agent, person, "consent", was, value, None)
    return consent
