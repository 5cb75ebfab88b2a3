"""A hub with a web chat, its door open, and visitors who speak to it as their browsers do.

shop       the hub at work, a web chat on it, and ana
"""

import io
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from connectors.webchat.config import WebchatConfig
from hub.app import Hub
from hub.model.channels import Channel
from hub.model.ids import new_id
from hub.model.inbox import Conversation, DeliveryState, Message, Status
from hub.model.people import Agent, Role
from hub.work import Running, running
from tests.hubs import connect, until

SITE = "https://shop.example"
SHARED = "a-secret-that-the-site-has-in-common-with-us"


@dataclass(slots=True, repr=False)
class Visitor:
    """One browser: its token, and what it was told."""

    shop: "Shop"
    token: str = ""
    key: str = ""
    origin: str = SITE
    heard: list[tuple[str, Any]] = field(default_factory=list)

    async def ask(self, what: str, body: Mapping[str, Any] | bytes, status: int = 200, **headers: str) -> Any:
        given = {"Origin": self.origin, **headers}
        if self.token:
            given["Authorization"] = f"Bearer {self.token}"
        data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        async with self.shop.http.post(f"{self.shop.url}/{what}", data=data, headers=given) as answer:
            text = await answer.text()
            assert answer.status == status, (what, answer.status, text)
            return json.loads(text) if answer.content_type == "application/json" else text

    async def come(self, **given: Any) -> Any:
        found = await self.ask("session", given)
        self.token, self.key = found["token"] or self.token, found["key"]
        return found

    async def say(self, text: str, *, name: str = "", **more: Any) -> Any:
        chosen = name or f"line-{new_id(self.shop.hub.clock())}"
        event = {"type": "message", "id": chosen, "text": text, **more}
        return await self.ask(
            "events", {"events": [event], "page": {"url": f"{SITE}/lamps", "title": "Lamps"}}
        )

    async def say_too_much(self) -> Any:
        event = {"type": "message", "id": "too-much-1", "text": "x" * 10_001}
        return await self.ask("events", {"events": [event]}, 413)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Callable[[str], Any]]:
        """What the stream says; `heard(kind)` waits for the next of a kind."""
        headers = {"Origin": self.origin, "Authorization": f"Bearer {self.token}"}
        post = self.shop.http.post(f"{self.shop.url}/stream", data=b"{}", headers=headers)
        async with post as answer:
            assert answer.status == 200

            async def heard(kind: str) -> Any:
                event = ""
                while True:
                    line = (await answer.content.readline()).decode().rstrip("\n")
                    assert line or not answer.content.at_eof(), f"the stream ended before {kind}"
                    if line.startswith("event: "):
                        event = line[7:]
                    elif line.startswith("data: ") and event == kind:
                        return json.loads(line[6:])

            yield heard


@dataclass(frozen=True, slots=True, repr=False)
class Shop:
    hub: Hub
    running: Running
    channel: Channel
    http: aiohttp.ClientSession
    ana: Agent

    @property
    def url(self) -> str:
        return f"{self.running.url}/chat/{self.channel.id}"

    def visitor(self, **more: Any) -> Visitor:
        return Visitor(self, **more)

    async def conversations(self, count: int = 1) -> list[Conversation]:
        async def look() -> list[Conversation] | None:
            found = await self.hub.store.inbox.list_conversations(Status.OPEN)
            return found if len(found) >= count else None

        return await until(look, f"{count} conversations")

    async def messages(self, conversation: str, count: int) -> list[Message]:
        async def look() -> list[Message] | None:
            entries = await self.hub.store.inbox.timeline(conversation)
            found = [each for each in entries if isinstance(each, Message)]
            return found if len(found) >= count else None

        return await until(look, f"{count} messages")

    async def delivered(self, entry: str, state: DeliveryState) -> None:
        async def there() -> bool:
            found = await self.hub.store.inbox.find_entry(entry)
            assert isinstance(found, Message)
            return found.delivery is not None and found.delivery.state is state

        await until(there, f"the answer to be {state}")


@pytest.fixture
def settings() -> dict[str, Any]:
    """Override by parametrising: further settings of the chat."""
    return {}


@pytest.fixture
async def shop(hub: Hub, settings: dict[str, Any]) -> AsyncIterator[Shop]:
    config = WebchatConfig.model_validate(
        {
            "title": "Linden Goods",
            "origins": (SITE,),
            "secret": SecretStr("a-secret-that-nobody-but-the-hub-knows"),
            "identity_secret": SecretStr(SHARED),
            **settings,
        }
    )
    ana = Agent(id="ana", name="Ana", email="ana@hub.example", role=Role.ADMIN, created_at=hub.clock())
    await hub.store.people.add_agent(ana)
    channel = await connect(hub, "webchat", config, "Site")
    async with running(hub, web_server=True, worker=True) as at_work, aiohttp.ClientSession() as http:
        yield Shop(hub, at_work, channel, http, ana)
