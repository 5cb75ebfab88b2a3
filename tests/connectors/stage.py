"""What faults are played on: a connector's counterpart with three customers."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel

from hub.contract.connector import Connector
from hub.contract.inbound import WebhookRequest
from tests.conformance import Failure

CUSTOMERS = ("ana", "tomas", "li")


class Stage(ABC):
    """A connector's counterpart, with three customers, each in a place of their own."""

    kind: ClassVar[type[Connector[Any]]]

    @property
    @abstractmethod
    def config(self) -> BaseModel:
        """Of the channel; the connector gives up waiting for an answer within a few seconds."""

    @abstractmethod
    async def write(self, who: str, text: str) -> None:
        """A customer says something, after whatever they said before."""

    @abstractmethod
    def taken(self, who: str) -> list[str]:
        """What the counterpart has taken from us for this customer, in order."""

    @abstractmethod
    async def fail(self, failure: Failure | None) -> None:
        """As `Harness.fail`."""

    async def requests(self) -> Sequence[WebhookRequest]:
        """What the platform has posted since the last call, for those that post."""
        return ()

    def follow(self, clock: Callable[[], datetime]) -> None:  # noqa: B027 most tell no time
        """Tell the time by this clock, from before anybody wrote."""

    async def gone(self) -> None:
        """The platform cannot be reached, and ends every connection. `fail(None)` brings it back."""
        await self.fail(Failure.UNAVAILABLE)
