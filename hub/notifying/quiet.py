"""When an agent may be told by browser and by mail, and when the next mail is due. Pure."""

from datetime import datetime, time, timedelta

from hub.clock import zone_named
from hub.model.notices import NoticeSettings, Pace, QuietHours

WAITS = {Pace.QUARTER: timedelta(minutes=15), Pace.HOUR: timedelta(hours=1)}
STEPS_MOST = 20  # from one quiet time into the next: a week of free days
FOR_EVER = timedelta(days=7)  # every day is free: look again in a week


def rings_at(settings: NoticeSettings, now: datetime) -> datetime:
    """Now, or the end of the quiet hours."""
    if settings.quiet is None:
        return now
    local = now.astimezone(zone_named(settings.zone))
    for _ in range(STEPS_MOST):
        end = _end_of_quiet(settings.quiet, local)
        if end is None:
            return max(now, local.astimezone(now.tzinfo))
        local = end
    return now + FOR_EVER


def mail_due_at(settings: NoticeSettings, oldest: datetime) -> datetime | None:
    """When what has waited since `oldest` (not before it may ring) is to be mailed. None: never."""
    if settings.pace is Pace.OFF:
        return None
    if settings.pace is not Pace.DAY:
        return rings_at(settings, oldest + WAITS[settings.pace])
    local = oldest.astimezone(zone_named(settings.zone))
    daily = _at(local, settings.daily_at)
    if daily < local:
        daily = _at(local, settings.daily_at, days=1)
    return rings_at(settings, daily.astimezone(oldest.tzinfo))


def _end_of_quiet(quiet: QuietHours, local: datetime) -> datetime | None:
    """The next moment, by the clock on the wall, at which this quiet time is over. None: it is not quiet."""
    if local.weekday() in quiet.free_days:
        return _at(local, 0, days=1)
    clock = local.hour * 60 + local.minute
    if quiet.since < quiet.until:
        return _at(local, quiet.until) if quiet.since <= clock < quiet.until else None
    if quiet.since > quiet.until:
        if clock >= quiet.since:
            return _at(local, quiet.until, days=1)
        return _at(local, quiet.until) if clock < quiet.until else None
    return None


def _at(local: datetime, minutes: int, *, days: int = 0) -> datetime:
    day = (local + timedelta(days=days)).date()
    return datetime.combine(day, time(*divmod(minutes, 60)), tzinfo=local.tzinfo)
