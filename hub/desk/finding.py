"""Finding somebody to write to first: who has this address, or whom we know by these words."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.auth.access import NotAllowed, is_restricted
from hub.desk.asking import BadQuestion
from hub.desk.changing import NotPossible
from hub.desk.customers import Person, get_person
from hub.desk.replying import Desk
from hub.desk.searching import search
from hub.desk.sending import first_surface
from hub.model.addresses import base_email, normal_email, normal_phone
from hub.model.channels import Channel
from hub.model.people import Agent, Identity

FOUND_MOST = 8
SHORTEST = 2  # letters that are worth looking for


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody, and one address of theirs."""

    customer: str
    name: str
    platform: str
    key: str
    address: str


async def channels_to_write_first(desk: Desk) -> list[Channel]:
    """Those on which somebody can be written to who has not written to us, by name."""
    channels = await desk.store.channels.list_channels()
    return [each for each in channels if not each.paused and first_surface(desk, each) is not None]


async def find_people(desk: Desk, agent: Agent, text: str, platform: str) -> list[Found]:
    """People with an address on a platform: by that address, or by what was said with them.

    Only whom the agent may see: search decides that, and who is restricted finds nobody by an address alone.
    """
    text = text.strip()
    if len(text) < SHORTEST:
        return []
    identities: list[Identity] = []
    if not is_restricted(agent):
        identities += await desk.store.people.with_address(
            [normal_email(text) or text.casefold()], [normal_phone(text) or text]
        )
    try:
        hits = (await search(desk, agent, text)).rows
    except BadQuestion:
        hits = ()
    customers = list(dict.fromkeys(each.conversation.person or each.conversation.customer for each in hits))[
        :FOUND_MOST
    ]
    for customer in customers:
        identities += await desk.store.people.identities_of(customer)
    return await _named(desk, identities, platform)


async def _named(desk: Desk, identities: Sequence[Identity], platform: str) -> list[Found]:
    usable = {each.id: each for each in identities if each.platform == platform and each.reachable}
    customers = await desk.store.people.find_customers([each.customer for each in usable.values()])
    found = [
        Found(
            customer=each.customer,
            name=customers[each.customer].name if each.customer in customers else each.name or each.key,
            platform=each.platform,
            key=each.key,
            address=each.email or each.phone or each.handle or each.key,
        )
        for each in usable.values()
    ]
    return found[:FOUND_MOST]


async def find_customers(desk: Desk, agent: Agent, text: str) -> list[Person]:
    """Customers whom these words lead to: by an address, or by what was said with them."""
    text = text.strip()
    if len(text) < SHORTEST:
        return []
    found = await _customers(desk, agent, text)
    persons: dict[str, Person] = {}
    for customer in found:
        try:
            person = await get_person(desk, agent, customer)
        except (NotAllowed, NotPossible):
            continue
        persons.setdefault(person.customer.id, person)
    return list(persons.values())[:FOUND_MOST]


async def _customers(desk: Desk, agent: Agent, text: str) -> list[str]:
    found: list[str] = []
    if not is_restricted(agent):
        email, phone = normal_email(text), normal_phone(text)
        keys = [f"a:{base_email(email)}"] if email else [f"a:{phone}"] if phone else []
        keys.append(f"h:{''.join(filter(str.isalnum, text.lower()))}")
        found += [each.customer for each in await desk.store.people.with_keys(keys)]
    try:
        hits = (await search(desk, agent, text)).rows
    except BadQuestion:
        hits = ()
    found += [each.conversation.person or each.conversation.customer for each in hits]
    return list(dict.fromkeys(found))[: FOUND_MOST * 2]
