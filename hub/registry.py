"""The connectors this Hubbub knows, and how one is made for a channel."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from typing import Any

import aiohttp
from pydantic import BaseModel

from hub.auth.seal import Sealer, open_config, seal_config
from hub.clock import Clock
from hub.contract.connector import Connector, Kit
from hub.model.channels import Channel
from hub.model.content import Attachment
from hub.store import Store
from hub.visiting import ChannelVisitors


class UnknownPlatform(Exception):
    """A channel of a platform this Hubbub has no connector for."""


class OnDemand(Mapping[str, type[Connector[Any]]]):
    """Connectors by platform, each imported when somebody first asks for it."""

    def __init__(self, places: Mapping[str, str]) -> None:
        """`places`: "connectors.email.connector:EmailConnector"."""
        self._places = places

    def __getitem__(self, platform: str) -> type[Connector[Any]]:
        module, _, name = self._places[platform].partition(":")
        found: type[Connector[Any]] = getattr(import_module(module), name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(slots=True)
class Registry:
    """Makes connectors. Those made to read or name (no network) are kept until the channel changes."""

    types: Mapping[str, type[Connector[Any]]]
    store: Store
    sealer: Sealer
    http: aiohttp.ClientSession
    clock: Clock
    public_url: str = ""  # where platforms reach us
    _readers: dict[str, tuple[object, Connector[Any]]] = field(default_factory=dict)

    def connector_type(self, platform: str) -> type[Connector[Any]]:
        try:
            return self.types[platform]
        except KeyError:
            known = ", ".join(sorted(self.types))
            raise UnknownPlatform(f"There is no connector for {platform!r}; there are: {known}.") from None

    def kinds(self) -> list[type[Connector[Any]]]:
        """All of them, by their names."""
        return sorted(self.types.values(), key=lambda each: each.manifest.name)

    def build(self, channel: Channel) -> Connector[Any]:
        """A connector of its own for whoever will connect it and close it."""
        kind = self.connector_type(channel.platform)
        config = open_config(kind.manifest.config, channel.config, self.sealer, channel.id)
        keeping = _Keeping(self, channel.id, config.model_copy(deep=True))
        return kind(config, replace(self.kit(channel.id), save_config=keeping.save))

    def reader(self, channel: Channel) -> Connector[Any]:
        """A shared connector for pure work: verify, parse, read, name. Never connected, never closed."""
        kept = self._readers.get(channel.id)
        if kept is None or kept[0] != channel.config:
            kept = (channel.config, self.build(channel))
            self._readers[channel.id] = kept
        return kept[1]

    def kit(self, channel: str) -> Kit:
        """For a connector that is tried out; `build` makes one whose changes are kept."""
        log = logging.LoggerAdapter(logging.getLogger("connectors"), {"channel": channel})

        async def read(attachment: Attachment) -> bytes:
            if attachment.stored is None:
                raise ValueError(f"{attachment.name} is not in the media store")
            return await self.store.media.read(attachment.stored)

        async def not_yet(config: BaseModel) -> None:
            """Nothing is saved before it is proven."""

        return Kit(
            http=self.http,
            now=self.clock,
            log=log,
            read=read,
            save_config=not_yet,
            public_url=self.public_url,
            hook=f"{self.public_url}/hooks/{channel}" if self.public_url else "",
            last_posted=partial(self.store.channels.last_posted, channel),
            visitors=ChannelVisitors(self.store, channel, self.clock),
        )

    def sealed(self, config: BaseModel, channel: str) -> dict[str, Any]:
        return seal_config(config, self.sealer, channel)


@dataclass(slots=True)
class _Keeping:
    """Keeps what a connector changes in its configuration, refreshed tokens for one, and nothing else of it:
    somebody may have changed the rest since the connector was made.
    """

    registry: Registry
    channel: str
    was: BaseModel  # as the connector was made with it, or kept it last

    async def save(self, config: BaseModel) -> None:
        channels = self.registry.store.channels
        while found := await channels.find(self.channel):
            theirs = open_config(type(config), found.config, self.registry.sealer, found.id)
            both = merged(self.was, config, theirs)
            if await channels.change_config(found, self.registry.sealed(both, found.id)):
                self.was = config.model_copy(deep=True)
                return


def merged(was: Any, ours: Any, theirs: Any) -> Any:
    """`theirs` with what `ours` changed of what `was`: entry by entry in tables."""
    if ours == was:
        return theirs
    if isinstance(ours, BaseModel) and type(ours) is type(was) is type(theirs):
        names = type(ours).model_fields
        changed = {name: merged(*(getattr(each, name) for each in (was, ours, theirs))) for name in names}
        return theirs.model_copy(update=changed)
    if isinstance(ours, dict) and isinstance(was, dict) and isinstance(theirs, dict):
        changed = {key: merged(was.get(key), value, theirs.get(key)) for key, value in ours.items()}
        kept = {**theirs, **{key: value for key, value in changed.items() if key in theirs or key not in was}}
        return {key: value for key, value in kept.items() if key in ours or key not in was}
    return ours
