"""Every address of the API. What is not in this table does not exist, and what is, is documented."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel

from hub.api import bodies, conversations, office, shapes
from hub.api.bodies import Nothing
from hub.api.deeds import DEEDS, ONE
from hub.api.route import Answer, AnyRoute, Call, Route
from hub.model.sign_ins import Scope

Asked = TypeVar("Asked", bound=BaseModel)
Handler = Callable[[Call, Asked], Awaitable[Answer]]


def _get(
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


def _write(
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
    )


CONVERSATIONS: Sequence[AnyRoute] = (
    _get(
        "/conversations",
        "listConversations",
        "The conversations of a view, a page at a time.",
        conversations.list_conversations,
        bodies.ListConversations,
        shapes.Conversations,
    ),
    _get(
        ONE,
        "getConversation",
        "A conversation, its customer and its newest 100 entries.",
        conversations.get_conversation,
        Nothing,
        shapes.OpenConversation,
    ),
    _get(
        f"{ONE}/entries",
        "listEntries",
        "The timeline, from its newest 100 entries backwards.",
        conversations.list_entries,
        bodies.Earlier,
        shapes.Entries,
    ),
    _get(
        f"{ONE}/entries/{{entry}}/files/{{number}}",
        "getFile",
        "The bytes of a file that belongs to a message.",
        conversations.get_file,
        Nothing,
        None,
    ),
    _get(
        "/search",
        "search",
        "Everything that was ever said, newest first.",
        conversations.find_hits,
        bodies.Ask,
        shapes.Hits,
    ),
    _write(
        "POST",
        f"{ONE}/replies",
        "addReply",
        "Answer the customer. Queued at once, sent after the time for undoing.",
        conversations.add_reply,
        bodies.NewReply,
        shapes.Message,
        "held",
        "not-sendable",
        status=201,
    ),
    _write(
        "POST",
        f"{ONE}/notes",
        "addNote",
        "Say something among yourselves.",
        conversations.add_note,
        bodies.NewNote,
        shapes.Note,
        status=201,
    ),
    *DEEDS,
    _write(
        "DELETE",
        ONE,
        "deleteConversation",
        "Delete it for good. Only supervisors and admins may.",
        conversations.delete,
        Nothing,
        shapes.Deleted,
    ),
)

VIEWS: Sequence[AnyRoute] = (
    _get(
        "/views",
        "listViews",
        "Every view, built-in and saved, and how many conversations it holds.",
        office.list_views,
        Nothing,
        shapes.Views,
    ),
    _write(
        "POST",
        "/views",
        "addView",
        "Save a filter.",
        office.add_view,
        bodies.NewView,
        shapes.View,
        status=201,
    ),
    _write(
        "DELETE",
        "/views/{view}",
        "deleteView",
        "Remove a saved view.",
        office.delete_view,
        Nothing,
        shapes.View,
    ),
)

CHANNEL = "/channels/{channel}"
CHANNELS: Sequence[AnyRoute] = (
    _get(
        "/channels",
        "listChannels",
        "The connected accounts and their health.",
        office.get_channels,
        Nothing,
        shapes.Channels,
    ),
    _get(CHANNEL, "getChannel", "One of them.", office.get_channel, Nothing, shapes.Channel),
    _get(
        f"{CHANNEL}/journal",
        "reconcile",
        "What became of everything it received lately. Only for admins.",
        office.reconcile,
        bodies.Since,
        shapes.Reconciliation,
        scope=Scope.ADMIN,
    ),
    _write(
        "POST",
        f"{CHANNEL}/pause",
        "pauseChannel",
        "Receive and send nothing until it is resumed; what is to be sent waits. Only for admins.",
        office.pause,
        Nothing,
        shapes.Channel,
        scope=Scope.ADMIN,
    ),
    _write(
        "DELETE",
        f"{CHANNEL}/pause",
        "resumeChannel",
        "Start it anew, also after a failure. Only for admins.",
        office.resume,
        Nothing,
        shapes.Channel,
        scope=Scope.ADMIN,
    ),
)

DELIVERIES: Sequence[AnyRoute] = (
    _get(
        "/deliveries/troubled",
        "listTroubledDeliveries",
        "What failed or may not have arrived: somebody has to look at it.",
        office.list_troubled,
        bodies.Most,
        shapes.Deliveries,
    ),
    _write(
        "POST",
        "/deliveries/{delivery}/attempts",
        "retryDelivery",
        "Send again what failed or is unsure. `delivery` is the id of the message.",
        office.retry,
        Nothing,
        shapes.Message,
        "not-possible",
    ),
)

PEOPLE: Sequence[AnyRoute] = (
    _get("/agents", "listAgents", "Those who answer.", office.get_agents, Nothing, shapes.Agents),
    _get("/teams", "listTeams", "Their teams.", office.get_teams, Nothing, shapes.Teams),
    _get("/token", "getToken", "The token of this request.", office.get_token, Nothing, shapes.Token),
)

TABLE: Mapping[str, Sequence[AnyRoute]] = {
    "Conversations": CONVERSATIONS,
    "Views": VIEWS,
    "Channels": CHANNELS,
    "Deliveries": DELIVERIES,
    "People": PEOPLE,
}
ROUTES: Sequence[AnyRoute] = tuple(route for group in TABLE.values() for route in group)
