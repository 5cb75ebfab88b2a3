"""A mail to ourselves, through the SMTP server and back by IMAP: proof that a channel works."""

import asyncio
from typing import Any

from imapclient.exceptions import IMAPClientError

from connectors.email.compose import PROBE_HEADER, Letter, compose
from connectors.email.config import EmailConfig
from connectors.email.connection import Mailbox
from connectors.email.message_ids import Signer
from hub.contract.capabilities import Surface
from hub.contract.connector import Kit
from hub.contract.errors import Unavailable
from hub.contract.inbound import Thread
from hub.contract.outbound import OutboundMessage
from hub.model.content import Content

_TEXT = "Hubbub sent this mail to itself to see whether this channel works. Nobody needs to read it."


def probe_letter(token: str, config: EmailConfig, signer: Signer, kit: Kit) -> Letter:
    key = f"probe-{token}"
    message = OutboundMessage(
        key=key,
        thread=Thread(signer.message_id(key), Surface.EMAIL),
        to=(config.address,),
        content=Content(text=_TEXT, subject="A test of this channel"),
        at=kit.now(),
        automated=True,
    )
    return compose(message, (), config, signer, extra=((PROBE_HEADER, f"<{signer.message_id(key)}>"),))


async def arrival(mailbox: Mailbox, config: EmailConfig, message_id: str) -> str:
    """Wait until the probe is there, and clear it away. Says where it was found."""
    folder = config.imap.folders[0]
    idles = await mailbox.has("IDLE")
    try:
        async with asyncio.timeout(config.timeouts.probe):
            while not await mailbox.run(lambda client: _clear(client, folder, message_id)):
                if idles:
                    await mailbox.idle(min(config.timeouts.idle, 10))
                else:
                    await asyncio.sleep(1)
    except TimeoutError:
        mailbox.drop()
        raise Unavailable(
            f"The mail did not arrive in {folder} within {config.timeouts.probe:.0f} seconds. "
            "Look into the spam folder, and whether a rule moves such mail."
        ) from None
    return f"It arrived in {folder}."


def _clear(client: Any, folder: str, message_id: str) -> bool:
    """Whether it is there. Found, it is taken away; a server that cannot do that is left with a read mail."""
    client.select_folder(folder)
    found = client.search(["HEADER", PROBE_HEADER, message_id])
    if not found:
        return False
    try:
        client.add_flags(found, [b"\\Seen", b"\\Deleted"], silent=True)
        if client.has_capability("UIDPLUS"):
            client.uid_expunge(found)
    except IMAPClientError:
        pass
    return True
