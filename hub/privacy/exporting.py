"""Everything about one person as a zip: a readable index, JSON of everything, and the files.

Of conversations in which others write too there is only what this person said: the rest is not theirs. Read
piece by piece, so that a person with a hundred thousand messages needs no more memory than one with ten.
"""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hub.desk.clearing import stored_in
from hub.ingest.names import safe_file_name
from hub.model.privacy import Kept, Scope
from hub.privacy.looking import look
from hub.privacy.reading import Line, conversation_page, index_page
from hub.privacy.receipts import told_of
from hub.privacy.running import Running
from hub.privacy.zipping import Part, zipped
from hub.store.codec import Document, to_document
from hub.store.media import MediaMissing

EXPORT_DAYS = 7  # where no rule says otherwise
LARGEST = 1 << 42  # bytes
LEFT_OUT = ("names", "outbox", "journal")  # of an entry: how we find it, nothing about anybody


@dataclass(slots=True)
class Exporting:
    """What is written down while the parts are made, for the index that comes last."""

    run: Running
    scope: Scope
    lines: list[Line] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)  # media id to name in the zip
    missing: int = 0

    async def parts(self) -> AsyncIterator[Part]:
        for name, content in (
            ("profile.json", self._profile()),
            ("consents.json", self._consents()),
            ("ratings.json", self._ratings()),
            ("events.json", self._events()),
            ("visits.json", self._visits()),
            ("history.json", self._history()),
        ):
            yield Part(name, content)
        for number, conversation in enumerate((*self.scope.conversations, *self.scope.shared), start=1):
            await self.run.keep()
            shared = conversation in self.scope.shared
            line = await self._line(f"conversations/{number:05}", conversation, shared)
            if line is None:
                continue
            self.lines.append(line)
            yield Part(f"{line.place}.json", self._conversation(line))
            yield Part(f"{line.place}.html", conversation_page(line, self._entries(line), self.files))
        for file, name in self.files.items():
            await self.run.keep()
            yield Part(name, self._file(file))
        yield Part("index.html", _once(index_page(self.lines, self.run.counts, self.missing)))

    # Who they are

    async def _profile(self) -> AsyncIterator[bytes]:
        people = self.run.privacy.desk.store.people
        whole = (await people.find_customers([self.run.job.customer])).get(self.run.job.customer)
        parts = await people.find_parts(self.scope.customers)
        identities = await people.identities_of_members(self.scope.customers)
        links = await self.run.privacy.desk.store.likenesses.records_of(self.scope.customers, 1000)
        await self.run.count({"identities": len(identities), "customers": len(parts), "links": len(links)})
        yield _json(
            {
                "profile": to_document(whole) if whole else None,
                "parts": [to_document(each) for each in parts.values()],
                "identities": [to_document(each) for each in identities],
                "merges": [to_document(each) for each in links],
            }
        )

    async def _consents(self) -> AsyncIterator[bytes]:
        found = await self.run.privacy.desk.store.consents.of_customers(self.scope.customers)
        await self.run.count({"consents": len(found)})
        yield _json([to_document(each) for each in found])

    async def _ratings(self) -> AsyncIterator[bytes]:
        found = await self.run.privacy.desk.store.ratings.of_customers(self.scope.customers)
        await self.run.count({"ratings": len(found)})
        yield _json([to_document(each) for each in found])

    async def _events(self) -> AsyncIterator[bytes]:
        happenings, before = self.run.privacy.desk.store.happenings, None
        yield b"["
        first = True
        while rows := await happenings.page(self.scope.customers, before, 200):
            for each in rows:
                yield (b"" if first else b",\n") + _json(to_document(each))
                first = False
            before = (rows[-1].at, rows[-1].id)
            await self.run.count({"events": len(rows)})
        yield b"]"

    async def _visits(self) -> AsyncIterator[bytes]:
        found = []
        for thread in self.scope.threads:
            visitor = await self.run.privacy.desk.store.visitors.find_by_thread(thread)
            found += [to_document(visitor)] if visitor else []
        await self.run.count({"visitors": len(found)})
        yield _json(found)

    async def _history(self) -> AsyncIterator[bytes]:
        """Who changed what of their profile."""
        lines = self.run.privacy.desk.store.sifting.audit_lines(self.scope.customers)
        fields = ("_id", "at", "by_name", "deed", "details")
        yield _json([{key: each.get(key) for key in fields} async for each in lines])

    # What was said

    async def _line(self, place: str, conversation: str, shared: bool) -> Line | None:
        found = await self.run.privacy.desk.store.erasing.find_conversation(conversation)
        if found is None:
            return None
        line = Line(place=place, conversation=found, shared=shared)
        async for each in self._entries(line):
            line.entries += 1
            self._note_files(each)
        if not line.entries:
            return None
        await self.run.count({"conversations": 1, "entries": line.entries})
        return line

    async def _entries(self, line: Line) -> AsyncIterator[Document]:
        erasing, theirs = self.run.privacy.desk.store.erasing, self.scope.identities
        async for piece in erasing.every_entry(line.conversation.id):
            for each in piece:
                if not line.shared or each.get("author") in theirs:
                    yield each

    async def _conversation(self, line: Line) -> AsyncIterator[bytes]:
        yield b'{"conversation": ' + _json(to_document(line.conversation)) + b',\n"entries": [\n'
        first = True
        async for each in self._entries(line):
            kept = {key: value for key, value in each.items() if key not in LEFT_OUT}
            yield (b"" if first else b",\n") + _json(kept)
            first = False
        yield b'\n],\n"decisions": [\n'
        first = True
        if not line.shared:
            async for each in self.run.privacy.desk.store.erasing.decisions_of(line.conversation.id):
                yield (b"" if first else b",\n") + _json(each)
                first = False
        yield b"\n]}\n"

    # Files

    def _note_files(self, document: Document) -> None:
        names = {each["stored"]: each for each in _attached(document) if each.get("stored")}
        for file in stored_in(document):
            if file not in self.files:
                name = safe_file_name(names[file].get("name", ""), names[file].get("mime", ""))
                self.files[file] = f"files/{len(self.files) + 1:05}-{name}"

    async def _file(self, file: str) -> AsyncIterator[bytes]:
        try:
            async for piece in self.run.privacy.desk.store.media.open(file):
                yield piece
        except MediaMissing:
            self.missing += 1
        else:
            await self.run.count({"files": 1})


