"""`hubbub conversation`: reading and answering without a browser."""

import mimetypes
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import click

from hub.app import Hub
from hub.commands.errors import Failure
from hub.commands.finding import acting_agent, find_id
from hub.commands.frame import with_hub
from hub.commands.outbox import delivery_row
from hub.commands.output import Output, Row, moment, size
from hub.desk.replying import Draft
from hub.desk.replying import reply as send_reply
from hub.model.content import Attachment
from hub.model.inbox import Conversation, Entry, Message, Note, Status
from hub.store.survey import workers_alive

COLUMNS = ("id", "activity_at", "customer", "subject", "preview", "awaiting", "agent", "platform")
PIECE = 256 * 1024


@click.group()
def conversation() -> None:
    """Reading and answering without a browser."""


def conversation_row(conversation: Conversation, agents: dict[str, str]) -> Row:
    return {
        "id": conversation.id,
        "subject": conversation.subject,
        "customer": conversation.customer_name,
        "customer_id": conversation.person or conversation.customer,
        "status": conversation.status,
        "awaiting": conversation.awaiting,
        "agent": agents.get(conversation.agent or "", conversation.agent),
        "agent_id": conversation.agent,
        "channel": conversation.channel,
        "platform": conversation.platform,
        "surface": conversation.surface,
        "visibility": conversation.visibility,
        "preview": conversation.last.preview,
        "last_entry": conversation.last.entry,
        "tags": conversation.tags,
        "created_at": conversation.created_at,
        "activity_at": conversation.activity_at,
        "waiting_since": conversation.waiting_since,
    }


@conversation.command("list")
@click.option(
    "--status",
    type=click.Choice([str(each) for each in Status]),
    default=str(Status.OPEN),
    show_default=True,
)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--before", metavar="ID", help="The next page: what was active before this conversation.")
@with_hub
async def list_(hub: Hub, out: Output, status: str, limit: int, before: str | None) -> None:
    """Newest activity first."""
    start = None
    if before is not None:
        known = await _get(hub, before)
        start = (known.activity_at, known.id)
    page = await hub.store.inbox.list_conversations(Status(status), before=start, limit=limit)
    agents = await _agent_names(hub)
    rows = [conversation_row(each, agents) for each in page]
    out.rows(rows, COLUMNS, f"There is no {status} conversation.")


@conversation.command("show")
@click.argument("id")
@with_hub
async def show(hub: Hub, out: Output, id: str) -> None:
    """The timeline of one conversation: what was said, noted and done."""
    found = await _get(hub, id)
    entries = await hub.store.inbox.timeline(found.id)
    agents = await _agent_names(hub)
    lines = [
        f"{found.subject or '(no subject)'}",
        f"{found.customer_name} · {found.platform} · {found.status}, awaiting {found.awaiting}"
        f" · {agents.get(found.agent or '', 'nobody')} has it · {found.id}",
    ]
    lines += [_words(each, agents) for each in entries]
    row = {**conversation_row(found, agents), "entries": [entry_row(each) for each in entries]}
    out.one(row, "\n\n".join(lines))


def entry_row(entry: Entry) -> Row:
    common = {"id": entry.id, "at": entry.at}
    match entry:
        case Message():
            return {
                "kind": "message",
                **common,
                "side": entry.side,
                "author": entry.author_name,
                "text": entry.content.text,
                "subject": entry.content.subject,
                "attachments": [_file_row(each) for each in entry.content.attachments],
                "flags": entry.flags,
                "delivery": delivery_row(entry) if entry.delivery else None,
                "edited": bool(entry.edits),
                "deleted_at": entry.deleted_at,
                "because": entry.because,
            }
        case Note():
            return {"kind": "note", **common, "author": entry.author_name, "text": entry.text}
    return {"kind": "activity", **common, **_activity(entry)}


def _activity(entry: Entry) -> Row:
    return {name: getattr(entry, name, "") for name in ("by", "because", "details")} | {
        "what": getattr(entry, "kind", "")
    }


