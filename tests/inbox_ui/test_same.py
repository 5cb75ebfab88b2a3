"""Who is one person, on the pages: a suggestion beside a conversation, in the list, by hand; undone."""

from playwright.async_api import expect

from hub.customers.links import with_keys
from hub.desk.happenings import save_type, tell_events
from hub.desk.tellings import Told
from hub.model.customers import EventField
from hub.model.fields import FieldKind
from hub.model.people import Customer, Identity
from tests.inbox_ui.conftest import Site, Window
from tests.inbox_ui.test_a_day import arrive


async def known(site: Site, conversation: str) -> None:
    """Somebody whom the writer of a conversation may be, too."""
    hub = site.office.hub
    found = await hub.store.inbox.find_conversation(conversation)
    assert found is not None
    (writer,) = await hub.store.people.identities_of(found.customer)
    now = hub.clock()
    claimed = {"claimed": ["tomas@shop.example"], "keys": ["a:tomas@shop.example"]}
    other = Identity(
        id="mail", platform="email", key="tomas@shop.example", customer="other", name=writer.name,
        email="tomas@shop.example", source="import", first_seen_at=now, because="First message from here.",
    )  # fmt: skip
    await hub.store.people.add_customers([Customer(id="other", name="Tomás Baker", created_at=now)])
    await hub.store.people.add_identities([with_keys(other)])
    await hub.store.people.change_identities([(writer.id, claimed)])
    await hub.store.people.look_again([writer.id], now)


async def test_a_suggestion_beside_a_conversation_is_accepted_separated_refused_and_undone(
    desk: Window, site: Site
) -> None:
    conversation = await arrive(site)
    await desk.open("Tomás")
    page = desk.page
    desk.expected.append("form is not connected")  # a suggestion goes, live, while its button is being let go
    await desk.live()
    await known(site, conversation)
    offer = page.locator(".person .offer")
    await expect(offer).to_contain_text("Tomás Baker", timeout=20_000)
    await expect(offer).to_contain_text("One of them named tomas@shop.example")
    assert await desk.findings() == []
    listed = await page.context.request.get(f"{site.url}/desk/suggestions")
    assert "One of them named tomas@shop.example" in await listed.text()
    await offer.get_by_role("button", name="one person").click()
    await expect(page.locator("#say")).to_contain_text("One customer now")
    await expect(offer).to_have_count(0)
    await expect(page.locator(".person")).to_contain_text("tomas@shop.example")
    await page.locator(".person summary", has_text="Tomás Baker").click()
    await page.click("button:has-text('Separate')")
    await expect(offer).to_have_count(0)  # it was accepted once: nobody is asked again
    await page.click("a:has-text('Merge with another customer')")
    await page.fill("dialog [name=q]", "tomas@shop.example")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog .choose")).to_contain_text("Tomás Baker")
    assert await desk.findings("dialog") == []
    await page.click("dialog button:has-text('Merge')")
    await expect(page.locator("#say")).to_contain_text("One customer now")
    await page.locator("#talk").focus()
    await page.keyboard.press("z")
    await expect(page.locator(".person")).not_to_contain_text("tomas@shop.example")
    await page.goto(f"{site.url}/desk/suggestions")
    await expect(page.locator("main")).to_contain_text("nobody of whom this could be said")
    assert await desk.findings() == []


async def know_more(desk: Window) -> None:
    """Fill in what is known of them, on the page of that name; and a consent."""
    page = desk.page
    await page.click("text=What is known")
    desk.expected.append("422")
    await page.fill("[name=company]", "gmail.com")
    await page.click("button:has-text('Save') >> nth=0")
    await expect(page.locator("#company-problem")).to_contain_text("gives mailboxes to anybody")
    await page.fill("[name=company]", "acme.example")
    await page.fill("[name=salutation]", "Dear Tomás")
    await page.get_by_label("VIP").check()
    await page.click("button:has-text('Save') >> nth=0")
    await page.fill("section:has-text('Whoever writes') [name=name]", "Acme")
    await page.click("section:has-text('Whoever writes') button")
    await page.fill(".tags [name=name]", "Press")
    await page.keyboard.press("Enter")
    await expect(page.locator(".changes li")).to_have_count(4)
    await expect(page.locator(".changes li").first).to_contain_text("Press")
    assert await desk.findings() == []
    await rename(desk)
    await page.click("summary:has-text('Write down')")
    await page.fill("[name=purpose]", "Newsletter")
    await page.fill("[name=where]", "Order form")
    await page.fill("[name=text]", "Yes, send me news.")
    await page.click("button:has-text('Write it down')")
    await expect(page.locator("#consents li")).to_contain_text("holds Newsletter, everywhere: allowed")
    assert await desk.findings() == []


async def rename(desk: Window) -> None:
    """Who they are, by keyboard: what is wrong is told beside its field, and what is right is taken back."""
    page = desk.page
    await page.get_by_label("Time zone").fill("Mars/Olympus")
    await page.get_by_label("Name").first.fill("Tom Baker")
    await page.keyboard.press("Enter")
    wrong = page.get_by_label("Time zone")
    await expect(wrong).to_have_attribute("aria-describedby", "zone-problem")
    await expect(wrong).to_have_value("Mars/Olympus")
    await expect(page.locator(".changes li")).to_have_count(4)
    assert await desk.findings() == []
    await wrong.fill("Europe/Lisbon")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Tom Baker")
    await expect(page.locator(".changes li")).to_have_count(6)
    await page.get_by_role("button", name="Undo").press("Enter")
    await expect(page.locator("h1")).not_to_have_text("Tom Baker")
    await expect(page.get_by_label("Time zone")).to_have_value("")


async def test_everything_with_a_customer_is_on_one_page(desk: Window, site: Site) -> None:
    conversation = await arrive(site)
    await desk.open("Tomás")
    page, office = desk.page, site.pages.desk
    found = await office.store.inbox.find_conversation(conversation)
    assert found is not None
    total = EventField(key="total", name="Total", kind=FieldKind.NUMBER)
    await save_type(office, site.ana, "order", "Order", [total])
    event = Told(type="order", key="4711", at=office.clock(), values={"total": "12,50"})
    assert (await tell_events(office, site.ana, found.customer, [event])).added == 1
    await page.click("a:has-text('Everything with them')")
    await expect(page.locator(".history li")).to_have_count(2)
    await expect(page.locator(".history li").first).to_contain_text("Total: 12.5")
    await page.click(".kinds >> text=Messages")
    await expect(page.locator(".history li")).to_have_count(1)
    assert await desk.findings() == []
    await know_more(desk)
    await page.goto(f"{site.url}/desk/conversations/{conversation}")
    await expect(page.locator(".person .marks")).to_have_text("VIP Press Acme")
