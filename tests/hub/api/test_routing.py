"""Rules made through the API decide about real conversations; who gets them, and why, can be asked."""

from datetime import datetime, timedelta
from typing import Any

from hub.desk.attending import attend
from hub.desk.deeds import assign, resolve
from hub.dispatch.sweeping import Sweeper, reconcile
from hub.model.inbox import Activity, Conversation, Priority
from hub.model.people import Agent, Role, Team
from hub.model.sign_ins import Scope
from hub.model.staffing import State
from tests.hub.api.conftest import Api
from tests.hubs import until

ANGRY = {"join": "any", "parts": [{"fact": "words", "test": "word", "values": ["refund", "Erstattung"]}]}
RULE: dict[str, Any] = {
    "name": "Refunds are urgent",
    "on": ["arrived"],
    "when": {"join": "all", "parts": [{"fact": "platform", "values": ["simulator"]}, ANGRY]},
    "then": [
        {"do": "team", "value": "returns"},
        {"do": "priority", "value": "high"},
        {"do": "tag", "value": "money"},
    ],
}


async def with_team(api: Api) -> tuple[Agent, Agent]:
    """The team of returns: Ben and Cem."""
    hub = api.office.hub
    await hub.store.people.add_team(Team(id="returns", name="Returns", created_at=hub.clock()))
    return await api.agent("ben", teams=("returns",)), await api.agent("cem", teams=("returns",))


async def written(api: Api, name: str, text: str, wanted: Any, at: datetime | None = None) -> Conversation:
    """The conversation somebody begins, once it is as wanted."""
    api.office.platform.write(api.office.world.person(name), text, at=at)

    async def look() -> Conversation | None:
        found = [each for each in await api.office.conversations() if each.last.preview == text]
        return found[0] if found and wanted(found[0]) else None

    return await until(look, f"{text!r} to be as wanted")


async def with_agent(api: Api, conversation: str, agent: str) -> Conversation | None:
    found = await api.office.hub.store.inbox.find_conversation(conversation)
    return found if found and found.agent == agent else None


async def test_a_rule_routes_a_conversation_says_why_and_is_corrected(api: Api) -> None:
    ben, _ = await with_team(api)
    desk = api.office.hub.desk
    made = await api.post("/rules", {"rule": RULE})
    assert (made.status, made.body["version"]) == (201, 1)
    plan = {"strategy": "round_robin"}
    assert (await api.call("PUT", "/teams/returns/plan", json=plan)).status == 200
    await attend(desk, ben)
    found = await written(api, "tomas", "I want a refund", lambda each: each.agent)
    assert (found.team, found.agent, found.priority, found.tags) == (
        "returns",
        "ben",
        Priority.HIGH,
        ("money",),
    )

    async def decided() -> list[dict[str, Any]] | None:
        rows: list[dict[str, Any]] = (await api.get(f"/conversations/{found.id}/decisions")).body["rows"]
        return rows if len(rows) == 2 else None

    by_rule, given = await until(decided, "both decisions")
    assert by_rule["rules"] == [f"{made.body['id']}@1"]
    assert "Refunds are urgent" in by_rule["because"]
    assert [(each["agent"], each["why"]) for each in given["passed"]] == [("cem", "passed_offline")]
    corrected = await api.post(f"/decisions/{given['id']}/correction", {"agent": "cem"})
    assert corrected.status == 200
    now = await desk.store.inbox.find_conversation(found.id)
    assert now is not None
    assert now.agent == "cem"
    assert corrected.body["offered"]["then"] == [{"do": "agent", "value": "cem", "name": ""}]
    (_, again) = (await api.get(f"/conversations/{found.id}/decisions")).body["rows"]
    assert again["corrected_by"] == "ana"

    plain = await written(api, "vera", "A question", lambda each: True)
    assert (plain.team, plain.agent) == (None, None)


