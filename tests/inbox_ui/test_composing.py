"""Small things at the composer: files that are pasted and dropped, and the end of the time for answering."""

import base64
from datetime import timedelta

import pytest
from playwright.async_api import expect

from tests.hubs import until
from tests.inbox_ui.conftest import Site, Window
from tests.inbox_ui.test_a_day import arrive

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# A file as the clipboard or a drag hands it over.
GIVEN = """([kind, name, type, bytes]) => {
    const given = new DataTransfer();
    given.items.add(new File([new Uint8Array(bytes)], name, { type }));
    const how = { bubbles: true, cancelable: true, dataTransfer: given, clipboardData: given };
    const made = kind === "paste" ? new ClipboardEvent(kind, how) : new DragEvent(kind, how);
    document.querySelector("textarea[data-key=reply]").dispatchEvent(made);
}"""


@pytest.mark.parametrize("imitates", ["email"])
async def test_what_is_pasted_and_what_is_dropped_goes_with_the_answer(desk: Window, site: Site) -> None:
    await arrive(site)
    page = desk.page
    await desk.open("Tomás")
    await page.click("textarea[data-key=reply]")
    await page.keyboard.type("Here they are.")
    attached = page.locator("form.reply .attached [data-reference]")
    await page.evaluate(GIVEN, ["paste", "seen.png", "image/png", list(PIXEL)])
    await expect(attached).to_have_count(1)
    await page.evaluate(GIVEN, ["dragover", "plan.pdf", "application/pdf", list(b"%PDF-1.4 one")])
    await expect(page.locator("#talk")).to_have_class("talk dropping")
    await page.evaluate(GIVEN, ["drop", "plan.pdf", "application/pdf", list(b"%PDF-1.4 one")])
    await expect(page.locator("#talk")).to_have_class("talk")
    await expect(attached).to_have_count(2)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .ours .files")).to_contain_text("plan.pdf")

    async def received() -> list[str] | None:
        copies = site.office.world.inbox_of("tomás")
        return sorted(each.name for copy in copies for each in copy.files) if copies else None

    assert await until(received) == ["plan.pdf", "seen.png"]


@pytest.mark.parametrize("config", [{"reply_hours": 24}])
async def test_the_time_for_answering_is_counted_down_and_when_it_is_over_a_note_is_left(
    desk: Window, site: Site
) -> None:
    page = desk.page
    conversation = await arrive(site)
    await desk.open("Tomás")
    left = page.locator("#composer .window")
    await expect(left).to_contain_text("23 h 59 min left")
    await page.fill("textarea[data-key=reply]", "It is, on Friday.")
    await expect(page.locator("form.reply [data-draft]")).to_be_visible()  # it is kept
    await page.evaluate(
        "(passed) => { const real = Date.now; Date.now = () => real() + passed; }", 24 * 3_600_000
    )
    await page.evaluate("document.dispatchEvent(new CustomEvent('talk-shown'))")  # or ten seconds later
    await expect(page.locator("#rows .face").first).to_have_text("TB")  # the row has an end of its own
    await expect(left).to_have_text("The time for answering is over")
    await expect(page.locator("form.reply [data-send]")).to_be_disabled()
    await page.focus("textarea[data-key=reply]")
    await page.keyboard.press("Control+Enter")  # does nothing any more

    desk_, later = site.pages.desk, site.office.hub.clock() + timedelta(hours=25)
    object.__setattr__(desk_, "clock", lambda: later)
    await page.goto(f"{site.url}/desk/inbox/open/{conversation}")
    await expect(page.locator("form.reply .late")).to_contain_text("The customer has to write again first")
    await expect(page.locator("textarea[data-key=reply]")).to_be_disabled()
    assert len(await site.office.messages(conversation)) == 1
    await page.locator("#talk").focus()
    await page.keyboard.press("n")
    await page.keyboard.type("He has to write first.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .note .text")).to_have_text("He has to write first.")
    assert not site.office.world.inbox_of("tomás")
