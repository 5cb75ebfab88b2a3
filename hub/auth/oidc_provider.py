"""A provider of OpenID Connect, spoken to: discovery, exchange of a code, whether an ID token is genuine.

OpenID Connect Core 1.0 (errata 2) 3.1.3.7 and Discovery 1.0, RFC 7636 (PKCE), RFC 9207; checked 2026-11-23.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key
from pydantic import BaseModel, ConfigDict, ValidationError

from hub.clock import Clock
from hub.model.people import Role

# Asymmetric alone. With HS256, whoever knows our secret, or the provider's public key, could write tokens.
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
)  # fmt: skip
KEPT_FOR = timedelta(hours=1)  # what the provider says of itself, its keys included
KEYS_AGAIN_AFTER = timedelta(minutes=1)  # at the earliest, when a token names a key we do not know
LEEWAY = 60  # seconds our clocks may differ
LARGEST = 1_000_000  # bytes of an answer
WITHIN = aiohttp.ClientTimeout(total=15)


class ProviderTrouble(Exception):
    """The provider cannot be reached or answers what it must not. The text, for admins, has no secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Oidc:
    """What an admin has set."""

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    title: str = "single sign-on"
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    groups_claim: str = "groups"
    roles: Mapping[str, Role] = field(default_factory=dict)  # by group; without any, nobody's role is changed
    create_agents: bool = False
    trust_email: bool = False  # also an address that is not marked as verified


