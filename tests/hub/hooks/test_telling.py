"""What happens is told: signed, once to each who wants it, in the API's words, whatever dies in between."""

import asyncio
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from hub.api.telling import describer
from hub.desk.deeds import assign, delete, note, tag
from hub.hooks.delivering import attempt
from hub.hooks.endpoints import Wanted, add_hook, rotate_secret
from hub.hooks.kinds import KINDS
from hub.hooks.signing import headers_of, new_secret
from hub.model.hooks import HookDeliveryState
from hub.model.people import Team
from tests.hub.hooks.conftest import Hangs, Receiver, Tellers, take
from tests.hubs import Office, until


async def test_a_day_at_the_office_is_told_to_whoever_listens(office: Office, receiver: Receiver) -> None:
    hub, ana = office.hub, office.ana
    wanted = Wanted(name="Warehouse", url=receiver.url, kinds=tuple(KINDS))
    _, secret = await add_hook(hub.webhooks, ana, wanted)
    office.platform.write(office.world.person("tomas"), "Where is my parcel?")
    matter = (await office.conversation()).id
    await note(hub.desk, ana, matter, "Rings twice.")
    await assign(hub.desk, ana, matter, ana)

    async def told_of(kind: str) -> bool:
        return any(each.told["type"] == kind for each in receiver.got)

    await until(lambda: told_of("conversation.changed"), "the assignment to be told")
    await delete(hub.desk, ana, matter)
    await until(lambda: told_of("conversation.deleted"), "the deletion to be told")
    told = {each.told["type"]: each.told for each in receiver.got}
    assert set(told) >= {"conversation.opened", "message.received", "note.added"}
    assert told["conversation.deleted"]["data"]["conversation"] == {"id": matter}
    for each in receiver.got:
        assert Webhook(secret).verify(each.body, each.headers) == each.told
        assert each.told["version"] == 1
        assert each.headers["Content-Type"] == "application/json"
    sequences = sorted(each.told["sequence"] for each in receiver.got)
    assert sequences == list(range(1, len(sequences) + 1))
    ids = [each.headers["webhook-id"] for each in receiver.got]
    assert len(set(ids)) == len(ids)


async def test_what_is_told_has_the_shapes_of_the_api_and_no_more_text_than_is_good(office: Office) -> None:
    hub, ana = office.hub, office.ana
    office.platform.write(office.world.person("tomas"), "Where is my parcel?")
    matter = (await office.conversation()).id
    await office.messages(matter, 1)
    await note(hub.desk, ana, matter, "x" * 50_000)
    await tag(hub.desk, ana, matter, "late")
    events = await hub.store.events.latest(datetime(2020, 1, 1, tzinfo=UTC))
    told = await describer(hub.store)(events)
    (opened,) = [told[each.id] for each in events if each.kind == "message_received"]
    assert opened.about["message"]["text"] == "Where is my parcel?"
    assert opened.about["conversation"]["status"] == "open"
    assert opened.channel == office.channel.id
    (noted,) = [told[each.id] for each in events if each.kind == "note_added"]
    assert (len(noted.about["note"]["text"]), noted.about["cut"]) == (20_000, True)
    (tagged,) = [told[each.id] for each in events if each.kind == "conversation_changed"]
    assert (tagged.about["what"], tagged.about["conversation"]["tags"]) == ("tagged", ["late"])


async def test_only_what_was_chosen_is_told_and_only_since_then(tellers: Tellers) -> None:
    await tellers.happen()
    tellers.clock.move(seconds=1)
    every, _ = await tellers.add()
    none, _ = await tellers.add("note.added", name="Notes")
    tellers.clock.move(seconds=1)
    (deleted,) = await tellers.happen()
    assert await tellers.queue() == 1
    await tellers.send(every)
    await tellers.send(none)
    assert [each.told["data"]["conversation"]["id"] for each in tellers.receiver.got] == [deleted]
    assert tellers.receiver.got[0].told["timestamp"].endswith("Z")


