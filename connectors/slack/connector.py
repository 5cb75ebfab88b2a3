"""The Slack connector, on slack_sdk's clients.

In:  Socket Mode or the Events API, as the configuration chooses; both hand over payloads as they came.
Out: text in Slack's markup, files by the new upload calls; edits, deletions, reactions.

https://docs.slack.dev/apis (checked 2026-11-23).
"""

import hmac
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Self
from urllib.parse import parse_qs

from pydantic import BaseModel
from slack_sdk.errors import SlackApiError

from connectors.slack.buttons import buttons
from connectors.slack.calls import Calls
from connectors.slack.catching_up import Past, Standing, interleaved
from connectors.slack.config import QUESTIONS, SlackConfig, Workspace, left_out
from connectors.slack.emoji import name_of
from connectors.slack.events import arrived, changed_user, place_of, removed_from, room_of, ts_of
from connectors.slack.fetching import fetch
from connectors.slack.hospitality import attend
from connectors.slack.limits import SURFACES
from connectors.slack.naming import named_in
from connectors.slack.people import People
from connectors.slack.proving import prove, signature
from connectors.slack.read import LOOKED_UP, Reader
from connectors.slack.renewing import renewal_of, renewed_config
from connectors.slack.sending import Sending
from connectors.slack.setup import installed, page_to_agree, set_up
from connectors.slack.socket_mode import Socket
from connectors.slack.steps import STEPS, check
from connectors.slack.trouble import code_of, in_a_chat
from connectors.slack.writing import Words
from hub.contract.capabilities import Capabilities, Surface
from hub.contract.connector import Account, Connector, Kit, Manifest, Question, SetUp
from hub.contract.errors import ConnectorError, PayloadUnrecognised, Rejected, RejectReason, SignatureInvalid
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

SIGNED_WITHIN = 300  # seconds
DONE_ALREADY = ("already_reacted", "no_reaction")


