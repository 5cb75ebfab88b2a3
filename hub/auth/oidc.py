"""Single sign-on by OpenID Connect: code flow with PKCE, state and nonce.

What has to be remembered between going to the provider and coming back is sealed in a cookie of the browser
that went: any web process can finish, and nobody can be made to finish somebody else's sign-in. Whether there
is a second factor is the provider's business; ours is asked for with passwords only.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog

from hub.auth import Auth
from hub.auth.access import NotAllowed
from hub.auth.agents import admins
from hub.auth.attempts import known_device
from hub.auth.audit import record
from hub.auth.first_admin import NAME_LONGEST, AgentRefused, check_agent
from hub.auth.oidc_provider import Description, Provider, ProviderTrouble
from hub.auth.seal import SealError
from hub.auth.signing_in import SignInRefused, enter
from hub.model.ids import derived_id, new_id
from hub.model.people import Agent, Role
from hub.model.sign_ins import Session
from hub.store.people import EmailTaken

log = structlog.get_logger()

GOOD_FOR = timedelta(minutes=15)
RETURN_PATH = "/desk/sign-in/oidc"  # below our public URL; registered at the provider
COOKIE = "single sign-on"  # what the cookie is sealed for
RANKS = (Role.ADMIN, Role.SUPERVISOR, Role.AGENT)

# Codes of sentences
AWAY = "oidc_away"
STALE = "oidc_stale"
DECLINED = "oidc_declined"
UNKNOWN = "oidc_unknown"
NO_GROUP = "oidc_no_group"
UNVERIFIED = "oidc_unverified"
SOMEBODY_ELSE = "oidc_somebody_else"
DISABLED = "sign_in_disabled"


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and the cookie to give it on its way."""

    url: str
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    session: Session
    back: str  # the page of ours that they wanted


