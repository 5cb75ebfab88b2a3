"""A small OpenID provider that does wrong whatever a test wants: tokens that no honest one would issue."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

CLIENT_ID = "hubbub"
CLIENT_SECRET = "a secret"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
NEXT_KEY = ECKey.generate_key("P-256", {"kid": "two", "use": "sig", "alg": "ES256"})
STRANGE_KEY = RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class Forger:
    """Honest until told otherwise."""

    issuer: str = ""
    now: int = 0
    nonce: str = ""
    challenge: str = ""
    key: Key = field(default_factory=lambda: KEY)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    changes: dict[str, Any] = field(default_factory=dict)  # to the claims; None removes one
    published: list[dict[str, Any]] = field(default_factory=lambda: [KEY.as_dict(private=False)])
    about_itself: dict[str, Any] = field(default_factory=dict)
    tells: dict[str, Any] | None = None  # at the userinfo endpoint
    answer: web.Response | None = None  # of the token endpoint, instead of tokens
    asked: list[str] = field(default_factory=list)

    def claims(self) -> dict[str, Any]:
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "ana-at-provider",
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": self.nonce,
            "email": "ana@hub.example",
            "email_verified": True,
            "name": "Ana",
            "groups": ["staff"],
            **self.changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def id_token(self) -> str:
        if self.header["alg"] == "none":
            parts = [json.dumps(each).encode() for each in (self.header, self.claims())]
            return ".".join(base64.urlsafe_b64encode(each).decode().rstrip("=") for each in parts) + "."
        algorithms = [str(self.header["alg"])]
        return jwt.encode(self.header, self.claims(), self.key, algorithms=algorithms)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._describe)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        app.router.add_get("/userinfo", self._userinfo)
        return app

    async def _describe(self, request: web.Request) -> web.Response:
        self.asked.append("description")
        itself = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            **self.about_itself,
        }
        return web.json_response({name: value for name, value in itself.items() if value is not None})

    async def _keys(self, request: web.Request) -> web.Response:
        self.asked.append("keys")
        return web.json_response({"keys": self.published})

    async def _token(self, request: web.Request) -> web.Response:
        self.asked.append("token")
        if self.answer is not None:
            return self.answer
        form = await request.post()
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != self.challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"id_token": self.id_token(), "access_token": "opaque"})

    async def _userinfo(self, request: web.Request) -> web.Response:
        self.asked.append("userinfo")
        assert request.headers["Authorization"] == "Bearer opaque"
        return web.json_response(self.tells or {"sub": "ana-at-provider"})


def shared_secret(text: str) -> Key:
    return OctKey.import_key(text)


@asynccontextmanager
async def forging() -> AsyncIterator[Forger]:
    forger = Forger()
    async with TestServer(forger.app()) as server:
        forger.issuer = str(server.make_url("/")).rstrip("/")
        yield forger