async def export(run: Running) -> dict[str, Any]:
    """Write it, and say where it is: what changes of the job. Raises Lost."""
    store, now = run.privacy.desk.store, run.privacy.desk.clock()
    name = f"{run.job.id}.zip"
    await store.erasing.drop_named(name, run.job.at)  # what a run that died has left
    run.counts.clear()  # from the beginning: half a zip is of no use
    await run.change({"counts": {}, "step": "writing", "began_at": now})
    scope = await look(store, run.job.id, run.job.customer, now)
    writing = Exporting(run, scope)
    pieces = zipped(writing.parts(), now)
    kept = await store.media.add(pieces, name, "application/zip", LARGEST, apart=run.job.id)
    ended = run.privacy.desk.clock()
    receipt = run.privacy.signing.sign(told_of(run.job, ended, run.counts, {}))
    return {"file": kept.id, "size": kept.size, "expires_at": ended + await _lasts(run), "receipt": receipt}


async def _lasts(run: Running) -> timedelta:
    rules = await run.privacy.desk.store.privacy.rules()
    return timedelta(days=next((each.days for each in rules if each.kind is Kept.EXPORTS), EXPORT_DAYS))


def _attached(document: Document) -> Iterable[Document]:
    attached: Iterable[Document] = (document.get("content") or {}).get("attachments", ())
    return attached


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode("utf-8", "replace")


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
