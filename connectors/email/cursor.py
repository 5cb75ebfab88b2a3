"""How far each folder has been read: what a cursor says. Pure.

A folder is read from two places at once: new mail from `uid` upwards, and, until it is done, old mail from
`Old.uid` up to `Old.upto`. So nobody who writes today waits for ten thousand mails of last year.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hub.contract.inbound import Cursor, Progress


@dataclass(frozen=True, slots=True)
class Old:
    """The first reading of mail that was there before us."""

    uid: int  # read up to here
    upto: int  # and to be read up to here
    done: int = 0
    total: int = 0
    again: bool = False  # the folder was rebuilt on the server: most of it is known already


@dataclass(frozen=True, slots=True)
class Position:
    """How far one folder has been read."""

    uidvalidity: int
    uid: int  # everything up to here is taken, or was there before us
    old: Old | None = None
    todo: tuple[int, ...] = ()  # handed over with this cursor; still to be marked or moved on the server


@dataclass(frozen=True, slots=True)
class Positions:
    """How far the mailbox has been read, and since when: mail older than `since` was never ours to take."""

    since: datetime
    folders: Mapping[str, Position] = field(default_factory=dict)

    def moved(self, folder: str, position: Position) -> "Positions":
        return replace(self, folders={**self.folders, folder: position})

    def settled(self) -> "Positions":
        """The same with nothing left to mark or move."""
        return replace(self, folders={name: replace(at, todo=()) for name, at in self.folders.items()})

    @property
    def progress(self) -> Progress | None:
        """Over all folders; None once the old mail is read."""
        old = [position.old for position in self.folders.values() if position.old is not None]
        return Progress(sum(each.done for each in old), sum(each.total for each in old)) if old else None


def write_cursor(positions: Positions) -> Cursor:
    folders = {}
    for name, position in positions.folders.items():
        entry: dict[str, object] = {"uidvalidity": position.uidvalidity, "uid": position.uid}
        if position.old is not None:
            old = position.old
            entry["old"] = [old.uid, old.upto, old.done, old.total, int(old.again)]
        if position.todo:
            entry["todo"] = list(position.todo)
        folders[name] = entry
    return Cursor(json.dumps({"since": positions.since.isoformat(), "folders": folders}, ensure_ascii=False))


def read_cursor(cursor: Cursor) -> Positions:
    """The positions a cursor of ours says. Raises ValueError for anything else."""
    try:
        saved = json.loads(cursor)
        folders = {
            name: Position(
                int(entry["uidvalidity"]),
                int(entry["uid"]),
                _read_old(entry["old"]) if "old" in entry else None,
                tuple(map(int, entry.get("todo", ()))),
            )
            for name, entry in saved["folders"].items()
        }
        since = datetime.fromisoformat(saved["since"])
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise ValueError("This cursor was not written by an e-mail channel.") from problem
    return Positions(since if since.tzinfo else since.replace(tzinfo=UTC), folders)


def _read_old(saved: list[int]) -> Old:
    uid, upto, done, total, again = saved
    return Old(int(uid), int(upto), int(done), int(total), bool(again))
