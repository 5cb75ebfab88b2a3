"""The list and the pane beside it in a real browser: several at once, filters, saved views, staying right."""

from playwright.async_api import expect

from hub.desk.away import StoreUnavailable
from hub.desk.deeds import assign, resolve, tag, untag
from hub.desk.saved_views import list_saved_views
from hub.model.inbox import Status
from hub.model.people import Team
from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive

NAMES = ("Tomás Barreto", "Amara Sesay", "Jun Mori")


async def arrive_all(site: Site) -> list[str]:
    return [await arrive(site, f"Hello from {name}", name) for name in NAMES]


async def resolved(site: Site) -> int:
    return len(await site.office.conversations(Status.RESOLVED))


async def test_several_are_chosen_by_keyboard_done_at_once_and_all_taken_back(
    desk: Window, site: Site
) -> None:
    await arrive_all(site)
    page = desk.page
    await expect(page.locator("#rows > li")).to_have_count(3)
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await page.keyboard.press("Shift+J")
    await expect(page.locator("[data-selected]")).to_have_text("2 selected")
    await arrive(site, "Me, too", "Eva Lind")
    await expect(page.locator("#rows > li")).to_have_count(4)
    await expect(page.locator("[data-selected]")).to_have_text("2 selected")
    await expect(page.locator("#rows > li").nth(2).locator("a.row")).to_be_focused()
    assert await desk.findings() == []
    await page.keyboard.press("e")
    await expect(page.locator("#say")).to_contain_text("Done for 2")
    await expect(page.locator("#rows > li")).to_have_count(2)
    assert await resolved(site) == 2
    await page.keyboard.press("z")
    await expect(page.locator("#rows > li")).to_have_count(4)
    assert await resolved(site) == 0
    # What is written goes to one: the row with the focus, or the only one that is selected.
    rows = page.locator("#rows > li")
    first, last = rows.first, rows.last
    await first.locator("a.row").focus()
    await page.keyboard.press("n")
    await expect(page.locator("form.note textarea")).to_be_focused()
    await expect(page.locator("#talk")).to_have_attribute(
        "data-id", await first.get_attribute("data-id") or ""
    )
    await page.keyboard.press("Escape")
    await last.locator(".pick input").check(force=True)
    await page.keyboard.press("r")
    await expect(page.locator("form.reply textarea")).to_be_focused()
    await expect(page.locator("#talk")).to_have_attribute(
        "data-id", await last.get_attribute("data-id") or ""
    )


async def test_what_could_not_be_done_is_named_with_the_reason(desk: Window, site: Site) -> None:
    await arrive_all(site)
    page = desk.page
    await expect(page.locator("#rows > li")).to_have_count(3)
    await page.locator(".pick input").first.check(force=True)
    await page.locator(".pick input").last.click(modifiers=["Shift"], force=True)
    await expect(page.locator("[data-selected]")).to_have_text("3 selected")
    found = await site.office.conversations()
    await assign(site.office.hub.desk, site.ben, found[0].id, site.ben)
    await page.keyboard.press("a")
    await page.click("#bulk-assign button[value=claim]")
    await expect(page.locator("#say")).to_contain_text("2 done, 1 not")
    await page.click("#say button")
    await expect(page.locator("#failures li")).to_contain_text("Jun Mori")
    await expect(page.locator("#failures li")).to_contain_text("Somebody has it already")
    assert await desk.findings() == []


async def test_a_filtered_list_is_saved_as_a_view_counted_and_kept_up_to_date(
    desk: Window, site: Site
) -> None:
    first, *_ = await arrive_all(site)
    await tag(site.office.hub.desk, site.ben, first, "vip")
    page = desk.page
    await page.keyboard.press("l")
    await page.fill("#panel [name=tags]", "vip")
    await page.click("#panel button.main")
    await expect(page.locator(".chips")).to_contain_text("vip")
    await desk.live()
    await expect(page.locator("#rows > li")).to_have_count(1)
    assert page.url.endswith("/desk/inbox/open?tag=vip")
    await page.click("text=Save as a view")
    await page.fill("#panel [name=title]", "Very important")
    await page.select_option("#panel [name=whose]", "everybody")
    assert await desk.findings() == []
    await page.click("#panel button.main")
    await page.wait_for_url("**/inbox/view:*")
    await desk.live()
    await expect(page.locator("#list h1")).to_have_text("Very important")
    [view] = await list_saved_views(site.office.hub.desk, site.ben)
    count = page.locator(f'[data-count="view:{view.id}"]')
    await expect(count).to_have_text("1")
    newer = await arrive(site, "Me, too", "Eva Lind")
    await tag(site.office.hub.desk, site.ben, newer, "vip")
    await expect(page.locator("#rows > li")).to_have_count(2)
    await untag(site.office.hub.desk, site.ben, first, "vip")
    await expect(page.locator("#rows > li")).to_have_count(1)
    await expect(page.locator("#rows")).to_contain_text("Eva Lind")
    await expect(count).to_have_text("1")
    await page.click(".chips a.chip.on")
    await expect(page.locator("#rows > li")).to_have_count(4)
    await page.click("text=Keep the changes")
    await page.wait_for_url("**/inbox/view:*")
    await expect(page.locator("#rows > li")).to_have_count(4)


