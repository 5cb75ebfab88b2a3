"""From a real Dovecot to conversations: a full mailbox read at once, and single mails as they come."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from hub.work import running
from tests.benchmarks.mails import Post
from tests.benchmarks.meter import Cost, Meter
from tests.benchmarks.report import Section, Table
from tests.benchmarks.rig import CHANNEL_CONFIG, Rig, open_rig, until_finished
from tests.mailserver import MailAccount, MailServer

MAILS = 1_000
SINGLE = 30


async def measure() -> Section:
    with mail_server() as server:
        account = server.account("support")
        post = Post(7)
        await asyncio.to_thread(server.deliver, account.address, *(post.next() for _ in range(MAILS)))
        async with open_rig(imap_config(server, account), paused=False) as rig:
            meter = Meter(rig.database)
            async with running(rig.hub, web_server=False, worker=True):
                await until_finished(rig.journal, MAILS)
                full = meter.cost()
                delays = [await _single(rig, server, account, post) for _ in range(SINGLE)]
    return Section("imap", "Through IMAP", [_table(full), _delays(delays)])


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with tempfile.TemporaryDirectory(prefix="hubbub-mail-", ignore_cleanup_errors=True) as folder:
        server = MailServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


def imap_config(server: MailServer, account: MailAccount) -> dict[str, object]:
    return {
        **CHANNEL_CONFIG,
        "address": account.address,
        "imap": {"host": server.host, "port": server.ports.imaps},
        "smtp": {"host": server.host, "port": server.ports.submission, "security": "starttls"},
        "auth": {"kind": "password", "password": account.password},
        "ca_file": str(server.ca_file),
        "start": "unread",
    }


async def _single(rig: Rig, server: MailServer, account: MailAccount, post: Post) -> float:
    """Seconds from a mail's delivery until its conversation is there."""
    mail, done = post.next(), rig.journal.finished
    await asyncio.to_thread(server.deliver, account.address, mail)
    began = perf_counter()
    await until_finished(rig.journal, done + 1)
    return perf_counter() - began


def _table(cost: Cost) -> Table:
    table = Table(("mails in a full mailbox", "seconds", "per second", "per CPU second", "ms CPU per mail"))
    table.add(
        f"{MAILS:,}",
        f"{cost.wall:.1f}",
        f"{MAILS / cost.wall:.0f}",
        f"{MAILS / cost.cpu:.0f}",
        f"{cost.cpu * 1000 / MAILS:.2f}",
    )
    return table


def _delays(delays: list[float]) -> Table:
    table = Table(("single mails", "median ms from delivery to conversation", "slowest ms"))
    table.add(f"{len(delays)}", f"{median(delays) * 1000:.0f}", f"{max(delays) * 1000:.0f}")
    return table
