"""Serves style, scripts and icons."""

from aiohttp import web

from inbox_ui.pages import PAGES


async def asset(request: web.Request) -> web.StreamResponse:
    """Any version's address answers with what we have now; only the present version may be kept."""
    pages = request.app[PAGES]
    found = pages.assets.files.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    present = request.match_info["version"] == pages.assets.version
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if present else "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'",
        "Vary": "Accept-Encoding",
    }
    body = found.content
    if found.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = found.packed
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, content_type=found.mime, charset="utf-8", headers=headers)
