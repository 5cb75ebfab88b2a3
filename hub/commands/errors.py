"""How a command ends that could not do what it was asked: one sentence on standard error, and its status.

0 fine, 1 it failed, 2 wrong usage or settings.
"""

import json

import click
import structlog
from pydantic import ValidationError

from config.settings import SettingsError
from hub.auth.access import NotAllowed
from hub.auth.first_admin import AgentRefused
from hub.auth.seal import SealError
from hub.commands.output import plain
from hub.contract.errors import ConnectorError
from hub.desk.channels import ChannelProblem
from hub.desk.deeds import Changed, NotPossible
from hub.desk.replying import Held, NoSuchConversation
from hub.outbox.preflight import NotSendable
from hub.registry import UnknownPlatform
from hub.store import StoreError, StoreUnavailable
from hub.store.media import MediaMissing, MediaTooLarge
from hub.store.people import EmailTaken

log = structlog.get_logger()

FAILED, WRONG = 1, 2


class Failure(Exception):
    """It cannot be done; the text says why, and what would help."""


class NotFound(Failure):
    """There is nothing by that name or id."""


SAYS_IT = (
    Failure, StoreError, SealError, NotSendable, NotAllowed, Held, UnknownPlatform, NoSuchConversation,
    Changed, NotPossible, AgentRefused, EmailTaken, MediaTooLarge, ChannelProblem, ConnectorError,
)  # fmt: skip


def explain(problem: BaseException) -> tuple[str, int]:
    """The sentence and the exit status."""
    match _innermost(problem):
        case click.UsageError() as usage:
            path = usage.ctx.command_path if usage.ctx else "hubbub"
            return f"{_ended(usage.format_message())} `{path} --help` tells what is possible.", WRONG
        case click.ClickException() as other:
            return _ended(other.format_message()), other.exit_code
        case click.Abort() | KeyboardInterrupt():
            return "Stopped.", FAILED
        case SettingsError() as settings:
            return str(settings), WRONG
        case StoreUnavailable():
            return "The database cannot be reached: `hubbub check` tells more.", FAILED
        case MediaMissing():
            return "The original file is not in the media store any more.", FAILED
        case ValidationError() as invalid:
            first = invalid.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            return f"A stored setting does not fit this version ({place}: {first['msg']}).", FAILED
        case BaseException() as said if isinstance(said, SAYS_IT):
            return _ended(str(said)), FAILED
        case OSError() as system:
            named = f"{system.filename}: " if system.filename else ""
            return f"{named}{system.strerror or system}.", FAILED
        case BaseException() as bug:
            log.debug("command failed", exc_info=bug)
            words = " ".join(str(bug).split())
            return (
                f"Something unforeseen happened ({type(bug).__name__}: {words[:200]}): "
                "HUBBUB_LOG__LEVEL=debug shows where.",
                FAILED,
            )


def tell(problem: BaseException, *, as_json: bool) -> int:
    """Say on standard error what went wrong. Returns the exit status."""
    sentence, status = explain(problem)
    if as_json:
        kind = type(_innermost(problem)).__name__
        click.echo(json.dumps({"error": sentence, "kind": kind, "status": status}), err=True)
    else:
        click.echo(f"hubbub: {plain(sentence)}", err=True)
    return status


def _innermost(problem: BaseException) -> BaseException:
    """What happened in a task group that ran one thing: the first that is not a mere cancellation."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return problem


def _ended(words: str) -> str:
    words = " ".join(words.split())
    return words if words.endswith((".", "!", "?", ")")) else f"{words}."
