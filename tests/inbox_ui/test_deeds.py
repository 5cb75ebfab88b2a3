"""What agents do to conversations on the page, and how it is taken back."""

from dataclasses import replace
from datetime import timedelta

from playwright.async_api import expect

from hub.desk.searching import search
from hub.model.inbox import Priority, Status
from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive


async def kept(site: Site, conversation: str) -> tuple[Status, tuple[str, ...], Priority]:
    found = await site.office.hub.store.inbox.find_conversation(conversation)
    assert found is not None
    return found.status, found.tags, found.priority


async def test_what_is_resolved_gives_way_to_the_next_and_z_brings_it_back(desk: Window, site: Site) -> None:
    page = desk.page
    await arrive(site, "Hello?", "Amara Sesay")
    conversation = await arrive(site)
    await expect(page.locator("#rows > li")).to_have_count(2)
    await desk.open("Tomás")
    await page.keyboard.press("e")
    await expect(page.locator("#talk h1")).to_have_text("Amara Sesay")
    await expect(page.locator("#rows > li")).to_have_count(1)
    await expect(page.locator("#say")).to_contain_text("Resolved")
    await page.keyboard.press("z")
    await expect(page.locator("#talk h1")).to_have_text("Tomás Barreto")
    await expect(page.locator("#rows > li")).to_have_count(2)
    assert (await kept(site, conversation))[0] is Status.OPEN


async def test_snoozing_by_keyboard_takes_it_out_of_sight(desk: Window, site: Site) -> None:
    conversation = await arrive(site)
    await desk.open("Tomás")
    await desk.page.keyboard.press("s")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator("#rows > li")).to_have_count(0)
    await expect(desk.page.locator('[data-count="snoozed"]')).to_have_text("1")
    assert (await kept(site, conversation))[0] is Status.SNOOZED
    await desk.page.keyboard.press("g")
    await desk.page.keyboard.press("s")
    await desk.page.wait_for_url("**/inbox/snoozed")
    await expect(desk.page.locator("#rows")).to_contain_text("Tomás Barreto")


async def test_an_answer_can_be_taken_back_before_it_leaves_and_is_a_draft_again(
    new_window: NewWindow, site: Site
) -> None:
    slow = replace(site.pages.desk, undo=timedelta(minutes=1))
    object.__setattr__(site.pages, "desk", slow)
    await arrive(site)
    window = await new_window()
    await window.sign_in(site.ana)
    await window.live()
    await window.open("Tomás")
    page = window.page
    await page.keyboard.press("r")
    await page.keyboard.type("It is, on Fridy.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .ours .receipt")).to_contain_text("Leaves at")
    await expect(page.locator("#say .seconds")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("z")
    await expect(page.locator("textarea[data-key=reply]")).to_have_value("It is, on Fridy.")
    await expect(page.locator("#timeline .ours")).to_have_count(0)
    assert site.office.world.inbox_of("tomás") == ()


async def test_tags_priority_and_following_are_set_beside_the_conversation(desk: Window, site: Site) -> None:
    conversation = await arrive(site)
    await desk.open("Tomás")
    page = desk.page
    await page.fill("[data-key=tag]", "workshop")
    await page.keyboard.press("Enter")
    await expect(page.locator("#rows .chip")).to_have_text("workshop")
    await expect(page.locator("[data-key=tag]")).to_be_focused()
    await page.click("[popovertarget=more-menu]")
    await page.click("#more-menu button:has-text('Urgent')")
    await expect(page.locator("#head .chip.late")).to_have_text("Priority: Urgent")
    assert (await kept(site, conversation))[1:] == (("workshop",), Priority.URGENT)
    await page.click("text=workshop >> nth=-1")

    async def untagged() -> bool:
        return (await kept(site, conversation))[1] == ()

    await until(untagged)


async def test_a_form_without_our_token_changes_nothing(desk: Window, site: Site) -> None:
    conversation = await arrive(site)
    answer = await desk.context.request.post(
        f"{site.url}/desk/conversations/{conversation}/resolution", form={"csrf": "guessed"}
    )
    assert answer.status == 403
    assert "This form is out of date" in await answer.text()
    assert (await kept(site, conversation))[0] is Status.OPEN


async def test_a_form_from_another_page_is_refused_at_the_door_too(desk: Window, site: Site) -> None:
    answer = await desk.context.request.post(
        f"{site.url}/desk/session",
        form={"email": "eve@elsewhere.example", "password": "x"},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert answer.status == 403


async def test_the_palette_finds_deeds_and_people_by_a_few_letters(desk: Window, site: Site) -> None:
    await arrive(site, "Hello?", "Amara Sesay")
    await arrive(site)
    page = desk.page
    await expect(page.locator("#rows > li")).to_have_count(2)
    await page.keyboard.press("Control+k")
    await page.keyboard.type("amses")
    await expect(page.locator("#found [aria-selected=true]")).to_contain_text("Amara Sesay")
    await page.keyboard.press("Enter")
    await expect(page.locator("#talk h1")).to_have_text("Amara Sesay")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("assi me")
    await page.keyboard.press("Enter")
    await expect(page.locator("#head .whose")).to_have_text("Ana")


async def test_a_conversation_that_is_gone_is_said_to_be_gone(desk: Window, site: Site) -> None:
    answer = await desk.page.goto(f"{site.url}/desk/inbox/open/{'0' * 24}")
    assert answer is not None
    assert answer.status == 404
    await expect(desk.page.locator("h1")).to_have_text("This is not here any more")
    assert await desk.findings() == []
    desk.said.clear()  # the browser notes the 404


async def test_agents_see_who_else_is_looking_and_writing(
    desk: Window, new_window: NewWindow, site: Site
) -> None:
    await arrive(site)
    other = await new_window()
    await other.sign_in(site.ben)
    await other.live()
    await desk.open("Tomás")
    await other.open("Tomás")
    await expect(desk.page.locator("#presence")).to_have_text("Ben Okafor is looking at this")
    await other.page.keyboard.press("r")
    await other.page.keyboard.type("I am on it")
    await expect(desk.page.locator("#presence")).to_have_text("Ben Okafor is writing")
    await other.page.close()
    await expect(desk.page.locator("#presence")).to_have_text("")


async def test_after_a_lost_connection_the_page_catches_up_by_itself(desk: Window, site: Site) -> None:
    await arrive(site)
    await desk.open("Tomás")
    await desk.context.set_offline(True)
    await expect(desk.page.locator('[data-link-state="lost"]')).to_be_attached()
    await arrive(site, "Hello?", "Amara Sesay")
    site.office.platform.write(site.office.world.person("tomás"), "One more thing", thread="shop-t00001")
    await desk.context.set_offline(False)
    await expect(desk.page.locator("#rows > li")).to_have_count(2)
    await expect(desk.page.locator("#timeline")).to_contain_text("One more thing")
    desk.said.clear()  # the browser notes what could not be reached
    desk.asked.clear()


async def test_search_finds_what_was_said_anywhere(desk: Window, site: Site) -> None:
    await arrive(site, "Where is the porcelain teapot?")

    async def indexed() -> bool:
        return bool((await search(site.pages.desk, site.ana, "porcelain")).rows)

    await until(indexed)
    page = desk.page
    await page.keyboard.press("/")
    await page.keyboard.type("porcel")
    await expect(page.locator("#found mark", has_text="porcelain")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.locator("#talk h1")).to_have_text("Tomás Barreto")
    await page.goto(f"{site.url}/desk/search?q=porcelain")
    await expect(page.locator(".hits mark")).to_have_text("porcelain")
    assert await desk.findings() == []
