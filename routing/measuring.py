"""How long customers waited, what was promised and not kept, and how much everybody had: truly, or in a
rehearsal. Pure.

In a rehearsal, what happened after somebody had a conversation is moved by as much as they have it earlier or
later. A conversation takes room until it is resolved for the first time.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil

from hub.contract.rehearsal import Burden, Course, Measures, Past, Trial
from hub.model.service import Happened, Promise, Turn
from routing.due import standing


def measures(trial: Trial, courses: Mapping[str, Course]) -> Measures:
    waits: list[float] = []
    unanswered = 0
    broken: Counter[str] = Counter({str(each): 0 for each in Promise})
    for past in trial.past:
        course = courses.get(past.id)
        if course is None or course.away:
            continue
        history = moved(past, course)
        wait = _first_wait(history, trial.ends)
        if wait is None:
            unanswered += 1
        else:
            waits.append(wait)
        if level := trial.levels.get(course.level or ""):
            found = standing(level, trial.hours.get(level.hours or ""), history, trial.ends)
            broken.update(str(each.promise) for each in found.broken)
    waits.sort()
    return Measures(
        burdens=tuple(_burdens(trial, courses)),
        answered=len(waits),
        unanswered=unanswered,
        median=_share(waits, 0.5),
        p90=_share(waits, 0.9),
        broken=dict(broken),
    )


def moved(past: Past, course: Course) -> tuple[Happened, ...]:
    """What happened, as it would have with this course."""
    if course is past.truly or (course.agent is None and not course.queued):
        return past.history
    if course.given_at is None:
        return tuple(each for each in past.history if each.turn is Turn.WROTE)
    begun = _begun(past)
    later = course.given_at - begun
    found: list[Happened] = []
    ours = False  # what customers write before somebody answered does not depend on us
    for each in past.history:
        ours = ours or each.turn is not Turn.WROTE
        at = max(each.at + later, course.given_at) if ours else each.at
        found.append(Happened(each.turn, at))
    return tuple(found)


def freed_at(past: Past, course: Course) -> datetime | None:
    """None: it was not resolved."""
    return next((each.at for each in moved(past, course) if each.turn is Turn.RESOLVED), None)


def _begun(past: Past) -> datetime:
    """When somebody truly began with it: what was answered before anybody had it was begun by then."""
    first = next((each.at for each in past.history if each.turn is not Turn.WROTE), None)
    given = past.truly.given_at or past.arrived
    return max(past.arrived, min(given, first) if first else given)


def _first_wait(history: Sequence[Happened], ends: datetime) -> float | None:
    asked = next((each.at for each in history if each.turn is Turn.WROTE), None)
    answers = (each.at for each in history if each.turn is Turn.ANSWERED and each.at <= ends)
    answered = next(answers, None)
    if asked is None or answered is None:
        return None
    return max(0.0, (answered - asked).total_seconds() / 60)


def _burdens(trial: Trial, courses: Mapping[str, Course]) -> list[Burden]:
    steps: dict[str, list[tuple[datetime, int]]] = {each.agent: [] for each in trial.staff}
    totals: Counter[str] = Counter()
    for past in trial.past:
        course = courses.get(past.id)
        if course is None or course.away or course.agent is None:
            continue
        begins = course.given_at or past.arrived
        if begins > trial.ends:
            continue
        totals[course.agent] += 1
        held = steps.setdefault(course.agent, [])
        held.append((begins, past.weight))
        if ends := freed_at(past, course):
            held.append((max(ends, begins), -past.weight))
    found = (
        Burden(agent=agent, total=totals[agent], most=_most(each)) for agent, each in sorted(steps.items())
    )
    return [each for each in found if each.total]


def _most(steps: Sequence[tuple[datetime, int]]) -> int:
    most = load = 0
    for _, change in sorted(steps):  # of one moment, what is let go before what is taken
        load += change
        most = max(most, load)
    return most


def _share(waits: Sequence[float], share: float) -> float | None:
    """The smallest wait that at least this share of all did not exceed."""
    return waits[ceil(len(waits) * share) - 1] if waits else None
