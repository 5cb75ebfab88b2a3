"""What happens, followed from the command line."""

import asyncio

from tests.hub.commands.conftest import Run, beside
from tests.hubs import Office


async def test_what_happened_is_listed_and_the_rest_comes_after_an_id(run: Run, office: Office) -> None:
    office.platform.write(office.world.person("tomas"), "Is it on?")
    await office.conversation()
    rows = (await beside(run, "events", "--json")).rows
    assert "message_received" in {row["kind"] for row in rows}
    rest = (await beside(run, "events", "--since", rows[0]["id"], "--json")).rows
    assert {row["id"] for row in rows[1:]} <= {row["id"] for row in rest}


async def test_events_are_followed_as_they_happen(run: Run, office: Office) -> None:
    office.platform.write(office.world.person("tomas"), "Is it on?")
    await office.conversation()
    past = (await beside(run, "events", "--json")).rows
    following = asyncio.create_task(
        beside(run, "events", "--follow", "--since", past[-1]["id"], "--count", "40", "--json")
    )
    seen: set[str] = {row["conversation"] for row in past}
    for number in range(40):  # until it has seen enough; some may be before it listens
        office.platform.write(office.world.person(f"person{number}"), "Hello?")
    ran = await following
    assert ran.status == 0, ran.err
    ids = [row["id"] for row in ran.rows]
    assert len(set(ids)) == 40
    assert {row["conversation"] for row in ran.rows} - seen


async def test_an_event_that_is_not_kept_any_more_is_said_so(run: Run) -> None:
    for follow in ([], ["--follow"]):
        ran = await beside(run, "events", "--since", "0" * 24, *follow, "--json")
        assert ran.status == 1
        assert "not kept any more" in ran.error["error"]
