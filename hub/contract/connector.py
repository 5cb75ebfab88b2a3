"""The connector contract. Implement Connector, one way in, and whatever else the platform offers.

Long because a connector's author finds everything here.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import ClassVar, Generic, Protocol, TypeVar, runtime_checkable

import aiohttp
from pydantic import BaseModel

from hub.contract.capabilities import Capabilities, Surface
from hub.contract.inbound import (
    ArrivedRaw,
    Batch,
    Cursor,
    InboundEvent,
    RemoteId,
    Thread,
    WebhookReply,
    WebhookRequest,
)
from hub.contract.outbound import OutboundMessage, Sent
from hub.contract.steps import Step
from hub.contract.visitors import Elsewhere, Visitor, Visitors
from hub.model.content import Attachment, Content

ConfigT = TypeVar("ConfigT", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to ask whoever connects a channel; page and terminal draw it the same way."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    default: str = ""  # shown, and taken when nothing is typed
    required: bool = True
    choices: tuple[str, ...] = ()
    advanced: bool = False  # usually found by itself: asked only on request
    when: tuple[str, tuple[str, ...]] | None = None  # only where that question is answered by one of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the hub may know of a platform without connecting to it."""

    platform: str  # "telegram": also the key in MongoDB, so it never changes
    name: str
    config: type[BaseModel]  # the setup form is drawn from it; secrets are SecretStr
    surfaces: Mapping[Surface, Capabilities]
    poll_every: timedelta | None = None
    source: str  # the vendor page the limits come from
    checked: date  # when someone last compared them
    hosted: bool = False  # the hub itself is the platform: there is nobody to connect to
    questions: tuple[Question, ...] = ()  # for `SetsUp.set_up`; empty: asked from `config` itself
    steps: tuple[Step, ...] = ()  # for `ChecksSteps`: the vendor's, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who we are on the platform, as `connect` found it."""

    key: str
    name: str
    surfaces: Mapping[Surface, Capabilities] = field(default_factory=dict)  # overrides Connector.surfaces


def _to_nobody(sentence: str) -> None:
    """Nobody is watching."""


async def _never() -> datetime | None:
    """Nobody keeps what is posted."""
    return None


@dataclass(frozen=True, slots=True)
class Kit:
    """The only outside world a connector gets."""

    http: aiohttp.ClientSession
    now: Callable[[], datetime]
    log: logging.LoggerAdapter[logging.Logger]  # already names the channel; scrubs secrets
    read: Callable[[Attachment], Awaitable[bytes]]  # the bytes of a stored attachment
    save_config: Callable[[BaseModel], Awaitable[None]]  # refreshed tokens
    tell: Callable[[str], None] = _to_nobody  # a sentence per step, to whoever watches a channel being set up
    public_url: str = ""  # where platforms reach this Hubbub; "" where nobody said
    hook: str = ""  # where this channel's webhooks come to; "" where nobody said
    last_posted: Callable[[], Awaitable[datetime | None]] = _never  # when the last one came, rightly signed
    visitors: Visitors | None = None  # of this channel, where customers speak to the hub itself


class Connector(ABC, Generic[ConfigT]):
    manifest: ClassVar[Manifest]

    def __init__(self, config: ConfigT, kit: Kit) -> None:
        """Keep the two. No I/O, no tasks."""
        self.config = config
        self.kit = kit

    @property
    def surfaces(self) -> Mapping[Surface, Capabilities]:
        """What this channel can do, as far as its settings tell: usually what the manifest says."""
        return self.manifest.surfaces

    def limits(self, thread: Thread) -> Capabilities | None:
        """What can be done in one thread: usually what its surface can. Pure. None: nothing at all."""
        return self.surfaces.get(thread.surface)

    @abstractmethod
    async def connect(self) -> Account:
        """Prove the credentials and say who we are. Called again after any failure."""

    @abstractmethod
    async def send(self, message: OutboundMessage) -> Sent:
        """Deliver one message, once. Never retries: the outbox does."""

    async def close(self) -> None:
        """Let go of everything within five seconds. Safe to call twice, or before connect."""


# Ways in. Implement at least one; each yields the same events.


@runtime_checkable
class Polls(Protocol):
    async def poll(self, cursor: Cursor | None) -> Batch:
        """What is new since `cursor`; None means from now on, with what the platform has kept for us."""


