"""Builds the composer: where an answer goes, under which conditions, what has been written so far. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from hub.desk.composing import ComposerRules
from hub.desk.forwarded import forwarded_subject, quoted
from hub.desk.opening import OpenConversation
from hub.desk.reaching import Place
from hub.desk.sending import recipients_of
from hub.model.content import Attachment
from hub.model.desk import StoredDraft
from hub.model.ids import new_id
from hub.model.inbox import Message, Side
from inbox_ui.composer import Attached, Box, Composer, News, Original, SharedDraft, Where, Writing
from inbox_ui.kinds import via_icon, via_words
from inbox_ui.saying import told
from inbox_ui.timeline import Reader, file_of
from inbox_ui.words import Words

NEWS_SHOWN = 280  # characters of what arrived while somebody was writing


def composer_of(
    opened: OpenConversation,
    reader: Reader,
    drafts: Sequence[StoredDraft],
    writing: Writing | None = None,
    about: str = "",
) -> Composer | None:
    """None: nothing can be answered here. `drafts`: one's own. `about`: what is to be forwarded."""
    found, limits, place = opened.conversation, opened.limits, opened.place
    if limits is None or place is None:
        return None
    own = {each.kind: each for each in drafts}
    people = _recipients(opened, reader, place)
    original = _original(opened, about or (writing.about if writing else ""), own.get("forward"), reader)
    composer = Composer(
        conversation=found.id,
        key=new_id(reader.now),
        seen=_newest(opened),
        to=found.customer_name,
        through=via_words(place, reader.words),
        place=place.channel.name,
        chosen="" if place.current else place.id,
        places=[_where(each, place, reader) for each in opened.places],
        answers=_answered(opened, own.get("reply")),
        cannot=_cannot(place, limits, reader),
        icon=via_icon(place.channel.platform, place.surface),
        public=limits.public,
        window_ends_at=limits.window_ends_at,
        window_words=window_words(limits, reader),
        closed=limits.closed,
        recipients=limits.recipients,
        everybody=people[1],
        known=_known(opened, reader) if limits.recipients else (),
        reply=_reply_box(found.id, found.customer_name, limits, people, reader, own.get("reply"), place),
        note=_note_box(found.id, reader.words, own.get("note")),
        forward=_forward_box(found.id, limits, original, reader, own.get("forward")),
        original=original[0] if original else None,
        mode=_mode(own, about),
    )
    return _rewritten(composer, opened, reader, writing) if writing else composer


def _answered(opened: OpenConversation, draft: StoredDraft | None) -> str:
    """The one message a draft answers, if that is still on the page."""
    chosen = draft.answers if draft else None
    return chosen if chosen and any(each.id == chosen for each in opened.entries) else ""


def _where(each: Place, chosen: Place, reader: Reader) -> Where:
    return Where(
        id=each.id,
        icon=via_icon(each.channel.platform, each.surface),
        name=each.channel.name,
        address=each.address,
        public=each.visibility == "public",
        chosen=each.id == chosen.id,
        why_not=told(each.why_not, reader.words) if each.why_not else "",
    )


def _cannot(place: Place, limits: ComposerRules, reader: Reader) -> str:
    """That the time is over is said with what helps."""
    return told(place.why_not, reader.words) if place.why_not and not limits.closed else ""


def shared_ones(drafts: Iterable[StoredDraft], reader: Reader, agent: str) -> list[SharedDraft]:
    """What others are writing here and let us read."""
    return [
        SharedDraft(
            each.agent,
            reader.agents[each.agent].name if each.agent in reader.agents else "",
            each.kind,
            each.text,
            each.changed_at,
        )
        for each in drafts
        if each.shared and each.agent != agent
    ]


def _mode(own: Mapping[str, StoredDraft], about: str) -> str:
    """What one was writing last."""
    if about:
        return "forward"
    newest = max(own.values(), key=lambda each: each.changed_at, default=None)
    return newest.kind if newest else "reply"


