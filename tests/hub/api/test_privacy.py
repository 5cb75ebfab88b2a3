"""Taking people out and erasing them through the API, and how long things are kept."""

import json
from typing import Any

from hub.model.sign_ins import Scope
from tests.hub.api.conftest import Api
from tests.hubs import until


async def _done(api: Api, job: str) -> Any:
    async def look() -> Any:
        found = (await api.get(f"/privacy/jobs/{job}")).body
        return found if found["state"] == "done" else None

    return await until(look, "the job to be done")


async def test_a_person_is_taken_out_and_erased_with_a_receipt(api: Api) -> None:
    api.office.platform.write(api.office.world.person("tomas"), "Where is my parcel?")
    customer = (await api.office.conversation()).customer
    plan = (await api.get(f"/customers/{customer}/erasure-plan")).body
    assert plan["counts"] == {"customers": 1, "identities": 1, "conversations": 1, "entries": 1}
    assert {each["what"] for each in plan["kept"]} == {"audit", "journal", "elsewhere"}
    asked = await api.post(f"/customers/{customer}/exports")
    assert asked.status == 201
    exported = await _done(api, asked.body["id"])
    assert exported["has_file"]
    packed = await api.get(f"/privacy/jobs/{exported['id']}/file")
    assert packed.body[:2] == b"PK"
    assert not (await api.delete(f"/privacy/jobs/{exported['id']}/file")).body["has_file"]
    assert (await api.get(f"/privacy/jobs/{exported['id']}/file")).status == 409

    erased = await _done(api, (await api.post(f"/customers/{customer}/erasures")).body["id"])
    assert erased["counts"]["conversations"] == 1
    assert (await api.get(f"/customers/{customer}")).status == 409
    receipt = (await api.get(f"/privacy/jobs/{erased['id']}/receipt")).body
    assert (await api.post("/privacy/receipts/verification", receipt)).body["genuine"]
    forged = json.dumps(json.loads(receipt["receipt"]) | {"customer": "another"})
    assert not (await api.post("/privacy/receipts/verification", {"receipt": forged})).body["genuine"]
    assert (await api.post("/privacy/receipts/verification", {"receipt": "[]"})).status == 409
    assert [each["kind"] for each in (await api.get("/privacy/jobs")).body["rows"]] == ["erasure", "export"]
    assert (await api.post(f"/privacy/jobs/{erased['id']}/attempts")).status == 409
    deeds = [each["deed"] for each in (await api.get("/audit")).body["rows"]]
    assert {"person_erasure_asked", "person_erasure_done", "person_export_taken"} <= set(deeds)
    bearer = await api.token(api.office.ana, Scope.WRITE)
    assert (await api.post(f"/customers/{customer}/erasures", bearer=bearer)).status == 403


async def test_how_long_things_are_kept_is_set_and_rehearsed(api: Api) -> None:
    assert (await api.get("/privacy/retention")).body["rows"] == []
    rows = (await api.post("/privacy/retention", {"kind": "spam", "days": 30})).body["rows"]
    assert [(each["kind"], each["channel"], each["days"]) for each in rows] == [("spam", "", 30)]
    assert (await api.get("/privacy/retention/rehearsal")).body["counts"] == {"spam:": 0}
    assert (await api.post("/privacy/retention", {"kind": "spam", "days": 0})).status == 422
    assert (await api.post("/privacy/retention", {"kind": "spam", "days": None})).body["rows"] == []
