"""From nothing to a connected bot: each step by itself, and Telegram's very words where one fails."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import aiohttp
import pytest

from connectors.telegram import TelegramConnector
from hub.contract.errors import AuthBroken, ConnectorError, Rejected, Unavailable
from tests.conformance import kit_for
from tests.connectors.telegram.bot_api import ME, TOKEN, BotApi, Refused, serving


@pytest.fixture
def api() -> Iterator[BotApi]:
    with serving() as served:
        yield served


async def look(api: BotApi, step: str, public_url: str = "", **answers: str) -> str:
    async with aiohttp.ClientSession() as http:
        given: Mapping[str, str] = {"token": TOKEN, "api": api.base, **answers}
        kit = replace(kit_for(http), public_url=public_url)
        return " ".join(await TelegramConnector.check_step(step, given, kit))


async def refused(api: BotApi, step: str, kind: type[ConnectorError], **answers: str) -> ConnectorError:
    with pytest.raises(kind) as problem:
        await look(api, step, **answers)
    assert TOKEN not in f"{problem.value} {problem.value.said}"
    return problem.value


async def test_the_token_is_looked_at_by_itself(api: BotApi) -> None:
    assert "Hubbub Support: https://t.me/hubbub_bot" in await look(api, "bot")
    problem = await refused(api, "bot", AuthBroken, token="4711:wrong")
    assert "Unauthorized" in problem.said or "rejected" in problem.said
    api.failing["getMe"] = Refused(429, "Too Many Requests: retry after 7", retry_after=7)
    assert "Flood control" in (await refused(api, "bot", Unavailable)).said


async def test_what_it_hears_in_groups_is_compared_with_what_was_chosen(api: BotApi) -> None:
    assert "answers to it" in await look(api, "groups")
    problem = await refused(api, "groups", Rejected, groups="all")
    assert "/setprivacy" in str(problem)
    assert problem.said == "can_read_all_group_messages: false"
    api.me = {**ME, "can_read_all_group_messages": True}
    assert "every message" in await look(api, "groups", groups="all")


async def test_whoever_reads_its_messages_until_now_is_named(api: BotApi) -> None:
    assert "Nobody else" in await look(api, "way")
    api.hook = ("https://elsewhere.example/secret-path", "")
    found = await look(api, "way")
    assert "elsewhere.example" in found
    assert "secret-path" not in found
    api.hook = None
    taken = "Conflict: terminated by other getUpdates request; make sure only one bot instance runs"
    api.failing["getUpdates"] = Refused(409, taken)
    assert "only one bot instance" in (await refused(api, "way", Unavailable)).said


@pytest.mark.parametrize(
    ("public_url", "words"),
    [
        ("", "does not know its own address"),
        ("http://hub.example", "ports 443, 80, 88, 8443 only"),
        ("https://hub.example:8080", "ports 443, 80, 88, 8443 only"),
        ("https://hub.invalid", "does not lead here"),
    ],
)
async def test_webhooks_need_an_address_that_telegram_reaches(
    api: BotApi, public_url: str, words: str
) -> None:
    with pytest.raises(ConnectorError, match=words) as problem:
        await look(api, "way", public_url, way="webhook")
    assert bool(problem.value.said) == ("lead here" in words)


async def test_a_first_message_is_seen_and_left_for_the_channel(api: BotApi) -> None:
    assert "Nothing has arrived" in str(await refused(api, "hello", Unavailable))
    api.write("/start")
    assert "Ana Sousa has written" in await look(api, "hello")
    assert len(api.updates) == 1
