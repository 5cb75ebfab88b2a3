"""Customers write in Slack and are answered there, by the whole hub and a Slack of our own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from hub.app import Hub
from hub.contract.errors import Rejected
from hub.desk.amending import delete_message, edit_message, react
from hub.desk.replying import Draft, reply
from hub.desk.rooms import link_room, list_rooms, unlink_room
from hub.model.content import Attachment
from hub.model.inbox import Conversation, DeliveryState, Message, Note, Side, Status
from hub.model.journal import Outcome
from hub.model.people import Agent, Role
from hub.model.sentences import sentence
from hub.work import running
from tests.connectors.slack.slack_api import SlackApi, serving
from tests.connectors.slack.test_conforms import config_for
from tests.connectors.slack.wire import CHAT, SUPPORT, US, Refused
from tests.hubs import connect, until

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(500)


STAFF, AGENT = "C0STAFF", "U0AGENT"


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
        told = {payload["event_id"] for _, payload in self.api.payloads}
        return len(entries) == len(told) and all(each.outcome for each in entries)

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


async def test_agents_react_change_and_delete_as_slack_shows_it(shop: Shop) -> None:
    api, desk = shop.api, shop.hub.desk
    api.write("You are the best")
    [conversation] = await shop.conversations(1)
    [theirs] = await shop.messages(conversation.id, 1)
    answer = await shop.sent(await reply(desk, shop.ana, conversation.id, Draft(text="At **five**")))

    async def settled(message: str) -> Message | None:
        found = await shop.hub.store.inbox.find_entry(message)
        assert isinstance(found, Message)
        return found if found.amending is None else None

    for emoji in ("🎉", "👍"):  # one beside the other
        await react(desk, shop.ana, theirs.id, emoji, on=True)
        reacted = await until(lambda: settled(theirs.id), "the reaction")
    assert [each.emoji for each in reacted.reactions] == ["🎉", "👍"]
    await edit_message(desk, shop.ana, answer.id, "At **six**")
    edited = await until(lambda: settled(answer.id), "the change")
    [post] = api.posts()
    assert (post["text"], edited.content.text) == ("At *six*", "At **six**")
    await delete_message(desk, shop.ana, answer.id)
    assert (await until(lambda: settled(answer.id), "the deletion")).deleted_at is not None
    assert not api.posts()


async def waits_once(shop: Shop) -> bool:
    return any(each.tries and not each.outcome for each in await shop.hub.store.journal.list_entries())


async def test_in_a_channel_each_thread_that_names_the_app_is_a_conversation(shop: Shop) -> None:
    api = shop.api
    other = api.write("Lunch?", SUPPORT)
    api.write("Pizza", SUPPORT, thread_ts=other["ts"], parent_user_id=other["user"])
    asked = api.message(f"<@{US}> my stove is broken", SUPPORT, other["user"])
    below = {"thread_ts": asked["ts"], "parent_user_id": asked["user"]}
    api.write("It stood outside", SUPPORT, **below)  # it overtakes its question
    await until(lambda: waits_once(shop), "the early one to be put off")
    api.tell({"type": "message", "channel": SUPPORT, "channel_type": "channel", **asked})
    api.write("It does not burn", SUPPORT, thread_ts=asked["ts"], parent_user_id=asked["user"])
    [conversation] = await shop.conversations(1)
    await shop.messages(conversation.id, 3)
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


async def test_agents_answer_from_a_room_of_their_own(shop: Shop) -> None:
    """Long because it is one way from beginning to end: linked, told, answered, noted, unlinked."""
    api, hub = shop.api, shop.hub
    api.channels.add(STAFF)
    api.user(AGENT, "anna", "Ana at work", "ana@hub.example")
    api.user("U0GUEST", "guest", "Guest", "guest@elsewhere.example")
    [channel] = await hub.store.channels.list_channels()
    with pytest.raises(Rejected, match="no channel"):
        await link_room(hub.desk, shop.ana, channel, "#staff", None)
    room = await link_room(hub.desk, shop.ana, channel, f"https://tents.slack.com/archives/{STAFF}", None)
    api.write("My _tent_ leaks")
    [conversation] = await shop.conversations(1)

    async def told() -> dict[str, Any] | None:
        found = [each for each in api.posts() if "leaks" in each["text"]]
        return found[0] if found else None

    notice = await until(told, "the room to be told")
    assert "*Ana Sousa*" in notice["text"]
    below = {"channel": STAFF, "thread_ts": notice["ts"], "parent_user_id": US}
    answered = api.write("We send a *new* one", user=AGENT, **below)
    noted = api.write("note: the third this week", user=AGENT, **below)
    api.again()
    strange = api.write("Me too", user="U0GUEST", **below)
    api.write("Lunch?", channel=STAFF, user=AGENT)
    [question, answer] = await shop.messages(conversation.id, 2)
    sent = await shop.sent(answer)
    assert (sent.author_name, sent.content.text, sent.side) == ("Ana", "We send a **new** one", Side.US)
    [post] = [each for (place, _), each in api.messages.items() if place == CHAT and each["user"] == US]
    assert post["text"] == "We send a *new* one"
    await until(shop.settled, "everything to have its outcome")
    entries = await hub.store.inbox.timeline(conversation.id)
    assert [each.text for each in entries if isinstance(each, Note)] == ["the third this week"]
    marks = [api.messages[STAFF, each["ts"]].get("reactions") for each in (answered, noted, strange)]
    assert marks == [["white_check_mark"], ["memo"], ["warning"]]
    assert len(await shop.conversations(1)) == 1
    assert question.content.text == "My *tent* leaks"
    said_there = [each["text"] for (place, _), each in api.messages.items() if place == STAFF]
    assert not [each for each in said_there if "→" in each]  # the answer stood there already
    await unlink_room(hub.desk, shop.ana, channel, room.id)
    assert await list_rooms(hub.desk, channel) == []
