"""A bot is connected on the page, step by step, and set otherwise on its channel's page."""

import pytest
from playwright.async_api import expect

from connectors.telegram.config import TelegramConfig
from tests.connectors.telegram.bot_api import TOKEN, serving
from tests.inbox_ui.conftest import NewWindow, Site
from tests.inbox_ui.test_office import audited, go


@pytest.mark.timeout(120)
async def test_a_bot_is_connected_on_the_page_and_set_otherwise_later(
    new_window: NewWindow, site: Site
) -> None:
    window = await new_window()
    await window.sign_in(site.ana)
    page, hub = window.page, site.office.hub
    with serving() as api:
        await go(window, "channels")
        await page.click(".kinds a:has-text('Telegram')")
        await page.click("details.folded summary")
        await page.fill("[name=a-api]", api.base)
        await page.fill("[name=a-token]", "4711:wrong")
        look = page.locator(".way > li:has-text('Make a bot')")
        await look.get_by_role("button").click()
        await expect(look.locator(".problem")).to_contain_text("refuses the bot's token")
        await page.fill("[name=a-token]", TOKEN)
        await look.get_by_role("button").click()
        await expect(look.locator(".steps")).to_contain_text("https://t.me/hubbub_bot")
        await page.select_option("[name=a-groups]", "all")
        listens = page.locator(".way > li:has-text('Choose what it hears in groups')")
        await listens.get_by_role("button").click()
        await expect(listens.locator(".problem")).to_contain_text("/setprivacy")
        await page.select_option("[name=a-groups]", "addressed")
        await page.click("button:has-text('Prove and connect')")
        await expect(page.locator(".outcome .done")).to_contain_text("is connected")
        await page.click("text=To the channel")
        await page.click("text=How it works")
        await page.select_option("[name=a-groups]", "all")
        assert await window.findings() == []
        await page.click("button:has-text('Prove and keep')")
        await expect(page.locator(".outcome .done")).to_contain_text("works like this from now on")
    channels = await hub.store.channels.list_channels()
    config = hub.registry.build(next(each for each in channels if each.platform == "telegram")).config
    assert isinstance(config, TelegramConfig)
    assert (config.groups, config.token.get_secret_value()) == ("all", TOKEN)
    assert (await audited(site))[-2:] == ["channel_connected", "channel_changed"]
