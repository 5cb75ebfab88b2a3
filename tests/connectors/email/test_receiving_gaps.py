"""A server that lists a mail and then does not hand it over: it is asked again, nothing is passed unseen."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from connectors.email.connection import Mailbox
from connectors.email.cursor import Position, Positions
from connectors.email.imap import Reader
from hub.contract.inbound import ArrivedRaw
from tests.conformance import kit_for
from tests.connectors.email.test_compose import config

SINCE = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@dataclass
class Stumbling:
    """An IMAP client whose server leaves mails out of its answers: `left_out` says how many more times."""

    left_out: dict[int, int]
    removed: set[int] = field(default_factory=set)  # what is gone when the bodies are asked for
    there: set[int] = field(default_factory=lambda: {1, 2, 3})

    def select_folder(self, name: str) -> dict[bytes, int]:
        return {b"UIDVALIDITY": 1, b"UIDNEXT": 4}

    def search(self, criteria: list[str]) -> list[int]:
        word = criteria[-1]
        return sorted(self.there if ":" in word else self.there & {int(word)})

    def fetch(self, uids: list[int], items: list[str]) -> Mapping[int, Mapping[bytes, Any]]:
        if items[0] == "RFC822.SIZE":
            return {uid: {b"RFC822.SIZE": 20, b"INTERNALDATE": SINCE} for uid in uids}
        self.there -= self.removed
        answer: dict[int, dict[bytes, Any]] = {}
        for uid in uids:
            if self.left_out.get(uid, 0) > 0:
                self.left_out[uid] -= 1
            elif uid in self.there:
                answer[uid] = {b"BODY[]": b"Subject: mail %d\r\n\r\nHello" % uid}
        return answer

    def logout(self) -> None:
        pass

    def shutdown(self) -> None:
        pass


async def first_mails(client: Any) -> list[ArrivedRaw]:
    thread = ThreadPoolExecutor(1)
    settings = config()
    try:
        async with aiohttp.ClientSession() as http:
            reader = Reader(Mailbox(client, thread, settings.imap), settings, kit_for(http))
            standing = Positions(SINCE).moved("INBOX", Position(1, 0))
            async with aclosing(reader.read(standing)) as portions:
                portion = await anext(portions)
                assert portion.positions.folders["INBOX"].uid == 3
                return list(portion.events)
    finally:
        thread.shutdown()


async def test_a_mail_left_out_of_an_answer_is_asked_for_once_more_alone() -> None:
    events = await first_mails(Stumbling(left_out={2: 1}))
    assert [event.body.split(b"\r\n")[0] for event in events] == [
        b"Subject: mail 1",
        b"Subject: mail 2",
        b"Subject: mail 3",
    ]


async def test_for_a_mail_that_the_server_never_hands_over_a_note_is_handed_on() -> None:
    events = await first_mails(Stumbling(left_out={2: 99}))
    assert [event.key for event in events] == ["INBOX:1:1", "INBOX:1:2", "INBOX:1:3"]
    assert b"does not hand over this mail (number 2)" in events[1].body


async def test_a_mail_removed_while_it_was_being_fetched_leaves_no_note() -> None:
    events = await first_mails(Stumbling(left_out={}, removed={2}))
    assert [event.key for event in events] == ["INBOX:1:1", "INBOX:1:3"]
