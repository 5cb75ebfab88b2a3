"""What goes wrong while receiving, against the real Dovecot: every trouble ends in the contract's words."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import aiohttp
import psutil
import pytest

from hub.contract.errors import AuthBroken, Unavailable
from hub.contract.inbound import Cursor
from tests.chaosproxy import ChaosProxy
from tests.connectors.email.mailboxes import connector_for
from tests.connectors.email.test_receiving import PATIENCE, collect, read_on, texts
from tests.mailserver import MailAccount, MailServer, a_mail

STRAIGHT_AWAY = Cursor(
    '{"since": "2026-11-23T10:00:00+00:00", "folders": {"INBOX": {"uidvalidity": 1, "uid": 0}}}'
)


@pytest.fixture
async def proxy(mail_server: MailServer) -> AsyncIterator[ChaosProxy]:
    """Between the connector and Dovecot's TLS port."""
    async with ChaosProxy("127.0.0.1", mail_server.ports.imaps) as proxy:
        yield proxy


def through(proxy: ChaosProxy, **limits: float) -> dict[str, Any]:
    return {"imap": {"port": proxy.port}, "timeouts": limits}


async def test_a_wrong_password_is_said_with_the_servers_words(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, auth={"kind": "password", "password": "wrong"})
    with pytest.raises(AuthBroken, match="refused the login: .*Authentication failed"):
        await connector.connect()
    await connector.close()


async def test_a_password_may_be_in_any_script(mail_server: MailServer, http: aiohttp.ClientSession) -> None:
    box = mail_server.account("box")
    mail_server.change_password(box, "Süßölgefäß-密码")
    connector = connector_for(
        mail_server, box, http, auth={"kind": "password", "password": "Süßölgefäß-密码"}
    )
    assert (await connector.connect()).key == box.address
    await connector.close()


