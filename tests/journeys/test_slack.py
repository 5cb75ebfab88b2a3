"""Customers write in Slack and are answered there, by the whole hub and a Slack of our own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from hub.app import Hub, running
from hub.desk.replying import Draft, reply
from hub.model.content import Attachment
from hub.model.inbox import Conversation, DeliveryState, Message, Side, Status
from hub.model.journal import Outcome
from hub.model.people import Agent, Role
from hub.model.sentences import sentence
from tests.connectors.slack.slack_api import SlackApi, serving
from tests.connectors.slack.test_conforms import config_for
from tests.connectors.slack.wire import CHAT, SUPPORT, US, Refused
from tests.hubs import connect, until

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(500)


@dataclass(frozen=True, slots=True)
class Shop:
    hub: Hub
    api: SlackApi
    ana: Agent

    async def conversations(self, count: int) -> list[Conversation]:
        async def look() -> list[Conversation] | None:
            found = await self.hub.store.inbox.list_conversations(Status.OPEN)
            return list(found) if len(found) >= count else None

        return await until(look, f"{count} conversations")

    async def messages(self, conversation: str, count: int) -> list[Message]:
        async def look() -> list[Message] | None:
            entries = await self.hub.store.inbox.timeline(conversation)
            messages = [each for each in entries if isinstance(each, Message)]
            return messages if len(messages) >= count else None

        return await until(look, f"{count} messages")

    async def settled(self) -> bool:
        entries = await self.hub.store.journal.list_entries()
        return len(entries) == len(self.api.payloads) and all(each.outcome for each in entries)

    async def sent(self, answer: Message) -> Message:
        async def look() -> Message | None:
            found = await self.hub.store.inbox.find_entry(answer.id)
            assert isinstance(found, Message)
            return found if found.delivery and found.delivery.state is DeliveryState.SENT else None

        return await until(look, "the answer to be sent")


@pytest.fixture
async def shop(hub: Hub) -> AsyncIterator[Shop]:
    with serving() as api:
        ana = Agent(id="ana", name="Ana", email="ana@hub.example", role=Role.ADMIN, created_at=hub.clock())
        await hub.store.people.add_agent(ana)
        await connect(hub, "slack", config_for(api), "Slack")
        async with running(hub, web_server=False, worker=True):
            yield Shop(hub, api, ana)


async def test_a_chat_is_a_conversation_and_its_answer_lands_in_it(shop: Shop) -> None:
    api = shop.api
    api.contents["F0CAT"], api.files["F0CAT"] = PICTURE, {"id": "F0CAT", "name": "cat.png", "shares": {}}
    shown = {
        "id": "F0CAT",
        "name": "cat.png",
        "mimetype": "image/png",
        "size": len(PICTURE),
        "mode": "hosted",
    }
    api.write("My *tent* leaks :cry:", subtype="file_share", files=[shown])
    api.again()  # Slack repeats what was not acknowledged in time
    [conversation] = await shop.conversations(1)
    assert (conversation.customer_name, conversation.platform) == ("Ana Sousa", "slack")
    [question] = await shop.messages(conversation.id, 1)
    assert question.content.text == "My **tent** leaks 😢"
    [file] = question.content.attachments
    assert await shop.hub.store.media.read(file.stored or "") == PICTURE

    kept = await shop.hub.store.media.add(b"%PDF-1.4 bill", "bill.pdf", "application/pdf", 1000)
    bill = Attachment(name="bill.pdf", mime="application/pdf", stored=kept.id, size=kept.size)
    api.lost.add("files.completeUploadExternal")  # it is looked up, and not sent twice
    draft = Draft(text="Your **bill**", attachments=(bill,))
    delivered = await shop.sent(await reply(shop.hub.desk, shop.ana, conversation.id, draft))
    [post] = api.posts()
    assert delivered.remote_ids == (f"{CHAT}/{post['ts']}",)
    api.tell({"type": "message", "channel": CHAT, "channel_type": "im", **post})  # the echo of it
    api.write("Thanks!", thread_ts=post["ts"])
    messages = await shop.messages(conversation.id, 3)
    assert [each.side for each in messages] == [Side.CUSTOMER, Side.US, Side.CUSTOMER]
    assert messages[2].reply_to in delivered.remote_ids


async def test_in_a_channel_each_thread_that_names_the_app_is_a_conversation(shop: Shop) -> None:
    api = shop.api
    other = api.write("Lunch?", SUPPORT)
    api.write("Pizza", SUPPORT, thread_ts=other["ts"], parent_user_id=other["user"])
    asked = api.write(f"<@{US}> my stove is broken", SUPPORT)
    api.write("It does not burn", SUPPORT, thread_ts=asked["ts"], parent_user_id=asked["user"])
    [conversation] = await shop.conversations(1)
    await shop.messages(conversation.id, 2)
    api.failing["chat.postMessage"] = Refused("ratelimited", 429, retry_after=1)
    answer = await reply(shop.hub.desk, shop.ana, conversation.id, Draft(text="Clean it first"))
    await shop.sent(answer)
    [post] = api.posts()
    assert (post["text"], post["thread_ts"]) == ("Clean it first", asked["ts"])

    await until(shop.settled, "everything to have its outcome")
    outcomes = [
        each.words for each in await shop.hub.store.journal.list_entries() if each.outcome is Outcome.IGNORED
    ]
    assert sorted(outcomes) == ["Said in a channel, and not to the app.", sentence("thread_of_others")]
    assert len(await shop.conversations(1)) == 1
