"""What the web chat's envelopes say, each recorded in its wire form and named for what is odd about it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from connectors.webchat import wire
from hub.contract.errors import PayloadUnrecognised, SignatureInvalid
from hub.contract.inbound import (
    Ignored,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    ReceiptReceived,
    ThreadMoved,
)
from tests.conformance_kit.receiving import check_event
from tests.conformance_kit.webhooks import spoiled

PAYLOADS = Path(__file__).parent / "payloads"
NAMES = sorted(path.stem for path in PAYLOADS.iterdir())
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
REFUSED = {
    "10001-characters",
    "events-not-a-list",
    "message-without-id",
    "moment-without-zone",
    "no-visitor",
    "reaction-without-emoji",
    "version-two",
}
TEXTS = {
    "plain-text": "Does the lamp get hot?",
    "emoji-only": "👍🏽",
    "right-to-left": "هل المصباح ساخن؟",
    "10000-characters": "x" * 10_000,
    "script-in-the-text": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "picture-without-words": "",
    "nul-and-lone-surrogate": "ab?",
}
OTHERS: dict[str, list[type[InboundEvent]]] = {
    "message-then-read-in-one": [MessageReceived, ReceiptReceived],
    "batch-of-three-messages": [MessageReceived] * 3,
    "read-two-lines": [ReceiptReceived] * 2,
    "received-and-not-yet-read": [ReceiptReceived],
    "read-a-line-of-somebody-else": [],
    "edited": [MessageEdited],
    "edited-under-the-key-before-signing-in": [MessageEdited],
    "reaction-in-place-of-another": [ReactionChanged, ReactionChanged],
    "taken-back": [MessageDeleted],
    "signed-in-in-the-middle": [ThreadMoved],
    "kind-of-a-newer-widget": [Ignored],
}


def body_of(name: str) -> bytes:
    return (PAYLOADS / f"{name}.json").read_bytes()


def message_of(name: str) -> MessageReceived:
    event = wire.read(body_of(name))[0]
    assert isinstance(event, MessageReceived)
    return event


@pytest.mark.parametrize("name", NAMES)
def test_every_payload_becomes_well_formed_events_or_is_refused(name: str) -> None:
    if name in REFUSED:
        with pytest.raises(PayloadUnrecognised):
            wire.read(body_of(name))
        return
    events = wire.read(body_of(name))
    for event in events:
        check_event(event)
    if name in OTHERS:
        assert [type(event) for event in events] == OTHERS[name]
    else:
        assert {type(event) for event in events} == {MessageReceived}


def test_texts_are_what_was_typed() -> None:
    assert {name: message_of(name).content.text for name in TEXTS} == TEXTS


def test_only_an_address_that_the_site_vouches_for_is_theirs() -> None:
    authors = {name: message_of(name).author for name in NAMES if name not in REFUSED and name not in OTHERS}
    vouched = {name for name, author in authors.items() if author.email}
    assert vouched == {"signed-in-with-a-vouched-address"}
    typed = authors["typed-name-and-address"]
    assert (typed.name, typed.email, typed.claimed) == ("Maria Sousa", None, ("maria@customer.example",))
    assert authors["signed-in-with-a-vouched-address"].claimed == ()
    assert authors["nameless-visitor"].name == wire.guest_name("v.kJ3wqZ0mT5mPpV1x9bYc2A")


def test_a_message_is_named_within_its_visitors_own_and_repeats_itself_under_one_key() -> None:
    first, second = wire.read(body_of("same-message-twice"))
    assert first.key == second.key
    assert message_of("user-id-with-slash-and-colon").message.startswith("u.tenant:7/user 9/m-")


def test_files_go_by_where_they_are_kept_and_what_was_answered_is_there() -> None:
    files = message_of("three-files-and-words").content.attachments
    assert [(each.name, each.mime, each.stored) for each in files] == [
        ("a.pdf", "application/pdf", "9f" * 32),
        ("b.pdf", "application/pdf", "9f" * 32),
        ("c", "application/octet-stream", "9f" * 32),
    ]
    assert message_of("answers-what-the-widget-said-first").content.rest == "May we help you choose?"
    assert message_of("moment-in-another-zone").at == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_what_is_answered_changed_and_reacted_to_goes_by_the_name_it_was_given() -> None:
    assert (
        message_of("answers-a-line-of-ours").reply_to == "v.kJ3wqZ0mT5mPpV1x9bYc2A/019300000000aaaaaaaaaaaa"
    )
    assert message_of("plain-text").reply_to is None
    [edited] = wire.read(body_of("edited-under-the-key-before-signing-in"))
    assert isinstance(edited, MessageEdited)
    assert (edited.thread.key, edited.message.partition("/")[0]) == ("u.4711", "v.kJ3wqZ0mT5mPpV1x9bYc2A")
    reactions = wire.read(body_of("reaction-in-place-of-another"))
    told = [(each.emoji, each.on) for each in reactions if isinstance(each, ReactionChanged)]
    assert told == [("👍", False), ("❤️", True)]
    assert reactions[0].key != reactions[1].key


@pytest.mark.parametrize("name", NAMES)
def test_a_spoiled_payload_raises_only_contract_errors(name: str) -> None:
    if len(body_of(name)) > 5000:
        return
    for body in spoiled(json.dumps(json.loads(body_of(name))).encode()):
        _reads_or_refuses(body)


def _reads_or_refuses(body: bytes) -> None:
    try:
        events: Sequence[InboundEvent] = wire.read(body)
    except PayloadUnrecognised:
        return
    for event in events:
        check_event(event)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = (
    "type",
    "id",
    "at",
    "text",
    "files",
    "lines",
    "old",
    "greeting",
    "under",
    "emoji",
    "on",
    "reply_to",
)
_EVENTS = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from([*wire.KINDS, "?"]), "at": st.just("2026-11-23T10:00:00Z") | _VALUES},
        optional={
            name: _VALUES | st.text("abc-", min_size=8, max_size=9) for name in _FIELDS[1:] if name != "at"
        },
    ),
    max_size=3,
)


@settings(max_examples=40)
@given(visitor=_VALUES | st.fixed_dictionaries({"key": st.text(max_size=5)}), events=_EVENTS | _VALUES)
def test_whatever_is_in_an_envelope_only_contract_errors_come_out(visitor: Any, events: Any) -> None:
    _reads_or_refuses(json.dumps({"v": 1, "visitor": visitor, "events": events}).encode())


@settings(max_examples=40)
@given(st.binary(max_size=60), st.text(max_size=90))
def test_nothing_passes_for_signed_that_is_not(body: bytes, signature: str) -> None:
    wire.verify("secret", wire.sign("secret", body, NOW), body, NOW)
    for headers, what in (
        (CIMultiDict({wire.SIGNATURE: signature}), body),
        (wire.sign("another", body, NOW), body),
        (wire.sign("secret", body, NOW), body + b"x"),
    ):
        with pytest.raises(SignatureInvalid):
            wire.verify("secret", headers, what, NOW)