async def test_nobody_gets_more_than_they_can_have_and_the_queue_moves_when_there_is_room(api: Api) -> None:
    ben, cem = await with_team(api)
    hub, ana = api.office.hub, api.office.ana
    desk = hub.desk
    await hub.store.channels.change(api.office.channel.id, {"team": "returns"})
    assert (await api.call("PUT", "/teams/returns/plan", json={"strategy": "least_busy"})).status == 200
    for agent in (ben, cem):
        path = f"/agents/{agent.id}/plan"
        assert (await api.call("PUT", path, json={"capacity": 2})).status == 200  # one chat weighs two
    await attend(desk, ben)
    first = await written(api, "tomas", "one", lambda each: each.agent)
    second = await written(api, "vera", "two", lambda each: each.team)
    third = await written(api, "omar", "three", lambda each: each.team)
    assert (first.agent, second.agent, third.agent) == ("ben", None, None)
    await resolve(desk, ana, first.id)
    await until(lambda: with_agent(api, second.id, "ben"), "the queue to move")
    three = await hub.store.inbox.find_conversation(third.id)
    assert three is not None
    assert three.agent is None

    await attend(desk, cem)  # comes to work
    three = await until(lambda: with_agent(api, third.id, "cem"), "the queue to move")
    mine = {each["agent"]: each for each in (await api.get("/attendance")).body["rows"]}
    assert (mine["ben"]["load"], mine["cem"]["load"], mine["ana"]["state"]) == (2, 2, "offline")

    cems = await api.token(cem, Scope.WRITE)
    away = await api.call("PUT", "/attendance", json={"state": "away"}, bearer=cems)
    assert away.body["state"] == "away"
    await resolve(desk, ana, three.id)
    fourth = await written(api, "lena", "four", lambda each: each.team)
    assert fourth.agent is None  # cem has room, but is away


async def test_load_counters_that_a_crash_left_wrong_are_found_and_mended(api: Api) -> None:
    ben, _ = await with_team(api)
    hub = api.office.hub
    found = await written(api, "tomas", "one", lambda each: True)
    await hub.store.workloads.attend(ben.id, hub.clock())
    await assign(hub.desk, api.office.ana, found.id, ben)
    assert await reconcile(hub.desk.dispatch) == []
    await hub.store.workloads.workloads.update_one({"_id": "ben"}, {"$inc": {"load": 7}})
    (drift,) = await reconcile(hub.desk.dispatch)
    assert (drift.agent, drift.counted, drift.right) == ("ben", 9, 2)
    assert await reconcile(hub.desk.dispatch) == []


async def test_what_an_agent_left_unanswered_goes_back_when_they_vanish(api: Api) -> None:
    ben, _ = await with_team(api)
    hub = api.office.hub
    await hub.store.channels.change(api.office.channel.id, {"team": "returns"})
    plan = {"strategy": "round_robin", "back_minutes": 0}
    assert (await api.call("PUT", "/teams/returns/plan", json=plan)).status == 200
    await attend(hub.desk, ben)
    found = await written(api, "tomas", "one", lambda each: each.agent)
    sweeper = Sweeper(hub.desk.dispatch, "test")
    await sweeper.take_back(await hub.desk.dispatch.office())
    assert (await hub.store.inbox.find_conversations([found.id]))[found.id].agent == "ben"  # is there
    await hub.store.workloads.attend("ben", hub.clock(), State.ONLINE)  # and this was the last sign of life

    async def gone() -> bool:
        await sweeper.take_back(await hub.desk.dispatch.office())
        return (await hub.store.inbox.find_conversations([found.id]))[found.id].agent is None

    await until(gone, "it to go back")
    decided = (await api.get(f"/conversations/{found.id}/decisions")).body["rows"]
    # Behind it may stand why it waits now.
    assert "Ben has been gone for 0 minutes." in [each["because"] for each in decided[-2:]]


