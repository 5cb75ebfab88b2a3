"""Sends the answers that rules want sent: saved replies, marked as automatic, once each.

What is refused (a loop, a window that is over) is told in the timeline and not tried again.
"""

import asyncio
from dataclasses import dataclass

import structlog

from hub.desk.replying import Desk, Draft, Held, NoSuchConversation, reply
from hub.desk.saved_replies import BadReply, fill_in
from hub.model.ids import derived_id
from hub.model.inbox import Activity
from hub.model.people import Agent, Role
from hub.model.rules import Decision
from hub.model.sentences import Refusal
from hub.outbox.preflight import NotSendable
from hub.store import StoreUnavailable
from hub.store.rules import replies_of

log = structlog.get_logger()

LOOK = 2.0  # seconds
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Answerer:
    """Any number of processes may run one: what is sent twice has the same key, and is sent once."""

    desk: Desk

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                while await self.answer() == AT_ONCE:
                    continue
            except StoreUnavailable:
                log.warning("automatic answers cannot be sent just now")
            await asyncio.sleep(LOOK)

    async def answer(self) -> int:
        """Send what is to be sent. Returns how many decisions that were."""
        pending = await self.desk.store.rules.pending_decisions(AT_ONCE)
        for decision in pending:
            for each in replies_of(decision):
                await self._send(decision, each.value)
            await self.desk.store.rules.settle_decision(decision.id)
        return len(pending)

    async def _send(self, decision: Decision, saved: str) -> None:
        writer = Agent(
            id=f"rule:{decision.rules[0] if decision.rules else ''}",
            name="Hubbub",
            email="",
            role=Role.ADMIN,
            created_at=decision.at,
        )
        try:
            text = (await fill_in(self.desk, writer, decision.conversation, saved)).text
            draft = Draft(text=text, key=derived_id("answer", decision.id, saved), automated=True)
            await reply(self.desk, writer, decision.conversation, draft)
        except (NotSendable, BadReply, Held, NoSuchConversation) as problem:
            await self._refused(decision, problem)

    async def _refused(self, decision: Decision, problem: Refusal) -> None:
        fact = Activity(
            id=derived_id("not_answered", decision.id),
            conversation=decision.conversation,
            at=self.desk.clock(),
            kind="not_answered",
            by="routing",
            because=str(problem),
        )
        await self.desk.store.inbox.add_entries([fact])
