"""An office at whose door people stand: a hub, its Auth with a clock that tests set, one agent."""

from datetime import datetime, timedelta

import pyotp

from hub.app import Hub
from hub.auth import Auth
from hub.auth.seal import Sealer
from hub.auth.signing_in import set_password
from hub.clock import utc_now
from hub.model.people import Agent, Role

PASSWORD = "three wooden herons"
HOME = "192.0.2.1"
ELSEWHERE = "198.51.100.7"


class Hands:
    """A clock that goes only when it is told to. It begins at the tenth second of a code's thirty."""

    def __init__(self) -> None:
        now = utc_now()
        self.now = now - timedelta(seconds=now.timestamp() % 30 + 20)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


class Phone:
    """An authenticator app, by RFC 6238, with a clock that may be off."""

    def __init__(self, secret: str, hands: Hands) -> None:
        self.totp = pyotp.TOTP(secret)
        self.hands = hands

    def code(self, off: float = 0) -> str:
        return self.totp.at(int(self.hands().timestamp() + off))


def auth_of(hub: Hub, hands: Hands) -> Auth:
    return Auth(hub.store, hands, Sealer([bytes(32)]))


async def add_agent(
    auth: Auth, name: str = "Ana", *, password: str | None = PASSWORD, role: Role = Role.AGENT
) -> Agent:
    low = name.casefold()
    agent = Agent(id=low, name=name, email=f"{low}@hub.example", role=role, created_at=auth.clock())
    await auth.store.people.add_agent(agent)
    if password is not None:
        await set_password(auth, agent, password)
    return agent