def _reply_box(
    conversation: str,
    customer: str,
    limits: ComposerRules,
    people: tuple[str, str],
    reader: Reader,
    draft: StoredDraft | None,
    place: Place,
) -> Box:
    _ = reader.words.gettext
    label = _("Reply to %(who)s", who=customer)
    placeholder = _("Write to %(who)s", who=customer)
    if limits.public:
        label = _("Public answer to %(who)s", who=customer)
        placeholder = _("Answer %(who)s, for everyone to read", who=customer)
    box = Box(
        kind="reply",
        conversation=conversation,
        label=label,
        placeholder=placeholder,
        longest=limits.longest,
        measure=limits.measure_name,
        files_most=limits.files_most,
        files_largest=json.dumps(dict(limits.files_largest)),
        choices_most=limits.choices_most,
        markdown=limits.markdown,
        signature=limits.signature,
        disabled=limits.closed or place.why_not is not None,
        to=people[0],
        cc=people[1],
    )
    return _with_draft(box, draft, reader)


def _note_box(conversation: str, words: Words, draft: StoredDraft | None) -> Box:
    box = Box(
        kind="note",
        conversation=conversation,
        label=words.gettext("Note, only we see it"),
        placeholder=words.gettext("Only we see this. @ names somebody."),
    )
    if draft is None:
        return box
    return replace(box, text=draft.text, version=draft.version, shared=draft.shared)


def _forward_box(
    conversation: str,
    limits: ComposerRules,
    original: tuple[Original, str] | None,
    reader: Reader,
    draft: StoredDraft | None,
) -> Box | None:
    if original is None:
        return None
    _ = reader.words.gettext
    box = Box(
        kind="forward",
        conversation=conversation,
        label=_("Words above what is forwarded"),
        placeholder=_("Say why you forward it"),
        longest=limits.longest,
        measure=limits.measure_name,
        files_most=limits.files_most,
        files_largest=json.dumps(dict(limits.files_largest)),
        signature=limits.signature,
        subject=original[1],
    )
    return _with_draft(box, draft, reader)


def _with_draft(box: Box, draft: StoredDraft | None, reader: Reader) -> Box:
    if draft is None:
        return box
    box = replace(
        box,
        text=draft.text,
        files=[attached(each, reader) for each in draft.attachments],
        version=draft.version,
        shared=draft.shared,
        subject=draft.subject or box.subject,
    )
    if draft.to or draft.cc or draft.bcc:
        box = replace(box, to=_joined(draft.to), cc=_joined(draft.cc), bcc=_joined(draft.bcc))
    return box


def _original(
    opened: OpenConversation, about: str, draft: StoredDraft | None, reader: Reader
) -> tuple[Original, str] | None:
    """The mail that is forwarded: the one asked for, or the newest; with the subject it will have."""
    if opened.limits is None or not opened.limits.recipients:
        return None
    wanted = about or (draft.about if draft else None)
    mails = [each for each in _said(opened) if each.surface == "email"]
    chosen = next((each for each in mails if each.id == wanted), None) or next(reversed(mails), None)
    if chosen is None:
        return None
    files = [attached(each, reader) for each in chosen.content.attachments if each.stored]
    subject = forwarded_subject(chosen, opened.conversation)
    return Original(chosen.id, quoted(chosen, opened.conversation), files), subject


