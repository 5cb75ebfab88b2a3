"""The office in a real browser: channels connected and kept, teams, tags, fields, the outbox."""

import pytest
from playwright.async_api import expect

from hub.desk.deeds import tag
from hub.desk.replying import Draft, reply
from hub.model.channels import Channel, Health
from hub.model.inbox import DeliveryState, Message
from hub.model.journal import Outcome
from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive
from tests.mailserver import MailServer


async def go(window: Window, path: str) -> None:
    await window.page.goto(f"{window.site.url}/desk/office/{path}")
    await window.page.wait_for_selector("html[data-ready]")


async def audited(site: Site) -> list[str]:
    """The deeds in the audit log, oldest first."""
    found = await site.office.hub.store.audit.list(
        by="ana", deed=None, target=None, since=None, until=None, before=None, limit=100
    )
    return [each.deed for each in reversed(found)]


@pytest.mark.timeout(120)
async def test_a_mailbox_is_connected_on_the_page_once_its_password_is_right(
    new_window: NewWindow, site: Site, mail_server: MailServer
) -> None:
    """Long because it is one way from beginning to end: a browser of its own for each step would be dear."""
    box = mail_server.account()
    window = await new_window()
    await window.sign_in(site.ana)
    page = window.page
    await go(window, "channels")
    await page.click(".kinds a:has-text('E-mail')")
    await page.fill("[name=a-address]", box.address)
    await page.click("details.folded summary")
    servers = {
        "imap_host": mail_server.host,
        "imap_port": str(mail_server.ports.imaps),
        "smtp_host": mail_server.host,
        "smtp_port": str(mail_server.ports.submission),
        "ca_file": str(mail_server.ca_file),
    }
    for name, value in servers.items():
        await page.fill(f"[name=a-{name}]", value)
    await page.select_option("[name=a-smtp_security]", "starttls")
    await page.fill("[name=a-password]", "not this one")
    look = page.locator(".way > li:has-text('Let Hubbub read it') .checking")
    await look.get_by_role("button").click()
    await expect(look.locator(".problem")).to_contain_text("Receiving (IMAP)")
    await expect(page.locator("[name=a-password]")).to_have_value("not this one")
    await page.locator(".way > li:has-text('Say which mailbox') [data-look]").click()
    await expect(page.locator(".way > li:has-text('Say which mailbox') .steps li")).to_have_count(2)
    await page.click("button:has-text('Prove and connect')")
    await expect(page.get_by_role("alert")).to_contain_text("Receiving (IMAP)")
    await expect(page.locator(".steps li:not(.waits)")).to_have_count(2)  # the servers were found
    await expect(page.locator("[name=a-address]")).to_have_value(box.address)
    await expect(page.locator("[name=a-password]")).to_have_value("")
    assert [each.platform for each in await site.office.hub.store.channels.list_channels()] == ["simulator"]

    await page.fill("[name=a-password]", box.password)
    await page.fill("[name=name]", "Support")
    await page.click("button:has-text('Prove and connect')")
    await expect(page.locator(".outcome .done")).to_contain_text("Support is connected.")
    await expect(page.locator(".steps")).to_contain_text("Sending (SMTP): the login works.")
    assert await window.findings() == []
    await page.click("text=To the channel")
    await expect(page.locator("main h1")).to_have_text("Support")
    kept = next(
        each for each in await site.office.hub.store.channels.list_channels() if each.name == "Support"
    )

    async def connected() -> bool:
        found = await site.office.hub.store.channels.find(kept.id)
        return found is not None and found.health is Health.CONNECTED

    await until(connected)
    await page.click("button:has-text('Test')")
    await expect(page.locator(".outcome .done")).to_contain_text("Support works.", timeout=30_000)
    await go(window, f"channels/{kept.id}/credentials")
    await page.fill("[name=a-password]", "changed elsewhere")
    await page.click("button:has-text('Prove and keep')")
    await expect(page.get_by_role("alert")).to_be_visible()
    assert (await site.office.hub.store.channels.find(kept.id)) is not None
    await page.fill("[name=a-password]", box.password)
    await page.click("button:has-text('Prove and keep')")
    await expect(page.locator(".outcome .done")).to_be_visible()
    assert await audited(site) == [
        "signed_in",
        "channel_connected",
        "channel_tested",
        "channel_reauthenticated",
    ]


