"""Writing first, forwarding, taking back, what is known of a customer, and the audit log, through the API."""

import pytest

from connectors.simulator.troubles import Trouble
from hub.model.inbox import DeliveryState
from hub.model.people import Agent
from hub.model.sign_ins import Scope
from tests.hub.api.conftest import Api
from tests.hubs import until


async def _asked(api: Api) -> str:
    api.office.platform.write(api.office.world.person("tomas"), "The kettle leaks", subject="Kettle")
    return (await api.office.conversation()).id


async def _reaches(api: Api, who: str) -> str:
    async def look() -> str | None:
        return next((each.text for each in api.office.world.inbox_of(who)), None)

    return await until(look, f"a message for {who}")


@pytest.mark.parametrize("imitates", ["email"])
async def test_one_writes_first_and_forwards_and_each_is_sent_once(api: Api) -> None:
    tomas, lea = (
        api.office.platform.name_of(api.office.world.person(each, email=f"{each}@customers.example"))
        for each in ("tomas", "lea")
    )
    (channel,) = (await api.get("/writable-channels")).body["rows"]
    wanted = {"channel": channel["id"], "to": [lea], "subject": "Order", "text": "It is here."}
    opened = [await api.post("/conversations", wanted, key="once") for _ in range(2)]
    assert [each.status for each in opened] == [201, 201]
    assert opened[0].body["id"] == opened[1].body["id"]
    assert await _reaches(api, "lea") == "It is here."
    assert (await api.post("/conversations", {**wanted, "channel": "none"})).status == 422
    api.office.platform.write(api.office.world.person("tomas"), "The kettle leaks", subject="Kettle")
    one = (await api.office.conversation(2)).id
    (message,) = await api.office.messages(one, 1)
    path = f"/conversations/{one}/entries/{message.id}/forwards"
    sent = await api.post(path, {"to": [tomas], "text": "Look"})
    assert (sent.status, sent.body["subject"]) == (201, "Fwd: Kettle")
    assert "Look" in await _reaches(api, "tomas")
    elsewhere = f"/conversations/{opened[0].body['id']}/entries/{message.id}/forwards"
    assert (await api.post(elsewhere, {"to": [tomas]})).status == 404


async def test_what_waits_is_taken_back_or_leaves_at_once(api: Api) -> None:
    one = await _asked(api)
    later = {"text": "Hello", "wait_seconds": 3600}
    first = (await api.post(f"/conversations/{one}/replies", later)).body["id"]
    second = (await api.post(f"/conversations/{one}/replies", later)).body["id"]
    assert (await api.delete(f"/deliveries/{first}")).body["text"] == "Hello"
    assert (await api.delete(f"/deliveries/{first}")).status == 404
    assert (await api.post(f"/deliveries/{second}/departure")).status == 200
    assert await _reaches(api, "tomas") == "Hello"
    assert (await api.delete("/deliveries/none")).status == 404
    assert (await api.post(f"/deliveries/{second}/confirmation")).status == 409


@pytest.mark.parametrize("config", [{"finds_sent": False}])
async def test_an_unsure_delivery_is_confirmed_and_that_is_taken_back(api: Api) -> None:
    one = await _asked(api)
    api.office.platform.fail(Trouble.LOST_REQUEST, on="send", calls=1)
    sent = (await api.post(f"/conversations/{one}/replies", {"text": "Hi", "wait_seconds": 0})).body["id"]

    async def unsure() -> bool:
        (found,) = await api.office.hub.store.deliveries.load([sent])
        return found.delivery is not None and found.delivery.state is DeliveryState.UNSURE

    await until(unsure, "the answer to be unsure")
    done = await api.post(f"/deliveries/{sent}/confirmation")
    assert done.status == 200
    assert (await api.get("/deliveries/troubled")).body["rows"] == []
    assert (await api.post("/undo", {"token": done.body["undo"]})).status == 200
    assert len((await api.get("/deliveries/troubled")).body["rows"]) == 1


