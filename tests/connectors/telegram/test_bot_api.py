"""Our own Bot API server refuses what Telegram's refuses."""

import json
from typing import Any

import aiohttp
import pytest

from tests.connectors.telegram.bot_api import TOKEN, BotApi

AT = {"chat_id": 1001}
REFUSED = [
    ("sendMessage", {**AT, "text": "x", "colour": "red"}, "knows no colour"),
    ("sendMessage", {**AT, "text": " "}, "text is empty"),
    ("sendMessage", {**AT, "text": "x" * 4097}, "is too long"),
    ("sendMessage", {**AT, "text": "x", "entities": [("bold", 0, 2)]}, "after the end of the text"),
    ("sendMessage", {**AT, "text": "👍x", "entities": [("bold", 1, 2)]}, "begins in a middle"),
    ("sendMessage", {**AT, "text": "x👍", "entities": [("bold", 0, 2)]}, "ends in a middle"),
    ("sendMessage", {**AT, "text": "x", "entities": [("shout", 0, 1)]}, "Unsupported type"),
    ("sendMessage", {**AT, "text": "xyz", "entities": [("bold", 0, 2), ("italic", 1, 2)]}, "overlap"),
    ("sendMessage", {**AT, "text": "xyz", "entities": [("code", 0, 3), ("bold", 1, 1)]}, "within code"),
    ("sendMessage", {**AT, "text": "x", "entities": [("text_link", 0, 1)]}, "Unsupported URL protocol"),
    ("sendMessage", {"chat_id": 4, "text": "x"}, "chat not found"),
    ("sendChatAction", {**AT, "action": "dancing"}, "wrong parameter action"),
    ("editMessageCaption", {**AT, "message_id": 1, "caption": "x"}, "message to edit not found"),
    ("setWebhook", {"url": "https://hub.example:8080/x"}, "only on ports"),
    ("setWebhook", {"url": "https://hub.example/x", "secret_token": "ä"}, "unallowed characters"),
    ("getUpdates", {"limit": 101}, "out of range"),
    ("getFile", {"file_id": "F-gone"}, "temporarily unavailable"),
    ("readBusinessMessage", {**AT, "business_connection_id": "b", "message_id": 1}, "connection not found"),
]


async def call(api: BotApi, method: str, fields: dict[str, Any]) -> dict[str, Any]:
    marks = [
        dict(zip(("type", "offset", "length"), each, strict=True)) for each in fields.get("entities", [])
    ]
    form = {key: str(value) for key, value in fields.items()} | (
        {"entities": json.dumps(marks)} if marks else {}
    )
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{api.base}/bot{TOKEN}/{method}", data=form) as said,
    ):
        answer: dict[str, Any] = await said.json()
        return answer


@pytest.mark.parametrize(("method", "fields", "words"), REFUSED)
async def test_what_telegram_refuses_is_refused(
    api: BotApi, method: str, fields: dict[str, Any], words: str
) -> None:
    answer = await call(api, method, fields)
    assert not answer["ok"]
    assert words in answer["description"]


async def test_only_updates_that_were_asked_for_are_told(api: BotApi) -> None:
    api.tell(message_reaction={"chat": {"id": 1001}})
    await call(api, "getUpdates", {"allowed_updates": '["message_reaction"]'})
    api.tell(message_reaction={"chat": {"id": 1001}})
    api.tell(message={"chat": {"id": 1001}})
    found = (await call(api, "getUpdates", {}))["result"]
    assert [sorted(each) for each in found] == [["message_reaction", "update_id"]]
