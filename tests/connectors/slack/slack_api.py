"""A Slack of our own: Web API, sockets, events, uploads, OAuth. Checks what Slack checks, fails on request.

Answers and error codes as https://docs.slack.dev/reference/methods describes them (checked 2026-11-23).
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import re
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

Json = dict[str, Any]
APP, TEAM, OTHER_TEAM = "A0HUBBUB", "T0SHOP", "T0OTHER"
US, BOT, ANA = "U0HUBBUB", "B0HUBBUB", "U0ANA"
CHAT, SUPPORT, PARTY = "D0ANA", "C0SUPPORT", "G0PARTY"
TOKEN = "xoxb-0000-token-of-an-app-nobody-has"
APP_TOKEN = f"xapp-1-{APP}-0000-token-of-its-socket"
SIGNING_SECRET = "5ign1ng-5ecret-0f-n0b0dy"
CLIENT_ID, CLIENT_SECRET = "1234.5678", "client-secret-of-nobody"
SCOPES = (
    "chat:write,im:history,mpim:history,channels:history,groups:history,users:read,users:read.email,"
    "files:read,files:write,reactions:read,reactions:write"
)
# What each method knows; Slack refuses nothing unknown, but whoever sends it has misread the page.
PARAMETERS: dict[str, str] = {
    "auth.test": "",
    "apps.connections.open": "",
    "bots.info": "bot team_id",
    "users.info": "user include_locale",
    "chat.postMessage": "channel text thread_ts unfurl_links unfurl_media metadata blocks username mrkdwn",
    "chat.postEphemeral": "channel user text thread_ts",
    "chat.update": "channel ts text blocks metadata",
    "chat.delete": "channel ts",
    "reactions.add": "channel timestamp name",
    "reactions.remove": "channel timestamp name",
    "conversations.history": "channel oldest latest limit cursor inclusive include_all_metadata",
    "conversations.replies": "channel ts oldest latest limit cursor inclusive include_all_metadata",
    "conversations.info": "channel include_locale include_num_members",
    "conversations.join": "channel",
    "files.info": "file count cursor limit page",
    "files.getUploadURLExternal": "filename length alt_txt snippet_type",
    "files.completeUploadExternal": "files channel_id channels initial_comment thread_ts blocks",
    "views.publish": "user_id view hash",
    "oauth.v2.access": "client_id client_secret code redirect_uri grant_type refresh_token",
}
_ENTITY = re.compile(
    r"<(?:[@#!][^<>|]+|https?:[^<>|]+|mailto:[^<>|]+|tel:[^<>|]+)(?:\|[^<>|]*)?>|^> ", re.MULTILINE
)


class Refused(Exception):
    def __init__(self, code: str, status: int = 200, retry_after: int | None = None, **more: Any) -> None:
        super().__init__(code)
        self.answer: Json = {"ok": False, "error": code, **more}
        self.status = status
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}


class SlackApi:
    """`fail`: what goes wrong from now on, for every call. `failing`: for the next call of a method."""

    def __init__(self) -> None:
        self.base = ""
        self.loop: asyncio.AbstractEventLoop | None = None
        self.calls: list[tuple[str, Json]] = []
        self.users: dict[str, Json] = {}
        self.channels: set[str] = {CHAT, SUPPORT, PARTY}
        self.messages: dict[tuple[str, str], Json] = {}
        self.files: dict[str, Json] = {}
        self.contents: dict[str, bytes] = {}
        self.payloads: list[tuple[str, Json]] = []  # kind of envelope, payload
        self.homes: dict[str, Json] = {}
        self.responses: list[Json] = []
        self.tokens: dict[str, str] = {TOKEN: TEAM}
        self.refresh_tokens: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self.scopes = SCOPES
        self.fail: str | None = None
        self.failing: dict[str, Refused] = {}
        self.lost: set[str] = set()  # methods whose next answer is lost after the deed
        self.opened = 0
        self._sockets: dict[web.WebSocketResponse, None] = {}
        self._waiting: list[Json] = []  # envelopes nobody has acknowledged
        self._numbers = itertools.count(1)
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
        return f"{int(time.time())}.{next(self._numbers):06d}"

    def tell(self, event: Json, event_id: str | None = None, **more: Any) -> Json:
        number = next(self._numbers)
        payload: Json = {
            "token": "deprecated",
            "team_id": TEAM,
            "context_team_id": TEAM,
            "api_app_id": APP,
            "event": {"event_ts": self.ts(), **event},
            "type": "event_callback",
            "event_id": event_id or f"Ev{number:08d}",
            "event_time": int(time.time()),
            "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": US, "is_bot": True}],
            "is_ext_shared_channel": False,
            **more,
        }
        self.hand_over("events_api", payload)
        return payload

    def hand_over(self, kind: str, payload: Json) -> None:
        self.payloads.append((kind, payload))
        envelope = {
            "envelope_id": f"{next(self._numbers):08d}-0000-4000-8000-000000000000",
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
            "retry_attempt": 0,
            "retry_reason": "",
        }
        self._waiting.append(envelope)
        if self.loop is not None:
            asyncio.run_coroutine_threadsafe(self._push(envelope), self.loop)

    def again(self, **how: Any) -> None:
        """Slack delivers the last one once more."""
        kind, payload = self.payloads[-1]
        self.hand_over(kind, {**payload, **how})

    def disconnect(self, reason: str) -> None:
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self._disconnect(reason), self.loop).result(5)

    def posts(self) -> list[Json]:
        return [each for _, each in sorted(self.messages.items()) if each.get("user") == US]

    def sends(self) -> int:
        return sum(method in ("chat.postMessage", "files.completeUploadExternal") for method, _ in self.calls)

    def called(self, method: str) -> list[Json]:
        return [fields for name, fields in self.calls if name == method]

    # The Web API

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        fields = await _fields(request)
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
        self._team = wanted[token]
        return await known(fields)

    async def _auth_test(self, fields: Json) -> Json:
        names = {TEAM: "Tent Shop", OTHER_TEAM: "Other Shop"}
        us = US if self._team == TEAM else "U0HUBBUB2"
        return {
            "url": "https://tents.slack.com/",
            "team": names[self._team],
            "team_id": self._team,
            "user": "hubbub",
            "user_id": us,
            "bot_id": BOT if self._team == TEAM else "B0HUBBUB2",
            "is_enterprise_install": False,
        }

    async def _apps_connections_open(self, fields: Json) -> Json:
        return {"url": f"{self.base.replace('http', 'ws', 1)}/link?ticket={next(self._numbers)}&app_id={APP}"}

    async def _bots_info(self, fields: Json) -> Json:
        return {"bot": {"id": fields["bot"], "app_id": APP, "user_id": US, "name": "Hubbub"}}

    async def _users_info(self, fields: Json) -> Json:
        if fields["user"] not in self.users:
            raise Refused("user_not_found")
        return {"user": self.users[fields["user"]]}

    async def _chat_postMessage(self, fields: Json) -> Json:
        _check_text(fields)
        self._check_place(fields["channel"], fields.get("thread_ts"))
        more = {key: fields[key] for key in ("metadata", "blocks") if key in fields}
        return self._post(fields["channel"], fields["text"], fields.get("thread_ts"), **more)

    async def _chat_postEphemeral(self, fields: Json) -> Json:
        _check_text(fields)
        self._check_place(fields["channel"], None)
        return {"message_ts": self.ts()}

    async def _chat_update(self, fields: Json) -> Json:
        _check_text(fields)
        message = self._find(fields["channel"], fields["ts"])
        if message["user"] != US:
            raise Refused("cant_update_message")
        message.update(text=fields["text"], blocks=fields.get("blocks"), edited={"user": US, "ts": self.ts()})
        return {"channel": fields["channel"], "ts": fields["ts"], "text": fields["text"], "message": message}

    async def _chat_delete(self, fields: Json) -> Json:
        if self._find(fields["channel"], fields["ts"])["user"] != US:
            raise Refused("cant_delete_message")
        del self.messages[fields["channel"], fields["ts"]]
        return {"channel": fields["channel"], "ts": fields["ts"]}

    async def _reactions_add(self, fields: Json) -> Json:
        reactions = self._reactions(fields)
        if fields["name"] in reactions:
            raise Refused("already_reacted")
        reactions.append(fields["name"])
        return {}

    async def _reactions_remove(self, fields: Json) -> Json:
        reactions = self._reactions(fields)
        if fields["name"] not in reactions:
            raise Refused("no_reaction")
        reactions.remove(fields["name"])
        return {}

    def _reactions(self, fields: Json) -> list[str]:
        if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", fields["name"]):
            raise Refused("invalid_name")
        reactions: list[str] = self._find(fields["channel"], fields["timestamp"]).setdefault("reactions", [])
        return reactions

    async def _conversations_history(self, fields: Json) -> Json:
        self._check_place(fields["channel"], None)
        found = self._since(fields["channel"], fields)
        return {"messages": [each for each in found if each.get("thread_ts") in (None, each["ts"])]}

    async def _conversations_replies(self, fields: Json) -> Json:
        self._check_place(fields["channel"], fields["ts"])
        found = self._since(fields["channel"], fields)
        return {"messages": [each for each in found if fields["ts"] in (each.get("thread_ts"), each["ts"])]}

    def _since(self, channel: str, fields: Json) -> list[Json]:
        oldest, tells = (
            float(fields.get("oldest", 0)),
            str(fields.get("include_all_metadata")) in ("1", "True", "true"),
        )
        found = [
            each for (place, ts), each in self.messages.items() if place == channel and float(ts) > oldest
        ]
        return [{key: value for key, value in each.items() if tells or key != "metadata"} for each in found]

    async def _files_info(self, fields: Json) -> Json:
        file = self.files.get(fields["file"])
        if file is None:
            raise Refused("file_not_found")
        shown: Json = {**file, "url_private_download": f"{self.base}/files/{file['id']}/{file['name']}"}
        return {"file": shown}

    async def _files_getUploadURLExternal(self, fields: Json) -> Json:
        if int(fields["length"]) <= 0:
            raise Refused("missing_argument")
        key = f"F{next(self._numbers):08d}"
        self.files[key] = {
            "id": key,
            "name": fields["filename"],
            "length": int(fields["length"]),
            "shares": {},
        }
        return {"upload_url": f"{self.base}/upload/v1/{key}", "file_id": key}

    async def _files_completeUploadExternal(self, fields: Json) -> Json:
        files = fields["files"]
        _check_blocks(fields.get("blocks"))
        self._check_place(fields["channel_id"], fields.get("thread_ts"))
        for each in files:
            if each["id"] not in self.contents:
                raise Refused("file_not_found")
        found = [self.files[each["id"]] for each in files]
        shown = [{"id": each["id"], "name": each["name"], "mimetype": "image/png"} for each in found]
        posted = self._post(
            fields["channel_id"],
            fields.get("initial_comment", ""),
            fields.get("thread_ts"),
            files=shown,
            blocks=fields.get("blocks", []),
        )
        for each in found:
            each["shares"] = {"private": {fields["channel_id"]: [{"ts": posted["ts"]}]}}
        return {"files": [{"id": each["id"], "title": each.get("title")} for each in files]}

    async def _views_publish(self, fields: Json) -> Json:
        view = fields["view"]
        for block in view["blocks"]:
            if len(block["text"]["text"]) > (150 if block["type"] == "header" else 3000):
                raise Refused("invalid_arguments")
        self.homes[fields["user_id"]] = view
        return {"view": view}

    def _oauth(self, fields: Json) -> Json:
        if fields.get("client_id") != CLIENT_ID:
            raise Refused("invalid_client_id")
        if fields.get("client_secret") != CLIENT_SECRET:
            raise Refused("bad_client_secret")
        known, given = self.codes, fields.get("code", "")
        if fields.get("grant_type") == "refresh_token":
            known, given = self.refresh_tokens, fields.get("refresh_token", "")
        if given not in known:
            raise Refused("invalid_code" if known is self.codes else "invalid_refresh_token")
        team, number = known.pop(given), next(self._numbers)
        token, refresh = f"xoxe.xoxb-1-{number}", f"xoxe-1-{number}"
        self.tokens[token], self.refresh_tokens[refresh] = team, team
        us, bot = (US, BOT) if team == TEAM else ("U0HUBBUB2", "B0HUBBUB2")
        return {
            "access_token": token,
            "refresh_token": refresh,
            "expires_in": 43200,
            "token_type": "bot",
            "scope": self.scopes,
            "bot_user_id": us,
            "bot_id": bot,
            "app_id": APP,
            "team": {"id": team, "name": "Tent Shop" if team == TEAM else "Other Shop"},
            "enterprise": None,
        }

    def _post(self, channel: str, text: str, thread: str | None, **more: Any) -> Json:
        below = {"thread_ts": thread} if thread else {}
        message = self.message(text, channel, US, bot_id=BOT, app_id=APP, **below, **more)
        return {"channel": channel, "ts": message["ts"], "message": message}

    def _check_place(self, channel: str, thread: str | None) -> None:
        if channel not in self.channels:
            raise Refused("channel_not_found")
        if thread is not None and (channel, thread) not in self.messages:
            raise Refused("thread_not_found")

    def _find(self, channel: str, ts: str) -> Json:
        if (channel, ts) not in self.messages:
            raise Refused("message_not_found")
        return self.messages[channel, ts]

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
        for envelope in list(self._waiting):
            await socket.send_json({**envelope, "retry_attempt": 1, "retry_reason": "timeout"})
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    done = json.loads(message.data).get("envelope_id")
                    self._waiting = [each for each in self._waiting if each["envelope_id"] != done]
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


def signed(payload: Json, kind: str = "events_api", at: float | None = None) -> tuple[dict[str, str], bytes]:
    """Headers and body as Slack posts them."""
    body = json.dumps(payload).encode()
    mime = "application/json"
    if kind == "interactive":
        body, mime = urlencode({"payload": json.dumps(payload)}).encode(), "application/x-www-form-urlencoded"
    moment = str(int(time.time() if at is None else at))
    digest = hmac.new(SIGNING_SECRET.encode(), b"v0:" + moment.encode() + b":" + body, hashlib.sha256)
    headers = {"Content-Type": mime, "X-Slack-Request-Timestamp": moment}
    return {**headers, "X-Slack-Signature": "v0=" + digest.hexdigest()}, body


def _check_text(fields: Json) -> None:
    text = str(fields.get("text", ""))
    if not text.strip():
        raise Refused("no_text")
    if len(text) > 40_000:
        raise Refused("msg_too_long")
    metadata = fields.get("metadata")
    if metadata is not None and not isinstance(metadata.get("event_payload"), dict):
        raise Refused("invalid_metadata_format")
    _check_blocks(fields.get("blocks"))
    if "<" in (rest := _ENTITY.sub("", text)) or ">" in rest:
        raise Refused("text_with_signs_that_are_not_escaped")


def _check_blocks(blocks: Any) -> None:
    """Rich text as https://docs.slack.dev/reference/block-kit/blocks/rich-text-block allows it."""
    inner = {
        "rich_text": ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"),
        "rich_text_list": ("rich_text_section",),
        "rich_text_section": ("text", "link"),
        "rich_text_quote": ("text", "link"),
        "rich_text_preformatted": ("text", "link"),
    }
    known = {"type", "elements", "text", "url", "style", "indent", "offset", "border"}

    def check(element: Json, allowed: tuple[str, ...]) -> None:
        kind = element.get("type", "")
        if kind not in allowed or set(element) - known:
            raise Refused("invalid_blocks", errors=[f"{kind} {sorted(element)}"])
        if kind in inner:
            if not element.get("elements"):
                raise Refused("invalid_blocks", errors=[f"empty {kind}"])
            for each in element["elements"]:
                check(each, inner[kind])
        elif not element.get("text" if kind == "text" else "url"):
            raise Refused("invalid_blocks", errors=[f"empty {kind}"])
        elif set(element.get("style") or {"bold": True}) - {"bold", "italic", "strike", "code"}:
            raise Refused("invalid_blocks", errors=["style"])

    for block in blocks or []:
        check(block, ("rich_text",))
    if len(json.dumps(blocks or [], ensure_ascii=False)) > 60_000:
        raise Refused("msg_blocks_too_long")


