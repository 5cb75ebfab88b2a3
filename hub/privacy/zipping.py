"""A zip that is stored while it is made: no more of it is in memory than the piece that is on its way."""

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One file in the zip, its content piece by piece."""

    name: str
    content: AsyncIterator[bytes]


class _Outlet(io.RawIOBase):
    """What the zip is written to: gives away what it got. It cannot go back, and zips can do without."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: Any, /) -> int:
        self.waiting += piece
        return len(piece)

    def take(self) -> bytes:
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken


async def zipped(parts: AsyncIterator[Part], at: datetime) -> AsyncIterator[bytes]:
    """The zip with these files, all of one moment."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        async for part in parts:
            info = zipfile.ZipInfo(part.name, at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            with archive.open(info, "w", force_zip64=True) as entry:
                async for piece in part.content:
                    entry.write(piece)
                    if len(outlet.waiting) >= PIECE:
                        yield outlet.take()
    yield outlet.take()
