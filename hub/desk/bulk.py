"""One deed for many conversations: a selection, or all that are in a view.

Tells how far it has come; what fails for one stops none of the others.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from hub.auth.access import NotAllowed, may_see
from hub.desk.changing import Changed, Done, NotPossible
from hub.desk.deeds import delete
from hub.desk.joining import MERGED_MOST, merge
from hub.desk.replying import Desk, NoSuchConversation, get_conversation
from hub.desk.views import list_view
from hub.model.desk import Filter
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.people import Agent
from hub.model.sentences import Refusal
from hub.realtime import publish

Deed = Callable[[str], Awaitable[Done]]  # given a conversation
AT_ONCE = 25  # conversations between two reports
MOST = 20_000
LONG = 100  # conversations: it takes so long that its end is news


@dataclass(frozen=True, slots=True)
class Failed:
    """`who`: the customer's name, unless this agent may not know it. Read as a pair: conversation and why."""

    conversation: str
    problem: Refusal
    who: str = ""

    def __iter__(self) -> Iterator[str]:
        return iter((self.conversation, str(self.problem)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`total`: None while it is not known. `token`: at the end, what undoes all of it. `more`: there were
    more than MOST; those are left as they are."""

    done: int
    total: int | None
    failed: tuple[Failed, ...] = ()
    token: str | None = None
    over: bool = False
    more: bool = False


async def for_each(
    desk: Desk, agent: Agent, conversations: Sequence[str], deed: Deed
) -> AsyncGenerator[Progress, None]:
    """Do it to a selection: `for_each(desk, ana, ids, lambda id: resolve(desk, ana, id))`."""
    wanted = list(dict.fromkeys(conversations))[:MOST]
    work = _Work(desk, agent, deed)
    for start in range(0, len(wanted), AT_ONCE):
        await work.on(wanted[start : start + AT_ONCE])
        yield work.progress(len(wanted))
    yield await work.finish()


async def for_all_in(
    desk: Desk, agent: Agent, view: str, deed: Deed, *, wanted: Filter | None = None
) -> AsyncGenerator[Progress, None]:
    """Do it to all that are in a view now. The ids are gathered first: the deed may take them out of it."""
    found: list[str] = []
    cursor = None
    while len(found) < MOST:
        page = await list_view(desk, agent, view, wanted=wanted, cursor=cursor, limit=200)
        found += [each.id for each in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    more = cursor is not None or len(found) > MOST
    async for progress in for_each(desk, agent, found, deed):
        yield replace(progress, more=more)


def deletion(desk: Desk, agent: Agent) -> Deed:
    """For good: nothing undoes it."""

    async def gone(conversation: str) -> Done:
        await delete(desk, agent, conversation)
        return Done(conversation, "conversation_deleted")

    return gone


async def merge_all(desk: Desk, agent: Agent, conversations: Sequence[str]) -> Done:
    """Several conversations of one customer become the one in which something happened last.

    Raises NotPossible, Changed, NotAllowed, NoSuchConversation.
    """
    found = [await get_conversation(desk, agent, each) for each in dict.fromkeys(conversations)]
    if len({each.person or each.customer for each in found}) > 1:
        raise NotPossible("bulk_customers")
    if len(found) < 2:
        raise NotPossible("merge_count", most=MERGED_MOST)
    newest = max(found, key=lambda each: (each.activity_at, each.id))
    return await merge(desk, agent, newest.id, [each.id for each in found])


class _Work:
    def __init__(self, desk: Desk, agent: Agent, deed: Deed) -> None:
        self._desk, self._agent, self._deed = desk, agent, deed
        self._count = 0
        self._failed: list[Failed] = []
        self._tokens: list[str] = []

    async def on(self, conversations: Sequence[str]) -> None:
        for each in conversations:
            try:
                done = await self._once_more_if_changed(each)
            except (NotAllowed, NotPossible, Changed, NoSuchConversation) as problem:
                self._failed.append(Failed(each, problem, await self._who(each)))
            else:
                self._count += 1
                if done.token:
                    self._tokens.append(done.token)

    async def _once_more_if_changed(self, conversation: str) -> Done:
        """Beaten by somebody else, it is tried once more on what is there now."""
        try:
            return await self._deed(conversation)
        except Changed:
            return await self._deed(conversation)

    async def _who(self, conversation: str) -> str:
        found = await self._desk.store.inbox.find_conversation(conversation)
        return found.customer_name if found and may_see(self._agent, found) else ""

    def progress(self, total: int | None) -> Progress:
        return Progress(done=self._count, total=total, failed=tuple(self._failed))

    async def _tell(self) -> None:
        """Whoever began it looks elsewhere by now."""
        now = self._desk.clock()
        details = {"only": self._agent.id, "done": str(self._count), "failed": str(len(self._failed))}
        event = Event(id=new_id(now), kind="bulk_finished", at=now, by=self._agent.id, details=details)
        await publish(self._desk.store, [event])

    async def finish(self) -> Progress:
        token = None
        if self._tokens:
            now = self._desk.clock()
            token = new_id(now)
            step = {"kind": "several", "tokens": self._tokens}
            await self._desk.store.drafts.keep_undo(token, self._agent.id, now, step)
        total = self._count + len(self._failed)
        if total >= LONG:
            await self._tell()
        return Progress(done=self._count, total=total, failed=tuple(self._failed), token=token, over=True)
