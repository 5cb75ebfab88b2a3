"""What stands in the logs, and what never does."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog
from aiohttp import ClientSession, web
from pydantic import SecretStr

from config.logging import AccessLog, set_up_logging


@pytest.fixture(autouse=True)
def _loggers_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    logging.captureWarnings(False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def lines() -> io.StringIO:
    stream = io.StringIO()
    set_up_logging("json", "info", stream)
    return stream


def last(stream: io.StringIO) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(stream.getvalue().splitlines()[-1])
    return parsed


def test_a_line_is_a_sentence_with_fields(lines: io.StringIO) -> None:
    structlog.get_logger("hub.outbox").info("delivery failed", channel="c1", attempt=3, because=None)
    line = last(lines)
    assert datetime.fromisoformat(str(line.pop("timestamp"))).tzinfo == UTC
    assert line == {
        "event": "delivery failed",
        "level": "info",
        "logger": "hub.outbox",
        "channel": "c1",
        "attempt": 3,
        "because": None,
    }


def test_the_standard_library_speaks_the_same_way(lines: io.StringIO) -> None:
    logging.getLogger("hub.outbox").warning("delivery %s failed", "d1", extra={"channel": "c1"})
    line = last(lines)
    assert (line["event"], line["channel"], line["level"]) == ("delivery d1 failed", "c1", "warning")


def test_a_channel_bound_to_a_task_stands_on_each_of_its_lines(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(channel="c1"):
        structlog.get_logger().info("polled")
        logging.getLogger("aiohttp.client").info("asked")
    assert [json.loads(line)["channel"] for line in lines.getvalue().splitlines()] == ["c1", "c1"]


def test_only_lines_from_the_chosen_level_up_are_written() -> None:
    stream = io.StringIO()
    set_up_logging("json", "warning", stream)
    structlog.get_logger("hub.x").info("quiet")
    structlog.get_logger("hub.x").warning("loud")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["loud"]


def test_libraries_that_tell_too_much_stay_silent_even_when_everything_is_asked_for() -> None:
    stream = io.StringIO()
    set_up_logging("json", "debug", stream)
    for name in ("pymongo.command", "imapclient", "httpx"):
        logging.getLogger(name).info("text of a customer")
    structlog.get_logger("hub.x").debug("ours")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["ours"]


def test_setting_up_again_replaces_the_former(lines: io.StringIO) -> None:
    again = io.StringIO()
    set_up_logging("console", "info", again)
    logging.getLogger("hub.x").info("once")
    assert lines.getvalue() == ""
    assert again.getvalue().count("once") == 1


def test_warnings_of_libraries_become_lines(lines: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("motor is old", DeprecationWarning, stacklevel=1)
    assert "motor is old" in str(last(lines)["event"])
    assert last(lines)["logger"] == "py.warnings"


@pytest.mark.parametrize("style", ["console", "json"])
@pytest.mark.parametrize(
    ("text", "leaked"),
    [
        ("550 no such user ana.müller+x@example.com here", "ana"),
        ("550 <ana@localhost>", "ana"),
        ("Authorization: Bearer abcdef0123456789.x-y_z", "abcdef"),
        ("AUTH XOAUTH2 dXNlcj1hbmFAZXhhbXBsZS5jb20B", "dXNlcj"),
        ("cannot reach mongodb://hub:hunter2@db.example:27017/x", "hunter2"),
        ("redis://:hunter2@cache/0", "hunter2"),
        ("GET https://hub.example/cb?code=hunter2&state=5", "hunter2"),
        ("refused: password=hunter2, host=mail", "hunter2"),
        ('{"client_secret": "hunter2"}', "hunter2"),
        ("POST https://api.telegram.org/bot123456789:AAExxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/getMe", "AAEx"),
        ("token xoxb-123-456-abcdef refused", "abcdef"),
        ("message to +49 (170) 1234-567 refused", "1234"),
    ],
)  # fmt: skip
def test_addresses_and_secrets_are_masked_wherever_they_stand(style: str, text: str, leaked: str) -> None:
    stream = io.StringIO()
    set_up_logging("json" if style == "json" else "console", "info", stream)
    log = structlog.get_logger("hub.x")
    log.info(text)
    log.info("in a field", reason=text, problem=ValueError(text), nested={"list": [text], text: 1})
    try:
        raise ConnectionError(text)
    except ConnectionError:
        log.exception("in a traceback")
    logging.getLogger("aiohttp.server").error("from %s", text)
    assert leaked not in stream.getvalue()
    assert "in a traceback" in stream.getvalue()


def test_fields_named_for_a_secret_are_masked_whatever_they_hold(lines: io.StringIO) -> None:
    structlog.get_logger().info(
        "signed in", access_token="x", Password="y", set_cookie=["z"], key=SecretStr("hunter2")
    )
    line = last(lines)
    assert (line["access_token"], line["Password"], line["set_cookie"]) == (
        "[secret]",
        "[secret]",
        "[secret]",
    )
    assert "hunter2" not in str(line)


def test_ids_moments_and_counts_are_left_alone(lines: io.StringIO) -> None:
    at = datetime(2026, 11, 23, 12, 0, 0, 5, tzinfo=UTC)
    structlog.get_logger().info(
        "12 of 300 done", conversation="6560f1a2b3c4d5e6f7a8b9c0", at=at, ok=True, tokens_left=5
    )
    line = last(lines)
    assert line["event"] == "12 of 300 done"
    assert (line["conversation"], line["at"]) == (
        "6560f1a2b3c4d5e6f7a8b9c0",
        "2026-11-23T12:00:00.000005+00:00",
    )
    assert (line["ok"], line["tokens_left"]) == (True, 5)


def test_a_value_too_long_for_a_line_is_cut_in_the_middle(lines: io.StringIO) -> None:
    structlog.get_logger().info("refused", reason="begin " + "a" * 1_000_000 + " end")
    reason = str(last(lines)["reason"])
    assert len(reason) < 3000
    assert reason.startswith("begin a")
    assert reason.endswith("a end")


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_value_cannot_forge_a_line(style: str) -> None:
    stream = io.StringIO()
    set_up_logging("json" if style == "json" else "console", "info", stream)
    structlog.get_logger().info("subject\r\nfake line", reason="a\nb\x1b[31m", items=["c\nd"])
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


def test_a_traceback_shows_no_local_variables() -> None:
    for style in ("console", "json"):
        stream = io.StringIO()
        set_up_logging("json" if style == "json" else "console", "info", stream)
        try:
            text_of_the_customer = "my " + "diagnosis"
            raise LookupError(len(text_of_the_customer))
        except LookupError:
            logging.getLogger("hub.x").exception("step failed")
        assert "LookupError: 12" in stream.getvalue()
        assert "my diagnosis" not in stream.getvalue()


async def test_a_request_is_logged_by_its_route_without_its_query(lines: io.StringIO) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/hooks/{secret}", answer)
    runner = web.AppRunner(app, access_log_class=AccessLog)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    async with (
        ClientSession() as http,
        http.get(f"http://{host}:{port}/hooks/s3cr3t?token=hunter2") as response,
    ):
        assert response.status == 200
    await runner.cleanup()
    (line,) = [json.loads(text) for text in lines.getvalue().splitlines() if "answered" in text]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/hooks/{secret}", 200)
    assert "s3cr3t" not in lines.getvalue()
    assert "hunter2" not in lines.getvalue()