async def test_a_hook_for_some_channels_or_teams_hears_of_those(office: Office, receiver: Receiver) -> None:
    hub, ana = office.hub, office.ana
    now = hub.clock()
    await hub.store.people.add_team(Team(id="returns", name="Returns", created_at=now))
    ours = Wanted(
        name="Ours", url=f"{receiver.url}/ours", kinds=("message.received",), channels=(office.channel.id,)
    )
    teams = Wanted(name="Team", url=f"{receiver.url}/team", kinds=("message.received",), teams=("returns",))
    await add_hook(hub.webhooks, ana, teams)
    await add_hook(hub.webhooks, ana, ours)
    office.platform.write(office.world.person("tomas"), "Where is my parcel?")
    async with asyncio.timeout(20):
        await receiver.arrived.wait()
    assert receiver.paths == ["/hook/ours"]


async def test_a_queuer_that_dies_loses_nothing_and_queues_nothing_twice(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    position = await tellers.hub.store.hooks.position()
    assert position is not None
    told = [*await tellers.happen(3)]
    assert await tellers.queue() == 3
    await tellers.hub.store.hooks.set_position(position)  # as if it had died before that
    told += await tellers.happen(2)
    assert await tellers.queue() == 2  # another one, which remembers nothing
    assert await tellers.send(hook) == 5
    heard = [each.told["data"]["conversation"]["id"] for each in tellers.receiver.got]
    assert sorted(heard) == sorted(told)


async def test_an_event_that_is_stored_late_is_told_all_the_same(tellers: Tellers) -> None:
    await tellers.add()
    queuer = tellers.queuer()
    await tellers.happen()
    assert await tellers.queue(queuer) == 1
    early = tellers.clock()
    tellers.clock.move(seconds=40)
    await tellers.queue(queuer)
    moved, tellers.clock.now = tellers.clock.now, early
    await tellers.happen()  # its process was slow to write it down
    tellers.clock.now = moved
    tellers.clock.move(seconds=31)
    assert await tellers.queue(queuer) == 1


async def test_a_sender_that_dies_in_the_middle_is_repeated_with_the_same_id(tellers: Tellers) -> None:
    hook, _ = await tellers.add()
    await tellers.happen()
    await tellers.queue()
    hangs = tellers.receiver.behaves = Hangs()
    sending = asyncio.create_task(tellers.send(hook))
    await tellers.receiver.arrived.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    hangs.over.set()
    (delivery,) = await tellers.log(hook)
    assert delivery.state is HookDeliveryState.WAITING
    tellers.receiver.behaves = take
    await tellers.send(hook)
    first, second = tellers.receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == delivery.message
    assert first.body == second.body


async def test_a_signature_covers_id_time_and_body(tellers: Tellers) -> None:
    secret, now = new_secret(), datetime.now(UTC)
    headers = headers_of("msg_1", now, b'{"a":1}', [secret])
    assert Webhook(secret).verify(b'{"a":1}', headers) == {"a": 1}
    for other in ({"webhook-id": "msg_2"}, {"webhook-timestamp": str(int(now.timestamp()) - 1)}):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(b'{"a":1}', {**headers, **other})
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(b'{"a":2}', headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(b'{"a":1}', headers)


async def test_after_a_rotation_both_secrets_sign_for_a_day(tellers: Tellers) -> None:
    hook, old = await tellers.add()
    _, new = await rotate_secret(tellers.hooks, tellers.ana, hook.id)
    await tellers.happen()
    await tellers.queue()
    await tellers.send(hook)
    (got,) = tellers.receiver.got
    assert Webhook(old).verify(got.body, got.headers) == Webhook(new).verify(got.body, got.headers)
    tellers.clock.move(hours=25)
    (delivery,) = await tellers.log(hook)
    await attempt(tellers.hooks, await tellers.hook(hook), delivery)
    later = tellers.receiver.got[-1]
    assert len(later.headers["webhook-signature"].split()) == 1
    kept = str(await tellers.hub.store.database.hooks.find_one({"_id": hook.id}))
    assert old not in kept
    assert new not in kept
