"""The door for files that are to be attached: one at a time, streamed into the media store."""

from urllib.parse import unquote

from aiohttp import web

from hub.desk.uploading import FileTooLarge, upload
from hub.model.content import Attachment
from inbox_ui.composing import attached
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.timeline import Reader
from inbox_ui.visitor import agent_of, draw, words_of


async def add(request: web.Request) -> web.StreamResponse:
    """POST /uploads with the file as the body, and its name, written as in an address, in `X-File-Name`.

    `?inline=1`: a picture that stands in the text. Answers with the file as the composer shows it.
    """
    pages, agent, words = request.app[PAGES], agent_of(request), words_of(request)
    name = unquote(request.headers.get("X-File-Name", "")) or words.gettext("file")
    length = request.content_length
    try:
        if length is not None and length > pages.desk.largest_file:
            size = words.size(pages.desk.largest_file)
            too_large = words.gettext(
                "%(name)s is too large: a file may have %(size)s.", name=name[:100], size=size
            )
            raise FileTooLarge(too_large)
        kept = await upload(
            pages.desk,
            agent,
            request.content.iter_any(),
            name=name,
            mime=request.content_type,
            inline="inline" in request.query,
        )
    except FileTooLarge as problem:
        # What is still coming is not read: the browser has to hear the answer all the same.
        return web.Response(status=413, text=told(problem, words), headers={"Connection": "close"})
    return uploaded(request, kept)


def uploaded(request: web.Request, kept: Attachment) -> web.Response:
    """The file as the composer shows it."""
    pages = request.app[PAGES]
    one = attached(kept, Reader(words_of(request), pages.key, pages.desk.clock(), {}, {}))
    return web.json_response(
        {
            "reference": kept.stored,
            "mime": kept.mime,
            "size": kept.size,
            "inline": kept.inline_id or "",
            "html": draw(request, "attached.html", each=one),
        },
        status=201,
    )
