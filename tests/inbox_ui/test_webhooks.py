"""The office's page of webhooks: added, tried, watched, switched, removed."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import expect
from standardwebhooks.webhooks import Webhook

from tests.inbox_ui.conftest import NewWindow, Site, Window

Heard = list[tuple[dict[str, str], bytes]]


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[str, Heard]]:
    """Where it listens, and what it heard. The first it refuses."""
    got: Heard = []

    async def take(request: web.Request) -> web.Response:
        got.append((dict(request.headers), await request.read()))
        return (
            web.Response(text="thank you") if len(got) > 1 else web.Response(status=500, text="<b>broken</b>")
        )

    app = web.Application()
    app.router.add_post("/hook", take)
    async with TestServer(app) as server:
        yield str(server.make_url("/hook")), got


async def test_an_admin_sets_up_a_webhook_and_sees_what_becomes_of_it(
    new_window: NewWindow, site: Site, receiver: tuple[str, Heard]
) -> None:
    url, got = receiver
    window = await new_window()
    page = window.page
    await window.sign_in(site.ana)
    await page.goto(f"{site.url}/desk/office/webhooks")
    secret = await _added(window, url)
    await page.click("button:has-text('Send a test')")
    await expect(page.locator(".done")).to_have_text("The test was not taken")
    await expect(page.locator(".preview").first).to_have_text("<b>broken</b>")
    await page.click("button:has-text('Send again')")
    await expect(page.locator(".done")).to_have_text("It is sent again")
    async with page.expect_response("**/deliveries/*"):
        await page.reload()
    await _until_taken(window)
    await _looked_at(window, "delivery")
    assert all(Webhook(secret).verify(body, headers)["type"] == "webhook.test" for headers, body in got)
    await page.click("a.back")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await _looked_at(window, "one")
    await page.click("text=Show what was given up")
    await expect(page.locator(".nothing")).to_have_text("Nothing was given up.")
    await page.click("a.back")
    await page.click("a:has-text('Warehouse')")
    await page.click("button:has-text('Switch off')")
    await expect(page.locator(".facts dd").first).to_have_text("Off")
    await page.click("text=Make a new secret")
    await page.click("text=Make it now")
    assert await page.input_value("#secret") != secret
    await page.click("text=To the webhook")
    await page.click("text=Remove the webhook")
    await page.click("text=Remove it for good")
    await expect(page.locator(".done")).to_have_text("Warehouse was removed")
    assert window.foreign() == []


async def test_webhooks_are_nobodys_business_but_the_admins(new_window: NewWindow, site: Site) -> None:
    window = await new_window(scripts=False)
    await window.sign_in(site.ben)
    answer = await window.page.goto(f"{site.url}/desk/office/webhooks")
    assert answer is not None
    assert answer.status == 403
    window.said.clear()


async def _added(window: Window, url: str) -> str:
    """At the second go. Returns the secret, which is shown this once."""
    page = window.page
    await page.fill("[name=name]", "Warehouse")
    await page.fill("[name=url]", "https://ana:secret@example.com/")
    await page.click("text=A customer has written")
    await page.click("text=Add the webhook")
    await expect(page.locator("#url-problem")).to_contain_text("Leave name and password out")
    await expect(page.get_by_label("A customer has written")).to_be_checked()
    await _looked_at(window, "refused")
    window.said.clear()  # the browser tells of the refusal
    await page.fill("[name=url]", url)
    await page.click("text=Add the webhook")
    return await page.input_value("#secret")


async def _until_taken(window: Window) -> None:
    """A worker sends it; the page says so when it is looked at again."""
    for _ in range(50):
        if await window.page.locator(".facts dd").first.inner_text() == "Taken":
            return
        await window.page.reload()
    raise AssertionError("it was not taken")


async def _looked_at(window: Window, name: str) -> None:
    """Nothing for axe to find, in both themes. With PICTURES set, a picture of each."""
    for scheme in ("light", "dark"):
        await window.page.emulate_media(color_scheme=scheme)
        assert await window.findings() == [], name
        if folder := os.environ.get("PICTURES"):
            for width in (1440, 1024, 390):
                await window.page.set_viewport_size({"width": width, "height": 900})
                path = Path(folder) / f"{name}-{width}-{scheme}.png"
                await window.page.screenshot(path=path, full_page=width == 390)
            await window.page.set_viewport_size({"width": 1440, "height": 900})
    await window.page.emulate_media(color_scheme="light")
