"""Reading mail alone: MIME and what the customer newly wrote, over recorded payloads and typical mail."""

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles
from time import thread_time
from typing import Any

from connectors.email.mime import read_mail
from connectors.email.reply import split_reply
from hub.clock import utc_now
from tests.benchmarks.mails import Post
from tests.benchmarks.report import Section, Table
from tests.connectors.email.replies.clients import every_reply

PAYLOADS = Path(__file__).parent.parent / "connectors" / "email" / "payloads"
TYPICAL = (5_000, 20_000)  # bytes
ROUNDS = 3  # of each input the fastest counts: whatever else runs only ever adds


async def measure() -> Section:
    table = Table(("input", "how many", "mean bytes", "median ms", "95 % within ms", "slowest ms"))
    post = Post(1)
    typical: list[bytes] = []
    while len(typical) < 400:
        mail = post.next()
        if TYPICAL[0] <= len(mail) <= TYPICAL[1]:
            typical.append(mail)
    _add(table, "typical mails of 5 to 20 kB, read and split", _read_and_split, typical)
    _add(table, "of it MIME", _read, typical)
    _add(table, "of it reply text", _split, [read_mail(each, utc_now()) for each in typical])
    recorded = [path.read_bytes() for path in sorted(PAYLOADS.glob("*.eml"))]
    _add(table, "recorded oddities, read and split", _read_and_split, recorded)
    golden = every_reply()
    _add(
        table,
        "golden replies of mail programs, split",
        lambda each: split_reply(each.text, each.html),
        golden,
    )
    return Section(
        "parse",
        "Reading mail alone",
        [table],
        "Processor time. The aim is 3 ms for a typical mail, MIME and reply text together.\n",
    )


def _read_and_split(mail: bytes) -> object:
    read = read_mail(mail, utc_now())
    return split_reply(read.text, read.html, read.subject)


def _read(mail: bytes) -> object:
    return read_mail(mail, utc_now())


def _split(mail: Any) -> object:
    return split_reply(mail.text, mail.html, mail.subject)


def _add(table: Table, title: str, work: Callable[[Any], object], inputs: Sequence[Any]) -> None:
    times = [min(_timed(work, each) for _ in range(ROUNDS)) * 1000 for each in inputs]
    sizes = [
        len(each) if isinstance(each, bytes) else len(each.text) + len(each.html or "") for each in inputs
    ]
    table.add(
        title,
        f"{len(inputs)}",
        f"{sum(sizes) / len(sizes):,.0f}",
        f"{median(times):.2f}",
        f"{quantiles(times, n=20)[-1]:.2f}",
        f"{max(times):.2f}",
    )


def _timed(work: Callable[[Any], object], what: Any) -> float:
    began = thread_time()
    work(what)
    return thread_time() - began