async def start_oidc(auth: Auth, redirect_uri: str, back: str = "/") -> Departure:
    """`redirect_uri`: where the provider sends them back to, as registered there. Raises SignInRefused."""
    provider = _provider(auth)
    try:
        description = await provider.describe()
    except ProviderTrouble as problem:
        raise _trouble(problem) from problem
    said = {
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "verifier": secrets.token_urlsafe(48),
        "redirect_uri": redirect_uri,
        "back": local_path(back),
        "at": auth.clock().isoformat(),
    }
    challenge = base64.urlsafe_b64encode(hashlib.sha256(said["verifier"].encode()).digest())
    query = {
        "response_type": "code",
        "client_id": provider.oidc.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(provider.oidc.scopes),
        "state": said["state"],
        "nonce": said["nonce"],
        "code_challenge": challenge.decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in description.authorization_endpoint else "?"
    url = description.authorization_endpoint + joint + urlencode(query)
    return Departure(url, auth.sealer.seal(json.dumps(said), COOKIE))


async def finish_oidc(
    auth: Auth,
    cookie: str | None,
    answer: Mapping[str, str],
    *,
    address: str,
    browser: str,
    device: str | None = None,
) -> Arrival:
    """What the provider's `answer`, the query they came back with, is worth. Raises SignInRefused.

    Remove the cookie in any case.
    """
    provider = _provider(auth)
    said = _opened(auth, cookie, answer)
    try:
        _check_issuer(await provider.describe(), answer)
        if "code" not in answer:
            log.info("single sign-on declined", error=answer.get("error", "")[:60])
            raise SignInRefused(DECLINED)
        tokens = await provider.redeem(answer["code"], said["verifier"], said["redirect_uri"])
        claims = await provider.verified(tokens.id_token, said["nonce"])
        if _lacks_something(claims, provider):
            told = await provider.userinfo(tokens.access_token, claims["sub"])
            claims = _together(claims, told)
    except ProviderTrouble as problem:
        raise _trouble(problem) from problem
    agent = await _agent_of(auth, provider, claims, address)
    known = known_device(auth, device, agent)
    session = await enter(auth, agent, None, "oidc", None, address, browser, known)
    return Arrival(session, said["back"])


async def unlink(auth: Auth, by: Agent, agent: Agent, *, address: str = "") -> None:
    """The next one at the provider with the agent's verified address becomes them. Raises NotAllowed."""
    if by.role is not Role.ADMIN or by.disabled:
        raise NotAllowed("only_admins")
    await auth.store.sign_ins.drop_subjects(agent.id)
    await record(
        auth.store, auth.clock, by, "unlinked", target=agent.id, target_name=agent.name, address=address
    )


async def check_provider(auth: Auth, by: Agent) -> Description:
    """What the provider says of itself right now, its keys having been fetched.

    Raises NotAllowed, SignInRefused, ProviderTrouble, whose text is for admins.
    """
    if by.role is not Role.ADMIN or by.disabled:
        raise NotAllowed("only_admins")
    return await _provider(auth).look_again()


def local_path(path: str) -> str:
    """A path of ours; "/" for anything that a browser might take for another site."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain and "\\" not in path and len(path) <= 1000 else "/"


def _provider(auth: Auth) -> Provider:
    if auth.provider is None:
        raise SignInRefused("oidc_none")
    return auth.provider


def _trouble(problem: ProviderTrouble) -> SignInRefused:
    log.warning("single sign-on failed", problem=str(problem))
    return SignInRefused(AWAY)


def _opened(auth: Auth, cookie: str | None, answer: Mapping[str, str]) -> dict[str, str]:
    try:
        said: dict[str, str] = json.loads(auth.sealer.open(cookie or "", COOKIE))
    except SealError as problem:
        raise SignInRefused(STALE) from problem
    fresh = auth.clock() - datetime.fromisoformat(said["at"]) < GOOD_FOR
    state = answer.get("state", "").encode("utf-8", "replace")
    if not fresh or not hmac.compare_digest(state, said["state"].encode()):
        raise SignInRefused(STALE)
    return said


def _check_issuer(description: Description, answer: Mapping[str, str]) -> None:
    """RFC 9207: the answer is of the provider we sent them to, not of another one that mixes itself in."""
    issuer = answer.get("iss")
    if issuer is None and not description.authorization_response_iss_parameter_supported:
        return
    if issuer != description.issuer:
        raise ProviderTrouble("The answer is of another provider.")


def _lacks_something(claims: Mapping[str, Any], provider: Provider) -> bool:
    grouped = not provider.oidc.roles or _groups(claims, provider.oidc.groups_claim) is not None
    return not grouped or not {"email", "email_verified"} <= claims.keys()


def _together(claims: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of the token, completed by those of the userinfo endpoint."""
    # That another address has been verified says nothing about the one in the token.
    if "email" in claims and told.get("email") != claims["email"]:
        told = {name: value for name, value in told.items() if name != "email_verified"}
    return {**told, **claims}


async def _agent_of(auth: Auth, provider: Provider, claims: Mapping[str, Any], address: str) -> Agent:
    """The agent who it is, linked or made if need be, with the role of their groups."""
    oidc = provider.oidc
    role = _role(provider, claims)
    subject = derived_id("oidc", str(claims["iss"]), str(claims["sub"]))
    linked = await auth.store.sign_ins.find_subject(subject)
    agent = await auth.store.people.find_agent(linked) if linked else None
    if agent is None:
        email = claims.get("email")
        if not isinstance(email, str) or not (claims.get("email_verified") is True or oidc.trust_email):
            raise SignInRefused(UNVERIFIED)
        email = email.strip().encode("utf-8", "replace").decode()
        agent = await auth.store.people.find_agent_by_email(email)
        if agent is None:
            agent = await _create(auth, provider, claims, email, role or Role.AGENT, address)
        elif await auth.store.sign_ins.has_subject(agent.id):
            # Addresses are given to new people; what the former one could see is not theirs.
            raise SignInRefused(SOMEBODY_ELSE)
        if not agent.disabled:
            await auth.store.sign_ins.add_subject(subject, agent.id)
    if agent.disabled:
        raise SignInRefused(DISABLED)
    return await _with_role(auth, agent, role, address)


async def _create(
    auth: Auth, provider: Provider, claims: Mapping[str, Any], email: str, role: Role, address: str
) -> Agent:
    if not provider.oidc.create_agents:
        raise SignInRefused(UNKNOWN)
    named = [_printable(claims.get(each)) for each in ("name", "preferred_username", "email")]
    try:
        name, email = check_agent(next(filter(None, named), ""), email)
    except AgentRefused as problem:
        raise SignInRefused(UNKNOWN) from problem
    now = auth.clock()
    agent = Agent(id=new_id(now), name=name, email=email, role=role, created_at=now)
    try:
        await auth.store.people.add_agent(agent)
    except EmailTaken as problem:  # in another window, a moment ago
        raise SignInRefused(STALE) from problem
    await _record(auth, agent, "agent_added", address, {"role": role, "how": "oidc"})
    return agent


def _printable(name: object) -> str:
    """What somebody is called there, as far as it can be shown."""
    text = name if isinstance(name, str) else ""
    return "".join(sign for sign in text if sign.isprintable()).strip()[:NAME_LONGEST]


async def _with_role(auth: Auth, agent: Agent, role: Role | None, address: str) -> Agent:
    """The provider decides at every sign-in; but whoever is the last admin stays it."""
    if role is None or role is agent.role:
        return agent
    if agent.role is Role.ADMIN and not await admins(auth) - {agent.id}:
        log.warning("the last admin keeps the role whatever their groups are", agent=agent.id)
        return agent
    await auth.store.people.change_agent(agent.id, role=role)
    if agent.role is Role.ADMIN and not await admins(auth):  # another one has left at the same instant
        await auth.store.people.change_agent(agent.id, role=agent.role)
        return agent
    await _record(auth, agent, "role_changed", address, {"from": agent.role, "to": role, "how": "oidc"})
    return replace(agent, role=role)


async def _record(auth: Auth, agent: Agent, deed: str, address: str, details: Mapping[str, str]) -> None:
    await record(
        auth.store,
        auth.clock,
        None,
        deed,
        target=agent.id,
        target_name=agent.name,
        address=address,
        details=details,
    )


def _role(provider: Provider, claims: Mapping[str, Any]) -> Role | None:
    """The highest role of their groups; None where groups decide nothing. Raises SignInRefused."""
    if not provider.oidc.roles:
        return None
    groups = _groups(claims, provider.oidc.groups_claim) or ()
    roles = {provider.oidc.roles[each] for each in groups if each in provider.oidc.roles}
    if not roles:
        raise SignInRefused(NO_GROUP)
    return min(roles, key=RANKS.index)


def _groups(claims: Mapping[str, Any], claim: str) -> tuple[str, ...] | None:
    """Of a claim by its name or, as "realm_access.roles", by its path; None if there is no such claim."""
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return (found,)
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else None
