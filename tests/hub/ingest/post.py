"""A hub with mailboxes whose mails are put into the journal and worked on at once: no server, no waiting."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from connectors.email.config import EmailConfig
from connectors.email.threads import thread_of
from connectors.simulator.config import SimulatorConfig
from hub.app import Hub
from hub.contract.capabilities import Surface
from hub.contract.inbound import ArrivedRaw, Author, MessageReceived, RemoteId, Thread
from hub.ingest.pipeline import Pipeline
from hub.ingest.worker import batches
from hub.model.channels import Channel
from hub.model.content import Content
from hub.model.inbox import Activity, Conversation, Message, Status
from hub.model.journal import JournalEntry
from hub.model.people import Agent, Role
from hub.store.queues import LANES
from tests.hubs import connect

SUPPORT, SALES = "support@hub.test", "sales@hub.test"


def mail(
    text: str,
    *,
    to: str = SUPPORT,
    subject: str = "The kettle leaks",
    sender: str = "Cora <cora@home.test>",
    number: int = 1,
    **headers: str,
) -> bytes:
    """`number`: tells one Message-ID from another."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = "Mon, 02 Mar 2026 09:00:00 +0000"
    message["Message-ID"] = f"<m{number}@home.test>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


@dataclass(slots=True)
class PostRoom:
    hub: Hub
    pipeline: Pipeline
    channels: dict[str, Channel] = field(default_factory=dict)
    ana: Agent = field(init=False)
    _uid: int = 0

    async def mailbox(self, address: str, name: str, **more: Any) -> Channel:
        config = EmailConfig.model_validate(
            {
                "address": address,
                "name": name,
                "imap": {"host": "127.0.0.1", "port": 9, "security": "none"},
                "smtp": {"host": "127.0.0.1", "port": 9, "security": "none"},
                "auth": {"kind": "password", "password": "not used"},
                "signing_key": "a key that signs nothing real",
            }
        )
        made = await connect(self.hub, "email", config, name, account=address, **more)
        self.channels[address] = made
        return made

    async def chat(self, name: str, **more: Any) -> Channel:
        """A messenger, where whoever writes to us first can be answered."""
        config = SimulatorConfig(world=name, account=name, imitates="messenger", from_start=True)
        made = await connect(self.hub, "simulator", config, name, **more)
        self.channels[name] = made
        return made

    async def say(self, chat: str, text: str, *, who: str = "cora", name: str = "Cora") -> None:
        """In the one thread that somebody has with us there."""
        self._uid += 1
        now = self.hub.clock()
        event = MessageReceived(
            key=f"said-{self._uid}",
            at=now,
            thread=Thread(f"with {who}", Surface.DIRECT),
            message=RemoteId(f"said-{self._uid}"),
            author=Author(key=who, name=name),
            content=Content(text=text),
        )
        await self.hub.store.journal.add(self.channels[chat].id, [event], now)
        await self.work()

    async def put(self, address: str, *bodies: bytes) -> list[str]:
        """Into the journal. Returns the ids of the entries."""
        channel, events = self.channels[address], []
        for body in bodies:
            self._uid += 1
            thread = Thread(thread_of(body), Surface.EMAIL)
            events.append(
                ArrivedRaw(key=f"INBOX:1:{self._uid}", at=self.hub.clock(), thread=thread, body=body)
            )
        before = {each.id for each in await self.hub.store.journal.list_entries(channel=channel.id)}
        await self.hub.store.journal.add(channel.id, events, self.hub.clock())
        entries = await self.hub.store.journal.list_entries(channel=channel.id)
        return [each.id for each in entries if each.id not in before]

    async def work(self) -> None:
        """Everything that waits, as one worker does it."""
        waiting = await self.hub.store.journal.waiting(range(LANES), self.hub.clock())
        for batch in batches(waiting, 32):
            await self.pipeline.work(await self.pipeline.read(batch))

    async def race(self, entries: Sequence[str]) -> None:
        """Each by a worker of its own, all at the same moment."""
        waiting = await self.hub.store.journal.waiting(range(LANES), self.hub.clock())
        chosen = [each for each in waiting if each.entry.id in entries]
        assert len(chosen) == len(entries)
        read = [await self.pipeline.read([each]) for each in chosen]
        await asyncio.gather(*(self.pipeline.work(each) for each in read))

    async def receive(self, address: str, *bodies: bytes) -> list[Conversation]:
        """Put, work, and look: all open conversations, the oldest first."""
        await self.put(address, *bodies)
        await self.work()
        return await self.open()

    async def open(self) -> list[Conversation]:
        found = await self.hub.store.inbox.list_conversations(Status.OPEN)
        return sorted(found, key=lambda each: each.id)

    async def messages(self, conversation: str) -> list[Message]:
        entries = await self.hub.store.inbox.timeline(conversation)
        return [each for each in entries if isinstance(each, Message)]

    async def facts(self, conversation: str, kind: str) -> list[Activity]:
        entries = await self.hub.store.inbox.timeline(conversation)
        return [each for each in entries if isinstance(each, Activity) and each.kind == kind]

    async def arrived(self, address: str) -> list[JournalEntry]:
        """Newest first."""
        return await self.hub.store.journal.list_entries(channel=self.channels[address].id)


async def post_room(hub: Hub, **support: Any) -> PostRoom:
    """With a mailbox for support, and one for sales."""
    pipeline = Pipeline(hub.store, hub.registry, hub.desk.dispatch, hub.clock, 1_000_000)
    room = PostRoom(hub, pipeline)
    await room.mailbox(SUPPORT, "Support", **support)
    await room.mailbox(SALES, "Sales")
    room.ana = Agent(id="ana", name="Ana", email="ana@hub.test", role=Role.ADMIN, created_at=hub.clock())
    await hub.store.people.add_agent(room.ana)
    return room
