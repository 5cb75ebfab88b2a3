"""A scenario is played on a world, through the channels' connectors, and goes on by itself."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from connectors.simulator import SimulatorConnector, World, close_world
from connectors.simulator.director import Director, in_order
from connectors.simulator.planning import By, PlannedConversation
from connectors.simulator.platform import Platform
from connectors.simulator.scenario import DEMO, Scenario, ScenarioInvalid, load_scenario
from hub.contract.capabilities import Surface
from hub.contract.connector import Polls
from hub.contract.inbound import (
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    ReceiptReceived,
)
from tests.conformance import kit_for
from tests.connectors.simulator.worlds import Clock, message_to

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> Scenario:
    scenario = load_scenario()
    quick = [account.model_copy(update={"way": "poll"}) for account in scenario.account]
    return scenario.model_copy(update={"world": f"played-{request.node.name}"[:64], "account": tuple(quick)})


@pytest.fixture
def stage(scenario: Scenario, clock: Clock) -> Iterator[World]:
    async def sleep(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    world = scenario.open(now=clock, sleep=sleep)
    yield world
    close_world(world.name)


@pytest.fixture
def director(scenario: Scenario, stage: World) -> Director:
    return Director(scenario, stage)


async def read_all(director: Director, http: aiohttp.ClientSession) -> list[InboundEvent]:
    """Everything the scenario's channels hand over, each event once."""
    found: dict[str, InboundEvent] = {}
    for account in director.scenario.account:
        connector = SimulatorConnector(
            director.scenario.config_for(account), kit_for(http, now=director.world.now)
        )
        assert isinstance(connector, Polls)
        cursor, more = None, True
        while more:
            batch = await connector.poll(cursor)
            found |= {event.key: event for event in batch.events}
            cursor, more = batch.cursor, bool(batch.events)
    return list(found.values())


async def test_history_comes_through_the_connectors_with_its_past_times(
    director: Director, http: aiohttp.ClientSession
) -> None:
    planned = director.history(NOW, 120)
    for conversation, turn in in_order(planned):
        director.play(conversation, turn)
    events = await read_all(director, http)
    said = [event for event in events if isinstance(event, MessageReceived)]
    wanted = [turn for each in planned for turn in each.turns if turn.by in (By.CUSTOMER, By.AGENT)]
    assert sorted(event.content.text for event in said) == sorted(turn.text for turn in wanted)
    assert {event.at for event in said} == {turn.at for turn in wanted}
    assert sum(event.author.ours for event in said) == sum(turn.by is By.AGENT for turn in wanted)
    for kind in (MessageEdited, MessageDeleted, ReactionChanged, ReceiptReceived):
        assert any(isinstance(event, kind) for event in events), kind


async def test_each_conversation_has_a_thread_of_its_own_with_its_words_in_order(
    director: Director, http: aiohttp.ClientSession
) -> None:
    planned = director.history(NOW, 80)
    for conversation, turn in in_order(planned):
        director.play(conversation, turn)
    events = sorted(await read_all(director, http), key=lambda event: event.at)
    threads = {(each.account, director.thread_of(each).key): each for each in planned}
    assert len(threads) == len(planned)
    for (_, thread), conversation in threads.items():
        told = [
            each.content.text
            for each in events
            if isinstance(each, MessageReceived) and each.thread.key == thread
        ]
        spoken = [turn.text for turn in conversation.turns if turn.by in (By.CUSTOMER, By.AGENT)]
        assert told == spoken


def test_agents_may_be_left_to_the_hub(director: Director) -> None:
    planned = director.history(NOW, 40)
    for conversation, turn in in_order(planned):
        director.play(conversation, turn, agents=False)
    posts = [post for platform in director.world.platforms.values() for post in platform.posts.values()]
    assert all(post.author is not None for post in posts)


def one(director: Director, surface: Surface, language: str = "en") -> PlannedConversation:
    """A conversation that begins now, of the wanted kind."""
    while True:
        conversation = director.arrive()
        if (conversation.surface, conversation.language) == (surface, language) and not conversation.flags:
            return conversation


async def reply(
    director: Director, conversation: PlannedConversation, text: str, http: aiohttp.ClientSession
) -> tuple[Platform, Any]:
    [account] = [each for each in director.scenario.account if each.key == conversation.account]
    config = director.scenario.config_for(account)
    connector = SimulatorConnector(config, kit_for(http, now=director.world.now))
    platform = director.platform(conversation.account)
    message = message_to(platform, director.thread_of(conversation), f"k{platform.number('reply')}", text)
    sent = await connector.send(message)
    return platform, platform.posts[sent.messages[0]]


async def test_a_customer_who_is_asked_for_the_order_number_gives_it(
    director: Director, http: aiohttp.ClientSession
) -> None:
    conversation = one(director, Surface.EMAIL)
    _, asked = await reply(director, conversation, "Could you tell me your order number?", http)
    answer = director.answer(asked)
    assert answer is not None
    assert conversation.blanks["order"] in answer.text
    assert answer.thread == director.thread_of(conversation)


