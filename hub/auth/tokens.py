"""Tokens for programs that speak to the API: an agent's rights, narrowed by scopes, for a time."""

from datetime import datetime, timedelta

from hub.auth import Auth
from hub.auth.access import NotAllowed
from hub.auth.audit import record
from hub.auth.opaque import LONGEST, new_token, token_id
from hub.model.people import Agent, Role
from hub.model.sentences import Refusal
from hub.model.sign_ins import ApiToken, Scope

PREFIX = "hub_"  # by which scanners for leaked secrets can tell one
HINT = len(PREFIX) + 4
WRITTEN_EVERY = timedelta(minutes=1)
MOST = 50  # of one agent
TITLE_LONGEST = 100

INCLUDED = {
    Scope.READ: frozenset({Scope.READ}),
    Scope.WRITE: frozenset({Scope.READ, Scope.WRITE}),
    Scope.ADMIN: frozenset({Scope.READ, Scope.WRITE, Scope.ADMIN}),
}


class TokenRefused(Refusal):
    """No such token can be made. The text says why."""


async def create_token(
    auth: Auth,
    agent: Agent,
    title: str,
    scopes: frozenset[Scope],
    *,
    lasts: timedelta | None,
    address: str = "",
) -> tuple[ApiToken, str]:
    """A token of the agent's own and its text, which is shown this once. Raises TokenRefused, NotAllowed."""
    title = " ".join(title.split())
    if not 0 < len(title) <= TITLE_LONGEST:
        raise TokenRefused("token_title", most=TITLE_LONGEST)
    if not scopes:
        raise TokenRefused("token_scope")
    if lasts is not None and lasts <= timedelta():
        raise TokenRefused("token_past")
    if agent.disabled or (Scope.ADMIN in scopes and agent.role is not Role.ADMIN):
        raise NotAllowed("only_admins_admin_token")
    if len(await auth.store.sign_ins.list_tokens(agent.id)) >= MOST:
        raise TokenRefused("token_many", most=MOST)
    now = auth.clock()
    text = new_token(PREFIX)
    token = ApiToken(
        id=token_id(text),
        agent=agent.id,
        title=title,
        scopes=tuple(sorted(scopes)),
        created_at=now,
        expires_at=now + lasts if lasts is not None else None,
        hint=text[:HINT],
    )
    await auth.store.sign_ins.add_token(token)
    details = {"title": title, "scopes": " ".join(token.scopes)}
    await record(
        auth.store, auth.clock, agent, "token_created", target=token.id, address=address, details=details
    )
    return token, text


def check_within(token: ApiToken, scope: Scope, lasts: timedelta | None, now: datetime) -> None:
    """What a token makes does no more than it does, and no longer. Raises NotAllowed."""
    if not any(scope in INCLUDED[each] for each in token.scopes):
        raise NotAllowed("token_wider")
    if token.expires_at is not None and (lasts is None or now + lasts > token.expires_at):
        raise NotAllowed("token_longer")


async def find_token(auth: Auth, text: str) -> tuple[ApiToken, Agent] | None:
    """Whose token it is, if it is good. That it was used is written down once a minute."""
    if not text.startswith(PREFIX) or len(text) > LONGEST:
        return None
    token = await auth.store.sign_ins.find_token(token_id(text))
    now = auth.clock()
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    agent = await auth.store.people.find_agent(token.agent)
    if agent is None or agent.disabled:
        return None
    if token.used_at is None or now - token.used_at >= WRITTEN_EVERY:
        await auth.store.sign_ins.touch_token(token.id, now)
    return token, agent


def allows(token: ApiToken, agent: Agent, scope: Scope) -> bool:
    """Whether a token may be used for that. What only admins do is for tokens of those who still are one."""
    if scope is Scope.ADMIN and agent.role is not Role.ADMIN:
        return False
    return any(scope in INCLUDED[each] for each in token.scopes)


async def list_tokens(auth: Auth, agent: Agent, *, everybodys: bool = False) -> list[ApiToken]:
    """An agent's own tokens, those that have ended too; for admins everybody's. Raises NotAllowed."""
    if everybodys and (agent.role is not Role.ADMIN or agent.disabled):
        raise NotAllowed("only_admins_tokens")
    return await auth.store.sign_ins.list_tokens(None if everybodys else agent.id)


async def revoke_token(auth: Auth, agent: Agent, token: str, *, address: str = "") -> bool:
    """From now on it opens nothing. False when there is no such token; admins may revoke anybody's."""
    found = await auth.store.sign_ins.find_token(token)
    if found is None or (found.agent != agent.id and agent.role is not Role.ADMIN):
        return False
    revoked = await auth.store.sign_ins.revoke_token(token)
    if revoked:
        details = {"title": found.title, "of": found.agent}
        await record(
            auth.store, auth.clock, agent, "token_revoked", target=token, address=address, details=details
        )
    return revoked
