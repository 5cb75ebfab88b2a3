"""Runs the benchmarks, or those named, prints their tables and keeps them in RESULTS.md."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Mapping

import structlog

from tests.benchmarks import (
    answering,
    chats,
    customers,
    live,
    mailbox,
    memory,
    pages,
    parsing,
    pipeline,
    searching,
    sending,
    webhooks,
)
from tests.benchmarks.machine import describe
from tests.benchmarks.report import Section, keep

BENCHMARKS: Mapping[str, Callable[[], Coroutine[None, None, Section | list[Section]]]] = {
    "parse": parsing.measure,
    "pipeline": pipeline.measure,
    "imap": mailbox.measure,
    "send": sending.measure,
    "search": searching.measure,
    "memory": memory.measure,
    "pages": pages.measure,
    "live": live.measure,
    "chats": chats.measure,
    "customers": customers.measure,
    "answering": answering.measure,
    "webhooks": webhooks.measure,
}


def main(names: list[str]) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    wanted = list(names or BENCHMARKS)
    if "pages" in wanted and "search" in wanted:  # `pages` measures both on one store
        wanted.remove("search")
    for name in wanted:
        measured = asyncio.run(BENCHMARKS[name]())
        for section in [measured] if isinstance(measured, Section) else measured:
            print(f"\n{section}", flush=True)
            keep(section, describe())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