class SlackConnector(Connector[SlackConfig]):
    manifest = Manifest(
        platform="slack",
        name="Slack",
        config=SlackConfig,
        surfaces=SURFACES,
        source="https://docs.slack.dev/apis/web-api/rate-limits",
        checked=date(2026, 11, 23),
        questions=QUESTIONS,
        steps=STEPS,
    )

    def __new__(cls, config: SlackConfig, kit: Kit) -> Self:
        chosen = _WAYS[config.way] if cls is SlackConnector else cls
        return object.__new__(chosen)  # type: ignore[return-value]  # always a subclass of cls

    def __init__(self, config: SlackConfig, kit: Kit) -> None:
        super().__init__(config, kit)
        self.calls = Calls(config, kit, self._keep)
        self.people = People(self.calls)
        self.past = Past(self.calls)
        self.reader = Reader.of(config)
        self.teams = frozenset(each.team for each in config.workspaces)

    def _keep(self, config: SlackConfig) -> None:
        self.config = config

    @classmethod
    async def set_up(cls, answers: Mapping[str, str], kit: Kit) -> SetUp:
        """Raises AuthBroken, Unavailable, or Rejected for an answer that cannot be right."""
        return await set_up(answers, kit)

    @classmethod
    async def check_step(cls, step: str, answers: Mapping[str, str], kit: Kit) -> Sequence[str]:
        return await check(step, answers, kit)

    @classmethod
    def begin(cls, answers: Mapping[str, str], known: BaseModel | None, redirect: str, state: str) -> str:
        return page_to_agree(answers, _ours(known), redirect, state)

    @classmethod
    async def finish(
        cls, answers: Mapping[str, str], known: BaseModel | None, redirect: str, code: str, kit: Kit
    ) -> SetUp:
        return await installed(answers, _ours(known), redirect, code, kit)

    def renewal(self) -> tuple[Question, ...]:
        return renewal_of(self.config)

    def renewed(self, answers: Mapping[str, str]) -> BaseModel:
        return renewed_config(self.config, answers)

    async def connect(self) -> Account:
        self.calls.renews = True
        names = [await self._look(each) for each in self.config.workspaces]
        key = self.config.app or self.config.workspaces[0].team
        return Account(key=key, name=", ".join(names))

    async def _look(self, workspace: Workspace) -> str:
        """How it is called, and whether the app is still in it. Raises AuthBroken if it is in none."""
        try:
            answer = await self.calls.ask(workspace.team, lambda client: client.auth_test())
        except Rejected:
            known = self.calls.config.workspace(workspace.team)
            if known is None or not known.gone:
                raise
            return f"{workspace.name or workspace.team} (the app was removed)"
        await self.calls.mark(self.calls.config.workspace(workspace.team) or workspace, gone=False)
        return str(answer.get("team") or workspace.name or workspace.team)

    def probe(self) -> AsyncIterator[str]:
        return prove(self.calls)

    def trouble(self) -> str:
        """Which workspaces have removed the app, while others have it."""
        return left_out(self.config)

    def limits(self, thread: Thread) -> Capabilities | None:
        """Nothing, in a workspace that has removed the app."""
        workspace = self.config.workspace(place_of(thread).team)
        return None if workspace and workspace.gone else super().limits(thread)

    async def prepare(self, event: ArrivedRaw) -> ArrivedRaw:
        """Names looked up; whoever opened our home or used our shortcut is answered."""
        team = str(event.raw.get("team"))
        try:
            payload = json.loads(event.body)
            named = named_in(payload)
        except (ValueError, TypeError, AttributeError, RecursionError):
            return event
        if changed := changed_user(payload):
            self.people.forget(team, changed)
        await attend(self.calls, team, payload)
        people = await self.people.look_up(team, named)
        body = json.dumps({**payload, LOOKED_UP: people}, ensure_ascii=True).encode()
        return replace(event, body=body)

    def read(self, event: ArrivedRaw) -> Sequence[InboundEvent]:
        return self.reader.read(event)

    def _arrived(self, payload: object) -> ArrivedRaw | None:
        try:
            return arrived(payload, self.teams, self.config.app)
        except PayloadUnrecognised as problem:
            self.kit.log.warning("passed over: %s", problem)
            return None

    def _all_arrived(self, payloads: Sequence[object]) -> list[ArrivedRaw]:
        return [event for each in payloads if (event := self._arrived(each)) is not None]

    async def send(self, message: OutboundMessage) -> Sent:
        files = [(each.name, each.mime, await self.kit.read(each)) for each in message.content.attachments]
        words = Words.of(message.content.text, message.content.markup)
        place = place_of(message.thread)
        sending = Sending(self.calls, place)
        with in_a_chat(place.channel):
            if files:
                name = await sending.files(words, files)
            else:
                name = await sending.text(words, message.key, message.content.choices)
        return Sent(messages=(name,), at=datetime.now(UTC))

    async def find_sent(self, message: OutboundMessage) -> Sent | None:
        names = [each.name for each in message.content.attachments]
        found = await Sending(self.calls, place_of(message.thread)).find(message.key, names, message.at)
        return Sent(messages=(found,), at=datetime.now(UTC)) if found else None

    async def edit(self, thread: Thread, message: RemoteId, content: Content) -> None:
        """Its files stay where they are; its buttons are part of what is changed."""
        place, words = place_of(thread), Words.of(content.text, content.markup)
        ts = await Sending(self.calls, place).moment(ts_of(message))
        blocks = [*words.blocks, *buttons(content.choices)]
        await self.calls.ask(
            place.team,
            lambda client: client.chat_update(channel=place.channel, ts=ts, text=words.text, blocks=blocks),
        )

    async def delete(self, thread: Thread, message: RemoteId) -> None:
        place = place_of(thread)
        ts = await Sending(self.calls, place).moment(ts_of(message))
        await self.calls.ask(place.team, lambda client: client.chat_delete(channel=place.channel, ts=ts))

    async def react(self, thread: Thread, message: RemoteId, emoji: str, *, on: bool) -> None:
        place, name = place_of(thread), name_of(emoji)
        if name is None:
            raise Rejected("Slack does not know this emoji.", reason=RejectReason.UNSUPPORTED)
        channel, ts = place.channel, await Sending(self.calls, place).moment(ts_of(message))
        try:
            await self.calls.ask(
                place.team,
                lambda client: (
                    client.reactions_add(channel=channel, timestamp=ts, name=name)
                    if on
                    else client.reactions_remove(channel=channel, timestamp=ts, name=name)
                ),
            )
        except ConnectorError as problem:
            cause = problem.__cause__
            if not (isinstance(cause, SlackApiError) and code_of(cause) in DONE_ALREADY):
                raise

    def room(self, name: str) -> Thread:
        return room_of(name, self.config)

    def below(self, thread: Thread, message: RemoteId) -> Thread:
        return Thread(f"{thread.key.partition(':')[0]}:{ts_of(message)}", Surface.GROUP)

    async def media(self, attachment: Attachment) -> AsyncIterator[bytes]:
        async for piece in fetch(self.calls, attachment):
            yield piece


