"""Quiet hours and the pace of mails, where the agent is."""

from datetime import UTC, datetime

import pytest

from hub.model.notices import NoticeSettings, Pace, QuietHours
from hub.notifying.quiet import mail_due_at, rings_at

BERLIN = NoticeSettings(id="ana", zone="Europe/Berlin", quiet=QuietHours())  # 20 to 7, and the weekend


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "rings"),
    [
        ("2026-03-02 09:00", "2026-03-02 09:00"),  # a Monday, at ten in Berlin
        ("2026-03-02 18:59", "2026-03-02 18:59"),
        ("2026-03-02 19:00", "2026-03-03 06:00"),  # eight in the evening there
        ("2026-03-03 05:59", "2026-03-03 06:00"),
        ("2026-03-06 20:00", "2026-03-09 06:00"),  # Friday evening: until Monday
        ("2026-03-07 12:00", "2026-03-09 06:00"),
        ("2026-03-27 20:00", "2026-03-30 05:00"),  # the clocks change meanwhile
    ],
)
def test_in_quiet_hours_nothing_rings_before_they_are_over(now: str, rings: str) -> None:
    assert rings_at(BERLIN, at(now)) == at(rings)


def test_quiet_hours_within_one_day_none_at_all_and_for_ever() -> None:
    noon = NoticeSettings(id="ana", quiet=QuietHours(since=12 * 60, until=14 * 60, free_days=()))
    assert rings_at(noon, at("2026-03-02 13:00")) == at("2026-03-02 14:00")
    assert rings_at(noon, at("2026-03-02 15:00")) == at("2026-03-02 15:00")
    assert rings_at(NoticeSettings(id="ana"), at("2026-03-02 03:00")) == at("2026-03-02 03:00")
    free = NoticeSettings(id="ana", quiet=QuietHours(free_days=tuple(range(7))))
    assert rings_at(free, at("2026-03-02 03:00")) > at("2026-03-08 03:00")
    lost = NoticeSettings(id="ana", zone="Moon/Tranquility", quiet=QuietHours(free_days=()))
    assert rings_at(lost, at("2026-03-02 21:00")) == at("2026-03-03 07:00")


@pytest.mark.parametrize(
    ("pace", "oldest", "due"),
    [
        (Pace.QUARTER, "2026-03-02 09:00", "2026-03-02 09:15"),
        (Pace.HOUR, "2026-03-02 09:00", "2026-03-02 10:00"),
        (Pace.HOUR, "2026-03-02 18:30", "2026-03-03 06:00"),
        (Pace.DAY, "2026-03-02 09:00", "2026-03-03 07:00"),
        (Pace.DAY, "2026-03-02 05:00", "2026-03-02 07:00"),
        (Pace.DAY, "2026-03-06 09:00", "2026-03-09 06:00"),
    ],
)
def test_mails_come_at_their_pace_and_never_in_quiet_hours(pace: Pace, oldest: str, due: str) -> None:
    settings = NoticeSettings(id="ana", zone="Europe/Berlin", quiet=QuietHours(), pace=pace)
    assert mail_due_at(settings, at(oldest)) == at(due)


def test_who_wants_no_mails_gets_none() -> None:
    assert mail_due_at(NoticeSettings(id="ana", pace=Pace.OFF), at("2026-03-02 09:00")) is None
