"""The bell in a real browser: told live, seen, withdrawn; by the browser too, and not in quiet hours."""

from playwright.async_api import expect

from hub.desk.deeds import assign, claim, hand_to_team, note
from hub.desk.notices import Wishes, save_notice_settings
from hub.model.notices import DEFAULT_WAYS, Pace, QuietHours, Way
from hub.model.people import Team
from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive

# Instead of what the system would show: what was asked for, and what was closed again.
RECORDER = """
  globalThis.rung = [];
  class Recorded {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(title, options) { Object.assign(this, { title, ...options, open: true }); rung.push(this); }
    close() { this.open = false; }
  }
  globalThis.Notification = Recorded;
"""
HIDE = """(hidden) => {
  const value = hidden ? "hidden" : "visible";
  Object.defineProperty(document, "visibilityState", { value, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


async def told(window: Window, count: int) -> None:
    await expect(window.page.locator(".rail [data-bell-count]")).to_have_text(str(count) if count else "")


async def rung(window: Window, count: int) -> None:
    """Until so many notifications of the browser are open."""

    async def look() -> bool:
        return bool(await window.page.evaluate("rung.filter((each) => each.open).length") == count)

    await until(look, f"{count} notifications")


async def test_a_mention_rings_the_other_ones_bell_and_is_seen_when_it_is_opened(
    new_window: NewWindow, site: Site
) -> None:
    conversation = await arrive(site)
    other, elsewhere = await new_window(), await new_window()
    for each in (other, elsewhere):
        await each.sign_in(site.ben)
        await each.live()
    await note(site.office.hub.desk, site.ana, conversation, "@Ben can you look?")
    await told(other, 1)
    await told(elsewhere, 1)
    await expect(other.page).to_have_title("(1) Open · Hubbub")
    await expect(other.page.locator(".toast")).to_contain_text("Ana mentioned you")
    await other.page.keyboard.press("g")
    await other.page.keyboard.press("b")
    await expect(other.page.locator("#bell-panel")).to_contain_text("Ana mentioned you")
    assert await other.findings() == []
    await other.page.keyboard.press("Enter")
    await expect(other.page.locator("#timeline .note")).to_contain_text("can you look?")
    for each in (other, elsewhere):
        await told(each, 0)
    await expect(elsewhere.page.locator(".toast")).to_have_count(0)
    await note(site.office.hub.desk, site.ana, conversation, "@Ben and again?")
    await expect(other.page.locator("#timeline")).to_contain_text("and again?")
    await told(elsewhere, 0)  # it is open before his eyes in the other browser
    await expect(other.page.locator(".toast")).to_have_count(0)


async def test_what_another_one_took_is_withdrawn_by_the_browser_too(
    new_window: NewWindow, site: Site
) -> None:
    hub, ana = site.office.hub, site.ana
    await hub.store.people.add_team(Team(id="sales", name="Sales", created_at=hub.clock()))
    await hub.store.people.change_agent("ben", teams=["sales"])
    conversation, other = await arrive(site), await arrive(site, "Hello?", "Amara Sesay")
    window = await new_window()
    await window.context.add_init_script(RECORDER)
    await window.sign_in(site.ben)
    await window.live()
    await window.page.evaluate(HIDE, True)
    await hand_to_team(hub.desk, ana, conversation, Team(id="sales", name="Sales", created_at=hub.clock()))
    await told(window, 1)
    await assign(hub.desk, ana, other, site.ben)
    await told(window, 2)
    await rung(window, 1)  # by default the team's do not ring, mine do
    assert await window.page.evaluate("[rung[0].title, rung[0].body, rung[0].tag]") == [
        "Amara Sesay",
        "Ana gave it to you",
        f"hubbub-{other}",
    ]
    await claim(hub.desk, ana, conversation)
    await told(window, 1)
    await assign(hub.desk, ana, other, ana)
    await told(window, 0)
    await rung(window, 0)
    await window.page.evaluate(HIDE, False)
    await assign(hub.desk, ana, other, site.ben)
    await told(window, 1)
    assert await window.page.evaluate("rung.length") == 1  # somebody looks: the page says it
    wishes = Wishes(ways=dict(DEFAULT_WAYS), quiet=QuietHours(free_days=tuple(range(7))))
    await save_notice_settings(hub.desk, site.ben, wishes)
    await window.page.evaluate(HIDE, True)
    await assign(hub.desk, ana, conversation, site.ben)
    await told(window, 2)
    assert await window.page.evaluate("rung.length") == 1  # quiet hours: in the page alone


async def test_without_scripts_the_notices_are_a_page(new_window: NewWindow, site: Site) -> None:
    conversation = await arrive(site)
    await note(site.office.hub.desk, site.ana, conversation, "@Ben can you look?")

    async def there() -> bool:
        return bool(await site.office.hub.store.notices.open_of("ben"))

    await until(there)
    window = await new_window(390, 844, scripts=False)
    await window.sign_in(site.ben)
    page = window.page
    await page.click(".list [data-bell]")
    await expect(page.locator(".told")).to_contain_text("Ana mentioned you")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.click(".told form button")
    await expect(page.locator(".told")).to_contain_text("Nothing new for you")


async def test_a_link_in_a_mail_ends_the_mails_but_only_when_it_is_ours_and_somebody_clicks(
    new_window: NewWindow, site: Site
) -> None:
    notices = site.office.hub.store.notices
    link = f"{site.url}/desk/unsubscribe/{site.pages.marks.unsubscribe_token('ben')}"
    window = await new_window(390, 844, scripts=False)
    await window.page.goto(link)
    assert await notices.settings_of(["ben"]) == {}
    await window.page.click("button:has-text('No more of these mails')")
    await expect(window.page.locator("h1")).to_have_text("No more mails")
    assert (await notices.settings_of(["ben"]))["ben"].pace is Pace.OFF
    ana = link.replace("/ben.", "/ana.")
    assert (await window.context.request.post(ana)).status == 404
    one_click = f"{site.url}/desk/unsubscribe/{site.pages.marks.unsubscribe_token('ana')}"
    answer = await window.context.request.post(one_click, form={"List-Unsubscribe": "One-Click"})
    assert answer.status == 200
    assert (await notices.settings_of(["ana"]))["ana"].pace is Pace.OFF


# A browser without windows has nothing to ask with, and refuses at once.
NOT_ASKED_YET = """
    let answer = "default";
    Object.defineProperty(Notification, "permission", { get: () => answer });
    Notification.requestPermission = async () => (answer = "granted");
"""


async def test_somebody_chooses_how_they_are_told(new_window: NewWindow, site: Site) -> None:
    window = await new_window()
    await window.sign_in(site.ben)
    page = window.page
    await window.live()
    await page.goto(f"{site.url}/desk/office/notifications")
    await expect(page.get_by_text("This browser does not allow them")).to_be_visible()
    await page.add_init_script(NOT_ASKED_YET)
    await page.reload()
    await page.get_by_role("button", name="Allow them in this browser").click()
    await expect(page.get_by_text("Allowed in this browser")).to_be_visible()
    assert await window.findings() == []
    await page.get_by_label("Mentions: By the browser").uncheck()
    await page.get_by_label("Keep quiet hours").check()
    await page.get_by_label("From", exact=True).fill("22:30")
    await page.get_by_label("Test").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_have_text("Saved")
    await expect(page.get_by_label("Mentions: By the browser")).not_to_be_checked()
    settings = (await site.office.hub.store.notices.settings_of(["ben"]))["ben"]
    assert settings.ways == {"mentioned": (Way.PAGE, Way.MAIL)}
    assert settings.quiet == QuietHours(since=22 * 60 + 30)
    assert settings.muted_channels == (site.office.channel.id,)
    assert settings.zone == "Europe/Berlin"
