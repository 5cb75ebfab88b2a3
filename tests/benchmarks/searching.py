"""Searching, with much stored: from the question to the hits, as a page or the palette asks."""

import os
import time
from collections.abc import Callable
from random import Random
from statistics import quantiles

from hub.clock import utc_now
from hub.desk.searching import search
from hub.model.people import Agent, Role
from tests.benchmarks.meter import Meter, commands
from tests.benchmarks.report import Section, Table
from tests.benchmarks.rig import Rig, open_rig
from tests.benchmarks.stored import store_conversations, word

FILLINGS = tuple(int(each) for each in os.environ.get("SEARCHED", "1000,10000,50000").split(","))
FILL_WITHIN = 900.0  # seconds for each filling; what is not stored by then is not stored
ROUNDS = int(os.environ.get("SEARCHES", "40"))  # searches of each kind
WORDS = """The aim: 95 % of all searches within 100 ms with 10,000 conversations stored, whatever is asked.
A page has 30 hits. Most of the time goes into reading the hits and their conversations: a search without hits
shows what the index itself costs. Every tenth conversation is open, so `is:open` has to look at ten times as
many. Texts have some 60 different words, of which a few are very common.
"""
Question = Callable[[Random, int], str]

FILTERED = "from:customer channel:Support"
TWO_LETTERS = ("cu", "de", "wa", "00")
BEGUN = ("cust", "deli", "walnu", "0001", "rech")
KINDS: tuple[tuple[str, Question], ...] = (
    ("a rare word", lambda random, stored: f"{word(random.randrange(stored) * 50)} "),
    ("a customer's number", lambda random, stored: f"{random.randrange(stored):06d} "),
    (
        "two common words",
        lambda random, stored: f"{word(random.randrange(3))} {word(random.randrange(3, 6))} ",
    ),
    ("two words that rarely meet", lambda random, stored: f"{word(random.randrange(400, 500))} {word(550)} "),
    ("the commonest word", lambda random, stored: "customer "),
    ("being typed: two letters", lambda random, stored: random.choice(TWO_LETTERS)),
    ("being typed: more", lambda random, stored: random.choice(BEGUN)),
    ("a word and filters", lambda random, stored: f"{word(random.randrange(9))} {FILTERED} "),
    ("a word and is:open", lambda random, stored: f"{word(random.randrange(9))} is:open "),
    ("Japanese", lambda random, stored: random.choice(("配送状況", "商品", "届い"))),
    ("never said", lambda random, stored: f"xylophone{random.randrange(99)} {word(1)} "),
)


async def measure() -> Section:
    """By itself; `pages` measures it, too."""
    tables = []
    stored = 0
    async with open_rig() as rig:
        for wanted in FILLINGS:
            stored = await store_conversations(rig, stored, wanted, FILL_WITHIN)
            tables.append(await measured(rig, stored))
            print(tables[-1], flush=True)
    return Section("search", "Searching", tables, WORDS)


async def measured(rig: Rig, stored: int) -> Table:
    table = Table(
        ("question", "hits", "median ms", "95 % within ms", "ms CPU each", "queries each"),
        f"{stored:,} conversations stored:",
    )
    every: list[float] = []
    for title, question in KINDS:
        every += await _row(rig, table, title, question, stored)
    table.add("all of these", "", *_spread(every), "", "")
    return table


async def _row(rig: Rig, table: Table, title: str, question: Question, stored: int) -> list[float]:
    agent = Agent(id="a", name="Ana", email="ana@hub.test", role=Role.ADMIN, created_at=utc_now())
    random = Random(5)
    await search(rig.hub.desk, agent, question(random, stored))
    log = commands()
    log.steps.clear()
    log.on = True
    meter = Meter(rig.database)
    times: list[float] = []
    hits = 0
    for _ in range(ROUNDS):
        asked = question(random, stored)
        began = time.perf_counter()
        page = await search(rig.hub.desk, agent, asked)
        times.append((time.perf_counter() - began) * 1000)
        hits += len(page.rows)
    cost = meter.cost()
    log.on = False
    queries = sum(step.count for step in log.steps.values()) / ROUNDS
    each = cost.cpu * 1000 / ROUNDS
    table.add(title, f"{hits / ROUNDS:.1f}", *_spread(times), f"{each:.1f}", f"{queries:.1f}")
    return times


def _spread(times: list[float]) -> tuple[str, str]:
    cuts = quantiles(times, n=20, method="inclusive")
    return f"{cuts[9]:.1f}", f"{cuts[18]:.1f}"
