"""What admins do with webhooks: add, change, switch, rotate the secret, try out, send again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urldefrag, urlsplit

from hub.auth.access import NotAllowed
from hub.auth.audit import record
from hub.hooks import Webhooks
from hub.hooks.kinds import KINDS
from hub.hooks.signing import new_secret
from hub.model.events import Event
from hub.model.hooks import Hook, HookSecret, HookState
from hub.model.ids import new_id
from hub.model.people import Agent, Role
from hub.model.sentences import Refusal
from hub.realtime import publish
from hub.store.codec import to_document

MOST = 50
NAME_MOST = 80
URL_MOST = 2000
OVERLAP = timedelta(hours=24)  # an old secret signs beside the new one for so long


class BadHook(Refusal):
    """A webhook cannot be like this. `field`: which answer is wrong; the text says why."""

    def __init__(self, code: str, /, *, wrong: str, **details: object) -> None:
        super().__init__(code, **details)
        self.field = wrong


class NoSuchHook(Refusal):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an admin enters."""

    name: str
    url: str
    kinds: tuple[str, ...]
    channels: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


async def list_hooks(hooks: Webhooks, agent: Agent) -> list[Hook]:
    """By name. Raises NotAllowed."""
    check_admin(agent)
    return await hooks.desk.store.hooks.list_hooks()


async def get_hook(hooks: Webhooks, agent: Agent, hook: str) -> Hook:
    """Raises NotAllowed, NoSuchHook."""
    check_admin(agent)
    found = await hooks.desk.store.hooks.find(hook)
    if found is None:
        raise NoSuchHook("hook_gone")
    return found


async def add_hook(hooks: Webhooks, agent: Agent, wanted: Wanted, *, address: str = "") -> tuple[Hook, str]:
    """A webhook and its secret, which is shown this once. Raises NotAllowed, BadHook."""
    check_admin(agent)
    wanted = await _checked(hooks, wanted)
    if len(await hooks.desk.store.hooks.list_hooks()) >= MOST:
        raise BadHook("hooks_many", wrong="name", most=MOST)
    now = hooks.desk.clock()
    hook, secret = new_id(now), new_secret()
    made = Hook(
        id=hook,
        name=wanted.name,
        url=wanted.url,
        kinds=wanted.kinds,
        channels=wanted.channels,
        teams=wanted.teams,
        secrets=(_sealed(hooks, hook, secret, now),),
        created_at=now,
        since=now,
    )
    await hooks.desk.store.hooks.add(made)
    await tell(hooks, agent, made, "hook_added", {"url": made.url}, address)
    return made, secret


async def change_hook(hooks: Webhooks, agent: Agent, hook: str, wanted: Wanted, *, address: str = "") -> Hook:
    """Raises NotAllowed, NoSuchHook, BadHook."""
    found = await get_hook(hooks, agent, hook)
    wanted = await _checked(hooks, wanted)
    changes: dict[str, Any] = {
        "name": wanted.name,
        "url": wanted.url,
        "kinds": list(wanted.kinds),
        "channels": list(wanted.channels),
        "teams": list(wanted.teams),
    }
    if wanted.url != found.url:
        changes |= _fresh_start()
    await hooks.desk.store.hooks.change(hook, changes)
    await tell(hooks, agent, found, "hook_changed", {"url": wanted.url}, address)
    return await get_hook(hooks, agent, hook)


async def switch_hook(hooks: Webhooks, agent: Agent, hook: str, on: bool, *, address: str = "") -> Hook:
    """On: it hears of what happens from now on, and is sent what waits. Raises NotAllowed, NoSuchHook."""
    found = await get_hook(hooks, agent, hook)
    wanted = HookState.ON if on else HookState.OFF
    if found.state is wanted:
        return found
    changes: dict[str, Any] = {"state": wanted, "problem": None}
    if on:
        changes |= {"since": hooks.desk.clock(), **_fresh_start()}
    await hooks.desk.store.hooks.change(hook, changes)
    await tell(hooks, agent, found, "hook_enabled" if on else "hook_disabled", {}, address)
    return await get_hook(hooks, agent, hook)


async def remove_hook(hooks: Webhooks, agent: Agent, hook: str, *, address: str = "") -> Hook:
    """With its log. Raises NotAllowed, NoSuchHook."""
    found = await get_hook(hooks, agent, hook)
    await hooks.desk.store.hooks.remove(hook)
    await tell(hooks, agent, found, "hook_removed", {"url": found.url}, address)
    return found