def _rewritten(composer: Composer, opened: OpenConversation, reader: Reader, writing: Writing) -> Composer:
    """With what a refused submit carried in the place of any draft."""
    files = [attached(each, reader) for each in writing.attachments]
    changes = {"text": writing.text, "files": files}
    people = {"to": writing.to, "cc": writing.cc, "bcc": writing.bcc, "subject": writing.subject}
    if writing.switched and opened.place is not None:
        people |= dict(zip(("to", "cc"), _recipients(opened, reader, opened.place), strict=True)) | {
            "bcc": ""
        }
    reply, note, forward = composer.reply, composer.note, composer.forward
    if writing.mode == "note":
        note = replace(note, text=writing.text)
    elif writing.mode == "forward" and forward is not None:
        forward = replace(forward, **changes, **people)  # type: ignore[arg-type]  # named as the fields are
    else:
        reply = replace(reply, **changes, **people)  # type: ignore[arg-type]  # named as the fields are
    return replace(
        composer,
        reply=reply,
        note=note,
        forward=forward,
        mode=writing.mode,
        answers="" if writing.switched else writing.answers,
        key=composer.key if writing.ask == "held" else writing.key or composer.key,
        seen=composer.seen if writing.ask == "held" else writing.seen or composer.seen,
        problem=writing.problem,
        ask=writing.ask,
        asked=writing.asked,
        confirmed=writing.confirmed,
        again=writing.again,
        news=_news(opened, writing) if writing.ask == "held" else (),
    )


def _news(opened: OpenConversation, writing: Writing) -> list[News]:
    """What was written after the message that was seen last: also by the writer, in another window."""
    messages = _said(opened)
    at = next((number for number, each in enumerate(messages) if each.id == writing.seen), len(messages) - 2)
    return [News(each.author_name, each.at, each.content.text[:NEWS_SHOWN]) for each in messages[at + 1 :]]


def attached(each: Attachment, reader: Reader) -> Attached:
    return Attached(each.stored or "", file_of(each, reader), each.size or 0, each.mime, each.inline_id or "")


def _recipients(opened: OpenConversation, reader: Reader, place: Place) -> tuple[str, str]:
    """To and Cc of an answer to everybody, as the fields have them."""
    if opened.limits is None or not opened.limits.recipients:
        return "", ""
    answered = place.answered
    if answered is None:
        return _joined(place.to), ""
    keys = {each.id: each.key for each in opened.identities}
    author = [keys[answered.author]] if answered.author in keys else []
    if answered.side is Side.US and answered.delivery:
        return _joined(answered.delivery.to), _joined(answered.delivery.cc)
    people = recipients_of(answered, author, reader.channels.get(answered.channel))
    return _joined(people.to), _joined(people.cc)


def _known(opened: OpenConversation, reader: Reader) -> list[tuple[str, str]]:
    """Everybody who has a part in the mails of this page, for choosing from."""
    known = {each.key: each.name or "" for each in opened.identities if "@" in each.key}
    for message in _said(opened):
        known.update({each.key: each.name or known.get(each.key, "") for each in message.people})
        if message.delivery:
            keys = (*message.delivery.to, *message.delivery.cc)
            known.update({key: known.get(key, "") for key in keys})
    ours = {(each.account or "").casefold() for each in reader.channels.values()}
    return [(key, name) for key, name in known.items() if key.casefold() not in ours]


def _joined(addresses: Sequence[str]) -> str:
    return ", ".join(addresses)


def _said(opened: OpenConversation) -> list[Message]:
    return [each for each in opened.entries if isinstance(each, Message) and each.deleted_at is None]


def _newest(opened: OpenConversation) -> str:
    """The last message on the page, which its reader has seen."""
    said = _said(opened)
    return said[-1].id if said else opened.conversation.last.entry


def window_words(limits: ComposerRules, reader: Reader) -> str:
    """How long an answer may still be sent; `composer_limits.js` says the same while time goes by."""
    _ = reader.words.gettext
    if limits.window_ends_at is None:
        return ""
    left = limits.window_ends_at - reader.now
    if left <= timedelta():
        return _("The time for answering is over")
    days, hours, minutes = left.days, left.seconds // 3600, left.seconds // 60 % 60
    if days:
        return _("%(days)d d %(hours)d h left", days=days, hours=hours)
    if hours:
        return _("%(hours)d h %(minutes)d min left", hours=hours, minutes=minutes)
    return _("%(minutes)d min left", minutes=max(minutes, 1))
