"""Sending in a real browser: what is asked before, taken back after, left for later, passed on."""

import asyncio
from contextlib import nullcontext

import pytest
from playwright.async_api import Route, expect

from hub.contract.capabilities import Surface
from hub.desk.drafting import save_draft, share_draft
from hub.desk.replying import Draft
from hub.model.inbox import Status
from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive
from tests.inbox_ui.test_writing import EMAIL, REPLY, SOCIAL, hold_back, kept_as, second

PDF = b"%PDF-1.4 " + bytes(3000)


async def test_an_answer_that_was_overtaken_shows_by_what(desk: Window, site: Site) -> None:
    conversation = await arrive(site)
    page = desk.page
    await desk.open("Tomás")
    await page.fill(REPLY, "Yes, it is.")
    tomas = site.office.world.person("tomás")
    await page.evaluate("document.querySelector('[name=seen]').value = '000000000000000000000000'")
    site.office.platform.write(tomas, "Never mind, I found it", thread="shop-t00001")
    await site.office.messages(conversation, 2)
    await expect(page.locator("#timeline")).to_contain_text("Never mind")
    await page.evaluate(
        "document.querySelector('[name=seen]').value = document.querySelector('#timeline .theirs').dataset.id"
    )
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[data-asks=held] .arrived")).to_contain_text("Never mind, I found it")
    await page.click("[data-confirm]")
    await expect(page.locator("#timeline .ours")).to_have_count(1)
    desk.said.clear()  # the browser notes the 409


REFRESHED = """async () => {
    const loaded = performance.getEntriesByType("resource").map((each) => each.name);
    (await import(loaded.find((each) => /talk[^/]*[.]js/.test(each)))).refreshTalk();
}"""
TOLD_AGAIN = "document.dispatchEvent(new CustomEvent('talk-shown'))"


@pytest.mark.parametrize(
    ("before", "after"), [(REFRESHED, "0"), ("0", TOLD_AGAIN)], ids=["the page", "the message"]
)
async def test_what_came_counts_as_read_also_when_it_was_drawn_again(
    desk: Window, site: Site, before: str, after: str
) -> None:
    conversation = await arrive(site)
    page = desk.page
    await desk.open("Tomás")
    async with page.expect_response("**/live?*") if before == REFRESHED else nullcontext():
        await page.evaluate(before)
    site.office.platform.write(site.office.world.person("tomás"), "Hello?", thread="shop-t00001")
    await site.office.messages(conversation, 2)
    await expect(page.locator("#timeline .theirs")).to_have_count(2)
    await page.evaluate(after)
    newest = await page.get_attribute("#timeline .theirs >> nth=1", "data-id")
    await expect(page.locator("form.reply [name=seen]")).to_have_value(newest or "")


async def stands(site: Site, conversation: str, status: Status) -> None:
    """Until it does: the page hears of a deed before all of it is written down."""

    async def look() -> bool:
        return [each.id for each in await site.office.conversations(status)] == [conversation]

    await until(look)


async def test_send_and_resolve_is_one_key_and_z_takes_both_back(new_window: NewWindow, site: Site) -> None:
    hold_back(site, minutes=2)
    conversation = await arrive(site)
    window = await second(new_window, site, conversation)
    page = window.page
    await page.fill(REPLY, "It is, on Friday.")
    await page.keyboard.press("Control+Shift+Enter")
    await expect(page.locator("#say .seconds")).to_be_visible()
    await stands(site, conversation, Status.RESOLVED)
    await page.keyboard.press("Escape")
    await page.keyboard.press("z")
    await expect(page.locator(REPLY)).to_have_value("It is, on Friday.")
    await expect(page.locator("#timeline .ours")).to_have_count(0)
    await stands(site, conversation, Status.OPEN)
    await kept_as(site, conversation, "It is, on Friday.")


async def test_what_is_sent_later_can_leave_now_and_what_may_have_been_sent_leaves_once(
    desk: Window, site: Site
) -> None:
    conversation = await arrive(site)
    page = desk.page
    await desk.open("Tomás")
    await page.fill(REPLY, "Good morning!")
    await page.click("[popovertarget=later-menu]")
    await page.click("#later-menu button[name=later] >> nth=1")
    await expect(page.locator(".receipt")).to_contain_text("Leaves at")
    assert not site.office.world.inbox_of("tomás")
    await page.click(".receipt button:has-text('Send now')")
    await expect(page.locator(".receipt")).to_contain_text("Delivered")
    assert [each.text for each in site.office.world.inbox_of("tomás")] == ["Good morning!"]

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/replies", lose_the_answer, times=1)
    await page.fill(REPLY, "Once only.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#say")).to_contain_text("No connection")
    await expect(page.locator(REPLY)).to_have_value("Once only.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(REPLY)).to_have_value("")
    await expect(page.locator("#timeline .ours")).to_have_count(2)
    assert len(await site.office.messages(conversation)) == 3
    desk.said.clear()  # the browser notes what was cut


@SOCIAL
async def test_the_first_public_answer_of_a_session_is_confirmed(desk: Window, site: Site) -> None:
    tomas = site.office.world.person("tomás", name="Tomás Barreto")
    post = site.office.platform.write(tomas, "@shop your kettle leaks", surface=Surface.MENTION)
    await site.office.conversation()
    page = desk.page
    await desk.open("Tomás")
    await expect(page.locator("#composer")).to_contain_text("Public answer: everybody can read this")
    await page.fill(REPLY, "日" * 130 + " https://shop.example/a/very/long/address/indeed 👩‍👩‍👧‍👦")
    await expect(page.locator("[data-count-left]").first).to_have_text("7 characters too many")
    await page.fill(REPLY, "We are sorry.")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Everybody can read this answer")
    assert len(site.office.platform.posts) == 1
    assert await desk.findings() == []
    await page.click("[data-confirm]")
    await expect(page.locator("#timeline .ours")).to_have_count(1)
    site.office.platform.answer(post, "Thank you")
    await expect(page.locator("#timeline .theirs")).to_have_count(2)
    newest = await page.get_attribute("#timeline .theirs >> nth=1", "data-id")
    await expect(page.locator("form.reply [name=seen]")).to_have_value(newest or "")  # it has been read
    await page.fill(REPLY, "You are welcome.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .ours")).to_have_count(2)
    desk.said.clear()  # the browser notes the 409


