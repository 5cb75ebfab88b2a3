"""When an answer is due and until when it may be sent: in the list and at the head while time goes by."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from hub.model.inbox import Conversation, Priority, Status
from inbox_ui.deadlines import Deadline, deadlines_of
from inbox_ui.words import Words
from tests.hub.desk.inbox import conversation, fill
from tests.inbox_ui.conftest import NewWindow, Site

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LEFT = (-3000, -1440, -61, -5, -0.5, 0, 0.5, 12.9, 59.9, 60, 61, 119, 121, 1500, 2879, 2880, 9000)  # minutes


@pytest.mark.parametrize(
    ("kind", "minutes", "english", "german", "state"),
    [
        ("reply", 12.9, "Reply in 12 min", "Antwort in 12 Min.", "soon"),
        ("reply", 61, "Reply in 1 h", "Antwort in 1 Std.", ""),
        ("resolve", 3000, "Resolve in 2 d", "Lösung in 2 T", ""),
        ("due", 0.2, "Due in 1 min", "Fällig in 1 Min.", "soon"),
        ("reply", -5, "overdue 5 min", "überfällig 5 Min.", "late"),
        ("reply", 0, "overdue 1 min", "überfällig 1 Min.", "late"),
        ("window", 22 * 60 + 5, "window 22 h", "Fenster 22 Std.", ""),
        ("window", 100, "window 1 h", "Fenster 1 Std.", "soon"),
        ("window", -1, "window closed", "Fenster geschlossen", "over"),
    ],
)
def test_what_is_left_is_said_shortly(
    kind: str, minutes: float, english: str, german: str, state: str
) -> None:
    deadline = Deadline(kind, NOW + timedelta(minutes=minutes))
    assert deadline.words(Words("en"), NOW) == english
    assert deadline.words(Words("de"), NOW) == german
    assert deadline.state(NOW) == state


def test_what_is_over_and_done_with_waits_for_nothing() -> None:
    row = conversation(1, due_at=NOW, due_for="next_response", window_ends_at=NOW)
    assert deadlines_of(row) == (Deadline("reply", NOW), Deadline("window", NOW))
    assert deadlines_of(replace(row, due_for=None))[0].kind == "due"
    assert deadlines_of(replace(row, due_for="resolution"))[0].kind == "resolve"
    assert deadlines_of(replace(row, status=Status.RESOLVED)) == ()


def rows(now: datetime) -> list[Conversation]:
    """One for each span, and one with everything."""
    found = [
        conversation(100 + each, at=now - timedelta(minutes=200 - each), due_at=now + timedelta(minutes=left),
                     window_ends_at=now + timedelta(minutes=left), due_for="resolution")
        for each, left in enumerate(LEFT)
    ]  # fmt: skip
    whole = conversation(
        1, at=now, due_at=now + timedelta(minutes=12.5), due_for="first_response", priority=Priority.URGENT,
        window_ends_at=now + timedelta(hours=22.5), tags=("orders", "wedding"), agent="ana",
        surface="direct", platform="simulator", customer_name="Mariam Köhler",
    )  # fmt: skip
    return [*found, whole]


async def test_the_texts_stay_right_while_the_page_is_open(site: Site, new_window: NewWindow) -> None:
    """The scripts say of every moment what the server would, in the reader's language."""
    now = datetime.now(UTC).replace(microsecond=0)
    await fill(site.office.hub, rows(now))
    for language, reply, urgent in (
        ("en-GB", "Reply in 12 min", "Urgent"),
        ("de-DE", "Antwort in 12 Min.", "Dringend"),
    ):
        window = await new_window(language=language)
        page, words = window.page, Words(language[:2])
        await page.clock.install(time=now)
        await window.sign_in(site.ana)
        await page.click("#row-c00001 a")
        for place in ("#row-c00001", "#head"):
            await expect(page.locator(f"{place} .deadline.soon")).to_have_text(reply)
            await expect(page.locator(f"{place} .priority.late")).to_contain_text(urgent)
        for minutes in (1, 6, 76):
            then = now + timedelta(minutes=minutes, seconds=20)
            await page.clock.pause_at(then)
            await expect(page.locator("#head .deadline").first).to_have_text(
                Deadline("reply", now + timedelta(minutes=12.5)).words(words, then)
            )
            shown = await page.locator("#rows .deadline").evaluate_all(
                "(all) => all.map((each) => [each.textContent, each.className])"
            )
            right = [
                [each.words(words, then), each.state(then)]
                for row in sorted(rows(now), key=lambda row: row.activity_at, reverse=True)
                for each in deadlines_of(row)
            ]
            assert [text for text, _ in shown] == [text for text, _ in right]
            assert [set(name.split()) & {"soon", "late", "over"} for _, name in shown] == [
                {state} - {""} for _, state in right
            ]
