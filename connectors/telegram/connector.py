"""The Telegram connector, on the Bot API by python-telegram-bot's `Bot`, without its application loop.

In:  long polling or webhooks, as the configuration chooses; both hand over `Update`s as they came (`read`).
Out: text with entities, pictures, files, albums; edits, deletions, reactions, "is typing".

https://core.telegram.org/bots/api (checked 2026-11-23).
"""

import asyncio
import hmac
import json
import re
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self

import telegram
from telegram import error as tg
from telegram.constants import ChatAction

from connectors.telegram import businesses, changing
from connectors.telegram.bot import make_bot, pieces_of
from connectors.telegram.buttons import settle
from connectors.telegram.config import QUESTIONS, TelegramConfig, adjusted_config, config_from, settings_of
from connectors.telegram.limits import LARGE, SURFACES, of_business
from connectors.telegram.read import Reader
from connectors.telegram.sending import Sending, Words, number_of, place_of
from connectors.telegram.steps import STEPS, check
from connectors.telegram.telling import judged
from connectors.telegram.trouble import translate
from connectors.telegram.updates import KINDS, arrived
from hub.contract.capabilities import Capabilities, Surface
from hub.contract.connector import Account, Connector, Kit, Manifest, Question, SetUp
from hub.contract.errors import (
    OutcomeUnknown,
    PayloadUnrecognised,
    SignatureInvalid,
)
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
from hub.model.content import Attachment, Content

LONG_POLL = timedelta(seconds=25)
AT_ONCE = 100  # updates per answer, Telegram's most
FORGOTTEN = timedelta(days=6)  # after a week without updates Telegram begins to count anywhere anew
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 its name
_CURSOR = re.compile(r"(\d{1,18})@(\d{1,12})", re.ASCII)


