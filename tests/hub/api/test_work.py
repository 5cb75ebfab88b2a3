"""Joining, undoing, drafts, files, labels and many at once through the API."""

from datetime import timedelta

from hub.model.people import Agent, Team
from hub.model.sign_ins import Scope
from hub.store.shelves import FARTHEST, moment_of
from tests.hub.api.conftest import Api


async def _two(api: Api) -> tuple[str, str]:
    """Two conversations that have just begun."""
    ids = []
    for number, name in enumerate(("tomas", "eva"), start=1):
        before = {each.id for each in await api.office.conversations()}
        api.office.platform.write(api.office.world.person(name), f"Question {number}")
        await api.office.conversation(number)
        ids += [each.id for each in await api.office.conversations() if each.id not in before]
    return ids[0], ids[1]


async def test_conversations_are_merged_split_and_parted_again(api: Api) -> None:
    one, other = await _two(api)
    merged = await api.post(f"/conversations/{one}/merges", {"conversations": [other]})
    assert (merged.status, merged.body["id"]) == (200, one)
    assert (await api.get(f"/conversations/{other}")).body["conversation"]["id"] == one
    threads = (await api.get(f"/conversations/{one}/threads")).body["rows"]
    assert len(threads) == 2
    split = await api.post(f"/conversations/{one}/splits", {"threads": [threads[0]["id"]]})
    assert split.status == 201
    assert split.body["id"] not in (one, other)
    all_of_it = await api.post(f"/conversations/{split.body['id']}/splits", {"threads": ["none"]})
    assert (all_of_it.status, all_of_it.body["reason"]) == (409, "split_all")
    undone = await api.post("/undo", {"token": split.body["undo"]})
    assert undone.body == {"conversations": 1}
    assert (await api.post("/undo", {"token": merged.body["undo"]})).status == 200
    assert (await api.get(f"/conversations/{other}")).body["conversation"]["id"] == other
    assert (await api.post("/undo", {"token": merged.body["undo"]})).status == 409


async def test_a_deed_is_taken_back_by_its_token_and_only_by_who_did_it(api: Api) -> None:
    one, _ = await _two(api)
    done = await api.post(f"/conversations/{one}/resolution")
    cleo = await api.token(await api.agent("cleo"), Scope.WRITE)
    assert (await api.post("/undo", {"token": done.body["undo"]}, bearer=cleo)).status == 409
    assert (await api.post("/undo", {"token": done.body["undo"]})).status == 200
    assert (await api.get(f"/conversations/{one}")).body["conversation"]["status"] == "open"


async def test_many_are_done_at_once_and_what_fails_is_told(api: Api, ben: Agent) -> None:
    one, other = await _two(api)
    await api.post(f"/conversations/{one}/assignment", {"agent": ben.id})
    bens = await api.token(ben, Scope.WRITE)
    done = await api.post("/bulk", {"deed": "resolve", "conversations": [one, other, "none"]}, bearer=bens)
    assert done.body["done"] == 1
    assert [each["conversation"] for each in done.body["failed"]] == [other, "none"]
    tagged = await api.post("/bulk", {"deed": "tag", "tag": "VIP", "conversations": [one, other]})
    assert tagged.body["done"] == 2
    assert (await api.post("/undo", {"token": tagged.body["undo"]})).body == {"conversations": 2}
    for wrong in (
        {"deed": "tag"},
        {"deed": "assign", "agent": "nobody"},
        {"deed": "hand_to_team", "team": "none"},
        {"deed": "snooze"},
        {"deed": "set_priority", "priority": "most"},
        {"deed": "resolve", "tag": "VIP"},
        {"deed": "set_field"},
        {"deed": "merge"},
    ):
        assert (await api.post("/bulk", {"conversations": [one], **wrong})).status == 422
    missing = await api.post("/bulk", {"deed": "tag", "conversations": [one]})
    assert [each["name"] for each in missing.body["errors"]] == ["tag"]


