"""Conversations through the API: listed, read, answered, handed on."""

from datetime import timedelta
from typing import Any

from hub.desk.opening import PAGE
from hub.model.content import Attachment
from hub.model.inbox import DeliveryState, Message, Status
from hub.model.people import Agent, Team
from hub.model.sign_ins import Scope
from hub.store.codec import to_document
from tests.hub.api.conftest import Api
from tests.hubs import until


async def _one(api: Api, text: str = "Where is my parcel?") -> str:
    """A conversation that has just begun."""
    before = len(await api.office.conversations())
    api.office.platform.write(api.office.world.person("tomas"), text)
    return (await api.office.conversation(before + 1)).id


async def test_a_conversation_is_listed_opened_and_read(api: Api) -> None:
    matter = await _one(api)
    listed = await api.get("/conversations?view=unassigned")
    assert listed.status == 200
    assert [row["id"] for row in listed.body["rows"]] == [matter]
    assert listed.body["rows"][0]["last"]["preview"] == "Where is my parcel?"
    assert listed.body["next"] is None
    opened = await api.get(f"/conversations/{matter}")
    assert opened.body["conversation"]["status"] == "open"
    assert opened.body["customer"]["identities"]
    assert opened.body["composer"]["closed"] is False
    (entry,) = [each for each in opened.body["entries"]["rows"] if each["type"] == "message"]
    assert entry["text"] == "Where is my parcel?"
    assert entry["side"] == "customer"


async def test_a_list_is_read_page_by_page(api: Api) -> None:
    for number in range(3):
        await _one(api, f"Question {number}")
    first = await api.get("/conversations?limit=2")
    second = await api.get("/conversations", params={"limit": 2, "cursor": first.body["next"]})
    assert [len(first.body["rows"]), len(second.body["rows"])] == [2, 1]
    assert second.body["next"] is None
    previews = [row["last"]["preview"] for row in (*first.body["rows"], *second.body["rows"])]
    assert previews == ["Question 2", "Question 1", "Question 0"]


async def test_a_long_timeline_is_read_backwards(api: Api) -> None:
    matter = await _one(api)
    for number in range(PAGE + 4):
        assert (await api.post(f"/conversations/{matter}/notes", {"text": f"Note {number}"})).status == 201
    newest = await api.get(f"/conversations/{matter}/entries")
    assert len(newest.body["rows"]) == PAGE
    earlier = await api.get(f"/conversations/{matter}/entries", params={"cursor": newest.body["next"]})
    assert earlier.body["next"] is None
    assert "Where is my parcel?" in [each.get("text") for each in earlier.body["rows"]]
    ids = [each["id"] for each in (*earlier.body["rows"], *newest.body["rows"])]
    assert len(set(ids)) == len(ids)


async def test_a_reply_reaches_the_customer(api: Api) -> None:
    matter = await _one(api)
    replied = await api.post(f"/conversations/{matter}/replies", {"text": "On its way."})
    assert replied.status == 201
    assert replied.body["delivery"]["state"] == "queued"

    async def sent() -> bool:
        found = await api.office.hub.store.inbox.find_entry(replied.body["id"])
        return isinstance(found, Message) and found.delivery is not None and found.delivery.state.settled

    await until(sent, "the reply to be sent")


async def test_a_reply_is_held_when_the_customer_has_written_again(api: Api) -> None:
    matter = await _one(api)
    seen = (await api.office.messages(matter, 1))[-1]
    tomas = api.office.world.person("tomas")
    api.office.platform.write(tomas, "Never mind, it is here.", thread=seen.thread)
    newest = (await api.office.messages(matter, 2))[-1].id
    held = await api.post(f"/conversations/{matter}/replies", {"text": "On its way.", "seen": seen.id})
    assert held.status == 409
    assert held.body["newest"] == newest
    assert held.body["type"].endswith("#problem-held")
    again = await api.post(f"/conversations/{matter}/replies", {"text": "Good.", "seen": newest})
    assert again.status == 201