@runtime_checkable
class Streams(Protocol):
    def stream(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """Batches as they happen. Being asked for the next one is the acknowledgement of the last."""


@runtime_checkable
class TakesWebhooks(Protocol):
    def challenge(self, request: WebhookRequest) -> WebhookReply | None:
        """Answer a platform's ownership check; None when this is not one."""

    def verify(self, request: WebhookRequest) -> None:
        """Raise SignatureInvalid unless the platform signed exactly these bytes, recently."""

    def parse(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        """Pure. Only what is addressed to this channel's account; () for events we ignore."""


@runtime_checkable
class ReadsRaw(Protocol):
    def read(self, event: ArrivedRaw) -> Sequence[InboundEvent]:
        """Pure. Read an event in its wire form; the worst input gives a readable message, never an error.

        May be called by a process that never connected; the results carry `event.key`, `#2` … behind it
        from the second on.
        """


@runtime_checkable
class Prepares(Protocol):
    async def prepare(self, event: ArrivedRaw) -> ArrivedRaw:
        """The event with what only the platform can tell about it: names behind ids. Asked before `read`.

        Also the place to answer what people do in the platform's own pages. May be called more than once, and
        by a process that never connected. Raises Unavailable: asked again later, and at last read as it came.
        """


@runtime_checkable
class RegistersWebhooks(Protocol):
    async def register_webhook(self, url: str) -> None: ...
    async def unregister_webhook(self) -> None: ...


@runtime_checkable
class ChecksWebhook(Protocol):
    """Platforms that tell how their calls to us go."""

    async def check_webhook(self, url: str) -> str:
        """A sentence where they arrive at `url` ("": wherever they go). Raises a ConnectorError."""


@runtime_checkable
class TellsTrouble(Protocol):
    """Channels of which a part may fail while the rest goes on: one workspace of several."""

    def trouble(self) -> str:
        """What an admin has to do, as a sentence; "" while all is well. Pure, asked again and again."""


# Things some platforms can also do. Most pair with a Capabilities field.


@runtime_checkable
class NamesMessages(Protocol):
    def name_message(self, message: OutboundMessage) -> RemoteId:
        """The remote id this message will have, known before the first attempt. Pure."""


@runtime_checkable
class ShowsText(Protocol):
    """What a text will look like to the customer, where that is not the text itself. Pure."""

    def shown(self, content: Content, agent_name: str | None, signature: str = "") -> str:
        """As HTML, with what is put below it; `signature` is the writer's own."""

    def signature(self, agent_name: str | None, signature: str = "") -> str:
        """What is put below every message of this writer, as text; "" for nothing."""


@runtime_checkable
class Embeds(Protocol):
    """Channels that stand on somebody's site."""

    def snippet(self, url: str, channel: str) -> str:
        """What to put into a page, as HTML. `url`: where the hub is. Pure."""


@runtime_checkable
class GoesOnByMail(Protocol):
    """Chats that go on when their visitor has left."""

    def goes_on(self, visitor: Visitor) -> Elsewhere | None:
        """None: it waits for them. Pure."""


@runtime_checkable
class FindsSent(Protocol):
    async def find_sent(self, message: OutboundMessage) -> Sent | None:
        """Look up whether an attempt of unknown outcome arrived after all. None: cannot tell."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """What connecting a channel found: a proven configuration, and what to tell the person."""

    config: BaseModel
    account: Account
    found: tuple[str, ...]  # sentences


@runtime_checkable
class SetsUp(Protocol):
    @classmethod
    async def set_up(cls, answers: Mapping[str, str], kit: Kit) -> SetUp:
        """Turn the answers to `manifest.questions` into a configuration and prove it by connecting."""


@runtime_checkable
class ChecksSteps(Protocol):
    @classmethod
    async def check_step(cls, step: str, answers: Mapping[str, str], kit: Kit, /) -> Sequence[str]:
        """Look whether a step of `manifest.steps` is done, with the answers given so far; changes nothing.

        Sentences about what was found. Raises a ConnectorError with what the platform said, word for word.
        """


@runtime_checkable
class Reconciles(Protocol):
    """Platforms that can be asked what they still hold: to see whether anything is missing here."""

    async def held(self, cursor: Cursor) -> Sequence[str]:
        """Keys of events the platform holds, of those handed over up to `cursor`; never one too many."""

    async def fetch(self, keys: Sequence[str]) -> Sequence[InboundEvent]:
        """These events once more, under the same keys, as far as they are still held."""


@runtime_checkable
class Renews(Protocol):
    """New credentials for a channel that has its settings already."""

    def renewal(self) -> tuple[Question, ...]:
        """What to ask: the secrets, and nothing that is known."""

    def renewed(self, answers: Mapping[str, str]) -> BaseModel:
        """The configuration with them. Pure; it is proven by connecting."""


@runtime_checkable
class Adjusts(Protocol):
    """Settings that may change while the channel stays the same account.

    Without it: the questions whose answers stand in the configuration under their names, and are no secrets.
    """

    def settings(self) -> tuple[Question, ...]:
        """What may be changed, each with what it is now as its default; no secrets. Pure."""

    def adjusted(self, answers: Mapping[str, str]) -> BaseModel:
        """The configuration with them; what is not answered stays. Pure; it is proven by connecting.

        Raises a ConnectorError for an answer that cannot be right.
        """


@runtime_checkable
class Probes(Protocol):
    def probe(self) -> AsyncIterator[str]:
        """Send something to ourselves and wait for it, or look at the site we stand on. Yields a sentence per
        step passed; raises at the first that fails. What arrives of it is `Ignored` on the way in."""


@runtime_checkable
class Edits(Protocol):
    async def edit(self, thread: Thread, message: RemoteId, content: Content) -> None:
        """Change the words of what was sent; `content` is all of it, with files and buttons, as it will be.

        `message`: the first of the ids it was sent under.
        """


@runtime_checkable
class Deletes(Protocol):
    async def delete(self, thread: Thread, message: RemoteId) -> None: ...


@runtime_checkable
class Reacts(Protocol):
    async def react(self, thread: Thread, message: RemoteId, emoji: str, *, on: bool) -> None: ...


@runtime_checkable
class MarksRead(Protocol):
    async def mark_read(self, thread: Thread, message: RemoteId) -> None: ...


@runtime_checkable
class HostsRooms(Protocol):
    """A channel in which agents may be told of conversations, and answer them below."""

    def room(self, name: str) -> Thread:
        """The place by what an admin calls it. Pure. Raises Rejected."""

    def below(self, thread: Thread, message: RemoteId) -> Thread:
        """Where one answers a message that stands in a room. Pure."""


@runtime_checkable
class ShowsTyping(Protocol):
    async def typing(self, thread: Thread, *, on: bool) -> None: ...


@runtime_checkable
class Hides(Protocol):
    async def hide(self, thread: Thread, message: RemoteId, *, on: bool) -> None:
        """Hide or show a customer's public comment."""


@runtime_checkable
class FetchesMedia(Protocol):
    def media(self, attachment: Attachment) -> AsyncIterator[bytes]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    name: str | None = None
    handle: str | None = None
    avatar: Attachment | None = None
    locale: str | None = None


@runtime_checkable
class FetchesProfiles(Protocol):
    async def profile(self, author_key: str) -> Profile: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    name: str
    language: str
    body: str
    blanks: tuple[str, ...]


@runtime_checkable
class ListsTemplates(Protocol):
    async def templates(self) -> Sequence[Template]: ...


@runtime_checkable
class CatchesUp(Protocol):
    """Platforms that post to us, give up what nobody took, and can be asked for it later."""

    async def catch_up(self, cursor: Cursor | None) -> Batch:
        """What was missed since `cursor`, if that was so long ago that the platform may have given it up.

        Asked now and then, and at once while there is `more`; takes as long as the platform's pace demands.
        Looks whether the platform answers at all: while it does not, the cursor stays. None: from now on.
        """


@runtime_checkable
class Authorizes(Protocol):
    """OAuth: an admin agrees on the platform's own page, and comes back from it with a code.

    Class methods, as most of it runs before there is a channel. `answers` are those to `manifest.questions`,
    of which not all need be given; `known` is what a channel is set to that gets one installation more.
    """

    @classmethod
    def begin(cls, answers: Mapping[str, str], known: BaseModel | None, redirect: str, state: str) -> str:
        """The address to send them to. Raises Rejected for an answer that is missing or cannot be right."""

    @classmethod
    async def finish(
        cls, answers: Mapping[str, str], known: BaseModel | None, redirect: str, code: str, kit: Kit
    ) -> SetUp:
        """Turn the code into a configuration, and prove it. Raises a ConnectorError."""
