"""An admin connects Slack on the page, by agreeing at Slack; in one workspace, and in another."""

from playwright.async_api import expect

from tests.connectors.slack.slack_api import serving
from tests.connectors.slack.wire import APP_TOKEN, CLIENT_ID, CLIENT_SECRET, TOKEN
from tests.inbox_ui.conftest import NewWindow, Site
from tests.inbox_ui.test_office import audited, go


async def test_slack_is_installed_from_the_page_and_in_another_workspace_from_its_channel(
    new_window: NewWindow, site: Site
) -> None:
    """Long because it is one way from beginning to end: a browser of its own for each step would be dear."""
    window = await new_window()
    await window.sign_in(site.ana)
    page = window.page
    with serving() as api:
        await go(window, "channels")
        await page.click(".kinds a:has-text('Slack')")
        await page.click("details.folded summary")
        await page.fill("[name=a-api]", f"{api.base}/api/")
        await page.fill("[name=a-token]", TOKEN)
        look = page.locator(".way > li:has-text('Make the app') .checking")
        await look.get_by_role("button").click()
        await expect(look.locator(".steps li").first).to_contain_text("hubbub in the workspace Tent Shop")
        await page.fill("[name=a-app_token]", APP_TOKEN)
        await page.fill("[name=a-client_id]", CLIENT_ID)
        await page.fill("[name=a-client_secret]", CLIENT_SECRET)
        await page.click("button:has-text('Install at Slack instead')")
        await expect(page.locator("pre.copies")).to_contain_text("/desk/office/channels/authorizations")
        assert await window.findings("main") == []
        await page.click("a:has-text('On to Slack')")
        await expect(page.locator(".done")).to_contain_text("Tent Shop is connected")
        await page.click("a:has-text('To the channel')")
        window.expected.append("422")
        await page.fill("[name=room]", "#staff")
        await page.click("button:text-is('Link')")
        await expect(page.locator("#room-problem, .problem").first).to_contain_text("no channel of Slack's")
        api.channels.add("C0STAFF")
        await page.fill("[name=room]", "C0STAFF")
        await page.click("button:text-is('Link')")
        await expect(page.locator("td:has-text('C0STAFF')")).to_be_visible()
        assert await window.findings("main") == []
        await page.click("button:has-text('in another workspace')")
        await page.click("a:has-text('On to Slack')")
        await expect(page.locator(".done")).to_contain_text("Tent Shop is connected")
        [channel] = [
            each for each in await site.office.hub.store.channels.list_channels() if each.platform == "slack"
        ]
        workspaces = site.office.hub.registry.reader(channel).config.workspaces
        assert [each.name for each in workspaces] == ["Tent Shop", "Other Shop"]
        assert (await audited(site))[-3:] == ["channel_connected", "room_linked", "channel_reauthenticated"]
        await site.office.hub.store.channels.change(channel.id, {"removed": True})
        window.asked = [url for url in window.asked if not url.startswith(f"{api.base}/oauth/")]