class TelegramConnector(Connector[TelegramConfig]):
    manifest = Manifest(
        platform="telegram",
        name="Telegram",
        config=TelegramConfig,
        surfaces=SURFACES,
        poll_every=timedelta(milliseconds=50),  # every poll waits for news itself
        source="https://core.telegram.org/bots/api",
        checked=date(2026, 11, 30),
        questions=QUESTIONS,
        steps=STEPS,
    )

    def __new__(cls, config: TelegramConfig, kit: Kit) -> Self:
        chosen = _WAYS[config.way] if cls is TelegramConnector else cls
        return object.__new__(chosen)  # type: ignore[return-value]  # always a subclass of cls

    def __init__(self, config: TelegramConfig, kit: Kit) -> None:
        super().__init__(config, kit)
        self.reader = Reader(config.bot_id, config.username, config.groups, config.start_field)
        self._bot: telegram.Bot | None = None
        self._noting = asyncio.Lock()

    @classmethod
    async def set_up(cls, answers: Mapping[str, str], kit: Kit) -> SetUp:
        """Raises AuthBroken, Unavailable, or Rejected for an answer that cannot be right."""
        config = config_from(answers)
        connector = TelegramConnector(config, kit)
        try:
            account = await connector.connect()
            me = await connector.bot.get_me()
        except tg.TelegramError as problem:
            raise translate(problem) from problem
        finally:
            await connector.close()
        found = [f"The bot is called {me.full_name} (@{me.username})."]
        if not me.can_join_groups:
            found.append("It cannot be added to groups; /setjoingroups at @BotFather changes that.")
        elif not me.can_read_all_group_messages and config.groups == "all":
            found.append("It does not see everything in groups; /setprivacy at @BotFather changes that.")
        return SetUp(config.model_copy(update={"username": me.username or ""}), account, tuple(found))

    @classmethod
    async def check_step(cls, step: str, answers: Mapping[str, str], kit: Kit) -> Sequence[str]:
        return await check(step, config_from(answers), kit)

    def settings(self) -> tuple[Question, ...]:
        return settings_of(self.config)

    def adjusted(self, answers: Mapping[str, str]) -> TelegramConfig:
        return adjusted_config(self.config, answers)

    @property
    def surfaces(self) -> Mapping[Surface, Capabilities]:
        """A Bot API server of one's own takes larger files."""
        return LARGE if self.config.has_own_server else SURFACES

    def limits(self, thread: Thread) -> Capabilities | None:
        found = self.surfaces.get(thread.surface)
        return of_business(found) if found and "@" in thread.key else found

    @property
    def bot(self) -> telegram.Bot:
        """Made when it is first needed: to read what arrived nobody needs a connection."""
        if self._bot is None:
            self._bot = make_bot(self.config)
        return self._bot

    async def connect(self) -> Account:
        try:
            await self.bot.initialize()
            me = await self.bot.get_me()
        except tg.TelegramError as problem:
            raise translate(problem) from problem
        return Account(key=str(me.id), name=f"{me.full_name} (@{me.username})")

    async def prepare(self, event: ArrivedRaw) -> ArrivedRaw:
        """Nothing is added; whoever pressed a button is shown what they picked, and businesses are noted."""
        if not any(each in event.body for each in (b'"callback_query"', b'"business_connection"')):
            return event
        try:
            update = json.loads(event.body)
            press, business = update.get("callback_query"), businesses.update_in(update)
        except (ValueError, AttributeError, RecursionError):
            return event
        bot = self._bot or make_bot(self.config)
        try:
            if isinstance(press, Mapping):
                await settle(bot, press, self.kit.log)
            if business is not None:
                await self._note(bot, business)
        finally:
            if bot is not self._bot:
                await bot.request.shutdown()
        return event

    async def _note(self, bot: telegram.Bot, business: Mapping[str, Any]) -> None:
        """Keep whether its chats can be answered: the process that runs the channel reads it there."""
        async with self._noting:
            try:
                now, user = await businesses.standing(bot, business), int(business["user"]["id"])
            except (LookupError, TypeError, ValueError, OverflowError):
                return
            fresh = businesses.changed(self.config, user, now)
            if fresh != self.config:
                await self.kit.save_config(fresh)
                self.config = fresh

    def trouble(self) -> str:
        """Which businesses cannot be answered, while all others can."""
        return businesses.told(self.config)

    def read(self, event: ArrivedRaw) -> Sequence[InboundEvent]:
        return self.reader.read(event)

    async def send(self, message: OutboundMessage) -> Sent:
        files = [(each.name, each.mime, await self.kit.read(each)) for each in message.content.attachments]
        words = Words.of(message.content.text, message.content.markup)
        reply_to = number_of(message.reply_to) if message.reply_to else None
        sending = Sending(self.bot, place_of(message.thread), reply_to, [], message.content.choices)
        moved: Thread | None = None
        try:
            try:
                await sending.send(words, files)
            except tg.ChatMigrated as problem:  # nothing was taken at the old address
                moved = Thread(str(problem.new_chat_id), message.thread.surface)
                sending.place, sending.reply_to = place_of(moved), None
                await sending.send(words, files)
        except tg.TelegramError as problem:
            refused = translate(problem, sending=True)
            if sending.sent:
                raise OutcomeUnknown(f"A part of it was sent, and then: {refused}") from problem
            raise refused from problem
        place = (moved or message.thread).key.partition(":")[0]
        names = tuple(RemoteId(f"{place}/{each.message_id}") for each in sending.sent)
        return Sent(messages=names, at=datetime.now(UTC), thread=moved)

    async def edit(self, thread: Thread, message: RemoteId, content: Content) -> None:
        """`message`: the first of those it was sent as, which has its words."""
        await self._call(changing.edit(self.bot, place_of(thread), number_of(message), content))

    async def delete(self, thread: Thread, message: RemoteId) -> None:
        await self._call(changing.delete(self.bot, place_of(thread), number_of(message)))

    async def react(self, thread: Thread, message: RemoteId, emoji: str, *, on: bool) -> None:
        await self._call(changing.react(self.bot, place_of(thread), number_of(message), emoji, on=on))

    async def mark_read(self, thread: Thread, message: RemoteId) -> None:
        await self._call(changing.mark_read(self.bot, place_of(thread), number_of(message)))

    async def typing(self, thread: Thread, *, on: bool) -> None:
        """Telegram shows it for five seconds, and cannot be told to stop."""
        if not on:
            return
        place = place_of(thread)
        await self._call(
            self.bot.send_chat_action(
                place.chat,
                ChatAction.TYPING,
                message_thread_id=place.topic,
                business_connection_id=place.connection,
            )
        )

    async def _call(self, call: Awaitable[object]) -> None:
        try:
            await call
        except tg.TelegramError as problem:
            raise translate(problem) from problem

    async def media(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """Also asked of connectors that never connected: what they open for it they close again."""
        bot = self._bot or make_bot(self.config)
        try:
            found = pieces_of(
                bot, self.kit.http, attachment.remote or "", own_server=self.config.has_own_server
            )
            async for piece in found:
                yield piece
        finally:
            if bot is not self._bot:
                await bot.request.shutdown()

    async def close(self) -> None:
        bot, self._bot = self._bot, None
        if bot is not None:
            await bot.shutdown()


class PollingTelegram(TelegramConnector):
    async def connect(self) -> Account:
        """A webhook that is still set would take everything away from us."""
        account = await super().connect()
        try:
            if (await self.bot.get_webhook_info()).url:
                await self.bot.delete_webhook(drop_pending_updates=False)
        except tg.TelegramError as problem:
            raise translate(problem) from problem
        return account

    async def poll(self, cursor: Cursor | None) -> Batch:
        """The cursor is the next update's number and when the last one came.

        At first, what waits comes in: Telegram keeps it for a day, and whoever wrote waits for an answer.
        """
        now = int(self.kit.now().timestamp())
        known = _CURSOR.fullmatch(cursor or "")
        offset, since = (int(known[1]), int(known[2])) if known else (0, now)
        fresh = now - since < FORGOTTEN.total_seconds()
        wait = int(LONG_POLL.total_seconds()) if cursor is not None else 0
        updates = await self._updates(offset=offset if fresh else 0, limit=AT_ONCE, timeout=wait)
        if not updates:
            return Batch((), cursor if known else Cursor(f"0@{now}"))
        events = [arrived(number, update, self.kit.now()) for number, update in updates]
        return Batch(events, Cursor(f"{updates[-1][0] + 1}@{now}"), more=len(updates) == AT_ONCE)

    async def _updates(self, *, offset: int, limit: int, timeout: int) -> list[tuple[int, Any]]:
        """Updates with their numbers, as they came: one that python-telegram-bot cannot read stops nobody.

        In small letters, which Telegram does not mind, as the library has another way for the large ones.
        """
        call = {"limit": limit, "timeout": timeout, "allowed_updates": list(KINDS)}
        if offset:
            call["offset"] = offset
        try:
            found = await self.bot.do_api_request(
                "getupdates", api_kwargs=call, read_timeout=timeout + self.config.timeout
            )
        except tg.TelegramError as problem:
            raise translate(problem) from problem
        numbered = [
            each for each in found if isinstance(each, dict) and isinstance(each.get("update_id"), int)
        ]
        return sorted(((each["update_id"], each) for each in numbered), key=lambda pair: pair[0])


class WebhookTelegram(TelegramConnector):
    def challenge(self, request: WebhookRequest) -> WebhookReply | None:
        return None  # Telegram asks for none

    def verify(self, request: WebhookRequest) -> None:
        """Telegram sends our secret along and signs nothing: only https keeps the body as it was."""
        secret = self.config.webhook_secret
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
        if secret is None or not hmac.compare_digest(given, secret.get_secret_value().encode()):
            raise SignatureInvalid("The request does not carry this channel's secret.")

    def parse(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        try:
            update = json.loads(request.body)
            number = update["update_id"]
        except (ValueError, LookupError, TypeError, RecursionError) as problem:
            raise PayloadUnrecognised("This is not an update of Telegram's.") from problem
        if not isinstance(number, int) or isinstance(number, bool) or abs(number) > 10**18:
            raise PayloadUnrecognised("An update of Telegram's without its number.")
        return (arrived(number, update, self.kit.now()),)

    async def register_webhook(self, url: str) -> None:
        secret = self.config.webhook_secret
        assert secret is not None
        await self._call(
            self.bot.set_webhook(url, secret_token=secret.get_secret_value(), allowed_updates=list(KINDS))
        )

    async def check_webhook(self, url: str) -> str:
        try:
            return judged(await self.bot.get_webhook_info(), url, self.kit.now())
        except tg.TelegramError as problem:
            raise translate(problem) from problem

    async def probe(self) -> AsyncIterator[str]:
        """Nobody can write to a bot but people: what Telegram says of its calls has to do."""
        yield await self.check_webhook("")

    async def unregister_webhook(self) -> None:
        await self._call(self.bot.delete_webhook(drop_pending_updates=False))


_WAYS: Mapping[str, type[TelegramConnector]] = {"poll": PollingTelegram, "webhook": WebhookTelegram}
