"""Sessions: kept by the server, known to a browser by a random token in its cookie."""

from dataclasses import replace
from datetime import timedelta

from hub.auth import Auth
from hub.auth.attempts import device_cookie
from hub.auth.opaque import LONGEST, new_token, token_id
from hub.auth.telling import tell_change
from hub.model.people import Agent
from hub.model.sign_ins import Session
from hub.store.codec import scrubbed

WRITTEN_EVERY = timedelta(minutes=1)
MOST = 50  # of one agent; a program that signs in for every request ends its own former ones
BROWSER_LONGEST = 300


async def start_session(
    auth: Auth, agent: Agent, how: str, *, address: str, browser: str, device: str | None = None
) -> Session:
    """A new session, with the token for its cookie. `device`: the browser's name, if it is known."""
    now = auth.clock()
    token = new_token()
    session = Session(
        id=token_id(token),
        agent=agent.id,
        created_at=now,
        used_at=now,
        expires_at=now + min(auth.idle, auth.longest),
        browser=scrubbed(browser)[:BROWSER_LONGEST],
        address=address,
        how=how,
        token=token,
        device=device_cookie(auth, agent, device),
    )
    for surplus in (await auth.store.sign_ins.list_sessions(agent.id))[MOST - 1 :]:
        await auth.store.sign_ins.end_session(agent.id, surplus.id)
    await auth.store.sign_ins.add_session(session)
    await auth.store.sign_ins.set_credentials(agent.id, seen_at=now)
    return session


async def find_session(
    auth: Auth, token: str | None, *, address: str | None = None
) -> tuple[Session, Agent] | None:
    """Whose session it is, if it has not ended. That it was used is written down once a minute."""
    if not token or len(token) > LONGEST:
        return None
    kept = await auth.store.sign_ins.find_session(token_id(token))
    if kept is None:
        return None
    now = auth.clock()
    agent = await _agent_of(auth, kept)
    if agent is None or agent.disabled or kept.expires_at <= now:
        await auth.store.sign_ins.end_session(kept.agent, kept.id)
        return None
    session = kept
    if now - kept.used_at >= WRITTEN_EVERY:
        until = min(now + auth.idle, kept.created_at + auth.longest)
        session = replace(kept, used_at=now, expires_at=until, address=address or kept.address)
        await auth.store.sign_ins.touch_session(kept, session)
        await auth.store.sign_ins.set_credentials(agent.id, seen_at=now)
    return replace(session, token=token), agent


async def _agent_of(auth: Auth, session: Session) -> Agent | None:
    """From memory: who is disabled has no session any more, and other changes are told at once."""
    known = await auth.store.people.known_agents.get()
    found = next((each for each in known if each.id == session.agent), None)
    return found or await auth.store.people.find_agent(session.agent)


async def list_sessions(auth: Auth, agent: Agent) -> list[Session]:
    """An agent's own sessions, the one used last first. None of them has its token."""
    now = auth.clock()
    return [each for each in await auth.store.sign_ins.list_sessions(agent.id) if each.expires_at > now]


async def end_session(auth: Auth, agent: Agent, session: str) -> bool:
    """End one of an agent's own sessions. False when they have no such session."""
    ended = await auth.store.sign_ins.end_session(agent.id, session)
    await tell_change(auth, agent.id, agent.id)
    return ended


async def end_other_sessions(auth: Auth, agent: Agent, keep: Session | None) -> int:
    """End all of an agent's own sessions but this one. Returns how many."""
    ended = await auth.store.sign_ins.end_sessions(agent.id, keep.id if keep else None)
    await tell_change(auth, agent.id, agent.id)
    return ended


async def sign_out(auth: Auth, session: Session) -> None:
    await auth.store.sign_ins.end_session(session.agent, session.id)
