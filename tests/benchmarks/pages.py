"""The inbox over HTTP, as a browser asks for it: lists, conversations, an answer, the weight of it all."""

import asyncio
import os
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp

from hub.app import running
from hub.auth.sessions import start_session
from hub.model.inbox import Conversation, Message, Status
from hub.model.people import Agent, Role
from hub.store.shelves import by_status
from inbox_ui.visitor import SESSION_COOKIE
from tests.benchmarks.meter import Meter, commands
from tests.benchmarks.report import Section, Table
from tests.benchmarks.rig import Rig, open_rig
from tests.benchmarks.stored import store_conversations

FILLINGS = tuple(int(each) for each in os.environ.get("PAGES", "1000,10000,50000").split(","))
FILL_WITHIN = float(os.environ.get("FILL_WITHIN", "60"))  # seconds for each; what is not stored then is not
LENGTHS = (10, 1_000, 20_000)  # entries of a conversation
CLIENTS = (1, 16)
ASKED = 60  # times for each figure
INSERTED = 500  # entries at once
WORDS = """Through HTTP and back, hub, client and database on one machine; milliseconds. CPU is processor
time of hub, client and database together; queries are round trips per page, with one client. The aims: list
and conversation p95 under 60 ms at 10,000 conversations (one client), first load under 150 kB.
"""
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
ASSET = re.compile(r'"(/assets/[^"#]+)')


@dataclass(frozen=True, slots=True)
class Browser:
    url: str
    http: aiohttp.ClientSession

    async def get(self, path: str) -> str:
        async with self.http.get(self.url + path) as answer:
            text = await answer.text()
            assert answer.status == 200, f"{path}: {answer.status}"
            return text

    async def answer(self, conversation: str, page: str) -> None:
        """Send the reply form of a page, as it stands there."""
        form = page[page.index('data-composer="reply"') :]
        hidden = dict(HIDDEN.findall(form.split("</form>")[0]))
        fields = {**hidden, "text": "It is on its way."}
        async with self.http.post(
            f"{self.url}/desk/conversations/{conversation}/replies", data=fields, headers={"X-Part": "1"}
        ) as done:
            await done.read()
            assert done.status == 200, done.status


async def measure() -> Section:
    table = Table(("conversations", "page", "clients", "p50 ms", "p95 ms", "CPU ms", "queries"))
    stored, weight = 0, ""
    async with open_rig() as rig, running(rig.hub, web_server=True, worker=False) as at_work:
        assert at_work.url is not None
        cookie = await signed_in(rig, "ana")
        async with aiohttp.ClientSession(cookies={SESSION_COOKIE: cookie}) as http:
            browser = Browser(at_work.url, http)
            for wanted in FILLINGS:
                stored = await store_conversations(rig, stored, wanted, FILL_WITHIN)
                for name, ask in (await _pages(rig, browser, stored)).items():
                    for clients in CLIENTS:
                        table.add(f"{stored:,}", name, str(clients), *await _measured(rig, ask, clients))
                print(f"{stored:,} conversations measured", flush=True)
            weight = await _first_load(at_work.url, cookie)
    return Section("pages", "Pages over HTTP", [table], f"{WORDS}\n{weight}\n")


async def signed_in(rig: Rig, name: str) -> str:
    """The cookie of an agent that did not exist before."""
    hub = rig.hub
    agent = Agent(
        id=name, name=name.title(), email=f"{name}@hub.example", role=Role.ADMIN, created_at=hub.clock()
    )
    await hub.store.people.add_agent(agent)
    session = await start_session(hub.auth, agent, "password", address="127.0.0.1", browser="benchmark")
    return session.token


async def _pages(rig: Rig, browser: Browser, stored: int) -> dict[str, Callable[[], Awaitable[object]]]:
    first = (await rig.store.views.read([by_status(Status.OPEN)], None, 200)).rows
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "list, newest": lambda: browser.get("/desk/inbox/open"),
        "list, waiting longest": lambda: browser.get("/desk/inbox/open?sort=waiting"),
        "list, one channel": lambda: browser.get(f"/desk/inbox/open?channel={rig.channel.id}"),
    }
    for entries, conversation in zip(LENGTHS, first, strict=False):
        if stored == FILLINGS[min(1, len(FILLINGS) - 1)] or entries == LENGTHS[0]:
            await _lengthened(rig, conversation, entries)
            path = f"/desk/inbox/open/{conversation.id}"
            asked[f"conversation, {entries:,} entries"] = lambda path=path: browser.get(path)  # type: ignore[misc]
    answered = iter([*first[len(LENGTHS) :]] * 10)

    async def reply() -> None:
        conversation = next(answered).id
        await browser.answer(conversation, await browser.get(f"/desk/inbox/open/{conversation}"))

    asked["conversation, then a reply"] = reply
    return asked


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


async def _measured(rig: Rig, ask: Callable[[], Awaitable[object]], clients: int) -> tuple[str, ...]:
    for _ in range(3):
        await ask()
    log, taken = commands(), list[float]()
    log.steps.clear()
    log.on, meter = clients == 1, Meter(rig.database)

    async def client(times: int) -> None:
        for _ in range(times):
            began = time.perf_counter()
            await ask()
            taken.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(client(max(2, ASKED // clients)) for _ in range(clients)))
    log.on, spent = False, meter.cost().cpu * 1000 / len(taken)
    queries = sum(step.count for step in log.steps.values()) / len(taken)
    times = (f"{percentile(taken, share):.0f}" for share in (50, 95))
    return *times, f"{spent:.1f}", f"{queries:.0f}" if queries else ""


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
