"""What a connector's author provides so that every check can run: the connector and its counterpart."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

import aiohttp
from pydantic import BaseModel

from hub.contract.connector import Connector, Kit
from hub.contract.inbound import WebhookRequest
from hub.contract.outbound import OutboundMessage, Sent
from hub.model.content import Attachment


class Failure(StrEnum):
    """The ways a counterpart is made to fail. Each has one right answer in the contract's words."""

    UNAVAILABLE = "unavailable"  # down, refusing connections or answering 5xx: nothing was taken
    RATE_LIMITED = "rate_limited"  # told to wait
    AUTH_BROKEN = "auth_broken"  # the credentials are refused
    REJECTED = "rejected"  # this message will never be accepted
    LOST_ANSWER = "lost_answer"  # the message is taken, and the answer never comes back


class Harness(ABC):
    """One connector with its counterpart: a real server, a fake of the platform, or the simulator.

    Subclass it, give it to a fixture, and parametrise one test (a fresh harness for every check):

        @pytest.fixture
        async def harness() -> AsyncIterator[Harness]:
            async with aiohttp.ClientSession() as http:
                yield MyHarness(kit_for(http))       # start the counterpart before, stop it after

        @pytest.mark.parametrize("check", checks_for(MyHarness), ids=str)
        async def test_it_conforms(check: Check, harness: Harness) -> None:
            await check(harness)

    Asked of everyone: `connector_type`, `secrets`, `make`, `arrive`, `outbound`, `sends`, `fail` and
    `confirm`. The rest is for connectors that take webhooks. What a counterpart truly cannot do goes
    into `exempt` with the reason; nothing is passed over in silence.
    """

    connector_type: ClassVar[type[Connector[Any]]]
    exempt: ClassVar[Mapping[Failure, str]] = {}  # failure -> why this platform cannot fail so
    secrets: tuple[str, ...] = ()  # what the configuration hides; must be seen nowhere
    patience: float = 20.0  # seconds within which what has arrived must be handed over
    headway: float = 0.3  # seconds for a reading to get going before it is disturbed
    closing: float = 5.0  # seconds within which `close` and a cancellation must be done

    @abstractmethod
    def make(self) -> Connector[Any]:
        """A new connector, not yet connected, on the same counterpart and the same configuration.

        It reads "from now on", and gives up waiting for an answer within a few seconds.
        """

    @abstractmethod
    async def arrive(self, count: int) -> None:
        """Customers write `count` new messages to us. When this returns the counterpart has them."""

    @abstractmethod
    def outbound(self, key: str) -> OutboundMessage:
        """A message that the counterpart takes when all is well. `key` is its delivery id."""

    @abstractmethod
    def sends(self) -> int:
        """How often the counterpart was asked to take a message (SMTP: MAIL FROM), refused ones included.

        An attempt that could not even connect need not be counted.
        """

    @abstractmethod
    async def fail(self, failure: Failure | None) -> None:
        """From now on the counterpart fails in this way, for reading and sending alike; None mends it."""

    @abstractmethod
    async def confirm(self, message: OutboundMessage, sent: Sent) -> None:
        """Let something come in that names what we sent: a receipt, an echo, the customer's answer to it."""

    # For connectors that take webhooks.

    signs_time: ClassVar[bool] = True  # does the signature cover a moment? Then an old one is refused
    signs_body: ClassVar[bool] = True  # does it cover the bytes? Telegram sends a secret along, and no more

    async def requests(self) -> Sequence[WebhookRequest]:
        """What the platform has posted since the last call, rightly signed, in order."""
        raise LookupError(f"{type(self).__name__} takes webhooks, so it must provide requests().")

    def aged(self, request: WebhookRequest) -> WebhookRequest:
        """The same body, rightly signed an hour ago. Not asked for where `signs_time` is False."""
        raise LookupError(f"{type(self).__name__} signs a time, so it must provide aged().")

    def challenge(self) -> tuple[WebhookRequest, bytes] | None:
        """The platform's ownership check and the body it wants back; None where there is no such check."""
        return None

    def for_another(self) -> WebhookRequest | None:
        """A rightly signed request about an account that is not ours; None where that cannot happen."""
        return None


@dataclass(frozen=True)
class Check:
    """One promise of the contract. Calling it returns nothing, or raises `Broken` saying what is wrong."""

    name: str
    run: Callable[[Harness], Awaitable[None]]
    needs: tuple[type, ...] = ()  # protocols; a check is for connectors that implement all of them
    failure: Failure | None = None  # the failure it needs the counterpart to make

    async def __call__(self, harness: Harness) -> None:
        await self.run(harness)

    def __str__(self) -> str:
        return self.name

    def is_for(self, harness: type[Harness]) -> bool:
        if self.failure is not None and self.failure in harness.exempt:
            return False
        return all(issubclass(harness.connector_type, protocol) for protocol in self.needs)


class Broken(AssertionError):
    """The connector breaks a promise; the text says which and how."""


def require(holds: object, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)


def kit_for(
    http: aiohttp.ClientSession,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    media: Mapping[str, bytes] | None = None,
    saved: list[BaseModel] | None = None,
) -> Kit:
    """A connector's outside world for tests: `media` answers `kit.read`, `saved` collects what is saved."""
    stored = media or {}

    async def read(attachment: Attachment) -> bytes:
        return stored[attachment.stored or ""]

    async def save_config(config: BaseModel) -> None:
        if saved is not None:
            saved.append(config)

    log = logging.LoggerAdapter(logging.getLogger("hubbub.tests.channel"), {})
    return Kit(http=http, now=now, log=log, read=read, save_config=save_config)
