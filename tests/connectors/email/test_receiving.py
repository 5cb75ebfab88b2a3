"""Mail comes in: from the real Dovecot, through the stream, to events."""

import asyncio
import gc
import json
import ssl
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from imapclient import IMAPClient

from connectors.email.connector import EmailConnector
from hub.contract.inbound import ArrivedRaw, Batch, Cursor, MessageReceived, Progress
from tests.connectors.email.mailboxes import connector_for
from tests.mailserver import MailAccount, MailServer, a_mail

PATIENCE = 20.0


async def read_on(stream: AsyncGenerator[Batch, None]) -> Batch:
    async with asyncio.timeout(PATIENCE):
        return await anext(stream)


async def collect(
    connector: EmailConnector, cursor: Cursor | None, count: int
) -> tuple[list[Batch], list[str]]:
    """Batches until `count` mails have come, and the texts of these mails."""
    batches: list[Batch] = []
    async with asyncio.timeout(PATIENCE), aclosing(connector.stream(cursor)) as stream:
        async for batch in stream:
            batches.append(batch)
            if sum(len(each.events) for each in batches) >= count:
                break
    return batches, [text for batch in batches for text in texts(connector, batch)]


def texts(connector: EmailConnector, batch: Batch) -> list[str]:
    read = [event for raw in batch.events for event in connector.read(raw)]  # type: ignore[arg-type]
    return [event.content.text for event in read if isinstance(event, MessageReceived)]


def folder_of(batch: Batch, name: str = "INBOX") -> dict[str, Any]:
    assert batch.cursor is not None
    entry: dict[str, Any] = json.loads(batch.cursor)["folders"][name]
    return entry


async def test_a_delivered_mail_is_an_event(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http)
    account = await connector.connect()
    assert account.key == support.address
    mail_server.deliver(support.address, a_mail("Where is my parcel?", {"Message-ID": "<one@example.test>"}))
    batches, said = await collect(connector, None, 1)
    await connector.close()
    assert said == ["Where is my parcel?"]
    event = batches[-1].events[0]
    assert event.key == f"INBOX:{folder_of(batches[-1])['uidvalidity']}:1"
    assert event.thread.key == "one@example.test"
    assert abs((datetime.now(UTC) - event.at).total_seconds()) < 300


async def test_idle_wakes_again_and_again_and_survives_being_renewed(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, timeouts={"idle": 0.2})
    await connector.connect()
    async with aclosing(connector.stream(None)) as stream:
        await read_on(stream)
        for number in range(4):
            waiting = asyncio.ensure_future(read_on(stream))
            await asyncio.wait([waiting], timeout=0.3)  # long enough for IDLE to be renewed once
            mail_server.deliver(support.address, a_mail(f"Number {number}"))
            assert texts(connector, await waiting) == [f"Number {number}"]
    await connector.close()


