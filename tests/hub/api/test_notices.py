"""What the token's agent was told of: by the API as at the bell."""

from hub.desk.deeds import assign, note
from hub.model.people import Agent
from hub.model.sign_ins import Scope
from tests.hub.api.conftest import Api
from tests.hubs import until


async def test_notices_are_listed_seen_and_nobody_elses(api: Api, ben: Agent) -> None:
    office, store = api.office, api.office.hub.store
    office.platform.write(office.world.person("tomas", name="Tomás"), "Hello?")
    matter = (await office.conversation()).id
    await assign(office.hub.desk, office.ana, matter, ben)
    for text in ("@Ben one", "@Ben two"):
        await note(office.hub.desk, office.ana, matter, text)

    async def three() -> bool:
        return len(await store.notices.open_of("ben")) == 3

    await until(three, "the assignment and two mentions")
    bens = await api.token(ben, Scope.READ, Scope.WRITE)
    first = await api.get("/notices?limit=1", bearer=bens)
    assert (first.body["rows"][0]["kind"], first.body["rows"][0]["who"]) == ("mentioned", "Ana")
    second = await api.get(f"/notices?limit=1&cursor={first.body['next']}", bearer=bens)
    assert second.body["rows"][0]["id"] != first.body["rows"][0]["id"]
    mine = first.body["rows"][0]["id"]
    assert (await api.get("/notices")).body["rows"] == []
    assert (await api.post(f"/notices/{mine}/seen")).status == 404
    assert (await api.post(f"/notices/{mine}/seen", bearer=bens)).body["seen_at"]
    assert len((await api.get("/notices?open=true", bearer=bens)).body["rows"]) == 2
    assert (await api.post("/notices/seen", {"conversation": matter}, bearer=bens)).body == {"count": 2}
    assert (await api.post("/notices/seen", {}, bearer=bens)).body == {"count": 0}
    assert (await api.get("/notices?cursor=soon", bearer=bens)).status == 422
