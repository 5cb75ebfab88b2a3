"""One deed for many conversations: a selection, or all that are in a view.

Tells how far it has come; what fails for one stops none of the others.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from hub.auth.access import NotAllowed
from hub.desk.changing import Changed, Done, NotPossible
from hub.desk.replying import Desk, NoSuchConversation
from hub.desk.views import list_view
from hub.model.events import Event
from hub.model.ids import new_id
from hub.model.people import Agent
from hub.realtime import publish

Deed = Callable[[str], Awaitable[Done]]  # given a conversation
AT_ONCE = 25  # conversations between two reports
MOST = 20_000
LONG = 100  # conversations: it takes so long that its end is news


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`total`: None while it is not known. `token`: at the end, what undoes all of it."""

    done: int
    total: int | None
    failed: tuple[tuple[str, str], ...] = ()  # conversation, why
    token: str | None = None
    over: bool = False


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


async def for_all_in(desk: Desk, agent: Agent, view: str, deed: Deed) -> AsyncGenerator[Progress, None]:
    """Do it to all that are in a view now. The ids are gathered first: the deed may take them out of it."""
    wanted: list[str] = []
    cursor = None
    while len(wanted) < MOST:
        page = await list_view(desk, agent, view, cursor=cursor, limit=200)
        wanted += [each.id for each in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    async for progress in for_each(desk, agent, wanted, deed):
        yield progress


class _Work:
    def __init__(self, desk: Desk, agent: Agent, deed: Deed) -> None:
        self._desk, self._agent, self._deed = desk, agent, deed
        self._count = 0
        self._failed: list[tuple[str, str]] = []
        self._tokens: list[str] = []

    async def on(self, conversations: Sequence[str]) -> None:
        for each in conversations:
            try:
                done = await self._deed(each)
            except (NotAllowed, NotPossible, Changed, NoSuchConversation) as problem:
                self._failed.append((each, str(problem)))
            else:
                self._count += 1
                if done.token:
                    self._tokens.append(done.token)

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