async def test_a_token_opens_the_mailbox_for_receiving_and_sending(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    auth = {"kind": "xoauth2", "provider": "custom", "access_token": mail_server.token(support.address)}
    connector = connector_for(mail_server, support, http, auth=auth)
    account = await connector.connect()
    assert account.surfaces, "the SMTP server was asked too"
    await connector.close()


async def test_a_token_that_has_run_out_is_an_admins_business(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    token = mail_server.token(support.address, lifetime=-60)
    auth = {"kind": "xoauth2", "provider": "custom", "access_token": token}
    connector = connector_for(mail_server, support, http, auth=auth)
    with pytest.raises(AuthBroken):
        await connector.connect()
    await connector.close()


async def test_a_certificate_nobody_signed_is_refused(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, ca_file=None)
    with pytest.raises(Unavailable, match="certificate .* cannot be trusted"):
        await connector.connect()
    await connector.close()


@pytest.mark.parametrize(
    ("host", "words"),
    [("127.0.0.1", "Cannot connect|does not answer"), ("nowhere.invalid", "no server called")],
)
async def test_a_server_that_is_not_there_is_unavailable(
    host: str, words: str, mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, imap={"host": host, "port": 1})
    with pytest.raises(Unavailable, match=words):
        await connector.connect()
    await connector.close()


@pytest.mark.parametrize("end", [ChaosProxy.reset_all, ChaosProxy.end_all], ids=["reset", "end"])
async def test_a_connection_lost_while_waiting_is_noticed_at_once(
    end: Callable[[ChaosProxy], None],
    mail_server: MailServer,
    support: MailAccount,
    http: aiohttp.ClientSession,
    proxy: ChaosProxy,
) -> None:
    connector = connector_for(mail_server, support, http, **through(proxy, idle=600))
    await connector.connect()
    async with aclosing(connector.stream(None)) as stream:
        await read_on(stream)
        waiting = asyncio.ensure_future(read_on(stream))
        await asyncio.wait([waiting], timeout=0.3)
        end(proxy)
        with pytest.raises(Unavailable, match="Lost the connection"):
            await asyncio.wait_for(waiting, PATIENCE)
    await connector.close()


async def test_a_black_hole_is_noticed_when_idle_is_renewed(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession, proxy: ChaosProxy
) -> None:
    connector = connector_for(mail_server, support, http, **through(proxy, idle=0.5, answer=0.5))
    await connector.connect()
    async with aclosing(connector.stream(None)) as stream:
        await read_on(stream)
        waiting = asyncio.ensure_future(read_on(stream))
        await asyncio.wait([waiting], timeout=0.2)
        proxy.silent = True
        with pytest.raises(Unavailable, match="Lost the connection"):
            await waiting
    await connector.close()


@pytest.mark.parametrize("fault", ["reset", "end", "black hole"])
async def test_a_mail_lost_on_the_way_comes_again_whole(
    fault: str,
    mail_server: MailServer,
    support: MailAccount,
    http: aiohttp.ClientSession,
    proxy: ChaosProxy,
) -> None:
    large = a_mail("It begins\r\n" + "x" * 70 + "\r\n" + "line after line\r\n" * 100_000)
    connector = connector_for(mail_server, support, http, **through(proxy, answer=1))
    await connector.connect()
    mail_server.deliver(support.address, a_mail("Small"), large)
    proxy.politely = fault == "end"
    if fault != "black hole":
        proxy.cut_after = 400_000
    else:
        proxy.rate = 2_000_000
    stream = connector.stream(None)
    cursor = (await read_on(stream)).cursor

    async def read_until_it_fails() -> None:
        while True:
            asking = asyncio.ensure_future(anext(stream))
            if fault == "black hole":
                await asyncio.wait([asking], timeout=0.2)
                proxy.silent = True
            await asking

    with pytest.raises(Unavailable):
        await asyncio.wait_for(read_until_it_fails(), PATIENCE)
    await connector.close()
    proxy.cut_after, proxy.rate, proxy.silent = None, 0, False
    again = connector_for(mail_server, support, http, **through(proxy))
    await again.connect()
    batches, said = await collect(again, cursor, 2)
    await again.close()
    assert [each[:9] for each in said] == ["Small", "It begins"]
    assert batches[-1].events[-1].body.rstrip().endswith(b"line after line")  # type: ignore[attr-defined]


async def test_closing_is_quick_whatever_the_connection_does(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession, proxy: ChaosProxy
) -> None:
    connector = connector_for(mail_server, support, http, **through(proxy, idle=600, answer=600))
    await connector.connect()
    stream = connector.stream(None)
    await read_on(stream)
    waiting = asyncio.ensure_future(read_on(stream))
    await asyncio.wait([waiting], timeout=0.3)
    proxy.silent = True
    async with asyncio.timeout(5):
        await connector.close()
        await connector.close()
    waiting.cancel()
    await asyncio.wait([waiting], timeout=5)
    assert waiting.done()


async def test_cancelling_in_the_middle_of_a_command_lets_go(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession, proxy: ChaosProxy
) -> None:
    connector = connector_for(mail_server, support, http, **through(proxy, idle=600, answer=600))
    await connector.connect()
    proxy.silent = True
    waiting = asyncio.ensure_future(anext(connector.stream(STRAIGHT_AWAY)))
    await asyncio.wait([waiting], timeout=0.3)
    waiting.cancel()
    await asyncio.wait([waiting], timeout=5)
    assert waiting.cancelled()
    async with asyncio.timeout(5):
        await connector.close()


async def test_a_mail_of_25_mb_is_taken_within_bounded_memory(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http)
    await connector.connect()
    await asyncio.to_thread(_deliver_large, mail_server, support, 25)
    process = psutil.Process()
    before = process.memory_info().rss
    peak = before
    async with aclosing(connector.stream(None)) as stream:
        await read_on(stream)
        asking = asyncio.ensure_future(read_on(stream))
        while not asking.done():
            await asyncio.wait([asking], timeout=0.02)
            peak = max(peak, process.memory_info().rss)
        batch = await asking
    await connector.close()
    (event,) = batch.events
    assert len(event.body) > 25_000_000  # type: ignore[attr-defined]
    assert peak - before < 120_000_000


async def test_large_mails_come_one_by_one(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    connector = connector_for(mail_server, support, http, batch_bytes=1_000_000)
    await connector.connect()
    await asyncio.to_thread(_deliver_large, mail_server, support, 2)
    await asyncio.to_thread(mail_server.deliver, support.address, a_mail("small"))
    batches, said = await collect(connector, None, 2)
    await connector.close()
    assert [len(batch.events) for batch in batches] == [0, 1, 1]
    assert said[-1] == "small"
    assert texts(connector, batches[-1]) == ["small"]


def _deliver_large(server: MailServer, account: MailAccount, megabytes: int) -> None:
    line = b"0123456789" * 7 + b"\r\n"
    body = line * (megabytes * 1_000_000 // len(line) + 1)
    head = a_mail("", {"Content-Type": "application/octet-stream", "Content-Transfer-Encoding": "base64"})
    server.deliver(account.address, head + body)