async def _fields(request: web.Request) -> Json:
    """Slack takes JSON, forms and queries; lists and objects in a form are JSON."""
    if request.content_type == "application/json":
        found = await request.json() if request.can_read_body else {}
        return {**dict(request.query), **found}
    fields: Json = dict(request.query)
    for key, value in (await request.post()).items():
        fields[key] = str(value)
    read = {key: json.loads(value) for key, value in fields.items() if value[:1] in ("[", "{")}
    return {**fields, **read}


@contextmanager
def serving() -> Iterator[SlackApi]:
    """In a thread with a loop of its own: what it leaves running is not the connector's."""
    api, loop = SlackApi(), asyncio.new_event_loop()
    api.loop = loop
    thread = threading.Thread(target=loop.run_forever, name="slack api", daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(_start(api), loop).result(10)
    try:
        yield api
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _start(api: SlackApi) -> web.AppRunner:
    app = web.Application(client_max_size=60_000_000)
    app.router.add_route("*", "/api/{method}", api.answer)
    app.router.add_get("/link", api.link)
    app.router.add_post("/upload/v1/{key}", api.upload)
    app.router.add_get("/files/{key}/{name}", api.file)
    app.router.add_post("/respond", api.respond)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    api.base = f"http://{host}:{port}"
    return runner
