"""A message that looks like spam says so, and why."""

import os

from playwright.async_api import expect

from tests.hub.ingest.post import SUPPORT, mail
from tests.hubs import until
from tests.inbox_ui.conftest import Site, Window
from tests.inbox_ui.test_cases import mailbox


async def test_a_suspected_message_tells_why_to_whoever_asks(desk: Window, site: Site) -> None:
    room = await mailbox(site)
    await room.put(SUPPORT, mail("A free jackpot, today only.", subject="You have won", X_Spam_Flag="YES"))
    assert site.office.running.ingest is not None
    site.office.running.ingest.arrived.set()
    begun = await until(room.open, "the mail to be worked on")
    page = desk.page
    await page.goto(f"{site.url}/desk/inbox/open/{begun[0].id}")
    message = page.locator(".entry.theirs")
    await expect(message.get_by_text("Looks like spam", exact=True)).to_be_visible()
    await expect(message.get_by_text("Probably spam")).to_have_count(0)  # said once
    reason = message.get_by_text("The mail provider takes it for spam.")
    await expect(reason).to_be_hidden()
    asked = message.locator("summary", has_text="why it looks like spam")
    await asked.focus()
    await page.keyboard.press("Enter")
    await expect(reason).to_be_visible()
    assert await desk.findings(".entry.theirs") == []
    if folder := os.environ.get("LOOKS"):
        for width in (1440, 390):
            for scheme in ("light", "dark"):
                await page.set_viewport_size({"width": width, "height": 800})
                await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                await page.screenshot(path=f"{folder}/suspect-{width}-{scheme}.png")
