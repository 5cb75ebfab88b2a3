"""What a channel logs in with: its password, or an OAuth token that is renewed before it runs out."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta
from typing import Any, TypeVar

import aiohttp
from pydantic import SecretStr

from connectors.email.config import EmailConfig, OAuth, Password
from connectors.email.sayings import sentence
from hub.contract.connector import Kit
from hub.contract.errors import AuthBroken, Unavailable

Result = TypeVar("Result")

EARLY = timedelta(minutes=5)
TOKEN_URLS = {
    # Google: "Using OAuth 2.0 for Web Server Applications"; Microsoft: "OAuth 2.0 authorization code flow".
    # Both checked 2026-11-23. A Microsoft organisation's own: TENANT instead of common.
    "google": "https://oauth2.googleapis.com/token",
    "microsoft": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
}
# Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth": scopes with the resource's address.
# Google, "XOAUTH2 mechanism": https://mail.google.com/, chosen at sign-in. Both checked 2026-11-30.
_MICROSOFT_SCOPE = (
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
)


class Credentials:
    """The secret of one channel, renewed where it can be."""

    def __init__(self, config: EmailConfig, kit: Kit, changed: Callable[[EmailConfig], None]) -> None:
        self._config = config
        self._kit = kit
        self._changed = changed
        self._renewing = asyncio.Lock()

    async def used_by(self, login: Callable[[Password | OAuth, str], Awaitable[Result]]) -> Result:
        """Log in with the secret; a token the server refuses is renewed and tried once more."""
        auth = self._config.auth
        if isinstance(auth, Password):
            return await login(auth, auth.password.get_secret_value())
        token = await self._token()
        try:
            return await login(auth, token)
        except AuthBroken:
            if auth.refresh_token is None:
                raise
            return await login(auth, await self._token(refused=token))

    async def _token(self, refused: str | None = None) -> str:
        """A token good for some minutes yet, and another one than `refused`."""
        async with self._renewing:
            auth = self._config.auth
            assert isinstance(auth, OAuth)
            token = auth.access_token.get_secret_value() if auth.access_token else None
            soon = auth.expires_at is not None and auth.expires_at - EARLY <= self._kit.now()
            if token is not None and token != refused and not soon:
                return token
            if auth.refresh_token is None:
                if token is not None and token != refused:
                    return token  # it may still do; the server decides
                raise AuthBroken(
                    "The access token has run out, and there is no refresh token to renew it with."
                )
            renewed = await self._renew(auth, auth.refresh_token)
            self._config = self._config.model_copy(update={"auth": renewed})
            self._changed(self._config)
            await self._kit.save_config(self._config)
            assert renewed.access_token is not None
            return renewed.access_token.get_secret_value()

    async def _renew(self, auth: OAuth, refresh_token: SecretStr) -> OAuth:
        url = auth.token_url or TOKEN_URLS[auth.provider]
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token.get_secret_value(),
            "client_id": auth.client_id,
        }
        if auth.client_secret.get_secret_value():
            form["client_secret"] = auth.client_secret.get_secret_value()
        if auth.provider == "microsoft":
            form["scope"] = _MICROSOFT_SCOPE
        limit = aiohttp.ClientTimeout(total=self._config.timeouts.connect * 2)
        try:
            async with self._kit.http.post(url, data=form, timeout=limit) as answer:
                return self._renewed(auth, answer.status, await _read(answer))
        except (aiohttp.ClientError, TimeoutError) as problem:
            raise Unavailable(f"The server {_host(url)} cannot be reached to renew the login.") from problem

    def _renewed(self, auth: OAuth, status: int, said: dict[str, Any]) -> OAuth:
        token = said.get("access_token")
        if status == 200 and isinstance(token, str) and token:
            lifetime = _seconds(said.get("expires_in"))
            update: dict[str, Any] = {
                "access_token": SecretStr(token),
                "expires_at": self._kit.now().astimezone(UTC) + lifetime,
            }
            if isinstance(said.get("refresh_token"), str):  # some providers hand out a new one each time
                update["refresh_token"] = SecretStr(said["refresh_token"])
            return auth.model_copy(update=update)
        words = " ".join(str(said.get(name, "")) for name in ("error", "error_description")).strip()[:300]
        if status in (400, 401, 403):
            raise AuthBroken(sentence(f"The login cannot be renewed: {words or status}"))
        raise Unavailable(sentence(f"The login cannot be renewed just now: {words or status}"))


async def _read(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        said = await answer.json(content_type=None)
    except (ValueError, UnicodeDecodeError):
        return {}
    return said if isinstance(said, dict) else {}


def _seconds(value: object) -> timedelta:
    """A lifetime as providers write it: a number or its text; an hour where it is neither."""
    try:
        return timedelta(seconds=float(str(value)))
    except (ValueError, OverflowError):
        return timedelta(hours=1)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]
