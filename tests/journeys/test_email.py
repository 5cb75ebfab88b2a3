"""The main job on real servers: in through Dovecot, out through Postfix, in threads on both sides."""

import email
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message as Mail

import pytest
from pydantic import SecretStr

from connectors.email.config import OAuth
from hub.app import Hub
from hub.desk.channels import resume_channel
from hub.desk.replying import Draft, reply
from hub.model.channels import Channel, Health
from hub.model.inbox import Conversation, Delivery, DeliveryState, Message, Status
from hub.model.people import Agent, Role
from hub.work import Running, running
from tests.chaosproxy import ChaosProxy
from tests.hubs import connect, until
from tests.mailbox import email_config
from tests.mailserver import MailAccount, MailServer, a_mail


@dataclass(frozen=True, slots=True)
class Post:
    """A hub that reads one mailbox, and a customer with a mailbox of their own."""

    hub: Hub
    running: Running
    server: MailServer
    channel: Channel
    box: MailAccount
    customer: MailAccount
    ana: Agent

    def write(self, text: str, **headers: str) -> None:
        """The customer sends a mail, with their own program."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        usual = {"From": f"Carla <{self.customer.address}>", "To": self.box.address}
        self.server.submit(self.customer, [self.box.address], a_mail(text, {**usual, **named}))

    async def conversation(self, count: int = 1) -> Conversation:
        async def look() -> Conversation | None:
            found = await self.hub.store.inbox.list_conversations(Status.OPEN)
            return found[0] if len(found) >= count else None

        return await until(look, f"{count} conversations")

    async def messages(self, conversation: str, count: int) -> list[Message]:
        async def look() -> list[Message] | None:
            entries = await self.hub.store.inbox.timeline(conversation)
            found = [entry for entry in entries if isinstance(entry, Message)]
            return found if len(found) >= count else None

        return await until(look, f"{count} messages")

    async def settles(self, message: Message, state: DeliveryState) -> Delivery:
        async def look() -> Delivery | None:
            found = await self.hub.store.inbox.find_entry(message.id)
            assert isinstance(found, Message)
            delivery = found.delivery
            return delivery if delivery and delivery.state is state else None

        return await until(look, f"the delivery to be {state}", 60)

    async def answer(self, conversation: str, text: str) -> Message:
        return await reply(self.hub.desk, self.ana, conversation, Draft(text=text))

    async def received(self, count: int = 1) -> list[Mail]:
        """What is in the customer's mailbox, once there are `count` mails."""
        return [email.message_from_bytes(raw) for raw in await self.customer.wait_for(count)]

    async def healthy(self) -> None:
        async def look() -> bool:
            found = await self.hub.store.channels.find(self.channel.id)
            return found is not None and found.health is Health.CONNECTED and found.cursor is not None

        await until(look, "the mailbox to be connected")

    async def broken(self) -> str | None:
        found = await self.hub.store.channels.find(self.channel.id)
        return found.problem if found and found.health is Health.BROKEN else None

    async def told_broken(self) -> int:
        """How often everybody was told that the channel is broken."""
        events = await self.hub.store.events.latest(self.hub.clock() - timedelta(minutes=10))
        told = [each for each in events if each.kind == "channel_changed" and each.channel == self.channel.id]
        return sum(1 for each in told if each.details.get("health") == Health.BROKEN)


@pytest.fixture
async def post(hub: Hub, mail_server: MailServer) -> AsyncIterator[Post]:
    box, customer = mail_server.account("box"), mail_server.account("customer", "example.test")
    ana = Agent(id="ana", name="Ana Lima", email="ana@hub.test", role=Role.ADMIN, created_at=hub.clock())
    await hub.store.people.add_agent(ana)
    channel = await connect(hub, "email", email_config(mail_server, box, start="unread"), "Support")
    async with running(hub, web_server=False, worker=True) as at_work:
        yield Post(hub, at_work, mail_server, channel, box, customer, ana)


