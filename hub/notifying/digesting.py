"""What an agent has not seen in the page comes by mail: together, in their own time, never twice.

A notice is marked before the attempt. Whoever dies between the mark and the end leaves a digest that may not
have been sent; it is shown as that and not sent again: everything in it is still in the page. What a server
refused, or could not be reached for, certainly did not leave and goes into the next one.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from hub.clock import Clock
from hub.model.ids import new_id
from hub.model.inbox import Conversation
from hub.model.notices import Digest, DigestState, Notice, NoticeSettings, Pace
from hub.model.people import Agent
from hub.model.sentences import sentence
from hub.notifying.deciding import Staff
from hub.notifying.gathering import staff_of
from hub.notifying.marks import Marks
from hub.notifying.posting import Letter, MayBeSent, NotSent, Post, mail_of
from hub.notifying.quiet import mail_due_at
from hub.notifying.telling import publish_changed, withdraw_untrue
from hub.store import Store, StoreUnavailable

log = structlog.get_logger()

LOOK = 20.0  # seconds between two looks
LEASE = timedelta(minutes=5)  # longer than any attempt
AGAIN_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
INTERRUPTED = sentence("mail_interrupted")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a digest tells: of each conversation, and of what belongs to none, the notices, newest first."""

    agent: Agent
    settings: NoticeSettings
    groups: Sequence[tuple[Conversation | None, Sequence[Notice]]]
    url: str  # of the hub, for links
    unsubscribe: str
    at: datetime


class Writes(Protocol):
    """Draws a digest in the language of its reader."""

    def __call__(self, contents: Contents) -> Letter: ...


@dataclass(slots=True)
class Digester:
    store: Store
    clock: Clock
    worker: str
    post: Post
    marks: Marks
    url: str
    writes: Writes
    _failures: dict[str, tuple[int, datetime]] = field(default_factory=dict)  # agent: how often, until when

    async def run(self) -> None:
        """Until cancelled."""
        held = False
        while True:
            try:
                had, held = held, await self._hold()
                if held and not had:
                    await self.settle_interrupted()
                if held:
                    await self.send_due()
            except StoreUnavailable:
                log.warning("no digests can be sent just now")
            await asyncio.sleep(LOOK)

    async def settle_interrupted(self) -> None:
        """Whoever sent them before us is gone: their mails may have left."""
        for each in await self.store.notices.interrupted_digests():
            unsure = replace(each, state=DigestState.UNSURE, problem=INTERRUPTED)
            await self.store.notices.end_digest(unsure)

    async def send_due(self) -> int:
        """Send what is due. Returns how many mails left, or may have left."""
        waiting = await self.store.notices.to_mail()
        if not waiting:
            return 0
        now = self.clock()
        staff = await staff_of(self.store)
        by_agent: defaultdict[str, list[Notice]] = defaultdict(list)
        for each in waiting:
            by_agent[each.agent].append(each)
        sent = 0
        for agent, found in by_agent.items():
            if staff.settings_of(agent).pace is Pace.OFF:
                await self.store.notices.mail_nothing(agent)
            elif self._is_due(agent, found, staff, now):
                if not await self._hold():
                    break  # another one sends
                sent += await self._send(staff, agent, found)
        return sent

    async def _hold(self) -> bool:
        return await self.store.notices.hold("digester", self.worker, self.clock(), LEASE)

    def _is_due(self, agent: str, found: Sequence[Notice], staff: Staff, now: datetime) -> bool:
        _, again_at = self._failures.get(agent, (0, now))
        due_at = mail_due_at(staff.settings_of(agent), min(each.at for each in found))
        return again_at <= now and due_at is not None and due_at <= now

    async def _send(self, staff: Staff, agent: str, found: Sequence[Notice]) -> int:
        now = self.clock()
        untrue = await withdraw_untrue(self.store, found, staff, now)
        await publish_changed(self.store, [each.agent for each in untrue], now)
        gone = {each.id for each in untrue}
        true = [each for each in found if each.id not in gone]
        if not true:
            return 0
        ids = tuple(each.id for each in true)
        digest = Digest(id=new_id(now), agent=agent, at=now, notices=ids, state=DigestState.SENDING)
        reader = staff.agents[agent]
        unsubscribe = f"{self.url}/desk/unsubscribe/{self.marks.unsubscribe_token(agent)}"
        groups = grouped(true, await self._conversations(true))
        contents = Contents(reader, staff.settings_of(agent), groups, self.url, unsubscribe, now)
        mail = mail_of(self.writes(contents), reader, digest, self.marks, unsubscribe)
        await self.store.notices.begin_digest(digest)
        try:
            await self.post.send(mail, reader.email)
        except NotSent as problem:
            await self._failed(digest, str(problem))
            return 0
        except MayBeSent as problem:
            ended = replace(digest, state=DigestState.UNSURE, problem=str(problem))
        else:
            ended = replace(digest, state=DigestState.SENT)
        self._failures.pop(agent, None)
        await self.store.notices.end_digest(ended)
        return 1

    async def _failed(self, digest: Digest, problem: str) -> None:
        count = self._failures.get(digest.agent, (0, digest.at))[0]
        after = AGAIN_AFTER[min(count, len(AGAIN_AFTER) - 1)]
        self._failures[digest.agent] = (count + 1, self.clock() + after)
        log.warning("a digest could not be sent", agent=digest.agent, tries=count + 1)
        await self.store.notices.mail_again(digest)
        await self.store.notices.end_digest(replace(digest, state=DigestState.FAILED, problem=problem))

    async def _conversations(self, notices: Sequence[Notice]) -> Mapping[str, Conversation]:
        ids = {each.conversation for each in notices if each.conversation}
        return await self.store.inbox.find_conversations(sorted(ids))


def grouped(
    notices: Sequence[Notice], conversations: Mapping[str, Conversation]
) -> list[tuple[Conversation | None, list[Notice]]]:
    """By conversation, the group with the newest notice first; each of what belongs to none is its own."""
    groups: dict[str, list[Notice]] = {}
    for each in sorted(notices, key=lambda each: (each.at, each.id), reverse=True):
        groups.setdefault(each.conversation or each.id, []).append(each)
    return [(conversations.get(group[0].conversation or ""), group) for group in groups.values()]
