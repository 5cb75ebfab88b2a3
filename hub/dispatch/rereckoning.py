"""A service level, or the hours it goes by, were changed: what has it is reckoned anew.

In the background, a batch after the other, by whoever sweeps: where it has come to is kept, so that the next
goes on from there. What is active meanwhile moves to the end, and is met there.
"""

from time import monotonic

from hub.dispatch.office import Dispatch
from hub.dispatch.reckoning import RUNNING, reckon
from hub.store.reckonings import Round
from hub.store.shelves import by_level

AT_ONCE = 50
SECONDS = 2.0  # in one sweep: the rest has to be looked after, too


async def promises_changed(dispatch: Dispatch, *, level: str | None = None, hours: str | None = None) -> None:
    """Call it after the change was saved."""
    office = await dispatch.office()
    levels = [level] if level else [each.id for each in office.levels.values() if each.hours == hours]
    await dispatch.store.reckonings.ask(levels, dispatch.clock())


async def rereckon(dispatch: Dispatch, seconds: float = SECONDS) -> bool:
    """Go on with what was asked for, for about so long. Returns whether there is nothing left to be done."""
    ends = monotonic() + seconds
    rounds = await dispatch.store.reckonings.rounds()
    for each in rounds:
        here: Round | None = each
        while here is not None:
            here = await _batch(dispatch, here)
            if monotonic() >= ends:
                return here is None and each is rounds[-1]
    return True


async def _batch(dispatch: Dispatch, here: Round) -> Round | None:
    """The next place; None: this round is over, or another one was asked for."""
    store = dispatch.store
    if here.part == len(RUNNING):
        await store.reckonings.end(here)
        return None
    office = await dispatch.office()
    read = await store.views.read([by_level(here.level, RUNNING[here.part])], here.at, AT_ONCE)
    for each in read.rows:
        await reckon(dispatch, office, each.id)
    part = here.part if read.position is not None else here.part + 1
    if not await store.reckonings.go_on(here, part, read.position):
        return None
    return Round(here.level, here.since, part, read.position)
