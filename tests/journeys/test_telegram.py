"""A customer writes to a bot and is answered there, by the whole hub and a Bot API server of our own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from pydantic import HttpUrl, SecretStr

from connectors.telegram.config import TelegramConfig
from hub.app import Hub, running
from hub.desk.replying import Draft, reply
from hub.model.content import Attachment
from hub.model.inbox import Conversation, DeliveryState, Message, Side, Status
from hub.model.people import Agent, Role
from tests.connectors.telegram.bot_api import BOT, TOKEN, BotApi, serving
from tests.hubs import connect, until

VOICE = b"OggS" + bytes(500)


@dataclass(frozen=True, slots=True)
class Shop:
    hub: Hub
    api: BotApi
    ana: Agent

    async def messages(self, count: int) -> list[Message]:
        async def look() -> list[Message] | None:
            found = await self.hub.store.inbox.list_conversations(Status.OPEN)
            entries = await self.hub.store.inbox.timeline(found[0].id) if found else []
            messages = [each for each in entries if isinstance(each, Message)]
            return messages if len(messages) >= count else None

        return await until(look, f"{count} messages")

    async def conversation(self) -> Conversation:
        [found] = await self.hub.store.inbox.list_conversations(Status.OPEN)
        return found


@pytest.fixture
async def shop(hub: Hub) -> AsyncIterator[Shop]:
    with serving() as api:
        config = TelegramConfig(token=SecretStr(TOKEN), api=HttpUrl(api.base))
        ana = Agent(id="ana", name="Ana", email="ana@hub.example", role=Role.ADMIN, created_at=hub.clock())
        await hub.store.people.add_agent(ana)
        channel = await connect(hub, "telegram", config, "Bot")
        async with running(hub, web_server=False, worker=True):

            async def reading() -> bool:
                found = await hub.store.channels.find(channel.id)
                return found is not None and found.cursor is not None

            await until(reading, "the channel to stand at now")
            yield Shop(hub, api, ana)


async def test_a_chat_is_a_conversation_and_its_answer_lands_in_it(shop: Shop) -> None:
    shop.api.files["V1"] = VOICE
    asked = shop.api.tell(
        message=shop.api.message(voice={"file_id": "V1", "file_unique_id": "u", "duration": 2})
    )
    [question] = await shop.messages(1)
    [file] = question.content.attachments
    assert await shop.hub.store.media.read(file.stored or "") == VOICE
    conversation = await shop.conversation()
    assert (conversation.customer_name, conversation.platform) == ("Ana Sousa", "telegram")

    kept = await shop.hub.store.media.add(b"%PDF-1.4 bill", "bill.pdf", "application/pdf", 1000)
    bill = Attachment(name="bill.pdf", mime="application/pdf", stored=kept.id, size=kept.size)
    draft = Draft(text="Your **bill**", attachments=(bill,))
    answer = await reply(shop.hub.desk, shop.ana, conversation.id, draft)

    async def sent() -> Message | None:
        found = await shop.hub.store.inbox.find_entry(answer.id)
        assert isinstance(found, Message)
        return found if found.delivery and found.delivery.state is DeliveryState.SENT else None

    delivered = await until(sent, "the answer to be sent")
    [post] = [each for each in shop.api.messages.values() if each["from"]["id"] == BOT]
    assert post["caption"] == "Your bill"
    assert post["reply_to_message"]["message_id"] == asked["message"]["message_id"]

    shop.api.write("Thanks!", reply_to_message=post)
    messages = await shop.messages(3)
    assert [each.side for each in messages] == [Side.CUSTOMER, Side.US, Side.CUSTOMER]
    assert messages[2].reply_to in delivered.remote_ids
