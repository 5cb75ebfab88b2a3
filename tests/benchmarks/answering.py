"""Who answers, and who is brought in: rules judged, conversations handed out, a file of customers."""

import os
import resource
import time
from dataclasses import replace
from datetime import UTC, datetime

from hub.clock import utc_now
from hub.contract.routing import Case
from hub.desk.import_work import Importer
from hub.desk.imports import Meant, bring_file, get_import, run_import
from hub.dispatch import Dispatch
from hub.dispatch.queue import drain
from hub.model.rules import Action, Condition, Do, Group, Join, Reading, Rule, Test, Trigger
from routing import Routing
from routing.rules import judge
from tests.benchmarks.report import Section, Table
from tests.benchmarks.rig import Rig, open_rig
from tests.chaos.race import ADMIN, TEAM, Size, conversation, set_up

RULES, TIMES = 100, 300
HANDED = int(os.environ.get("HANDED", "2000"))
AGENTS = 50
ROWS = int(os.environ.get("ROWS", "100000"))
WORDS = """Each rule has three conditions, one of them nested; all are judged, none of them fits.
Conversations that wait are handed out by one process to 50 agents who all have room, least busy first,
each with its decision written down; the database runs on the same machine. A file with name, address,
company and tags is brought in with its book of what was done; the aim is 3 minutes for 100,000.
"""


async def measure() -> Section:
    table = Table(("what", "how many", "seconds", "a second"))
    _rules(table)
    async with open_rig() as rig:
        await _handed_out(table, rig)
        await _brought_in(table, rig)
    return Section("answering", "Rules, handing out, bringing in", [table], WORDS)


def _rules(table: Table) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    rules = [
        Rule(
            id=f"r{number:03}",
            name=f"Rule {number}",
            place=number,
            created_at=at,
            on=(Trigger.ARRIVED,),
            when=Group(
                Join.ALL,
                (
                    Condition("language", Test.IS, ("en", "de")),
                    Condition("words", Test.WORD, ("parcel", "delivery")),
                    Group(Join.ANY, (Condition("domain", Test.IS, (f"shop{number}.example",)),)),
                ),
            ),
            then=(Action(Do.TAG, "parcel"),),
        )
        for number in range(RULES)
    ]
    said = "Hello, I have waited for my parcel since Monday. Could you tell me when it comes? " * 5
    facts = {"language": ("en",), "words": (said,), "domain": ("acme.example",), "tag": ("vip",)}
    case = Case(trigger=Trigger.ARRIVED, facts=facts)
    began = time.perf_counter()
    for _ in range(TIMES):
        assert not judge(rules, Reading.ALL, case).rules
    _add(table, f"rules judged, {RULES} at a time", RULES * TIMES, time.perf_counter() - began)


async def _handed_out(table: Table, rig: Rig) -> None:
    await set_up(rig.store, Size(conversations=HANDED, agents=AGENTS, capacity=HANDED // AGENTS + 1))
    for start in range(0, HANDED, 200):
        some = [replace(conversation(each), team=TEAM) for each in range(start, min(start + 200, HANDED))]
        await rig.store.inbox.add_conversations(some)
    began = time.perf_counter()
    given = await drain(Dispatch(rig.store, Routing(), utc_now), [TEAM])
    assert given == HANDED, given
    _add(table, "conversations handed out", given, time.perf_counter() - began)


async def _brought_in(table: Table, rig: Rig) -> None:
    desk = rig.hub.desk
    lines = (
        f"Person {each},person{each}@company{each % 5000}.example,company{each % 5000}.example,school"
        for each in range(ROWS)
    )
    job = await bring_file(desk, ADMIN, "\n".join(("a,b,c,d", *lines)).encode(), "people.csv")
    await run_import(desk, ADMIN, job.id, Meant(("name", "email", "company", "tags")))
    before, began = _most(), time.perf_counter()
    await Importer(desk, "bench").work()
    took, found = time.perf_counter() - began, await get_import(desk, ADMIN, job.id)
    assert (found.added, found.problem) == (ROWS, ""), found
    _add(table, f"customers brought in ({_most() - before:.0f} MB more at most)", ROWS, took)


def _most() -> float:
    """The most memory this process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _add(table: Table, what: str, many: int, took: float) -> None:
    table.add(what, f"{many:,}", f"{took:.1f}", f"{many / took:,.0f}")
    print(what, f"{many:,}", f"{took:.1f} s", f"{many / took:,.0f} a second", flush=True)