async def test_a_mail_its_answer_and_the_next_mail_are_one_conversation(post: Post) -> None:
    post.write("Where is my tent?", Subject="Order 1042", Message_ID="<first@example.test>")
    conversation = await post.conversation()
    assert conversation.subject == "Order 1042"
    assert conversation.customer_name == "Carla"
    await post.answer(conversation.id, "On its **way**.")
    [answer] = await post.received()
    assert answer["Subject"] == "Re: Order 1042"
    assert answer["In-Reply-To"] == "<first@example.test>"
    assert answer["References"] == "<first@example.test>"
    assert answer.get_content_type() == "multipart/alternative"
    post.write(
        "Thank you!\n\nOn Mon, 23 Nov 2026 at 10:12, Ana wrote:\n> On its way.",
        Subject="Re: Order 1042",
        In_Reply_To=answer["Message-ID"],
        References=f"<first@example.test> {answer['Message-ID']}",
    )
    messages = await post.messages(conversation.id, 3)
    assert [message.content.text.strip() for message in messages] == [
        "Where is my tent?",
        "On its **way**.",
        "Thank you!",
    ]
    assert "On its way." in (messages[2].content.rest or "")
    assert len(await post.hub.store.inbox.list_conversations(Status.OPEN)) == 1


async def test_a_reply_that_names_only_our_message_is_found(post: Post) -> None:
    post.write("Hello?", Subject="One")
    conversation = await post.conversation()
    await post.answer(conversation.id, "Yes?")
    [answer] = await post.received()
    post.write("My phone drops References.", Subject="AW: One", In_Reply_To=answer["Message-ID"])
    await post.messages(conversation.id, 3)


async def test_a_stranger_who_was_forwarded_our_mail_gets_a_conversation_of_their_own(post: Post) -> None:
    post.write("Hello?", Subject="One")
    conversation = await post.conversation()
    await post.answer(conversation.id, "Yes?")
    [answer] = await post.received()
    stranger = {"From": "Eve <eve@example.test>", "In-Reply-To": answer["Message-ID"]}
    post.server.submit(post.customer, [post.box.address], a_mail("I was forwarded this.", stranger))
    theirs = await post.conversation(2)
    assert theirs.id != conversation.id
    assert theirs.customer_name == "Eve"


async def test_an_unknown_recipient_comes_back_as_a_failed_delivery(post: Post) -> None:
    gone = {"From": "Gone <nobody-there@example.test>", "Subject": "Bye"}
    post.server.submit(post.customer, [post.box.address], a_mail("Answer me.", gone))
    conversation = await post.conversation()
    message = await post.answer(conversation.id, "Hello?")
    delivery = await post.settles(message, DeliveryState.FAILED)
    assert delivery.problem

    async def unreachable() -> bool:
        [identity] = await post.hub.store.people.identities_of(conversation.customer)
        return not identity.reachable

    await until(unreachable, "the customer to be marked unreachable")


async def test_a_changed_uidvalidity_brings_nothing_twice(post: Post) -> None:
    post.write("Once.", Subject="Only once")
    conversation = await post.conversation()
    assert post.running.supervisor is not None
    await post.hub.store.channels.change(post.channel.id, {"paused": True})
    post.running.supervisor.changed.set()

    async def let_go() -> bool:
        found = await post.hub.store.channels.find(post.channel.id)
        return found is not None and (found.lease is None or found.lease.until <= post.hub.clock())

    await until(let_go, "the mailbox to be let go")
    post.box.renumber()
    await post.hub.store.channels.change(post.channel.id, {"paused": False})
    post.running.supervisor.changed.set()
    post.write("Another.", Subject="Another matter")
    await post.conversation(2)

    async def outcomes() -> list[str] | None:
        journal = await post.hub.store.journal.list_entries(channel=post.channel.id)
        found = sorted(str(entry.outcome) for entry in journal)
        return found if "None" not in found else None

    assert (await until(outcomes)).count("delivered") == 2
    assert len(await post.messages(conversation.id, 1)) == 1


async def test_a_changed_subject_is_answered_under_the_new_one_in_the_same_conversation(post: Post) -> None:
    post.write("Where is my tent?", Subject="Order 1042", Message_ID="<first@example.test>")
    conversation = await post.conversation()
    post.write(
        "And the pegs?",
        Subject="Pegs (was: Order 1042)",
        Message_ID="<second@example.test>",
        In_Reply_To="<first@example.test>",
        References="<first@example.test>",
    )
    await post.messages(conversation.id, 2)
    await post.answer(conversation.id, "In the parcel.")
    [newest] = await post.received()
    assert newest["Subject"] == "Re: Pegs (was: Order 1042)"
    assert newest["In-Reply-To"] == "<second@example.test>"
    assert len(await post.hub.store.inbox.list_conversations(Status.OPEN)) == 1


