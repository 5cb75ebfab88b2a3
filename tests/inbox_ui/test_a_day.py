"""An agent's day in a real browser: in, read, answer, note, assign, resolve; with mouse, keyboard, phone."""

from playwright.async_api import expect

from hub.model.inbox import Status
from tests.hubs import until
from tests.inbox_ui.conftest import PASSWORD, NewWindow, Site, Window

COVERED = """() => [...document.querySelectorAll("button, a.button")]
    .filter((each) => each.checkVisibility({ visibilityProperty: true }) && each.getClientRects().length)
    .filter((each) => {
        const { x, y, width, height } = each.getBoundingClientRect();
        const top = document.elementFromPoint(x + width / 2, y + height / 2);
        return top?.closest("#say, #toasts") && !each.closest("#say, #toasts");
    })
    .map((each) => each.outerHTML)"""


# What a keyboard leaves of a phone's page, in a browser that has none.
KEYBOARD = """(left) => {
    Object.defineProperty(visualViewport, "height", { get: () => left, configurable: true });
    visualViewport.dispatchEvent(new Event("resize"));
}"""


async def arrive(site: Site, text: str = "Is the workshop still on?", name: str = "Tomás Barreto") -> str:
    """A customer writes. Returns the conversation."""
    person = site.office.world.person(name.split()[0].lower(), name=name)
    site.office.platform.write(person, text)

    async def look() -> str | None:
        found = await site.office.conversations()
        return next((each.id for each in found if each.customer_name == name), None)

    return await until(look)


async def test_whoever_is_not_signed_in_sees_the_door_and_comes_back_to_where_they_wanted(
    new_window: NewWindow, site: Site
) -> None:
    conversation = await arrive(site)
    window = await new_window()
    await window.page.goto(f"{site.url}/desk/inbox/open/{conversation}")
    await expect(window.page).to_have_title("Sign in · Hubbub")
    await window.page.fill("[name=email]", site.ana.email)
    await window.page.fill("[name=password]", PASSWORD)
    await window.page.keyboard.press("Enter")
    await expect(window.page.locator("#talk h1")).to_have_text("Tomás Barreto")


async def test_a_wrong_password_is_refused_in_words_and_the_address_stays(
    new_window: NewWindow, site: Site
) -> None:
    window = await new_window()
    await window.page.goto(f"{site.url}/desk/sign-in")
    await window.page.fill("[name=email]", site.ana.email)
    await window.page.fill("[name=password]", "a guess")
    await window.page.click("button.main")
    await expect(window.page.get_by_role("alert")).to_be_visible()
    await expect(window.page.locator("[name=email]")).to_have_value(site.ana.email)
    window.said.clear()  # the browser notes the 403


async def test_a_row_appears_by_itself_and_is_answered_by_keyboard_alone(desk: Window, site: Site) -> None:
    page = desk.page
    await expect(page.locator("#nothing")).to_be_visible()
    conversation = await arrive(site)
    await expect(page.locator("#rows a")).to_contain_text("Is the workshop still on?")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator("#timeline")).to_contain_text("Is the workshop still on?")
    await page.keyboard.press("r")
    await page.keyboard.type("It is, on Friday.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .ours .text")).to_have_text("It is, on Friday.")

    async def arrived() -> bool:
        return bool(site.office.world.inbox_of("tomás"))

    await until(arrived)
    await expect(page.locator(".receipt")).to_contain_text("Delivered")
    await page.keyboard.press("Escape")
    await page.keyboard.press("e")
    await expect(page.locator("#rows > li")).to_have_count(0)
    assert (await site.office.conversations(Status.RESOLVED))[0].id == conversation


async def test_focus_and_what_is_being_written_survive_what_others_do(desk: Window, site: Site) -> None:
    page = desk.page
    await arrive(site)
    await desk.open("Tomás")
    await page.keyboard.press("r")
    await page.keyboard.type("I am writ")
    await arrive(site, "Hello?", "Amara Sesay")
    await expect(page.locator("#rows > li")).to_have_count(2)
    site.office.platform.write(site.office.world.person("tomás"), "One more thing", thread="shop-t00001")
    await expect(page.locator("#timeline")).to_contain_text("One more thing")
    await page.keyboard.type("ing")
    await expect(page.locator("textarea[data-key=reply]")).to_have_value("I am writing")