async def test_what_the_channel_would_refuse_is_refused_at_once(api: Api) -> None:
    matter = await _one(api)
    long = await api.post(f"/conversations/{matter}/replies", {"text": "x" * 199_999})
    assert long.status == 422
    assert long.body["type"].endswith("#problem-not-sendable")
    assert "errors" not in long.body


async def test_a_conversation_is_taken_handed_on_and_let_go(api: Api, ben: Agent) -> None:
    matter = await _one(api)
    assert (await api.post(f"/conversations/{matter}/assignment", {"agent": "me"})).body["agent"] == "ana"
    assert (await api.post(f"/conversations/{matter}/assignment", {"agent": ben.id})).body["agent"] == "ben"
    nobody = await api.post(f"/conversations/{matter}/assignment", {"agent": "nobody"})
    assert nobody.status == 422
    assert nobody.body["errors"][0]["name"] == "agent"
    assert (await api.delete(f"/conversations/{matter}/assignment")).body["agent"] is None


async def test_a_conversation_is_resolved_and_reopened(api: Api) -> None:
    matter = await _one(api)
    assert (await api.post(f"/conversations/{matter}/resolution")).body["status"] == "resolved"
    assert (await api.get("/conversations?view=open")).body["rows"] == []
    assert (await api.delete(f"/conversations/{matter}/resolution")).body["status"] == "open"
    kinds = [each.get("kind") for each in (await api.get(f"/conversations/{matter}/entries")).body["rows"]]
    assert kinds[-2:] == ["resolved", "reopened"]


async def test_a_conversation_is_snoozed_marked_tagged_and_followed(api: Api) -> None:
    matter = await _one(api)
    hub = api.office.hub
    await hub.store.people.add_team(Team(id="returns", name="Returns", created_at=hub.clock()))
    one = f"/conversations/{matter}"
    until = (hub.clock() + timedelta(days=1)).isoformat()
    made = (
        ("/snooze", {"until": until}, "status", "snoozed"),
        ("/spam", None, "status", "spam"),
        ("/team", {"team": "returns"}, "team", "returns"),
        ("/tags", {"name": "a/b"}, "tags", ["a/b"]),
        ("/priority", {"priority": "urgent"}, "priority", "urgent"),
        ("/fields", {"name": "Order", "value": "77"}, "fields", {"Order": "77"}),
        ("/following", None, "followers", ["ana"]),
    )
    for path, body, name, value in made:
        done = await api.post(one + path, body)
        assert (done.status, done.body[name]) == (200, value), path
    taken_back: tuple[tuple[str, str, object], ...] = (
        ("/spam", "status", "open"),
        ("/team", "team", None),
        ("/tags/a%2Fb", "tags", []),
        ("/following", "followers", []),
    )
    for path, name, left in taken_back:
        undone = await api.delete(one + path)
        assert (undone.status, undone.body[name]) == (200, left), path
    past = await api.post(f"{one}/snooze", {"until": "2020-01-01T00:00:00Z"})
    assert past.status == 409
    assert (await api.post(f"{one}/snooze", {"until": "2020-01-01T00:00:00"})).status == 422
    assert (await api.post(f"{one}/team", {"team": "none"})).body["errors"][0]["name"] == "team"


async def test_only_those_who_may_delete_a_conversation_do(api: Api) -> None:
    matter = await _one(api)
    cleo = await api.token(await api.agent("cleo"), Scope.WRITE)
    assert (await api.delete(f"/conversations/{matter}", bearer=cleo)).status == 403
    assert (await api.delete(f"/conversations/{matter}")).body["entries"] >= 1
    assert (await api.get(f"/conversations/{matter}")).status == 404


