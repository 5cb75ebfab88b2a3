"""The people who answer, from the command line."""

from hub.app import Hub
from tests.hub.commands.conftest import Run, beside


async def test_an_agent_is_added_listed_and_disabled(run: Run, hub: Hub) -> None:
    added = await beside(run, "agent", "add", "Ana Sousa", "Ana@Hub.example", "--role", "admin")
    assert added.status == 0
    assert "Ana Sousa" in added.out
    assert "/set-password/" in added.out
    [row] = (await beside(run, "agent", "list", "--json")).rows
    assert (row["name"], row["email"], row["role"], row["disabled"]) == (
        "Ana Sousa",
        "ana@hub.example",
        "admin",
        False,
    )
    assert (await beside(run, "agent", "disable", "ana@hub.example")).status == 0
    kept = await hub.store.people.find_agent(row["id"])
    assert kept is not None
    assert kept.disabled
    await beside(run, "agent", "disable", "ana@hub.example", "--enable")
    again = await hub.store.people.find_agent(row["id"])
    assert again is not None
    assert not again.disabled


async def test_an_address_belongs_to_one_agent(run: Run) -> None:
    await beside(run, "agent", "add", "Ana", "ana@hub.example")
    second = await beside(run, "agent", "add", "Anna", "ana@hub.example")
    assert second.status == 1
    assert "ana@hub.example already" in second.err


async def test_an_agent_typed_wrongly_is_answered_with_the_nearest(run: Run) -> None:
    await beside(run, "agent", "add", "Ana", "ana@hub.example")
    ran = await beside(run, "agent", "disable", "anna@hub.example", "--json")
    assert ran.status == 1
    assert "did you mean 'ana@hub.example'" in ran.error["error"]
    assert ran.error["kind"] == "NotFound"


async def test_what_is_no_address_is_refused(run: Run) -> None:
    ran = await beside(run, "agent", "add", "Ana", "ana")
    assert ran.status == 1
    assert "not an e-mail address" in ran.err
