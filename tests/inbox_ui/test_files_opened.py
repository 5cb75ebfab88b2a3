"""Files that could run, gone to in Chromium as if they were pages."""

import pytest
from playwright.async_api import Error, expect

from tests.inbox_ui.conftest import Site, Window

EVIL = (
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='top.hubbub_hit=1'><script>alert(1)</script></svg>",
    b"<!doctype html><script>top.hubbub_hit=1;document.title='hit'</script><img src=x onerror=alert(1)>",
    b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>",
)


async def test_a_file_that_could_run_is_saved_and_never_opened_when_chromium_goes_there(
    desk: Window, site: Site
) -> None:
    kinds = ["image/svg+xml", "text/html", "application/xhtml+xml"]
    files = [(f"{at}.svg", mime, evil) for at, (mime, evil) in enumerate(zip(kinds, EVIL, strict=True))]
    site.office.platform.write(site.office.world.person("tomás", name="Tomás"), "See these", files=files)
    await desk.page.wait_for_selector("#rows a:has-text('Tomás')")
    await desk.open("Tomás")
    links = desk.page.locator("#timeline a.file")
    await expect(links).to_have_count(len(files))
    for at, evil in enumerate(EVIL):
        address = await links.nth(at).get_attribute("href")
        tab = await desk.context.new_page()
        async with tab.expect_download() as coming:
            with pytest.raises(Error, match="Download is starting|ERR_ABORTED"):  # it is no page
                await tab.goto(f"{site.url}{address}")
        saved = await (await coming.value).path()
        assert saved.read_bytes() == evil
        assert tab.url == "about:blank"
        assert await tab.evaluate("window.hubbub_hit") is None
        await tab.close()
