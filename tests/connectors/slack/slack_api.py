"""A Slack of our own: Web API, sockets, events, uploads, OAuth. Checks what Slack checks, fails on request.

Answers and error codes as https://docs.slack.dev/reference/methods describes them (checked 2026-11-23).
"""

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.connectors.serving import served
from tests.connectors.slack.methods import PARAMETERS, Methods
from tests.connectors.slack.wire import (
    ANA,
    APP,
    APP_TOKEN,
    CHAT,
    CLIENT_ID,
    OTHER_TEAM,
    PARTY,
    SCOPES,
    SUPPORT,
    TEAM,
    TOKEN,
    US,
    Json,
    Refused,
    fields_of,
)

GIVEN_UP_AFTER = 6 * 60  # seconds; checked 2026-11-30


class SlackApi(Methods):
    """`fail`: what goes wrong from now on, for every call. `failing`: for the next call of a method."""

    def __init__(self) -> None:
        self.base = ""
        self.loop: asyncio.AbstractEventLoop | None = None
        self.calls: list[tuple[str, Json]] = []
        self.users: dict[str, Json] = {}
        self.channels: set[str] = {CHAT, SUPPORT, PARTY}
        self.messages: dict[tuple[str, str], Json] = {}
        self.called_channels: dict[str, str] = {SUPPORT: "support"}
        self.groups: dict[str, str] = {"S0CREW": "crew"}
        self.companies: dict[str, str] = {TEAM: "Tent Shop"}
        self.files: dict[str, Json] = {}
        self.contents: dict[str, bytes] = {}
        self.payloads: list[tuple[str, Json]] = []  # kind of envelope, payload
        self.homes: dict[str, Json] = {}
        self.responses: list[Json] = []
        self.tokens: dict[str, str] = {TOKEN: TEAM}
        self.refresh_tokens: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self.scopes = SCOPES
        self.codes_given: list[str] = []  # for which workspace, one after the other
        self.tokens_used: list[tuple[str, str]] = []  # method, and the workspace of the token
        self.fail: str | None = None
        self.failing: dict[str, Refused] = {}
        self.lost: set[str] = set()  # methods whose next answer is lost after the deed
        self.opened = 0
        self._sockets: dict[web.WebSocketResponse, None] = {}
        self.unacknowledged: list[Json] = []  # envelopes nobody has acknowledged
        self.now: Callable[[], float] = time.time
        self.told_at: list[float] = []  # when each of `payloads` came up
        self.numbers = itertools.count(1)
        self.last_ms = 0  # of `ts`
        self.user(ANA, "ana", "Ana Sousa", "ana@shop.example")
        self.user(US, "hubbub", "Hubbub")

    # What people do

    def user(self, key: str, name: str, called: str, email: str | None = None, team: str = TEAM) -> None:
        profile: Json = {"real_name": called, "display_name": called}
        if email:
            profile["email"] = email
        self.users[key] = {"id": key, "team_id": team, "name": name, "real_name": called, "profile": profile}

    def write(self, text: str = "Good morning", channel: str = CHAT, user: str = ANA, **more: Any) -> Json:
        message = self.message(text, channel, user, **more)
        kinds = {"D": "im", "G": "mpim", "C": "channel"}
        self.tell({"type": "message", "channel": channel, "channel_type": kinds[channel[0]], **message})
        return message

    def message(self, text: str, channel: str, user: str, **more: Any) -> Json:
        message: Json = {"user": user, "text": text, "ts": self.ts(), "team": TEAM, **more}
        self.messages[channel, message["ts"]] = message
        return message

    def ts(self) -> str:
        """No two within a millisecond, as of people who type."""
        self.last_ms = max(int(self.now() * 1000), self.last_ms + 1)
        return f"{self.last_ms // 1000}.{self.last_ms % 1000:03d}{next(self.numbers) % 1000:03d}"

    def tell(self, event: Json, event_id: str | None = None, **more: Any) -> Json:
        number = next(self.numbers)
        payload: Json = {
            "token": "deprecated",
            "team_id": TEAM,
            "context_team_id": TEAM,
            "api_app_id": APP,
            "event": {"event_ts": self.ts(), **event},
            "type": "event_callback",
            "event_id": event_id or f"Ev{number:08d}",
            "event_time": int(self.now()),
            "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": US, "is_bot": True}],
            "is_ext_shared_channel": False,
            **more,
        }
        self.hand_over("events_api", payload)
        return payload

    def hand_over(self, kind: str, payload: Json) -> None:
        self.payloads.append((kind, payload))
        self.told_at.append(self.now())
        envelope = {
            "envelope_id": f"{next(self.numbers):08d}-0000-4000-8000-000000000000",
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
            "retry_attempt": 0,
            "retry_reason": "",
        }
        self.unacknowledged.append({**envelope, "told_at": self.now()})
        if self.loop is not None:
            asyncio.run_coroutine_threadsafe(self._push(envelope), self.loop)

    def press(self, channel: str, message: Json, words: str, user: str = ANA) -> Json:
        """Of the buttons below a message, the one with these words."""
        [block] = [each for each in message["blocks"] if each["type"] == "actions"]
        button = next(each for each in block["elements"] if each["text"]["text"] == words)
        action = {**button, "block_id": block["block_id"], "action_ts": self.ts()}
        payload: Json = {
            "type": "block_actions",
            "user": {"id": user, "username": "ana", "name": "ana", "team_id": TEAM},
            "api_app_id": APP,
            "token": "deprecated",
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel,
                "is_ephemeral": False,
            },
            "trigger_id": f"12{next(self.numbers)}.98.abc",
            "team": {"id": TEAM, "domain": "tents"},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": channel, "name": "directmessage"},
            "message": dict(message),
            "state": {"values": {}},
            "response_url": f"{self.base}/respond",
            "actions": [action],
        }
        self.hand_over("interactive", payload)
        return payload

    def again(self, **how: Any) -> None:
        """Slack delivers the last one once more."""
        kind, payload = self.payloads[-1]
        self.hand_over(kind, {**payload, **how})

    def given_up(self, told_at: float) -> bool:
        """Tried again at once, after a minute and after five: https://docs.slack.dev/apis/events-api."""
        return self.now() - told_at > GIVEN_UP_AFTER

    def disconnect(self, reason: str) -> None:
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self._disconnect(reason), self.loop).result(5)

    def posts(self) -> list[Json]:
        return [each for _, each in sorted(self.messages.items()) if each.get("user") == US]

    def sends(self) -> int:
        return sum(method in ("chat.postMessage", "files.completeUploadExternal") for method, _ in self.calls)

    def called(self, method: str) -> list[Json]:
        return [fields for name, fields in self.calls if name == method]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self.answer),
            web.get("/link", self.link),
            web.post("/upload/v1/{key}", self.upload),
            web.get("/files/{key}/{name}", self.file),
            web.get("/oauth/v2/authorize", self.agree),
            web.post("/respond", self.respond),
        ]

    # The Web API

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        fields = await fields_of(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or str(
            fields.pop("token", "")
        )
        self.calls.append((method, fields))
        try:
            result = await self._result(token, method, fields)
        except Refused as refused:
            return web.json_response(refused.answer, status=refused.status, headers=refused.headers)
        lost = self.fail == "lost_answer" and method not in ("auth.test", "apps.connections.open")
        if lost or method in self.lost:
            self.lost.discard(method)
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"ok": True, **result}, headers={"X-OAuth-Scopes": self.scopes})

    async def _result(self, token: str, method: str, fields: Json) -> Json:
        if self.fail == "unavailable":
            raise Refused("service_unavailable", 503)
        if method in self.failing:
            raise self.failing.pop(method)
        if method not in PARAMETERS:
            raise Refused("unknown_method")
        if unknown := sorted(set(fields) - set(PARAMETERS[method].split())):
            raise Refused(f"unknown_parameters: {', '.join(unknown)}")
        if method == "oauth.v2.access":
            return self._oauth(fields)
        wanted = {APP_TOKEN: ""} if method == "apps.connections.open" else self.tokens
        if self.fail == "auth_broken" or not token:
            raise Refused("invalid_auth" if token else "not_authed")
        if token not in wanted:
            raise Refused("not_allowed_token_type" if token in (APP_TOKEN, *self.tokens) else "invalid_auth")
        if self.fail == "rate_limited" and method not in ("auth.test", "apps.connections.open"):
            raise Refused("ratelimited", 429, retry_after=7)
        if self.fail == "rejected" and method == "chat.postMessage":
            raise Refused("is_archived")
        known: Callable[[Json], Awaitable[Json]] = getattr(self, "_" + method.replace(".", "_"))
        self.team = wanted[token]
        self.tokens_used.append((method, self.team))
        return await known(fields)

    # Files, sockets, answers to shortcuts

    async def upload(self, request: web.Request) -> web.Response:
        key, content = request.match_info["key"], await request.read()
        if self.fail == "unavailable":
            return web.Response(status=503)
        if len(content) != self.files[key]["length"]:
            return web.Response(status=400, text="another length was announced")
        self.contents[key] = content
        return web.Response(text=f"OK - {len(content)}")

    async def file(self, request: web.Request) -> web.Response:
        """Without a token that may: a page to sign in, with status 200, as Slack does it."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens or "files:read" not in self.scopes:
            return web.Response(text="<!DOCTYPE html>Sign in", content_type="text/html")
        return web.Response(body=self.contents[request.match_info["key"]], content_type="image/png")

    async def agree(self, request: web.Request) -> web.Response:
        """The page on which an admin agrees to the installation; they do, here."""
        asked = request.query
        if asked.get("client_id") != CLIENT_ID or not asked.get("scope"):
            return web.Response(status=400, text="Something went wrong when authorizing this app.")
        code = f"code-{next(self.numbers)}"
        self.codes[code] = OTHER_TEAM if TEAM in self.codes_given else TEAM
        self.codes_given.append(self.codes[code])
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        return web.Response(status=302, headers={"Location": back})

    async def respond(self, request: web.Request) -> web.Response:
        self.responses.append(await request.json())
        return web.Response(text="ok")

    async def link(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened += 1
        hello = {"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP}, "debug_info": {}}
        await socket.send_json(hello)
        self._sockets[socket] = None
        self.unacknowledged = [each for each in self.unacknowledged if not self.given_up(each["told_at"])]
        for each in list(self.unacknowledged):
            envelope = {key: value for key, value in each.items() if key != "told_at"}
            await socket.send_json({**envelope, "retry_attempt": 1, "retry_reason": "timeout"})
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    done = json.loads(message.data).get("envelope_id")
                    self.unacknowledged = [
                        each for each in self.unacknowledged if each["envelope_id"] != done
                    ]
        finally:
            self._sockets.pop(socket, None)
        return socket

    async def _push(self, envelope: Json) -> None:
        for socket in list(self._sockets):
            if not socket.closed:
                await socket.send_json(envelope)

    async def _disconnect(self, reason: str) -> None:
        for socket in list(self._sockets):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "x"}})
            if reason == "cut":
                self._sockets.pop(socket, None)
                await socket.close()


def serving() -> AbstractContextManager[SlackApi]:
    return served(SlackApi())
