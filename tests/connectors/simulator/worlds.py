"""A world, a channel in it and a clock, for the simulator's own tests."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from pydantic import SecretStr

from connectors.simulator import SimulatorConfig, SimulatorConnector, World, open_world
from connectors.simulator.platform import Platform
from hub.contract.inbound import Thread
from hub.contract.outbound import OutboundMessage
from hub.model.content import Content
from tests.conformance import kit_for

TOKEN, HOOK_SECRET = "s3cret-token-of-the-shop", "s3cret-that-signs-webhooks"
_NUMBERS = itertools.count(1)


class Clock:
    """Time that passes only when told to."""

    def __init__(self, at: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


def fresh_world(clock: Clock | None = None, *, seed: int = 7) -> World:
    return open_world(f"test-{next(_NUMBERS)}", seed=seed, now=clock or Clock())


def connector_for(platform: Platform, http: aiohttp.ClientSession, **config: Any) -> SimulatorConnector:
    """A channel on `platform`. Its media store knows the file "m1"."""
    settings = SimulatorConfig(
        world=platform.world.name,
        account=platform.account,
        imitates=platform.imitates,
        token=SecretStr(TOKEN),
        **{"webhook_secret": SecretStr(HOOK_SECRET), **config},
    )
    kit = kit_for(http, now=platform.world.now, media={"m1": b"\x89PNG a picture"})
    return SimulatorConnector(settings, kit)


def message_to(
    platform: Platform, thread: Thread, key: str = "k1", text: str = "Gladly.", **more: Any
) -> Any:
    """An answer of ours in `thread`, to whoever is in it."""
    place = platform.places[thread.key]
    to = tuple(platform.name_of(person) for person in place.people)
    content = more.pop("content", None) or Content(text=text)
    at = platform.world.now()
    return OutboundMessage(key=key, thread=thread, to=to, content=content, at=at, **more)
