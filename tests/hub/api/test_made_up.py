"""Made-up requests: whatever is asked of whichever operation, the answer is a documented one."""

import asyncio
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from hub.api.mounting import PREFIX
from hub.api.table import ROUTES
from hub.auth.sessions import start_session
from hub.auth.tokens import create_token
from hub.model.rooms import Room
from hub.model.sign_ins import Scope
from tests.hub.api.conftest import Api
from tests.journeys.belongings import lay_out

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,ignored_auth,negative_data_rejection"
)
Ids = Mapping[str, str]  # by the names of the parameters in paths


@pytest.mark.timeout(240)  # twenty seconds alone on its machine
async def test_whatever_is_asked_the_answer_is_a_documented_one(api: Api, tmp_path: Path) -> None:
    """schemathesis makes up requests from the document: good ones, bad ones, and bad ones that look good."""
    kept, its_own = await _things(api)
    named = {name for route in ROUTES for name in re.findall(r"\{(\w+)\}", route.path)}
    assert named <= set(kept).union(*its_own.values()), "ids that nothing is known of are only refused"
    config = tmp_path / "schemathesis.toml"
    config.write_text(_config(kept, its_own))
    url = str(api.client.make_url(f"{PREFIX}/openapi.json"))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "--no-color", "run", url),
        *("--header", f"Authorization: Bearer {api.bearer}", "--checks", CHECKS),
        *("--phases", "fuzzing", "--max-examples", "2", "--seed", "1"),
        *("--generation-database", "none", "--no-shrink", "--warnings", "off"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told = (await process.communicate())[0].decode()
    assert process.returncode == 0, told[-6000:]
    assert re.findall(r"Tested: (\d+)", told) == [str(len(ROUTES))], told[-6000:]


async def _things(api: Api) -> tuple[Ids, Mapping[str, Ids]]:
    """What there is to ask about; and by operation what is only its own, above all what it removes.

    Long because it makes one of everything.
    """
    office = api.office
    for name in ("tomas", "tove"):
        office.platform.write(
            office.world.person(name), "Where is my parcel?", files=[("a.txt", "text/plain", b"a")]
        )
    await office.conversation(2)
    one, other = (each.id for each in await office.conversations())
    (message,) = await office.messages(one, 1)
    sent = (await api.post(f"/conversations/{one}/replies", {"text": "On its way."})).body["id"]
    later = {"text": "Tomorrow.", "wait_seconds": 86_400}
    waiting = [(await api.post(f"/conversations/{one}/replies", later)).body["id"] for _ in range(2)]
    wanted = {"name": "Nobody", "url": "http://127.0.0.1:1/", "kinds": ["note.added"]}
    hooks = [(await api.post("/webhooks", wanted)).body["hook"]["id"] for _ in range(2)]
    test = (await api.post(f"/webhooks/{hooks[0]}/tests")).body
    answers = {"world": office.world.name, "account": "second"}
    second = (await api.post("/channels", {"platform": "simulator", "answers": answers})).body["id"]
    await api.post("/bulk", {"deed": "claim", "conversations": [one]}, key="many")
    snippet = {"title": "Hello", "text": "Hello {{ customer.name }}"}
    replies = [(await api.post("/saved-replies", snippet)).body["id"] for _ in range(2)]
    view = {"title": "Urgent", "filter": {"priorities": ["urgent"]}}
    views = [(await api.post("/views", view)).body["key"] for _ in range(2)]
    for tag in ("VIP", "gone"):
        await api.post("/tags", {"name": tag})
    for key in ("order", "gone"):
        await api.call("PUT", f"/fields/conversation/{key}", json={"name": key, "kind": "text"})
    found = await office.hub.store.inbox.find_conversation(one)
    assert found is not None
    kinds = [await _routing(api, name) for name in ("Kept", "Gone")]
    people = [await _customers(api, name) for name in ("kept", "gone")]
    auth, ana = office.hub.auth, office.ana
    spare = (await create_token(auth, ana, "Spare", frozenset({Scope.READ}), lasts=None))[0]
    browser = await start_session(auth, ana, "password", address="192.0.2.1", browser="Firefox")
    room = Room(
        id="r1", channel=office.channel.id, place="C1", name="#help", team=None, created_at=office.hub.clock()
    )
    await office.hub.store.rooms.add(room)
    arrival = (await api.get(f"/channels/{office.channel.id}/arrivals")).body["rows"][0]["id"]
    kept = {
        **await lay_out(office, found, "Where is it?"),
        "token": spare.id,
        "session": browser.id,
        "room": "r1",
        "arrival": arrival,
        **kinds[0],
        **people[0],
        "job": (await api.post(f"/customers/{found.customer}/exports")).body["id"],
        "conversation": one,
        "entry": message.id,
        "number": "0",
        "channel": office.channel.id,
        "delivery": sent,
        "webhook": hooks[0],
        "reply": replies[0],
        "view": views[0],
        "tag": "VIP",
        "on": "conversation",
        "key": "order",
        "agent": (await api.agent("ben")).id,
        "team": (await api.post("/teams", {"name": "Returns"})).body["id"],
    }
    return kept, {
        "deleteConversation": {"conversation": other},
        "takeBack": {"delivery": waiting[0]},
        "sendNow": {"delivery": waiting[1]},
        "removeWebhook": {"webhook": hooks[1]},
        "deleteSavedReply": {"reply": replies[1]},
        "deleteView": {"view": views[1]},
        "removeChannel": {"channel": second},
        "renewCredentials": {"channel": second},
        "howFar": {"key": "many"},
        "deleteTag": {"tag": "gone"},
        "deleteField": {"key": "gone"},
        "eraseCustomer": {"customer": "other"},
        "deleteRule": kinds[1],
        "deleteHours": kinds[1],
        "deleteServiceLevel": kinds[1],
        "removeEventType": kinds[1],
        "removeSegment": people[1],
        "discardImport": people[1],
        "getWebhookDelivery": {"delivery": test["id"]},
        "redeliver": {"delivery": test["id"]},
    }


async def _routing(api: Api, name: str) -> Ids:
    """What admins keep for the hub to go by."""
    when = {"join": "all", "parts": [{"fact": "words", "test": "word", "values": ["parcel"]}]}
    rule = {"name": name, "on": ["arrived"], "when": when, "then": [{"do": "priority", "value": "high"}]}
    hours = {"name": name, "zone": "UTC", "shifts": [{"day": 0, "begins": 0, "ends": 1440}]}
    made = {
        "rule": await api.post("/rules", {"rule": rule}),
        "hours": await api.post("/hours", hours),
        "level": await api.post("/service-levels", {"name": name, "first_response": 60}),
    }
    assert {answer.status for answer in made.values()} == {201}
    ids = {key: str(answer.body["id"]) for key, answer in made.items()}
    key = name.casefold()
    assert (await api.post(f"/event-types/{key}", {"name": name})).status == 200
    return {**ids, "type": key}


async def _customers(api: Api, name: str) -> Ids:
    """A segment of customers, and a file of them."""
    asks = {"join": "all", "parts": [{"fact": "company", "test": "is", "values": [f"{name}.example"]}]}
    segment = await api.post("/segments", {"name": name, "when": asks})
    rows = f"E-mail,Name\n{name}@tents.example,Ana\n"
    file = await api.call("POST", f"/customer-imports?name={name}.csv", data=rows.encode())
    assert (segment.status, file.status) == (201, 201)
    return {"segment": str(segment.body["id"]), "import": str(file.body["id"])}


def _config(kept: Ids, its_own: Mapping[str, Ids]) -> str:
    lines = ["[parameters]", *_lines(kept)]
    for operation, ids in its_own.items():
        lines += ["[[operations]]", f'include-operation-id = "{operation}"']
        lines += ["[operations.parameters]", *_lines(ids)]
    return "\n".join(lines)


def _lines(ids: Ids) -> list[str]:
    return [f'"path.{name}" = {json.dumps(each)}' for name, each in ids.items()]
