"""What is to be sent, from the command line: seen, and sent again when somebody says so."""

from datetime import timedelta

from connectors.simulator.config import SimulatorConfig
from hub.desk.replying import Draft, reply
from hub.model.inbox import DeliveryState, Message
from tests.hub.commands.conftest import Ran, Run, beside
from tests.hubs import Office, connect, until


async def refused(run: Run, office: Office) -> Ran:
    """A reply to somebody who has blocked us, as the list shows it."""
    tomas = office.world.person("tomas")
    office.platform.write(tomas, "Is it on?")
    conversation = await office.conversation()
    office.platform.block(tomas)
    await reply(office.hub.desk, office.ana, conversation.id, Draft(text="It is."))

    async def failed() -> Ran | None:
        ran = await beside(run, "outbox", "list", "--failed", "--json")
        return ran if ran.rows else None

    return await until(failed)


async def arrived(office: Office) -> bool:
    return bool(office.world.inbox_of("tomas"))


async def test_what_failed_is_listed_shown_and_sent_again(run: Run, office: Office) -> None:
    listed = await refused(run, office)
    assert listed.row["state"] == "failed"
    shown = await beside(run, "outbox", "show", listed.row["id"])
    assert "Rejected" in shown.out
    office.platform.block(office.world.person("tomas"), blocked=False)
    again = await beside(run, "outbox", "retry", "--failed", "--json")
    assert again.status == 0
    assert again.row["state"] == "queued"
    await until(lambda: arrived(office))
    assert (await beside(run, "outbox", "list", "--failed", "--json")).rows == []


async def test_what_may_have_arrived_is_sent_again_only_when_named(run: Run, office: Office) -> None:
    conversation = await _unsure(office)
    all_failed = await beside(run, "outbox", "retry", "--failed", "--json")
    assert (all_failed.status, all_failed.rows) == (0, [])
    [row] = (await beside(run, "outbox", "list", "--failed", "--json")).rows
    assert row["state"] == "unsure"
    assert row["conversation"] == conversation
    again = await beside(run, "outbox", "retry", row["id"])
    assert again.status == 0
    await until(lambda: arrived(office))


async def _unsure(office: Office) -> str:
    """A delivery nobody knows the outcome of, as a killed worker leaves it."""
    office.platform.write(office.world.person("tomas"), "Is it on?")
    conversation = await office.conversation()
    await office.hub.store.channels.change(office.channel.id, {"paused": True, "settings_version": 1})

    async def let_go() -> bool:
        found = await office.hub.store.channels.find(office.channel.id)
        return found is not None and found.lease is not None and found.lease.until <= office.hub.clock()

    await until(let_go)
    sent = await reply(office.hub.desk, office.ana, conversation.id, Draft(text="It is."))
    await office.hub.store.deliveries.move(
        sent, (DeliveryState.QUEUED,), DeliveryState.UNSURE, also={"problem": "It may have arrived."}
    )
    await office.hub.store.channels.change(office.channel.id, {"paused": False, "settings_version": 2})
    return conversation.id


async def test_what_waits_is_listed_and_cannot_be_retried(run: Run, office: Office) -> None:
    office.platform.write(office.world.person("tomas"), "Is it on?")
    conversation = await office.conversation()
    later = Draft(text="It is.", wait=office.hub.desk.give_up_after)
    sent = await reply(office.hub.desk, office.ana, conversation.id, later)
    listed = await beside(run, "outbox", "list", "--json")
    assert [row["id"] for row in listed.rows] == [sent.id]
    refused = await beside(run, "outbox", "retry", sent.id)
    assert refused.status == 1
    assert "queued" in refused.err


async def test_an_entry_that_was_not_sent_by_us_is_no_delivery(run: Run, office: Office) -> None:
    office.platform.write(office.world.person("tomas"), "Is it on?")
    conversation = await office.conversation()
    [message] = await office.messages(conversation.id, 1)
    assert isinstance(message, Message)
    ran = await beside(run, "outbox", "show", message.id)
    assert ran.status == 1


async def test_what_failed_on_one_channel_is_found_behind_all_that_failed_later(
    run: Run, office: Office
) -> None:
    listed = await refused(run, office)
    entries = office.hub.store.database.entries
    ours = await entries.find_one({"_id": listed.row["id"]})
    assert ours is not None
    other = await connect(
        office.hub, "simulator", SimulatorConfig(world=office.world.name), "Other", paused=True
    )
    many = [
        {**ours, "_id": f"{number:024}", "channel": other.id, "at": ours["at"] + timedelta(minutes=1)}
        for number in range(1001)
    ]
    await entries.insert_many(many)
    found = await beside(run, "outbox", "list", "--failed", "--channel", "Test", "--json")
    assert [row["id"] for row in found.rows] == [ours["_id"]]
    short = await beside(run, "outbox", "list", "--failed", "--limit", "3")
    assert "there may be more" in short.err