class Description(BaseModel):
    """What a provider says of itself."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    id_token_signing_alg_values_supported: tuple[str, ...] = ALGORITHMS
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Tokens(BaseModel):
    id_token: str
    access_token: str


class Provider:
    """Keeps for an hour what the provider says of itself."""

    def __init__(self, oidc: Oidc, http: aiohttp.ClientSession, clock: Clock) -> None:
        self.oidc = oidc
        self._http = http
        self._clock = clock
        self._description: tuple[datetime, Description] | None = None
        self._keys: tuple[datetime, list[Key]] | None = None

    async def describe(self) -> Description:
        """Raises ProviderTrouble."""
        now = self._clock()
        if self._description and now - self._description[0] < KEPT_FOR:
            return self._description[1]
        url = self.oidc.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            found = Description.model_validate(await self._get(url))
        except ValidationError as problem:
            wrong = ", ".join(str(each["loc"][0]) for each in problem.errors() if each["loc"])
            raise ProviderTrouble(f"{url} lacks what OpenID Connect asks for: {wrong}.") from problem
        if found.issuer.rstrip("/") != self.oidc.issuer.rstrip("/"):
            raise ProviderTrouble(f"oidc.issuer must be what {url} says that it is: {found.issuer[:200]}.")
        self._check_addresses(found)
        self._description = (now, found)
        return found

    async def look_again(self) -> Description:
        """As it is now, not as it was within the last hour; its keys are readable. Raises ProviderTrouble."""
        self._description = self._keys = None
        found = await self.describe()
        await self._keys_for(None)
        return found

    def _check_addresses(self, found: Description) -> None:
        addresses = (
            found.authorization_endpoint,
            found.token_endpoint,
            found.jwks_uri,
            found.userinfo_endpoint,
        )
        allowed = ("https://",) if self.oidc.issuer.startswith("https://") else ("https://", "http://")
        if not all(each is None or each.startswith(allowed) for each in addresses):
            raise ProviderTrouble("The provider names an address that is not https.")

    async def redeem(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """The tokens for a code. Raises ProviderTrouble."""
        description = await self.describe()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": redirect_uri,
        }
        headers = {}
        secret = self.oidc.client_secret
        if secret and "client_secret_basic" in description.token_endpoint_auth_methods_supported:
            # RFC 6749, 2.3.1: both are encoded like the fields of a form.
            encoded = (quote(self.oidc.client_id, safe=""), quote(secret, safe=""))
            headers["Authorization"] = aiohttp.encode_basic_auth(*encoded)
        else:
            form["client_id"] = self.oidc.client_id
            if secret:
                form["client_secret"] = secret
        answer = await self._ask("POST", description.token_endpoint, data=form, headers=headers)
        try:
            return Tokens.model_validate(answer)
        except ValidationError as problem:
            raise ProviderTrouble("The provider gave no ID token for the code.") from problem

    async def verified(self, id_token: str, nonce: str) -> dict[str, Any]:
        """The claims of a genuine token, made for us and for this very sign-in. Raises ProviderTrouble."""
        description = await self.describe()
        now = int(self._clock().timestamp())
        algorithms = [
            each for each in description.id_token_signing_alg_values_supported if each in ALGORITHMS
        ]
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY,
            iss={"essential": True, "value": description.issuer},
            aud={"essential": True, "value": self.oidc.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = await self._claims(id_token, algorithms)
            registry.validate(claims)
        except JoseError as problem:
            # The name of the error alone: its text may repeat parts of the token.
            raise ProviderTrouble(f"The ID token is not acceptable ({type(problem).__name__}).") from problem
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.oidc.client_id) != self.oidc.client_id:
            raise ProviderTrouble("The ID token was issued to another client.")
        return claims

    async def _claims(self, id_token: str, algorithms: list[str]) -> dict[str, Any]:
        try:
            header = jws.extract_compact(id_token.encode()).headers()
        except ValueError as problem:
            raise ProviderTrouble("The ID token is no token.") from problem
        kid = header.get("kid")
        trouble: JoseError | None = None
        for key in await self._keys_for(kid if isinstance(kid, str) else None):
            try:
                return jwt.decode(id_token, key, algorithms=algorithms).claims
            except JoseError as problem:
                trouble = problem
        if trouble is not None:
            raise trouble
        raise ProviderTrouble("The ID token was signed with a key that the provider does not publish.")

    async def _keys_for(self, kid: str | None) -> list[Key]:
        """The key of that name, or all if a token names none. An unknown name has the keys fetched again."""
        now = self._clock()
        fetched_at, keys = self._keys or (now - KEPT_FOR, [])
        unknown = kid is not None and all(key.kid != kid for key in keys)
        if now - fetched_at >= (KEYS_AGAIN_AFTER if unknown else KEPT_FOR):
            answer = await self._get((await self.describe()).jwks_uri)
            keys = _parse_keys(answer.get("keys"))
            self._keys = (now, keys)
        return [key for key in keys if kid is None or key.kid == kid]

    async def userinfo(self, access_token: str, subject: str) -> dict[str, Any]:
        """Further claims about the same person; none where the provider has no such endpoint."""
        url = (await self.describe()).userinfo_endpoint
        if url is None:
            return {}
        found = await self._ask("GET", url, headers={"Authorization": f"Bearer {access_token}"})
        if found.get("sub") != subject:
            raise ProviderTrouble("The provider told about somebody else than the one who signed in.")
        return found

    async def _get(self, url: str) -> dict[str, Any]:
        return await self._ask("GET", url)

    async def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        try:
            async with self._http.request(
                method, url, timeout=WITHIN, allow_redirects=False, **more
            ) as answer:
                body = await answer.content.read(LARGEST + 1)
                while len(body) <= LARGEST and (part := await answer.content.read(LARGEST)):
                    body += part
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as problem:
            raise ProviderTrouble(f"{url} cannot be reached ({type(problem).__name__}).") from problem
        if answer.status != 200 or len(body) > LARGEST:
            raise ProviderTrouble(f"{url} answered {answer.status}{_error_in(body)}.")
        try:
            found = json.loads(body)
        except ValueError as problem:
            raise ProviderTrouble(f"{url} did not answer in JSON.") from problem
        if not isinstance(found, dict):
            raise ProviderTrouble(f"{url} did not answer with an object.")
        return found


def _error_in(body: bytes) -> str:
    """The error's code, such as ": invalid_client"."""
    try:
        code = json.loads(body[:LARGEST])["error"]
    except (ValueError, TypeError, KeyError):
        return ""
    return f": {code[:60]}" if isinstance(code, str) and code.replace("_", "").isalnum() else ""


def _parse_keys(keys: object) -> list[Key]:
    """Those we understand: a provider may publish keys of kinds to come."""
    found: list[Key] = []
    for each in keys if isinstance(keys, list) else []:
        if not isinstance(each, dict) or each.get("kty") == "oct" or each.get("use", "sig") != "sig":
            continue
        try:
            found.append(JWKRegistry.import_key(each))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return found
