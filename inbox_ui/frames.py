"""Foreign HTML: cleaned first, then shown in a frame without scripts, forms or an origin.

Pictures from elsewhere would tell the sender that and when somebody read: they stay off until asked for.
"""

import asyncio
import re
from collections import Counter
from copy import deepcopy

import nh3
from aiohttp import web
from markupsafe import Markup

from hub.desk.opening import find_entry
from hub.model.inbox import Message
from inbox_ui.pages import PAGES
from inbox_ui.signing import link_to
from inbox_ui.timeline import PICTURES
from inbox_ui.visitor import agent_of, draw

# How a mail may look; nothing that moves it out of its place or covers something.
STYLES = {
    "background", "background-color", "border", "border-bottom", "border-collapse", "border-color",
    "border-left",
    "border-radius", "border-right", "border-spacing", "border-style", "border-top", "border-width", "color",
    "display", "font", "font-family", "font-size", "font-style", "font-weight", "height", "letter-spacing",
    "line-height", "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top",
    "max-width", "min-width", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top",
    "text-align", "text-decoration", "text-transform", "vertical-align", "white-space", "width",
    "word-break",
}  # fmt: skip
LOOKS = {
    "align", "bgcolor", "border", "cellpadding", "cellspacing", "color", "dir", "height", "style", "valign",
    "width",
}  # fmt: skip
TAGS = nh3.ALLOWED_TAGS | {"center", "font", "u", "s", "small", "big", "main", "section", "address"}
DROPPED = {"script", "style", "title", "noscript", "iframe", "object", "svg", "math", "template"}
FUNCTION = re.compile(r"([\w-]*)\s*\(")
FUNCTIONS = {"rgb", "rgba", "hsl", "hsla", "calc", "min", "max"}  # others fetch: url, image-set, src …
REMOTE = re.compile(r"^\s*https?:", re.IGNORECASE)
LARGEST = 2_000_000  # characters; what is longer is cut before it is read
DEEPEST = 1_000  # elements within each other; cleaning takes the square of it
TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
ENDS_BY_ITSELF = {
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option",
    "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
}  # fmt: skip


async def frame(request: web.Request) -> web.StreamResponse:
    """`?images=1`: with pictures from elsewhere."""
    pages = request.app[PAGES]
    entry = await find_entry(pages.desk, agent_of(request), request.match_info["entry"])
    if not isinstance(entry, Message) or not entry.content.html or entry.deleted_at:
        raise web.HTTPNotFound
    with_images = "images" in request.query
    inside = {}
    for each in entry.content.attachments:
        if each.inline_id and each.stored and each.mime in PICTURES:
            link = link_to(pages.key, each.stored, each.mime, pages.desk.clock(), shown=True)
            inside[each.inline_id] = f"/files/{link}/picture"
    # Beside the loop: a table of a hundred thousand cells takes seconds.
    body, remote = await asyncio.to_thread(
        clean, entry.content.html[:LARGEST], inside, with_images=with_images
    )
    text = draw(
        request,
        "frame.html",
        title=entry.author_name,
        body=Markup(body),  # noqa: S704  (cleaned just above)
        pictures=0 if with_images else remote,
    )
    return web.Response(text=text, content_type="text/html", headers=frame_headers(request, with_images))


def clean(html: str, inside: dict[str, str], *, with_images: bool) -> tuple[str, int]:
    """Harmless HTML, and how many pictures from elsewhere it names. `inside`: pictures that came with it."""
    remote = 0

    def allowed(tag: str, name: str, value: str) -> str | None:
        nonlocal remote
        if tag == "img" and name == "src":
            if value.lower().startswith("cid:"):
                return inside.get(value[4:].strip())
            if REMOTE.match(value):
                remote += 1
                return value if with_images else None
            return None
        if name == "style" and not _plain(value):
            return None
        return value

    attributes = deepcopy(nh3.ALLOWED_ATTRIBUTES)
    for tag in TAGS:
        attributes[tag] = attributes.get(tag, set()) | LOOKS
    attributes["img"] = {"src", "alt", "title"} | LOOKS
    cleaned = nh3.clean(
        _shallow(html),
        tags=TAGS,
        clean_content_tags=DROPPED,
        attributes=attributes,
        attribute_filter=allowed,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        filter_style_properties=STYLES,
    )
    return cleaned, remote


def _shallow(html: str) -> str:
    """As far as elements are no deeper within each other than any mail program puts them."""
    opened: Counter[str] = Counter()
    deep = 0
    for tag in TAG.finditer(html):
        name = tag[2].lower()
        if name in ENDS_BY_ITSELF:
            continue
        if not tag[1]:
            opened[name] += 1
            deep += 1
            if deep > DEEPEST:
                return html[: tag.start()]
        elif opened[name]:
            opened[name] -= 1
            deep -= 1
    return html


def _plain(style: str) -> bool:
    """Whether a style only says how something looks, and fetches nothing."""
    called = {name.lower() for name in FUNCTION.findall(style)}
    return "\\" not in style and called <= FUNCTIONS


def frame_headers(request: web.Request, with_images: bool) -> dict[str, str]:
    """What a frame with foreign HTML may do: nothing but look."""
    pictures = f"{request.scheme}://{request.host}/files/"
    policy = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
        f"img-src {pictures}{' https: http:' if with_images else ''}; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
    }
