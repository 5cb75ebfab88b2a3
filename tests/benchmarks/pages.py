"""The inbox over HTTP, as browsers ask for it: lists, conversations, answers, searches; the weight of all."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from urllib.parse import quote

import aiohttp

from hub.auth.sessions import start_session
from hub.model.inbox import Conversation, Message, Status
from hub.model.people import Agent, Role
from hub.store.shelves import by_status
from hub.work import running
from inbox_ui.visitor import SESSION_COOKIE
from tests.benchmarks import searching
from tests.benchmarks.clients import Asked, Clients, clients
from tests.benchmarks.meter import Meter, commands
from tests.benchmarks.report import Section, Table
from tests.benchmarks.rig import Rig, open_rig
from tests.benchmarks.stored import store_conversations

FILLINGS = tuple(int(each) for each in os.environ.get("PAGES", "1000,10000,50000").split(","))
FILL_WITHIN = float(os.environ.get("FILL_WITHIN", "900"))  # seconds for each; what is not stored then is not
LENGTHS = (10, 1_000, 20_000)  # entries of a conversation
CLIENTS = (1, 16)
ASKED = int(os.environ.get("ASKED", "64"))  # times for each figure
WARM = 4  # before
INSERTED = 500  # entries at once
COLUMNS = (
    "stored",
    "page",
    "clients",
    "p50 ms",
    "p95 ms",
    "CPU ms",
    "of it hub",
    "of it database",
    "queries",
)
WORDS = """Through HTTP and back; hub, database and clients share one machine. CPU is processor time of hub
and database for each page, queries are round trips to the database for each page, with one client. A part is
what our scripts ask for when somebody goes from one conversation to the next. The aims, with 10,000
conversations and one client: list and conversation p95 under 60 ms, search under 100 ms; the first load under
150 kB.
"""
ASSET = re.compile(r'"(/assets/[^"#]+)')


@dataclass(frozen=True, slots=True)
class Page:
    """`paths`: asked for in turn."""

    name: str
    paths: Sequence[str]
    part: bool = False
    answers: bool = False


async def measure() -> list[Section]:
    """Search by itself is measured on the way: filling the store takes longest."""
    table, searches, stored, weight = Table(COLUMNS), list[Table](), 0, ""
    async with open_rig() as rig, running(rig.hub, web_server=True, worker=False) as at_work:
        assert at_work.url is not None
        cookie = await signed_in(rig, "ana")
        async with clients(at_work.url, cookie) as asking:
            for wanted in FILLINGS:
                stored = await store_conversations(rig, stored, wanted, FILL_WITHIN)
                searches.append(await searching.measured(rig, stored))
                for page in await _pages(rig, stored):
                    for many in CLIENTS:
                        cells = await _measured(rig, asking, page, many)
                        table.add(f"{stored:,}", page.name, str(many), *cells)
                print(f"{stored:,} conversations measured", flush=True)
            weight = await _first_load(at_work.url, cookie)
    pages = Section("pages", "Pages over HTTP", [table], f"{WORDS}\n{weight}\n")
    return [Section("search", "Searching", searches, searching.WORDS), pages]


async def signed_in(rig: Rig, name: str) -> str:
    """The cookie of an agent that did not exist before."""
    hub = rig.hub
    agent = Agent(
        id=name, name=name.title(), email=f"{name}@hub.example", role=Role.ADMIN, created_at=hub.clock()
    )
    await hub.store.people.add_agent(agent)
    session = await start_session(hub.auth, agent, "password", address="127.0.0.1", browser="benchmark")
    return session.token


async def _pages(rig: Rig, stored: int) -> list[Page]:
    first = (await rig.store.views.read([by_status(Status.OPEN)], None, 200)).rows
    pages = [
        Page("list, newest", ["/desk/inbox/open"]),
        Page("list, waiting longest", ["/desk/inbox/open?sort=waiting"]),
        Page("list, one channel", [f"/desk/inbox/open?channel={rig.channel.id}"]),
    ]
    for entries, conversation in zip(LENGTHS, first, strict=False):
        if stored == FILLINGS[min(1, len(FILLINGS) - 1)] or entries == LENGTHS[0]:
            await _lengthened(rig, conversation, entries)
            path = f"/desk/inbox/open/{conversation.id}"
            pages.append(Page(f"conversation, {entries:,} entries", [path]))
            pages.append(Page(f"conversation, {entries:,} entries, part", [path], part=True))
    others = [f"/desk/inbox/open/{each.id}" for each in first[len(LENGTHS) :]]
    pages.append(Page("reply", others[: WARM + ASKED], answers=True))
    pages.append(Page("search", _searches(stored)))
    pages.append(Page("search while typing", _searches(stored), part=True))
    return pages


def _searches(stored: int) -> list[str]:
    """Of every kind of question in turn."""
    random = Random(9)
    kinds = [question for _, question in searching.KINDS]
    asked = [kinds[number % len(kinds)](random, stored) for number in range(WARM + ASKED)]
    return [f"/desk/search?q={quote(each)}" for each in asked]


async def _lengthened(rig: Rig, conversation: Conversation, entries: int) -> None:
    """Give a conversation so many messages, a minute apart, before the one it has."""
    entries_now = await rig.store.inbox.timeline(conversation.id)
    newest = next(each for each in reversed(entries_now) if isinstance(each, Message))
    begun = newest.at - timedelta(minutes=entries)
    for start in range(0, entries - 1, INSERTED):
        numbers = range(start, min(start + INSERTED, entries - 1))
        await rig.store.inbox.add_entries(
            [
                replace(
                    newest,
                    id=f"{conversation.id}-{each:05}",
                    at=begun + timedelta(minutes=each),
                    remote_ids=(),
                )
                for each in numbers
            ]
        )
    assert await rig.store.inbox.change_conversation(conversation, {"messages": entries, "created_at": begun})


async def _measured(rig: Rig, asking: Clients, page: Page, many: int) -> tuple[str, ...]:
    count = max(ASKED // many, 2) * many
    paths = [page.paths[each % len(page.paths)] for each in range(WARM + count)]
    if page.answers:  # the forms of answers to come, each once
        paths = list(dict.fromkeys(paths))
        await asking.ask(Asked(paths, keep=True))
    await asking.ask(Asked(paths[:WARM], part=page.part, answers=page.answers))
    log = commands()
    log.steps.clear()
    log.on, meter = many == 1, Meter(rig.database)
    taken = await asking.ask(Asked(paths[WARM:], many, page.part, answers=page.answers))
    cost = meter.cost()
    log.on = False
    asked = {step: each.count for step, each in log.steps.items() if step != ("getMore", "events")}
    shares = (cost.cpu, cost.hub, cost.database)
    return (
        *(f"{percentile(taken, share):.0f}" for share in (50, 95)),
        *(f"{share * 1000 / len(taken):.1f}" for share in shares),
        f"{sum(asked.values()) / len(taken):.1f}" if asked else "",
    )


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


async def _first_load(url: str, cookie: str) -> str:
    """Compressed, as a browser fetches it; without the headers."""
    browser = {SESSION_COOKIE: cookie}
    async with aiohttp.ClientSession(cookies=browser, auto_decompress=False) as http:

        async def weigh(path: str) -> int:
            async with http.get(url + path, headers={"Accept-Encoding": "gzip"}) as answer:
                return len(await answer.read())

        async with http.get(f"{url}/desk/inbox/open", headers={"Accept-Encoding": "identity"}) as answer:
            named = sorted(set(ASSET.findall(await answer.text())))
        page = await weigh("/desk/inbox/open")
        assets = [await weigh(path) for path in named]
    total = page + sum(assets)
    parts = f"{page / 1000:.0f} kB of it the page, the rest {len(assets)} files"
    return f"The first load of the inbox: {total / 1000:.0f} kB ({parts})."
