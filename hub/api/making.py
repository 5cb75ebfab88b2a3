"""Rows of the table, in few words: what reads, what writes."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import BaseModel

from hub.api.route import Answer, AnyRoute, Call, Route
from hub.model.sign_ins import Scope

Asked = TypeVar("Asked", bound=BaseModel)
Handler = Callable[[Call, Asked], Awaitable[Answer]]


def reading(
    path: str,
    name: str,
    summary: str,
    handler: Handler[Asked],
    asks: type[Asked],
    answers: type[BaseModel] | None,
    *refusals: str,
    scope: Scope = Scope.READ,
) -> AnyRoute:
    return Route(
        method="GET",
        path=path,
        name=name,
        summary=summary,
        handler=handler,
        asks=asks,
        answers=answers,
        scope=scope,
        refusals=refusals,
    )


def writing(
    method: str,
    path: str,
    name: str,
    summary: str,
    handler: Handler[Asked],
    asks: type[Asked],
    answers: type[BaseModel],
    *refusals: str,
    status: int = 200,
    scope: Scope = Scope.WRITE,
    untold: str = "",
    takes_bytes: bool = False,
) -> AnyRoute:
    return Route(
        method=method,
        path=path,
        name=name,
        summary=summary,
        handler=handler,
        asks=asks,
        answers=answers,
        scope=scope,
        refusals=refusals,
        status=status,
        untold=untold,
        takes_bytes=takes_bytes,
    )
