"""Bodies that the API takes: the smallest that is right, made from the model of a route.

With them it is access that refuses, and not the first look at what was sent.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

Json = Any


def body_of(asks: type[BaseModel], known: Mapping[str, str]) -> Json:
    """What the model needs and no more; `known`: values by the name of their field."""
    schema = asks.model_json_schema()
    return _smallest(schema, schema.get("$defs", {}), known, "")


def _smallest(schema: Json, shapes: Json, known: Mapping[str, str], name: str) -> Json:
    if "$ref" in schema:
        return _smallest(shapes[schema["$ref"].rpartition("/")[2]], shapes, known, name)
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return _smallest(schema[several][0], shapes, known, name)
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    match schema["type"]:
        case "object":
            parts, needed = schema.get("properties", {}), schema.get("required", ())
            return {each: _smallest(parts[each], shapes, known, each) for each in needed}
        case "array":
            item, many = schema.get("items", {}), schema.get("minItems", 0)
            return [_smallest(item, shapes, known, name) for _ in range(many)]
        case "string":
            return _text(schema, known, name)
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return False
    return None


def _text(schema: Json, known: Mapping[str, str], name: str) -> str:
    if schema.get("format") == "date-time":
        return (datetime.now(UTC) + timedelta(days=1)).isoformat()
    return known.get(name) or "x" * max(1, schema.get("minLength", 1))
