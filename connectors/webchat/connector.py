"""The web chat's connector: the hub itself is the platform, and visitors' pages are where messages arrive.

In:  the door (`door`) hands over what browsers send, as signed webhooks (`wire`).
Out: a line is kept and shown wherever the visitor is; whoever comes later reads it then.
"""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from html import escape

from markdown_it import MarkdownIt
from pydantic import BaseModel, SecretStr, ValidationError

from connectors.webchat import site, steps, wire
from connectors.webchat.config import QUESTIONS, WebchatConfig, read_answers, shown_answers
from connectors.webchat.texts import TEXTS, chosen_language, filled
from hub.contract.capabilities import (
    Capabilities,
    ChoiceLimits,
    MediaLimits,
    ReceiptState,
    Surface,
    TextLimits,
)
from hub.contract.connector import Account, Connector, Kit, Manifest, Question, SetUp
from hub.contract.errors import ConnectorError, Rejected, RejectReason
from hub.contract.inbound import InboundEvent, RemoteId, Thread, WebhookReply, WebhookRequest
from hub.contract.outbound import OutboundMessage, Sent
from hub.contract.visitors import Elsewhere, Line, Visitor, Visitors
from hub.model.content import Content, Markup

CHANGEABLE = timedelta(days=30)
LATELY = 20  # lines that are looked at for the last of the visitor's
SURFACES = {
    Surface.DIRECT: Capabilities(
        text=TextLimits(longest=10_000, markup=frozenset({Markup.PLAIN, Markup.MARKDOWN})),
        media=MediaLimits(largest={"*/*": 25_000_000}, most=10),
        receipts=frozenset({ReceiptState.SENT, ReceiptState.DELIVERED, ReceiptState.READ}),
        edit_within=CHANGEABLE,
        delete_within=CHANGEABLE,
        reactions=frozenset(),
        quotes=True,
        choices=ChoiceLimits(most=10, longest=80),
        dedupes=True,
    )
}
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")


