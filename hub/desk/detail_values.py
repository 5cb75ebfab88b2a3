"""What may be written down of a customer: each thing by its name, in the form in which it is kept."""

from hub.desk.changing import NotPossible
from hub.desk.fields import check_value
from hub.desk.profiles import NAME_LONGEST, NOTE_LONGEST, check_language, check_zone
from hub.desk.replying import Desk
from hub.model.addresses import FREE_MAIL, normal_domain
from hub.model.fields import CustomField, FieldOn
from hub.store.fields import field_id

WORDS_LONGEST, COMPANY_LONGEST = 60, 100
ABOUT = ("name", "language", "zone", "note")
TEXTS, FLAGS = ("salutation", "pronouns", "company", "owner"), ("vip", "blocked")
FIELD = "fields."


async def checked(desk: Desk, what: str, given: str | bool | None) -> str | bool | None:
    """One of ABOUT, TEXTS, FLAGS, or fields.KEY; None: nothing. Raises NotPossible."""
    if what in FLAGS:
        return bool(given) or None
    text = str(given or "").strip()
    if what.startswith(FIELD):
        return check_value(await field_of(desk, what), text) or None
    if what == "name":
        return _name(text)
    if what == "note" and len(text) > NOTE_LONGEST:
        raise NotPossible("customer_note", most=NOTE_LONGEST)
    if what == "note" or not text:
        return text or None
    text = " ".join(text.split())
    match what:
        case "language":
            return check_language(text)
        case "zone":
            return check_zone(text)
        case "company":
            return check_domain(text)
        case "owner":
            return await _owner(desk, text)
    if len(text) > WORDS_LONGEST:
        raise NotPossible("customer_words", most=WORDS_LONGEST)
    return text


async def field_of(desk: Desk, what: str) -> CustomField:
    """The definition of fields.KEY. Raises NotPossible."""
    field = await desk.store.fields.find_field(field_id(FieldOn.CUSTOMER, what.removeprefix(FIELD)))
    if field is None:
        raise NotPossible("field_gone")
    return field


async def field_name(desk: Desk, what: str) -> str:
    """What fields.KEY is called; of one that is not asked any more, its key."""
    field = await desk.store.fields.find_field(field_id(FieldOn.CUSTOMER, what.removeprefix(FIELD)))
    return field.name if field else what.removeprefix(FIELD)


def check_domain(text: str) -> str:
    domain = normal_domain(text.rpartition("@")[2])
    if "." not in domain or " " in domain or len(domain) > COMPANY_LONGEST:
        raise NotPossible("company_domain")
    if domain in FREE_MAIL:
        raise NotPossible("company_free", domain=domain)
    return domain


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > NAME_LONGEST:
        raise NotPossible("customer_name", most=NAME_LONGEST)
    return name


async def _owner(desk: Desk, agent: str) -> str:
    found = await desk.store.people.find_agent(agent)
    if found is None or found.disabled:
        raise NotPossible("owner_gone")
    return agent
