"""The simulator keeps the contract, by every way in and whatever it imitates."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any, ClassVar

import aiohttp
import pytest

from connectors.simulator import SimulatorConnector, close_world
from connectors.simulator.config import Way
from connectors.simulator.connector import PollingSimulator, StreamingSimulator, WebhookSimulator
from connectors.simulator.imitations import Imitation
from connectors.simulator.posting import body_of, challenge_for, request_for, take_pending
from connectors.simulator.troubles import Trouble
from hub.contract.capabilities import ReceiptState
from hub.contract.connector import Connector
from hub.contract.inbound import WebhookRequest
from hub.contract.outbound import OutboundMessage, Sent
from tests.conformance import Check, Failure, Harness, checks_for
from tests.connectors.simulator.worlds import HOOK_SECRET, TOKEN, connector_for, fresh_world, message_to

TROUBLES = {
    Failure.UNAVAILABLE: Trouble.SERVER_ERROR,
    Failure.RATE_LIMITED: Trouble.RATE_LIMITED,
    Failure.AUTH_BROKEN: Trouble.CREDENTIALS,
    Failure.REJECTED: Trouble.REFUSED,
    Failure.LOST_ANSWER: Trouble.LOST_ANSWER,
}


class SimulatorHarness(Harness):
    connector_type: ClassVar[type[Connector[Any]]] = SimulatorConnector
    way: ClassVar[Way]
    secrets = (TOKEN, HOOK_SECRET)
    patience = 2.0
    headway = 0.03

    def __init__(self, http: aiohttp.ClientSession, imitates: Imitation) -> None:
        self.http = http
        self.world = fresh_world()
        self.platform = self.world.platform("shop", imitates=imitates)
        self.platform.webhook_secret = HOOK_SECRET
        self.platform.token = TOKEN
        # Quiet, so that every event is one that a check asked for.
        self.platform.echoes = self.platform.confirms = False
        self.ana = self.world.person("ana", name="Ana Sousa", email="ana@example.org")
        self.asked = self.platform.write(self.ana, "Good morning", subject="The tent")
        take_pending(self.platform)

    def make(self) -> SimulatorConnector:
        return connector_for(self.platform, self.http, way=self.way, dedupes=True)

    async def arrive(self, count: int) -> None:
        for number in range(count):
            self.platform.write(self.ana, f"Question {number}", subject="A question")

    def outbound(self, key: str) -> OutboundMessage:
        message: OutboundMessage = message_to(
            self.platform, self.asked.thread, key, visibility=self.asked.visibility
        )
        return message

    def sends(self) -> int:
        return self.platform.calls.get("send", 0)

    async def fail(self, failure: Failure | None) -> None:
        self.platform.mend()
        if failure is not None:
            self.platform.fail(TROUBLES[failure])

    async def confirm(self, message: OutboundMessage, sent: Sent) -> None:
        self.platform.receipt(self.platform.posts[sent.messages[0]], ReceiptState.READ)

    async def requests(self) -> Sequence[WebhookRequest]:
        return take_pending(self.platform)

    def aged(self, request: WebhookRequest) -> WebhookRequest:
        return request_for(self.platform, request.body, self.world.now() - timedelta(hours=1))

    def challenge(self) -> tuple[WebhookRequest, bytes] | None:
        return challenge_for(self.platform, HOOK_SECRET, "4711"), b"4711"

    def for_another(self) -> WebhookRequest | None:
        elsewhere = self.world.platform("another-shop")
        elsewhere.write(self.ana, "Not for you")
        updates, _ = elsewhere.feed.after(None, 10, from_start=True)
        return request_for(self.platform, body_of("another-shop", updates))


class PollHarness(SimulatorHarness):
    connector_type = PollingSimulator
    way = "poll"


class StreamHarness(SimulatorHarness):
    connector_type = StreamingSimulator
    way = "stream"


class WebhookHarness(SimulatorHarness):
    connector_type = WebhookSimulator
    way = "webhook"


CASES = [
    pytest.param(kind, imitates, check, id=f"{kind.way}-{imitates}-{check}")
    for kind, imitates in (
        (PollHarness, "email"),
        (StreamHarness, "messenger"),
        (WebhookHarness, "social"),
        (WebhookHarness, "messenger"),
    )
    for check in checks_for(kind)
]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.mark.parametrize(("kind", "imitates", "check"), CASES)
async def test_the_simulator_conforms(
    kind: type[SimulatorHarness], imitates: Imitation, check: Check, http: aiohttp.ClientSession
) -> None:
    harness = kind(http, imitates)
    try:
        await check(harness)
    finally:
        close_world(harness.world.name)
