"""Changing, deleting and reacting on the page; and what customers edit, delete and react to as it shows."""

from playwright.async_api import expect

from tests.inbox_ui.conftest import Site, Window
from tests.inbox_ui.test_a_day import arrive


async def test_what_was_said_is_changed_deleted_and_reacted_to_by_keyboard(desk: Window, site: Site) -> None:
    page, platform, world = desk.page, site.office.platform, site.office.world
    await arrive(site)
    await desk.open("Tomás")
    await page.fill("textarea[data-key=reply]", "At five")
    await page.keyboard.press("Control+Enter")
    ours, theirs = page.locator("#timeline .entry.ours"), page.locator("#timeline .entry.theirs").first
    await ours.get_by_label("Change this message").focus()
    await page.keyboard.press("Enter")
    field = page.locator("#task textarea")
    await expect(field).to_have_value("At five")
    await expect(field).to_be_focused()
    assert await desk.findings() == []
    await field.fill("At six")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(ours.locator(".body")).to_contain_text("At six")
    await expect(ours.locator(".edits")).to_contain_text("edited")
    assert [copy.text for copy in world.inbox_of("tomás")] == ["At six"]

    await theirs.get_by_label("React to this message").focus()
    await page.keyboard.press("Enter")
    assert await desk.findings() == []
    await page.get_by_role("button", name="React with ❤️").click()
    await expect(theirs.locator(".reaction")).to_have_text("❤️")

    await ours.get_by_label("Delete this message").click()
    await page.click("#task button:has-text('Delete the message')")
    await expect(ours).to_contain_text("Deleted at")
    assert [copy.deleted for copy in world.inbox_of("tomás")] == [True]
    assert platform.posts


async def test_a_change_that_is_refused_stays_until_it_was_read(desk: Window, site: Site) -> None:
    page, platform = desk.page, site.office.platform
    await arrive(site)
    await desk.open("Tomás")
    await page.fill("textarea[data-key=reply]", "At five")
    await page.keyboard.press("Control+Enter")
    ours = page.locator("#timeline .entry.ours")
    await ours.get_by_label("Change this message").click()
    platform.posts.clear()
    await page.fill("#task textarea", "At six")
    await page.click("#task button:has-text('Change it')")
    await expect(ours.locator(".receipt.failed")).to_contain_text("Not changed")
    await expect(ours.locator(".body")).to_contain_text("At five")
    assert await desk.findings() == []
    await ours.get_by_role("link", name="Change it again").click()
    await expect(page.locator("#task textarea")).to_have_value("At six")
    await page.keyboard.press("Escape")
    await ours.get_by_role("button", name="Dismiss").click()
    await expect(ours.locator(".receipt.failed")).to_have_count(0)


async def test_what_customers_edit_delete_and_react_to_shows_at_the_message(desk: Window, site: Site) -> None:
    page, platform, tomas = desk.page, site.office.platform, site.office.world.person("tomás")
    await arrive(site)
    await desk.open("Tomás")
    await page.fill("textarea[data-key=reply]", "At five")
    await page.keyboard.press("Control+Enter")
    theirs, ours = page.locator("#timeline .entry.theirs"), page.locator("#timeline .entry.ours")
    await expect(ours.get_by_label("Change this message")).to_be_visible()
    asked, answer = list(platform.posts.values())[:2]
    said = await theirs.locator(".body .text").inner_text()
    platform.edit(asked, "Three tents, please")
    await expect(theirs.locator(".body")).to_contain_text("Three tents, please")
    await theirs.locator(".edits summary").click()
    await expect(theirs.locator(".edits li")).to_contain_text(said[:20])
    platform.react(tomas, answer, "🎉")
    await expect(ours.locator(".reaction")).to_have_text("🎉")
    platform.delete(asked)
    await expect(theirs).to_contain_text("Deleted by the sender")
