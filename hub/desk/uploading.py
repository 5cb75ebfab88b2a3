"""Files for an answer: uploaded one by one while it is written, attached when it is sent.

    attachment = await upload(desk, agent, chunks, name="offer.pdf", mime="application/pdf")
    draft = Draft(text="Here it is.", attachments=await attach(desk, agent, [attachment.stored]))

What is uploaded is its agent's, who alone may attach it. What neither a draft nor a message holds for a day
is swept away.
"""

import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from hub.auth.access import NotAllowed
from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.ingest.names import extension_of, safe_file_name
from hub.model.content import Attachment
from hub.model.desk import Upload
from hub.model.people import Agent
from hub.store.media import MediaMissing, MediaTooLarge

LOOSE_LASTS = timedelta(days=1)
ATTACHED_MOST = 100


class FileTooLarge(NotPossible):
    """The text says how large a file may be."""


async def upload(
    desk: Desk,
    agent: Agent,
    chunks: AsyncIterator[bytes] | bytes,
    *,
    name: str,
    mime: str,
    inline: bool = False,
) -> Attachment:
    """Store a file; `stored` of what is returned is the reference that `attach` takes.

    `inline`: a picture that stands in the text. Raises FileTooLarge, NotAllowed.
    """
    if agent.disabled:
        raise NotAllowed("sign_in_disabled")
    try:
        kept = await desk.store.media.add(
            chunks, safe_file_name(name, mime), mime, desk.largest_file, apart=secrets.token_hex(16)
        )
    except MediaTooLarge as problem:
        raise FileTooLarge("upload_large", name=name[:100], most=problem.largest // 1_048_576) from None
    inline_id = f"{secrets.token_hex(8)}{extension_of(kept.mime)}" if inline else None
    one = Upload(
        id=kept.id,
        agents=(agent.id,),
        name=kept.name,
        mime=kept.mime,
        size=kept.size,
        inline_id=inline_id,
        loose_at=desk.clock(),
    )
    await desk.store.uploads.add(one)
    return _attachment(one)


async def attach(desk: Desk, agent: Agent, references: Sequence[str]) -> tuple[Attachment, ...]:
    """What is behind the references, held from now on. Raises NotPossible where one is missing."""
    wanted = list(dict.fromkeys(references))
    if len(wanted) > ATTACHED_MOST:
        raise NotPossible("attached_many", most=ATTACHED_MOST)
    found = await desk.store.uploads.find(wanted)
    # The sweep may be taking one of them at this moment: only what is held is attached.
    if len(found) < len(wanted) or not await desk.store.uploads.hold(wanted, agent.id):
        raise NotPossible("attached_gone")
    return tuple(_attachment(found[each]) for each in wanted)


async def list_uploads(desk: Desk, agent: Agent, references: Sequence[str]) -> tuple[Attachment, ...]:
    """Those of them that the agent may attach, not held yet."""
    found = await desk.store.uploads.find(list(references))
    return tuple(
        _attachment(found[each])
        for each in dict.fromkeys(references)
        if each in found and agent.id in found[each].agents
    )


async def copy_file(desk: Desk, agent: Agent, one: Attachment) -> Attachment:
    """The same file once more, for this agent to attach. Raises NotPossible where it is gone."""
    try:
        bytes_of_it = desk.store.media.open(one.stored or "")
        return await upload(desk, agent, bytes_of_it, name=one.name, mime=one.mime)
    except MediaMissing:
        raise NotPossible("attached_gone") from None


async def let_go(desk: Desk, attachments: Sequence[Attachment]) -> None:
    """A draft that held them is no more. They wait a day for being attached again."""
    await desk.store.uploads.let_go([each.stored for each in attachments if each.stored], desk.clock())


async def let_in(desk: Desk, agent: Agent, attachments: Sequence[Attachment]) -> None:
    """The agent may attach what somebody shared with them."""
    await desk.store.uploads.let_in([each.stored for each in attachments if each.stored], agent.id)


async def sweep_uploads(desk: Desk, lasts: timedelta = LOOSE_LASTS) -> int:
    """Delete what nothing has held for so long. Returns how many files."""
    before, swept = desk.clock() - lasts, 0
    for each in await desk.store.uploads.loose(before):
        if await desk.store.uploads.close(each, before):
            # The bytes first: without its reference a file would never be found again.
            await desk.store.media.delete(each)
            await desk.store.uploads.remove(each)
            swept += 1
    return swept


def _attachment(one: Upload) -> Attachment:
    return Attachment(name=one.name, mime=one.mime, size=one.size, stored=one.id, inline_id=one.inline_id)
