"""Erasing one person: nothing of them is left, they do not come back, others keep what is theirs."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from hub.contract.inbound import MessageReceived
from hub.desk.deeds import delete
from hub.model.inbox import Message
from hub.model.journal import Outcome
from hub.model.privacy import JobKind, PrivacyJob
from hub.privacy import erasing
from hub.privacy.jobs import ask, get_receipt, plan_erasure, verify
from hub.privacy.working import PrivacyWorker, work_on
from tests.hub.privacy.somebody import (
    NAME,
    SECRETS,
    SHARED,
    Somebody,
    ended,
    found_in,
    journal_is_idle,
    somebody,
)
from tests.hubs import Office

pytestmark = pytest.mark.parametrize("imitates", ["email"])


@pytest.fixture
async def someone(office: Office) -> Somebody:
    return await somebody(office)


async def test_nothing_of_a_person_is_left_and_they_do_not_come_back(someone: Somebody) -> None:
    office, store = someone.office, someone.office.hub.store
    there = {each.split(" in ")[0] for each in await found_in(office)}
    assert there == set(SECRETS), "what is not there before proves nothing by being gone"
    plan = await plan_erasure(someone.privacy, office.ana, someone.customer)
    assert (plan.counts["conversations"], plan.counts["emptied"], plan.counts["consents"]) == (2, 1, 1)
    lines = await store.journal.list_entries(limit=100)
    events = [event for each in lines if (event := (await store.journal.get(each.id) or (0, 0))[1])]

    job = await ask(someone.privacy, office.ana, someone.customer, JobKind.ERASURE)
    await ended(someone, job.id)
    assert "\n".join(await found_in(office)) == ""
    await _others_keep_what_is_theirs(someone)
    await _nobody_comes_back(someone, [each.id for each in lines], events)
    assert "\n".join(await found_in(office)) == ""
    await _whoever_writes_anew_is_somebody_new(someone)
    await _receipt_says_so(someone, job.id, plan.counts)


async def _others_keep_what_is_theirs(someone: Somebody) -> None:
    store = someone.office.hub.store
    assert await store.media.read(someone.shared_file) == SHARED
    group = await store.inbox.find_conversation(someone.group)
    assert group is not None
    said = [each for each in await store.inbox.timeline(group.id) if isinstance(each, Message)]
    assert [each.content.text for each in said] == ["Hello group, Eva here.", ""]
    assert said[1].deleted_at is not None
    assert said[0].reactions == ()
    assert (group.customer_name, group.last.deleted) == ("Eva Other", True)
    assert await store.inbox.find_conversation(someone.mail_conversation) is None


async def _nobody_comes_back(someone: Somebody, lines: list[str], events: Sequence[object]) -> None:
    """Every line is replayed, and the same messages come once more under other keys."""
    office, store = someone.office, someone.office.hub.store
    for line in lines:
        await store.journal.replay(line)
    theirs = [each for each in events if isinstance(each, MessageReceived) and each.author.name == NAME]
    assert len(theirs) == 3
    for each in theirs:
        channel = someone.mails if "@" in each.author.key else someone.chats
        await store.journal.add(channel.id, [replace(each, key=f"{each.key} again")], office.hub.clock())
    await journal_is_idle(office)
    assert {each.customer_name for each in await office.conversations()} == {"Eva Other"}
    refused = [each for each in await store.journal.list_entries(limit=200) if "was erased" in each.words]
    assert len(refused) > len(theirs)
    assert {each.outcome for each in refused} == {Outcome.IGNORED}


async def _whoever_writes_anew_is_somebody_new(someone: Somebody) -> None:
    """After the platform has told everything once more; in a thread that is known of old."""
    office = someone.office
    office.platform.feed.forget_cursors()
    office.platform.write(someone.person, "Me again.", thread=someone.mail.thread.key)
    found = await office.conversation(3)
    assert found.customer != someone.customer
    assert [each.content.text for each in await office.messages(found.id, 1)] == ["Me again."]


async def _receipt_says_so(someone: Somebody, job: str, planned: object) -> None:
    privacy, ana = someone.privacy, someone.office.ana
    receipt = await get_receipt(privacy, ana, job)
    assert verify(privacy, ana, receipt).genuine
    told = json.loads(receipt)
    assert isinstance(planned, dict)
    assert {name: told["counts"][name] for name in planned} == {**planned, "files": 2}
    assert {"others_words", "shared_files", "proofs", "audit"} <= {each["what"] for each in told["kept"]}
    assert not verify(privacy, ana, receipt.replace(job, "0" * 24)).genuine
    forged = json.loads(receipt) | {"asked_by_name": "Somebody else"}
    assert not verify(privacy, ana, json.dumps(forged)).genuine


async def test_an_erasure_that_dies_after_any_step_is_ended_by_going_on(
    someone: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, now = someone.office, someone.office.hub.clock()
    job = PrivacyJob(
        id="d" * 24, kind=JobKind.ERASURE, customer=someone.customer, by="ana", at=now,
        due_at=now.replace(year=now.year + 1),
    )  # fmt: skip
    await office.hub.store.privacy.add(job)
    whole = erasing.STEPS
    for number in range(len(whole)):
        steps = list(whole)
        steps[number] = (whole[number][0], _dying(whole[number][1]))
        monkeypatch.setattr(erasing, "STEPS", tuple(steps))
        found = await office.hub.store.privacy.find(job.id)
        assert found is not None
        assert found.done == max(0, number - 1) or number == 0
        with pytest.raises(Died):
            await work_on(someone.privacy, found, f"worker {number}")
        held = await office.hub.store.privacy.find(job.id)
        assert held is not None
        assert await PrivacyWorker(someone.privacy, "another").work() == 0, "it is somebody's still"
    monkeypatch.setattr(erasing, "STEPS", whole)
    found = await office.hub.store.privacy.find(job.id)
    assert found is not None
    assert await work_on(someone.privacy, found, "the last")
    assert not await work_on(someone.privacy, found, "one more"), "nobody does it twice"
    assert "\n".join(await found_in(office)) == ""
    assert verify(someone.privacy, office.ana, await get_receipt(someone.privacy, office.ana, job.id)).genuine


class Died(BaseException):
    """As kill -9 does it: nothing is cleaned up."""


def _dying(step: erasing.Step) -> erasing.Step:
    async def works_and_dies(*given: object) -> None:
        await step(*given)  # type: ignore[arg-type]  # whatever the step takes
        raise Died

    return works_and_dies


async def test_a_deleted_conversation_leaves_no_originals_and_no_files(someone: Somebody) -> None:

    office, store = someone.office, someone.office.hub.store
    await delete(office.hub.desk, office.ana, someone.mail_conversation)
    left = await found_in(office, ("xylophonwerkstatt", "bratkartoffel", "fagottkoffer"))
    assert [each for each in left if "search" not in each] == []
    assert await store.media.read(someone.shared_file) == SHARED
