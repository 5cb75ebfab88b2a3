"""Whatever is asked, kept or posted: the other doors of the connector raise errors of the contract alone."""

import asyncio
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import aiohttp
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from connectors.slack import SlackConnector
from connectors.slack.buttons import picked, settled
from connectors.slack.connector import EventsSlack
from connectors.slack.events import arrived
from hub.app import Hub
from hub.contract.errors import ConnectorError, SignatureInvalid
from hub.contract.inbound import ArrivedRaw, WebhookReply, WebhookRequest
from hub.work import running
from tests.conformance import kit_for
from tests.conformance_kit.receiving import check_event
from tests.conformance_kit.webhooks import spoiled
from tests.connectors.slack.slack_api import SlackApi, serving
from tests.connectors.slack.test_conforms import URL, config_for
from tests.connectors.slack.test_read import PAYLOADS
from tests.connectors.slack.wire import APP, TEAM, sealed, signed
from tests.hubs import connect, until

RECORDED = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(PAYLOADS.iterdir())}
QUESTION = {
    "token": "x",
    "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7",
    "type": "url_verification",
}
SHOWN = [name for name in RECORDED if "button" in name or "shortcut" in name or "home" in name]
ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.lists(st.none(), max_size=2))


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackApi]:
    with serving() as served:
        yield served


@st.composite
def bent(draw: st.DrawFn, names: list[str]) -> Any:
    """A payload of theirs, one to three of whose values are something else."""
    found = json.loads(json.dumps(RECORDED[draw(st.sampled_from(names))]))
    for _ in range(draw(st.integers(1, 3))):
        inside = found
        while True:
            keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if not isinstance(inside[key], dict | list) or draw(st.integers(0, 3)) == 0:
                inside[key] = draw(ODD)
                break
            inside = inside[key]
    return found


@settings(max_examples=60)
@given(st.data())
def test_whatever_is_asked_is_answered_only_if_slack_has_signed_it(
    slack: SlackApi, data: st.DataObject
) -> None:
    connector = SlackConnector(config_for(slack, "events"), kit_for(None))  # type: ignore[arg-type]  # asks nobody
    assert isinstance(connector, EventsSlack)
    headers, body = signed(QUESTION)
    body = data.draw(st.sampled_from([body, *spoiled(body)]), label="body")
    if data.draw(st.booleans(), label="signed"):
        headers, body = signed(json.loads(body)) if _is_json(body) else (headers, body)
    else:
        headers["X-Slack-Signature"] = data.draw(st.text(max_size=70), label="signature")
    try:
        reply = connector.challenge(WebhookRequest("POST", URL, CIMultiDict(headers), {}, body))
    except SignatureInvalid:
        return
    if reply is not None:
        connector.verify(WebhookRequest("POST", URL, CIMultiDict(headers), {}, body))
        assert isinstance(reply, WebhookReply)
        assert reply.body == json.loads(body)["challenge"].encode("utf-8", "replace")


def _is_json(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except ValueError:
        return False


@settings(max_examples=60)
@given(st.one_of(bent(list(RECORDED)), bent(SHOWN)))
@example({**RECORDED["button-pressed"], "enterprise": True})
def test_whatever_was_kept_is_prepared_and_read(slack: SlackApi, payload: Any) -> None:
    asyncio.run(_prepared(slack, payload))


async def _prepared(slack: SlackApi, payload: Any) -> None:
    try:
        event = arrived(payload, frozenset({TEAM}), APP)
    except ConnectorError:
        return
    if event is None:
        return
    async with aiohttp.ClientSession() as http:
        connector = SlackConnector(config_for(slack), kit_for(http))
        try:
            event = await connector.prepare(event)
        except ConnectorError:
            pass
        assert isinstance(event, ArrivedRaw)
        for each in connector.read(event):
            check_event(each)


@given(bent(SHOWN), st.one_of(ODD, st.lists(st.dictionaries(st.text(max_size=8), ODD), max_size=3)))
def test_whatever_stands_in_a_message_with_buttons_can_be_settled(payload: Any, blocks: Any) -> None:
    words = picked(payload)
    assert words is None or words.strip()
    assert isinstance(settled(blocks, words or "x"), list)


async def test_whatever_is_posted_to_the_door_is_kept_and_read_or_named(hub: Hub, slack: SlackApi) -> None:
    """Rightly signed, so that it comes as far as anything can; a wrong signature goes no further."""
    channel = await connect(hub, "slack", config_for(slack, "events"), "Slack")
    random = Random(3)
    whole = random.sample(list(RECORDED.values()), 14)
    bodies = [random.choice(list(spoiled(json.dumps(each).encode()))) for each in whole]
    async with running(hub, web_server=True, worker=True) as at_work, aiohttp.ClientSession() as http:
        url = f"{at_work.url}/hooks/{channel.id}"
        for body in bodies:
            headers = sealed(body)
            async with http.post(url, data=body, headers=headers) as answer:
                assert answer.status == 200
        async with http.post(url, data=body + b" ", headers=headers) as answer:
            assert answer.status == 401

        async def read() -> bool:
            pending = hub.store.journal.arrivals.find({"channel": channel.id, "outcome": None})
            return not await pending.to_list(1)

        await until(read, "all of it to be read", seconds=60)
    ends = await hub.store.journal.list_failed_arrivals(channel.id)
    assert {each.words for each in ends} <= {"This is nothing Slack would send."}
    kept = await hub.store.channels.find(channel.id)
    assert kept is not None
    assert kept.counts["forged"] == 1
