"""The web chat keeps the contract; its counterpart is the place where lines are kept."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import aiohttp
import pytest
from multidict import CIMultiDict
from pydantic import SecretStr

from connectors.webchat import WebchatConnector, wire
from connectors.webchat.config import WebchatConfig
from hub.contract.capabilities import ReceiptState, Surface
from hub.contract.connector import Connector
from hub.contract.errors import Rejected
from hub.contract.inbound import MessageReceived, ReceiptReceived, RemoteId, Thread, WebhookRequest
from hub.contract.outbound import OutboundMessage, Sent
from hub.contract.visitors import Line
from hub.model.content import Content, Markup
from tests.conformance import Check, Failure, Harness, checks_for, kit_for
from tests.connectors.webchat.memory import Memory

SECRET = "a-secret-that-nobody-but-the-hub-knows"
SHARED = "a-secret-that-the-site-has-in-common-with-us"
KEY = "v.kJ3wqZ0mT5mPpV1x9bYc2A"


class WebchatHarness(Harness):
    connector_type: ClassVar[type[Connector[Any]]] = WebchatConnector
    secrets = (SECRET, SHARED)
    exempt: ClassVar[Mapping[Failure, str]] = {
        Failure.RATE_LIMITED: "lines are kept by the hub itself, which does not limit itself",
        Failure.AUTH_BROKEN: "there is nobody to sign in to",
        Failure.REJECTED: "a line is kept whatever it says",
        Failure.LOST_ANSWER: "a line of the same id is kept once, so that bringing it again is always safe",
    }

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http, self.memory = http, Memory()
        self._posted: list[WebhookRequest] = []
        self._count = 0

    def make(self) -> WebchatConnector:
        config = WebchatConfig(
            title="Shop",
            origins=("https://shop.example",),
            secret=SecretStr(SECRET),
            identity_secret=SecretStr(SHARED),
        )
        return WebchatConnector(config, replace(kit_for(self.http), visitors=self.memory))

    def post(
        self, events: Sequence[Mapping[str, Any]], *, key: str = KEY, name: str = "Maria"
    ) -> WebhookRequest:
        envelope = {"v": 1, "visitor": {"key": key, "name": name}, "page": {}, "events": events}
        return wire.request_of(SECRET, "https://hub.example", envelope, datetime.now(UTC))

    async def arrive(self, count: int) -> None:
        for _ in range(count):
            self._count += 1
            at = datetime.now(UTC).isoformat()
            event = {"type": "message", "id": f"question-{self._count}", "at": at, "text": "How warm?"}
            self._posted.append(self.post([event]))

    def outbound(self, key: str) -> OutboundMessage:
        return OutboundMessage(
            key=key,
            thread=Thread(KEY, Surface.DIRECT),
            to=(KEY,),
            content=Content(text="**Warm**, not hot.", markup=Markup.MARKDOWN),
            at=datetime.now(UTC),
            agent_name="Ana",
        )

    def sends(self) -> int:
        return self.memory.says

    async def fail(self, failure: Failure | None) -> None:
        self.memory.down = failure is Failure.UNAVAILABLE

    async def confirm(self, message: OutboundMessage, sent: Sent) -> None:
        at = datetime.now(UTC).isoformat()
        self._posted.append(self.post([{"type": "read", "at": at, "lines": list(sent.messages)}]))

    async def requests(self) -> Sequence[WebhookRequest]:
        posted, self._posted = self._posted, []
        return posted

    def aged(self, request: WebhookRequest) -> WebhookRequest:
        then = datetime.now(UTC) - timedelta(hours=1)
        return replace(request, headers=CIMultiDict(wire.sign(SECRET, request.body, then)))


@pytest.fixture
async def harness() -> AsyncIterator[WebchatHarness]:
    async with aiohttp.ClientSession() as http:
        yield WebchatHarness(http)


@pytest.mark.parametrize("check", checks_for(WebchatHarness), ids=str)
async def test_webchat_conforms(check: Check, harness: WebchatHarness) -> None:
    await check(harness)


async def test_a_line_that_is_brought_again_is_one_and_goes_to_where_its_visitor_is_now(
    harness: WebchatHarness,
) -> None:
    connector = harness.make()
    first = await connector.send(harness.outbound("019300000000aaaaaaaaaaaa"))
    again = await connector.send(harness.outbound("019300000000aaaaaaaaaaaa"))
    assert (first, len(harness.memory.lines)) == (again, 1)
    await harness.memory.move(KEY, "u.4711")
    moved = await connector.send(harness.outbound("019300000001bbbbbbbbbbbb"))
    assert moved.thread == Thread("u.4711", Surface.DIRECT)
    assert {each.thread for each in harness.memory.lines.values()} == {"u.4711"}


async def test_what_was_said_can_be_changed_and_taken_back_but_not_what_never_was(
    harness: WebchatHarness,
) -> None:
    connector, place = harness.make(), Thread(KEY, Surface.DIRECT)
    [name] = (await connector.send(harness.outbound("019300000000aaaaaaaaaaaa"))).messages
    await connector.edit(place, name, Content(text="Lukewarm."))
    await connector.delete(place, name)
    line = harness.memory.lines[name]
    assert (line.content.text, line.edited_at is not None, line.deleted_at is not None) == (
        "Lukewarm.",
        True,
        True,
    )
    for change in (
        connector.edit(place, RemoteId("x/y"), Content(text="?")),
        connector.delete(place, RemoteId("x")),
    ):
        with pytest.raises(Rejected):
            await change


async def test_what_is_answered_is_shown_unless_it_stands_just_above_and_reactions_are_kept_once(
    harness: WebchatHarness,
) -> None:
    connector, place, now = harness.make(), Thread(KEY, Surface.DIRECT), datetime.now(UTC)
    for number, text in enumerate(("Warm?", "And cold?")):
        at = now + timedelta(seconds=number)
        await harness.memory.say(Line(id=f"{KEY}/q-{number}", thread=KEY, at=at, content=Content(text=text)))
    shown = []
    for number in range(2):
        message = replace(
            harness.outbound(f"01930000000{number}aaaaaaaaaaaa"), reply_to=RemoteId(f"{KEY}/q-{number}")
        )
        [name] = (await connector.send(message)).messages
        shown.append(harness.memory.lines[name].reply_to)
    assert shown == [f"{KEY}/q-0", ""]
    question = RemoteId(f"{KEY}/q-0")
    for emoji, on in (("👍", True), ("🎉", True), ("👍", True), ("🎉", False)):
        await connector.react(place, question, emoji, on=on)
    assert harness.memory.lines[question].reactions == ("👍",)
    await connector.delete(place, question)
    with pytest.raises(Rejected):
        await connector.react(place, question, "👍", on=True)


async def test_what_agents_see_and_type_reaches_the_visitor(harness: WebchatHarness) -> None:
    connector, place = harness.make(), Thread(KEY, Surface.DIRECT)
    [name] = (await connector.send(harness.outbound("019300000000aaaaaaaaaaaa"))).messages
    await connector.typing(place, on=True)
    await connector.mark_read(place, name)
    assert harness.memory.typing == [(KEY, True)]
    assert harness.memory.visitors[KEY].read_by_us_at == harness.memory.lines[name].at


async def test_settings_are_asked_set_and_asked_again_as_they_are(harness: WebchatHarness) -> None:
    kit = harness.make().kit
    answers = {
        "title": "Shop",
        "origins": "shop.example, https://*.shop.example/",
        "form": "name, Email*, Order number=Your order",
        "hours": "mon-fri 9:00-17:30; sat 10-14",
        "zone": "Europe/Berlin",
        "rules": "/prices* after 20s returning: May we help?; *: Hello",
        "texts": "en.send=Go; de.send=Los",
        "identity_required": "yes",
        "identity_secret": SHARED,
        "mail_after": "5",
    }
    made = (await WebchatConnector.set_up(answers, kit)).config
    assert isinstance(made, WebchatConfig)
    assert made.origins == ("https://shop.example", "https://*.shop.example")
    assert [(each.key, each.label, each.required) for each in made.form] == [
        ("name", "", False),
        ("email", "", True),
        ("Order number", "Your order", False),
    ]
    assert [(each.page, each.after, each.who) for each in made.rules] == [
        ("/prices*", 20, "returning"),
        ("*", 0, "anybody"),
    ]
    connector = WebchatConnector(made, kit)
    asked = {each.name: each.default for each in connector.renewal() if not each.secret}
    again = connector.renewed(asked)
    assert again == made
    broken = [{"origins": "ftp://x"}, {"hours": "always"}, {"identity_secret": "short"}, {"colour": "red"}]
    for wrong in (*broken, {"texts": "en.nothing=x"}, {"rules": "?"}, {"zone": "Mars"}):
        with pytest.raises(Exception, match=r".") as refused:
            await WebchatConnector.set_up({**answers, **wrong}, kit)
        assert type(refused.value).__name__ == "ConnectorError"


def test_the_payload_is_what_a_platform_of_ours_posts(harness: WebchatHarness) -> None:
    connector = harness.make()
    request = harness.post(
        [
            {"type": "message", "id": "question-1", "at": "2026-11-23T10:00:00Z", "text": "Warm?"},
            {"type": "received", "at": "2026-11-23T10:00:00Z", "lines": [f"{KEY}/answer-1"]},
        ]
    )
    connector.verify(request)
    question, receipt = connector.parse(request)
    assert isinstance(question, MessageReceived)
    assert (question.message, question.author.name) == (f"{KEY}/question-1", "Maria")
    assert isinstance(receipt, ReceiptReceived)
    assert (receipt.state, receipt.message) == (ReceiptState.DELIVERED, f"{KEY}/answer-1")
    assert (
        "alert" not in connector.shown(Content(text="[x](javascript:alert(1))"), "Ana").partition("href")[2]
    )
    assert json.loads(request.body)["v"] == 1
    assert connector.snippet("https://hub.example/", "c1") == (
        '<script src="https://hub.example/chat/c1/widget.js" async></script>'
    )
