"""What goes wrong under the hands of whoever writes: a clear sentence, and nothing of it lost."""

from playwright.async_api import expect

from hub.auth.sessions import end_session, list_sessions
from hub.desk import deeds
from hub.desk.joining import merge
from tests.inbox_ui.conftest import PASSWORD, NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive

REPLY = "textarea[data-key=reply]"


async def end_all(site: Site) -> None:
    for each in await list_sessions(site.auth, site.ana):
        await end_session(site.auth, site.ana, each.id)


async def test_a_stale_form_token_is_renewed_and_what_was_written_is_sent(desk: Window, site: Site) -> None:
    await arrive(site)
    await desk.open("Tomás")
    await desk.page.fill(REPLY, "It is, on Friday.")
    await desk.page.evaluate(
        "for (const each of document.querySelectorAll('[name=csrf]')) each.value = 'of-yesterday';"
    )
    await desk.page.keyboard.press("Control+Enter")
    await expect(desk.page.locator("#timeline .ours .text")).to_have_text("It is, on Friday.")
    desk.said.clear()  # the browser notes the 403


async def test_a_conversation_merged_or_deleted_under_ones_hands_leaves_what_was_written(
    desk: Window, site: Site
) -> None:
    page = desk.page
    kept = await arrive(site, "Hello?", "Amara Sesay")
    given = await arrive(site)
    await desk.open("Tomás")
    await page.fill(REPLY, "It is, on Friday.")
    await merge(site.pages.desk, site.ana, kept, [given])
    await expect(page.locator(f"#talk[data-id='{kept}'] {REPLY}")).to_have_value("It is, on Friday.")
    await expect(page.locator("#say")).to_contain_text("merged into this conversation")
    await deeds.delete(site.pages.desk, site.ana, kept)
    await expect(page.locator("#foot > .warning")).to_contain_text("What you were writing stays here")
    await expect(page.locator(REPLY)).to_have_value("It is, on Friday.")
    await expect(page.locator("#rows > li")).to_have_count(0)
    desk.said.clear()  # the browser notes what is gone


async def test_a_session_that_ended_elsewhere_is_begun_anew_where_one_was(
    new_window: NewWindow, site: Site
) -> None:
    conversation = await arrive(site)
    window = await new_window(scripts=False)
    await window.sign_in(site.ana)
    page = window.page
    await page.goto(f"{site.url}/desk/inbox/open/{conversation}")
    await page.fill(REPLY, "It is, on Friday.")
    await end_all(site)
    await page.click("form.reply [data-send]")
    await expect(page.locator("h1")).to_have_text("You have been signed out")
    await expect(page.locator(".kept textarea")).to_have_value("It is, on Friday.")
    await page.click("main .button.main")
    await page.fill("[name=email]", site.ana.email)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#talk h1")).to_have_text("Tomás Barreto")
    window.said.clear()  # the browser notes the 401


async def test_emoji_alone_and_two_hundred_thousand_characters_are_shown_and_folded(
    desk: Window, site: Site
) -> None:
    await arrive(site, "💚🎉👩🏽‍🚒")
    person = site.office.world.person("tomás")
    site.office.platform.write(person, "🏳️‍🌈" * 30_000, thread="shop-t00001")
    await desk.open("Tomás")
    shown = desk.page.locator("#timeline .body > .text")
    await expect(shown).to_have_count(2)
    await expect(shown.first).to_have_text("💚🎉👩🏽‍🚒")
    assert len(await shown.last.inner_text()) < 7_000
    await expect(desk.page.locator("#timeline .fold summary")).to_be_visible()
    assert await desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
