"""A conversation that is answered and resolved, after customers began to be asked."""

import re
from typing import Any

from connectors.simulator.society import Persona
from hub.csat.asking import Asker
from hub.csat.links import rating_named
from hub.csat.plan import save_plan
from hub.desk.deeds import resolve
from hub.desk.replying import Draft, reply
from hub.model.inbox import Conversation, Message, Status
from hub.model.ratings import Rating, RatingPlan
from tests.hubs import Office, until

URL = "https://hub.example"
LINK = re.compile(r"https://hub\.example/rating/([0-9a-f.]+)")


def asker(office: Office) -> Asker:
    return Asker(office.hub.desk, URL)


async def switched_on(office: Office, **more: Any) -> RatingPlan:
    wanted = RatingPlan(enabled=True, **{"delay_minutes": 0, **more})
    return await save_plan(office.hub.desk, office.ana, wanted)


async def helped(office: Office, person: Persona, text: str, **more: Any) -> Conversation:
    """They wrote, Ana answered, and it is resolved."""
    office.platform.write(person, text, **more)

    async def theirs() -> Conversation | None:
        found = await office.conversations()
        return next((each for each in found if each.customer_name == person.name), None)

    found = await until(theirs, "their conversation")
    await reply(office.hub.desk, office.ana, found.id, Draft(text="Here you are."))
    await resolve(office.hub.desk, office.ana, found.id)
    return await now(office, found)


async def now(office: Office, found: Conversation) -> Conversation:
    current = await office.hub.store.inbox.find_conversation(found.id)
    assert current is not None
    return current


async def questions(office: Office, found: Conversation) -> list[Message]:
    said = await office.messages(found.id)
    return [each for each in said if each.delivery and each.delivery.automated]


async def asked(office: Office, found: Conversation) -> tuple[Message, Rating]:
    """The question, once it is sent, and what is kept of it."""

    async def look() -> Message | None:
        await asker(office).look()
        return next(iter(await questions(office, found)), None)

    message = await until(look, "the question")
    ratings = await office.hub.store.ratings.of_customers([found.customer])
    return message, next(each for each in ratings if each.conversation == found.id)


def token_in(office: Office, message: Message) -> str:
    found = LINK.search(message.content.text)
    assert found is not None
    assert rating_named(office.hub.desk, found[1]) is not None
    return found[1]


async def resolved(office: Office) -> list[Conversation]:
    return await office.conversations(Status.RESOLVED)
