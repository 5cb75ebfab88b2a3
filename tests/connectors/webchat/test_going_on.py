"""A chat whose visitor has gone goes on by e-mail; one who is there, or left no address, gets no mail."""

from datetime import timedelta

from connectors.simulator.config import SimulatorConfig
from connectors.simulator.society import Post
from connectors.simulator.world import World
from hub.desk.continuing import Continuer
from hub.desk.replying import Draft, reply
from hub.model.inbox import DeliveryState, Side
from tests.connectors.webchat.conftest import Shop
from tests.hubs import connect, until


async def test_what_was_answered_too_late_goes_on_by_mail_and_comes_back(shop: Shop, world: World) -> None:
    platform = world.platform("office", imitates="email")
    mailbox = SimulatorConfig(world=world.name, account="office", imitates="email", from_start=True)
    await connect(shop.hub, "simulator", mailbox, "Support")
    world.person("maria", email="maria@customer.example")
    maria = shop.visitor()
    await maria.come()
    hello = {"type": "message", "id": "question-1", "text": "Does it get hot?"}
    about = {"name": "Maria", "email": "maria@customer.example", "language": "de-DE"}
    await maria.ask("events", {"events": [hello], "about": about})
    [conversation] = await shop.conversations()
    answer = await reply(shop.hub.desk, shop.ana, conversation.id, Draft(text="Warm, not hot."))
    await shop.delivered(answer.id, DeliveryState.SENT)

    assert await Continuer(shop.hub.desk).continue_due() == 0  # it may still be seen
    long_ago = shop.hub.clock() - timedelta(minutes=11)
    await shop.hub.store.visitors.visitors.update_one({}, {"$set": {"unmailed_since": long_ago}})
    for _ in range(2):  # the hub itself may be at it, too: it is sent once all the same
        await Continuer(shop.hub.desk).continue_due()

    async def mailed() -> list[Post]:
        return [post for post in platform.posts.values() if post.author is None]

    [mail] = await until(mailed, "the mail to leave")
    assert (mail.subject, mail.to) == (
        "Unsere Antwort aus dem Chat von Linden Goods",
        ("maria@customer.example",),
    )
    assert mail.text.startswith("Warm, not hot.")
    platform.answer(mail, "Good!")
    messages = await shop.messages(conversation.id, 4)
    assert (messages[-1].side, messages[-1].content.text) == (Side.CUSTOMER, "Good!")
