"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for when it is lost."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyotp

from hub.auth import Auth
from hub.auth.audit import record
from hub.auth.opaque import token_id
from hub.model.people import Agent
from hub.model.sentences import Refusal
from hub.model.sign_ins import Credentials

STEP = 30  # seconds a code is shown
RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # too many possibilities for a hash of one to be searched


class CodeRefused(Refusal):
    """The code is not right. The text is for whoever typed it."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app is given: `uri` as a QR code, or `secret` by hand."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Factor:
    """What an agent is told of their second factor. `codes`: recovery codes that are left."""

    since: datetime | None
    codes: int


async def find_factor(auth: Auth, agent: Agent) -> Factor | None:
    kept = await auth.store.sign_ins.find_credentials(agent.id)
    return Factor(kept.factor_at, len(kept.recovery)) if kept and kept.factor else None


async def start_enrolment(auth: Auth, agent: Agent, *, issuer: str = "Hubbub") -> Enrolment:
    """Propose a secret. The former one, if any, counts until `confirm_enrolment`."""
    secret = pyotp.random_base32()
    await auth.store.sign_ins.set_credentials(agent.id, proposed=auth.sealer.seal(secret, _context(agent.id)))
    return _enrolment(secret, agent, issuer)


async def find_enrolment(auth: Auth, agent: Agent, *, issuer: str = "Hubbub") -> Enrolment | None:
    """The secret that was proposed and waits for its first code."""
    kept = await auth.store.sign_ins.find_credentials(agent.id)
    if kept is None or kept.proposed is None:
        return None
    return _enrolment(auth.sealer.open(kept.proposed, _context(agent.id)), agent, issuer)


async def confirm_enrolment(auth: Auth, agent: Agent, code: str, *, address: str = "") -> tuple[str, ...]:
    """The app shows the right code: from now on it is asked for. Returns the recovery codes, this once.

    Raises CodeRefused.
    """
    kept = await auth.store.sign_ins.find_credentials(agent.id)
    if kept is None or kept.proposed is None:
        raise CodeRefused("enrolment_lost")
    now = auth.clock()
    step = _step_of(auth.sealer.open(kept.proposed, _context(agent.id)), code, now)
    if step is None:
        raise CodeRefused("enrolment_code_wrong")
    codes = _recovery_codes()
    await auth.store.sign_ins.set_credentials(
        agent.id,
        factor=kept.proposed,
        factor_at=now,
        factor_step=step,
        recovery=[_recovery_id(each) for each in codes],
        unset=["proposed"],
    )
    await record(auth.store, auth.clock, agent, "second_factor_added", address=address)
    return codes


async def renew_recovery_codes(auth: Auth, agent: Agent, *, address: str = "") -> tuple[str, ...]:
    """New recovery codes in place of the former ones. Ask for the password first."""
    codes = _recovery_codes()
    await auth.store.sign_ins.set_credentials(agent.id, recovery=[_recovery_id(each) for each in codes])
    await record(auth.store, auth.clock, agent, "recovery_codes_renewed", address=address)
    return codes


async def remove_factor(auth: Auth, agent: Agent) -> None:
    """From now on the password is enough. Whoever calls this has asked for it, or is an admin."""
    unset = ["factor", "factor_at", "factor_step", "proposed", "recovery"]
    await auth.store.sign_ins.set_credentials(agent.id, unset=unset)


async def use_code(auth: Auth, credentials: Credentials, code: str) -> str | None:
    """Use up a code: "app" or "recovery" if it was right, else None. None is right twice."""
    if credentials.factor is None:
        return None
    secret = auth.sealer.open(credentials.factor, _context(credentials.id))
    step = _step_of(secret, code, auth.clock())
    if step is not None:
        return "app" if await auth.store.sign_ins.use_step(credentials.id, step) else None
    used = await auth.store.sign_ins.use_recovery(credentials.id, _recovery_id(code))
    return "recovery" if used else None


def _enrolment(secret: str, agent: Agent, issuer: str) -> Enrolment:
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=agent.email, issuer_name=issuer))


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code it is: this one, or a neighbour, as clocks differ."""
    plain = "".join(code.split())
    if not (plain.isascii() and plain.isdigit()):
        return None
    totp = pyotp.TOTP(secret, interval=STEP)
    present = int(now.timestamp()) // STEP
    # All three are looked at whatever they give: the time it takes tells nothing.
    right = [step for step in _around(present) if hmac.compare_digest(totp.generate_otp(step), plain)]
    return right[0] if right else None


def _around(step: int) -> Sequence[int]:
    return (step, step - 1, step + 1)


def _recovery_codes() -> tuple[str, ...]:
    return tuple(_recovery_code() for _ in range(RECOVERY_CODES))


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _recovery_id(code: str) -> str:
    return token_id("".join(sign for sign in code.lower() if sign.isalnum()))


def _context(agent: str) -> str:
    return f"second factor of {agent}"
