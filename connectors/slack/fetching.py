"""Files that customers sent: asked for by their id, and fetched with our token, from Slack alone."""

from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

import aiohttp

from connectors.slack.calls import Calls
from hub.contract.errors import AuthBroken, Rejected, RejectReason, Unavailable
from hub.model.content import Attachment

OURS = (".slack.com", ".slack-gov.com", ".slack-files.com")
PIECE = 65_536


def is_slacks(address: str, api: str) -> bool:
    """Only they may see our token."""
    host, own = urlsplit(address).hostname or "", urlsplit(api).hostname or ""
    return host == own or (address.startswith("https://") and host.endswith(OURS))


async def fetch(calls: Calls, attachment: Attachment) -> AsyncIterator[bytes]:
    """Raises Unavailable, or Rejected for what cannot be had."""
    team, _, file = (attachment.remote or "").partition("/")
    try:
        answer = await calls.ask(team, lambda client: client.files_info(file=file))
    except AuthBroken as problem:  # the token may be changing just now; the channel itself says it if not
        raise Unavailable("Slack does not let us fetch the file just now.") from problem
    found = answer.get("file")
    details = found if isinstance(found, Mapping) else {}
    address = str(details.get("url_private_download") or details.get("url_private") or "")
    if not is_slacks(address, calls.config.base):
        raise Rejected("The file is not kept by Slack.", reason=RejectReason.MEDIA_REFUSED)
    client = await calls.client_of(team)
    headers = {"Authorization": f"Bearer {client.token}"}
    page = str(details.get("mimetype") or "").startswith("text/html")
    try:
        async with calls.kit.http.get(address, headers=headers) as got:
            if got.status >= 500 or got.status == 429:
                raise Unavailable("Slack cannot deliver the file just now.")
            if got.status != 200 or (got.content_type == "text/html" and not page):  # a page to sign in
                words = "Slack does not deliver this file: the app needs the scope files:read."
                raise Rejected(words, reason=RejectReason.MEDIA_REFUSED)
            async for piece in got.content.iter_chunked(PIECE):
                yield piece
    except (aiohttp.ClientError, TimeoutError) as problem:
        raise Unavailable("Slack cannot be reached.") from problem
