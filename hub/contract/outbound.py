"""What the hub hands to connectors, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.contract.capabilities import Visibility
from hub.contract.inbound import RemoteId, Thread
from hub.model.content import Content


@dataclass(frozen=True, slots=True)
class TemplateCall:
    """A platform-approved template and the values for its blanks."""

    name: str
    language: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    key: str  # our delivery id (24 hex digits): the idempotency key, the same at every attempt
    thread: Thread
    to: tuple[str, ...]  # identity keys; several only where `Capabilities.recipients`
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    content: Content
    at: datetime  # when it was written: the same at every attempt
    visibility: Visibility = Visibility.PRIVATE
    reply_to: RemoteId | None = None
    related: tuple[RemoteId, ...] = ()  # the chain it continues, oldest first, `reply_to` last
    template: TemplateCall | None = None
    automated: bool = False  # a rule or campaign wrote it, not a person
    agent_name: str | None = None  # who signs it; None for automatic ones
    signature: str = ""  # the writer's own, for platforms that put one below


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The platform took it. Several ids when one message had to be split."""

    messages: tuple[RemoteId, ...]
    at: datetime
    thread: Thread | None = None  # set when sending opened or moved the thread
    refused: Mapping[str, str] = field(default_factory=dict)  # recipient -> why; the others were taken
