"""Outgoing webhooks through the API, and what the document promises about what they carry."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import TypeAdapter

from hub.api.hook_shapes import ABOUT, Telling
from hub.desk.deeds import assign, note
from hub.hooks.kinds import KINDS
from hub.model.sign_ins import Scope
from tests.hub.api.conftest import Api
from tests.hubs import until

Heard = list[bytes]


@pytest.fixture
async def heard() -> AsyncIterator[tuple[str, Heard]]:
    """Where a receiver listens, and what it has heard."""
    got: Heard = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.read())
        return web.Response(text="thank you")

    app = web.Application()
    app.router.add_post("/hook", take)
    async with TestServer(app) as server:
        yield str(server.make_url("/hook")), got


async def test_a_webhook_is_added_tried_changed_and_removed(api: Api, heard: tuple[str, Heard]) -> None:
    url, got = heard
    wanted = {"name": "Warehouse", "url": url, "kinds": ["note.added"]}
    added = await api.post("/webhooks", wanted, key="once")
    assert added.status == 201
    assert added.body["secret"].startswith("whsec_")
    again = await api.post("/webhooks", wanted, key="once")
    assert (again.status, again.body) == (201, {**added.body, "secret": None})
    kept = [str(each) async for each in api.office.hub.store.database.answers.find()]
    assert not [each for each in kept if "whsec_" in each]
    one = f"/webhooks/{added.body['hook']['id']}"
    assert len((await api.get("/webhooks")).body["rows"]) == 1
    tried = await api.post(f"{one}/tests")
    assert (tried.status, tried.body["state"], tried.body["attempts"][0]["answer"]) == (
        201,
        "delivered",
        "thank you",
    )
    assert json.loads(got[0]) == json.loads(tried.body["payload"])
    changed = await api.call("PUT", one, json={**wanted, "name": "Depot"})
    assert changed.body["name"] == "Depot"
    rotated = await api.post(f"{one}/secrets")
    assert rotated.body["secret"] not in (None, added.body["secret"])
    assert (await api.post(f"{one}/pause")).body["state"] == "off"
    assert (await api.delete(f"{one}/pause")).body["state"] == "on"
    assert (await api.delete(one)).status == 200
    assert (await api.get(one)).status == 404


async def test_what_was_sent_is_read_and_sent_again(api: Api, heard: tuple[str, Heard]) -> None:
    url, got = heard
    wanted = {"name": "Warehouse", "url": url, "kinds": ["note.added"]}
    one = f"/webhooks/{(await api.post('/webhooks', wanted)).body['hook']['id']}"
    for _ in range(3):
        await api.post(f"{one}/tests")
    page = await api.get(f"{one}/deliveries?limit=2")
    rest = await api.get(f"{one}/deliveries", params={"limit": 2, "cursor": page.body["next"]})
    assert [each["sequence"] for each in (*page.body["rows"], *rest.body["rows"])] == [3, 2, 1]
    assert page.body["rows"][0]["payload"] is None
    delivery = f"{one}/deliveries/{page.body['rows'][0]['id']}"
    assert (await api.get(delivery)).body["attempts"][0]["status"] == 200
    assert (await api.post(f"{delivery}/attempts")).body["state"] == "waiting"
    await until(lambda: _heard(got, 4), "it to be sent again")
    assert got[3] == got[2]
    assert (await api.post(f"{one}/redeliveries")).body == {"deliveries": 0}
    assert (await api.get(f"{one}/deliveries?failed=true")).body == {"rows": [], "next": None}
    assert (await api.get(f"{one}/deliveries?cursor=x")).status == 404


async def test_webhooks_are_for_admins_and_wrong_ones_are_refused(api: Api) -> None:
    writes = await api.token(api.office.ana, Scope.WRITE)
    assert (await api.get("/webhooks", bearer=writes)).status == 403
    wanted = {"name": "Warehouse", "url": "https://example.com/", "kinds": ["note.added"]}
    for field, value in (("url", "https://a:b@example.com/"), ("teams", ["none"]), ("kinds", ["none"])):
        refused = await api.post("/webhooks", {**wanted, field: value})
        assert refused.status == 422
        assert refused.body["errors"][0]["name"].startswith(field)


async def test_what_is_told_is_as_documented(api: Api, heard: tuple[str, Heard]) -> None:
    assert set(KINDS) < set(ABOUT)
    url, got = heard
    named = await api.post("/webhooks", {"name": "All", "url": url, "kinds": list(KINDS)})
    other = await api.post("/webhooks", {"name": "Other", "url": url, "kinds": ["rule.fired"]})
    deaf = await api.post("/webhooks", {"name": "Deaf", "url": url, "kinds": ["note.added"]})
    rule = {"name": "Tell", "on": ["arrived"], "then": [{"do": "webhook", "value": named.body["hook"]["id"]}]}
    assert (await api.post("/rules", {"rule": rule})).status == 201
    rule["then"] = [{"do": "webhook", "value": deaf.body["hook"]["id"]}]
    assert (await api.post("/rules", {"rule": rule})).body["reason"] == "rule_hook"
    office = api.office
    office.platform.write(office.world.person("tomas"), "Where is my parcel?")
    matter = (await office.conversation()).id
    await note(office.hub.desk, office.ana, matter, "Rings twice.")
    await assign(office.hub.desk, office.ana, matter, office.ana)
    await api.post(f"/channels/{office.channel.id}/pause")

    async def all_told() -> bool:
        return {"channel.changed", "conversation.changed", "rule.fired"} <= {
            json.loads(each)["type"] for each in got
        }

    await until(all_told, "everything to be told")
    deliveries = await api.get(f"/webhooks/{other.body['hook']['id']}/deliveries")
    assert deliveries.body["rows"] == []  # the rule does not name it
    for each in list(got):
        told = Telling.model_validate_json(each)
        about = TypeAdapter(ABOUT[told.type]).validate_python(told.data)
        assert about.model_dump(mode="json", exclude_unset=True) == told.data


async def _heard(got: Heard, count: int) -> bool:
    await asyncio.sleep(0)
    return len(got) >= count
