"""What a mailbox still holds of the mails that were handed over: to see whether any is missing here.

Only what surely was ours to take counts: mail that was there before the channel is left out, and so is what
has not been read yet.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from imapclient.exceptions import IMAPClientError

from connectors.email.config import EmailConfig
from connectors.email.connection import Mailbox
from connectors.email.cursor import Position, Positions
from connectors.email.imap import Reader
from hub.contract.inbound import ArrivedRaw

CLOCKS = timedelta(minutes=1)  # by which the server's clock may differ from ours
ASKED_AT_ONCE = 1000  # mails


async def held_keys(mailbox: Mailbox, config: EmailConfig, positions: Positions) -> list[str]:
    """The keys of their events. A folder that cannot be opened holds nothing that we could know of."""
    keys: list[str] = []
    for folder, at in positions.folders.items():
        try:
            uids = await mailbox.run(
                partial(_uids, config=config, folder=folder, at=at, since=positions.since)
            )
        except IMAPClientError:
            continue
        keys += [f"{folder}:{at.uidvalidity}:{uid}" for uid in uids]
    return keys


async def fetch_held(reader: Reader, keys: Sequence[str]) -> list[ArrivedRaw]:
    """These mails once more, as far as they are still there."""
    wanted: dict[tuple[str, int], list[int]] = {}
    for key in keys:
        folder, uidvalidity, uid = key.rsplit(":", 2)
        wanted.setdefault((folder, int(uidvalidity)), []).append(int(uid))
    return [
        event
        for (folder, uidvalidity), uids in wanted.items()
        for event in await reader.once_more(folder, uidvalidity, sorted(uids))
    ]


def _uids(client: Any, *, config: EmailConfig, folder: str, at: Position, since: datetime) -> list[int]:
    """Runs in the mailbox's thread."""
    answer = client.select_folder(folder, readonly=True)
    if int(answer.get(b"UIDVALIDITY", 0)) != at.uidvalidity or at.uid < 1:
        return []
    day = config.since or (since.astimezone(UTC) - timedelta(days=1)).date()
    found = [uid for uid in client.search(["UID", f"1:{at.uid}", "SINCE", day]) if uid <= at.uid]
    if at.old is not None:
        found = [uid for uid in found if not at.old.uid < uid <= at.old.upto]
    if config.since is not None:
        return sorted(found)
    # Servers search by their own days alone, so the moment is compared here.
    ours: list[int] = []
    for start in range(0, len(found), ASKED_AT_ONCE):
        facts = client.fetch(found[start : start + ASKED_AT_ONCE], ["INTERNALDATE"])
        ours += [uid for uid, each in facts.items() if _after(each.get(b"INTERNALDATE"), since + CLOCKS)]
    return sorted(ours)


def _after(moment: object, since: datetime) -> bool:
    return isinstance(moment, datetime) and moment.astimezone(UTC) >= since
