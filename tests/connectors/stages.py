"""Every connector with its counterpart, on which faults can be played: joining is an entry of STAGES."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from datetime import datetime, timedelta
from email import message_from_bytes
from email.utils import format_datetime
from typing import Any, ClassVar, TypeVar

import aiohttp
import pytest
from pydantic import BaseModel

from connectors.email.connector import EmailConnector
from connectors.simulator import close_world
from connectors.simulator.connector import PollingSimulator, StreamingSimulator, WebhookSimulator
from connectors.simulator.posting import take_pending
from connectors.slack.connector import EventsSlack, SocketSlack
from connectors.telegram.connector import PollingTelegram, WebhookTelegram
from connectors.webchat import wire
from connectors.webchat.connector import WebchatConnector
from hub.clock import utc_now
from hub.contract.connector import Connector
from hub.contract.inbound import WebhookRequest
from tests.chaosproxy import ChaosProxy
from tests.conformance import Failure
from tests.connectors.email.scripted_smtp import ScriptedSmtp
from tests.connectors.email.test_conforms import EmailHarness
from tests.connectors.simulator.test_conforms import SimulatorHarness
from tests.connectors.slack import slack_api
from tests.connectors.slack.slack_api import SlackApi
from tests.connectors.slack.test_conforms import EventsHarness, SlackHarness, SocketHarness
from tests.connectors.slack.wire import US
from tests.connectors.stage import CUSTOMERS, Stage
from tests.connectors.telegram import bot_api
from tests.connectors.telegram.bot_api import BOT, CHAT, BotApi
from tests.connectors.telegram.test_conforms import TelegramHarness
from tests.connectors.webchat.memory import Keeping
from tests.connectors.webchat.test_conforms import SECRET, WebchatHarness
from tests.mailserver import MailServer, a_mail


class TelegramStage(Stage):
    kind: ClassVar[type[Connector[Any]]] = PollingTelegram
    way: ClassVar[str] = "poll"

    def __init__(self, api: BotApi, http: aiohttp.ClientSession) -> None:
        self.api = api
        self.harness = type("Played", (TelegramHarness,), {"way": self.way, "connector_type": self.kind})(
            api, http
        )
        self.chats = {}
        for number, who in enumerate(CUSTOMERS):
            self.chats[who] = {**CHAT, "id": CHAT["id"] + number, "first_name": who.title()}
            api.chats[CHAT["id"] + number] = self.chats[who]

    @property
    def config(self) -> BaseModel:
        config: BaseModel = self.harness.make().config
        return config

    async def write(self, who: str, text: str) -> None:
        chat = self.chats[who]
        sender = {"id": chat["id"], "is_bot": False, "first_name": chat["first_name"]}
        self.api.tell(message=self.api.message(chat, sender, text=text))

    def taken(self, who: str) -> list[str]:
        posts = sorted(self.api.messages.items(), key=lambda item: item[0][1])
        ours = [
            post for (chat, _), post in posts if chat == self.chats[who]["id"] and post["from"]["id"] == BOT
        ]
        return [str(post["text"]) for post in ours]

    async def fail(self, failure: Failure | None) -> None:
        await self.harness.fail(failure)

    def follow(self, clock: Callable[[], datetime]) -> None:
        self.api.now = lambda: clock().timestamp()

    async def requests(self) -> Sequence[WebhookRequest]:
        found: Sequence[WebhookRequest] = await self.harness.requests()
        return found


class TelegramHookStage(TelegramStage):
    kind = WebhookTelegram
    way = "webhook"


class SlackStage(Stage):
    kind: ClassVar[type[Connector[Any]]] = SocketSlack
    harness_type: ClassVar[type[SlackHarness]] = SocketHarness

    def __init__(self, api: SlackApi, http: aiohttp.ClientSession) -> None:
        self.api = api
        self.harness = self.harness_type(api, http)
        for who in CUSTOMERS:
            api.user(self._user(who), who, who.title())
            api.channels.add(self._chat(who))

    @property
    def config(self) -> BaseModel:
        return self.harness.make().config

    async def write(self, who: str, text: str) -> None:
        self.api.write(text, self._chat(who), self._user(who))

    def taken(self, who: str) -> list[str]:
        ours = [each for (chat, _), each in sorted(self.api.messages.items()) if chat == self._chat(who)]
        return [str(each["text"]) for each in ours if each.get("user") == US]

    async def fail(self, failure: Failure | None) -> None:
        await self.harness.fail(failure)

    async def requests(self) -> Sequence[WebhookRequest]:
        return await self.harness.requests()

    def follow(self, clock: Callable[[], datetime]) -> None:
        self.api.now = lambda: clock().timestamp()

    async def gone(self) -> None:
        await super().gone()
        await asyncio.to_thread(self.api.disconnect, "cut")

    def _user(self, who: str) -> str:
        return f"U0STAGE{who.upper()}"

    def _chat(self, who: str) -> str:
        return f"D0STAGE{who.upper()}"


class SlackHookStage(SlackStage):
    kind = EventsSlack
    harness_type = EventsHarness


class SimulatorStage(Stage):
    kind: ClassVar[type[Connector[Any]]] = PollingSimulator
    way: ClassVar[str] = "poll"

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.harness = type("Played", (SimulatorHarness,), {"way": self.way})(http, "messenger")
        self.harness.world.now = utc_now
        self.threads: dict[str, str] = {}
        self.people = {who: self.harness.world.person(f"stage-{who}", name=who.title()) for who in CUSTOMERS}

    @property
    def config(self) -> BaseModel:
        config: BaseModel = self.harness.make().config
        return config.model_copy(update={"from_start": True})

    async def write(self, who: str, text: str) -> None:
        await asyncio.sleep(0.002)  # the database keeps milliseconds
        post = self.harness.platform.write(self.people[who], text, thread=self.threads.get(who))
        self.threads[who] = post.thread.key

    def taken(self, who: str) -> list[str]:
        return [copy.text for copy in self.harness.world.inbox_of(f"stage-{who}")]

    async def fail(self, failure: Failure | None) -> None:
        await self.harness.fail(failure)

    def follow(self, clock: Callable[[], datetime]) -> None:
        self.harness.world.now = clock

    async def requests(self) -> Sequence[WebhookRequest]:
        return take_pending(self.harness.platform, limit=4)


class SimulatorStreamStage(SimulatorStage):
    kind = StreamingSimulator
    way = "stream"


class SimulatorHookStage(SimulatorStage):
    kind = WebhookSimulator
    way = "webhook"


class EmailStage(Stage):
    kind = EmailConnector

    def __init__(self, harness: EmailHarness) -> None:
        self.harness = harness
        self.numbers = itertools.count(1)
        self.clock: Callable[[], datetime] = utc_now
        self.first: dict[str, str] = {}

    @property
    def config(self) -> BaseModel:
        return self.harness.make().config

    def follow(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock

    async def write(self, who: str, text: str) -> None:
        number = next(self.numbers)
        first = self.first.setdefault(who, f"<{who}-{number}@example.test>")
        headers = {
            "From": f"{who.title()} <{who}@example.test>",
            "Message-ID": f"<{who}-{number}@example.test>",
            "References": first,
            "Date": format_datetime(self.clock() + timedelta(seconds=number - 3600)),
        }
        mail = a_mail(text, headers)
        # A server may hand over a mail twice, and so may a mailing list.
        await asyncio.to_thread(self.harness.server.deliver, self.harness.account.address, mail, mail)

    def taken(self, who: str) -> list[str]:
        mails = [message_from_bytes(raw) for raw in self.harness.smtp.taken]
        ours = [mail for mail in mails if f"{who}@example.test" in str(mail["To"])]
        return [_first_line(mail) for mail in ours]

    async def fail(self, failure: Failure | None) -> None:
        await self.harness.fail(failure)


def _first_line(mail: Any) -> str:
    part = next(each for each in mail.walk() if each.get_content_type() == "text/plain")
    return str(part.get_payload(decode=True).decode()).splitlines()[0]


class WebchatStage(Stage):
    """The hub is the platform: what fails is where lines are kept; its own door posts."""

    kind: ClassVar[type[Connector[Any]]] = WebchatConnector

    def __init__(self, keeping: Keeping, http: aiohttp.ClientSession) -> None:
        self.keeping, self.harness = keeping, WebchatHarness(http)
        self.numbers = itertools.count(1)
        self.said: list[tuple[str, dict[str, str]]] = []
        self.clock: Callable[[], datetime] = utc_now

    @property
    def config(self) -> BaseModel:
        config: BaseModel = self.harness.make().config
        return config

    async def write(self, who: str, text: str) -> None:
        at = self.clock() + timedelta(milliseconds=next(self.numbers))
        event = {
            "type": "message",
            "id": f"line-{text.replace(' ', '-')}",
            "at": at.isoformat(),
            "text": text,
        }
        self.said.append((who, event))

    def follow(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock

    def taken(self, who: str) -> list[str]:
        return [line.content.text for line in self.keeping.taken if line.thread == f"v.{who}"]

    async def fail(self, failure: Failure | None) -> None:
        self.keeping.failure = failure

    async def requests(self) -> Sequence[WebhookRequest]:
        """Signed when it is brought: the widget keeps what it could not bring."""
        said, self.said = self.said, []
        return [self._request(who, event) for who, event in said]

    def _request(self, who: str, event: Mapping[str, str]) -> WebhookRequest:
        visitor = {"key": f"v.{who}", "name": who.title()}
        envelope = {"v": 1, "visitor": visitor, "page": {}, "events": [event]}
        return wire.request_of(SECRET, "https://hub.example", envelope, self.clock())


Opener = Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Stage]]


ApiT = TypeVar("ApiT")


def _on(
    serving: Callable[[], AbstractContextManager[ApiT]],
    kind: Callable[[ApiT, aiohttp.ClientSession], Stage],
) -> Opener:
    @asynccontextmanager
    async def opened(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
        with serving() as api:
            async with aiohttp.ClientSession() as http:
                yield kind(api, http)

    return opened


def _on_simulator(kind: type[SimulatorStage]) -> Opener:
    @asynccontextmanager
    async def opened(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
        async with aiohttp.ClientSession() as http:
            stage = kind(http)
            yield stage
            close_world(stage.harness.world.name)

    return opened


@asynccontextmanager
async def _on_webchat(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    keeping = Keeping()

    class Kept(WebchatConnector):
        @property
        def visitors(self) -> Any:
            return keeping.of(super().visitors)

    stage = type("Played", (WebchatStage,), {"kind": Kept})
    async with aiohttp.ClientSession() as http:
        yield stage(keeping, http)


@asynccontextmanager
async def _on_mail(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    server: MailServer = request.getfixturevalue("mail_server")
    account = server.account("support")
    async with (
        ChaosProxy("127.0.0.1", server.ports.imaps) as proxy,
        ScriptedSmtp() as smtp,
        aiohttp.ClientSession() as http,
    ):
        yield EmailStage(EmailHarness(server, account, proxy, smtp, http))


STAGES: Mapping[str, Opener] = {
    "email": _on_mail,
    "simulator-stream": _on_simulator(SimulatorStreamStage),
    "simulator-webhook": _on_simulator(SimulatorHookStage),
    "slack-events": _on(slack_api.serving, SlackHookStage),
    "slack-socket": _on(slack_api.serving, SlackStage),
    "telegram-poll": _on(bot_api.serving, TelegramStage),
    "telegram-webhook": _on(bot_api.serving, TelegramHookStage),
    "webchat": _on_webchat,
}
