"""One row of the table that the API is made of: what answers, what it takes, what it gives.

The handlers, the checks before them and the OpenAPI document all come from these rows.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from hub.api.bodies import Nothing, Query
from hub.auth import Auth
from hub.desk.replying import Desk
from hub.hooks import Webhooks
from hub.model.ids import derived_id
from hub.model.people import Agent
from hub.model.sign_ins import ApiToken, Scope
from hub.store.answers import Answers

Asked = TypeVar("Asked", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who calls, and on what."""

    desk: Desk
    hooks: Webhooks
    auth: Auth
    answers: Answers  # of calls with a key
    agent: Agent
    token: ApiToken
    path: Mapping[str, str]
    key: str | None = None  # the Idempotency-Key
    address: str = ""  # where the request comes from
    content: AsyncIterator[bytes] | bytes = b""  # of a file that is sent to us


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """A file, as the answer to a call."""

    name: str
    content: AsyncIterator[bytes]


def answer_id(token: ApiToken, key: str) -> str:
    """Under which the answer to a call with this Idempotency-Key is kept."""
    return derived_id("answer", token.id, key)


Answer = BaseModel | Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Generic[Asked]):
    """`asks`: the model of the body of a POST, else of the query."""

    method: str
    path: str
    name: str
    summary: str
    handler: Callable[[Call, Asked], Awaitable[Answer]]
    asks: type[Asked]
    answers: type[BaseModel] | None  # None: the bytes of a file
    scope: Scope = Scope.READ
    status: int = 200
    takes_bytes: bool = False  # the body is a file
    untold: str = ""  # a field of the answer that is told once: not kept for repeated requests
    refusals: tuple[str, ...] = field(default=())  # kinds of problems, beside those that every call may get

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def has_body(self) -> bool:
        return self.writes and not issubclass(self.asks, Query)

    @property
    def has_query(self) -> bool:
        return issubclass(self.asks, Query) and not (self.writes and self.asks is Nothing)

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind of problem that may come back."""
        kinds = {"bad-request", "no-token", "scope", "not-allowed", "invalid", "too-many", "broken", "away"}
        if "{" in self.path:
            kinds.add("not-found")
        if self.writes:
            kinds |= {"too-large", "key-reused", "in-progress"}
        if self.has_body:
            kinds |= {"bad-json", "not-json"}
        return frozenset(kinds | set(self.refusals))


AnyRoute = Route[Any]
