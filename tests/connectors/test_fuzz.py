"""Whatever is posted or kept: `verify`, `parse` and `read` raise errors of the contract, and no others."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from hub.app import CONNECTORS
from hub.contract.connector import ReadsRaw, TakesWebhooks
from hub.contract.errors import PayloadUnrecognised, SignatureInvalid
from hub.contract.inbound import WebhookRequest
from tests.conformance_kit.receiving import check_event
from tests.connectors.subjects import SUBJECTS

WHOLE = {platform: make() for platform, make in SUBJECTS.items()}
POSTING = [name for name, subject in WHOLE.items() if isinstance(subject.connector, TakesWebhooks)]
READING = [name for name, subject in WHOLE.items() if isinstance(subject.connector, ReadsRaw)]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(
        st.sampled_from(["id", "text", "type", "chat", "from", "date"]), st.integers(), max_size=2
    ),
)


def test_every_connector_is_fuzzed() -> None:
    assert SUBJECTS.keys() == CONNECTORS.keys()
    for platform, each in WHOLE.items():
        assert each.raw or each.posts, platform
        assert bool(each.posts) == isinstance(each.connector, TakesWebhooks), platform


@st.composite
def spoiled(draw: st.DrawFn, body: bytes) -> bytes:
    """The body with something in it changed: a value of its JSON, or some of its bytes."""
    found = _loaded(body)
    if found is None or draw(st.booleans()):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 40)))
        return body[:start] + draw(st.binary(max_size=12)) + body[end:]
    places = list(_places(found))
    for path in draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)) if places else ():
        _put(found, path, draw(ODD))
    return _dumped(found)


@pytest.mark.parametrize("platform", POSTING)
@settings(max_examples=40)
@given(st.data())
def test_any_post_is_verified_and_parsed_or_refused_in_the_contracts_words(
    platform: str, data: st.DataObject
) -> None:
    connector: Any = WHOLE[platform].connector
    post = data.draw(st.sampled_from(WHOLE[platform].posts), label="post")
    body = data.draw(spoiled(post.body), label="body")
    try:
        for event in connector.parse(replace(post, body=body)):
            check_event(event)
    except PayloadUnrecognised:
        pass
    refuses(connector, strange(post, body, data))


def strange(post: WebhookRequest, body: bytes, data: st.DataObject) -> WebhookRequest:
    """One or more headers replaced by something else, or left out."""
    headers = CIMultiDict(post.headers)
    signing = [name for name in headers if name.lower() != "content-type"]
    assert signing, "nothing proves that this request is the platform's"
    for name in signing:
        given = data.draw(st.one_of(st.none(), st.text(max_size=30)), label=name)
        del headers[name]
        if given is not None:
            headers[name] = given
    return replace(post, headers=headers, body=body)


def refuses(connector: TakesWebhooks, request: WebhookRequest) -> None:
    with pytest.raises(SignatureInvalid):
        connector.verify(request)


@pytest.mark.parametrize("platform", POSTING)
def test_what_was_recorded_is_signed_rightly(platform: str) -> None:
    """The set-up of the test above is one that could succeed."""
    connector: Any = WHOLE[platform].connector
    for post in WHOLE[platform].posts:
        connector.verify(post)
    read = [_parsed(connector, post) for post in WHOLE[platform].posts]
    assert sum(map(bool, read)) > len(read) / 2


def _parsed(connector: TakesWebhooks, post: WebhookRequest) -> int:
    """How many events there are in it; some are recorded because they are refused."""
    try:
        return len(connector.parse(post))
    except PayloadUnrecognised:
        return 0


@pytest.mark.parametrize("platform", READING)
@settings(max_examples=40)
@given(st.data())
def test_whatever_was_kept_is_read(platform: str, data: st.DataObject) -> None:
    connector: Any = WHOLE[platform].connector
    kept = data.draw(st.sampled_from(WHOLE[platform].raw), label="kept")
    body = data.draw(spoiled(kept.body), label="body")
    read = connector.read(replace(kept, body=body))
    assert read
    for event in read:
        check_event(event)


# JSON, taken apart and put together


def _loaded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _dumped(found: Any) -> bytes:
    return json.dumps(found).encode("utf-8", "surrogatepass")


def _places(found: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    within = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in within:
        yield (*path, key)
        yield from _places(value, (*path, key))


def _put(found: Any, path: tuple[str | int, ...], value: object) -> None:
    """Where an earlier change left nothing of the path, nothing happens."""
    try:
        for key in path[:-1]:
            found = found[key]
        found[path[-1]] = value
    except (LookupError, TypeError):
        return
