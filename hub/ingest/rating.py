"""Answers to the question how content somebody is, tapped or typed in the chat where it was asked.

Only what begins with a number from 1 to 5 is looked at, so that nobody else's message waits for it.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from hub.contract.capabilities import Surface
from hub.ingest.parcels import Parcel
from hub.model.journal import Outcome
from hub.store.inbox import thread_id
from hub.store.queues import Finished

Ended = tuple[Outcome, str | None, str]
InChats = Callable[[Mapping[str, tuple[str, str]]], Awaitable[Mapping[str, Ended]]]
LOOKS_LIKE_IT = re.compile(r"\s*[1-5](?!\d).{0,80}\s*")


async def rated(chats: InChats | None, parcels: Sequence[Parcel]) -> dict[str, Finished]:
    """How those end that are answers."""
    said = {
        each.journal: (thread_id(each.channel.id, each.event.thread.key), each.content.text)
        for each in parcels
        if each.event.thread.surface is Surface.DIRECT
        and not each.content.attachments
        and LOOKS_LIKE_IT.fullmatch(each.content.text)
    }
    if chats is None or not said:
        return {}
    found = await chats(said)
    return {key: Finished(key, outcome, ref, words) for key, (outcome, ref, words) in found.items()}
