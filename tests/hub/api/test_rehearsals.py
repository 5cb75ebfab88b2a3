"""Rules are tried on what has come in, through the API: what they would have done, and nothing is done."""

from typing import Any

from hub.desk.deeds import assign, resolve, tag
from tests.hub.api.conftest import Api
from tests.hub.api.test_routing import RULE, with_team, written

# The key of whoever asks is used, whatever they ask; and those at work tell that they still are.
OF_OTHERS = {
    *("tokens", "attempts", "leases", "lanes", "workers", "channels", "routing_state", "hook_state"),
    *("search_manifest", "search_segments", "unmatched"),
}

FILE = (
    '[[rule]]\nname = "Questions"\non = ["arrived"]\nthen = [{do = "team", value = "Returns"}]\n'
    'when = {parts = [{fact = "words", test = "word", values = ["question"]}]}\n'
)


async def everything(api: Api) -> dict[str, list[Any]]:
    """Every document of every collection that does not move by itself."""
    database = api.office.hub.store.database
    names = sorted(set(await database.list_collection_names()) - OF_OTHERS)
    return {each: await database[each].find().sort("_id", 1).to_list(None) for each in names}


async def test_rules_are_tried_on_the_past_and_nothing_is_written(api: Api) -> None:
    ben, _ = await with_team(api)
    desk, ana = api.office.hub.desk, api.office.ana
    money = await written(api, "tomas", "I want a refund", lambda each: True)
    plain = await written(api, "vera", "A question", lambda each: True)
    for each in (money, plain):
        await assign(desk, ana, each.id, ana)
    await tag(desk, ana, plain.id, "money")  # later: no rule may see it
    await resolve(desk, ana, money.id)
    made = (await api.post("/rules", {"rule": {**RULE, "enabled": False}})).body
    assert (await api.call("PUT", "/teams/returns/plan", json={"strategy": "round_robin"})).status == 200
    tagged = {"parts": [{"fact": "tag", "values": ["money"]}]}
    other = {**RULE, "name": "Tagged", "when": tagged}
    assert (await api.post("/rules", {"rule": other})).status == 201
    later = {**RULE, "name": "Later", "on": ["replied"]}
    assert (await api.post("/rules", {"rule": later})).status == 201
    before = await everything(api)

    as_it_is = (await api.post("/rules/rehearsals", {"days": 7})).body
    assert (as_it_is["conversations"], as_it_is["changed"], as_it_is["cut"]) == (2, 0, False)
    assert as_it_is["not_asked"] == ["Later"]
    assert as_it_is["tried"] == as_it_is["truly"]
    assert [(each["agent"], each["total"]) for each in as_it_is["truly"]["burdens"]] == [("ana", 2)]

    tried = await api.post("/rules/rehearsals", {"days": 7, "switched_on": [made["id"]]})
    assert tried.status == 200
    nowhere, returns = {"team": None, "away": False}, {"team": "returns", "away": False}
    assert {"was": nowhere, "would": returns, "count": 1} in tried.body["moves"]
    (row,) = tried.body["elsewhere"]
    assert (row["conversation"], row["was"]["agent"], row["would"]["agent"]) == (money.id, "ana", ben.id)
    assert row["would"]["rules"] == ["Refunds are urgent"]

    by_file = (await api.post("/rules/rehearsals", {"days": 1, "toml": FILE})).body
    assert [each["conversation"] for each in by_file["elsewhere"]] == [plain.id]
    wrong = await api.post("/rules/rehearsals", {"toml": FILE.replace("Returns", "Nobody")})
    assert (wrong.status, wrong.body["reason"]) == (409, "rules_file")
    gone = await api.post("/rules/rehearsals", {"switched_on": ["nothing"]})
    assert gone.body["reason"] == "rule_gone"

    assert await everything(api) == before
