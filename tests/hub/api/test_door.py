"""Before every call: tokens and scopes, limits, repeated requests, and problems with their names."""

import asyncio
import io

import pytest

from hub.api.mounting import PREFIX
from hub.api.rates import Limit
from hub.auth.tokens import revoke_token
from hub.model.people import Agent
from hub.model.sign_ins import Scope
from hub.store.answers import ABANDONED_AFTER, Answers
from tests.hub.api.conftest import Api


async def _one(api: Api) -> str:
    api.office.platform.write(api.office.world.person("tomas"), "Where is my parcel?")
    return (await api.office.conversation()).id


# Tokens


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer  ", "Basic YTpi", "Bearer hub_made-up", "hub_x"]
)
async def test_without_a_good_token_there_is_nothing(api: Api, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}
    async with api.client.get(f"{PREFIX}/token", headers=headers) as response:
        assert response.status == 401
        assert response.content_type == "application/problem+json"
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_does_no_more_than_its_scopes_and_its_agent(api: Api, ben: Agent) -> None:
    matter = await _one(api)
    reads = await api.token(api.office.ana, Scope.READ)
    writes = await api.token(api.office.ana, Scope.WRITE)
    (channel,) = (await api.get("/channels", bearer=reads)).body["rows"]
    refused = await api.post(f"/conversations/{matter}/notes", {"text": "Hm"}, bearer=reads)
    assert refused.status == 403
    assert 'scope="write"' in refused.headers["WWW-Authenticate"]
    assert (await api.post(f"/conversations/{matter}/notes", {"text": "Hm"}, bearer=writes)).status == 201
    assert (await api.get(f"/channels/{channel['id']}/journal", bearer=writes)).status == 403
    assert (await api.get(f"/channels/{channel['id']}/journal")).status == 200


async def test_a_token_that_was_revoked_opens_nothing(api: Api) -> None:
    token = await api.get("/token")
    assert token.body["agent"]["id"] == "ana"
    (kept,) = await api.office.hub.store.sign_ins.list_tokens("ana")
    assert await revoke_token(api.office.hub.auth, api.office.ana, kept.id)
    assert (await api.get("/token")).status == 401


# Problems


async def test_unknown_addresses_and_methods_are_problems_too(api: Api) -> None:
    assert (await api.get("/nothing")).status == 404
    assert (await api.get("")).status == 404
    odd = await api.call("PATCH", "/conversations")
    assert odd.status == 405
    assert odd.headers["Allow"] == "GET, HEAD, POST"
    # No other site's page may ask on behalf of somebody.
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    preflight = await api.call("OPTIONS", "/conversations", headers=asked)
    assert preflight.status == 405
    assert not [name for name in preflight.headers if name.startswith("Access-Control")]


async def test_every_wrong_field_is_named(api: Api) -> None:
    matter = await _one(api)
    replies = f"/conversations/{matter}/replies"
    wrong = await api.post(
        replies, {"text": 5, "cc": ["a@b.example", None], "wait_seconds": -1, "colour": "red"}
    )
    assert wrong.status == 422
    assert {each["name"] for each in wrong.body["errors"]} == {"text", "cc.1", "wait_seconds", "colour"}
    query = await api.get("/conversations?limit=many&sort=odd&page=2")
    assert {(each["where"], each["name"]) for each in query.body["errors"]} == {
        ("query", "limit"),
        ("query", "sort"),
        ("query", "page"),
    }
    assert (await api.get("/conversations?view=none")).body["errors"][0]["name"] == "view"
    assert (await api.get("/conversations?cursor=none")).body["errors"][0]["name"] == "cursor"
    assert (await api.get("/conversations?limit=1&limit=2")).body["errors"][0]["name"] == "limit"


@pytest.mark.parametrize(
    "cursor", ["9007199254740992-x", "999999999999999-x", "0-", "-1-x", "1e9-x", "\0-\0"]
)
async def test_a_made_up_cursor_breaks_nothing(api: Api, cursor: str) -> None:
    await _one(api)
    for sort in ("newest", "waiting", "due"):
        asked = {"cursor": cursor, "sort": sort}
        assert (await api.get("/conversations", params=asked)).status in (200, 422)
    for q in ("parcel", "is:open"):
        assert (await api.get("/search", params={"q": q, "cursor": cursor})).status in (200, 422)


