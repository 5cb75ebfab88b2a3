"""The journal, comparing and rooms by the API; and an answer to everybody."""

from typing import Any

from hub.model.rooms import Room
from tests.hub.api.conftest import Api
from tests.hubs import until


async def test_what_came_in_is_listed_taken_out_and_worked_on_again(api: Api) -> None:
    office = api.office
    office.platform.write(office.world.person("tomas"), "Where is my parcel?")
    found = await office.conversation()
    here = f"/channels/{office.channel.id}"

    async def ended() -> Any:  # a little after the conversation is there
        (row,) = (await api.get(f"{here}/arrivals")).body["rows"]
        return row if row["outcome"] else None

    row = await until(ended, "what came in to have its outcome")
    assert (row["outcome"], row["conversation"]) == ("delivered", found.id)
    assert (await api.get(f"{here}/arrivals?failed=true")).body["rows"] == []
    assert (await api.post(f"{here}/arrivals/{row['id']}/replays")).body == {"count": 1}
    assert (await api.post(f"{here}/arrivals/none/replays")).status == 404
    assert (await api.get(f"{here}/arrivals/none/original")).status == 404
    assert (await api.post(f"{here}/replays")).body == {"count": 0}
    assert (await api.post("/channels/none/replays")).status == 404


async def test_a_platform_that_cannot_be_asked_is_not_compared(api: Api) -> None:
    for what in ("comparisons", "missing"):
        refused = await api.post(f"/channels/{api.office.channel.id}/{what}")
        assert (refused.status, refused.body["type"].rpartition("-not-")[2]) == (409, "possible")


async def test_rooms_are_listed_and_unlinked_and_linked_only_where_there_are_any(api: Api) -> None:
    office = api.office
    here = f"/channels/{office.channel.id}/rooms"
    now = office.hub.clock()
    room = Room(id="r1", channel=office.channel.id, place="C1", name="#help", team=None, created_at=now)
    assert await office.hub.store.rooms.add(room)
    (row,) = (await api.get(here)).body["rows"]
    assert (row["id"], row["name"], row["team"]) == ("r1", "#help", None)
    assert (await api.post(here, {"name": "#sales"})).body["reason"] == "room_none"
    assert (await api.delete(f"{here}/r1")).body["name"] == "#help"
    assert (await api.delete(f"{here}/r1")).status == 404
