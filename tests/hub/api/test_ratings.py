"""How content customers are, through the API: what they answered, and how they are asked."""

from hub.csat.answering import answer
from hub.model.people import Agent, Role
from hub.model.sign_ins import Scope
from tests.hub.api.conftest import Api
from tests.hub.csat.asked import asked, helped


async def test_answers_are_an_admins_to_read_and_the_plan_to_change(api: Api, ben: Agent) -> None:
    office = api.office
    assert (await api.get("/ratings/plan")).body["enabled"] is False
    plan = {"enabled": True, "delay_minutes": 0, "rest_days": 1, "questions": {"de": "Alles gut?"}}
    kept = (await api.call("PUT", "/ratings/plan", json=plan)).body
    assert (kept["enabled"], kept["open_days"], kept["questions"]) == (True, 14, {"de": "Alles gut?"})
    assert (await api.call("PUT", "/ratings/plan", json={"channels": ["x"]})).body["reason"] == (
        "rating_channel_gone"
    )
    assert (await api.call("PUT", "/ratings/plan", json={"open_days": 0})).status == 422
    ids = []
    for name, score in (("Tomás", 5), ("Vera", 1)):
        found = await helped(office, office.world.person(name.lower(), name=name), "Hello")
        _, rating = await asked(office, found)
        await answer(office.hub.desk, rating, score, f"From {name}")
        ids.append(found.id)
    assert (await api.get(f"/conversations/{ids[1]}")).body["conversation"]["csat"] == 1
    first = (await api.get("/ratings?limit=1")).body
    assert [(each["score"], each["comment"]) for each in first["rows"]] == [(1, "From Vera")]
    then = (await api.get(f"/ratings?limit=1&cursor={first['next']}")).body
    assert [(each["conversation"], each["score"]) for each in then["rows"]] == [(ids[0], 5)]
    assert then["next"] is None
    lea = await api.agent("lea", role=Role.SUPERVISOR)
    reads = await api.token(lea, Scope.READ)
    assert (await api.get("/ratings", bearer=reads)).status == 403
    assert (await api.get("/ratings", bearer=await api.token(ben, Scope.READ))).status == 403
    assert (await api.get("/ratings/plan", bearer=reads)).status == 403