@EMAIL
async def test_a_mail_is_forwarded_with_some_of_its_files_and_comes_back_as_it_was(
    new_window: NewWindow, site: Site
) -> None:
    hold_back(site, minutes=2)
    tomas, lea = site.office.world.person("tomás"), site.office.world.person("lea", name="Lea Brandt")
    files = [("a.txt", "text/plain", b"a"), ("b.txt", "text/plain", b"b")]
    site.office.platform.write(tomas, "It leaks", subject="Kettle", files=files, also_to=[lea])
    window = await second(new_window, site, (await site.office.conversation()).id)
    page = window.page
    await expect(page.locator("form.reply .piece")).to_have_count(2)  # who wrote, and the copy
    await page.click("#talk h1")
    await page.keyboard.press("Shift+F")
    await page.keyboard.type("Can you mend it?")
    await page.fill("form.forward .pieces input >> nth=0", site.office.platform.name_of(lea) + ",")
    await page.uncheck("form.forward [name=keep] >> nth=0")
    await page.fill("form.forward [name=subject]", "A kettle to mend")
    assert await window.findings() == []
    await page.click("form.forward [data-send]")
    ours = page.locator("#timeline .ours")
    await expect(ours).to_contain_text("It leaks")
    await expect(ours.locator(".files")).to_contain_text("b.txt")
    await expect(ours.locator(".files")).not_to_contain_text("a.txt")
    await page.click("#talk h1")
    await page.keyboard.press("z")
    await expect(page.locator("form.forward textarea")).to_have_value("Can you mend it?")
    await expect(page.locator("form.forward [name=subject]")).to_have_value("A kettle to mend")


async def test_without_scripts_a_file_goes_with_the_form_and_drafts_are_shown(
    new_window: NewWindow, site: Site
) -> None:
    conversation = await arrive(site)
    hub = site.office.hub.desk
    await save_draft(hub, site.ben, conversation, Draft(text="Of Ben"))
    await share_draft(hub, site.ben, conversation)
    window = await new_window(scripts=False)
    await window.sign_in(site.ana)
    page = window.page
    await page.goto(f"{site.url}/desk/inbox/open/{conversation}")
    await page.click(".shared-draft button")
    await expect(page.locator(REPLY)).to_have_value("Of Ben")
    files = [{"name": "plan.pdf", "mimeType": "application/pdf", "buffer": PDF}]
    await page.set_input_files("form.reply [name=upload]", files)  # type: ignore[arg-type]  # plain dicts will do
    await page.click("form.reply [data-send]")
    await expect(page.locator("#timeline .ours .files")).to_contain_text("plan.pdf")


async def test_what_is_done_while_an_answer_leaves_stays_as_it_is(desk: Window, site: Site) -> None:
    page = desk.page
    await arrive(site)
    await desk.open("Tomás")
    leaves: asyncio.Future[Route] = asyncio.Future()
    await page.route("**/replies", lambda route: leaves.set_result(route), times=1)
    await page.keyboard.press("r")
    await page.keyboard.type("It is, on Friday.")
    await page.keyboard.press("Control+Enter")
    under_way = await leaves
    await page.click(".tab-note")
    async with page.expect_response("**/drafts/note"):
        await page.keyboard.type("Ask Ben for the")
    await page.click("[data-deed=a]")
    await page.focus("#assign-menu button:has-text('Ben Okafor')")
    await under_way.continue_()
    await expect(page.locator("#timeline .ours .text")).to_have_text("It is, on Friday.")
    await expect(page.locator("#say")).to_have_text("On its way")
    await expect(page.locator("#assign-menu")).to_be_visible()
    await expect(page.locator("#assign-menu button:has-text('Ben Okafor')")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#head .whose")).to_have_text("Ben Okafor")
    await page.click("textarea[data-key=note]")
    await page.keyboard.press("End")
    async with page.expect_response("**/drafts/note") as saved:
        await page.keyboard.type(" price.")
    assert (await saved.value).ok
    await expect(page.locator("textarea[data-key=note]")).to_have_value("Ask Ben for the price.")