class SocketSlack(SlackConnector):
    def __init__(self, config: SlackConfig, kit: Kit) -> None:
        super().__init__(config, kit)
        self._socket: Socket | None = None
        self._standing = Standing()

    async def stream(self, cursor: Cursor | None) -> AsyncIterator[Batch]:
        """Slack tries again what nobody acknowledged, for some minutes; what is older is in the histories."""
        self._standing = Standing.of(cursor, self.kit.now())
        if not cursor:
            yield Batch((), self._standing.cursor())
        if not self._standing.since:
            async for batch in self._live():
                yield batch
            return
        async with aclosing(interleaved(self._live(), self._missed())) as batches:
            async for batch in batches:
                yield batch

    async def _live(self) -> AsyncGenerator[Batch, None]:
        """The last one before may not have been acknowledged any more: it is then, and not told twice."""
        socket = self._socket = Socket(self.calls)
        async with aclosing(socket.payloads()) as payloads:
            async for payload in payloads:
                event = self._arrived(payload)
                if event is not None and (removed := removed_from(payload)):
                    await self._look(self.config.workspace(removed) or self.config.workspaces[0])
                if event is not None and event.key != self._standing.last:
                    now = self.kit.now().timestamp()
                    self._standing = replace(self._standing, heard=now, last=event.key)
                    yield Batch((event,), self._standing.cursor())

    async def _missed(self) -> AsyncGenerator[Batch, None]:
        while self._standing.since:
            found, moved = await self.past.step(self._standing)
            # What came in meanwhile moved the rest on.
            self._standing = replace(self._standing, since=moved.since, place=moved.place)
            yield Batch(self._all_arrived(found), self._standing.cursor())

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()


class EventsSlack(SlackConnector):
    def challenge(self, request: WebhookRequest) -> WebhookReply | None:
        """Slack proves its own question, too: what nobody signed is no question of Slack's."""
        if b"url_verification" not in request.body:
            return None
        try:
            asked = json.loads(request.body)
        except (ValueError, RecursionError):
            return None
        if not isinstance(asked, dict) or asked.get("type") != "url_verification":
            return None
        word = asked.get("challenge")
        if not isinstance(word, str):
            return None
        self.verify(request)
        return WebhookReply(word.encode("utf-8", "replace"))

    def verify(self, request: WebhookRequest) -> None:
        """https://docs.slack.dev/authentication/verifying-requests-from-slack (checked 2026-11-23)."""
        secret = self.config.signing_secret
        at, given = (
            request.headers.get("X-Slack-Request-Timestamp", ""),
            request.headers.get("X-Slack-Signature", ""),
        )
        if secret is None or not (at.isascii() and at.isdigit() and len(at) < 15):
            raise SignatureInvalid("The request does not say when Slack signed it.")
        if abs(self.kit.now().timestamp() - int(at)) > SIGNED_WITHIN:
            raise SignatureInvalid("Slack signed the request too long ago.")
        wanted = signature(secret.get_secret_value(), at, request.body)
        if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
            raise SignatureInvalid("The request is not signed with this app's secret.")

    async def catch_up(self, cursor: Cursor | None) -> Batch:
        """Once Slack has not answered us for a while, or we were not there: from the histories."""
        now = self.kit.now()
        standing = Standing.of(cursor, now)
        if not standing.since:
            for each in self.config.workspaces:
                if not each.gone:
                    await self._look(each)
            return Batch((), replace(standing, heard=now.timestamp()).cursor())
        found, standing = await self.past.step(standing)
        return Batch(self._all_arrived(found), standing.cursor(), more=bool(standing.since))

    def parse(self, request: WebhookRequest) -> Sequence[InboundEvent]:
        try:
            event = arrived(json.loads(_json_of(request.body)), self.teams, self.config.app)
        except (ValueError, RecursionError) as problem:
            raise PayloadUnrecognised("This is nothing Slack would send.") from problem
        return () if event is None else (event,)


def _ours(known: BaseModel | None) -> SlackConfig | None:
    return known if isinstance(known, SlackConfig) else None


def _json_of(body: bytes) -> bytes | str:
    """Shortcuts and buttons come as a form with one field."""
    if not body.startswith(b"payload="):
        return body
    return parse_qs(body.decode("ascii", "replace"), max_num_fields=10).get("payload", [""])[0]


_WAYS: Mapping[str, type[SlackConnector]] = {"socket": SocketSlack, "events": EventsSlack}
