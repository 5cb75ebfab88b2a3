"""Views, channels and people through the API."""

import aiohttp

from hub.app import Hub
from hub.auth.audit import list_audit
from hub.model.people import Agent
from hub.model.sign_ins import Scope
from hub.work import running
from tests.hub.api.conftest import Api
from tests.hubs import until


async def test_views_are_counted_saved_used_and_removed(api: Api, ben: Agent) -> None:
    api.office.platform.write(api.office.world.person("tomas"), "Where is my parcel?")
    await api.office.conversation()

    async def counted() -> dict[str, int | None] | None:
        counts = {each["key"]: each["count"] for each in (await api.get("/views")).body["rows"]}
        return counts if counts["open"] else None

    counts = await until(counted, "the conversation to be counted")
    assert (counts["open"], counts["mine"], counts["resolved"]) == (1, 0, None)
    saved = await api.post("/views", {"title": "Simulated", "filter": {"platforms": ["simulator"]}})
    assert saved.status == 201
    key = saved.body["key"]
    assert key in [each["key"] for each in (await api.get("/views")).body["rows"]]
    assert len((await api.get("/conversations", params={"view": key})).body["rows"]) == 1
    bens = await api.token(ben, Scope.WRITE)
    assert (await api.get("/conversations", params={"view": key}, bearer=bens)).status == 422
    assert (await api.delete(f"/views/{key}", bearer=bens)).status == 404
    shared = {"title": "Ours", "filter": {}, "shared": True}
    assert (await api.post("/views", shared, bearer=bens)).status == 403
    changed = await api.post(f"/views/{key}", {"title": "Urgent", "filter": {"priorities": ["urgent"]}})
    assert (changed.status, changed.body["title"], changed.body["sort"]) == (200, "Urgent", "newest")
    assert (await api.get("/conversations", params={"view": key})).body["rows"] == []
    for wrong in ({"base": "none"}, {"team": "none"}):
        assert (await api.post("/views", {"title": "Wrong", "filter": {}, **wrong})).status == 422
    assert (await api.post(f"/views/{key}", {"title": "Mine"}, bearer=bens)).status == 404
    assert (await api.delete(f"/views/{key}")).status == 200
    assert (await api.delete(f"/views/{key}")).status == 404


async def test_channels_tell_their_health_but_no_settings(api: Api) -> None:
    api.office.platform.write(api.office.world.person("tomas"), "Where is my parcel?")
    await api.office.conversation()
    (channel,) = (await api.get("/channels")).body["rows"]
    assert channel["health"] == "connected"
    assert not {"config", "cursor", "lease"} & set(channel)
    assert (await api.get(f"/channels/{channel['id']}")).body["name"] == channel["name"]
    assert (await api.get("/channels/none")).status == 404
    journal = (await api.get(f"/channels/{channel['id']}/journal?hours=1")).body
    assert (journal["delivered"], journal["failed"], journal["waiting"]) == (1, 0, 0)


async def test_an_admin_pauses_a_channel_and_resumes_it_which_stands_in_the_audit_log(api: Api) -> None:
    path = f"/channels/{api.office.channel.id}/pause"
    writes = await api.token(api.office.ana, Scope.WRITE)
    assert (await api.post(path, bearer=writes)).status == 403
    assert (await api.post(path)).body["paused"] is True
    assert (await api.delete(path)).body["paused"] is False
    written = (await list_audit(api.office.hub.store, api.office.ana, target=api.office.channel.id)).rows
    assert [(each.deed, each.by) for each in written] == [
        ("channel_resumed", "ana"),
        ("channel_paused", "ana"),
    ]
    assert {each.address for each in written} == {"127.0.0.1"}


