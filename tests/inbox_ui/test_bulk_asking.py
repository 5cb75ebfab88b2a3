"""What is asked before several are deleted or given a field: a page, with scripts and without."""

from playwright.async_api import expect

from hub.auth.audit import list_audit
from hub.desk.fields import save_field
from hub.model.fields import FieldKind, FieldOn
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_lists import arrive_all


async def choose(window: Window, *places: int) -> None:
    for each in places:
        await window.page.locator("#rows > li").nth(each).locator(".pick input").check(force=True)
    await window.page.click("[popovertarget=bulk-more]")


async def test_a_supervisor_sets_a_field_of_several_and_deletes_them_after_a_question(
    desk: Window, site: Site
) -> None:
    kind, choices = FieldKind.CHOICE, ["Parcel", "Bill"]
    await save_field(
        site.pages.desk, site.ana, FieldOn.CONVERSATION, "cause", "Cause", kind=kind, choices=choices
    )
    await arrive_all(site)
    page = desk.page
    await expect(page.locator("#rows > li")).to_have_count(3)
    await choose(desk, 0, 1)
    await page.click("#bulk-more [value=field]")
    await expect(page.locator(".panel")).to_contain_text("2 conversations")
    assert await desk.findings() == []
    await page.select_option("#bulk-cause", "Bill")
    await page.click(".bulk-field button")
    await expect(page.locator("h1")).to_have_text("2 of 2 done")
    found = await site.office.conversations()
    assert sorted(each.fields.get("cause", "") for each in found) == ["", "Bill", "Bill"]
    await page.click(".panel-page > p a")
    await choose(desk, 0, 1)
    await page.click("#bulk-more [value=delete]")
    await expect(page.locator("h1")).to_have_text("Delete these for good?")
    await expect(page.locator(".panel")).to_contain_text("The audit log keeps of each that you deleted it")
    assert await desk.findings() == []
    assert len(await site.office.conversations()) == 3
    await page.click("button.danger")
    await expect(page.locator("h1")).to_have_text("2 of 2 done")
    assert len(await site.office.conversations()) == 1
    rows = (await list_audit(site.office.hub.store, site.ana, deed="conversation_deleted")).rows
    assert [(each.by, each.address) for each in rows] == [("ana", "127.0.0.1")] * 2


async def test_all_in_a_list_are_deleted_without_scripts_but_not_by_agents(
    new_window: NewWindow, site: Site
) -> None:
    await arrive_all(site)
    agents = await new_window(scripts=False)
    await agents.sign_in(site.ben)
    await expect(agents.page.locator("#bulk-more [value=field]")).to_be_attached()
    await expect(agents.page.locator("#bulk-more [value=delete]")).to_have_count(0)
    window = await new_window(scripts=False)
    await window.sign_in(site.ana)
    page = window.page
    await page.locator("#rows > li .pick input").first.check(force=True)
    await page.check("#bulk [name=all]")
    await page.click("[popovertarget=bulk-more]")
    await page.click("#bulk-more [value=delete]")
    await expect(page.locator(".panel")).to_contain_text("All in this list; at most 20,000 at once")
    await page.click("button.danger")
    await expect(page.locator("h1")).to_have_text("3 of 3 done")
    assert await site.office.conversations() == []