async def test_a_customer_is_named_described_and_noted(api: Api, ben: Agent) -> None:
    one = await _asked(api)
    assert (await api.call("PUT", "/fields/customer/plan", json={"name": "Plan"})).status == 200
    path = f"/conversations/{one}/customer"
    named = await api.post(f"{path}/name", {"name": "Tomas Novak"})
    assert named.body["customer"]["name"] == "Tomas Novak"
    await api.post(f"{path}/note", {"note": "Prefers mail."})
    assert (await api.post(f"{path}/fields", {"key": "plan", "value": "gold"})).status == 200
    assert (await api.post(f"{path}/fields", {"key": "none", "value": "gold"})).status == 409
    for what, good, bad in (("language", "pt-BR", "p_t"), ("zone", "Europe/Lisbon", "Lisbon")):
        assert (await api.post(f"{path}/{what}", {what: good})).status == 200
        assert (await api.post(f"{path}/{what}", {what: bad})).body["reason"] == f"{what}_wrong"
    customer = (await api.get(f"/conversations/{one}")).body["customer"]
    assert (customer["note"], customer["fields"]) == ("Prefers mail.", {"plan": "gold"})
    assert (customer["language"], customer["zone"]) == ("pt-BR", "Europe/Lisbon")
    bens = await api.token(ben, Scope.WRITE)
    assert (await api.post(f"{path}/name", {"name": "No"}, bearer=bens)).status == 403


async def test_a_mention_is_cleared_and_a_shared_draft_is_taken_over(api: Api) -> None:
    one = await _asked(api)
    cleo = await api.token(await api.agent("cleo"), Scope.WRITE)
    await api.post(f"/conversations/{one}/notes", {"text": "@cleo please"})

    async def named() -> int:
        found = await api.get("/conversations?view=mentions", bearer=cleo)
        return len(found.body["rows"])

    assert await named() == 1
    assert (await api.delete(f"/conversations/{one}/mention", bearer=cleo)).status == 200
    assert await named() == 0
    path = f"/conversations/{one}/draft"
    await api.call("PUT", path, json={"text": "Dear Tomas"})
    assert (await api.post(f"{path}/taking", {"writer": "ana"}, bearer=cleo)).status == 409
    assert (await api.post(f"{path}/sharing", {})).body["shared"] is True
    taken = await api.post(f"{path}/taking", {"writer": "ana"}, bearer=cleo)
    assert (taken.body["agent"], taken.body["text"]) == ("cleo", "Dear Tomas")


async def test_admins_read_the_audit_log_page_by_page(api: Api, ben: Agent) -> None:
    await api.post("/tags", {"name": "VIP"})
    path = f"/channels/{api.office.channel.id}/pause"
    await api.post(path)
    await api.delete(path)
    first = (await api.get("/audit", params={"limit": "1", "target": api.office.channel.id})).body
    rest = await api.get("/audit", params={"cursor": first["next"], "target": api.office.channel.id})
    assert [each["deed"] for each in (*first["rows"], *rest.body["rows"])] == [
        "channel_resumed",
        "channel_paused",
    ]
    assert (await api.get("/audit", bearer=await api.token(ben, Scope.READ))).status == 403
    for wrong in ("since=yesterday", "since=0.5", "until=9999-12-31T23:59:59.9999Z"):
        assert (await api.get(f"/audit?{wrong}")).status == 422


@pytest.mark.parametrize("imitates", ["email"])
async def test_an_answer_goes_to_everybody_or_to_those_who_are_named(api: Api) -> None:
    office = api.office
    tomas, lea = (office.world.person(each, email=f"{each}@customers.example") for each in ("tomas", "lea"))
    office.platform.write(tomas, "The kettle leaks", subject="Kettle", also_to=[lea])
    path = f"/conversations/{(await office.conversation()).id}/replies"
    named = [office.platform.name_of(tomas)]
    assert (await api.post(path, {"text": "No.", "everybody": True, "to": named})).status == 422
    sent = (await api.post(path, {"text": "A new one is on its way.", "everybody": True})).body
    assert (sent["delivery"]["to"], sent["delivery"]["cc"]) == (named, [office.platform.name_of(lea)])
