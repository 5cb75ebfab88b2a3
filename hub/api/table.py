"""Every address of the API. What is not in this table does not exist, and what is, is documented."""

from collections.abc import Mapping, Sequence

from hub.api import bodies, conversations, office, shapes
from hub.api.amending import AMENDING
from hub.api.arriving import ARRIVING
from hub.api.bodies import Nothing
from hub.api.calendars import CALENDARS
from hub.api.cases import CASES
from hub.api.channels import CONNECTING
from hub.api.consents import CONSENTS
from hub.api.customers import CUSTOMERS
from hub.api.deeds import DEEDS, ONE
from hub.api.details import DETAILS
from hub.api.drafting import DRAFTING
from hub.api.happenings import HAPPENINGS
from hub.api.hooks import HOOKS
from hub.api.importing import IMPORTING
from hub.api.imports import IMPORTS
from hub.api.joining import JOINING
from hub.api.knowing import AUDIT, KNOWING
from hub.api.labels import LABELS
from hub.api.making import reading, writing
from hub.api.many import MANY
from hub.api.notices import NOTICES
from hub.api.own import OWN
from hub.api.people import KEEPING
from hub.api.privacy import PRIVACY
from hub.api.rating import RATINGS
from hub.api.rehearsing import REHEARSALS
from hub.api.route import AnyRoute
from hub.api.routing import RULES, STAFFING
from hub.api.segments import SEGMENTS
from hub.api.speaking import SPEAKING
from hub.api.workplace import WORKPLACE
from hub.model.sign_ins import Scope

CONVERSATIONS: Sequence[AnyRoute] = (
    reading(
        "/conversations",
        "listConversations",
        "The conversations of a view, a page at a time.",
        conversations.list_conversations,
        bodies.ListConversations,
        shapes.Conversations,
    ),
    reading(
        ONE,
        "getConversation",
        "A conversation, its customer and its newest 100 entries.",
        conversations.get_conversation,
        Nothing,
        shapes.OpenConversation,
    ),
    reading(
        f"{ONE}/entries",
        "listEntries",
        "The timeline, from its newest 100 entries backwards.",
        conversations.list_entries,
        bodies.Earlier,
        shapes.Entries,
    ),
    reading(
        f"{ONE}/entries/{{entry}}/files/{{number}}",
        "getFile",
        "The bytes of a file that belongs to a message.",
        conversations.get_file,
        Nothing,
        None,
    ),
    reading(
        "/search",
        "search",
        "Everything that was ever said, newest first.",
        conversations.find_hits,
        bodies.Ask,
        shapes.Hits,
    ),
    writing(
        "POST",
        f"{ONE}/replies",
        "addReply",
        "Answer the customer. Queued at once, sent after the time for undoing.",
        conversations.add_reply,
        bodies.NewReply,
        shapes.Message,
        "held",
        "not-sendable",
        "not-possible",
        status=201,
    ),
    writing(
        "POST",
        f"{ONE}/notes",
        "addNote",
        "Say something among yourselves.",
        conversations.add_note,
        bodies.NewNote,
        shapes.Note,
        status=201,
    ),
    *SPEAKING,
    *DEEDS,
    *KNOWING,
    writing(
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
    reading(
        "/views",
        "listViews",
        "Every view, built-in and saved, and how many conversations it holds.",
        office.list_views,
        Nothing,
        shapes.Views,
    ),
    writing(
        "POST",
        "/views",
        "addView",
        "Save a filter.",
        office.add_view,
        bodies.NewView,
        shapes.View,
        status=201,
    ),
    writing(
        "POST",
        "/views/{view}",
        "changeView",
        "Give a saved view another title, filter, order, or other people.",
        office.change_saved_view,
        bodies.ChangeView,
        shapes.View,
    ),
    writing(
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
    reading(
        "/channels",
        "listChannels",
        "The connected accounts and their health.",
        office.get_channels,
        Nothing,
        shapes.Channels,
    ),
    reading(CHANNEL, "getChannel", "One of them.", office.get_channel, Nothing, shapes.Channel),
    reading(
        f"{CHANNEL}/journal",
        "reconcile",
        "What became of everything it received lately. Only for admins.",
        office.reconcile,
        bodies.Since,
        shapes.Reconciliation,
        scope=Scope.ADMIN,
    ),
    writing(
        "POST",
        f"{CHANNEL}/pause",
        "pauseChannel",
        "Receive and send nothing until it is resumed; what is to be sent waits. Only for admins.",
        office.pause,
        Nothing,
        shapes.Channel,
        scope=Scope.ADMIN,
    ),
    writing(
        "DELETE",
        f"{CHANNEL}/pause",
        "resumeChannel",
        "Start it anew, also after a failure. Only for admins.",
        office.resume,
        Nothing,
        shapes.Channel,
        scope=Scope.ADMIN,
    ),
    *CONNECTING,
    *ARRIVING,
)

DELIVERIES: Sequence[AnyRoute] = (
    reading(
        "/deliveries/troubled",
        "listTroubledDeliveries",
        "What failed or may not have arrived: somebody has to look at it.",
        office.list_troubled,
        bodies.Page,
        shapes.Deliveries,
    ),
    writing(
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
    reading("/agents", "listAgents", "Those who answer.", office.get_agents, Nothing, shapes.Agents),
    reading("/teams", "listTeams", "Their teams.", office.get_teams, Nothing, shapes.Teams),
    reading("/token", "getToken", "The token of this request.", office.get_token, Nothing, shapes.Token),
    *KEEPING,
)

TABLE: Mapping[str, Sequence[AnyRoute]] = {
    "Conversations": CONVERSATIONS,
    "Work": (*JOINING, *CASES, *AMENDING, *MANY, *DRAFTING),
    "Customers": (*CUSTOMERS, *DETAILS, *CONSENTS, *IMPORTING, *IMPORTS, *SEGMENTS, *HAPPENINGS),
    "Ratings": RATINGS,
    "Privacy": PRIVACY,
    "Labels": LABELS,
    "Views": VIEWS,
    "Channels": CHANNELS,
    "Deliveries": DELIVERIES,
    "People": PEOPLE,
    "Rules": (*RULES, *REHEARSALS),
    "Staffing": (*STAFFING, *CALENDARS, *WORKPLACE),
    "Notices": NOTICES,
    "Yourself": OWN,
    "Webhooks": HOOKS,
    "Audit log": AUDIT,
}
ROUTES: Sequence[AnyRoute] = tuple(route for group in TABLE.values() for route in group)