async def test_a_customer_who_is_asked_for_a_photo_sends_one_in_german_too(
    director: Director, http: aiohttp.ClientSession
) -> None:
    conversation = one(director, Surface.EMAIL, "de")
    _, asked = await reply(director, conversation, "Können Sie uns ein Foto schicken", http)
    answer = director.answer(asked)
    assert answer is not None
    assert [file.mime for file in answer.files] == ["image/png"]


async def test_a_conversation_ends_after_its_last_words_and_a_thumb(
    director: Director, http: aiohttp.ClientSession
) -> None:
    conversation = one(director, Surface.DIRECT)
    for _ in range(12):
        _, said = await reply(director, conversation, "All done", http)
        if director.answer(said) is None:
            break
    else:
        pytest.fail("The customer never stops talking.")
    assert said.reactions


async def test_life_goes_on_customers_arrive_and_answer_in_their_thread(
    director: Director, stage: World, http: aiohttp.ClientSession
) -> None:
    conversation = one(director, Surface.EMAIL)
    thread = director.thread_of(conversation)
    platform = director.platform(conversation.account)
    before = sum(len(each.places) for each in stage.platforms.values())
    living = asyncio.ensure_future(director.live())
    await asyncio.sleep(0)
    await reply(director, conversation, "It leaves today.", http)
    async with asyncio.timeout(20):
        while platform.places[thread.key].posts[-1].author is None:
            await asyncio.sleep(0)
        while sum(len(each.places) for each in stage.platforms.values()) < before + 5:
            await asyncio.sleep(0)
    living.cancel()
    await asyncio.wait([living])
    assert living.cancelled()
    assert [post.author is None for post in platform.places[thread.key].posts][:3] == [False, True, False]


async def test_only_the_last_of_several_replies_is_answered(
    director: Director, http: aiohttp.ClientSession
) -> None:
    conversation = one(director, Surface.EMAIL)
    thread = director.thread_of(conversation)
    platform = director.platform(conversation.account)
    living = asyncio.ensure_future(director.live())
    await asyncio.sleep(0)
    await reply(director, conversation, "One moment.", http)
    await reply(director, conversation, "It leaves today.", http)
    posts = platform.places[thread.key].posts
    async with asyncio.timeout(20):
        while posts[-1].author is None:
            await asyncio.sleep(0)
    for _ in range(50):
        await asyncio.sleep(0)
    living.cancel()
    await asyncio.wait([living])
    assert [post.author is None for post in posts].count(False) == 2


async def test_the_scenarios_troubles_come_at_their_moment(director: Director, clock: Clock) -> None:
    chat = director.platform("linden-chat")
    living = asyncio.ensure_future(director.live())
    async with asyncio.timeout(20):
        while not chat.troubles.plans:
            await asyncio.sleep(0)
    living.cancel()
    await asyncio.wait([living])
    [plan] = chat.troubles.plans
    assert str(plan.trouble) == "down"
    assert plan.until is not None


def test_a_scenario_file_says_all_that_goes_wrong(tmp_path: Path) -> None:
    path = tmp_path / "scenario.toml"
    path.write_text(
        """
        world = "a bad day"
        seed = 3
        [[account]]
        key = "a"
        channel = "A"
        imitates = "messenger"
        way = "webhook"
        webhook_secret = "signed"
        batch = 3
        slow = 1.5
        retry_after = 30
        [account.chances]
        duplicated = 0.5
        lost_answer = 0.1
        [[step]]
        after = 60
        account = "a"
        trouble = "credentials"
        lasting = 600
        [[step]]
        after = 700
        account = "a"
        trouble = "forget_cursors"
        """,
        "utf-8",
    )
    scenario = load_scenario(path)
    world = scenario.open()
    platform = world.platform("a")
    close_world(world.name)
    assert platform.troubles.slow == timedelta(seconds=1.5)
    assert platform.troubles.retry_after == timedelta(seconds=30)
    assert platform.troubles.chances.duplicated == 0.5
    assert scenario.config_for(scenario.account[0]).batch == 3
    assert [str(step.trouble) for step in scenario.step] == ["credentials", "forget_cursors"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('colour = "green"', "colour"),
        ("days = 0", "days"),
        ("[account.chances]\nduplicated = 3", "duplicated"),
        ('[[step]]\nafter = 3\naccount = "nobody"\ntrouble = "down"\nlasting = 3', "nobody"),
        ('[[step]]\nafter = 3\naccount = "a"\ntrouble = "down"', "a trouble ends"),
        ("days = = 3", "cannot be read"),
    ],
)
def test_a_scenario_that_cannot_be_played_says_what_is_wrong(line: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "scenario.toml"
    account = '[[account]]\nkey = "a"\nchannel = "A"\nimitates = "email"\n'
    top, tables = (line, "") if not line.startswith("[") else ("", line)
    path.write_text(f'world = "w"\nseed = 1\n{top}\n{account}{tables}\n', "utf-8")
    with pytest.raises(ScenarioInvalid, match=words):
        load_scenario(path)


def test_the_demos_scenario_is_whole() -> None:
    scenario = load_scenario(DEMO)
    assert {account.imitates for account in scenario.account} == {"email", "messenger", "social"}
    assert len(scenario.catalogue.agents) == 5