async def test_from_now_means_from_connecting_and_old_mail_is_left_alone(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    mail_server.deliver(support.address, a_mail("Long ago"))
    connector = connector_for(mail_server, support, http)
    await connector.connect()
    mail_server.deliver(support.address, a_mail("Just now"))
    batches, said = await collect(connector, None, 1)
    await connector.close()
    assert said == ["Just now"]
    assert batches[0].events == ()
    assert batches[0].cursor is not None


async def test_a_week_offline_loses_nothing(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, batch_mails=4)
    await connector.connect()
    mail_server.deliver(support.address, a_mail("0"))
    before, _ = await collect(connector, None, 1)
    await connector.close()
    mail_server.deliver(support.address, *(a_mail(str(number)) for number in range(1, 11)))
    again = connector_for(mail_server, support, http, batch_mails=4)
    await again.connect()
    batches, said = await collect(again, before[-1].cursor, 10)
    await again.close()
    assert said == [str(number) for number in range(1, 11)]
    assert [len(batch.events) for batch in batches] == [4, 4, 2]


async def test_unread_mail_is_taken_with_progress_and_resumed_where_it_stopped(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    mail_server.deliver(support.address, *(a_mail(f"old {number}") for number in range(6)))
    with IMAPClient("127.0.0.1", mail_server.ports.imap, ssl=False) as client:
        client.starttls(_trusting(mail_server))
        client.login(support.address, support.password)
        client.select_folder("INBOX")
        client.add_flags([2], [b"\\Seen"])
    connector = connector_for(mail_server, support, http, start="unread", batch_mails=2)
    await connector.connect()
    batches, said = await collect(connector, None, 2)
    await connector.close()
    assert said == ["old 0", "old 2"]
    assert batches[-1].progress == Progress(2, 5)
    again = connector_for(mail_server, support, http, start="unread", batch_mails=2)
    await again.connect()
    mail_server.deliver(support.address, a_mail("new"))
    rest, more = await collect(again, batches[-1].cursor, 4)
    await again.close()
    assert more == ["new", "old 3", "old 4", "old 5"], "who writes today does not wait for old mail"
    assert [batch.progress for batch in rest] == [Progress(2, 5), Progress(4, 5), None]
    assert [batch.old for batch in rest] == [False, True, True], "nor in the journal"


async def test_mail_since_a_day_is_taken(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    with IMAPClient("127.0.0.1", mail_server.ports.imap, ssl=False) as client:
        client.starttls(_trusting(mail_server))
        client.login(support.address, support.password)
        for day in (1, 10, 20):
            moment = datetime(2026, 1, day, 12, tzinfo=UTC)
            client.append("INBOX", a_mail(f"January {day}"), msg_time=moment)
    connector = connector_for(mail_server, support, http, start="since:2026-01-10")
    await connector.connect()
    batches, said = await collect(connector, None, 2)
    await connector.close()
    assert said == ["January 10", "January 20"]
    assert batches[-1].events[0].at == datetime(2026, 1, 10, 12, tzinfo=UTC)


async def test_several_folders_are_read_each_by_its_own_position(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(
        mail_server, support, http, imap={"folders": ("INBOX", "Junk", "Nowhere")}, timeouts={"poll": 0.1}
    )
    await connector.connect()
    async with aclosing(connector.stream(None)) as stream:
        await read_on(stream)
        with IMAPClient("127.0.0.1", mail_server.ports.imap, ssl=False) as client:
            client.starttls(_trusting(mail_server))
            client.login(support.address, support.password)
            client.append("Junk", a_mail("Not spam at all"))
        batch = await read_on(stream)
        assert texts(connector, batch) == ["Not spam at all"]
        assert batch.events[0].key.startswith("Junk:")
        mail_server.deliver(support.address, a_mail("To the inbox"))
        batch = await read_on(stream)
        assert texts(connector, batch) == ["To the inbox"]
        assert folder_of(batch, "Junk")["uid"] == 1
        assert folder_of(batch, "INBOX")["uid"] == 1
    await connector.close()


async def test_a_renumbered_folder_is_read_again_but_never_mail_from_before_us(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    with IMAPClient("127.0.0.1", mail_server.ports.imap, ssl=False) as client:
        client.starttls(_trusting(mail_server))
        client.login(support.address, support.password)
        client.append("INBOX", a_mail("Before us"), msg_time=datetime(2020, 1, 1, tzinfo=UTC))
    connector = connector_for(mail_server, support, http)
    await connector.connect()
    mail_server.deliver(support.address, a_mail("Seen already"))
    before, _ = await collect(connector, None, 1)
    await connector.close()
    support.renumber()
    mail_server.deliver(support.address, a_mail("While it was renumbered"))
    again = connector_for(mail_server, support, http)
    await again.connect()
    after, said = await collect(again, before[-1].cursor, 2)
    await again.close()
    assert sorted(said) == ["Seen already", "While it was renumbered"]
    assert folder_of(after[-1])["uidvalidity"] != folder_of(before[-1])["uidvalidity"]
    assert not {event.key for batch in before for event in batch.events} & {
        event.key for batch in after for event in batch.events
    }


async def test_mail_is_marked_seen_only_once_the_next_batch_is_asked_for(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, after="seen")
    await connector.connect()
    mail_server.deliver(support.address, a_mail())
    async with aclosing(connector.stream(None)) as stream:
        await read_on(stream)
        await read_on(stream)
        assert "S" not in "".join(support.flags())
        asking = asyncio.ensure_future(read_on(stream))
        await _until(lambda: "S" in "".join(support.flags()))
        asking.cancel()
        await asyncio.wait([asking])
    await connector.close()


async def test_mail_is_moved_and_a_move_that_was_cut_short_is_made_up_for(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, after="move:Done/Hubbub")
    await connector.connect()
    mail_server.deliver(support.address, a_mail("One"))
    batches, _ = await collect(connector, None, 1)  # and killed before the next one was asked for
    await connector.close()
    assert len(support.mails()) == 1
    again = connector_for(mail_server, support, http, after="move:Done/Hubbub")
    await again.connect()
    async with aclosing(again.stream(batches[-1].cursor)) as stream:
        asking = asyncio.ensure_future(read_on(stream))
        await support.wait_for(1, "Done.Hubbub")
        await _until(lambda: support.mails() == [])  # copied there first, then taken from here
        mail_server.deliver(support.address, a_mail("Two"))
        assert texts(again, await asking) == ["Two"]
    await again.close()


async def test_a_mail_removed_meanwhile_stops_nothing(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, batch_mails=1)
    await connector.connect()
    mail_server.deliver(support.address, *(a_mail(str(number)) for number in range(3)))
    async with aclosing(connector.stream(None)) as stream:
        await read_on(stream)
        assert texts(connector, await read_on(stream)) == ["0"]
        with IMAPClient("127.0.0.1", mail_server.ports.imap, ssl=False) as client:
            client.starttls(_trusting(mail_server))
            client.login(support.address, support.password)
            client.select_folder("INBOX")
            client.delete_messages([2])
            client.expunge()
        said: list[str] = []
        while not said:
            said = texts(connector, await read_on(stream))
        assert said == ["2"]
    await connector.close()


async def test_a_mail_beyond_the_largest_is_taken_as_far_as_that(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, largest_mail=20_000)
    await connector.connect()
    mail_server.deliver(support.address, a_mail("It begins well.\r\n" + "and goes on\r\n" * 5000))
    batches, said = await collect(connector, None, 1)
    (event,) = connector.read(batches[-1].events[0])  # type: ignore[arg-type]
    await connector.close()
    assert said[0].startswith("It begins well.")
    assert isinstance(event, MessageReceived)
    assert len(batches[-1].events[0].body) == 20_000  # type: ignore[attr-defined]
    assert event.content.attachments[-1].refused is not None


async def test_without_idle_the_mailbox_is_polled(
    mail_server: MailServer,
    support: MailAccount,
    http: aiohttp.ClientSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known: Any = IMAPClient.has_capability
    monkeypatch.setattr(IMAPClient, "has_capability", lambda self, name: name != "IDLE" and known(self, name))
    connector = connector_for(mail_server, support, http, timeouts={"poll": 0.05})
    await connector.connect()
    async with aclosing(connector.stream(None)) as stream:
        await read_on(stream)
        asking = asyncio.ensure_future(read_on(stream))
        await asyncio.wait([asking], timeout=0.2)
        mail_server.deliver(support.address, a_mail("Polled"))
        assert texts(connector, await asking) == ["Polled"]
    await connector.close()


async def _until(holds: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.02)


def _trusting(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    context.check_hostname = False
    return context


async def test_a_batch_is_let_go_when_the_next_one_is_asked_for(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http)
    await connector.connect()
    mail_server.deliver(support.address, a_mail("kept by nobody"))

    def kept() -> list[str]:
        # Not `isinstance`: it asks a weak proxy, of which there are some, for the class of what may be gone.
        found = [each for each in gc.get_objects() if type(each) is ArrivedRaw]
        return [each.key for each in found if each.thread.key == thread]

    async with aclosing(connector.stream(None)) as stream:
        await read_on(stream)
        batch: Batch | None = await read_on(stream)
        assert batch is not None
        thread = batch.events[0].thread.key
        assert len(kept()) == 1
        batch = None
        asking = asyncio.ensure_future(anext(stream))
        try:
            async with asyncio.timeout(PATIENCE):
                while kept():
                    await asyncio.wait([asking], timeout=0.05)
            assert not asking.done()
        finally:
            asking.cancel()
            await asyncio.wait([asking])
    await connector.close()
