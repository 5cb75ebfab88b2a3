"""Conversations: lists, timelines, files, search, and what is said in them."""

from datetime import timedelta

from hub.api import bodies, shapes, shaping
from hub.api.bodies import Nothing
from hub.api.problems import Problem, invalid
from hub.api.route import Bytes, Call
from hub.desk import deeds
from hub.desk.lenses import look
from hub.desk.opening import find_entry, open_attachment, open_conversation
from hub.desk.replying import Draft, reply
from hub.desk.searching import search
from hub.desk.sending import reply_all
from hub.desk.uploading import attach
from hub.desk.views import NoSuchView, list_lens, place_of
from hub.model.inbox import Message


async def list_conversations(call: Call, asked: bodies.ListConversations) -> shapes.Conversations:
    try:
        lens = await look(call.desk, call.agent, asked.view, asked.wanted())
        sort = asked.sort or (lens.saved.sort if lens.saved else "newest")
        page = await list_lens(call.desk, lens, place_of(asked.cursor), sort, asked.limit)
    except NoSuchView as problem:
        raise invalid("query", "view" if asked.view in str(problem) else "cursor", str(problem)) from None
    except OverflowError:  # a moment that no calendar has
        raise invalid("query", "cursor", "This place in the list does not exist.") from None
    return shapes.Conversations(
        rows=[shaping.conversation(each) for each in page.rows], next=page.next_cursor
    )


async def get_conversation(call: Call, asked: Nothing) -> shapes.OpenConversation:
    opened = await open_conversation(call.desk, call.agent, call.path["conversation"])
    customer = opened.customer
    return shapes.OpenConversation(
        conversation=shaping.conversation(opened.conversation),
        customer=shaping.customer(customer, opened.identities) if customer else None,
        others=[shaping.conversation(each) for each in opened.others],
        entries=shapes.Entries(rows=[shaping.entry(each) for each in opened.entries], next=opened.earlier),
        composer=shapes.Composer.model_validate(opened.limits) if opened.limits else None,
    )


async def list_entries(call: Call, asked: bodies.Earlier) -> shapes.Entries:
    opened = await open_conversation(call.desk, call.agent, call.path["conversation"], before=asked.cursor)
    return shapes.Entries(rows=[shaping.entry(each) for each in opened.entries], next=opened.earlier)


async def get_file(call: Call, asked: Nothing) -> Bytes:
    entry = await find_entry(call.desk, call.agent, call.path["entry"])
    number = call.path["number"]
    if not isinstance(entry, Message) or entry.conversation != call.path["conversation"] or entry.deleted_at:
        raise Problem("not-found", "There is no such entry in this conversation.")
    files = entry.content.attachments
    if not (number.isascii() and number.isdecimal() and len(number) < 5 and int(number) < len(files)):
        raise Problem("not-found", "This message has no such file.")
    attachment = files[int(number)]
    if attachment.stored is None:
        raise Problem("not-found", attachment.refused or "This file is not kept here.")
    return Bytes(name=attachment.name, content=open_attachment(call.desk, attachment))


async def find_hits(call: Call, asked: bodies.Ask) -> shapes.Hits:
    try:
        page = await search(call.desk, call.agent, asked.q, asked.cursor, limit=asked.limit)
    except OverflowError:  # a moment that no calendar has
        raise invalid("query", "cursor", "This place in the list does not exist.") from None
    rows = [
        shapes.Hit(
            conversation=shaping.conversation(hit.conversation),
            entry=shaping.entry(hit.entry),
            snippet=hit.snippet,
            marks=list(hit.marks),
        )
        for hit in page.rows
    ]
    return shapes.Hits(rows=rows, next=page.next_cursor)


async def add_reply(call: Call, asked: bodies.NewReply) -> shapes.Message:
    wait = timedelta(seconds=asked.wait_seconds) if asked.wait_seconds is not None else None
    draft = Draft(
        text=asked.text,
        key=f"{call.token.id} {call.key}" if call.key else None,
        seen=asked.seen,
        to=tuple(asked.to) if asked.to is not None else None,
        cc=tuple(asked.cc),
        bcc=tuple(asked.bcc),
        attachments=await attach(call.desk, call.agent, asked.files),
        wait=wait,
        answers=asked.answers,
        through=asked.through,
    )
    if asked.everybody and asked.to is not None:
        raise invalid("body", "to", "Either everybody, or those who are named.")
    answer = reply_all if asked.everybody else reply
    return shaping.message(await answer(call.desk, call.agent, call.path["conversation"], draft))


async def add_note(call: Call, asked: bodies.NewNote) -> shapes.Note:
    note = await deeds.note(call.desk, call.agent, call.path["conversation"], asked.text)
    return shapes.Note.model_validate(note)


async def delete(call: Call, asked: Nothing) -> shapes.Deleted:
    return shapes.Deleted(entries=await deeds.delete(call.desk, call.agent, call.path["conversation"]))
