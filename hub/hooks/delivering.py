"""One delivery: signed, posted, and what became of it written down."""

from datetime import timedelta

import structlog

from hub.auth.seal import SealError
from hub.hooks import Webhooks
from hub.hooks.endpoints import disable, secrets_of
from hub.hooks.posting import Answer, post
from hub.hooks.retry import Gone, Later, Taken, hold, next_step
from hub.hooks.signing import headers_of
from hub.model.hooks import Hook, HookAttempt, HookDelivery, HookDeliveryState
from hub.model.sentences import sentence

log = structlog.get_logger()

ABOUT = {
    "Content-Type": "application/json",
    "User-Agent": "Hubbub-Webhooks/1",
    "Accept-Encoding": "identity",
}
EXACT_TO = timedelta(minutes=1)


async def attempt(hooks: Webhooks, hook: Hook, delivery: HookDelivery, *, once: bool = False) -> Answer:
    """Try once and keep the outcome. `once`: whatever comes of it, it is not tried again."""
    now = hooks.desk.clock()
    body = delivery.payload.encode()
    try:
        signed = headers_of(delivery.message, now, body, secrets_of(hooks, hook, now))
    except SealError as problem:
        answer = Answer(at=now, took_ms=0, words=str(problem))
    else:
        answer = await post(hooks.http, hooks.desk.clock, hook.url, body, {**ABOUT, **signed})
    await _keep(hooks, hook, delivery, answer, once=once)
    return answer


async def _keep(hooks: Webhooks, hook: Hook, delivery: HookDelivery, answer: Answer, *, once: bool) -> None:
    store = hooks.desk.store.hooks
    step = next_step(answer, delivery.tries + 1, delivery.give_up_at, hooks.chance())
    state, due_at = HookDeliveryState.FAILED, None
    match step:
        case Taken():
            state = HookDeliveryState.DELIVERED
        case Later(after) if not once:
            state, due_at = HookDeliveryState.WAITING, answer.at + after
    told = HookAttempt(
        at=answer.at,
        took_ms=answer.took_ms,
        status=answer.status,
        words=answer.words,
        answer=answer.body,
    )
    await store.attempted(delivery, told, state, due_at)
    if isinstance(step, Taken):
        await _worked(hooks, hook, answer)
    else:
        await _failed(hooks, hook, answer, gone=isinstance(step, Gone))


async def _worked(hooks: Webhooks, hook: Hook, answer: Answer) -> None:
    known = hook.delivered_at is not None and answer.at - hook.delivered_at < EXACT_TO
    if hook.failing_since is None and hook.hold_until is None and known:
        return
    changes = {"delivered_at": answer.at, "failures": None, "failing_since": None, "hold_until": None}
    await hooks.desk.store.hooks.change(hook.id, changes)


async def _failed(hooks: Webhooks, hook: Hook, answer: Answer, *, gone: bool) -> None:
    wait = hold(answer, hook.failures + 1)
    until = answer.at + wait if wait is not None else None
    await hooks.desk.store.hooks.failed(hook.id, answer.at, until)
    long = hook.failing_since is not None and answer.at - hook.failing_since >= hooks.disable_after
    days = hooks.disable_after.days
    because = sentence("hook_ended") if gone else sentence("hook_fails", days=days)
    if (gone or long) and await disable(hooks, hook, because):
        log.warning("webhook disabled", hook=hook.id, gone=gone)
