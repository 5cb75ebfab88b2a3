"""The two questions the hub asks its router. Both answers are decisions, not deeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hub.contract.inbound import Author
from hub.model.channels import Channel
from hub.model.inbox import Conversation
from hub.model.people import Identity


@dataclass(frozen=True, slots=True)
class Link:
    """Attach the identity to this customer; None: make a new one. `suggest` is for a human to judge."""

    customer: str | None
    because: str
    suggest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who should have the conversation. Both None: it stays where it is."""

    team: str | None
    agent: str | None
    because: str


class Router(Protocol):
    def link(self, author: Author, candidates: Sequence[Identity]) -> Link:
        """`candidates`: identities that share a verified e-mail address or phone number with the author."""

    def assign(self, conversation: Conversation, channel: Channel, now: datetime) -> Assignment: ...
