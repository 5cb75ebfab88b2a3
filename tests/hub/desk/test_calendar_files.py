"""Closed days out of iCalendar files, as calendars write them."""

from datetime import date

import pytest

from hub.desk.calendar_files import closed_days_in
from hub.desk.changing import NotPossible

SINCE, UNTIL = date(2026, 11, 30), date(2029, 12, 31)


def calendar(*entries: str) -> str:
    inside = "".join(f"BEGIN:VEVENT\r\n{each}\r\nEND:VEVENT\r\n" for each in entries)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n"


def days(*entries: str) -> list[str]:
    return [each.isoformat() for each in closed_days_in(calendar(*entries), SINCE, UNTIL).days]


def test_whole_days_are_taken_and_their_end_is_not_one_of_them() -> None:
    assert days("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227") == [
        "2026-12-24", "2026-12-25", "2026-12-26",
    ]  # fmt: skip
    assert days("DTSTART;VALUE=DATE:20261231") == ["2026-12-31"]
    assert days("DTSTART;TZID=Europe/Berlin:20270105T000000\r\nDTEND;TZID=Europe/Berlin:20270106T000000") == [
        "2027-01-05"
    ]
    folded = "DTSTART;VALUE=DA\r\n TE:20261231\r\nSUMMARY:New Year's Eve\\, a long day"
    assert days(folded) == ["2026-12-31"]
    assert days("DTSTART;VALUE=DATE:20251224") == []  # over


def test_what_comes_every_year_is_followed_and_its_exceptions_too() -> None:
    yearly = "DTSTART;VALUE=DATE:20201224\r\nRRULE:FREQ=YEARLY"
    assert days(yearly) == ["2026-12-24", "2027-12-24", "2028-12-24", "2029-12-24"]
    assert days(f"{yearly};UNTIL=20271231") == ["2026-12-24", "2027-12-24"]
    assert days(f"{yearly};COUNT=8\r\nEXDATE;VALUE=DATE:20261224") == ["2027-12-24"]
    assert days(f"{yearly};INTERVAL=2;BYMONTH=12;BYMONTHDAY=24") == ["2026-12-24", "2028-12-24"]
    assert days("DTSTART;VALUE=DATE:20240229\r\nRRULE:FREQ=YEARLY") == ["2028-02-29"]


def test_meetings_and_what_cannot_be_followed_are_left_out_and_counted() -> None:
    text = calendar(
        "DTSTART:20261224T090000Z\r\nDTEND:20261224T100000Z",
        "DTSTART;VALUE=DATE:20261130\r\nRRULE:FREQ=WEEKLY",
        "DTSTART;VALUE=DATE:20261224\r\nSTATUS:CANCELLED",
        "DTSTART;VALUE=DATE:20270101\r\nBEGIN:VALARM\r\nDTSTART:20261201T080000Z\r\nEND:VALARM",
    )
    found = closed_days_in(text, SINCE, UNTIL)
    assert ([each.isoformat() for each in found.days], found.left_out) == (["2027-01-01"], 3)


@pytest.mark.parametrize("text", ["", "2026-12-24", "<html>not found</html>"])
def test_what_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(NotPossible):
        closed_days_in(text, SINCE, UNTIL)