async def test_rules_are_for_admins_checked_and_taken_as_a_file(api: Api) -> None:
    ben, _ = await with_team(api)
    bens = await api.token(ben, *Scope) if ben.role is Role.ADMIN else await api.token(ben, Scope.WRITE)
    assert (await api.post("/rules", {"rule": RULE}, bearer=bens)).status == 403
    wrong = {**RULE, "then": [{"do": "team", "value": "nowhere"}]}
    assert (await api.post("/rules", {"rule": wrong})).body["reason"] == "rule_value"
    strange = {**RULE, "when": {"parts": [{"fact": "weather", "values": ["rain"]}]}}
    assert (await api.post("/rules", {"rule": strange})).body["reason"] == "rule_fact"
    one = (await api.post("/rules", {"rule": RULE})).body
    two = (await api.post("/rules", {"rule": {**RULE, "name": "Second"}})).body
    toml = (await api.get("/rules/file")).body["toml"]
    assert 'value = "Returns"' in toml  # by its name
    await api.delete(f"/rules/{one['id']}")
    back = (await api.call("PUT", "/rules/file", json={"toml": toml})).body["rows"]
    assert [each["rule"]["name"] for each in back] == ["Second", "Refunds are urgent"]
    assert back[0]["version"] == 1  # it says the same as before
    assert [each["rule"]["then"][0]["value"] for each in back] == ["returns", "returns"]
    broken = await api.call("PUT", "/rules/file", json={"toml": "[[rule]]\nname = 3"})
    assert broken.body["reason"] == "rules_file"
    order = (await api.call("PUT", "/rules/order", json={"rules": [back[1]["id"]]})).body["rows"]
    assert [each["id"] for each in order] == [back[1]["id"], two["id"]]


async def test_a_service_level_sets_when_an_answer_is_due_and_tells_what_was_broken(api: Api) -> None:
    hub = api.office.hub
    hours = (await api.post("/hours", {"name": "Always", "zone": "UTC", "shifts": [
        {"day": day, "begins": 0, "ends": 1440} for day in range(7)]})).body  # fmt: skip
    calendar = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY\nEND:VEVENT"
    taken = (await api.post(f"/hours/{hours['id']}/calendar", {"calendar": calendar})).body
    assert (len(taken["hours"]["closed"]), taken["taken"], taken["left_out"]) == (3, 3, 0)
    cleared = {each: hours[each] for each in ("name", "zone", "shifts")}  # else nobody works on that day
    assert (await api.call("PUT", f"/hours/{hours['id']}", json=cleared)).body["closed"] == []
    level = {"name": "Gold", "first_response": 60, "next_response": 30, "hours": hours["id"]}
    gold = (await api.post("/service-levels", level)).body
    rule = {**RULE, "when": {"parts": []}, "then": [{"do": "level", "value": gold["id"]}]}
    assert (await api.post("/rules", {"rule": rule})).status == 201
    found = await written(api, "tomas", "one", lambda each: each.due_at)
    assert found.due_at is not None
    assert (found.due_at - found.created_at).total_seconds() == 3600
    assert (await api.delete(f"/hours/{hours['id']}")).body["reason"] == "hours_used"
    answered = await api.post(f"/conversations/{found.id}/replies", {"text": "Here we are."})
    assert answered.status == 201
    again = await hub.store.inbox.find_conversation(found.id)
    assert again is not None
    assert again.due_at is None  # it is their turn

    two_hours = timedelta(hours=2)
    late = await written(api, "vera", "two", lambda each: each.due_at, at=hub.clock() - two_hours)
    assert (await api.post(f"/conversations/{late.id}/replies", {"text": "Sorry."})).status == 201
    entries = await hub.store.inbox.timeline(late.id)
    (broken,) = [each for each in entries if isinstance(each, Activity) and each.kind == "promise_broken"]
    assert broken.because == "Gold: first response"
    assert broken.details == {
        "promise": "first_response",
        "level": "Gold",
        "due_at": (late.created_at + timedelta(hours=1)).isoformat(),
    }
    kept = [each.kind for each in await hub.store.inbox.timeline(found.id) if isinstance(each, Activity)]
    assert "promise_broken" not in kept

    changed = {**level, "first_response": 1}
    assert (await api.call("PUT", f"/service-levels/{gold['id']}", json=changed)).status == 200