async def test_a_restricted_agent_sees_through_the_api_what_the_pages_show(api: Api, ben: Agent) -> None:
    matter = await _one(api)
    bearer = await api.token(ben, Scope.READ, Scope.WRITE)
    assert (await api.get("/conversations", bearer=bearer)).body["rows"] == []
    assert (await api.get("/search?q=parcel ", bearer=bearer)).body["rows"] == []
    for path in ("", "/entries"):
        assert (await api.get(f"/conversations/{matter}{path}", bearer=bearer)).status == 403
    assert (await api.post(f"/conversations/{matter}/notes", {"text": "Hm"}, bearer=bearer)).status == 403
    await api.post(f"/conversations/{matter}/assignment", {"agent": ben.id})
    assert (await api.get(f"/conversations/{matter}", bearer=bearer)).status == 200
    # He may give it away; then it is out of his sight, but the answer still tells that it is done.
    assert (await api.delete(f"/conversations/{matter}/assignment", bearer=bearer)).body["agent"] is None
    assert (await api.get(f"/conversations/{matter}", bearer=bearer)).status == 403


async def test_a_file_is_downloaded_by_who_may_see_its_conversation(api: Api, ben: Agent) -> None:
    matter = await _one(api)
    (message,) = await api.office.messages(matter, 1)
    store = api.office.hub.store
    kept = await store.media.add(b"<script>alert(1)</script>", "notes.html", "text/html", 1000)
    files = (
        Attachment(name='no"tes\r\n.html', mime="text/html", size=25, stored=kept.id),
        Attachment(name="big.mov", mime="video/quicktime", refused="It is larger than 25 MB."),
    )
    await store.inbox.set_entry(message.id, {"content.attachments": [to_document(each) for each in files]})
    listed = (await api.get(f"/conversations/{matter}/entries")).body["rows"][0]["files"]
    assert [each["url"] is None for each in listed] == [False, True]
    path = listed[0]["url"].removeprefix("/api/v1")
    got = await api.get(path)
    assert got.body == b"<script>alert(1)</script>"
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert "default-src 'none'" in got.headers["Content-Security-Policy"]
    gone = await api.get(path[:-1] + "1")
    assert gone.status == 404
    assert gone.body["detail"] == "It is larger than 25 MB."
    assert (await api.get(path[:-1] + "7")).status == 404
    assert (await api.get(path.replace(matter, "0" * 24))).status == 404
    assert (await api.get(path, bearer=await api.token(ben, Scope.READ))).status == 403


async def test_what_could_not_be_sent_is_listed_and_sent_again(api: Api, ben: Agent) -> None:
    matter = await _one(api)
    replied = await api.post(f"/conversations/{matter}/replies", {"text": "On its way."})
    sent = replied.body["id"]
    store = api.office.hub.store

    async def delivered() -> Message | None:
        found = await store.inbox.find_entry(sent)
        assert isinstance(found, Message)
        return found if found.delivery and found.delivery.state is DeliveryState.DELIVERED else None

    message = await until(delivered, "the reply to be delivered")
    assert (await api.post(f"/deliveries/{sent}/attempts")).status == 409
    states = tuple(DeliveryState)
    assert await store.deliveries.move(message, states, DeliveryState.UNSURE, also={"problem": "No answer."})
    troubled = await api.get("/deliveries/troubled")
    assert [each["delivery"]["problem"] for each in troubled.body["rows"]] == ["No answer."]
    bearer = await api.token(ben, Scope.WRITE)
    assert (await api.get("/deliveries/troubled", bearer=bearer)).body["rows"] == []
    assert (await api.post(f"/deliveries/{sent}/attempts", bearer=bearer)).status == 403
    again = await api.post(f"/deliveries/{sent}/attempts")
    assert again.status == 200
    assert again.body["delivery"]["state"] == "queued"
    assert (await api.post("/deliveries/none/attempts")).status == 404


async def test_search_finds_and_says_what_it_does_not_understand(api: Api) -> None:
    matter = await _one(api, "My umbrella leaks")

    async def look() -> list[Any]:
        rows: list[Any] = (await api.get("/search", params={"q": "umbrel"})).body["rows"]
        return rows

    hit = (await until(look, "the worker to index it"))[0]
    assert hit["conversation"]["id"] == matter
    assert [hit["snippet"][a:b].startswith("umbrel") for a, b in hit["marks"]] == [True]
    odd = await api.get("/search", params={"q": "is:funny"})
    assert odd.status == 422
    assert odd.body["errors"][0] == {"where": "query", "name": "q", "message": odd.body["detail"]}
    assert Status.OPEN in odd.body["detail"]
