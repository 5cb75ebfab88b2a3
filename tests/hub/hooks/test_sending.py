"""Receivers that fail, hang, talk without end or are not who they seem: each has its answer."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from aiohttp import web

from hub.clock import utc_now
from hub.hooks import posting
from hub.hooks.endpoints import switch_hook
from hub.hooks.log import redeliver, redeliver_failed
from hub.hooks.posting import Answer
from hub.hooks.retry import GIVE_UP_AFTER, STEPS, GiveUp, Gone, Later, Taken, hold, next_step
from hub.hooks.sender import AT_ONCE, Sender
from hub.model.hooks import HookDeliveryState, HookState
from hub.outgoing import outgoing_session
from tests.hub.hooks.conftest import Hangs, Tellers, says, take
from tests.hubs import until

FAR = timedelta(days=10)


async def test_what_fails_is_tried_for_a_day_ever_more_rarely(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    tellers.receiver.behaves = says(500)
    await tellers.happen()
    await tellers.queue()
    began = tellers.clock()
    for step in STEPS:
        assert await tellers.send(hook) == 1
        assert await tellers.send(hook) == 0
        tellers.clock.move(seconds=step.total_seconds())
    assert await tellers.send(hook) == 1
    assert timedelta(hours=24) < tellers.clock() - began < timedelta(hours=36)
    (delivery,) = await tellers.log(hook)
    assert (delivery.state, delivery.due_at) == (HookDeliveryState.FAILED, None)
    assert [each.status for each in delivery.attempts] == [500] * (len(STEPS) + 1)
    assert delivery.attempts[-1].answer == "no"
    tellers.receiver.behaves = take
    tellers.clock.move(days=1)
    assert await tellers.send(hook) == 0
    await redeliver(tellers.hooks, tellers.ana, hook.id, delivery.id)
    assert await tellers.send(hook) == 1
    (delivery,) = await tellers.log(hook)
    assert delivery.state is HookDeliveryState.DELIVERED
    assert delivery.attempts[-1].answer == "thank you"
    found = await tellers.hook(hook)
    assert (found.failures, found.failing_since, found.delivered_at) == (0, None, tellers.clock())


def test_the_next_step_follows_from_the_answer() -> None:
    def answer(**more: object) -> Answer:
        return replace(Answer(at=began, took_ms=1), **more)  # type: ignore[arg-type]

    began = utc_now()
    assert next_step(answer(status=204), 1, began + FAR, 0.5) == Taken()
    assert next_step(answer(status=410), 1, began + FAR, 0.5) == Gone()
    assert next_step(answer(status=302), 1, began + FAR, 0.5) == Later(STEPS[0])
    assert next_step(answer(), 1, began + FAR, 0.0) == Later(STEPS[0] * 0.8)
    assert next_step(answer(), 1, began + FAR, 1.0) == Later(STEPS[0] * 1.2)
    told = answer(status=429, retry_after=timedelta(minutes=7))
    assert next_step(told, 1, began + FAR, 0.5) == Later(timedelta(minutes=7))
    rude = answer(status=503, retry_after=timedelta(days=30))
    assert next_step(rude, 1, began + FAR, 0.5) == Later(timedelta(hours=6))
    assert isinstance(next_step(answer(status=500), len(STEPS) + 1, began + FAR, 0.5), GiveUp)
    assert isinstance(next_step(answer(status=500), 1, began, 0.5), GiveUp)
    assert hold(answer(status=404), 100) is None
    assert hold(answer(status=500), 2) is None
    assert hold(answer(status=500), 3) == STEPS[0]
    assert hold(answer(), 100) == timedelta(minutes=10)


async def test_a_receiver_that_asks_for_a_rest_gets_it_for_everything(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    tellers.receiver.behaves = says(429, Retry_After="120")
    await tellers.happen(20)
    await tellers.queue()
    assert await tellers.send(hook) <= AT_ONCE
    tellers.receiver.behaves = take
    tellers.clock.move(seconds=119)
    assert await tellers.send(hook) == 0
    tellers.clock.move(seconds=2)
    assert await tellers.send(hook) == 20
    assert {each.state for each in await tellers.log(hook)} == {HookDeliveryState.DELIVERED}


async def test_while_it_fails_few_are_tried_and_the_others_wait(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    tellers.receiver.behaves = says(503)
    await tellers.happen(40)
    await tellers.queue()
    for _ in range(20):
        await tellers.send(hook)
        tellers.clock.move(minutes=11)
    assert len(tellers.receiver.got) < 30
    tellers.receiver.behaves = take
    tellers.clock.move(hours=6)
    await tellers.send(hook)
    assert {each.state for each in await tellers.log(hook)} == {HookDeliveryState.DELIVERED}


async def test_what_waited_too_long_is_given_up_and_can_be_sent_again(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    await tellers.happen(2)
    await tellers.queue()
    await switch_hook(tellers.hooks, tellers.ana, hook.id, False)
    assert await tellers.send(hook) == 0
    tellers.clock.move(seconds=GIVE_UP_AFTER.total_seconds())
    await switch_hook(tellers.hooks, tellers.ana, hook.id, True)
    await tellers.send(hook)
    assert tellers.receiver.got == []
    assert {each.state for each in await tellers.log(hook)} == {HookDeliveryState.FAILED}
    assert await redeliver_failed(tellers.hooks, tellers.ana, hook.id) == 2
    assert await tellers.send(hook) == 2
    assert len(tellers.receiver.got) == 2


async def test_after_days_of_nothing_but_failures_it_is_disabled_and_admins_are_told(
    tellers: Tellers,
) -> None:
    hook, _ = await tellers.add()
    tellers.receiver.behaves = says(500)
    await tellers.happen()
    await tellers.queue()
    for _ in range(7):
        await tellers.send(hook)
        tellers.clock.move(days=1)
        await tellers.happen()
        await tellers.queue()
    found = await tellers.hook(hook)
    assert found.state is HookState.DISABLED
    assert "5 days" in (found.problem or "")
    audit = await tellers.hub.store.audit.list(
        by=None, deed="hook_disabled", target=hook.id, since=None, until=None, before=None, limit=9
    )
    assert [each.by for each in audit] == [None]
    events = await tellers.hub.store.events.latest(hook.created_at)
    assert [each.details["what"] for each in events if each.kind == "hook_changed"][-1] == "disabled"
    heard = len(tellers.receiver.got)
    assert await tellers.queue() == 0
    assert await tellers.send(hook) == 0
    again = await switch_hook(tellers.hooks, tellers.ana, hook.id, True)
    assert (again.state, again.problem, again.failing_since) == (HookState.ON, None, None)
    tellers.receiver.behaves = take
    await tellers.happen()
    await tellers.queue()
    await tellers.send(hook)
    assert len(tellers.receiver.got) > heard


async def test_a_receiver_that_is_gone_is_left_alone(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    tellers.receiver.behaves = says(410)
    await tellers.happen(20)
    await tellers.queue()
    await tellers.send(hook)
    assert len(tellers.receiver.got) <= AT_ONCE
    assert (await tellers.hook(hook)).state is HookState.DISABLED


async def test_a_redirect_is_not_followed(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    tellers.receiver.behaves = says(307, Location="http://127.0.0.1:1/elsewhere")
    await tellers.happen()
    await tellers.queue()
    await tellers.send(hook)
    (delivery,) = await tellers.log(hook)
    assert delivery.attempts[0].status == 307
    assert "redirects" in delivery.attempts[0].words
    assert len(tellers.receiver.got) == 1


async def test_an_answer_without_end_is_cut_and_a_hanging_one_is_given_up(
    tellers: Tellers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    hook, _ = await tellers.add()
    tellers.receiver.behaves = endless
    await tellers.happen()
    await tellers.queue()
    await tellers.send(hook)
    (delivery,) = await tellers.log(hook)
    assert (delivery.state, len(delivery.attempts[0].answer)) == (HookDeliveryState.DELIVERED, 4096)

    hangs = tellers.receiver.behaves = Hangs()
    within = posting.post
    monkeypatch.setattr("hub.hooks.delivering.post", partial(within, within=0.2))
    await tellers.happen()
    await tellers.queue()
    await tellers.send(hook)
    newest, _ = await tellers.log(hook)
    assert newest.state is HookDeliveryState.WAITING
    assert newest.attempts[0].status is None
    assert newest.attempts[0].words.startswith("No answer within")
    hangs.over.set()


async def test_a_receiver_that_hangs_delays_no_other(tellers: Tellers) -> None:
    slow, _ = await tellers.add(name="Slow", url=f"{tellers.receiver.url}/slow")
    quick, _ = await tellers.add(name="Quick")
    hangs = Hangs()

    async def by_path(request: web.Request) -> web.StreamResponse:
        return await (hangs(request) if request.path.endswith("/slow") else take(request))

    tellers.receiver.behaves = by_path
    await tellers.happen(20)
    await tellers.queue()
    running = asyncio.create_task(Sender(tellers.hooks, "one").run())

    async def all_told() -> bool:
        return all(each.state is HookDeliveryState.DELIVERED for each in await tellers.log(quick))

    await until(all_told, "the quick one to hear all")
    assert all(each.state is HookDeliveryState.WAITING for each in await tellers.log(slow))
    other = Sender(tellers.hooks, "two")
    assert await other._to_work_on() == []  # the slow one is in the hands of the first
    hangs.over.set()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.1.2.3"])
async def test_addresses_inside_are_refused_by_what_they_lead_to(tellers: Tellers, host: str) -> None:
    """`localhost` is a name that means 127.0.0.1: names are judged by the address that is connected to."""
    port = tellers.receiver.host.partition(":")[2]
    hook, _ = await tellers.add(url=f"http://{host}:{port}/hook")
    await tellers.happen()
    await tellers.queue()
    async with outgoing_session(allow_private=False) as http:
        await Sender(replace(tellers.hooks, http=http), "one").work_off(hook.id)
    (delivery,) = await tellers.log(hook)
    assert "private network" in delivery.attempts[0].words
    assert tellers.receiver.got == []


async def test_a_burst_is_told_whole(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    await tellers.happen(200)
    assert await tellers.queue() == 200
    assert await tellers.send(hook) == 200
    assert sorted(each.told["sequence"] for each in tellers.receiver.got) == list(range(1, 201))
