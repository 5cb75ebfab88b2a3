"""What is one's own, by the API as on the pages: profile, sessions, tokens, notifications."""

from datetime import timedelta

from hub.auth.sessions import list_sessions, start_session
from hub.auth.tokens import create_token
from hub.model.people import Agent
from hub.model.sign_ins import Scope
from tests.hub.api.conftest import Api


async def test_ones_profile_is_read_and_changed_and_what_is_wrong_is_named(api: Api) -> None:
    assert (await api.get("/profile")).body["second_factor"] is False
    changed = await api.post("/profile", {"signature": "Best, Ana", "zone": "Europe/Lisbon"})
    assert (changed.body["signature"], changed.body["zone"]) == ("Best, Ana", "Europe/Lisbon")
    kept = (await api.get("/profile")).body
    assert (kept["name"], kept["signature"]) == ("Ana", "Best, Ana")
    for field, value in (("zone", "Mars"), ("language", "?"), ("name", "\u200b")):
        refused = await api.post("/profile", {field: value})
        assert (refused.status, refused.body["errors"][0]["name"]) == (422, field)


async def test_one_signs_out_elsewhere_and_nobody_else(api: Api, ben: Agent) -> None:
    auth, ana = api.office.hub.auth, api.office.ana
    for agent in (ana, ana, ben):
        await start_session(auth, agent, "password", address="192.0.2.1", browser="Firefox")
    rows = (await api.get("/sessions")).body["rows"]
    assert [each["browser"] for each in rows] == ["Firefox"] * 2
    bens = await api.token(ben, Scope.WRITE)
    assert (await api.delete(f"/sessions/{rows[0]['id']}", bearer=bens)).status == 404
    assert (await api.delete(f"/sessions/{rows[0]['id']}")).body == {"sessions": 1}
    assert (await api.delete("/sessions")).body == {"sessions": 1}
    assert len(await list_sessions(auth, ben)) == 1


async def test_a_token_makes_none_that_can_do_more_or_lasts_longer(api: Api) -> None:
    auth, ana = api.office.hub.auth, api.office.ana
    short = (await create_token(auth, ana, "Short", frozenset({Scope.WRITE}), lasts=timedelta(days=2)))[1]
    for asked, reason in (
        ({"title": "More", "scope": "admin", "days": 1}, "token_wider"),
        ({"title": "Longer", "scope": "read", "days": 3}, "token_longer"),
        ({"title": "For good", "scope": "read", "days": None}, "token_longer"),
    ):
        refused = await api.post("/tokens", asked, bearer=short)
        assert (refused.status, refused.body["reason"]) == (403, reason)
    asked = {"title": "Fits", "scope": "read", "days": 1}
    made = await api.post("/tokens", asked, bearer=short, key="once")
    assert (await api.get("/profile", bearer=made.body["text"])).status == 200
    again = await api.post("/tokens", asked, bearer=short, key="once")
    assert (again.body["token"], again.body["text"]) == (made.body["token"], None)
    assert (await api.delete(f"/tokens/{made.body['token']['id']}", bearer=short)).status == 200
    assert (await api.get("/profile", bearer=made.body["text"])).status == 401


async def test_tokens_of_others_are_for_admins_and_their_scope(api: Api, ben: Agent) -> None:
    ana = api.office.ana
    bens = await api.token(ben, Scope.WRITE)
    (his,) = (await api.get("/tokens", bearer=bens)).body["rows"]
    weaker = await api.token(ana, Scope.WRITE)
    assert (await api.get("/tokens?everybodys=true", bearer=weaker)).status == 403
    assert (await api.delete(f"/tokens/{his['id']}", bearer=weaker)).status == 404
    assert his["id"] in {each["id"] for each in (await api.get("/tokens?everybodys=true")).body["rows"]}
    assert (await api.delete(f"/tokens/{his['id']}")).body["agent"] == "ben"
    assert (await api.get("/tokens", bearer=bens)).status == 401


async def test_how_one_is_told_changes_in_what_is_said_and_nothing_else(api: Api) -> None:
    before = (await api.get("/notification-settings")).body
    changed = await api.post(
        "/notification-settings", {"ways": {"mentioned": ["page"]}, "quiet": {"since": 1200, "until": 420}}
    )
    assert changed.body["ways"] == {**before["ways"], "mentioned": ["page"]}
    assert changed.body["quiet"] == {"since": 1200, "until": 420, "free_days": [5, 6]}
    again = await api.post("/notification-settings", {"sound": True, "quiet": None})
    assert (again.body["quiet"], again.body["sound"]) == (None, True)
    assert again.body["ways"]["mentioned"] == ["page"]
    assert (await api.post("/notification-settings", {"daily_at": 1440})).status == 422