async def test_a_channel_is_paused_renamed_and_removed_and_what_failed_is_read_again(
    new_window: NewWindow, site: Site
) -> None:
    """Long because it is one way from beginning to end: a browser of its own for each step would be dear."""
    await arrive(site)
    await break_one(site)
    window = await new_window(scripts=False)
    await window.sign_in(site.ana)
    page = window.page

    async def channel() -> Channel:
        found = await site.office.hub.store.channels.find(site.office.channel.id)
        assert found is not None
        return found

    await page.goto(f"{site.url}/desk/office/channels")
    await expect(page.locator(".lines-of li")).to_contain_text("1 failed")
    await page.click(".lines-of a")
    await expect(page.locator("#failed")).to_be_visible()
    await expect(page.locator("main")).to_contain_text("A header could not be read.")
    await page.click("button:has-text('Read again')")
    await expect(page.locator(".done")).to_have_text("One arrival is read again.")

    async def read() -> bool:
        return all(each.outcome for each in await site.office.hub.store.journal.list_entries())

    await until(read)
    await page.reload()
    await expect(page.locator("main")).to_contain_text("0 missing")
    await page.click("button:has-text('Pause')")
    await expect(page.locator(".state").first).to_have_text("paused")
    assert (await channel()).paused
    await page.click("button:has-text('Resume')")
    assert not (await channel()).paused
    await page.fill("[name=name]", "  ")
    await page.click("button:has-text('Save')")
    await expect(page.locator("#name-problem")).to_have_text("A channel needs a name.")
    await page.fill("[name=name]", "Shop")
    await page.click("button:has-text('Save')")
    await expect(page.locator("main h1")).to_have_text("Shop")
    await page.click("summary:has-text('Remove')")
    await page.click("button:has-text('Remove Shop')")
    await expect(page.locator(".done")).to_contain_text("its conversations stay")
    assert (await channel()).removed
    assert len(await site.office.conversations()) == 1
    assert await audited(site) == [
        "signed_in", "arrivals_replayed", "channel_paused", "channel_resumed", "channel_changed",
        "channel_removed",
    ]  # fmt: skip
    window.said.clear()  # the browser notes the 422


async def test_the_office_is_worked_by_keyboard_on_a_phone_and_left_by_escape(
    new_window: NewWindow, site: Site
) -> None:
    """Long because it is one way from beginning to end: a browser of its own for each step would be dear."""
    conversation = await arrive(site)
    await tag(site.pages.desk, site.ana, conversation, "vip")
    window = await new_window(390, 844)
    await window.sign_in(site.ana)
    page = window.page
    await page.goto(f"{site.url}/desk/office#pages")
    await page.wait_for_selector("html[data-ready]")
    await expect(page.locator("#page h1")).to_be_hidden()
    await page.click("nav.pages a:has-text('Teams')")
    await expect(page.locator("nav.pages")).to_be_hidden()
    await page.focus("[name=name]")
    await page.keyboard.type("Orders")
    await page.keyboard.press("Enter")
    await expect(page.locator("main h1")).to_have_text("Orders")
    await page.focus("#agent-ben")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.locator(".done")).to_have_text("Members saved")
    ben = await site.office.hub.store.people.find_agent("ben")
    assert ben is not None
    assert len(ben.teams) == 1
    await go(window, "tags")
    await page.focus(".lines-of summary")
    await page.keyboard.press("Enter")
    await expect(page.locator("details [name=name]")).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("important")
    await page.keyboard.press("Enter")
    await expect(page.locator(".done")).to_have_text("Changed on one conversation")
    found = await site.office.hub.store.inbox.find_conversation(conversation)
    assert found is not None
    assert found.tags == ("important",)
    await go(window, "fields/new")
    await page.fill("[name=name]", "Order number")
    await page.keyboard.press("Enter")
    await expect(page.locator(".lines-of")).to_contain_text("order_number")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.keyboard.press("Escape")
    await page.wait_for_url("**/desk/inbox/open")


async def test_what_was_not_delivered_is_sent_again_or_marked_as_arrived(
    new_window: NewWindow, site: Site
) -> None:
    conversation = await arrive(site)
    sent = [await reply(site.pages.desk, site.ana, conversation, Draft(text=text)) for text in ("One", "Two")]
    for message, state in zip(sent, (DeliveryState.FAILED, DeliveryState.UNSURE), strict=True):
        await settled(site, message)
        await site.office.hub.store.deliveries.move(
            message, tuple(DeliveryState), state, also={"problem": "The platform was away."}
        )
    window = await new_window()
    await window.sign_in(site.ana)
    page = window.page
    await go(window, "outbox")
    await expect(page.locator(".lines-of li")).to_have_count(2)
    await expect(page.locator(".lines-of")).to_contain_text("The platform was away.")
    await page.click("button:has-text('It did arrive')")
    await expect(page.locator(".done")).to_have_text("Marked as arrived")
    await page.click("button:has-text('Send again')")
    await expect(page.locator(".nothing")).to_be_visible()
    await settled(site, sent[0])
    assert (await audited(site))[1:] == ["delivery_confirmed", "delivery_retried"]


async def break_one(site: Site) -> None:
    """The first arrival, as if it could not be read."""
    journal = site.office.hub.store.journal

    async def finished() -> str | None:
        found = await journal.list_entries()
        return found[0].id if found and found[0].outcome else None

    entry = await until(finished)
    changed = {"pending": -1, "outcome": Outcome.FAILED, "words": "A header could not be read."}
    await journal.entries.update_one({"_id": entry}, {"$set": changed})


async def settled(site: Site, message: Message) -> None:
    """Until the platform has said the last word of it, so that no receipt comes in between."""

    async def look() -> bool:
        found = await site.office.hub.store.inbox.find_entry(message.id)
        assert isinstance(found, Message)
        assert found.delivery is not None
        return found.delivery.state in (DeliveryState.DELIVERED, DeliveryState.READ)

    await until(look)
