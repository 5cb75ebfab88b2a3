"""Two who answer the same conversation at the same moment, each in a browser of their own."""

import asyncio

from playwright.async_api import Route, expect

from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive
from tests.inbox_ui.test_writing import REPLY, hold_back

HELD = "[data-asks=held]"


async def test_of_two_answers_at_once_one_is_held_and_shows_the_other(
    desk: Window, new_window: NewWindow, site: Site
) -> None:
    hold_back(site, minutes=2)  # what is on its way to the customer already would stay
    conversation = await arrive(site)
    other = await new_window()
    await other.sign_in(site.ben)
    windows = {"From Ana": desk, "From Ben": other}
    both = asyncio.Barrier(2)

    async def together(route: Route) -> None:
        await both.wait()
        await route.continue_()

    for text, window in windows.items():
        await window.open("Tomás")
        await window.page.fill(REPLY, text)
        await window.page.route("**/replies", together, times=1)
    await asyncio.gather(*(each.page.keyboard.press("Control+Enter") for each in windows.values()))

    async def held() -> list[str] | None:
        return [text for text, each in windows.items() if await each.page.locator(HELD).count()] or None

    (kept,) = await until(held)
    (sent,) = set(windows) - {kept}
    loser = windows[kept].page
    await expect(loser.locator(HELD)).to_contain_text(sent)
    await expect(loser.locator(REPLY)).to_have_value(kept)
    await expect(windows[sent].page.locator("#timeline .ours")).to_have_count(1)
    assert [each.content.text for each in (await site.office.messages(conversation, 2))[1:]] == [sent]
    await loser.click("[data-confirm]")
    await expect(windows[sent].page.locator("#timeline .ours")).to_have_count(2)
    windows[kept].said.clear()  # the browser notes the 409
