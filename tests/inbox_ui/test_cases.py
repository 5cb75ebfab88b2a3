"""Where an answer goes, and which conversations are one matter: chosen on the page, and taken back."""

import os

from playwright.async_api import expect

from hub.model.inbox import Message
from tests.hub.ingest.post import SUPPORT, PostRoom, mail
from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive

WRITER = "Tomás Barreto <tomas@shop.example>"


async def mailbox(site: Site, *, paused: bool = True) -> PostRoom:
    """A mailbox beside the messenger, of a server that is not there."""
    hub = site.office.hub
    assert site.office.running.ingest is not None
    room = PostRoom(hub, site.office.running.ingest.pipeline)
    await room.mailbox(SUPPORT, "Support", paused=paused)
    return room


async def look(window: Window, name: str) -> None:
    if folder := os.environ.get("LOOKS"):
        await window.page.screenshot(path=f"{folder}/{name}.png")


async def two_matters(site: Site) -> tuple[str, str]:
    """A chat, and a mail of the same person: known to be so before the mail is there."""
    chat = await arrive(site, "Is the workshop still on? My order is 10423.")
    room, hub = await mailbox(site), site.office.hub
    found = await hub.store.inbox.find_conversation(chat)
    assert found is not None
    (writer,) = await hub.store.people.identities_of(found.customer)
    await hub.store.people.change_identities([(writer.id, {"email": "tomas@shop.example"})])
    letter = mail("It is about 10423.", subject="A place at the workshop", sender=WRITER)
    await room.put(SUPPORT, letter)
    site.office.running.ingest.arrived.set()  # type: ignore[union-attr]  # it is at work

    async def there() -> str | None:
        begun = [each.id for each in await site.office.conversations() if each.id != chat]
        return begun[0] if begun else None

    return chat, await until(there)


async def test_an_answer_is_sent_through_another_channel_with_what_was_written(
    desk: Window, site: Site
) -> None:
    chat = await arrive(site)
    await mailbox(site, paused=False)
    hub, page = site.office.hub, desk.page
    found = await hub.store.inbox.find_conversation(chat)
    assert found is not None
    (writer,) = await hub.store.people.identities_of(found.customer)
    told = {"email": "tomas@shop.example", "claimed": ["old@shop.example"]}
    await hub.store.people.change_identities([(writer.id, told)])
    await hub.store.database.channels.update_one(
        {"name": "Support"}, {"$set": {"paused": False, "health": "connected"}}
    )
    hub.store.channels.known.forget()
    await desk.open("Tomás")
    await page.keyboard.press("r")
    await page.keyboard.type("It is, at ten.")
    await page.click("[popovertarget=places-menu]")
    await expect(page.locator("#places-menu")).to_contain_text(
        "Nobody has verified that old@shop.example is theirs."
    )
    await look(desk, "places")
    assert await desk.findings("#places-menu") == []
    await page.locator("#places-menu button", has_text="Support").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[popovertarget=places-menu]")).to_have_text("through Support")
    await expect(page.locator("textarea[data-key=reply]")).to_have_value("It is, at ten.")
    await expect(page.locator("#composer .people .piece").first).to_contain_text("tomas@shop.example")
    await look(desk, "switched")
    assert await desk.findings("#composer") == []
    await page.click("[data-composer=reply] [data-send]")
    await expect(page.locator("#timeline")).to_contain_text("It is, at ten.")
    sent = (await site.office.messages(chat))[-1]
    assert isinstance(sent, Message)
    assert (sent.surface, sent.delivery and sent.delivery.to) == ("email", ("tomas@shop.example",))
    await expect(page.locator("[popovertarget=places-menu]")).to_have_text("through Test")  # where they wrote


async def test_two_that_may_be_one_matter_are_joined_parted_and_left_apart(desk: Window, site: Site) -> None:
    chat, letter = await two_matters(site)
    page = desk.page
    await page.goto(f"{site.url}/desk/inbox/open/{chat}")
    await desk.live()
    offer = page.locator(".join")
    await expect(offer).to_contain_text("A place at the workshop")
    await offer.locator("summary").click()
    await expect(offer).to_contain_text("Both name 10423.")
    await look(desk, "offer")
    assert await desk.findings("#talk") == []
    await offer.get_by_role("button", name="join the two").click()
    await expect(page.locator("#say")).to_contain_text("One conversation now")
    await expect(page.locator("#timeline")).to_contain_text("It is about 10423.")
    await expect(offer).to_have_count(0)
    await page.click("#say button")
    await expect(page.locator("#say")).to_contain_text("Taken back")
    await page.goto(f"{site.url}/desk/inbox/open/{letter}")
    await expect(offer).to_contain_text("Is the workshop still on?")
    await offer.get_by_role("button", name="leave apart for good").click()
    await expect(page.locator("#say")).to_contain_text("Left apart, for good")
    await expect(offer).to_have_count(0)
    await page.goto(f"{site.url}/desk/inbox/open/{chat}")
    await expect(page.locator("#head h1")).to_have_text("Tomás Barreto")
    await expect(offer).to_have_count(0)


async def test_both_are_decided_on_a_phone_without_scripts(new_window: NewWindow, site: Site) -> None:
    chat, _ = await two_matters(site)
    window = await new_window(390, 844, scripts=False, touch=True, scheme="dark")
    page = window.page
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/inbox/open/{chat}")
    await look(window, "phone")
    await page.fill("textarea[name=text] >> nth=0", "Yes, it is.")
    await page.click("[popovertarget=places-menu]")
    await look(window, "phone_places")
    await page.locator("#places-menu").get_by_role("button", name="Test").click()
    await expect(page.locator("textarea[data-key=reply]")).to_have_value("Yes, it is.")
    await page.click(".join button:has-text('Join')")
    await expect(page.locator("#timeline")).to_contain_text("It is about 10423.")