async def rotate_secret(hooks: Webhooks, agent: Agent, hook: str, *, address: str = "") -> tuple[Hook, str]:
    """A new secret, shown this once. For a day the one before it signs too. Raises NotAllowed, NoSuchHook."""
    found = await get_hook(hooks, agent, hook)
    now, secret = hooks.desk.clock(), new_secret()
    former = [replace(each, ends_at=now + OVERLAP) for each in found.secrets[:1]]
    kept = (_sealed(hooks, hook, secret, now), *former)
    await hooks.desk.store.hooks.change(hook, {"secrets": [to_document(each) for each in kept]})
    await tell(hooks, agent, found, "hook_secret_changed", {}, address)
    return await get_hook(hooks, agent, hook), secret


async def disable(hooks: Webhooks, hook: Hook, because: str) -> bool:
    """By Hubbub itself; admins are told. False: it was not on any more."""
    changes = {"state": HookState.DISABLED, "problem": because}
    # A field that has its default is not stored: on is where nothing else is said.
    still_on = {"state": {"$in": [None, HookState.ON]}}
    if not await hooks.desk.store.hooks.change(hook.id, changes, only_if=still_on):
        return False
    await tell(hooks, None, hook, "hook_disabled", {"because": because}, "")
    return True


def secrets_of(hooks: Webhooks, hook: Hook, now: datetime) -> list[str]:
    """What signs now. Raises SealError."""
    sealer = hooks.desk.registry.sealer
    valid = [each for each in hook.secrets if each.ends_at is None or each.ends_at > now]
    return [sealer.open(each.sealed, _context(hook.id, each.id)) for each in valid]


def check_admin(agent: Agent) -> None:
    """Raises NotAllowed."""
    if agent.role is not Role.ADMIN or agent.disabled:
        raise NotAllowed("only_admins")


async def tell(
    hooks: Webhooks, by: Agent | None, hook: Hook, deed: str, details: Mapping[str, str], address: str
) -> None:
    """Into the audit log, and to every admin's screen and every worker."""
    desk = hooks.desk
    await record(
        desk.store,
        desk.clock,
        by,
        deed,
        target=hook.id,
        target_name=hook.name,
        address=address,
        details=details,
    )
    now = desk.clock()
    what = {"what": deed.removeprefix("hook_"), "hook": hook.id, "name": hook.name}
    if "because" in details:
        what["because"] = details["because"]
    event = Event(id=new_id(now), kind="hook_changed", at=now, by=by.id if by else None, details=what)
    await publish(desk.store, [event])


async def _checked(hooks: Webhooks, wanted: Wanted) -> Wanted:
    name = " ".join(wanted.name.split())
    if not 0 < len(name) <= NAME_MOST:
        raise BadHook("hook_name", wrong="name", most=NAME_MOST)
    kinds = tuple(each for each in KINDS if each in wanted.kinds)
    if unknown := sorted(set(wanted.kinds) - set(KINDS)):
        raise BadHook("hook_kind_unknown", wrong="kinds", kind=unknown[0])
    if not kinds:
        raise BadHook("hook_kinds", wrong="kinds")
    store = hooks.desk.store
    channels = [each.id for each in await store.channels.list_channels()]
    _check_known("hook_channels", "channels", wanted.channels, channels)
    teams = [each.id for each in await store.people.list_teams()]
    _check_known("hook_teams", "teams", wanted.teams, teams)
    url = _checked_url(wanted.url.strip(), private=hooks.private)
    return replace(wanted, name=name, url=url, kinds=kinds)


def _check_known(code: str, field: str, chosen: Sequence[str], known: Sequence[str]) -> None:
    if set(chosen) - set(known):
        raise BadHook(code, wrong=field)


def _checked_url(text: str, *, private: bool) -> str:
    """Whether the address is inside our network is checked when it is connected to: names change."""
    try:
        url = urlsplit(text)
        host, odd_port = url.hostname, url.port == 0
    except ValueError:
        raise BadHook("hook_url", wrong="url") from None
    if len(text) > URL_MOST or not text.isascii() or not text.isprintable() or " " in text:
        raise BadHook("hook_url", wrong="url")
    if not host or odd_port or url.scheme not in ("http", "https"):
        raise BadHook("hook_url", wrong="url")
    if url.scheme != "https" and not private:
        raise BadHook("hook_url_https", wrong="url")
    if url.username is not None or url.password is not None:
        raise BadHook("hook_url_password", wrong="url")
    return urldefrag(text).url


def _fresh_start() -> dict[str, None]:
    """What failed before says nothing about what comes."""
    return {"failures": None, "failing_since": None, "hold_until": None}


def _sealed(hooks: Webhooks, hook: str, secret: str, now: datetime) -> HookSecret:
    made = new_id(now)
    sealed = hooks.desk.registry.sealer.seal(secret, _context(hook, made))
    return HookSecret(id=made, sealed=sealed, created_at=now)


def _context(hook: str, secret: str) -> str:
    return f"hook {hook} {secret}"
