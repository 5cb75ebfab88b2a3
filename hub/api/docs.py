"""The OpenAPI document as a page for people: no scripts, nothing from elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hub.api.openapi import Json
from hub.api.problems import KINDS

HERE = Path(__file__).parent
STYLE = (HERE / "docs.css").read_text(encoding="utf-8")
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def page(document: Json) -> str:
    """The whole page, in HTML."""
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    environment.globals["type_of"] = type_of
    environment.filters["coded"] = coded
    return environment.get_template("docs.html").render(document=document, problems=KINDS)


def coded(text: str) -> Markup:
    """What stands between backticks is code."""
    parts = enumerate(text.split("`"))
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in parts)


def type_of(schema: Mapping[str, Any]) -> str:
    """A schema in a few words: "list of Message", "text or null"."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return repr(schema["const"])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " or ".join(type_of(each) for each in schema[several])
    match schema.get("type"):
        case "array":
            return f"list of {type_of(schema['items'])}" if "items" in schema else "pair"
        case "object":
            return "object of text"
        case "string":
            return {"date-time": "moment", "binary": "bytes"}.get(schema.get("format", ""), "text")
        case "integer":
            return "number"
        case "boolean":
            return "yes or no"
    return str(schema.get("type", "anything"))
