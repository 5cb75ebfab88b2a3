"""Webhooks: signatures, ownership checks, and parsing that nothing can upset."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from multidict import CIMultiDict

from hub.contract.connector import Connector, TakesWebhooks
from hub.contract.errors import ConnectorError, SignatureInvalid
from hub.contract.inbound import WebhookRequest
from tests.conformance_kit.harness import Broken, Check, Harness, require
from tests.conformance_kit.receiving import check_event

HOOKS = (TakesWebhooks,)


async def recorded(harness: Harness) -> tuple[TakesWebhooks, Sequence[WebhookRequest]]:
    """A connector that never connected, and what the platform posts when customers write."""
    await harness.arrive(2)
    requests = await harness.requests()
    require(requests, "The harness has no webhook requests although something arrived.")
    connector: Connector[Any] = harness.make()
    assert isinstance(connector, TakesWebhooks)
    return connector, requests


async def the_platforms_own_requests_are_accepted(harness: Harness) -> None:
    hooks, requests = await recorded(harness)
    for request in requests:
        try:
            hooks.verify(request)
        except ConnectorError as problem:
            raise Broken(f"A rightly signed request is refused: {problem}") from problem
        if hooks.challenge(request) is not None:
            raise Broken("An ordinary request is taken for an ownership check.")
    events = [event for request in requests for event in hooks.parse(request)]
    require(len({event.key for event in events}) >= 2, "Two messages were posted, fewer events were parsed.")


async def verify_refuses_changed_bytes(harness: Harness) -> None:
    if not harness.signs_body:
        return
    hooks, requests = await recorded(harness)
    for request in requests:
        body = request.body
        for changed in (body + b" ", body[:-1], bytes([body[0] ^ 1]) + body[1:], b""):
            _refuses(hooks, replace(request, body=changed), "A body changed after signing is accepted.")


async def verify_refuses_a_missing_or_wrong_signature(harness: Harness) -> None:
    hooks, requests = await recorded(harness)
    nothing: Mapping[str, str] = CIMultiDict()
    _refuses(hooks, replace(requests[0], headers=nothing), "A request without a signature is accepted.")
    for rubbish in ("", "x", "sha256=", "v1=00", "é" * 64, "0" * 64, "\ud800"):
        headers = CIMultiDict(dict.fromkeys(requests[0].headers, rubbish))
        _refuses(hooks, replace(requests[0], headers=headers), f"The signature {rubbish!r} is accepted.")


async def verify_refuses_an_old_signature(harness: Harness) -> None:
    if not harness.signs_time:
        return
    hooks, requests = await recorded(harness)
    _refuses(
        hooks, harness.aged(requests[0]), "A request signed an hour ago is accepted: it can be replayed."
    )


def _refuses(hooks: TakesWebhooks, request: WebhookRequest, otherwise: str) -> None:
    try:
        hooks.verify(request)
    except SignatureInvalid:
        return
    except Exception as problem:
        raise Broken(f"verify raises {type(problem).__name__} instead of SignatureInvalid.") from problem
    raise Broken(otherwise)


async def the_ownership_check_is_answered(harness: Harness) -> None:
    asked = harness.challenge()
    if asked is None:
        return
    request, wanted = asked
    hooks = harness.make()
    assert isinstance(hooks, TakesWebhooks)
    reply = hooks.challenge(request)
    require(reply is not None and reply.body == wanted, f"The ownership check is answered with {reply}.")
    require(reply is not None and reply.status == 200, "The ownership check is refused.")
    for query in ({}, dict.fromkeys(request.query, ""), dict.fromkeys(request.query, "x\ud800")):
        strange = replace(request, query=query, body=b"")
        try:
            answer = hooks.challenge(strange)
        except SignatureInvalid:
            continue
        except Exception as problem:
            raise Broken(f"A strange ownership check raises {type(problem).__name__}.") from problem
        passed = answer is not None and answer.status == 200 and answer.body == wanted
        require(not passed, "An ownership check that proves nothing is passed.")


async def parsing_twice_gives_equal_events(harness: Harness) -> None:
    hooks, requests = await recorded(harness)
    other = harness.make()
    assert isinstance(other, TakesWebhooks)
    for request in requests:
        once = list(hooks.parse(request))
        require(once == list(hooks.parse(request)), "Parsing the same request twice gives different events.")
        require(once == list(other.parse(request)), "Another connector of the channel parses it differently.")


async def parsed_events_are_well_formed(harness: Harness) -> None:
    hooks, requests = await recorded(harness)
    for request in requests:
        for event in hooks.parse(request):
            check_event(event)


async def what_is_for_another_account_is_left_alone(harness: Harness) -> None:
    request = harness.for_another()
    if request is None:
        return
    hooks = harness.make()
    assert isinstance(hooks, TakesWebhooks)
    require(not hooks.parse(request), "What is addressed to another account becomes our event.")


async def rubbish_raises_only_contract_errors(harness: Harness) -> None:
    hooks, requests = await recorded(harness)
    plain = (b"", b"null", b"[]", b"{", b"{}", b"3", b'"x"', b"\xff\xfe", b"[" * 5000, b'{"a":' * 3, b"a=b&c")
    for body in (*plain, *spoiled(requests[0].body)):
        try:
            for event in hooks.parse(replace(requests[0], body=body)):
                check_event(event)
        except ConnectorError:
            continue
        except Broken:
            raise
        except Exception as problem:
            raise Broken(f"parse raises {type(problem).__name__} on {body[:200]!r}") from problem


def spoiled(body: bytes) -> Iterator[bytes]:
    """A true body, spoiled in one place each: cut short, a value missing, a value of another kind."""
    yield from (body[: len(body) * part // 4] for part in (1, 2, 3))
    try:
        whole = json.loads(body)
    except ValueError:
        return
    for path in _paths(whole):
        for value in (_MISSING, None, 3, -1e300, True, "x", "\ud800", [], [None], {}, {"x": {}}):
            yield json.dumps(_changed(whole, path, value)).encode()


_MISSING = object()


def _paths(value: Any, so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, item in inside:
        yield (*so_far, key)
        yield from _paths(item, (*so_far, key))


def _changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(value, dict):
        items = {name: _changed(item, rest, new) if name == key else item for name, item in value.items()}
        return {name: item for name, item in items.items() if item is not _MISSING}
    items_list = [_changed(item, rest, new) if index == key else item for index, item in enumerate(value)]
    return [item for item in items_list if item is not _MISSING]


CHECKS = (
    Check("the platform's own requests are accepted", the_platforms_own_requests_are_accepted, HOOKS),
    Check("verify refuses changed bytes", verify_refuses_changed_bytes, HOOKS),
    Check("verify refuses a missing or wrong signature", verify_refuses_a_missing_or_wrong_signature, HOOKS),
    Check("verify refuses an old signature", verify_refuses_an_old_signature, HOOKS),
    Check("the ownership check is answered", the_ownership_check_is_answered, HOOKS),
    Check("parsing twice gives equal events", parsing_twice_gives_equal_events, HOOKS),
    Check("parsed events are well formed", parsed_events_are_well_formed, HOOKS),
    Check("what is for another account is left alone", what_is_for_another_account_is_left_alone, HOOKS),
    Check("rubbish raises only contract errors", rubbish_raises_only_contract_errors, HOOKS),
)
