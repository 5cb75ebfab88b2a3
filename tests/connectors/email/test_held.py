"""Asking a mailbox what it holds: only what was ours to take, and the same mails once more."""

from datetime import UTC, datetime, timedelta

import aiohttp

from hub.contract.inbound import ArrivedRaw
from tests.connectors.email.mailboxes import connector_for
from tests.connectors.email.test_receiving import collect
from tests.mailserver import MailAccount, MailServer, a_mail


async def test_a_mailbox_tells_what_was_handed_over_and_hands_it_over_once_more(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    since = (datetime.now(UTC) - timedelta(days=2)).date()
    for number in range(3):
        mail_server.deliver(support.address, a_mail(f"Mail {number}"))
    connector = connector_for(mail_server, support, http, start=f"since:{since}")
    await connector.connect()
    batches, _ = await collect(connector, None, 3)
    events = {event.key: event for batch in batches for event in batch.events}
    cursor = batches[-1].cursor
    assert cursor is not None
    mail_server.deliver(support.address, a_mail("Not read yet"))
    assert set(await connector.held(cursor)) == set(events)
    last = max(events, key=lambda key: int(key.rpartition(":")[2]))
    (again,) = await connector.fetch([last])
    assert isinstance(again, ArrivedRaw)
    assert again == events[last]
    renumbered = last.replace(last.split(":")[1], "1")
    assert await connector.fetch([renumbered]) == []
    await connector.close()


async def test_mail_that_was_there_before_the_channel_is_not_claimed(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    mail_server.deliver(support.address, a_mail("Of last year"))
    connector = connector_for(mail_server, support, http)
    await connector.connect()
    batches, _ = await collect(connector, None, 0)
    cursor = batches[-1].cursor
    assert cursor is not None
    assert await connector.held(cursor) == []
    await connector.close()
