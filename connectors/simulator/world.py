"""A small simulated world: people, and the platforms where they meet us. It lives inside the process.

    world = open_world("test", seed=7, now=clock)
    mail = world.platform("shop", imitates="email")
    ana = world.person("ana", name="Ana Sousa", email="ana@example.org")
    asked = mail.write(ana, "Where is my tent?", subject="Order 1042")
    ...                                     # the channel's connector reads it, an agent answers
    assert [copy.text for copy in world.inbox_of("ana")] == ["On its way."]

A connector finds its world by name, so that a channel's configuration can name it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from connectors.simulator.imitations import Imitation
from connectors.simulator.platform import Platform
from connectors.simulator.society import Persona, Received

_WORLDS: dict[str, "World"] = {}


def utc_now() -> datetime:
    return datetime.now(UTC)


class World:
    """Everyone and everything in one simulation. The same seed and the same deeds give the same world."""

    def __init__(
        self,
        name: str,
        *,
        seed: int = 1,
        now: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self.seed = seed
        self.now = now
        self.sleep = sleep
        self.people: dict[str, Persona] = {}
        self.platforms: dict[str, Platform] = {}
        self._inboxes: dict[str, list[Received]] = {}

    def person(self, key: str, **details: Any) -> Persona:
        """Somebody of this world; made on first mention, changed by giving details again."""
        known = self.people.get(key) or Persona(key=key, name=key.title())
        self.people[key] = replace(known, **details)
        return self.people[key]

    def platform(self, account: str, *, imitates: Imitation | None = None) -> Platform:
        """The platform where we are `account`; made on first mention."""
        known = self.platforms.get(account)
        if known is None:
            # A string as seed: the same in every process, unlike a hash of it.
            random = Random(f"{self.seed}:{self.name}:{account}")
            known = self.platforms[account] = Platform(self, account, imitates or "messenger", random)
        elif imitates is not None and imitates != known.imitates:
            raise ValueError(
                f"In world {self.name!r}, {account!r} imitates {known.imitates}, not {imitates}."
            )
        return known

    def inbox_of(self, person: Persona | str) -> tuple[Received, ...]:
        """Everything this customer was ever sent by us, on every platform, in the order it arrived.

        A message that was sent twice is here twice. What we edited or deleted afterwards shows so.
        """
        key = person if isinstance(person, str) else person.key
        return tuple(self._inboxes.get(key, ()))

    def put(self, person: Persona, copy: Received) -> None:
        """Lay a copy into somebody's inbox. Only platforms do."""
        self._inboxes.setdefault(person.key, []).append(copy)

    def change(self, message: str, **changes: Any) -> None:
        """Change every copy of a message. Only platforms do."""
        for copies in self._inboxes.values():
            copies[:] = [replace(copy, **changes) if copy.message == message else copy for copy in copies]

    def everything_received(self) -> tuple[tuple[str, Received], ...]:
        """Every copy in every inbox, with whose it is."""
        return tuple((key, copy) for key, copies in self._inboxes.items() for copy in copies)


class WorldExists(Exception):
    """Tests close their worlds, so that no two share one by mistake."""


def open_world(
    name: str,
    *,
    seed: int = 1,
    now: Callable[[], datetime] = utc_now,
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep,
) -> World:
    """A new world under a name of its own."""
    if name in _WORLDS:
        raise WorldExists(f"A simulated world named {name!r} is already open.")
    _WORLDS[name] = World(name, seed=seed, now=now, sleep=sleep)
    return _WORLDS[name]


def world_named(name: str) -> World:
    """The world of this name; an empty one when nobody opened it."""
    if name not in _WORLDS:
        _WORLDS[name] = World(name)
    return _WORLDS[name]


def close_world(name: str) -> None:
    _WORLDS.pop(name, None)
