"""The OpenAPI 3.1 document, made from the same table and models that answer the calls."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from hub.api.bodies import KEY_PATTERN, Nothing
from hub.api.hook_shapes import ABOUT, Telling
from hub.api.problems import KINDS, ProblemAnswer
from hub.api.rates import ALL, WRITES
from hub.api.route import AnyRoute
from hub.hooks.kinds import KINDS as KINDS_TOLD
from hub.hooks.kinds import TEST

Json = dict[str, Any]
VERSION = "1.0.0"  # of the API: what breaks a caller raises the first number and the address
REF = "#/components/schemas/{model}"
WORDS = f"""\
What one can do in the inbox, for programs. Only on the pages: one's password, second factor and looks.

Each call carries a token of an agent and may do what that agent
may, narrowed by the scopes of the token: `read`, `write` (and read), `admin` (everything).

Lists come in pages: send `next` as `cursor` to read on. Every refusal is application/problem+json and names
its kind. A write may carry an `Idempotency-Key`: repeated within a day it is done once and answered the same.
A token has {ALL.requests} calls a minute, {WRITES.requests} of them writes; the headers `RateLimit` and
`RateLimit-Policy` tell what is left, as counted by the process that answers: with several web processes
it is at least that much."""


def document(table: Mapping[str, Sequence[AnyRoute]]) -> Json:
    """The whole document. The same table gives the same document."""
    routes = [route for group in table.values() for route in group]
    names, schemas = _schemas(routes)
    paths: dict[str, Json] = {}
    for tag, group in table.items():
        for route in group:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, tag, names)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hubbub", "version": VERSION, "description": WORDS},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "tags": [{"name": tag} for tag in table],
        "paths": paths,
        "webhooks": {kind: _told(kind, names[about]) for kind, about in ABOUT.items()},
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of an agent: `hub_…`.",
                }
            },
        },
    }


Names = Mapping[type[BaseModel], Json]


def _schemas(routes: Iterable[AnyRoute]) -> tuple[Names, Json]:
    """A reference for each model that is asked or answered, and the schemas they refer to."""
    answers = {route.answers: None for route in routes if route.answers} | {ProblemAnswer: None}
    answers |= dict.fromkeys((Telling, *ABOUT.values()))
    asked = {route.asks: None for route in routes if route.asks is not Nothing}
    told, definitions = models_json_schema([(each, "serialization") for each in answers], ref_template=REF)
    taken, more = models_json_schema([(each, "validation") for each in asked], ref_template=REF)
    names: Names = {each: told[each, "serialization"] for each in answers}
    return {**names, **{each: taken[each, "validation"] for each in asked}}, definitions["$defs"] | more[
        "$defs"
    ]


def _operation(route: AnyRoute, tag: str, names: Names) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"Needs the scope `{route.scope}`.",
        "tags": [tag],
        "parameters": [*_path(route.path), *_query(route), *_headers(route)],
        "responses": _responses(route, names),
    }
    if route.has_body:
        body = {"application/json": {"schema": names[route.asks]}}
        operation["requestBody"] = {"required": True, "content": body}
    if route.takes_bytes:
        file = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": file}
    return operation


def _told(kind: str, about: Json) -> Json:
    """What we send to others when this happens."""
    body = {
        "allOf": [{"$ref": REF.format(model="Telling")}, {"type": "object", "properties": {"data": about}}]
    }
    return {
        "post": {
            "summary": {**KINDS_TOLD, TEST: "Somebody has asked for a test."}[kind],
            "tags": ["Webhooks"],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {"2XX": {"description": "Taken."}, "410": {"description": "Do not send any more."}},
        }
    }


def _path(path: str) -> list[Json]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    schema = {"type": "string", "minLength": 1}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _query(route: AnyRoute) -> list[Json]:
    if not route.has_query:
        return []
    schema = route.asks.model_json_schema()
    required, defined = schema.get("required", []), schema.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": field.get("description", ""),
            "schema": _inlined(_plain(field), defined),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _plain(field: Json) -> Json:
    """A parameter cannot be null: it is left out."""
    kept = {key: value for key, value in field.items() if key not in ("title", "description", "anyOf")}
    if "anyOf" in field:
        (only,) = [each for each in field["anyOf"] if each.get("type") != "null"]
        kept = {**kept, **only}
    return {key: value for key, value in kept.items() if not (key == "default" and value is None)}


def _inlined(schema: Any, defined: Mapping[str, Json]) -> Any:
    """A parameter's schema stands alone: what it refers to is put in its place."""
    if isinstance(schema, list):
        return [_inlined(each, defined) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _inlined(value, defined) for key, value in schema.items() if key != "$ref"}
    if "$ref" in schema:
        return {**_inlined(defined[schema["$ref"].removeprefix("#/$defs/")], defined), **kept}
    return kept


def _headers(route: AnyRoute) -> list[Json]:
    if not route.writes:
        return []
    return [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "Chosen by the caller, new for every new request; bare or in double quotes.",
            "schema": {"type": "string", "pattern": KEY_PATTERN},
        }
    ]


def _responses(route: AnyRoute, names: Names) -> Json:
    if route.answers is None:
        content: Json = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    else:
        content = {"application/json": {"schema": names[route.answers]}}
    told = {
        "RateLimit": {"description": "How many calls are left.", "schema": {"type": "string"}},
        "RateLimit-Policy": {"description": "How many there are.", "schema": {"type": "string"}},
    }
    responses = {str(route.status): {"description": "Done.", "headers": told, "content": content}}
    problem = {"application/problem+json": {"schema": names[ProblemAnswer]}}
    by_status: dict[int, list[str]] = {}
    for kind in sorted(route.kinds):
        by_status.setdefault(KINDS[kind].status, []).append(kind)
    for status, kinds in sorted(by_status.items()):
        words = " / ".join(f"{KINDS[kind].title} (`{kind}`)" for kind in kinds)
        responses[str(status)] = {"description": words, "content": problem}
    return responses