@pytest.mark.parametrize(
    ("body", "mime", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"text": "\\ud800"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"text": " "}', "application/json", 422),
        (b'{"text": "x"}', "text/plain", 415),
        (b'{"text": "%s"}' % (b"x" * (4 * 1024 * 1024)), "application/json", 413),
    ],
    ids=["cut", "empty", "binary", "half-a-character", "deep", "list", "blank", "plain", "endless"],
)
async def test_a_body_that_cannot_be_read_is_refused(api: Api, body: bytes, mime: str, status: int) -> None:
    matter = await _one(api)
    path = f"/conversations/{matter}/notes"
    assert (
        await api.call("POST", path, data=io.BytesIO(body), headers={"Content-Type": mime})
    ).status == status


# Limits


@pytest.mark.parametrize("limits", [(Limit("all", 5, 60), Limit("writes", 2, 60))])
async def test_a_token_is_told_how_much_it_may_and_when_to_wait(api: Api) -> None:
    first = await api.get("/token")
    assert first.headers["RateLimit-Policy"] == '"all";q=5;w=60'
    assert first.headers["RateLimit"].startswith('"all";r=4;t=')
    await api.post("/views", {"title": "A", "filter": {}})
    second = await api.post("/views", {"title": " ", "filter": {}})
    assert second.status == 422
    assert '"writes";r=0' in second.headers["RateLimit"]
    refused = await api.post("/views", {"title": "C", "filter": {}})
    assert refused.status == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert (await api.get("/token")).status == 200
    assert (await api.get("/token")).status == 200
    assert (await api.get("/token")).status == 429
    other = await api.token(api.office.ana, Scope.READ)
    assert (await api.get("/token", bearer=other)).status == 200


# Repeated requests


async def test_a_repeated_write_is_done_once_and_answered_the_same(api: Api) -> None:
    matter = await _one(api)
    notes = f"/conversations/{matter}/notes"
    first = await api.post(notes, {"text": "Once"}, key="k-1")
    again = await api.post(notes, {"text": "Once"}, key='"k-1"')  # as the draft writes it
    assert (first.status, first.body) == (again.status, again.body)
    texts = [each.get("text") for each in (await api.get(f"/conversations/{matter}/entries")).body["rows"]]
    assert texts.count("Once") == 1
    other = await api.post(notes, {"text": "Twice"}, key="k-1")
    assert other.status == 422
    assert other.body["type"].endswith("#problem-key-reused")
    elsewhere = await api.post(f"/conversations/{matter}/replies", {"text": "Once"}, key="k-1")
    assert elsewhere.status == 422
    # Another token's keys are its own.
    bearer = await api.token(api.office.ana, Scope.WRITE)
    assert (await api.post(notes, {"text": "Twice"}, key="k-1", bearer=bearer)).status == 201


async def test_a_request_that_was_refused_leaves_its_key_free(api: Api) -> None:
    matter = await _one(api)
    assignment = f"/conversations/{matter}/assignment"
    assert (await api.post(assignment, {"agent": "nobody"}, key="k")).status == 422
    assert (await api.post(assignment, {"agent": "me"}, key="k")).status == 200


async def test_two_at_once_with_one_key_do_it_once(api: Api) -> None:
    matter = await _one(api)
    notes = f"/conversations/{matter}/notes"
    answers = await asyncio.gather(*(api.post(notes, {"text": "Once"}, key="k") for _ in range(5)))
    assert {each.status for each in answers} <= {201, 409}
    texts = [each.get("text") for each in (await api.get(f"/conversations/{matter}/entries")).body["rows"]]
    assert texts.count("Once") == 1


async def test_a_key_whose_process_died_can_be_used_again_by_the_same_request(api: Api) -> None:
    hub = api.office.hub
    answers = Answers(hub.store.database)
    now = hub.clock()
    assert await answers.claim("id", "same", now) is None
    busy = await answers.claim("id", "same", now)
    assert busy is not None
    assert busy.status is None
    later = now + ABANDONED_AFTER
    assert await answers.claim("id", "other", later) is not None
    assert await answers.claim("id", "same", later) is None
    assert await answers.claim("id", "same", later) is not None


@pytest.mark.parametrize("key", ["", '""', "x" * 201, "ü"])
async def test_a_key_that_is_none_is_refused(api: Api, key: str) -> None:
    refused = await api.post("/views", {"title": "A", "filter": {}}, key=key)
    assert refused.status == 422
    assert refused.body["errors"][0]["name"] == "Idempotency-Key"
