"""What our digests are known by: ids and links that only we can have made. Pure.

A digest, what answers one and what reports one undeliverable are kept in the journal and become no
conversation: an agent's absence notice must not be answered by us, and the other way round.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hub.contract.inbound import Ignored, InboundEvent, MessageReceived

_ID = re.compile(r"digest\.(?P<digest>[0-9a-f]{24})\.(?P<signature>[0-9a-f]{16})@")
_TOKEN = re.compile(r"(?P<agent>[^.]{1,64})\.(?P<signature>[0-9a-f]{16})")
OUR_OWN = "This is a digest of Hubbub's own."
ANSWERS_ONE = "It answers a digest of Hubbub's own, which nobody reads answers to."


@dataclass(frozen=True, slots=True)
class Marks:
    key: bytes = field(repr=False)
    sender: str = ""  # the address digests come from

    def message_id(self, digest: str) -> str:
        domain = self.sender.rpartition("@")[2] or "localhost"
        return f"digest.{digest}.{self._sign('digest', digest)}@{domain}"

    def unsubscribe_token(self, agent: str) -> str:
        """For ever: a mail may be opened long after it came."""
        return f"{agent}.{self._sign('unsubscribe', agent)}"

    def agent_of(self, token: str) -> str | None:
        """None when it is not ours."""
        found = _TOKEN.fullmatch(token)
        if found is None or not self._is_signed("unsubscribe", found["agent"], found["signature"]):
            return None
        return found["agent"]

    def without_our_own(self, events: Sequence[InboundEvent]) -> Sequence[InboundEvent]:
        """The events, with those that are about our digests made into ones that say why they are ignored."""
        return [self._looked_at(each) for each in events]

    def _looked_at(self, event: InboundEvent) -> InboundEvent:
        if not isinstance(event, MessageReceived):
            return event
        because = None
        if self._names_one([event.message]) or self._is_sender(event):
            because = OUR_OWN
        elif self._names_one([*event.related, *([event.reply_to] if event.reply_to else [])]):
            because = ANSWERS_ONE
        if because is None:
            return event
        return Ignored(key=event.key, at=event.at, thread=event.thread, raw=event.raw, because=because)

    def _is_sender(self, event: MessageReceived) -> bool:
        """From the digests' address, by a machine: a person may write from it, if it is a mailbox."""
        mine = self.sender and event.author.key.casefold() == self.sender.casefold()
        return bool(mine and {"automatic", "auto_reply"} & set(event.flags))

    def _names_one(self, ids: Iterable[str]) -> bool:
        found = (match for each in ids if (match := _ID.search(each)))
        return any(self._is_signed("digest", each["digest"], each["signature"]) for each in found)

    def _is_signed(self, purpose: str, text: str, signature: str) -> bool:
        return hmac.compare_digest(self._sign(purpose, text), signature)

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self.key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()[:16]


NO_MARKS = Marks(b"")  # of a hub that sends no digests