async def test_admins_keep_agents_and_teams(api: Api, ben: Agent) -> None:
    team = (await api.post("/teams", {"name": "Returns"})).body
    assert (await api.get("/teams")).body["rows"] == [team]
    wanted = {"name": "Cleo", "email": "cleo@hub.example", "teams": [team["id"]]}
    made = await api.post("/agents", wanted, key="once")
    again = await api.post("/agents", wanted, key="once")
    assert (made.status, again.body["agent"], again.body["invitation"]) == (201, made.body["agent"], None)
    assert made.body["invitation"].startswith("/desk/")
    cleo = f"/agents/{made.body['agent']['id']}"
    assert [each["name"] for each in (await api.get("/agents")).body["rows"]] == ["Ana", "Ben", "Cleo"]
    twice = await api.post("/agents", wanted)
    assert (twice.status, twice.body["reason"]) == (409, "email_taken")
    changed = (await api.post(cleo, {"role": "supervisor", "disabled": True})).body
    assert (changed["role"], changed["disabled"], changed["teams"]) == ("supervisor", True, [team["id"]])
    assert [each["id"] for each in (await api.get("/agents")).body["rows"]] == ["ana", "ben"]
    changes = {"name": "Refunds", "members": ["ben"], "channels": [api.office.channel.id]}
    assert (await api.post(f"/teams/{team['id']}", changes)).body["name"] == "Refunds"
    assert (await api.get("/agents")).body["rows"][1]["teams"] == [team["id"]]
    assert (await api.get(f"/channels/{api.office.channel.id}")).body["team"] == team["id"]
    assert (await api.delete("/agents/ben/sessions")).body == {"sessions": 0}
    assert (await api.post("/agents/ana", {"role": "agent"})).body["reason"] == "last_admin"
    assert (await api.post("/agents/none", {"name": "X"})).status == 404
    assert (await api.post("/teams/none", {"name": "X"})).status == 404
    assert (await api.post("/teams", {"name": "X"}, bearer=await api.token(ben, Scope.WRITE))).status == 403


async def test_admins_connect_prove_change_and_remove_channels(api: Api) -> None:
    kinds = {each["platform"]: each for each in (await api.get("/platforms")).body["rows"]}
    assert "world" in {each["name"] for each in kinds["simulator"]["questions"]}
    answers = {"world": api.office.world.name, "account": "second"}
    made = await api.post("/channels", {"platform": "simulator", "name": "Second", "answers": answers})
    assert (made.status, made.body.get("name")) == (201, "Second"), made.body
    path = f"/channels/{made.body['id']}"
    assert (await api.post(f"{path}/tests")).body["problem"] is None
    assert (await api.post(path, {"name": "Other"})).body["name"] == "Other"
    assert (await api.post(path, {"country": "de"})).body["country"] == "DE"
    assert (await api.post(path, {"name": "Other"})).body["country"] == "DE"  # what is left out stays
    assert (await api.post(path, {"country": "XX"})).body["reason"] == "channel_country"
    assert (await api.post(path, {"country": ""})).body["country"] == ""
    assert (await api.post(f"{path}/credentials", {"answers": {}})).body["id"] == made.body["id"]
    named = await api.post("/channels", {"platform": "simulator", "name": "Other", "answers": answers})
    assert (named.status, named.body["reason"]) == (409, "channel_named")
    assert (await api.post("/channels", {"platform": "none", "answers": {}})).status == 422
    api.office.world.platform("third").token = "another"
    refused = await api.post(
        "/channels", {"platform": "simulator", "answers": {**answers, "account": "third"}}
    )
    assert (refused.status, refused.body["type"]) == (422, "/api/v1/docs#problem-not-proven")
    assert (await api.delete(path)).body == {"failed": 0}
    assert (await api.get(path)).status == 404


async def test_the_web_server_of_a_hub_serves_the_api(hub: Hub) -> None:
    async with running(hub, web_server=True, worker=False) as at_work, aiohttp.ClientSession() as http:
        async with http.get(f"{at_work.url}/api/v1/token") as response:
            assert response.status == 401
        async with http.get(f"{at_work.url}/api/v1/docs") as response:
            assert response.status == 200
