"""Channels stay alive: held by one worker at a time, taken over from the dead, started anew when changed."""

import asyncio
import uuid
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlsplit

from pydantic import BaseModel

from connectors.simulator.config import SimulatorConfig
from connectors.simulator.troubles import Trouble
from connectors.simulator.world import World
from hub.app import Hub
from hub.contract.connector import Account, Connector, Manifest
from hub.contract.errors import ConnectorError
from hub.contract.inbound import Batch, Cursor
from hub.contract.outbound import OutboundMessage, Sent
from hub.model.channels import Channel, Health
from hub.model.inbox import Status
from hub.store import open_store
from hub.supervisor import CLOSE_WITHIN, LEASE, Supervisor
from hub.work import running
from tests.chaosproxy import ChaosProxy
from tests.hubs import Office, connect, until


async def held_by(hub: Hub, channel: str) -> str | None:
    found = await hub.store.channels.find(channel)
    lease = found.lease if found else None
    return lease.owner if lease and lease.until > hub.clock() else None


async def test_a_channel_is_held_by_one_of_two_workers_and_given_over_at_once(hub: Hub, world: World) -> None:
    config = SimulatorConfig(world=world.name, account="shop", from_start=True)
    platform = world.platform("shop", imitates="messenger")
    channel = await connect(hub, "simulator", config)
    async with running(hub, web_server=False, worker=True) as first:

        async def first_holds() -> str | None:
            return await held_by(hub, channel.id)

        owner = await until(first_holds, "the channel to be held")
        assert first.supervisor is not None
        assert owner == first.supervisor.name
        async with running(hub, web_server=False, worker=True) as second:
            assert second.supervisor is not None
            platform.write(world.person("ana"), "Hello?")

            async def there() -> bool:
                return bool(await hub.store.inbox.list_conversations(Status.OPEN))

            await until(there)
            assert await held_by(hub, channel.id) == owner
    assert await held_by(hub, channel.id) is None


async def test_a_dead_workers_channel_is_taken_over_when_its_lease_is_over(hub: Hub, world: World) -> None:
    config = SimulatorConfig(world=world.name, account="shop")
    channel = await connect(hub, "simulator", config)
    long_ago = hub.clock() - LEASE - timedelta(seconds=1)
    dead = await hub.store.channels.take(channel, "dead", long_ago, LEASE)
    assert dead is not None
    async with running(hub, web_server=False, worker=True) as at_work:

        async def taken() -> bool:
            assert at_work.supervisor is not None
            return await held_by(hub, channel.id) == at_work.supervisor.name

        await until(taken)
    assert not await hub.store.channels.change_as_holder(channel.id, dead, {"cursor": "stale"})
    found = await hub.store.channels.find(channel.id)
    assert found is not None
    assert found.cursor != "stale"


async def test_only_one_of_two_takes_a_free_channel(hub: Hub, world: World) -> None:
    channel = await connect(hub, "simulator", SimulatorConfig(world=world.name))
    now = hub.clock()
    leases = [await hub.store.channels.take(channel, name, now, LEASE) for name in ("one", "two")]
    assert [lease is not None for lease in leases] == [True, False]


async def test_an_unreachable_platform_is_tried_again_and_its_health_says_so(office: Office) -> None:
    async def health_is(wanted: Health) -> bool:
        found = await office.hub.store.channels.find(office.channel.id)
        return found is not None and found.health is wanted

    await until(lambda: health_is(Health.CONNECTED))
    office.platform.fail(Trouble.DOWN)
    await until(lambda: health_is(Health.RETRYING))
    office.platform.write(office.world.person("ana"), "Written while you were away.")
    office.platform.mend()
    await until(lambda: health_is(Health.CONNECTED))
    await office.conversation()


async def test_a_channel_of_an_unknown_platform_stops_alone(hub: Hub, world: World) -> None:
    odd = Channel(id="odd", name="Odd", platform="carrier-pigeon", config={}, created_at=hub.clock())
    await hub.store.channels.add(odd)
    good = await connect(hub, "simulator", SimulatorConfig(world=world.name))
    async with running(hub, web_server=False, worker=True):

        async def settled() -> bool:
            found = {each.id: each for each in await hub.store.channels.list_channels()}
            broken = found["odd"].health is Health.BROKEN
            return broken and found[good.id].health is Health.CONNECTED

        await until(settled)
    found = await hub.store.channels.find("odd")
    assert found is not None
    assert "carrier-pigeon" in (found.problem or "")


async def test_channels_are_shared_evenly_between_workers(hub: Hub, world: World) -> None:
    for number in range(4):
        await connect(hub, "simulator", SimulatorConfig(world=world.name, account=f"shop{number}"))
    names = [uuid.uuid4().hex for _ in range(2)]
    supervisors = [
        Supervisor(hub.store, hub.registry, hub.clock, name, "http://hub.example", None) for name in names
    ]
    for name in names:
        await hub.store.leases.beat(name, hub.clock(), LEASE)
    for supervisor in supervisors:
        await supervisor.look()
    owners = [each.lease.owner for each in await hub.store.channels.list_channels() if each.lease]
    assert sorted(owners.count(name) for name in names) == [2, 2]
    for supervisor in supervisors:
        await supervisor.let_go()