async def test_an_answer_is_held_when_something_newer_came_that_its_writer_has_not_seen(
    new_window: NewWindow, site: Site
) -> None:
    conversation = await arrive(site)
    window = await new_window(scripts=False)
    await window.sign_in(site.ana)
    await window.page.goto(f"{site.url}/desk/inbox/open/{conversation}")
    site.office.platform.write(
        site.office.world.person("tomás"), "Never mind, I found it", thread="shop-t00001"
    )
    await site.office.messages(conversation, 2)
    await window.page.fill("textarea[data-key=reply]", "It is, on Friday.")
    await window.page.click("form.reply [data-send]")
    await expect(window.page.get_by_role("alert")).to_contain_text("has written meanwhile")
    await expect(window.page.locator("#timeline")).to_contain_text("Never mind, I found it")
    await expect(window.page.locator("textarea[data-key=reply]")).to_have_value("It is, on Friday.")
    await window.page.click("form.reply [data-send]")
    await expect(window.page.locator("#timeline .ours")).to_have_count(1)
    window.said.clear()  # the browser notes the 409


async def test_without_scripts_one_can_read_answer_and_assign(new_window: NewWindow, site: Site) -> None:
    conversation = await arrive(site)
    window = await new_window(scripts=False)
    await window.sign_in(site.ana)
    page = window.page
    await page.click("#rows a:has-text('Tomás')")
    await page.fill("textarea[data-key=reply]", "It is, on Friday.")
    await page.click("form.reply [data-send]")
    await expect(page.locator("#timeline .ours .text")).to_have_text("It is, on Friday.")
    await page.click("[popovertarget=assign-menu]")
    await page.click("#assign-menu button:has-text('Ben Okafor')")
    await expect(page.locator("#head .whose")).to_have_text("Ben Okafor")
    found = await site.office.hub.store.inbox.find_conversation(conversation)
    assert found is not None
    assert found.agent == "ben"


async def test_two_agents_see_each_others_deeds_at_once(
    desk: Window, new_window: NewWindow, site: Site
) -> None:
    await arrive(site)
    other = await new_window()
    await other.sign_in(site.ben)
    await other.live()
    await desk.open("Tomás")
    await other.open("Tomás")
    await other.page.keyboard.press("n")
    await other.page.keyboard.type("The hall is booked.")
    await other.page.keyboard.press("Control+Enter")
    await expect(desk.page.locator("#timeline .note")).to_contain_text("The hall is booked.")
    await desk.page.keyboard.press("a")
    await desk.page.click("#assign-menu button:has-text('Ben Okafor')")
    await expect(other.page.locator("#head .whose")).to_have_text("Ben Okafor")
    await expect(other.page.locator('[data-count="mine"]')).to_have_text("1")


async def test_a_phone_shows_one_pane_at_a_time(new_window: NewWindow, site: Site) -> None:
    await arrive(site)
    window = await new_window(390, 844)
    await window.sign_in(site.ana)
    page = window.page
    await expect(page.locator("#list")).to_be_visible()
    await expect(page.locator("#talk")).to_be_hidden()
    await window.open("Tomás")
    await expect(page.locator("#list")).to_be_hidden()
    reply = page.locator("textarea[data-key=reply]")
    await expect(reply).to_be_in_viewport()
    await reply.focus()
    await page.evaluate(KEYBOARD, 420)
    for part in (reply, page.locator("form.reply [data-send]")):
        box = await part.bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= box["y"] + box["height"] <= 420
    await page.evaluate(KEYBOARD, 844)
    await page.click("[data-back]")
    await expect(page.locator("#list")).to_be_visible()
    await page.go_forward()
    await expect(page.locator("#talk h1")).to_have_text("Tomás Barreto")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.keyboard.press("e")
    await expect(page.locator("#say")).to_have_class("say shown")
    assert await page.evaluate(COVERED) == []