async def test_everything_in_a_filtered_view_is_done_at_once(api: Api) -> None:
    one, other = await _two(api)
    await api.office.hub.store.people.add_team(
        Team(id="returns", name="Returns", created_at=api.office.hub.clock())
    )
    await api.post(f"/conversations/{one}/tags", {"name": "VIP"})
    vip = {"view": "open", "filter": {"tags": ["VIP"]}}

    async def both(**deed: str | None) -> int:
        done = await api.post("/bulk", {"conversations": {"view": "open"}, **deed}, key=deed["deed"])
        assert done.status == 200
        return int(done.body["done"])

    assert await both(deed="set_priority", priority="high") == 2
    assert await both(deed="hand_to_team", team="returns") == 2
    assert await both(deed="claim") == 2
    assert await both(deed="follow") == 2
    assert len((await api.get("/conversations?view=following")).body["rows"]) == 2
    assert await both(deed="unfollow") == 2
    far = (await api.get("/bulk/claim")).body
    assert far == {"done": 2, "failed": 0, "total": 2, "over": True}
    assert (await api.get("/bulk/other")).status == 404
    gone = await api.post("/bulk", {"conversations": {"view": "none"}, "deed": "claim"})
    assert (gone.status, gone.body["errors"][0]["name"]) == (422, "conversations.view")
    later = (api.office.hub.clock() + timedelta(days=1)).isoformat()
    assert (await api.post("/bulk", {"conversations": vip, "deed": "snooze", "until": later})).body[
        "done"
    ] == 1
    (left,) = (await api.get("/conversations")).body["rows"]
    assert (left["id"], left["priority"], left["team"], left["agent"]) == (other, "high", "returns", "ana")


async def test_a_list_is_filtered_and_sorted_as_on_the_page(api: Api) -> None:
    one, other = await _two(api)
    await api.post(f"/conversations/{one}/tags", {"name": "VIP"})
    await api.post(f"/conversations/{one}/assignment", {"agent": "me"})
    await api.post(f"/conversations/{other}/resolution")

    async def found(*query: tuple[str, str]) -> set[str]:
        answer = await api.get("/conversations", params=list(query))
        assert answer.status == 200
        return {each["id"] for each in answer.body["rows"]}

    assert await found(("tags", "VIP")) == {one}
    assert await found(("tags", "VIP"), ("tags", "Other")) == set()
    assert await found(("every_status", "true"), ("awaiting", "us")) == {one, other}
    assert await found(("status", "resolved"), ("agent", "none")) == {other}
    assert await found(("agent", "me"), ("platforms", "simulator"), ("older_than_hours", "0")) == {one}
    assert await found(("fields", "order=4711")) == set()
    assert await found(("customer_fields", "plan=gold")) == set()
    assert await found(("due_within_hours", "1")) == set()
    for sort in ("newest", "waiting", "due", "window"):
        assert await found(("sort", sort)) == {one}
    for wrong in ("fields=order", "status=gone", "sort=oldest", "agent=me&agent=none", "priorities=most"):
        assert (await api.get(f"/conversations?{wrong}")).status == 422


async def test_a_file_is_uploaded_drafted_and_sent(api: Api, ben: Agent) -> None:
    one, _ = await _two(api)
    sent = await api.call("POST", "/uploads?name=offer.txt", data=b"An offer.", key="once")
    assert (sent.status, sent.body["name"], sent.body["size"]) == (201, "offer.txt", 9)
    again = await api.call("POST", "/uploads?name=offer.txt", data=b"An offer.", key="once")
    assert again.body == sent.body
    other = await api.call("POST", "/uploads?name=offer.txt", data=b"Another offer.", key="once")
    assert (other.status, other.body["type"]) == (422, "/api/v1/docs#problem-key-reused")
    assert (await api.call("POST", "/uploads", data=b"x")).status == 422
    body = {"text": "Here it", "files": [sent.body["id"]]}
    draft = await api.call("PUT", f"/conversations/{one}/draft", json=body)
    assert (draft.status, draft.body["version"]) == (200, 1)
    assert [each["name"] for each in draft.body["attachments"]] == ["offer.txt"]
    stale = await api.call("PUT", f"/conversations/{one}/draft", json={"text": "Other", "seen": 7})
    assert stale.status == 409
    assert len((await api.get(f"/conversations/{one}/drafts")).body["rows"]) == 1
    assert (await api.delete(f"/conversations/{one}/draft")).status == 200
    assert (await api.delete(f"/conversations/{one}/draft?kind=note")).status == 404
    reply = {"text": "Here it is.", "files": [sent.body["id"]]}
    bens = await api.token(ben, Scope.WRITE)
    await api.post(f"/conversations/{one}/assignment", {"agent": ben.id})
    stolen = await api.post(f"/conversations/{one}/replies", reply, bearer=bens)
    assert (stolen.status, stolen.body["reason"]) == (409, "attached_gone")
    replied = await api.post(f"/conversations/{one}/replies", reply)
    assert (replied.status, replied.body["files"][0]["name"]) == (201, "offer.txt")
    path = replied.body["files"][0]["url"].removeprefix("/api/v1")
    assert (await api.get(path)).body == b"An offer."