def _file_row(file: Attachment) -> Row:
    return {
        "name": file.name,
        "mime": file.mime,
        "size": file.size,
        "stored": file.stored,
        "refused": file.refused,
    }


def _words(entry: Entry, agents: dict[str, str]) -> str:
    at = moment(entry.at)
    match entry:
        case Message() if entry.deleted_at:
            return f"{at}  {entry.author_name}: (deleted)"
        case Message():
            delivery = entry.delivery
            state = (
                f"  [{delivery.state}{f': {delivery.problem}' if delivery.problem else ''}]"
                if delivery
                else ""
            )
            flags = f"  ({', '.join(entry.flags)})" if entry.flags else ""
            files = [
                f"\n    + {file.name} ({file.mime}, {size(file.size or 0)}){_because(file.refused)}"
                for file in entry.content.attachments
            ]
            reactions = "".join(f"\n    {each.emoji} " for each in entry.reactions)
            text = _indented(entry.content.text)
            return f"{at}  {entry.author_name}{flags}{state}\n{text}{''.join(files)}{reactions}"
        case Note():
            return f"{at}  {entry.author_name} noted\n{_indented(entry.text)}"
    fact = _activity(entry)
    return f"{at}  * {fact['because'] or fact['what']}"


def _because(problem: str | None) -> str:
    return f": {problem}" if problem else ""


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


@conversation.command("reply")
@click.argument("id")
@click.option("--text", help="What to say, in Markdown; otherwise it is read from standard input.")
@click.option("--to", multiple=True, metavar="ADDRESS", help="Instead of whoever wrote last.")
@click.option("--cc", multiple=True, metavar="ADDRESS")
@click.option("--bcc", multiple=True, metavar="ADDRESS")
@click.option(
    "--attach", multiple=True, metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--as", "agent", metavar="EMAIL", help="Which agent answers; needed when there are several.")
@click.option("--seen", metavar="ENTRY", help="Hold it back if the customer has written after this entry.")
@click.option("--key", help="The same for a repeated call, which then sends once.")
@with_hub
async def reply(
    hub: Hub,
    out: Output,
    id: str,
    text: str | None,
    to: Sequence[str],
    cc: Sequence[str],
    bcc: Sequence[str],
    attach: Sequence[Path],
    agent: str | None,
    seen: str | None,
    key: str | None,
) -> None:
    """Answer in the thread the customer last wrote in. It leaves at once."""
    by = await acting_agent(hub, agent)
    found = await _get(hub, id)
    if text is None:
        if sys.stdin.isatty():
            out.remark("Type the answer; Ctrl-D sends it, Ctrl-C does not.")
        text = sys.stdin.read().strip()
    draft = Draft(
        text=text,
        key=key,
        seen=seen,
        to=tuple(to) or None,
        cc=tuple(cc),
        bcc=tuple(bcc),
        attachments=tuple([await _keep(hub, path) for path in attach]),
        wait=timedelta(),
    )
    message = await send_reply(hub.desk, by, found.id, draft)
    delivery = message.delivery
    people = ", ".join(delivery.to) if delivery else ""
    words = f"Queued as {message.id}{f' to {people}' if people else ''}."
    if not await workers_alive(hub.store.database, hub.clock()):
        words += " Nobody is at work who would send it: start `hubbub serve`."
    out.one(delivery_row(message), words)


async def _keep(hub: Hub, path: Path) -> Attachment:
    declared = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    largest = hub.settings.media.largest_file_bytes
    kept = await hub.store.media.add(_pieces(path), path.name, declared, largest)
    return Attachment(name=path.name, mime=kept.mime, size=kept.size, stored=kept.id)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


async def _get(hub: Hub, typed: str) -> Conversation:
    wanted = await find_id(hub, "conversations", "conversation", typed)
    found = await hub.store.inbox.find_conversation(wanted)
    if found is None:
        raise Failure(f"Conversation {wanted} was deleted at this moment.")
    return found


async def _agent_names(hub: Hub) -> dict[str, str]:
    return {each.id: each.name for each in await hub.store.people.list_agents()}