class WebchatConnector(Connector[WebchatConfig]):
    manifest = Manifest(
        platform="webchat",
        name="Web chat",
        config=WebchatConfig,
        surfaces=SURFACES,
        source="https://hubbub.example/docs/webchat",
        checked=date(2026, 11, 23),
        hosted=True,
        steps=steps.STEPS,
        questions=QUESTIONS,
    )

    @property
    def visitors(self) -> Visitors:
        if self.kit.visitors is None:
            raise ConnectorError("A web chat needs a hub that keeps what is said.")
        return self.kit.visitors

    async def connect(self) -> Account:
        """There is nobody to sign in to; but nothing works without the place where lines are kept."""
        await self.visitors.find_line("")
        return Account(key=self.config.origins[0], name=self.config.title)

    async def send(self, message: OutboundMessage) -> Sent:
        if message.template is not None:
            raise Rejected("The web chat has no templates.", reason=RejectReason.UNSUPPORTED)
        line = Line(
            id=self.name_message(message),
            thread=message.thread.key,
            at=self.kit.now(),
            ours=True,
            name=message.agent_name or "",
            content=message.content,
            reply_to=await self._shown_as_answered(message),
        )
        kept = await self.visitors.say(line)
        moved = Thread(kept.thread, message.thread.surface) if kept.thread != message.thread.key else None
        return Sent(messages=(RemoteId(kept.id),), at=kept.at, thread=moved)

    async def _shown_as_answered(self, message: OutboundMessage) -> str:
        """The line it answers; "" where that is the last thing they said, as everybody sees by themselves."""
        answered = await self.visitors.find_line(message.reply_to) if message.reply_to else None
        if answered is None or answered.deleted_at is not None:
            return ""
        lately = await self.visitors.list_lines(answered.thread, limit=LATELY)
        newest = next((each.id for each in reversed(lately) if not each.ours), "")
        return "" if answered.id == newest else answered.id

    def name_message(self, message: OutboundMessage) -> RemoteId:
        return wire.remote_id(message.thread.key, message.key)

    async def find_sent(self, message: OutboundMessage) -> Sent | None:
        kept = await self.visitors.find_line(self.name_message(message))
        return Sent(messages=(RemoteId(kept.id),), at=kept.at) if kept else None

    async def edit(self, thread: Thread, message: RemoteId, content: Content) -> None:
        changes = {"text": content.text, "edited_at": self.kit.now()}
        if not await self.visitors.change_line(message, changes):
            raise Rejected("This message is not there any more.", reason=RejectReason.MESSAGE_GONE)

    async def delete(self, thread: Thread, message: RemoteId) -> None:
        if not await self.visitors.change_line(message, {"deleted_at": self.kit.now()}):
            raise Rejected("This message is not there any more.", reason=RejectReason.MESSAGE_GONE)

    async def probe(self) -> AsyncIterator[str]:
        """A look at each site it is to stand on."""
        async for sentence in site.look(self.config, self.kit, self.visitors.channel):
            yield sentence

    async def react(self, thread: Thread, message: RemoteId, emoji: str, *, on: bool) -> None:
        line = await self.visitors.find_line(message)
        if line is None or line.deleted_at is not None:
            raise Rejected("This message is not there any more.", reason=RejectReason.MESSAGE_GONE)
        others = tuple(each for each in line.reactions if each != emoji)
        await self.visitors.change_line(message, {"reactions": (*others, emoji) if on else others})

    async def typing(self, thread: Thread, *, on: bool) -> None:
        await self.visitors.show_typing(thread.key, on=on)

    async def mark_read(self, thread: Thread, message: RemoteId) -> None:
        """Everything up to this message."""
        line = await self.visitors.find_line(message)
        await self.visitors.show_read(thread.key, line.at if line else self.kit.now())

    def challenge(self, request: WebhookRequest) -> WebhookReply | None:
        return None  # nobody else posts here

    def verify(self, request: WebhookRequest) -> None:
        wire.verify(self.config.secret.get_secret_value(), request.headers, request.body, self.kit.now())

    def parse(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        return wire.read(request.body)

    def shown(self, content: Content, agent_name: str | None, signature: str = "") -> str:
        return str(_MARKDOWN.render(content.text))

    def signature(self, agent_name: str | None, signature: str = "") -> str:
        return ""  # the name stands beside each message

    def snippet(self, url: str, channel: str) -> str:
        return f'<script src="{escape(url.rstrip("/"))}/chat/{escape(channel)}/widget.js" async></script>'

    def goes_on(self, visitor: Visitor) -> Elsewhere | None:
        config = self.config
        if not config.mail_after or not visitor.email:
            return None
        language = chosen_language(config.language, visitor.language)
        words = {**TEXTS[language], **config.texts.get(language, {})}
        blanks = {"title": config.title, "name": visitor.name}
        return Elsewhere(
            after=timedelta(minutes=config.mail_after),
            channel=config.mail_channel,
            subject=filled(words["mail_subject"], blanks),
            tail=filled(words["mail_tail"], blanks),
        )

    @classmethod
    async def set_up(cls, answers: Mapping[str, str], kit: Kit) -> SetUp:
        connector = cls(_config(answers, SecretStr(secrets.token_urlsafe(32))), kit)
        account = await connector.connect()
        snippet = connector.snippet(kit.public_url, connector.visitors.channel)
        return SetUp(connector.config, account, (f"Put this at the end of your pages: {snippet}",))

    @classmethod
    async def check_step(cls, step: str, answers: Mapping[str, str], kit: Kit) -> Sequence[str]:
        given = {"origins": "https://shop.example", **answers}
        config = _config(given, SecretStr(secrets.token_urlsafe(32)))
        return await site.look_before(config, kit) if step == "site" else steps.check(step, config, kit)

    def settings(self) -> tuple[Question, ...]:
        shown = shown_answers(self.config)
        return tuple(_asked_again(each, shown.get(each.name, "")) for each in QUESTIONS if not each.secret)

    def adjusted(self, answers: Mapping[str, str]) -> BaseModel:
        return self.renewed({**{each.name: each.default for each in self.settings()}, **answers})

    def renewal(self) -> tuple[Question, ...]:
        """The secret shared with the site, and all the rest as it is."""
        return (*(each for each in QUESTIONS if each.secret), *self.settings())

    def renewed(self, answers: Mapping[str, str]) -> BaseModel:
        kept = self.config
        given = {name: value for name, value in answers.items() if name != "identity_secret" or value}
        fresh = _config(given, kept.secret)
        also = {"demo": kept.demo}
        if "identity_secret" not in given:
            also["identity_secret"] = kept.identity_secret  # type: ignore[assignment]
        return fresh.model_copy(update=also)


def _asked_again(question: Question, value: str) -> Question:
    return Question(
        name=question.name,
        label=question.label,
        help=question.help,
        default=value,
        required=question.required,
        choices=question.choices,
        advanced=question.advanced,
    )


def _config(answers: Mapping[str, str], secret: SecretStr) -> WebchatConfig:
    """Raises ConnectorError that says what to change."""
    given = {name: value for name, value in answers.items() if value != ""}
    shared = given.get("identity_secret", "")
    if shared and len(shared) < 32:
        raise ConnectorError("The secret shared with your site needs at least 32 characters.")
    try:
        return WebchatConfig.model_validate({**read_answers(given), "secret": secret})
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        place = str(first["loc"][0]) if first["loc"] else "The answers"
        raise ConnectorError(f"{place}: {first['msg']}") from None
    except (ValueError, KeyError) as problem:
        raise ConnectorError(f"An answer cannot be read: {problem}") from None