async def test_who_is_there_is_told_to_the_others(api: Api) -> None:
    one, _ = await _two(api)
    cleo = await api.token(await api.agent("cleo"), Scope.WRITE)
    there = f"/conversations/{one}/presence"
    assert (await api.post(there, {"doing": "writing"}, bearer=cleo)).body == {"rows": []}
    (seen,) = (await api.get(there)).body["rows"]
    assert (seen["agent"], seen["doing"]) == ("cleo", "writing")
    await api.delete(there, bearer=cleo)
    assert (await api.get(there)).body == {"rows": []}


async def test_saved_replies_are_kept_filled_in_and_removed(api: Api) -> None:
    one, _ = await _two(api)
    kept = await api.post(
        "/saved-replies", {"title": "Hello", "text": "Hello {{ customer.name }}{{ fields.x }}"}
    )
    assert kept.status == 201
    path = f"/saved-replies/{kept.body['id']}"
    filled = (await api.get(f"{path}/text?conversation={one}")).body
    assert filled["text"].startswith("Hello ")
    assert filled["missing"] == ["fields.x"]
    assert len((await api.get("/saved-replies")).body["rows"]) == 1
    file = await api.call("POST", "/uploads?name=offer.txt", data=b"An offer.")
    changed = {"title": "Hello", "text": "Hello again", "files": [file.body["id"]]}
    assert (await api.call("PUT", path, json=changed)).body["attachments"][0]["name"] == "offer.txt"
    changed.pop("files")  # they stay
    assert len((await api.call("PUT", path, json=changed)).body["attachments"]) == 1
    (copy,) = (await api.post(f"{path}/files")).body["rows"]
    body = {"text": "Here", "files": [copy["id"]]}
    assert (await api.post(f"/conversations/{one}/replies", body)).status in (200, 201)
    assert (await api.post("/saved-replies", {"title": "Bad", "text": "{% if %}"})).status == 422
    assert (await api.delete(path)).status == 200
    assert (await api.delete(path)).status == 404
    assert (await api.get(f"{path}/text")).status == 404


async def test_tags_and_fields_are_made_renamed_and_removed(api: Api) -> None:
    one, _ = await _two(api)
    assert (await api.post("/tags", {"name": "VIP"})).status == 201
    assert (await api.post("/tags", {"name": "vip"})).status == 409
    await api.post(f"/conversations/{one}/tags", {"name": "vip"})
    assert (await api.call("PUT", "/tags/VIP", json={"name": "Guest"})).body == {"conversations": 1}
    assert [each["name"] for each in (await api.get("/tags")).body["rows"]] == ["Guest"]
    assert (await api.delete("/tags/Guest")).body == {"conversations": 1}
    assert (await api.delete("/tags/Guest")).status == 404
    made = await api.call("PUT", "/fields/conversation/order", json={"name": "Order", "kind": "number"})
    assert (made.status, made.body["key"]) == (200, "order")
    assert len((await api.get("/fields?on=conversation")).body["rows"]) == 1
    assert (await api.get("/fields?on=customer")).body["rows"] == []
    assert (await api.call("PUT", "/fields/nothing/order", json={"name": "Order"})).status == 404
    assert (await api.delete("/fields/conversation/order")).status == 200
    assert (await api.delete("/fields/conversation/order")).status == 404


async def test_places_that_no_calendar_has_are_no_trouble(api: Api) -> None:
    assert moment_of(10**30) == moment_of(FARTHEST)
    assert moment_of(-(10**30)) == moment_of(-FARTHEST)
    for cursor in ("9" * 30, "9" * 15 + "-x", "-" + "9" * 30):
        for path in ("/conversations", "/deliveries/troubled"):
            answer = await api.get(path, params={"cursor": cursor})
            assert answer.status in (200, 422), (path, cursor)
