"""A page that heard nothing for a while: it slept, or did not listen yet. Nothing stays missed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Request, Route, expect

from hub.desk.away import StoreUnavailable
from hub.model.events import Event
from hub.model.inbox import Conversation
from inbox_ui.telling import Telling
from tests.inbox_ui.conftest import Site, Window
from tests.inbox_ui.test_a_day import arrive

# The page is looked at again, so many milliseconds later; the clock goes back before any timer sees it.
LOOKED_AT = """(passed) => {
    const real = Date.now;
    Date.now = () => real() + passed;
    document.dispatchEvent(new Event("visibilitychange"));
    Date.now = real;
}"""


class Asleep:
    """What follows events; its streams begin, look alive and say nothing."""

    newest = ""

    @asynccontextmanager
    async def subscribe(self, last: str | None = None) -> AsyncIterator[AsyncIterator[Event]]:
        yield self._nothing()

    async def _nothing(self) -> AsyncIterator[Event]:
        await asyncio.Event().wait()
        for never in list[Event]():
            yield never


async def test_a_page_that_slept_listens_anew_when_it_is_looked_at_and_shows_what_came(
    desk: Window, site: Site
) -> None:
    page, follower = desk.page, site.pages.follower
    asleep = Asleep()
    asleep.newest = follower.newest
    object.__setattr__(site.pages, "follower", asleep)
    await page.reload()
    await desk.live()
    object.__setattr__(site.pages, "follower", follower)
    await arrive(site)
    listened: list[Request] = []
    page.on("request", lambda each: listened.append(each) if "/desk/live" in each.url else None)
    await page.evaluate(LOOKED_AT, 10_000)
    await expect(page.locator("#rows > li")).to_have_count(0)
    assert listened == []  # so short a silence is none
    await page.evaluate(LOOKED_AT, 60_000)
    await expect(page.locator("#rows > li")).to_contain_text("Is the workshop still on?")
    assert len(listened) == 1
    await desk.live()
    await arrive(site, "Me, too", "Amara Sesay")
    await expect(page.locator("#rows > li")).to_have_count(2)


async def test_what_comes_between_drawing_the_page_and_listening_is_shown(desk: Window, site: Site) -> None:
    page = desk.page
    held: list[Route] = []
    await page.route("**/desk/live*", lambda route: held.append(route), times=1)
    await page.reload()
    await expect(page.locator("#nothing")).to_be_visible()
    await arrive(site)
    assert await page.locator("#rows > li").count() == 0
    for route in held:
        await route.continue_()
    await expect(page.locator("#rows > li")).to_contain_text("Is the workshop still on?")


async def test_what_cannot_be_read_when_it_is_told_is_told_once_more(
    desk: Window, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell, failures = Telling.conversation, [StoreUnavailable("away"), StoreUnavailable("away")]

    async def away_at_first(telling: Telling, event: Event) -> Conversation | None:
        if failures:
            raise failures.pop()
        return await tell(telling, event)

    monkeypatch.setattr(Telling, "conversation", away_at_first)
    await arrive(site)
    await expect(desk.page.locator("#rows > li")).to_contain_text("Is the workshop still on?")
    assert failures == []
