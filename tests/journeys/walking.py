"""Who may knock where: every address of the web server by its beginning, and every kind of event.

An address that fits no rule fails the walk: say here who may go there.
"""

import ast
import re
from collections.abc import Iterator
from enum import Enum, auto

from aiohttp import web

from tests.house.tree import TOP, list_files


class Door(Enum):
    OPEN = auto()  # anybody; what is secret is not there
    BY_SECRET = auto()  # anybody who knows a secret that the address or the request carries
    SIGNED_IN = auto()  # every agent
    TALK = auto()  # every agent who may see the conversation
    OFFICE = auto()  # every agent whose role its page is for
    API = auto()  # programs with a token of the right scope


RULES: tuple[tuple[str, Door], ...] = (
    (r"/$", Door.OPEN),
    (r"/healthz$", Door.OPEN),
    (r"/assets/", Door.OPEN),
    (r"/api/v1/(openapi\.json|docs|docs\.css)$", Door.OPEN),
    (r"/api/v1/", Door.API),
    (r"/hooks/", Door.BY_SECRET),
    (r"/files/\{link\}/", Door.BY_SECRET),
    (r"/chat/\{channel\}/", Door.BY_SECRET),  # a visitor's token; what needs none is the site's own
    (r"/desk/(sign-in|session|looks)\b", Door.OPEN),
    (r"/desk/(first-admin|set-password|unsubscribe)/\{token\}$", Door.BY_SECRET),
    (r"/rating/\{token\}$", Door.BY_SECRET),
    (r"/desk/office", Door.OFFICE),
    (r"/desk/conversations/\{conversation\}$", Door.SIGNED_IN),  # sends on to the page that asks
    (r"/desk/[\w/{}-]*\{(conversation|entry|delivery|customer|suggestion)\}", Door.TALK),
    (r"/desk/[a-z-]*(/|$)", Door.SIGNED_IN),
)

# Heard by those who see the conversation of the event.
OF_A_CONVERSATION = frozenset(
    {
        "message_received", "message_queued", "message_edited", "message_deleted", "reaction_changed",
        "amendment_changed",
        "delivery_changed", "note_added", "conversation_opened", "conversation_changed",
        "conversation_deleted", "draft_changed", "presence_changed", "visit_changed", "came_due", "rule_told",
        "rule_fired", "due_changed",
    }
)  # fmt: skip
# Of no conversation: told to everybody, tells nothing but that something is so.
OF_ALL = frozenset({"channel_changed", "agent_changed", "team_changed", "fields_changed", "tags_changed",
                    "views_changed", "saved_replies_changed", "attendance_changed",
                    "customers_changed", "event_types_changed"})  # fmt: skip
# Of no conversation: for admins, or for the one agent whom the event names.
OF_SOME = frozenset({"attention_shown", "hook_changed", "notices_changed", "bulk_finished", "rules_changed"})


def door_of(canonical: str) -> Door | None:
    return next((door for pattern, door in RULES if re.match(pattern, canonical)), None)


def routes_of(app: web.Application) -> list[tuple[str, str]]:
    """Method and address of each, without those that the server makes for HEAD."""
    found = {(each.method, each.resource.canonical) for each in app.router.routes() if each.resource}
    return sorted(each for each in found if each[0] != "HEAD")


def kinds_of_events() -> Iterator[str]:
    """Every kind that is published anywhere in the hub: `Event(kind=…)`, `tell(desk, kind, …)`."""
    for path in list_files(".py"):
        if path.parts[0] == "hub":
            for node in ast.walk(ast.parse((TOP / path).read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield from _kind(node, node.func.id)


def _kind(call: ast.Call, name: str) -> Iterator[str]:
    given = [each.value for each in call.keywords if each.arg == "kind"] if name == "Event" else []
    if name == "tell" and len(call.args) > 1:
        given = [call.args[1]]
    for each in given:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