async def test_a_paused_channel_is_let_go_and_taken_up_where_it_was(office: Office) -> None:
    await office.hub.store.channels.change(office.channel.id, {"paused": True})
    assert office.running.supervisor is not None
    office.running.supervisor.changed.set()

    async def free() -> bool:
        return await held_by(office.hub, office.channel.id) is None

    await until(free)
    office.platform.write(office.world.person("ana"), "Anybody?")
    await office.hub.store.channels.change(office.channel.id, {"paused": False})
    office.running.supervisor.changed.set()
    await office.conversation()


class NoSettings(BaseModel):
    pass


class Odd(Connector[NoSettings]):
    """Connects at once; then does what its class says."""

    manifest = Manifest(
        platform="odd",
        name="Odd",
        config=NoSettings,
        surfaces={},
        source="https://odd.example",
        checked=date(2026, 11, 23),
    )

    async def connect(self) -> Account:
        return Account(key="us", name="Us")

    async def send(self, message: OutboundMessage) -> Sent:
        raise ConnectorError("nothing can be sent here")


class Silent(Odd):
    async def poll(self, cursor: Cursor | None) -> Batch:
        raise TimeoutError


class Clinging(Odd):
    """Takes its time to close: all it is given, and more."""

    async def poll(self, cursor: Cursor | None) -> Batch:
        await asyncio.Event().wait()
        return Batch(())

    async def close(self) -> None:
        await asyncio.sleep(CLOSE_WITHIN * 10)


def odd_supervisor(hub: Hub, kind: type[Odd], name: str = "one") -> Supervisor:
    registry = replace(hub.registry, types={"odd": kind})
    return Supervisor(hub.store, registry, hub.clock, name, "http://hub.example", None)


async def test_a_platform_that_does_not_answer_is_called_that(hub: Hub) -> None:
    channel = await connect(hub, "odd", NoSettings())
    supervisor = odd_supervisor(hub, Silent)
    await supervisor.look()

    async def retrying() -> Channel | None:
        found = await hub.store.channels.find(channel.id)
        return found if found and found.health is Health.RETRYING else None

    found = await until(retrying)
    assert found.problem == "The platform does not answer."
    await supervisor.let_go()


async def test_channels_that_hang_while_closing_cost_the_others_no_lease(hub: Hub) -> None:
    changed = [await connect(hub, "odd", NoSettings()) for _ in range(5)]
    kept = await connect(hub, "odd", NoSettings())
    supervisor = odd_supervisor(hub, Clinging)
    await supervisor.look()

    async def connected() -> bool:
        found = await hub.store.channels.list_channels()
        return all(each.health is Health.CONNECTED for each in found)

    await until(connected)
    for each in changed:
        await hub.store.channels.change(each.id, {"paused": True})
    await supervisor.look()
    assert await held_by(hub, kept.id) == "one"
    assert [await held_by(hub, each.id) for each in changed] == [None] * 5
    await supervisor.let_go()


async def test_a_channel_that_cannot_be_read_spoils_nothing_but_itself(hub: Hub, world: World) -> None:
    weird = await connect(hub, "simulator", SimulatorConfig(world=world.name, account="weird"))
    await hub.store.database.channels.update_one({"_id": weird.id}, {"$set": {"health": "weird"}})
    outdated = await connect(hub, "simulator", SimulatorConfig(world=world.name, account="outdated"))
    await hub.store.channels.change(outdated.id, {"config": {"world": world.name, "way": "pigeon"}})
    good = await connect(hub, "simulator", SimulatorConfig(world=world.name))
    async with running(hub, web_server=False, worker=True):

        async def settled() -> dict[str, Channel] | None:
            found = {each.id: each for each in await hub.store.channels.list_channels()}
            broken = found[outdated.id].health is Health.BROKEN
            return found if broken and found[good.id].health is Health.CONNECTED else None

        found = await until(settled)
    assert found[weird.id].health is Health.BROKEN
    assert "cannot be read" in (found[weird.id].problem or "")
    assert "connect it again" in (found[outdated.id].problem or "")


async def test_behind_a_dead_line_leases_are_let_go_before_they_end(hub: Hub, store_uri: str) -> None:
    address = urlsplit(store_uri)
    assert address.port is not None
    channel = await connect(hub, "odd", NoSettings())
    async with ChaosProxy("127.0.0.1", address.port) as line:
        through = store_uri.replace(f":{address.port}", f":{line.port}")
        through += "&directConnection=true"
        async with open_store(through, hub.store.database.name) as store:
            supervisor = odd_supervisor(hub, Silent)
            supervisor.store = store
            await supervisor.look()
            assert await held_by(hub, channel.id) == "one"
            line.silent = True
            running_on = asyncio.create_task(supervisor.run())

            async def let_go() -> bool:
                return not any(each.get_name() == f"channel {channel.id}" for each in asyncio.all_tasks())

            await until(let_go, "the channel to be let go")
            assert await held_by(hub, channel.id) == "one"  # nobody else can have taken it before
            running_on.cancel()
            await asyncio.gather(running_on, return_exceptions=True)
