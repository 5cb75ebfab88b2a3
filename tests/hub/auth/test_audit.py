"""Who did what: written, filtered, paged."""

import pytest

from hub.auth import Auth
from hub.auth.access import NotAllowed
from hub.auth.audit import list_audit, record
from hub.model.people import Agent, Role
from tests.hub.auth.door import Hands, add_agent


async def test_pages_follow_each_other_without_gap_or_repetition(auth: Auth, hands: Hands) -> None:
    admin = await add_agent(auth, role=Role.ADMIN, password=None)
    for number in range(25):
        if number % 3:
            hands.pass_(seconds=1)
        await record(auth.store, auth.clock, admin, f"deed_{number}")
    seen, cursor = [], None
    while True:
        page = await list_audit(auth.store, admin, cursor=cursor, limit=10)
        seen += [each.deed for each in page.rows]
        assert len(page.rows) <= 10
        if (cursor := page.next_cursor) is None:
            break
    assert sorted(seen) == sorted(f"deed_{number}" for number in range(25))
    assert len(seen) == 25


async def test_it_is_filtered_by_who_what_whom_and_when(auth: Auth, ana: Agent, hands: Hands) -> None:
    admin = await add_agent(auth, "Eve", role=Role.ADMIN, password=None)
    began = hands()
    await record(auth.store, auth.clock, admin, "role_changed", target="ana", target_name="Ana")
    hands.pass_(hours=1)
    await record(auth.store, auth.clock, ana, "signed_in", address="192.0.2.1", details={"how": "oidc"})
    hands.pass_(hours=1)
    await record(auth.store, auth.clock, admin, "signed_in")

    async def deeds(**wanted: object) -> list[tuple[str, str]]:
        page = await list_audit(auth.store, admin, **wanted)  # type: ignore[arg-type]
        return [(each.by_name, each.deed) for each in page.rows]

    everything = [("Eve", "signed_in"), ("Ana", "signed_in"), ("Eve", "role_changed")]
    assert await deeds() == everything
    assert await deeds(by="ana") == [everything[1]]
    assert await deeds(deed="signed_in") == everything[:2]
    assert await deeds(deed="signed_in", by="eve") == [everything[0]]
    assert await deeds(target="ana") == [everything[2]]
    assert await deeds(since=hands()) == [everything[0]]
    assert await deeds(until=began) == [everything[2]]
    assert await deeds(since=began, until=began) == [everything[2]]


async def test_only_admins_read_it(auth: Auth, ana: Agent) -> None:
    supervisor = await add_agent(auth, "Sue", role=Role.SUPERVISOR, password=None)
    for agent in (ana, supervisor):
        with pytest.raises(NotAllowed):
            await list_audit(auth.store, agent)


async def test_a_name_with_everything_odd_in_it_is_kept(auth: Auth, ana: Agent) -> None:
    admin = await add_agent(auth, "Eve", role=Role.ADMIN, password=None)
    await record(
        auth.store, auth.clock, None, "invited", target_name="\ud800 \0 $x.y", details={"a.b$": "x" * 9999}
    )
    [entry] = (await list_audit(auth.store, admin)).rows
    assert entry.by is None
    assert len(entry.details["a.b$"]) == 500
