"""What an erasure does to one conversation: takes it away, or empties what one person said in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.desk.clearing import stored_in
from hub.ingest.parcels import SUBJECT, last_of
from hub.model.inbox import Conversation, Message, Side
from hub.model.previews import preview_of
from hub.model.privacy import Scope, Secrecy
from hub.privacy.looking import keys_of
from hub.privacy.running import Running
from hub.store.codec import Document, entry_from_document, to_document
from hub.store.erasing import NOBODY, arrived, emptied
from hub.store.inbox import OWN, name_of
from hub.store.shelves import ms_of
from hub.store.sifting import Naming


async def erase_conversation(run: Running, conversation: str) -> None:
    """With everything that stands beside it, and the originals it came from."""
    store, records = run.privacy.desk.store, []
    await store.privacy.add_to_scope(run.job.id, "files", await store.erasing.files_of_drafts(conversation))
    while piece := await store.erasing.some_entries(conversation):
        await run.keep()
        await _forget(run, piece)
        records += [undo for each in piece if (undo := (each.get("details") or {}).get("undo"))]
        await store.erasing.drop_moves(records)
        await run.count({"entries": await store.erasing.drop_entries([each["_id"] for each in piece])})
    await empty_originals(run, await store.originals.about([conversation]))
    await run.count(await store.erasing.drop_beside(conversation))
    await run.count({"conversations": await store.erasing.drop_conversation(conversation)})


async def _forget(run: Running, piece: Sequence[Document]) -> None:
    """Before these entries go: the names by which they stay away, their words, files and originals."""
    store = run.privacy.desk.store
    await store.tombstones.add_messages(names_of(run.privacy.secrecy, piece))
    await store.search.remove([(ms_of(each["at"]), each["_id"]) for each in piece], run.privacy.desk.clock())
    files = [file for each in piece for file in stored_in(each)]
    await store.privacy.add_to_scope(run.job.id, "files", files)
    ids = [each["_id"] for each in piece]
    lines = [each["journal"] for each in piece if each.get("journal")]
    await empty_originals(run, [*lines, *await store.originals.about(ids)])
    await run.count({"audit": await store.sifting.audit(ids)})


def names_of(secrecy: Secrecy, piece: Sequence[Document]) -> list[str]:
    found = []
    for each in piece:
        if each["type"] == "message":
            found.append(secrecy.name("entry", each["_id"]))
            found += [secrecy.name("name", name) for name in each.get("names", ())]
    return found


async def empty_originals(run: Running, lines: Sequence[str], code: str = "arrival_erased") -> None:
    store = run.privacy.desk.store
    behind = await store.originals.behind(lines)
    await store.privacy.add_to_scope(run.job.id, "files", behind.files)
    await run.count({"arrivals": await store.originals.drop_arrivals(behind.arrivals)})
    await run.count({"originals": await store.originals.empty(behind.lines, code)})


async def empty_in(run: Running, scope: Scope, conversation: str) -> None:
    """Of somebody who is not the only one there: what they said, and where they are named as recipients."""
    store, now = run.privacy.desk.store, run.privacy.desk.clock()
    assert run.job.began_at is not None
    keys, names, said = frozenset(keys_of(scope.addresses)), set[str](), set[str]()
    async for piece in store.erasing.every_entry(conversation):
        await run.keep()
        mine = [each for each in piece if _theirs(each, scope, run.job.began_at)]
        names.update(name for each in mine for name in each.get("names", ()))
        said.update(each["_id"] for each in mine)
        if mine:
            await _forget(run, mine)
        changes = [(each["_id"], emptied(each, now)) for each in mine]
        others = [each for each in piece if each not in mine]
        unnamed = [(each, change) for each in others if (change := _without(each, keys, scope))]
        # The message of the other stays; its original, which names them, does not.
        named = [each["journal"] for each, _ in unnamed if each.get("journal")]
        await empty_originals(run, named, "original_named")
        places = [(ms_of(each["at"]), each["_id"]) for each, _ in unnamed]
        await store.privacy.add_to_scope(scope.id, "renamed", [entry for _, entry in places])
        await store.search.remove(places, now)
        await store.erasing.change_entries([*changes, *((each["_id"], change) for each, change in unnamed)])
        await run.count({"emptied": len(changes), "named": len(unnamed)})
    lines = [
        each["_id"] async for each in store.originals.changes_of(conversation) if _about(each, keys, names)
    ]
    await empty_originals(run, lines)
    naming = Naming(said.union(scope.identities, scope.customers), scope.words)
    await run.count(await store.sifting.told_of(conversation, naming))
    await store.erasing.leave_threads(conversation, list(keys), OWN)
    await _without_them(run, scope, conversation)


def _theirs(document: Document, scope: Scope, until: datetime) -> bool:
    said = document["type"] == "message" and document.get("side") == "customer"
    return said and document["author"] in scope.identities and arrived(document) <= until


def _about(line: Document, keys: frozenset[str], names: set[str]) -> bool:
    event: Mapping[str, Any] = line.get("event") or {}
    author = event.get("author") or {}
    if author.get("key") in keys:
        return True
    message = event.get("message")
    return bool(message) and name_of(line["channel"], str(message)) in names


def _without(document: Document, keys: frozenset[str], scope: Scope) -> Document | None:
    """The update that takes somebody out of another's message, as a recipient or by reactions."""
    pulled: Document = {}
    if any(each.get("key") in keys for each in document.get("people", ())):
        pulled["people"] = {"key": {"$in": sorted(keys)}}
    if any(each.get("by") in scope.identities for each in document.get("reactions", ())):
        pulled["reactions"] = {"by": {"$in": list(scope.identities)}}
    delivery = document.get("delivery") or {}
    for way in ("to", "cc", "bcc"):
        if any(each in keys for each in delivery.get(way, ())):
            pulled[f"delivery.{way}"] = {"$in": sorted(keys)}
    if document["type"] == "activity" and document.get("by") in scope.identities:  # how content they were
        return {"$set": {"because": "", "details": {}}}
    if (document.get("details") or {}).get("from") in scope.conversations:  # what was merged into it
        return {"$set": {"because": "", "details.subject": NOBODY}}
    return {"$pull": pulled} if pulled else None


