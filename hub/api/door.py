"""Around every call: whose token, how often, what is asked, whether it was asked before, what went wrong."""

import json
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import get_origin
from urllib.parse import quote

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from multidict import MultiMapping
from pydantic import BaseModel, RootModel, ValidationError

from hub.api.bodies import KEY_PATTERN
from hub.api.problems import Problem, from_desk, from_http, from_validation, invalid
from hub.api.rates import Meter, TooMany
from hub.api.route import AnyRoute, Bytes, Call, answer_id
from hub.auth import Auth
from hub.auth.audit import asked_from
from hub.auth.tokens import allows, find_token
from hub.desk.replying import Desk
from hub.hooks import Webhooks
from hub.model.people import Agent
from hub.model.sign_ins import ApiToken
from hub.store.answers import Answers

log = structlog.get_logger()

LARGEST_BODY = 4 * 1024 * 1024  # bytes: 200,000 characters, each written as two \uXXXX, and some more
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Door:
    """What stands before every handler."""

    desk: Desk
    hooks: Webhooks
    auth: Auth
    meter: Meter
    answers: Answers

    def handler(self, route: AnyRoute) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            token, agent = await self._caller(request)
            try:
                headers = self.meter.take(token.id, write=route.writes)
            except TooMany as problem:
                raise Problem("too-many", headers=problem.headers) from None
            try:
                with asked_from(request.remote or ""):
                    response = await self._answered(request, route, token, agent)
            except Exception as problem:  # only to add the headers: `explained` answers it
                refused = problem if isinstance(problem, Problem) else from_desk(problem)
                if refused is None:
                    raise
                refused.headers = {**headers, **refused.headers}
                raise refused from problem
            response.headers.update(headers)
            if isinstance(response, _File):
                return await response.sent(request)
            return response

        return handle

    async def _caller(self, request: web.Request) -> tuple[ApiToken, Agent]:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise Problem("no-token", headers={"WWW-Authenticate": 'Bearer realm="hubbub"'})
        found = await find_token(self.auth, text.strip())
        if found is None:
            challenge = 'Bearer realm="hubbub", error="invalid_token"'
            words = "This token is not valid (any more)."
            raise Problem("no-token", words, headers={"WWW-Authenticate": challenge})
        return found

    async def _answered(
        self, request: web.Request, route: AnyRoute, token: ApiToken, agent: Agent
    ) -> web.StreamResponse:
        if not allows(token, agent, route.scope):
            challenge = f'Bearer realm="hubbub", error="insufficient_scope", scope="{route.scope}"'
            words = f"This needs a token with the scope {route.scope}."
            raise Problem("scope", words, headers={"WWW-Authenticate": challenge})
        key = _key(request.headers) if route.writes else None
        body = await _body(request) if route.writes and not route.takes_bytes else b""
        asked = _asked(request, route, body)
        call = Call(
            desk=self.desk,
            hooks=self.hooks,
            auth=self.auth,
            answers=self.answers,
            agent=agent,
            token=token,
            path=request.match_info,
            key=key,
            address=request.remote or "",
            content=request.content.iter_any() if route.takes_bytes else b"",
        )

        async def act() -> web.StreamResponse:
            answer = await route.handler(call, asked)
            if isinstance(answer, Bytes):
                return await _File.of(answer)
            return _json(route.status, answer.model_dump_json())

        if key is None:
            return await act()
        return await self._once(request, route, token, key, body, act)

    async def _once(
        self,
        request: web.Request,
        route: AnyRoute,
        token: ApiToken,
        key: str,
        body: bytes,
        act: Callable[[], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """The answer of the first request with this key. A request that was refused has done nothing, so
        its key is free again."""
        claimed = answer_id(token, key)
        # A file is not read before it is known whether it is wanted: its length has to do.
        told = str(request.content_length).encode() if route.takes_bytes else body
        asked = b"\0".join((request.method.encode(), request.raw_path.encode("utf-8", "replace"), told))
        fingerprint = sha256(asked).hexdigest()
        kept = await self.answers.claim(claimed, fingerprint, self.desk.clock())
        if kept is not None:
            if kept.fingerprint != fingerprint:
                raise Problem("key-reused")
            if kept.status is None:
                raise Problem("in-progress", headers={"Retry-After": "1"})
            return _json(kept.status, kept.body)
        done = False
        try:
            response = await act()
            done = True
        finally:
            if not done:
                await self.answers.release(claimed)
        if isinstance(response, web.Response):
            text = response.text or ""
            if route.untold:
                text = json.dumps({**json.loads(text), route.untold: None})
            await self.answers.keep(claimed, response.status, text)
        return response


@web.middleware
async def explained(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong below /api/v1 is answered as a problem."""
    try:
        response = await handler(request)
    except Problem as problem:
        response = problem.response()
    except web.HTTPException as problem:
        response = from_http(problem).response()
    except (
        Exception
    ) as problem:  # the outermost guard: what nobody foresaw is logged and told without details
        refused = from_desk(problem)
        if refused is None:
            reference = secrets.token_hex(4)
            log.exception("the API failed", reference=reference, path=request.path, method=request.method)
            refused = Problem("broken", f"It is written down in our log as {reference}.")
        response = refused.response()
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response


def _key(headers: Mapping[str, str]) -> str | None:
    """As a structured string, in quotes, or bare (draft-ietf-httpapi-idempotency-key-header-07, checked
    2026-11-23)."""
    given = headers.get("Idempotency-Key")
    if given is None:
        return None
    if not re.fullmatch(KEY_PATTERN, given):
        words = "Idempotency-Key must be 1 to 200 visible ASCII characters, no quotes among them."
        raise invalid("header", "Idempotency-Key", words)
    return given.strip('"')


async def _body(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Problem("too-large")
    return bytes(body)


def _asked(request: web.Request, route: AnyRoute, body: bytes) -> BaseModel:
    """What the handler takes, checked: the body of a deed, the query of everything else."""
    if not route.has_body:
        query = _query(request.query, route.asks) if route.has_query else {}
        try:
            return route.asks.model_validate(query)  # type: ignore[no-any-return]
        except ValidationError as problem:
            raise from_validation(problem, "query") from None
    if request.content_type != "application/json":
        raise Problem("not-json")
    try:
        return route.asks.model_validate_json(body)  # type: ignore[no-any-return]
    except ValidationError as problem:
        raise from_validation(problem, "body", tagged=issubclass(route.asks, RootModel)) from None


def _query(given: MultiMapping[str], asks: type[BaseModel]) -> dict[str, str | list[str]]:
    """What may be said several times is a list; all else is said once."""
    query: dict[str, str | list[str]] = {}
    for name in given:
        field, said = asks.model_fields.get(name), given.getall(name)
        several = field is not None and get_origin(field.annotation) is tuple
        if len(said) > 1 and not several:
            raise invalid("query", name, "It is given more than once.")
        query[name] = said if several else said[0]
    return query


def _json(status: int, text: str) -> web.Response:
    response = web.Response(text=text, status=status, content_type="application/json")
    response.enable_compression()
    return response


class _File(web.StreamResponse):
    """The bytes of a file, always as a download, never sniffed."""

    def __init__(self, file: Bytes, first: bytes) -> None:
        disposition = f"attachment; filename*=UTF-8''{quote(file.name, safe='', errors='replace')}"
        headers = {**HEADERS, "Content-Type": "application/octet-stream", "Content-Disposition": disposition}
        super().__init__(headers=headers)
        self.file = file
        self.first = first

    @classmethod
    async def of(cls, file: Bytes) -> "_File":
        """Nothing is answered before the first piece is there: the file may be gone."""
        try:
            return cls(file, await anext(file.content, b""))
        except LookupError:
            raise Problem("not-found", "This file is not kept any more.") from None

    async def sent(self, request: web.Request) -> web.StreamResponse:
        await self.prepare(request)
        if request.method != "HEAD":
            await self.write(self.first)
            async for piece in self.file.content:
                await self.write(piece)
        await self.write_eof()
        return self
