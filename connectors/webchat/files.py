"""Files of a web chat: those that visitors upload, and those they may fetch."""

from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import quote

from aiohttp import web

from connectors.webchat.door import Caller, Refused, pieces_of, said, words
from connectors.webchat.shapes import PICTURES
from connectors.webchat.tokens import file_mark
from hub.contract.visitors import Hosting

MB = 1_048_576


def owner_of(caller: Caller) -> str:
    """Under which name a visitor's files wait for being sent."""
    return f"visitor:{caller.channel}:{caller.key}"


@dataclass(frozen=True, slots=True)
class Files:
    hosting: Hosting

    async def add(self, caller: Caller) -> web.Response:
        """The bytes as they are; `name` in the query. What they are is judged by looking at them."""
        config, request = caller.connector.config, caller.request
        most = config.largest_file * MB
        if config.identity_required and not (caller.holder and caller.holder.verified):
            raise Refused(403, "sign_in")
        if not most or (request.content_length or 0) > most:
            raise Refused(413, "file_large", most=config.largest_file)
        name = words(request.query.get("name"), 200) or "file"
        try:
            kept = await self.hosting.keep_file(
                owner_of(caller), pieces_of(request), name, request.content_type, most
            )
        except ValueError:
            raise Refused(413, "file_large", most=config.largest_file) from None
        if not kept.size:
            raise Refused(400, "file_empty")
        return said({"id": kept.stored, "name": kept.name, "mime": kept.mime, "size": kept.size})

    async def get(self, caller: Caller) -> web.StreamResponse:
        """By an address that we signed: no token, as pictures are asked for without one."""
        request = caller.request
        file, name = request.match_info["file"], request.match_info["name"]
        until, mime = request.query.get("until", ""), request.query.get("mime", "")
        if not (until.isascii() and until.isdecimal() and len(until) < 12):
            raise Refused(404, "file_gone")
        mark = file_mark(caller.secret, caller.channel, f"{file}:{mime}", name, int(until))
        given = request.query.get("mark", "").encode("utf-8", "replace")
        if not compare_digest(given, mark.encode()) or int(until) < self.hosting.now().timestamp():
            raise Refused(404, "file_gone")
        pieces = self.hosting.open_file(file)
        try:
            first = await anext(pieces, b"")
        except LookupError:
            raise Refused(404, "file_gone") from None
        response = web.StreamResponse(headers=_headers(name, mime))
        await response.prepare(request)
        await response.write(first)
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
        return response


def _headers(name: str, mime: str) -> dict[str, str]:
    """Pictures are shown, all else is downloaded; nothing of it is ever a page."""
    picture = mime in PICTURES
    manner = "inline" if picture else "attachment"
    return {
        "Content-Type": mime if picture else "application/octet-stream",
        "Content-Disposition": f"{manner}; filename*=UTF-8''{quote(name, safe='', errors='replace')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=43200",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
