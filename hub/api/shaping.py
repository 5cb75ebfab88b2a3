"""From the model to what the API shows of it."""

from collections.abc import Sequence

from hub.api import shapes
from hub.model import content, inbox, people
from hub.model.desk import SavedView
from hub.model.sign_ins import ApiToken


def conversation(found: inbox.Conversation) -> shapes.Conversation:
    customer = shapes.Named(id=found.person or found.customer, name=found.customer_name)
    fields = {name: getattr(found, name) for name in shapes.Conversation.model_fields if name != "customer"}
    return shapes.Conversation.model_validate({**fields, "customer": customer})


def entry(found: inbox.Entry) -> shapes.Message | shapes.Note | shapes.Activity:
    match found:
        case inbox.Message():
            return message(found)
        case inbox.Note():
            return shapes.Note.model_validate(found)
    return shapes.Activity.model_validate(found)


def message(found: inbox.Message) -> shapes.Message:
    own = set(shapes.Message.model_fields) - {"type", "subject", "text", "markup", "rest", "files", "choices"}
    said = found.content if found.deleted_at is None else content.Content()
    return shapes.Message.model_validate(
        {
            **{name: getattr(found, name) for name in own},
            "subject": said.subject,
            "text": said.text,
            "markup": said.markup,
            "rest": said.rest,
            "choices": said.choices,
            "spam_reasons": found.spam_reasons if found.deleted_at is None else (),
            "edits": found.edits if found.deleted_at is None else (),
            "files": [_file(found, number, each) for number, each in enumerate(said.attachments)],
        }
    )


def _file(found: inbox.Message, number: int, attachment: content.Attachment) -> shapes.File:
    url = f"/api/v1/conversations/{found.conversation}/entries/{found.id}/files/{number}"
    return shapes.File(
        name=attachment.name,
        mime=attachment.mime,
        size=attachment.size,
        url=url if attachment.stored else None,
        refused=attachment.refused,
    )


def customer(found: people.Customer, identities: Sequence[people.Identity]) -> shapes.Customer:
    shown = [shapes.Identity.model_validate(each) for each in identities]
    return shapes.Customer(
        id=found.id,
        name=found.name,
        language=found.language,
        zone=found.zone,
        note=found.note,
        salutation=found.salutation,
        pronouns=found.pronouns,
        company=found.company,
        owner=found.owner,
        vip=bool(found.vip),
        blocked=bool(found.blocked),
        tags=sorted(found.tags.values(), key=str.casefold),
        fields=found.fields,
        identities=shown,
    )


def saved_view(found: SavedView) -> shapes.View:
    return shapes.View(
        key=f"view:{found.id}",
        title=found.title,
        count=None,
        shared=found.shared,
        team=found.team,
        base=found.base,
        sort=found.sort,
    )


def token(found: ApiToken, agent: people.Agent) -> shapes.Token:
    return shapes.Token(
        title=found.title,
        scopes=list(found.scopes),
        expires_at=found.expires_at,
        agent=shapes.Agent.model_validate(agent),
    )
