"""What one visitor, and one address, may ask of the chat: beyond that it says so and when to come back."""

import asyncio
import re
from contextlib import AsyncExitStack

import pytest

from connectors.webchat import rates, streams
from connectors.webchat.texts import TEXTS
from tests.connectors.webchat.conftest import Shop
from tests.house.tree import TOP


async def test_too_many_messages_at_once_are_refused_until_later(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "ALLOWED", {**rates.ALLOWED, "events": (3, 0.001)})
    maria, tom = shop.visitor(), shop.visitor()
    await maria.come()
    await tom.come()
    for _ in range(3):
        await maria.say("Hello")
    refused = await maria.ask(
        "events", {"events": [{"type": "message", "id": "one-too-many", "text": "x"}]}, 429
    )
    assert refused["refused"] == "too_fast"
    await tom.say("Of somebody else, who may.")
    monkeypatch.setattr(rates, "BY_ADDRESS", 0.3)
    await shop.visitor().ask("events", {"events": []}, 401)  # who has no token is not even counted
    newcomer = shop.visitor()
    await newcomer.come()
    await newcomer.ask("events", {"events": [{"type": "message", "id": "the-first-1", "text": "x"}]}, 429)


async def test_pages_that_listen_are_counted_by_visitor_and_by_address(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "PAGES_MOST", 2)
    monkeypatch.setattr(streams, "ADDRESS_MOST", 3)
    maria, tom = shop.visitor(), shop.visitor()
    await maria.come()
    await tom.come()
    async with AsyncExitStack() as open_pages:
        first = await open_pages.enter_async_context(maria.listening())
        for _ in range(2):
            heard = await open_pages.enter_async_context(maria.listening())
            await heard("hello")
        with pytest.raises(AssertionError, match="the stream ended"):  # of three pages the oldest is let go
            async with asyncio.timeout(20):
                await first("never said")
        other = await open_pages.enter_async_context(tom.listening())
        await other("hello")
        refused = await tom.ask("stream", {}, 503)
        assert refused["refused"] == "away"


def test_the_readme_names_every_text_that_can_be_said_otherwise() -> None:
    readme = (TOP / "connectors" / "webchat" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)` \|", readme.partition("## Words")[2], re.MULTILINE))
    assert named == set(TEXTS["en"]) == set(TEXTS["de"])
