"""Everything that can be wrong with a request, as application/problem+json (RFC 9457)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from hub.auth.access import NotAllowed
from hub.auth.first_admin import AgentRefused
from hub.desk.asking import BadQuestion
from hub.desk.channels import ChannelProblem
from hub.desk.deeds import Changed, NotPossible
from hub.desk.drafting import DraftChanged
from hub.desk.replying import Held, NoSuchConversation
from hub.desk.saved_replies import BadReply
from hub.desk.saved_views import BadView
from hub.desk.uploading import FileTooLarge
from hub.hooks.endpoints import BadHook, NoSuchHook
from hub.hooks.log import NoSuchDelivery
from hub.outbox.preflight import NotSendable
from hub.store import StoreUnavailable
from hub.store.people import EmailTaken

Where = Literal["body", "query", "path", "header"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem; `words` are for the documentation."""

    status: int
    title: str
    words: str


KINDS: Mapping[str, Kind] = {
    "bad-json": Kind(400, "The body is not JSON", "The body could not be read as JSON in UTF-8."),
    "bad-request": Kind(400, "This is not a request", "The request itself is malformed."),
    "no-token": Kind(
        401, "A token is needed", "Send `Authorization: Bearer hub_…` with a token that is valid."
    ),
    "scope": Kind(403, "The token may not do this", "The token lacks the scope that this needs."),
    "not-allowed": Kind(403, "You may not do this", "The agent who made the token may not see or do this."),
    "not-found": Kind(404, "There is no such thing", "What the address names does not exist."),
    "wrong-method": Kind(405, "Wrong method", "The address exists but not for this method; see `Allow`."),
    "held": Kind(
        409,
        "Somebody has written meanwhile",
        "Something newer than `seen` has arrived, and nothing was sent. `newest` names it: read it, then "
        "send again with it as `seen`.",
    ),
    "changed": Kind(
        409, "Somebody else was faster", "It was changed at the same moment. Look and try again."
    ),
    "not-possible": Kind(409, "Not in this state", "The deed does not fit the state things are in."),
    "in-progress": Kind(
        409, "The first request is still at work", "The same Idempotency-Key is in use this very moment."
    ),
    "too-large": Kind(413, "The body is too large", "A body may have 4 MiB; a file, as much as is set."),
    "not-json": Kind(415, "The body must be JSON", "Send `Content-Type: application/json`."),
    "invalid": Kind(422, "Some fields are wrong", "`errors` names each wrong field and says why."),
    "not-sendable": Kind(
        422, "This cannot be sent", "The channel or the platform would refuse it; `detail` says why."
    ),
    "not-proven": Kind(
        422, "The platform does not let us in", "Nothing was kept; `detail` says what the platform said."
    ),
    "key-reused": Kind(
        422, "The Idempotency-Key was used for something else", "A new request needs a key of its own."
    ),
    "too-many": Kind(429, "Too many requests", "Wait as long as `Retry-After` says."),
    "broken": Kind(500, "We have made a mistake", "It is written down in our log."),
    "away": Kind(503, "The database is away", "Try again in a few seconds."),
}


class WrongField(BaseModel):
    """One thing that is wrong with the request."""

    where: Where
    name: str = Field(description="The field, with dots for what is inside: `filter.tags.0`.")
    message: str


class ProblemAnswer(BaseModel):
    """What every refusal looks like."""

    type: str = Field(description="Which kind of problem: the address of its explanation.")
    title: str
    status: int
    detail: str = Field(description="What is wrong this time, for people.")
    errors: list[WrongField] | None = Field(default=None, description="With the kind `invalid`.")
    newest: str | None = Field(default=None, description="With the kind `held`: the entry not yet seen.")
    reason: str | None = Field(default=None, description="Which sentence `detail` is: a code that stays.")


class Problem(Exception):
    """A request that is refused."""

    def __init__(
        self,
        kind: str,
        detail: str | None = None,
        *,
        errors: Sequence[WrongField] = (),
        newest: str | None = None,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or KINDS[kind].words)
        self.kind = kind
        self.errors = errors
        self.newest = newest
        self.reason = reason
        self.headers = headers or {}

    @property
    def status(self) -> int:
        return KINDS[self.kind].status

    def response(self) -> web.Response:
        shape = ProblemAnswer(
            type=f"/api/v1/docs#problem-{self.kind}",
            title=KINDS[self.kind].title,
            status=self.status,
            detail=str(self),
            errors=list(self.errors) or None,
            newest=self.newest,
            reason=self.reason,
        )
        text = shape.model_dump_json(exclude_none=True)
        return web.Response(
            text=text, status=self.status, content_type="application/problem+json", headers=self.headers
        )


def invalid(where: Where, name: str, message: str) -> Problem:
    return Problem("invalid", message, errors=[WrongField(where=where, name=name, message=message)])


def from_validation(problem: ValidationError, where: Where, *, tagged: bool = False) -> Problem:
    """Each wrong field by its name; a body that is no JSON at all is another kind. `tagged`: one of several
    shapes, whose own name stands before that of the field."""
    found = problem.errors(include_url=False, include_input=False, include_context=False)
    if any(each["type"] == "json_invalid" for each in found):
        return Problem("bad-json", f"{found[0]['msg']}.")
    errors = [
        WrongField(
            where=where, name=".".join(str(part) for part in each["loc"][tagged:]), message=each["msg"]
        )
        for each in found
    ]
    names = ", ".join(dict.fromkeys(each.name or "the body" for each in errors))
    return Problem("invalid", f"Wrong: {names}.", errors=errors)


def from_desk(problem: Exception) -> Problem | None:
    """What a deed or a view refused; None when it is not for us to explain."""
    match problem:
        case Held():
            return Problem("held", str(problem), newest=problem.newest, reason=problem.code)
        case NoSuchConversation():
            return Problem("not-found", str(problem), reason=problem.code)
        case NotAllowed():
            return Problem("not-allowed", str(problem), reason=problem.code)
        case Changed() | DraftChanged():
            return Problem("changed", str(problem), reason=problem.code)
        case FileTooLarge():
            return Problem("too-large", str(problem), reason=problem.code)
        case AgentRefused() if problem.code == "agent_gone":
            return Problem("not-found", str(problem), reason=problem.code)
        case NotPossible() | AgentRefused() | EmailTaken() | ChannelProblem():
            return Problem("not-possible", str(problem), reason=problem.code)
        case NotSendable():
            return Problem("not-sendable", str(problem), reason=problem.code)
        case NoSuchHook() | NoSuchDelivery():
            return Problem("not-found", str(problem), reason=problem.code)
        case BadHook():
            return invalid("body", problem.field, str(problem))
        case BadQuestion():
            return invalid("query", "q", str(problem))
        case BadReply():
            gone = problem.code == "saved_reply_gone"
            return Problem("not-found", str(problem)) if gone else invalid("body", "text", str(problem))
        case BadView():
            return invalid("body", "title", str(problem))
        case StoreUnavailable():
            return Problem("away", headers={"Retry-After": "5"})
    return None


def from_http(problem: web.HTTPException) -> Problem:
    """What the web server itself says no to: no such address, or not by this method."""
    match problem:
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(problem.allowed_methods))
            return Problem("wrong-method", f"Here is only: {allowed}.", headers={"Allow": allowed})
        case web.HTTPNotFound():
            return Problem("not-found", "There is nothing at this address.")
        case web.HTTPRequestEntityTooLarge():
            return Problem("too-large")
    return Problem("bad-request", problem.reason)
