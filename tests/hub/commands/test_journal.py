"""What arrived, from the command line: shown with what became of it, and worked on again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from connectors.simulator.config import SimulatorConfig
from connectors.simulator.connector import WebhookSimulator
from hub.app import Hub
from hub.contract.errors import PayloadUnrecognised
from hub.contract.inbound import InboundEvent, WebhookRequest
from hub.store.inbox import Inbox
from tests.hub.commands.conftest import Ran, Run, beside
from tests.hubs import Office, connect, until


async def test_an_entry_is_listed_and_shown_with_what_became_of_it(run: Run, office: Office) -> None:
    office.platform.write(office.world.person("tomas"), "Is it on?")
    conversation = await office.conversation()

    async def finished() -> Ran | None:
        ran = await beside(run, "journal", "list", "--json")
        return ran if ran.row["outcome"] == "delivered" else None

    listed = await until(finished)
    assert (listed.row["kind"], listed.row["ref"]) == ("MessageReceived", conversation.id)
    shown = await beside(run, "journal", "show", listed.row["id"][:8])
    assert conversation.id in shown.out
    event = (await beside(run, "journal", "show", listed.row["id"], "--json")).row["event"]
    assert event["content"]["text"] == "Is it on?"


async def test_what_failed_is_listed_and_replayed(
    run: Run, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Inbox, entries: Sequence[object]) -> None:
        raise ValueError("a bug of yesterday")

    with monkeypatch.context() as yesterday:
        yesterday.setattr(Inbox, "add_entries", broken)
        office.platform.write(office.world.person("tomas"), "Is it on?")

        async def failed() -> Ran | None:
            ran = await beside(run, "journal", "list", "--failed", "--json")
            return ran if ran.rows else None

        listed = await until(failed)
    assert "ValueError" in listed.row["words"]
    assert "a bug of yesterday" not in listed.row["words"]  # it may quote what somebody wrote
    replayed = await beside(run, "journal", "replay", "--failed", "--json")
    assert replayed.rows == [{"id": listed.row["id"], "replayed": True}]
    conversation = await office.conversation()
    assert [message.content.text for message in await office.messages(conversation.id, 1)] == ["Is it on?"]
    assert (await beside(run, "journal", "list", "--failed", "--json")).rows == []


async def test_replaying_what_was_delivered_makes_nothing_twice(run: Run, office: Office) -> None:
    office.platform.write(office.world.person("tomas"), "Is it on?")
    conversation = await office.conversation()
    entry = (await beside(run, "journal", "list", "--json")).row["id"]
    await beside(run, "journal", "replay", entry)

    async def finished() -> bool:
        ran = await beside(run, "journal", "list", "--json")
        return bool(ran.row["outcome"] == "delivered")

    await until(finished)
    assert len(await office.messages(conversation.id)) == 1


async def test_a_webhook_body_nobody_could_read_is_listed_written_out_and_replayed(
    run: Run, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "of the webhook"
    config = SimulatorConfig(
        world=office.world.name, account="hooked", way="webhook", webhook_secret=SecretStr(secret)
    )
    channel = await connect(office.hub, "simulator", config, name="Hooked")
    body = b'{"object": "simulator", "entries": []}'

    def unreadable(self: WebhookSimulator, request: WebhookRequest) -> Sequence[InboundEvent]:
        raise PayloadUnrecognised("That is new to us.")

    with monkeypatch.context() as yesterday:
        yesterday.setattr(WebhookSimulator, "parse", unreadable)
        request = WebhookRequest("POST", "https://hub.example/hooks/x", {"x-test": "1"}, {}, body)
        arrival = await office.hub.store.journal.add_arrival(channel.id, request, office.hub.clock())

        async def failed() -> Ran | None:
            ran = await beside(run, "journal", "list", "--failed", "--channel", "Hooked", "--json")
            return ran if ran.rows else None

        listed = await until(failed)
    assert listed.row["id"] == arrival
    assert listed.row["words"] == "That is new to us."
    raw = await beside(run, "journal", "show", arrival, "--raw")
    assert raw.out.encode() == body
    assert (await beside(run, "journal", "replay", arrival)).status == 0

    async def gone() -> bool:
        return not (await beside(run, "journal", "list", "--failed", "--json")).rows

    await until(gone)


async def test_replay_wants_to_know_what(run: Run) -> None:
    nothing = await beside(run, "journal", "replay")
    assert nothing.status == 2
    unknown = await beside(run, "journal", "replay", "abcdef")
    assert unknown.status == 1
    assert "no journal entry 'abcdef'" in unknown.err


async def test_everything_that_failed_is_replayed_however_many(run: Run, hub: Hub) -> None:
    kept = hub.store.database.journal
    failed = {"channel": "mail", "key": "k", "thread": "t", "lane": 0, "kind": "Ignored", "pending": -1}
    begin = datetime(2026, 11, 30, tzinfo=UTC)
    moments = [begin + timedelta(seconds=number) for number in range(1100)]
    await kept.insert_many(
        [{**failed, "_id": f"{at:%H%M%S}", "received_at": at, "since": at} for at in moments]
    )
    ran = await beside(run, "journal", "replay", "--failed", "--json")
    assert ran.status == 0, ran.err
    assert len(ran.rows) == 1100
    assert await kept.count_documents({"pending": -1}) == 0
    assert await kept.count_documents({"pending": 0}) == 1100
