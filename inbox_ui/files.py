"""Attachments: by signed link, without a cookie, as downloads; pictures of safe kinds may be shown."""

from urllib.parse import quote

from aiohttp import web

from hub.desk.opening import open_attachment, size_of
from hub.model.content import Attachment
from inbox_ui.pages import PAGES
from inbox_ui.signing import read_link
from inbox_ui.timeline import FILMS, PICTURES, SOUNDS

HEADERS = {
    # Whatever it is, and however a browser came to open it: nothing in it runs or loads.
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
}


async def file(request: web.Request) -> web.StreamResponse:
    pages = request.app[PAGES]
    link = read_link(pages.key, request.match_info["link"], pages.desk.clock())
    if link is None:
        raise web.HTTPNotFound(text="This link is over. Load the conversation again.")
    name = request.match_info["name"]
    attachment = Attachment(name=name, mime=link.mime, stored=link.media)
    try:
        size = await size_of(pages.desk, link.media)
        start, stop = _wanted(request, size, link.media)
        content = open_attachment(pages.desk, attachment, start, stop)
        first = await anext(content, b"")
    except LookupError:
        raise web.HTTPNotFound(text="This file is not kept any more.") from None
    shown = link.shown and link.mime in PICTURES | SOUNDS | FILMS
    headers = {
        **HEADERS,
        "Content-Type": link.mime if shown else "application/octet-stream",
        "Content-Disposition": "inline" if shown else f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "private, max-age=36000, immutable",
        "Accept-Ranges": "bytes",
        "ETag": f'"{link.media}"',
        "Content-Length": str(stop - start),
    }
    part = stop - start < size
    if part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response = web.StreamResponse(status=206 if part else 200, headers=headers)
    await response.prepare(request)
    if request.method != "HEAD":
        await response.write(first)
        async for piece in content:
            await response.write(piece)
    await response.write_eof()
    return response


def _wanted(request: web.Request, size: int, media: str) -> tuple[int, int]:
    """From where to where: a player that jumps and a reader of PDF ask for parts (RFC 9110, 14).

    Several parts at once, and parts of another file than this, are answered with all of it.
    """
    if request.headers.get("If-Range", f'"{media}"') != f'"{media}"':
        return 0, size
    try:
        asked = request.http_range
    except ValueError:
        return 0, size
    start, stop, _ = asked.indices(size)
    if asked.start is None and asked.stop is None:
        return 0, size
    if start >= stop:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return start, stop