async def test_an_empty_list_says_why_and_teams_and_channels_lead_to_theirs(desk: Window, site: Site) -> None:
    first, *_ = await arrive_all(site)
    hub = site.office.hub
    await hub.store.people.add_team(Team(id="sales", name="Sales", created_at=hub.clock()))
    found = await hub.store.inbox.find_conversation(first)
    assert found is not None
    assert await hub.store.inbox.change_conversation(found, {"team": "sales"})
    page = desk.page
    await page.goto(f"{site.url}/desk/inbox/open?tag=none&awaiting=us")
    await expect(page.locator("#nothing")).to_contain_text("Nothing fits all of this")
    await expect(page.locator("#nothing")).to_contain_text("Waits for us · none")
    await page.click("#nothing a")
    await expect(page.locator("#rows > li")).to_have_count(3)
    await expect(page.locator('[data-count="team:sales"]')).to_have_text("1")
    await page.click('[data-view="team:sales"]')
    await expect(page.locator("#rows > li")).to_have_count(1)
    await page.click(".channel")
    await expect(page.locator(".channel")).to_have_attribute("aria-current", "page")
    await expect(page.locator("#rows > li")).to_have_count(3)
    await page.click('[data-key="section-teams"]')
    await until_folded(page_cookies=desk)
    await page.reload()
    await expect(page.locator('[data-section="teams"]')).not_to_have_attribute("open", "")


async def until_folded(page_cookies: Window) -> None:
    async def kept() -> bool:
        cookies = await page_cookies.context.cookies()
        return any("folded=teams" in str(each.get("value")) for each in cookies)

    await until(kept)


async def test_without_scripts_one_can_filter_and_do_it_to_several(new_window: NewWindow, site: Site) -> None:
    await arrive_all(site)
    window = await new_window(scripts=False)
    await window.sign_in(site.ana)
    page = window.page
    await page.click("[data-key=filter]")
    await page.select_option("[name=awaiting]", "us")
    await page.click("[data-several=language] summary")
    for each in ("en", "unknown", "de"):
        await page.check(f"[name=language][value={each}]")
    await page.click("button.main")
    await expect(page.locator(".chips")).to_contain_text("Waits for us")
    assert page.url.endswith("?awaiting=us&language=en&language=de&language=unknown")
    await page.click("[data-key=filter]")
    await expect(page.locator("[data-several=language] b")).to_contain_text("English, German")
    await page.click("button.main")
    for pick in await page.locator(".pick input").all():
        await pick.check(force=True)
    await page.click("#bulk button[value=resolve]")
    await expect(page.locator("h1")).to_have_text("3 of 3 done")
    assert await resolved(site) == 3
    await page.click("text=Undo all of it")
    await expect(page.locator("#rows > li")).to_have_count(3)


async def test_on_a_phone_several_are_chosen_by_a_button_and_done_from_the_bottom(
    new_window: NewWindow, site: Site
) -> None:
    await arrive_all(site)
    window = await new_window(390, 844)
    await window.sign_in(site.ana)
    await window.live()
    page = window.page
    await page.click("[data-selecting]")
    await page.click("#rows > li:nth-child(1) a.row")
    await page.click("#rows > li:nth-child(2) a.row")
    await expect(page.locator("[data-selected]")).to_have_text("2 selected")
    await page.click("[popovertarget=bulk-more]")
    await expect(page.locator("#bulk-more button[value=spam]")).to_be_in_viewport()
    assert await window.findings() == []
    await page.click("#bulk-more button[value=spam]")
    await expect(page.locator("#rows > li")).to_have_count(1)
    await page.click(".to-rail")
    await expect(page.locator('[data-view="mine"]')).to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_two_browsers_agree_again_after_one_was_cut_off_however_long(
    desk: Window, new_window: NewWindow, site: Site
) -> None:
    first, second, _ = await arrive_all(site)
    other = await new_window()
    await other.sign_in(site.ben)
    await other.live()
    for forgotten in (False, True):
        await desk.context.set_offline(True)
        await expect(desk.page.locator('[data-link-state="lost"]')).to_be_attached()
        await resolve(site.office.hub.desk, site.ben, second if forgotten else first)
        new = "Eva Lind" if forgotten else "Nora Berg"
        await arrive(site, "Am I too late?", new)
        if forgotten:  # as after a week away: what happened is not kept any more
            await site.office.hub.store.database.events.delete_many({})
            site.pages.follower._recent.clear()
        await expect(other.page.locator("#rows > li").first).to_contain_text(new)
        await expect(other.page.locator("#rows > li")).to_have_count(3)
        await desk.context.set_offline(False)
        await desk.live()
        await expect(desk.page.locator("#rows > li").first).to_contain_text(new)
        await expect(desk.page.locator("#rows > li")).to_have_count(3)
        seen = [await each.page.locator("#rows .who").all_inner_texts() for each in (desk, other)]
        assert seen[0] == seen[1]
    desk.said.clear()  # the browser notes what could not be reached
    desk.asked.clear()


class Away:
    """What follows events while the database cannot be reached."""

    def subscribe(self, last: str | None = None) -> "Away":
        return self

    async def __aenter__(self) -> None:
        raise StoreUnavailable("away")

    async def __aexit__(self, *problem: object) -> None:
        """Never reached."""


async def test_a_live_stream_that_cannot_begin_ends_without_harm(desk: Window, site: Site) -> None:
    follower = site.pages.follower
    object.__setattr__(site.pages, "follower", Away())
    answer = await desk.context.request.get(f"{site.url}/desk/live?view=open&last=1")
    assert (answer.status, "event: beat" in await answer.text()) == (200, True)
    object.__setattr__(site.pages, "follower", follower)
