"""Logs: one line per thing that happened, a sentence with fields, for people (console) or machines (JSON).

Ours and the libraries' go through the same processors. Whoever writes a line leaves out message texts,
addresses and secrets; `scrub` is the second net, for the address in a server's error and the token in a URL.
"""

import logging
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, TextIO

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from structlog.typing import EventDict, Processor, WrappedLogger

# They write message bodies, database documents or addresses with tokens in them below this level.
TALKATIVE = (
    "aiosmtplib",
    "asyncio",
    "httpcore",
    "httpx",
    "imapclient",
    "motor",
    "pymongo",
    "slack_bolt",
    "slack_sdk",
    "telegram",
)

SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)|secret|token|authori[sz]ation|cookie|api_?key|credential", re.IGNORECASE
)
LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]"
SUSPICIOUS = re.compile(r"[@:=+]|xox|xapp|bearer|basic|xoauth2", re.IGNORECASE)  # what every net below needs
NETS = (
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s]*@"), "[secret]@"),
    (re.compile(r"\b(bearer|basic|xoauth2)\s+[\w.~+/=-]{8,}", re.IGNORECASE), r"\1 [secret]"),
    (re.compile(r"\bbot\d{5,}:[\w-]{20,}"), "bot[secret]"),
    (re.compile(r"\bxox[a-z]-[\w-]+|\bxapp-[\w-]+"), "[secret]"),
    (
        re.compile(
            r"""((?:pass(?:word|wd)?|secret|token|api_?key|signature|code)["']?\s*[=:]\s*["']?)(?!\[secret)[^\s"'&,;}\]]+""",
            re.IGNORECASE,
        ),
        r"\1[secret]",
    ),
    # It may begin only where a word begins: without the look behind, a long word costs its length squared.
    (re.compile(rf"(?<!{LOCAL}){LOCAL}+@[\w-]+(?:\.[\w-]+)*"), "[address]"),
    (re.compile(r"(?<![\w.:])\+\d[\d ().-]{7,}\d"), "[number]"),
)
LONGEST = 2_000  # characters; ten times as much for a traceback
CONTROL = {number: f"\\x{number:02x}" for number in (*range(32), 127)} | {10: "\\n", 13: "\\r", 9: "\\t"}


def set_up_logging(format: Literal["console", "json"], level: str, stream: TextIO | None = None) -> None:
    """Send every log line of the process, from `level` up, to `stream` (default: standard error)."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(_formatter(format, shared, handler.stream))
    root = logging.getLogger()
    for former in [former for former in root.handlers if isinstance(former, _Handler)]:
        root.removeHandler(former)
    root.addHandler(handler)
    number = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(number)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
    logging.captureWarnings(True)


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, so that setting up again replaces it and leaves everybody else's in place."""


def _formatter(format: str, shared: list[Processor], stream: TextIO) -> logging.Formatter:
    line: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if format == "console":
        plain = structlog.dev.plain_traceback
        line = structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), _drop_leftovers, *shared],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # Plain on purpose: the richer ones print local variables, and with them message texts.
            structlog.processors.format_exc_info,
            scrub,
            line,
        ],
    )


def _drop_leftovers(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Another handler's formatter leaves these on the record, where they look like fields."""
    event.pop("message", None)
    event.pop("asctime", None)
    return event


# ---------------------------------------------------------------- the second net


def scrub(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Mask secrets, addresses and telephone numbers in every value, and keep a line a line."""
    return {name: _clean(name, value) for name, value in event.items()}


def _clean(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if name == "timestamp":
        return value
    if _is_secret(name):
        return "[secret]"
    if isinstance(value, Mapping):
        return {_mask(str(key)): _clean(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    text = value if isinstance(value, str) else str(value)
    # Cut to what is kept only after masking: the cut could go through a secret and hide it from the nets.
    text = _mask(_cut(text, 10 * LONGEST))
    if name == "exception":
        return text
    text = _cut(text, LONGEST)
    return text if text.isprintable() else text.translate(CONTROL)


@lru_cache(maxsize=512)
def _is_secret(name: str) -> bool:
    return SECRET_NAME.search(name) is not None


def _cut(text: str, length: int) -> str:
    """The beginning and the end of a text that is too long: a traceback says at its end what happened."""
    return text if len(text) <= length else f"{text[: length // 2]} [...] {text[-length // 2 :]}"


def _mask(text: str) -> str:
    if not SUSPICIOUS.search(text):
        return text
    for net, instead in NETS:
        text = net.sub(instead, text)
    return text


# ---------------------------------------------------------------- requests


class AccessLog(AbstractAccessLogger):
    """One line per request: the route, not the query string, which may hold a token, nor who asked."""

    @property
    def enabled(self) -> bool:
        return self.logger.isEnabledFor(logging.INFO)

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        resource = request.match_info.route.resource if isinstance(request, web.Request) else None
        self.logger.info(
            "request answered",
            extra={
                "method": request.method,
                "route": resource.canonical if resource else request.path,
                "status": response.status,
                "milliseconds": round(time * 1000, 1),
                "bytes": response.body_length,
            },
        )
