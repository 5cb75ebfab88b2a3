"""Where an answer can go, and which conversations are one matter, through the API."""

from typing import Any

import pytest

from hub.model.inbox import Activity
from hub.model.sign_ins import Scope
from tests.hub.api.conftest import Api
from tests.hubs import until

EMAIL = pytest.mark.parametrize("imitates", ["email"])


async def two(api: Api) -> tuple[str, str]:
    """Two conversations that one person began."""
    tomas = api.office.world.person("tomas")
    api.office.platform.write(tomas, "It leaks.", subject="The kettle leaks")
    first = (await api.office.conversation()).id
    api.office.platform.write(tomas, "Still.", subject="The kettle leaks")
    return first, (await api.office.conversation(2)).id


async def offered(api: Api, conversation: str) -> list[Any]:
    found: list[Any] = (await api.get(f"/conversations/{conversation}/joins")).body["rows"]
    return found


@EMAIL
async def test_two_that_may_be_one_matter_are_listed_decided_and_taken_back(api: Api) -> None:
    one, other = await two(api)
    [offer] = await until(lambda: offered(api, other))
    assert (offer["other"]["id"], offer["began"]) == (one, True)
    assert offer["reasons"][0] == "The same subject: “The kettle leaks”."
    refused = await api.post(f"/joins/{offer['id']}", {"verdict": "apart"})
    assert refused.status == 200
    assert (await api.get(f"/conversations/{one}/joins")).body["rows"] == []
    again = await api.post(f"/joins/{offer['id']}", {"verdict": "join"})
    assert (again.status, again.body["reason"]) == (409, "join_decided")
    await api.post("/undo", {"token": refused.body["undo"]})
    joined = await api.post(f"/joins/{offer['id']}", {"verdict": "join"})
    assert joined.body["id"] == one
    assert (await api.get(f"/conversations/{other}")).body["conversation"]["id"] == one


@EMAIL
async def test_a_channel_that_joins_is_set_and_what_it_joined_is_set_apart(api: Api) -> None:
    admin = await api.token(api.office.ana, Scope.ADMIN)
    channel = f"/channels/{api.office.channel.id}"
    changed = await api.post(channel, {"joining": "join"}, bearer=admin)
    assert changed.body["joining"] == "join"
    assert (await api.post(channel, {"joining": "sometimes"}, bearer=admin)).status == 422
    tomas = api.office.world.person("tomas")
    api.office.platform.write(tomas, "It leaks.", subject="The kettle leaks")
    one = (await api.office.conversation()).id
    api.office.platform.write(tomas, "Still.", subject="The kettle leaks")
    await api.office.messages(one, 2)

    [fact] = [each for each in await api.office.timeline(one, 3) if isinstance(each, Activity)]
    apart = await api.delete(f"/conversations/{one}/joins/{fact.id}")
    assert apart.status == 200
    assert apart.body["id"] != one
    assert (await api.delete(f"/conversations/{one}/joins/{fact.id}")).body["reason"] in (
        "split_all",
        "join_apart",
    )
    await api.post("/undo", {"token": apart.body["undo"]})
    assert len(await api.office.messages(one, 2)) == 2


@EMAIL
async def test_places_are_listed_and_an_answer_goes_through_the_one_that_is_chosen(api: Api) -> None:
    one, _ = await two(api)
    [place] = (await api.get(f"/conversations/{one}/places")).body["rows"]
    assert (place["channel"], place["current"], place["refused"]) == (api.office.channel.id, True, None)
    sent = await api.post(f"/conversations/{one}/replies", {"text": "Close the tap.", "through": place["id"]})
    assert sent.status == 201
    nowhere = await api.post(f"/conversations/{one}/replies", {"text": "Hello?", "through": "nowhere"})
    assert (nowhere.status, nowhere.body["reason"]) == (422, "place_unusable")
    found = await api.office.hub.store.inbox.find_conversation(one)
    assert found is not None
    await api.office.hub.store.people.change_customer(found.customer, "blocked", None, True)
    [place] = (await api.get(f"/conversations/{one}/places")).body["rows"]
    assert place["refused"]["reason"] == "to_blocked"
    blocked = await api.post(f"/conversations/{one}/replies", {"text": "Hello?"})
    assert (blocked.status, blocked.body["reason"]) == (422, "to_blocked")
