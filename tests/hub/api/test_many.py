"""Deleting, setting fields of, and merging many at once through the API."""

import pytest

from hub.desk import bulk
from hub.model.people import Agent
from hub.model.sign_ins import Scope
from tests.hub.api.conftest import Api


async def begun(api: Api, *names: str) -> list[str]:
    """A conversation with each of them."""
    for number, name in enumerate(names, start=1):
        api.office.platform.write(api.office.world.person(name), f"Question {number}")
        await api.office.conversation(number)
    return [each.id for each in await api.office.conversations()]


async def test_supervisors_delete_many_and_nobody_else_does(api: Api) -> None:
    ids = await begun(api, "tomas", "eva")
    asked = {"deed": "delete", "conversations": ids}
    plain = await api.token(await api.agent("cleo"), Scope.WRITE)
    refused = (await api.post("/bulk", asked, bearer=plain)).body
    assert (refused["done"], len(refused["failed"])) == (0, 2)
    done = (await api.post("/bulk", {"deed": "delete", "conversations": {"view": "open"}})).body
    assert (done["done"], done["failed"], done["undo"], done["more"]) == (2, [], None, False)
    assert (await api.get("/conversations")).body["rows"] == []
    again = (await api.post("/bulk", asked)).body
    assert [each["conversation"] for each in again["failed"]] == ids


async def test_fields_are_set_and_a_value_that_does_not_fit_is_told(api: Api) -> None:
    one, other = await begun(api, "tomas", "eva")
    both = {"deed": "set_field", "conversations": [one, other]}
    done = (await api.post("/bulk", {**both, "key": "cause", "value": "Parcel"})).body
    assert done["done"] == 2
    assert (await api.get(f"/conversations/{one}")).body["conversation"]["fields"] == {"cause": "Parcel"}
    assert (await api.post("/bulk", {**both, "key": "cause", "value": None})).body["done"] == 2
    assert (await api.get(f"/conversations/{other}")).body["conversation"]["fields"] == {}
    wrong = (await api.post("/bulk", {**both, "key": "$cause", "value": "x"})).body
    assert (wrong["done"], len(wrong["failed"])) == (0, 2)


async def test_conversations_of_one_customer_are_merged_and_of_two_are_not(api: Api, ben: Agent) -> None:
    one, other = await begun(api, "tomas", "eva")
    refused = await api.post("/bulk", {"deed": "merge", "conversations": [one, other]})
    assert (refused.status, refused.body["reason"]) == (409, "bulk_customers")
    store = api.office.hub.store
    kept, given = [await store.inbox.find_conversation(each) for each in (one, other)]
    assert kept
    assert given
    assert await store.inbox.change_conversation(given, {"person": kept.customer})
    done = await api.post("/bulk", {"deed": "merge", "conversations": [one, other]})
    assert (done.status, done.body["done"]) == (200, 2)
    assert len((await api.get("/conversations")).body["rows"]) == 1
    assert (await api.post("/undo", {"token": done.body["undo"]})).status == 200
    assert len((await api.get("/conversations")).body["rows"]) == 2


async def test_that_there_are_more_than_are_done_at_once_is_told(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(api, "tomas", "eva")
    monkeypatch.setattr(bulk, "MOST", 1)
    done = (await api.post("/bulk", {"deed": "follow", "conversations": {"view": "open"}})).body
    assert (done["done"], done["more"]) == (1, True)
