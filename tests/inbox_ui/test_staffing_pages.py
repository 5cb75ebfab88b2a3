"""An admin sets up hours, promises, an agent and a team on their pages; the team's conversations obey."""

import re

from playwright.async_api import expect

from hub.desk.staffing import agent_plan, list_hours, list_levels, save_hours, team_plan
from hub.desk.teams import add_team, set_channels, set_members
from hub.model.hours import MIDNIGHT, Shift, WorkingHours
from hub.model.inbox import Conversation
from hub.model.staffing import Prefer, Strategy
from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive

CALENDAR = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20201224\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\n"
)


async def test_hours_are_made_on_their_page(new_window: NewWindow, site: Site) -> None:
    """Without scripts, as a form is refused and sent again."""
    window = await new_window(scripts=False)
    window.expected.append("422")
    page, desk = window.page, site.pages.desk
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/office/hours")
    await page.get_by_role("link", name="New working hours").click()
    await page.get_by_label("Name").fill("Berlin")
    await page.get_by_label("Time zone").select_option("Europe/Berlin")
    await page.get_by_label("Monday").fill("9 to five")
    await page.get_by_label("Sunday").fill("22:00–6:00")
    await page.get_by_label("Holidays of").select_option("DE")
    await page.get_by_label("In which part").fill("by")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#day-0-problem")).to_have_text(
        "“9 to five” is no time. It is written like 09:00–17:30."
    )
    await expect(page.get_by_label("Sunday")).to_have_value("22:00–6:00")
    await page.get_by_label("Monday").fill("09:00–12:00, 13:00–17:30")
    calendar = {"name": "days.ics", "mimeType": "text/calendar", "buffer": CALENDAR.encode()}
    await page.get_by_label("Take days from a calendar").set_input_files(calendar)  # type: ignore[arg-type]
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_have_text("Saved")
    await expect(page.get_by_label("Sunday")).to_have_value("22:00–06:00")
    (hours,) = await list_hours(desk, site.ana)
    assert (hours.zone, hours.holidays) == ("Europe/Berlin", "DE-BY")
    assert {Shift(0, 0, 360), Shift(0, 540, 720), Shift(0, 780, 1050), Shift(6, 1320, MIDNIGHT)} <= set(
        hours.shifts
    )
    assert all(re.fullmatch(r"\d{4}-12-24", each) for each in hours.closed)
    assert len(hours.closed) >= 3


async def test_promises_are_made_on_their_page_and_keep_the_hours_they_count(
    new_window: NewWindow, site: Site
) -> None:
    window = await new_window(scripts=False)
    window.expected.append("422")
    page, desk = window.page, site.pages.desk
    shifts = (Shift(0, 540, 1020),)
    made = WorkingHours(id="", name="Berlin", zone="Europe/Berlin", shifts=shifts, created_at=desk.clock())
    hours = await save_hours(desk, site.ana, made)
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/office/service-levels/new")
    await page.get_by_label("Name").fill("Gold")
    await page.get_by_label("First answer", exact=True).fill("soon")
    await page.get_by_label("Counted in").select_option("Berlin")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#first_response-problem")).to_have_text("This is no number.")
    await page.get_by_label("First answer", exact=True).fill("1.5")
    await page.get_by_label("Resolved", exact=True).fill("90")
    await page.get_by_label("Resolved: in").select_option("minutes")
    await page.get_by_role("button", name="Save").click()
    (level,) = await list_levels(desk, site.ana)
    assert (level.first_response, level.next_response, level.resolution) == (90, None, 90)
    assert level.hours == hours.id
    await page.goto(f"{site.url}/desk/office/hours/{hours.id}")
    await expect(page.get_by_text("They cannot be removed")).to_contain_text("Service levels: Gold")


async def test_who_is_away_gets_nothing_until_they_are_back(new_window: NewWindow, site: Site) -> None:
    team = await add_team(site.pages.desk, site.ana, "Returns")
    await set_members(site.pages.desk, site.ana, team.id, [site.ben.id])
    await set_channels(site.pages.desk, site.ana, team.id, [site.office.channel.id])
    await planned(await new_window(), site, team.id)
    window = await new_window()
    await window.sign_in(site.ben)
    await window.live()
    page, mine = window.page, window.page.locator("#attendance")
    await expect(mine).to_have_text("Online")
    first = await arrive(site, "one")
    await until(lambda: with_agent(site, first, "ben"), "ben to get it")
    await page.keyboard.press("p")
    await expect(page.locator(".colleagues")).to_contain_text("has 2 of 6")
    await page.get_by_role("button", name="Away").click()
    await expect(mine).to_have_text("Away")
    await expect(page.locator("#attendance-menu")).to_be_hidden()
    other = await new_window()
    await other.sign_in(site.ben)  # his other browser has heard of it
    await expect(other.page.locator("#attendance")).to_have_text("Away")
    second = await arrive(site, "two", "vera")
    await until(lambda: with_team(site, second, team.id), "it to be in the queue")
    assert await with_agent(site, second, None)
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox").fill("Online")
    await page.keyboard.press("Enter")
    await expect(mine).to_have_text("Online")
    await expect(other.page.locator("#attendance")).to_have_text("Online")
    await until(lambda: with_agent(site, second, "ben"), "the queue to move")


async def planned(window: Window, site: Site, team: str) -> None:
    """What Ben can take, and how his team hands out, as filled in on their pages."""
    page, desk = window.page, site.pages.desk
    window.expected.append("422")
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/office/agents/ben/plan")
    await page.get_by_label("Capacity").fill("many")
    await page.get_by_label("Skill 1", exact=True).fill("billing")
    await page.get_by_label("Level of skill 1").select_option("5")
    await page.get_by_label("Language 1", exact=True).select_option("de")
    await page.get_by_label("Direct message").fill("4")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator("#capacity-problem")).to_contain_text("between 0 and 1000")
    await page.get_by_label("Capacity").fill("6")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_have_text("Saved")
    plan = await agent_plan(desk, site.ana, "ben")
    assert (plan.capacity, plan.most, plan.skills, plan.languages) == (
        6,
        {"direct": 4},
        {"billing": 5},
        {"de": 3},
    )

    await page.goto(f"{site.url}/desk/office/teams/{team}")
    await page.get_by_label("Who gets one").select_option("By shares")
    await page.get_by_label("Before that, if they can").select_option("Who had their last conversation")
    await page.get_by_label("What it needs is a must").check()
    await page.get_by_role("button", name="Save how it hands out").click()
    await expect(page.locator("#strategy-problem")).to_have_text("Say below who gets how large a share.")
    await page.get_by_label("Share of Ben Okafor, in percent").fill("100")
    await page.get_by_label("Taken back after how many minutes").fill("30")
    await page.get_by_role("button", name="Save how it hands out").click()
    await expect(page.get_by_role("status")).to_have_text("Saved")
    kept = await team_plan(desk, site.ana, team)
    assert (kept.strategy, kept.prefer, kept.split) == (Strategy.SPLIT, (Prefer.LAST,), {"ben": 100})
    assert (kept.strict, kept.languages, kept.vip_first, kept.back_minutes) == (True, False, True, 30)
    assert (await agent_plan(desk, site.ana, "ben")).capacity == 6


async def found_at(site: Site, conversation: str) -> Conversation:
    found = await site.pages.desk.store.inbox.find_conversation(conversation)
    assert found is not None
    return found


async def with_agent(site: Site, conversation: str, agent: str | None) -> bool:
    return (await found_at(site, conversation)).agent == agent


async def with_team(site: Site, conversation: str, team: str) -> bool:
    return (await found_at(site, conversation)).team == team
