"""What the platform holds against what is here: nothing missing, something missing, and taking it in."""

import pytest

from hub.auth.access import NotAllowed
from hub.desk.reconciling import can_compare, compare, take_missing
from hub.model.channels import Channel
from hub.model.ids import derived_id
from hub.model.people import Agent
from tests.hubs import Office, until


async def read_channel(office: Office, messages: int) -> Channel:
    """The channel, once so many messages are through and its cursor is kept."""
    journal = office.hub.store.journal

    async def look() -> Channel | None:
        done = [each for each in await journal.list_entries() if each.outcome]
        found = await office.hub.store.channels.find(office.channel.id)
        return found if found and found.cursor and len(done) >= messages else None

    return await until(look)


async def test_what_is_missing_is_found_by_asking_the_platform_and_taken_in(office: Office) -> None:
    desk = office.hub.desk
    for name in ("tomás", "amara"):
        office.platform.write(office.world.person(name), "Is the workshop still on?")
    channel = await read_channel(office, 2)
    assert can_compare(desk, channel)
    compared = await compare(desk, office.ana, channel)
    assert compared.missing == ()
    assert compared.held >= 2

    lost = (await office.hub.store.journal.list_entries())[0]
    await office.hub.store.journal.entries.delete_one({"_id": lost.id})
    assert (await compare(desk, office.ana, channel)).missing == (lost.key,)
    assert await take_missing(desk, office.ana, channel) == 1
    assert (await compare(desk, office.ana, channel)).missing == ()

    async def ended() -> bool:
        found = await office.hub.store.journal.get(derived_id(channel.id, lost.key))
        return found is not None and found[0].outcome is not None

    await until(ended)
    assert len(await office.conversations()) == 2  # what was there already is not there twice


async def test_only_admins_compare(office: Office) -> None:
    ben = Agent(id="ben", name="Ben", email="ben@hub.example", created_at=office.hub.clock())
    with pytest.raises(NotAllowed):
        await compare(office.hub.desk, ben, office.channel)
