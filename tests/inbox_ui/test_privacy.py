"""The way from a customer's page to an export and an erasure, and the page that says what became of it."""

import json
import zipfile
from pathlib import Path

from playwright.async_api import Page, expect

from hub.desk.deeds import note
from tests.inbox_ui.conftest import NewWindow, Site


async def test_an_admin_takes_a_person_out_and_erases_them(
    new_window: NewWindow, site: Site, tmp_path: Path
) -> None:
    site.office.platform.write(site.office.world.person("tomas", name="Tomás Quast"), "Where is my parcel?")
    talk = await site.office.conversation()
    await note(site.office.hub.desk, site.ana, talk.id, "Rings twice.")
    window = await new_window()
    page = window.page
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/customers/{talk.customer}")
    await page.click("text=Export or erase …")
    await expect(page.locator(".danger-zone")).to_contain_text("conversations: 1")
    await expect(page.locator(".danger-zone")).to_contain_text("The audit log")
    await page.click("button:has-text('Export everything')")
    await _ended(page)
    async with page.expect_download() as coming:
        await page.click("a:has-text('Download')")
    packed = zipfile.ZipFile(await (await coming.value).path())
    assert "index.html" in packed.namelist()
    await page.click("button:has-text('Remove the file now')")
    await expect(page.locator(".done")).to_have_text("The file was removed")

    await page.goto(f"{site.url}/desk/office/privacy/people/{talk.customer}")
    await page.check("[name=sure]")
    await page.click("button:has-text('Erase for good')")
    await _ended(page)
    await expect(page.locator("main, .page").first).to_contain_text("What stays, and why")
    async with page.expect_download() as coming:
        await page.click("a:has-text('Signed receipt')")
    receipt = json.loads(Path(await (await coming.value).path()).read_text())
    assert receipt["counts"]["conversations"] == 1
    assert await site.office.hub.store.inbox.find_conversation(talk.id) is None


async def _ended(page: Page) -> None:
    """The page says so by itself."""
    await expect(page.locator(".facts")).to_contain_text("Ended", timeout=30_000)


async def test_how_long_things_are_kept_is_set_rehearsed_and_forgotten(
    new_window: NewWindow, site: Site
) -> None:
    window = await new_window(390, 844)
    page = window.page
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/office/privacy")
    window.expected.append("422")
    await page.select_option("[name=kind]", "spam")
    await page.fill("[name=days]", "0")
    await page.click("button:has-text('Save the rule')")
    await expect(page.locator(".problem")).to_contain_text("1 to")
    await page.fill("[name=days]", "30")
    await page.click("button:has-text('Save the rule')")
    await expect(page.locator(".lines-of")).to_contain_text("30 days")
    await page.click("text=How many would go now?")
    await expect(page.locator(".lines-of")).to_contain_text("0 would go now")
    await page.click("[aria-label='Remove the rule about Spam']")
    await expect(page.locator(".page")).to_contain_text("Everything is kept for ever")
