"""Between our frozen dataclasses and the documents of the database. Nothing else in Hubbub sees a document.

`id` is `_id` in the database. Fields that have their default are left out: documents and sparse indexes stay
small, and a query for a default says `$ne`.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
from cattrs.preconf.bson import make_converter

from hub.contract import inbound
from hub.model import (
    channels,
    content,
    customers,
    desk,
    events,
    fields,
    hooks,
    hours,
    imports,
    inbox,
    joins,
    journal,
    notices,
    people,
    privacy,
    ratings,
    rules,
    service,
    sign_ins,
    staffing,
)

Document = dict[str, Any]
Model = TypeVar("Model")

ENTRIES: Mapping[str, type[inbox.Entry]] = {
    "message": inbox.Message,
    "note": inbox.Note,
    "activity": inbox.Activity,
}
EVENTS: Mapping[str, type[inbound.InboundEvent]] = {
    kind.__name__: kind
    for kind in (
        inbound.ArrivedRaw,
        inbound.MessageReceived,
        inbound.MessageEdited,
        inbound.MessageDeleted,
        inbound.ReactionChanged,
        inbound.ReceiptReceived,
        inbound.ReachabilityChanged,
        inbound.ThreadMoved,
        inbound.Ignored,
    )
}
_TYPES = {model: name for name, model in ENTRIES.items()}
_KEPT_BY_ID = (
    channels.Channel,
    events.Event,
    hooks.Hook,
    hooks.HookDelivery,
    inbox.Conversation,
    inbox.Message,
    inbox.Note,
    inbox.Activity,
    joins.JoinOffer,
    journal.JournalEntry,
    journal.Arrival,
    customers.Consent,
    customers.LinkRecord,
    customers.EventType,
    customers.OutsideEvent,
    customers.Suggestion,
    people.Identity,
    people.Customer,
    people.Company,
    people.Agent,
    people.Team,
    desk.SavedView,
    desk.StoredDraft,
    desk.SavedReply,
    desk.Presence,
    desk.Upload,
    fields.CustomField,
    fields.TagName,
    hours.WorkingHours,
    imports.Import,
    imports.WrongRow,
    imports.Logged,
    rules.Rule,
    rules.Decision,
    rules.Segment,
    service.ServiceLevel,
    staffing.TeamPlan,
    staffing.AgentPlan,
    staffing.Workload,
    staffing.Workplace,
    notices.Notice,
    notices.NoticeSettings,
    notices.Digest,
    privacy.PrivacyJob,
    privacy.Scope,
    ratings.Rating,
    ratings.RatingPlan,
    sign_ins.Credentials,
    sign_ins.Session,
    sign_ins.ApiToken,
    sign_ins.Link,
    sign_ins.AuditEntry,
)

_converter = make_converter(omit_if_default=True)
_converter.detailed_validation = False
# The bytes of an attachment are never part of a document: they are in the media store.
_converter.register_unstructure_hook(
    content.Attachment,
    make_dict_unstructure_fn(
        content.Attachment, _converter, _cattrs_omit_if_default=True, fresh=override(omit=True)
    ),
)


def _part_to_document(part: rules.Condition | rules.Group) -> Document:
    if isinstance(part, rules.Group):
        return {"join": str(part.join), "parts": [_part_to_document(each) for each in part.parts]}
    return {"fact": part.fact, "test": str(part.test), "values": list(part.values)}


def _part_from_document(document: Document) -> rules.Condition | rules.Group:
    if "fact" in document:
        return rules.Condition(document["fact"], rules.Test(document["test"]), tuple(document["values"]))
    return _group_from_document(document)


def _group_from_document(document: Document, _: object = None) -> rules.Group:
    return rules.Group(rules.Join(document["join"]), tuple(map(_part_from_document, document["parts"])))


_converter.register_unstructure_hook(rules.Group, _part_to_document)
_converter.register_structure_hook(rules.Group, _group_from_document)

for _model in _KEPT_BY_ID:
    _converter.register_unstructure_hook(
        _model,
        make_dict_unstructure_fn(_model, _converter, _cattrs_omit_if_default=True, id=override(rename="_id")),
    )
    _converter.register_structure_hook(
        _model, make_dict_structure_fn(_model, _converter, id=override(rename="_id"))
    )


def to_document(model: object) -> Document:
    """The document of a dataclass, without the fields that have their default."""
    document: Document = _converter.unstructure(model)
    return document


def from_document(document: Document, kind: type[Model]) -> Model:
    return _converter.structure(document, kind)


def entry_to_document(entry: inbox.Entry) -> Document:
    return {"type": _TYPES[type(entry)], **to_document(entry)}


def entry_from_document(document: Document) -> inbox.Entry:
    return _converter.structure(document, ENTRIES[document["type"]])


def event_to_document(event: inbound.InboundEvent) -> Document:
    """`raw` becomes JSON text: platforms use keys and numbers that BSON refuses."""
    document: Document = _converter.unstructure(event)
    document.pop("body", None)
    document["raw"] = json.dumps(event.raw, default=str) if event.raw else ""
    return document


def event_from_document(kind: str, document: Document, body: bytes = b"") -> inbound.InboundEvent:
    raw = document.get("raw")
    whole = {**document, "raw": json.loads(raw) if raw else {}}
    if kind == "ArrivedRaw":
        whole["body"] = body
    return _converter.structure(whole, EVENTS[kind])


def scrubbed(value: Any) -> Any:
    """The same value with what BSON cannot hold replaced: lone surrogates, NUL in keys, huge integers."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case bool():
            return value
        case int() if not -(2**63) <= value < 2**63:
            return str(value)
        case dict():
            return {scrubbed(str(key)).replace("\0", ""): scrubbed(item) for key, item in value.items()}
        case list():
            return [scrubbed(item) for item in value]
    return value
