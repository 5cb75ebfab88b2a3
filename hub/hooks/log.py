"""What was sent to a webhook and what it answered; trying it out; sending again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hub.hooks import Webhooks
from hub.hooks.delivering import attempt
from hub.hooks.endpoints import get_hook, tell
from hub.hooks.kinds import TEST
from hub.hooks.queueing import body_of, message_id
from hub.hooks.retry import GIVE_UP_AFTER
from hub.model.hooks import Hook, HookDelivery
from hub.model.ids import derived_id, new_id
from hub.model.people import Agent
from hub.model.sentences import Refusal
from hub.store.shelves import EPOCH, ms_of

LIMIT_MOST = 100
IN_CASE_WE_DIE = timedelta(minutes=1)  # then a worker sends it
TEST_WORDS = "This is a test. Nothing has happened."


class NoSuchDelivery(Refusal):
    pass


@dataclass(frozen=True, slots=True)
class LogPage:
    rows: list[HookDelivery]  # without payload and answers
    next_cursor: str | None


async def list_deliveries(
    hooks: Webhooks,
    agent: Agent,
    hook: str,
    *,
    failed: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> LogPage:
    """Newest first. `failed`: only what was given up. Raises NotAllowed, NoSuchHook, NoSuchDelivery."""
    found = await get_hook(hooks, agent, hook)
    limit = max(1, min(limit, LIMIT_MOST))
    place = _place(cursor)
    if failed:
        before = EPOCH + timedelta(milliseconds=place) if place is not None else None
        rows = await hooks.desk.store.hooks.log_failed(hook, before, limit + 1)
        keys = [ms_of(each.failed_at or EPOCH) for each in rows]
    else:
        below = min(place, found.sequence + 1) if place is not None else found.sequence + 1
        rows = await hooks.desk.store.hooks.log(hook, below, limit + 1)
        keys = [each.sequence for each in rows]
    more = len(rows) > limit
    # The next page begins below (before) the last row of this one.
    return LogPage(rows[:limit], str(keys[limit - 1]) if more else None)


async def get_delivery(hooks: Webhooks, agent: Agent, hook: str, delivery: str) -> HookDelivery:
    """With payload and answers. Raises NotAllowed, NoSuchHook, NoSuchDelivery."""
    await get_hook(hooks, agent, hook)
    found = await hooks.desk.store.hooks.find_delivery(delivery)
    if found is None or found.hook != hook:
        raise NoSuchDelivery("hook_delivery_gone")
    return found


async def redeliver(
    hooks: Webhooks, agent: Agent, hook: str, delivery: str, *, address: str = ""
) -> HookDelivery:
    """Send it again, whatever became of it; with its former id.

    Raises NotAllowed, NoSuchHook, NoSuchDelivery.
    """
    found = await get_delivery(hooks, agent, hook, delivery)
    now = hooks.desk.clock()
    await hooks.desk.store.hooks.redeliver(found.id, now, now + GIVE_UP_AFTER)
    await tell(
        hooks, agent, await get_hook(hooks, agent, hook), "hook_redelivered", {"delivery": delivery}, address
    )
    return await get_delivery(hooks, agent, hook, delivery)


async def redeliver_failed(hooks: Webhooks, agent: Agent, hook: str, *, address: str = "") -> int:
    """Send everything again that was given up. Returns how much that is. Raises NotAllowed, NoSuchHook."""
    found = await get_hook(hooks, agent, hook)
    now = hooks.desk.clock()
    many = await hooks.desk.store.hooks.redeliver_failed(hook, now, now + GIVE_UP_AFTER)
    await tell(hooks, agent, found, "hook_redelivered", {"deliveries": str(many)}, address)
    return many


async def try_out(hooks: Webhooks, agent: Agent, hook: str, *, address: str = "") -> HookDelivery:
    """Send a test at once and wait for the answer, even while it is off. Raises NotAllowed, NoSuchHook."""
    found = await get_hook(hooks, agent, hook)
    store, now = hooks.desk.store.hooks, hooks.desk.clock()
    sequence = await store.reserve(hook, 1)
    made_up = new_id(now)
    about = {"webhook": {"id": found.id, "name": found.name}, "words": TEST_WORDS}
    made = HookDelivery(
        id=derived_id(made_up, hook),
        hook=hook,
        message=message_id(made_up, TEST),
        kind=TEST,
        sequence=sequence,
        at=now,
        created_at=now,
        expires_at=now + hooks.kept,
        give_up_at=now + GIVE_UP_AFTER,
        payload=body_of(TEST, now, sequence, about),
        due_at=now + IN_CASE_WE_DIE,
    )
    await store.enqueue([made])
    await attempt(hooks, found, made, once=True)
    await tell(hooks, agent, found, "hook_tested", {}, address)
    return await get_delivery(hooks, agent, hook, made.id)


def signs_until(hook: Hook, now: datetime) -> datetime | None:
    """Until when the former secret signs too; None: there is none any more."""
    ends = [each.ends_at for each in hook.secrets if each.ends_at is not None and each.ends_at > now]
    return max(ends, default=None)


def _place(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdecimal()) or len(cursor) > 14:
        raise NoSuchDelivery("list_place_gone")
    return min(int(cursor), ms_of(datetime(9999, 1, 1, tzinfo=UTC)))
