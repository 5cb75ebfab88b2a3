"""The palette finds every deed, view, agent, tag and page; the help names every key there is."""

import re
from importlib import resources

from playwright.async_api import expect

from hub.desk.tags import add_tag
from hub.model.inbox import Priority
from hub.model.people import Team
from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive


async def ask(window: Window, text: str) -> list[str]:
    """What the palette offers for a few letters."""
    page = window.page
    if not await page.locator("#palette").is_visible():
        await page.keyboard.press("Control+k")
    await page.fill("#palette input", text)
    return await page.locator("#palette [role=option] > span").all_inner_texts()


async def test_every_deed_view_agent_tag_and_page_is_found_by_a_few_letters(desk: Window, site: Site) -> None:
    hub = site.office.hub
    await hub.store.people.add_team(Team(id="orders", name="Orders", created_at=hub.clock()))
    await add_tag(site.pages.desk, site.ana, "Fragile")
    conversation = await arrive(site)
    page = desk.page
    await page.reload()
    await desk.open("Tomás")
    async with page.expect_response("**/desk/palette"):
        await page.keyboard.press("Control+k")
    await expect(page.locator("#palette [role=option]").first).to_be_visible()
    for letters, wanted in {
        "prihigh": "Priority: High", "hdordrs": "Hand to Orders", "split": "Split off a part",
        "delete": "Delete", "new conv": "New conversation", "sn tomorrow": "Snooze: Tomorrow morning",
        "filt": "Filter the list", "spam": "Mark as spam", "assign ben": "Assign to Ben Okafor",
        "add a tag": "Add a tag", "fragile": "Add the tag Fragile", "frag": "Fragile",
        "of ben": "Of Ben Okafor",
        "unass": "Unassigned", "webh": "Company: Webhooks", "profile": "Personal: Profile",
        "resolve": "Resolve",
        "follow": "Follow", "mentions": "Mentions", "undo": "Undo", "merge": "Merge", "note": "Note",
        "tomas": "Tomás Barreto",
    }.items():  # fmt: skip
        found = [each.split(" · ")[0] for each in await ask(desk, letters)]
        assert wanted in found, f"{letters}: {found}"
    await ask(desk, "priority: high")
    await page.keyboard.press("Enter")

    async def urgent() -> bool:
        kept = await hub.store.inbox.find_conversation(conversation)
        return kept is not None and kept.priority is Priority.HIGH

    await until(urgent, "the priority to be set")
    await ask(desk, "add the tag frag")
    await page.keyboard.press("Enter")
    await expect(page.locator("#person .tags")).to_contain_text("Fragile")
    await ask(desk, "new conversation")
    await page.keyboard.press("Enter")
    await expect(page.locator("#task")).to_be_visible()


async def test_the_palette_says_why_nothing_is_found(desk: Window, site: Site) -> None:
    page = desk.page
    told = page.locator("#palette [data-told]")
    await ask(desk, "has:foo")
    await expect(told).to_contain_text("has:foo is not known")
    assert await desk.findings("#palette") == []
    async with page.expect_response("**/desk/search?*") as answer:
        await ask(desk, "zebra 😀" * 2000)
    assert (await answer.value).status == 200
    await expect(told).to_have_text("Nothing found")
    await page.context.set_offline(True)
    await ask(desk, "zebras")
    await expect(told).to_contain_text("No connection")
    await page.context.set_offline(False)
    await page.route("**/desk/search?*", lambda route: route.fulfill(status=500, body=""))
    await ask(desk, "zebra again")
    await expect(told).to_contain_text("The search did not work")
    desk.said.clear()  # the browser notes what failed


async def test_agents_are_not_offered_what_is_not_theirs(new_window: NewWindow, site: Site) -> None:
    await arrive(site)
    window = await new_window()
    await window.sign_in(site.ben)
    await window.open("Tomás")
    async with window.page.expect_response("**/desk/palette"):
        await window.page.keyboard.press("Control+k")
    await expect(window.page.locator("#palette [role=option]").first).to_be_visible()
    assert "Personal: Profile" in await ask(window, "profile")
    assert not [each for each in await ask(window, "webhooks") if "Webhooks" in each]
    assert "Delete" not in await ask(window, "delete")


def test_the_help_names_every_key_and_no_other() -> None:
    pages = resources.files("inbox_ui")
    script = (pages / "static/js/keys.js").read_text()
    listed = (pages / "templates/overlays.html").read_text().split('id="keys"')[1]
    inside = re.search(r"const KEYS = \{(.*?)\n\};", script, re.S)
    assert inside
    keys = set(re.findall(r'^  "?(.)"?: \(\)', inside[1], re.M))
    assert {"j", "R", "!", "."} <= keys
    places = re.search(r"const PLACES = \{(.*?)\}", script)
    assert places
    going = {key for key, _ in re.findall(r'(\w): "(\w+)"', places[1])} - {"i"}  # the same as o
    help_ = [re.findall(r'"(.+?)"', each) for each in re.findall(r"\(\[(.+?)\], _\(", listed)]
    named: set[str] = set()
    for each in help_:
        if each[0] not in ("G", "Ctrl", "⇧"):
            named |= {key.lower() for key in each}
        elif each[0] == "⇧":
            named |= set(each[1:])
    named |= {"K", "J"} if ["⇧", "J", "K"] in help_ else set()
    assert named - {"↵", "esc"} == keys
    assert {each[1].lower() for each in help_ if each[0] == "G"} == going | {"b", "1…9"}
    assert sorted(each for each in help_ if each[0] == "Ctrl") == [
        ["Ctrl", "K"],
        ["Ctrl", "↵"],
        ["Ctrl", "⇧", "↵"],
    ]