async def _without_them(run: Running, scope: Scope, conversation: str) -> None:
    """The conversation's own lines: whose it is, what it is about, what was said last."""
    store = run.privacy.desk.store
    found = await store.erasing.find_conversation(conversation)
    if found is None:
        return
    first = newest = None
    async for piece in store.erasing.every_entry(conversation):
        for each in piece:
            entry = entry_from_document(each)
            if isinstance(entry, Message):
                newest = entry
                if first is None and entry.side is Side.CUSTOMER and entry.author != NOBODY:
                    first = entry
    changes: Document = {}
    if newest is not None and (found.last.entry == newest.id or found.last.author_name != newest.author_name):
        last = to_document(last_of(newest))
        changes["last"] = {**last, "preview": "", "deleted": True} if newest.deleted_at else last
    if found.customer in scope.customers:
        changes |= await _successor(run, found, first)
    if changes:
        await store.erasing.set_conversation(conversation, changes)


async def _successor(run: Running, found: Conversation, first: Message | None) -> Document:
    """It was opened by whoever is erased: from now on it is the next one's who wrote in it."""
    store = run.privacy.desk.store
    if first is None:
        return {"customer_name": NOBODY, "subject": NOBODY}
    identity = (await store.people.find_identities([first.author])).get(first.author)
    subject = (first.content.subject or preview_of(first.content))[:SUBJECT]
    changes: Document = {"subject": subject, "identity": first.author, "customer_name": first.author_name}
    return {**changes, "customer": identity.customer} if identity else changes
