"""Everything about one person in a zip, for those who may have it and for some days."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from hub.auth.access import NotAllowed
from hub.desk.changing import NotPossible
from hub.model.people import Agent, Role
from hub.model.privacy import JobKind
from hub.privacy import build_privacy
from hub.privacy.jobs import ask, discard, download, expire, get_job, get_receipt, verify
from tests.hub.privacy.somebody import ADDRESS, OWN, SHARED, Somebody, ended, found_in, somebody
from tests.hubs import Office

pytestmark = pytest.mark.parametrize("imitates", ["email"])


@pytest.fixture
async def someone(office: Office) -> Somebody:
    return await somebody(office)


async def test_an_export_has_everything_and_nothing_of_others(someone: Somebody) -> None:
    privacy, ana = someone.privacy, someone.office.ana
    job = await ask(privacy, ana, someone.customer, JobKind.EXPORT)
    await ended(someone, job.id)
    packed = await _taken(someone, job.id)
    profile = json.loads(packed.read("profile.json"))
    assert {each["platform"] for each in profile["identities"]} == {"simulator"}
    assert len(profile["identities"]) == len(profile["parts"]) == 2
    assert ADDRESS in {each["key"] for each in profile["identities"]}
    assert profile["profile"]["salutation"] == "Dear Ms Quastenbrueck"
    assert json.loads(packed.read("consents.json"))[0]["text"] == "Lampenfieber"
    assert json.loads(packed.read("events.json"))[0]["values"] == {"what": "schuhgroesse"}
    assert any(each["deed"] == "customer_changed" for each in json.loads(packed.read("history.json")))
    talks = {
        name: _read(packed, name) for name in packed.namelist() if name.endswith(".json") and "/" in name
    }
    said = "\n".join(json.dumps(each["entries"]) for each in talks.values())
    for word in ("xylophonwerkstatt", "geheimzutat", "zitterpartie", "lampenfieber", "klarinettenetui"):
        assert word in said.casefold(), word
    assert "Eva here" not in said, "what others say is theirs"
    files = sorted(packed.read(name) for name in packed.namelist() if name.startswith("files/"))
    assert files == sorted([SHARED, OWN, b"wunderkerze"])
    index = packed.read("index.html").decode()
    assert all(name.removesuffix(".json") + ".html" in index for name in talks)
    assert "notes" in index
    assert "Note, Ana" in packed.read(index.split("<ol><li><a href='")[1].split("'")[0]).decode()
    assert verify(privacy, ana, await get_receipt(privacy, ana, job.id)).genuine


def _read(packed: zipfile.ZipFile, name: str) -> Any:
    return json.loads(packed.read(name))


async def _taken(someone: Somebody, job: str) -> zipfile.ZipFile:
    _, content = await download(someone.privacy, someone.office.ana, job)
    packed = zipfile.ZipFile(io.BytesIO(b"".join([piece async for piece in content])))
    assert packed.testzip() is None
    return packed


async def test_an_export_is_for_admins_goes_after_some_days_and_with_the_person(someone: Somebody) -> None:
    privacy, office = someone.privacy, someone.office
    ben = Agent(
        id="ben", name="Ben", email="b@hub.example", role=Role.SUPERVISOR, created_at=office.hub.clock()
    )
    for asks in (ask(privacy, ben, someone.customer, JobKind.EXPORT), get_job(privacy, ben, "x")):
        with pytest.raises(NotAllowed):
            await asks
    job = await ask(privacy, office.ana, someone.customer, JobKind.EXPORT)
    await ended(someone, job.id)
    with pytest.raises(NotAllowed):
        await download(privacy, ben, job.id)
    assert await expire(privacy) == 0
    later = timedelta(days=8)
    await office.hub.store.privacy.set_file(job.id, {"expires_at": office.hub.clock() - later})
    with pytest.raises(NotPossible, match="not any more"):
        await download(privacy, office.ana, job.id)
    assert await expire(build_privacy(office.hub.desk)) == 1
    assert (await get_job(privacy, office.ana, job.id)).file is None
    again = await ask(privacy, office.ana, someone.customer, JobKind.EXPORT)
    await ended(someone, again.id)
    await discard(privacy, office.ana, again.id)
    with pytest.raises(NotPossible):
        await discard(privacy, office.ana, again.id)
    last = await ask(privacy, office.ana, someone.customer, JobKind.EXPORT)
    await ended(someone, last.id)
    erased = await ask(privacy, office.ana, someone.customer, JobKind.ERASURE)
    await ended(someone, erased.id)
    assert (await get_job(privacy, office.ana, last.id)).file is None
    assert await found_in(office) == []
    with pytest.raises(NotPossible):
        await ask(privacy, office.ana, someone.customer, JobKind.EXPORT)
