"""What admins do with webhooks, and what they cannot."""

from dataclasses import replace

import pytest

from hub.auth.access import NotAllowed
from hub.hooks.endpoints import (
    BadHook,
    NoSuchHook,
    Wanted,
    add_hook,
    change_hook,
    list_hooks,
    remove_hook,
    switch_hook,
)
from hub.hooks.log import NoSuchDelivery, get_delivery, list_deliveries, try_out
from hub.model.hooks import HookDeliveryState
from hub.model.people import Role
from tests.hub.hooks.conftest import Tellers, says


async def test_every_deed_is_for_admins_and_is_written_down(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    await change_hook(
        tellers.hooks, tellers.ana, hook.id, Wanted(name="Depot", url=hook.url, kinds=("note.added",))
    )
    await switch_hook(tellers.hooks, tellers.ana, hook.id, False)
    await try_out(tellers.hooks, tellers.ana, hook.id)
    await remove_hook(tellers.hooks, tellers.ana, hook.id, address="192.0.2.1")
    audit = await tellers.hub.store.audit.list(
        by="ana", deed=None, target=hook.id, since=None, until=None, before=None, limit=9
    )
    deeds = {each.deed: each.address for each in audit}  # all at one moment of this clock
    assert set(deeds) == {"hook_removed", "hook_tested", "hook_disabled", "hook_changed", "hook_added"}
    assert deeds["hook_removed"] == "192.0.2.1"
    ben = replace(tellers.ana, id="ben", role=Role.SUPERVISOR)
    with pytest.raises(NotAllowed):
        await list_hooks(tellers.hooks, ben)
    with pytest.raises(NoSuchHook):
        await switch_hook(tellers.hooks, tellers.ana, hook.id, True)
    assert await tellers.hub.store.hooks.log(hook.id, 10, 10) == []


async def test_what_cannot_be_is_refused_by_name(tellers: Tellers) -> None:
    good = Wanted(name="Depot", url="https://example.com/", kinds=("note.added",))
    wrong: tuple[tuple[str, Wanted], ...] = (
        ("name", replace(good, name=" ")),
        ("name", replace(good, name="x" * 81)),
        ("kinds", replace(good, kinds=())),
        ("kinds", replace(good, kinds=("nothing.happened",))),
        ("channels", replace(good, channels=("none",))),
        ("teams", replace(good, teams=("none",))),
        ("url", replace(good, url="example.com")),
        ("url", replace(good, url="ftp://example.com/")),
        ("url", replace(good, url="https://")),
        ("url", replace(good, url="https://ana:secret@example.com/")),
        ("url", replace(good, url="https://example.com:99999/")),
        ("url", replace(good, url="https://exa mple.com/")),
        ("url", replace(good, url="https://[::1/")),
        ("url", replace(good, url="https://example.com/" + "x" * 2000)),
    )
    hook, _ = await add_hook(tellers.hooks, tellers.ana, good)
    for field, wanted in wrong:
        with pytest.raises(BadHook) as refused:
            await add_hook(tellers.hooks, tellers.ana, wanted)
        assert refused.value.field == field
        with pytest.raises(BadHook):
            await change_hook(tellers.hooks, tellers.ana, hook.id, wanted)
    assert await list_hooks(tellers.hooks, tellers.ana) == [hook]


async def test_plain_http_is_for_those_who_allow_their_own_network(tellers: Tellers) -> None:
    await tellers.add(url="http://example.com/")
    with pytest.raises(BadHook, match="https"):
        await replace(tellers, hooks=replace(tellers.hooks, private=False)).add(url="http://example.com/")


async def test_a_test_tells_at_once_what_was_answered_and_is_not_repeated(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    done = await try_out(tellers.hooks, tellers.ana, hook.id)
    assert (done.state, done.attempts[0].status) == (HookDeliveryState.DELIVERED, 200)
    assert tellers.receiver.got[0].told["type"] == "webhook.test"
    tellers.receiver.behaves = says(500, "broken")
    failed = await try_out(tellers.hooks, tellers.ana, hook.id)
    assert (failed.state, failed.due_at, failed.attempts[0].answer) == (
        HookDeliveryState.FAILED,
        None,
        "broken",
    )


async def test_the_log_is_read_page_by_page_and_shows_payload_and_answer(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    await tellers.happen(7)
    await tellers.queue()
    tellers.receiver.behaves = says(410)
    await tellers.send(hook)
    first = await list_deliveries(tellers.hooks, tellers.ana, hook.id, limit=4)
    second = await list_deliveries(tellers.hooks, tellers.ana, hook.id, limit=4, cursor=first.next_cursor)
    assert [each.sequence for each in (*first.rows, *second.rows)] == [7, 6, 5, 4, 3, 2, 1]
    assert second.next_cursor is None
    failed = await list_deliveries(tellers.hooks, tellers.ana, hook.id, failed=True)
    assert len(failed.rows) == 7
    whole = await get_delivery(tellers.hooks, tellers.ana, hook.id, first.rows[0].id)
    assert whole.payload.encode() in [each.body for each in tellers.receiver.got]
    for cursor in ("x", "-1", "9" * 99):
        with pytest.raises(NoSuchDelivery):
            await list_deliveries(tellers.hooks, tellers.ana, hook.id, cursor=cursor)
    assert (await list_deliveries(tellers.hooks, tellers.ana, hook.id, cursor="9" * 14)).rows == first.rows[
        :4
    ] + second.rows
    other, _ = await tellers.add(name="Other")
    with pytest.raises(NoSuchDelivery):
        await get_delivery(tellers.hooks, tellers.ana, other.id, first.rows[0].id)
