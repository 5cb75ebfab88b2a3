"""A conversation with everything that stands beside it, taken away for good.

The ids of its messages stay behind, empty, so that nothing that is handed to us again brings it back; so do
the lines of the journal, without the originals. Files go unless somebody else has the same bytes.
"""

from datetime import datetime

from hub.store import Store
from hub.store.codec import Document
from hub.store.shelves import ms_of


async def clear_conversation(store: Store, conversation: str, now: datetime, code: str) -> int:
    """Can be repeated. Returns how many entries there were. `code`: why the originals are empty."""
    files = await store.erasing.files_of_drafts(conversation)
    lines = await store.originals.about([conversation])
    async for piece in store.erasing.every_entry(conversation):
        await store.search.remove([(ms_of(each["at"]), each["_id"]) for each in piece], now)
        lines += [each["journal"] for each in piece if each.get("journal")]
        lines += await store.originals.about([each["_id"] for each in piece])
        files += [file for each in piece for file in stored_in(each)]
    behind = await store.originals.behind(list(dict.fromkeys(lines)))
    await store.originals.empty(behind.lines, code)
    await store.originals.drop_arrivals(behind.arrivals)
    await store.erasing.drop_beside(conversation)
    emptied = await store.inbox.remove_conversation(conversation, now)
    for file in dict.fromkeys([*files, *behind.files]):
        await store.erasing.drop_file(file)
    return emptied


def stored_in(document: Document) -> list[str]:
    """What a kept entry holds in the media store."""
    attached = (document.get("content") or {}).get("attachments", ())
    return [each["stored"] for each in attached if each.get("stored")]