async def test_a_wrong_password_stops_the_channel_and_says_so_once(post: Post) -> None:
    await post.healthy()
    post.server.change_password(post.box, "another one")
    await post.hub.store.channels.change(post.channel.id, {"settings_version": 1})
    assert post.running.supervisor is not None
    post.running.supervisor.changed.set()
    assert await until(post.broken)
    for _ in range(3):
        await post.running.supervisor.look()
    assert await post.told_broken() == 1


async def test_a_token_that_runs_out_stops_the_channel_and_what_is_to_be_sent_waits(post: Post) -> None:
    post.write("Where is my tent?", Subject="Order 1042")
    conversation = await post.conversation()
    stale = OAuth(
        provider="custom", access_token=SecretStr(post.server.token(post.box.address, lifetime=-60))
    )
    config = email_config(post.server, post.box, start="unread").model_copy(update={"auth": stale})
    sealed = post.hub.registry.sealed(config, post.channel.id)
    await post.hub.store.channels.change(post.channel.id, {"config": sealed, "settings_version": 1})
    assert post.running.supervisor is not None
    post.running.supervisor.changed.set()
    assert await until(post.broken)
    message = await post.answer(conversation.id, "On its way.")
    for _ in range(3):
        await post.running.supervisor.look()
    assert await post.told_broken() == 1
    kept = await post.hub.store.inbox.find_entry(message.id)
    assert isinstance(kept, Message)
    assert kept.delivery is not None
    assert kept.delivery.state is DeliveryState.QUEUED
    fresh = stale.model_copy(update={"access_token": SecretStr(post.server.token(post.box.address))})
    sealed = post.hub.registry.sealed(config.model_copy(update={"auth": fresh}), post.channel.id)
    await post.hub.store.channels.change(post.channel.id, {"config": sealed, "settings_version": 2})
    await resume_channel(post.hub.desk, post.channel)
    post.running.supervisor.changed.set()
    assert len(await post.received()) == 1


@pytest.mark.parametrize("trouble", ["reset", "black hole"])
async def test_a_connection_that_dies_is_made_again_and_nothing_is_missed(
    hub: Hub, mail_server: MailServer, trouble: str
) -> None:
    box = mail_server.account("box")
    async with ChaosProxy("127.0.0.1", mail_server.ports.imaps) as proxy:
        config = email_config(mail_server, box, start="unread")
        through = config.imap.model_copy(update={"port": proxy.port})
        quick = config.timeouts.model_copy(update={"answer": 2, "idle": 2, "connect": 2})
        await connect(hub, "email", config.model_copy(update={"imap": through, "timeouts": quick}))
        async with running(hub, web_server=False, worker=True):
            mail_server.deliver(box.address, a_mail("One"))

            async def there(count: int) -> bool:
                return len(await hub.store.inbox.list_conversations(Status.OPEN)) >= count

            await until(lambda: there(1))
            if trouble == "reset":
                proxy.reset_all()
            else:
                proxy.silent = True
            mail_server.deliver(box.address, a_mail("Two"))
            if trouble == "black hole":
                await until(lambda: _failed_once(hub), "the channel to notice", 30)
                proxy.silent = False
                proxy.reset_all()
            await until(lambda: there(2), "the second mail", 40)


async def _failed_once(hub: Hub) -> bool:
    [channel] = await hub.store.channels.list_channels()
    return channel.health is Health.RETRYING


async def test_our_message_ids_are_signed_and_forged_ones_join_nothing(post: Post) -> None:
    post.write("Hello?", Subject="One")
    conversation = await post.conversation()
    await post.answer(conversation.id, "Yes?")
    [answer] = await post.received()
    forged = re.sub(r"^<(.)", lambda found: "<" + ("0" if found[1] != "0" else "1"), answer["Message-ID"])
    post.write("Let me in.", Subject="Re: One", In_Reply_To=forged, Message_ID="<forged@example.test>")
    other = await post.conversation(2)
    assert other.id != conversation.id
