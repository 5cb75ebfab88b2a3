"""A customer writes to a bot and is answered there, by the whole hub and a Bot API server of our own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import HttpUrl, SecretStr

from connectors.telegram.config import TelegramConfig
from hub.app import Hub
from hub.desk.amending import delete_message, edit_message, react
from hub.desk.composing import composer_rules
from hub.desk.fields import save_field
from hub.desk.presence import be_present
from hub.desk.replying import Draft, reply
from hub.model.content import Attachment
from hub.model.desk import Doing
from hub.model.fields import FieldOn
from hub.model.inbox import Activity, Conversation, DeliveryState, Message, Side, Status
from hub.model.people import Agent, Role
from hub.outbox.preflight import NotSendable
from hub.work import running
from tests.connectors.telegram.bot_api import ANA, BOT, TOKEN, BotApi, serving
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
        config = TelegramConfig(token=SecretStr(TOKEN), api=HttpUrl(api.base), start_field="campaign")
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


async def test_who_comes_by_a_link_and_sends_an_album_is_one_person_with_one_message(shop: Shop) -> None:
    api, hub = shop.api, shop.hub
    await save_field(hub.desk, shop.ana, FieldOn.CUSTOMER, "campaign", "Campaign")
    api.write("/start spring_fair")
    await shop.messages(1)
    customer = (await shop.conversation()).customer

    async def filled() -> bool:
        found = await hub.store.people.find_customers([customer])
        return found[customer].fields == {"campaign": "spring_fair"}

    await until(filled, "the field to be filled")
    pictures = [api.message(photo=[_picture(api, number)], media_group_id="77") for number in range(3)]
    pictures[1]["caption"] = "My tents"
    for number in (0, 2, 1):  # as webhooks come: one by one, and not in order
        api.tell(message=pictures[number])

    async def whole() -> Message | None:
        album = (await shop.messages(2))[1]
        return album if len(album.content.attachments) == 3 else None

    album = await until(whole, "all pictures")
    assert [each.remote for each in album.content.attachments] == ["P0", "P1", "P2"]
    assert all(each.stored for each in album.content.attachments)
    assert album.content.text == "My tents"
    api.tell(edited_message={**pictures[1], "caption": "My old tents", "edit_date": pictures[1]["date"] + 5})

    async def edited() -> Message | None:
        found = (await shop.messages(2))[1]
        return found if found.content.text == "My old tents" else None

    again = await until(edited, "the edit")
    assert [each.stored for each in again.content.attachments] == [
        each.stored for each in album.content.attachments
    ]
    entries = await hub.store.inbox.timeline(album.conversation)
    assert [each.kind for each in entries if isinstance(each, Activity)].count("customer_filled") == 1
    assert len([each for each in entries if isinstance(each, Message)]) == 2


async def test_answers_are_offered_to_tap_on_and_a_press_is_an_answer(shop: Shop) -> None:
    api, hub = shop.api, shop.hub
    api.write("Where is my tent?")
    await shop.messages(1)
    asked = Draft(text="Shall we send another?\n\n[[Yes, please]]\n[[No]] [[Yes, please]]", key="asked")
    conversation = await shop.conversation()
    question = await reply(hub.desk, shop.ana, conversation.id, asked)
    assert (question.content.text, question.content.choices) == (
        "Shall we send another?",
        ("Yes, please", "No"),
    )
    assert (await reply(hub.desk, shop.ana, conversation.id, asked)).id == question.id  # a double click

    async def posted() -> dict[str, Any] | None:
        return next((each for each in api.messages.values() if "reply_markup" in each), None)

    post = await until(posted, "the buttons")
    rows = post["reply_markup"]["inline_keyboard"]
    assert [button["text"] for row in rows for button in row] == ["Yes, please", "No"]
    api.press(post, "Yes, please")
    api.press(post, "Yes, please")  # a second tap before the buttons were gone
    answer = (await shop.messages(3))[2]
    assert (answer.side, answer.content.text) == (Side.CUSTOMER, "Yes, please")
    assert answer.author_name == "Ana Sousa"

    async def settled() -> bool:
        left = [each["text"] for row in post["reply_markup"]["inline_keyboard"] for each in row]
        return left == ["✓ Yes, please"] and api.presses == []

    await until(settled, "the buttons to give way to what was picked")
    api.press(post, "✓ Yes, please")
    thanks = await reply(hub.desk, shop.ana, conversation.id, Draft(text="It is on its way."))
    behind = int(hub.clock().timestamp()) - 2  # Telegram's whole seconds, by a clock that is slow
    api.write("Thanks!", date=behind)
    said = await shop.messages(5)
    assert [each.content.text for each in said][2:] == ["Yes, please", "It is on its way.", "Thanks!"]
    assert thanks.reply_to == answer.remote_ids[0]
    with pytest.raises(NotSendable, match="too long"):
        await reply(hub.desk, shop.ana, conversation.id, Draft(text=f"So?\n[[{'long ' * 20}]]"))


async def test_the_customer_sees_that_somebody_writes_until_they_do_not(shop: Shop) -> None:
    shop.api.write("Is anybody there?")
    await shop.messages(1)
    conversation = await shop.conversation()

    def shown() -> list[dict[str, Any]]:
        return [fields for method, fields in shop.api.calls if method == "sendChatAction"]

    await be_present(shop.hub.desk, shop.ana, conversation.id, Doing.WRITING, note=True)
    await be_present(shop.hub.desk, shop.ana, conversation.id, Doing.WRITING)
    await be_present(shop.hub.desk, shop.ana, conversation.id, Doing.WRITING)

    async def some() -> bool:
        return bool(shown())

    await until(some, "typing to be shown")
    assert shown() == [{"chat_id": "1001", "action": "typing"}]  # not for the note, and not twice at once
    answer = await reply(shop.hub.desk, shop.ana, conversation.id, Draft(text="Yes"))

    async def sent() -> bool:
        found = await shop.hub.store.inbox.find_entry(answer.id)
        return isinstance(found, Message) and bool(found.remote_ids)

    await until(sent, "the answer, which waits for nothing")


async def test_a_business_chat_is_answered_within_a_day(shop: Shop) -> None:
    shop.api.connect_business("bc-1")
    shop.api.tell(business_message=shop.api.message(text="Open today?", business_connection_id="bc-1"))
    [asked] = await shop.messages(1)
    conversation = await shop.conversation()
    rules = await composer_rules(shop.hub.desk, [asked])
    assert rules is not None
    assert rules.window_ends_at == conversation.window_ends_at == asked.at + timedelta(hours=24)
    answer = await reply(shop.hub.desk, shop.ana, conversation.id, Draft(text="Until six"))

    async def sent() -> bool:
        found = await shop.hub.store.inbox.find_entry(answer.id)
        return isinstance(found, Message) and bool(found.remote_ids)

    await until(sent, "the answer, on behalf of the business")
    [call] = [fields for method, fields in shop.api.calls if method == "sendMessage"]
    assert call["business_connection_id"] == "bc-1"
    late = replace(shop.hub.desk, clock=lambda: asked.at + timedelta(hours=25))
    with pytest.raises(NotSendable, match="24 hours"):
        await reply(late, shop.ana, conversation.id, Draft(text="Too late"))


async def test_agents_react_change_and_delete_as_the_platform_shows_it(shop: Shop) -> None:
    api, desk = shop.api, shop.hub.desk
    asked = api.write("You are the best")
    [theirs] = await shop.messages(1)
    answer = await reply(desk, shop.ana, (await shop.conversation()).id, Draft(text="At **five**"))

    async def settled(message: str) -> Message | None:
        found = await shop.hub.store.inbox.find_entry(message)
        assert isinstance(found, Message)
        sent = found.delivery is None or found.delivery.state is DeliveryState.SENT
        return found if sent and found.amending is None else None

    await until(lambda: settled(answer.id), "the answer to be sent")
    await react(desk, shop.ana, theirs.id, "👍", on=True)
    reacted = await until(lambda: settled(theirs.id), "the reaction")
    assert [each.emoji for each in reacted.reactions] == ["👍"]
    assert api.messages[ANA["id"], asked["message"]["message_id"]]["reactions"] == ["👍"]
    await edit_message(desk, shop.ana, answer.id, "At **six**")
    edited = await until(lambda: settled(answer.id), "the change")
    [post] = [each for each in api.messages.values() if each["from"]["id"] == BOT]
    assert (post["text"], edited.content.text) == ("At six", "At **six**")
    await delete_message(desk, shop.ana, answer.id)
    assert (await until(lambda: settled(answer.id), "the deletion")).deleted_at is not None
    assert not [each for each in api.messages.values() if each["from"]["id"] == BOT]


def _picture(api: BotApi, number: int) -> dict[str, object]:
    api.files[f"P{number}"] = b"\x89PNG\r\n\x1a\n" + bytes([number]) * 500
    return {"file_id": f"P{number}", "file_unique_id": f"u{number}", "width": 9, "height": 9}
