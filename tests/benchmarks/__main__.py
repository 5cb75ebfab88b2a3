"""Runs the benchmarks, or those named, prints their tables and keeps them in RESULTS.md."""

import asyncio
import logging
import sys

import structlog

from tests.benchmarks import live, mailbox, memory, pages, parsing, pipeline, searching, sending
from tests.benchmarks.machine import describe
from tests.benchmarks.report import keep

BENCHMARKS = {
    "parse": parsing.measure,
    "pipeline": pipeline.measure,
    "imap": mailbox.measure,
    "send": sending.measure,
    "search": searching.measure,
    "memory": memory.measure,
    "pages": pages.measure,
    "live": live.measure,
}


def main(names: list[str]) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}; there are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        section = asyncio.run(BENCHMARKS[name]())
        print(f"\n{section}", flush=True)
        keep(section, describe())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
