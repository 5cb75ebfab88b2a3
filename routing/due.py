"""When something is due: service levels, from what happened in a conversation. Pure.

- The first response is due from the first message of the customer, and anew after a reopening.
- The next response is due from the first message after our answer; further messages change nothing.
- The resolution takes the working time while it is our turn: it pauses while we await the customer. A
  reopening begins it anew.

An answer at the very moment something is due is in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.model.hours import WorkingHours
from hub.model.service import Due, Happened, Promise, ServiceLevel, Standing, Turn
from routing.hours import add_working_time, working_time


def standing(
    level: ServiceLevel, hours: WorkingHours | None, history: Sequence[Happened], now: datetime
) -> Standing:
    """`history` in the order of time, from the conversation's first message on."""
    clocks = _Clocks(level, hours)
    for each in sorted(history, key=lambda each: each.at):
        if each.at <= now:
            clocks.take(each)
    return clocks.standing(now)


@dataclass(slots=True)
class _Clocks:
    level: ServiceLevel
    hours: WorkingHours | None
    answered: bool = False  # since it was opened, or opened again
    waits_since: datetime | None = None  # for a response
    runs_since: datetime | None = None  # towards the resolution
    used: timedelta = timedelta()
    resolved: bool = False
    overran: Due | None = None  # the resolution, where it paused too late
    late: list[Due] = field(default_factory=list)

    def take(self, happened: Happened) -> None:
        match happened.turn:
            case Turn.WROTE:
                if self.resolved:
                    self._open_again(happened.at)
                if self.waits_since is None:
                    self.waits_since = happened.at
                if self.runs_since is None:
                    self.runs_since = happened.at
            case Turn.ANSWERED:
                self._settle_response(happened.at)
                self._pause(happened.at)
                self.answered = True
            case Turn.RESOLVED:
                self._settle_response(happened.at)
                self._pause(happened.at)
                self.resolved = True
            case Turn.REOPENED:
                if self.resolved:
                    self._open_again(happened.at)
                    self.runs_since = happened.at

    def standing(self, now: datetime) -> Standing:
        dues = [each for each in (self._response(), self._resolution()) if each]
        over = [each for each in dues if each.at < now and each is not self.overran]
        used = self.used
        if self.runs_since is not None:
            used += working_time(self.hours, self.runs_since, now)
        return Standing(dues=tuple(dues), broken=(*self.late, *over), used=used)

    def _open_again(self, at: datetime) -> None:
        self.resolved, self.answered, self.overran = False, False, None
        self.used = timedelta()

    def _settle_response(self, at: datetime) -> None:
        response = self._response()
        if response and response.at < at:
            self.late.append(response)
        self.waits_since = None

    def _pause(self, at: datetime) -> None:
        resolution = self._resolution()
        if self.runs_since is None:
            return
        if resolution and resolution.at < at and self.overran is None:
            self.overran = resolution
            self.late.append(resolution)
        self.used += working_time(self.hours, self.runs_since, at)
        self.runs_since = None

    def _response(self) -> Due | None:
        if self.waits_since is None:
            return None
        promise = Promise.NEXT_RESPONSE if self.answered else Promise.FIRST_RESPONSE
        minutes = self.level.next_response if self.answered else self.level.first_response
        return self._due(promise, self.waits_since, minutes, timedelta())

    def _resolution(self) -> Due | None:
        if self.runs_since is None or self.overran is not None:
            return self.overran if self.runs_since is not None else None
        return self._due(Promise.RESOLUTION, self.runs_since, self.level.resolution, self.used)

    def _due(self, promise: Promise, since: datetime, minutes: int | None, used: timedelta) -> Due | None:
        if minutes is None:
            return None
        at = add_working_time(self.hours, since, timedelta(minutes=minutes) - used)
        return Due(promise=promise, at=at) if at else None
