"""Reading a mailbox: which mails are new, in what portions, and what becomes of them on the server.

One connection serves all folders. The first folder is watched by IDLE; the others are asked every minute, on
the same connection. Messages are found by UID within UIDVALIDITY, never by sequence number or date.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from imapclient.exceptions import IMAPClientError

from connectors.email.config import EmailConfig
from connectors.email.connection import Mailbox
from connectors.email.cursor import Old, Position, Positions
from connectors.email.sayings import in_words, sentence
from connectors.email.threads import thread_of
from hub.contract.capabilities import Surface
from hub.contract.connector import Kit
from hub.contract.errors import Unavailable
from hub.contract.inbound import ArrivedRaw, Thread

_CLOCKS = timedelta(minutes=1)  # by which the server's clock may differ from ours
Facts = dict[int, dict[bytes, Any]]  # what a FETCH answers: UID -> item -> value


@dataclass(frozen=True, slots=True)
class Portion:
    """Mails of one folder, and where the mailbox stands once they are safe."""

    events: Sequence[ArrivedRaw]
    positions: Positions
    old: bool = False  # from before we were here


class Reader:
    """Reads one mailbox over one connection."""

    def __init__(self, mailbox: Mailbox, config: EmailConfig, kit: Kit) -> None:
        self._mailbox = mailbox
        self._config = config
        self._kit = kit
        self._folders = config.imap.folders
        self._selected: tuple[str, int] | None = None
        self._old: dict[str, list[int]] = {}  # UIDs of old mail still to be read
        self._asked_at: dict[str, float] = {}

    async def standing(self) -> Positions:
        """Where a mailbox stands that is read for the first time, by the channel's `start`."""
        positions = Positions(self._kit.now())
        for folder in self._folders:
            try:
                uidvalidity, newest = await self._select(folder, fresh=True)
            except IMAPClientError as problem:
                self._complain(folder, problem)
                continue
            old = Old(0, newest) if self._config.start != "now" and newest else None
            positions = positions.moved(folder, Position(uidvalidity, newest, old))
        return positions

    async def read(self, positions: Positions) -> AsyncGenerator[Portion, None]:
        """Portions, for ever. Being asked for the next one means the last is safe."""
        positions = await self._settle(positions)
        while True:
            busy = False
            for folder in self._due():
                portion = await self._portion(folder, positions)
                if portion is not None:
                    busy = True
                    yield portion
                    positions = portion.positions
                    portion = None  # its mails may be large, and the next ones are about to be fetched
                    positions = await self._settle(positions)
                    self._asked_at.pop(folder, None)
            if not busy:
                await self._wait()

    def _due(self) -> list[str]:
        """The folders to look into now. The watched one comes last: IDLE must follow its search directly."""
        now = asyncio.get_running_loop().time()
        every = self._config.timeouts.poll
        others = [name for name in self._folders[1:] if now - self._asked_at.get(name, -every) >= every]
        for name in others:
            self._asked_at[name] = now
        return [*others, self._folders[0]]

    async def _wait(self) -> None:
        limits = self._config.timeouts
        seconds = min(limits.idle, limits.poll) if len(self._folders) > 1 else limits.idle
        if await self._mailbox.has("IDLE"):
            await self._mailbox.idle(seconds)
            return
        await asyncio.sleep(limits.poll)
        await self._mailbox.run(lambda client: client.noop())

    async def _portion(self, folder: str, positions: Positions) -> Portion | None:
        """The next mails of a folder: new ones first, then old ones. None when there are none."""
        try:
            at = await self._position(folder, positions)
        except IMAPClientError as problem:
            if folder == self._folders[0]:
                words = f"The folder {folder} cannot be opened: {in_words(problem)}"
                raise Unavailable(sentence(words)) from problem
            self._complain(folder, problem)
            return None
        new = [uid for uid in await self._search(["UID", f"{at.uid + 1}:*"]) if uid > at.uid]
        if new:
            events, last, _ = await self._fetch(folder, at.uidvalidity, new)
            return self._handed(folder, positions, replace(at, uid=last), events)
        if at.old is None:
            return None
        return await self._old_portion(folder, positions, at, at.old)

    async def _old_portion(self, folder: str, positions: Positions, at: Position, old: Old) -> Portion:
        if folder not in self._old:
            criteria = [*self._criteria(positions.since, again=old.again), "UID", f"{old.uid + 1}:{old.upto}"]
            self._old[folder] = [uid for uid in await self._search(criteria) if old.uid < uid <= old.upto]
            old = replace(old, total=old.done + len(self._old[folder]))
        waiting = self._old[folder]
        events, last, taken = await self._fetch(folder, at.uidvalidity, waiting)
        if old.again and self._config.start == "now":
            events = [event for event in events if event.at >= positions.since - _CLOCKS]
        self._old[folder] = waiting[taken:]
        left = replace(old, uid=last, done=old.done + taken) if self._old[folder] else None
        if left is None:
            del self._old[folder]
        handed = self._handed(folder, positions, replace(at, old=left), events)
        return replace(handed, old=not old.again)  # of a rebuilt folder, some may have come meanwhile

    def _handed(
        self, folder: str, positions: Positions, at: Position, events: Sequence[ArrivedRaw]
    ) -> Portion:
        todo = () if self._config.after == "leave" else tuple(int(event.raw["uid"]) for event in events)
        return Portion(events, positions.moved(folder, replace(at, todo=todo)))

    async def _position(self, folder: str, positions: Positions) -> Position:
        """Select the folder and say where we stand in it; a rebuilt or new one is read from its beginning."""
        known = positions.folders.get(folder)
        uidvalidity, newest = await self._select(folder)
        if known is not None and known.uidvalidity == uidvalidity:
            return known
        self._old.pop(folder, None)
        if known is None:  # chosen since: it is read as at a first connection
            old = Old(0, newest) if self._config.start != "now" and newest else None
            return Position(uidvalidity, newest, old)
        self._kit.log.warning("the server renumbered a folder; reading it again", extra={"folder": folder})
        again = known.old is None or known.old.again
        return Position(uidvalidity, newest, Old(0, newest, again=again) if newest else None)

    async def _select(self, folder: str, *, fresh: bool = False) -> tuple[int, int]:
        """UIDVALIDITY and the newest UID. The latter only matters, and is only asked for, when selecting."""
        if self._selected is not None and self._selected[0] == folder and not fresh:
            return self._selected[1], 0
        self._selected = None
        answer: dict[bytes, Any] = await self._mailbox.run(lambda client: client.select_folder(folder))
        uidvalidity = int(answer.get(b"UIDVALIDITY", 0))
        if b"UIDNEXT" in answer:
            newest = int(answer[b"UIDNEXT"]) - 1
        else:
            newest = max(await self._search(["ALL"]), default=0)
        self._selected = (folder, uidvalidity)
        return uidvalidity, newest

    async def _search(self, criteria: list[Any]) -> list[int]:
        return sorted(await self._mailbox.run(lambda client: list(client.search(criteria))))

    def _criteria(self, since: datetime, *, again: bool) -> list[Any]:
        """What old mail to take. A day early where the moment counts: servers know only their own days."""
        day: date = self._config.since or (since.astimezone(UTC) - timedelta(days=1)).date()
        if self._config.since is not None:
            return ["SINCE", day]
        if self._config.start == "unread" and again:
            return ["OR", "UNSEEN", "SINCE", day]
        return ["SINCE", day] if again else ["UNSEEN"]

    async def _fetch(
        self, folder: str, uidvalidity: int, uids: Sequence[int]
    ) -> tuple[list[ArrivedRaw], int, int]:
        """The first portion of these mails; the last UID it covers; how many of `uids` it covers.

        Sizes are asked first, so that a portion stays within `batch_bytes` and a large mail comes alone.
        """
        some = list(uids[: self._config.batch_mails])
        if not some:
            return [], 0, 0
        wanted = ["RFC822.SIZE", "INTERNALDATE"]
        facts: Facts = await self._mailbox.run(lambda client: client.fetch(some, wanted))
        portion: list[int] = []
        size = 0
        for uid in some:
            size += int(facts.get(uid, {}).get(b"RFC822.SIZE") or 0)
            if portion and size > self._config.batch_bytes:
                break
            portion.append(uid)
        bodies = await self._bodies([uid for uid in portion if uid in facts], facts)
        for uid in portion:
            if uid not in bodies:
                bodies.update(await self._ask_again(uid))
        taken = [uid for uid in portion if uid in bodies]
        events = [self._arrived(folder, uidvalidity, uid, bodies[uid], facts.get(uid, {})) for uid in taken]
        return events, portion[-1], len(portion)

    async def once_more(self, folder: str, uidvalidity: int, uids: Sequence[int]) -> list[ArrivedRaw]:
        """These mails again, whatever became of them; none when the folder was renumbered since."""
        events: list[ArrivedRaw] = []
        if (await self._select(folder))[0] != uidvalidity:
            return events
        while uids:
            some, _, taken = await self._fetch(folder, uidvalidity, uids)
            events += some
            uids = uids[taken:]
        return events

    async def _bodies(self, uids: Sequence[int], facts: Facts) -> dict[int, bytes]:
        most = self._config.largest_mail
        whole = [uid for uid in uids if int(facts[uid].get(b"RFC822.SIZE") or 0) <= most]
        bodies: dict[int, bytes] = {}
        if whole:
            bodies = await self._ask(whole, "BODY.PEEK[]")
        for uid in uids:
            if uid not in whole:
                bodies.update(await self._ask([uid], f"BODY.PEEK[]<0.{most}>"))
        return bodies

    async def _ask(self, uids: list[int], item: str) -> dict[int, bytes]:
        """Fetch mails. One that the server refuses is replaced by a note, so that it blocks nobody."""
        try:
            answer: Facts = await self._mailbox.run(lambda client: client.fetch(uids, [item]))
        except IMAPClientError as problem:
            if len(uids) == 1:
                return {uids[0]: _note(uids[0], in_words(problem))}
            bodies: dict[int, bytes] = {}
            for uid in uids:
                bodies.update(await self._ask([uid], item))
            return bodies
        found = {
            uid: next((value for key, value in parts.items() if key.startswith(b"BODY[]")), None)
            for uid, parts in answer.items()
        }
        return {uid: body for uid, body in found.items() if body and uid in uids}

    async def _ask_again(self, uid: int) -> dict[int, bytes]:
        """A mail that was found, and then left out of the answer: removed meanwhile, or a stumbling block.

        The cursor is about to pass it, so if it is still there, something has to stand for it.
        """
        found = await self._ask([uid], f"BODY.PEEK[]<0.{self._config.largest_mail}>")
        if found or uid not in await self._search(["UID", str(uid)]):
            return found
        return {uid: _note(uid, "nothing; it left this mail out of its answer, twice")}

    def _arrived(
        self, folder: str, uidvalidity: int, uid: int, body: bytes, facts: dict[bytes, Any]
    ) -> ArrivedRaw:
        at = facts.get(b"INTERNALDATE")
        return ArrivedRaw(
            key=f"{folder}:{uidvalidity}:{uid}",
            at=at.astimezone(UTC) if isinstance(at, datetime) else self._kit.now(),
            thread=Thread(thread_of(body), Surface.EMAIL),
            raw={"folder": folder, "uid": uid, "size": int(facts.get(b"RFC822.SIZE") or len(body))},
            body=body,
        )

    async def _settle(self, positions: Positions) -> Positions:
        """Mark or move on the server what was handed over and is safe. Trouble with it stops nothing."""
        for folder, at in positions.folders.items():
            if not at.todo or self._config.after == "leave":
                continue
            try:
                if (await self._select(folder))[0] == at.uidvalidity:
                    await self._deal_with(list(at.todo))
            except IMAPClientError as problem:
                self._complain(folder, problem)
        return positions.settled()

    async def _deal_with(self, uids: list[int]) -> None:
        target = self._config.move_to
        if target is None:
            await self._mailbox.run(lambda client: client.add_flags(uids, [b"\\Seen"], silent=True))
            return
        if not await self._mailbox.run(lambda client: client.folder_exists(target)):
            await self._mailbox.run(lambda client: client.create_folder(target))
        if await self._mailbox.has("MOVE"):
            await self._mailbox.run(lambda client: client.move(uids, target))
            return
        await self._mailbox.run(lambda client: client.copy(uids, target))
        await self._mailbox.run(lambda client: client.add_flags(uids, [b"\\Deleted"], silent=True))
        if await self._mailbox.has("UIDPLUS"):  # without it, EXPUNGE would remove other people's mails too
            await self._mailbox.run(lambda client: client.uid_expunge(uids))

    def _complain(self, folder: str, problem: IMAPClientError) -> None:
        self._kit.log.warning("a folder refuses", extra={"folder": folder, "words": in_words(problem)})


def _note(uid: int, words: str) -> bytes:
    """What stands in for a mail that the server will not hand over."""
    text = f"The server does not hand over this mail (number {uid}). It says: {words}"
    head = b"Subject: A mail that could not be fetched\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return head + text.encode()
