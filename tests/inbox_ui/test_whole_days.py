"""An agent's whole day, from signing in to the next conversation: by mouse, by keyboard alone, by touch.

One script, three hands. Whatever a hand cannot reach, its owner could not do.
"""

from typing import Protocol

import pytest
from playwright.async_api import Page, expect

from hub.desk.searching import search
from hub.model.inbox import Activity, Entry, Message, Note, Status
from tests.hubs import until
from tests.inbox_ui.conftest import PASSWORD, NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive

pytestmark = pytest.mark.timeout(150)  # many steps, on a machine that may have much else to do

TOMAS, AMARA = "Tomás Barreto", "Amara Sesay"
ANSWER, NOTE = "We send a new kettle.", "The third one this week."


class Hand(Protocol):
    """How somebody moves the page; after each of these the deed is done or under way."""

    async def sign_in(self, email: str) -> None: ...
    async def open(self, name: str) -> None: ...
    async def reply(self, text: str) -> None: ...
    async def note(self, text: str) -> None: ...
    async def assign(self, name: str) -> None: ...
    async def tag(self, name: str) -> None: ...
    async def snooze(self) -> None: ...
    async def resolve(self) -> None: ...
    async def undo(self) -> None: ...
    async def search(self, words: str) -> None: ...
    async def next(self) -> None: ...


class Mouse:
    """Everything is pointed at; the keyboard only writes."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, selector: str) -> None:
        await self.page.click(selector)

    async def write(self, selector: str, text: str) -> None:
        await self.press(selector)
        await self.page.keyboard.type(text)

    async def sign_in(self, email: str) -> None:
        await self.write("[name=email]", email)
        await self.write("[name=password]", PASSWORD)
        await self.press("button.main")

    async def open(self, name: str) -> None:
        await self.press(f"#rows a:has-text('{name}')")

    async def reply(self, text: str) -> None:
        await self.write("textarea[data-key=reply]", text)
        await self.press("form.reply [data-send]")

    async def note(self, text: str) -> None:
        await self.press(".tab-note")
        await self.write("textarea[data-key=note]", text)
        await self.press("form.note [data-send]")

    async def assign(self, name: str) -> None:
        await self.press("[data-deed=a]")
        await self.press(f"#assign-menu button:has-text('{name}')")

    async def tag(self, name: str) -> None:
        await self.write("[data-key=tag]", name)
        await self.page.keyboard.press("Enter")

    async def snooze(self) -> None:
        await self.press("[data-deed=s]")
        await self.press("#snooze-menu button[name=until] >> nth=0")

    async def resolve(self) -> None:
        await self.press("[data-deed=e]")

    async def undo(self) -> None:
        await self.press("#say button")

    async def search(self, words: str) -> None:
        await self.press(".rail [data-opens=palette]")
        await self.write("#palette input", words)
        await self.press("#palette [data-conversation]")

    async def next(self) -> None:
        await self.press("#rows > li:nth-child(1) a.row")


class Touch(Mouse):
    """A phone: one pane at a time, fingers only."""

    async def press(self, selector: str) -> None:
        await self.page.tap(selector)

    async def tag(self, name: str) -> None:
        await self.press(".to-person")
        await super().tag(name)
        await expect(self.page.locator("#person .tags")).to_contain_text(name)
        await self.press("#person .shut")

    async def search(self, words: str) -> None:
        await self.press("[data-back]")
        await self.press("#list [data-opens=palette]")
        await self.write("#palette input", words)
        await self.press("#palette [data-conversation]")

    async def next(self) -> None:
        await self.press("[data-back]")
        await super().next()


class Keys:
    """No pointer at all: only what the keyboard sends."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    async def write(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def until_on(self, selector: str, key: str) -> None:
        """Goes on from one to the next until it stands on that one."""
        for _ in range(20):
            if await self.page.locator(selector).count():
                return
            await self.press(key)
        raise AssertionError(f"{key} does not lead to {selector}")

    async def sign_in(self, email: str) -> None:
        await expect(self.page.locator("[name=email]")).to_be_focused()
        await self.write(email)
        await self.press("Tab")
        await self.write(PASSWORD)
        await self.press("Enter")

    async def open(self, name: str) -> None:
        await self.until_on(f"#rows a:focus:has-text('{name}')", "j")
        await self.press("Enter")

    async def reply(self, text: str) -> None:
        await self.press("r")
        await self.write(text)
        await self.press("Control+Enter")

    async def note(self, text: str) -> None:
        await self.press("Escape", "n")
        await self.write(text)
        await self.press("Control+Enter")

    async def assign(self, name: str) -> None:
        await self.press("Escape", "a")
        await self.until_on(f"#assign-menu button:focus:has-text('{name}')", "Tab")
        await self.press("Enter")

    async def tag(self, name: str) -> None:
        await self.press("t")
        await self.write(name)
        await self.press("Enter")

    async def snooze(self) -> None:
        await self.press("Escape", "s", "Enter")

    async def resolve(self) -> None:
        await self.press("e")

    async def undo(self) -> None:
        await self.press("z")

    async def search(self, words: str) -> None:
        await self.press("/")
        await self.write(words)
        await expect(self.page.locator("#palette [data-conversation]")).to_be_attached()
        await self.until_on("#palette [data-conversation][aria-selected=true]", "ArrowDown")
        await self.press("Enter")

    async def next(self) -> None:
        await self.press("j")


SINCE_THE_LAST = """() => 400 < performance.now() -
    Math.max(...performance.getEntriesByType("resource").map((each) => each.responseEnd), 0)"""


async def at_rest(window: Window) -> None:
    """Until nothing is under way and nothing came for a moment: people look before they do the next thing."""

    async def rests() -> bool:
        return not window.under_way and bool(await window.page.evaluate(SINCE_THE_LAST))

    await until(rests, "nothing to come any more")


async def live_a_day(window: Window, hand: Hand, site: Site) -> None:
    """Long because a day is."""
    amara = await arrive(site, "May I come on Friday?", AMARA)
    tomas = await arrive(site, "My samovar leaks.", TOMAS)
    page = window.page
    name, timeline = page.locator("#talk h1"), page.locator("#timeline")
    await page.goto(f"{site.url}/desk")
    await hand.sign_in(site.ana.email)
    await window.live()
    await expect(page.locator("#rows > li")).to_have_count(2)
    await expect(page.locator("#rows > li").first).to_contain_text("My samovar leaks.")
    await hand.open(TOMAS)
    await expect(timeline).to_contain_text("My samovar leaks.")
    await hand.reply(ANSWER)
    await expect(timeline.locator(".ours .text")).to_have_text(ANSWER)
    await at_rest(window)
    await hand.note(NOTE)
    await expect(timeline.locator(".note .text")).to_have_text(NOTE)
    await at_rest(window)
    await hand.assign("Ben Okafor")
    await expect(page.locator("#head .whose")).to_have_text("Ben Okafor")
    await at_rest(window)
    await hand.tag("vip")
    await expect(page.locator("#person .tags")).to_contain_text("vip")
    await at_rest(window)
    await hand.snooze()
    await expect(name).to_have_text(AMARA)
    await at_rest(window)
    await hand.resolve()
    await expect(page.locator("#head")).to_contain_text("Resolved")
    await at_rest(window)
    await hand.undo()
    await expect(page.locator("#head")).not_to_contain_text("Resolved")
    await until(lambda: can_be_found(site, "samovar"), "what was said to be found")
    await at_rest(window)
    await hand.search("samovar")
    await expect(name).to_have_text(TOMAS)
    await expect(timeline).to_contain_text(ANSWER)
    await at_rest(window)
    await hand.next()
    await expect(name).to_have_text(AMARA)
    await came_of_it(site, tomas, amara)


async def can_be_found(site: Site, words: str) -> bool:
    return bool((await search(site.office.hub.desk, site.ana, words)).rows)


async def came_of_it(site: Site, tomas: str, amara: str) -> None:
    """What the day left behind, in the hub and with the customers."""
    inbox, world = site.office.hub.store.inbox, site.office.world
    first, second = await inbox.find_conversation(tomas), await inbox.find_conversation(amara)
    assert first is not None
    assert second is not None
    assert (first.status, first.agent, first.tags) == (Status.SNOOZED, "ben", ("vip",))
    assert first.snoozed_until is not None
    assert (second.status, second.agent) == (Status.OPEN, None)

    async def there() -> list[str]:
        return [each.text for each in world.inbox_of("tomás")]

    assert await until(there) == [ANSWER]
    assert not world.inbox_of("amara")
    entries = await site.office.timeline(tomas)
    assert [_text(each) for each in entries if not isinstance(each, Activity)] == [
        "My samovar leaks.",
        ANSWER,
        NOTE,
    ]
    notes = [each for each in entries if isinstance(each, Note)]
    assert [each.author for each in notes] == ["ana"]


def _text(entry: Entry) -> str:
    return entry.content.text if isinstance(entry, Message) else getattr(entry, "text", "")


async def test_a_whole_day_by_mouse(new_window: NewWindow, site: Site) -> None:
    window = await new_window()
    await live_a_day(window, Mouse(window.page), site)


async def test_a_whole_day_by_keyboard_alone_and_the_help_names_every_key(
    new_window: NewWindow, site: Site
) -> None:
    window = await new_window()
    keys = Keys(window.page)
    await live_a_day(window, keys, site)
    await keys.press("?")
    help_ = window.page.locator("#keys")
    await expect(help_).to_be_visible()
    named = {" ".join(each.split()) for each in await help_.locator("dd").all_inner_texts()}
    assert {"J K", "↵", "R", "Ctrl ↵", "N", "A", "T", "S", "E", "Z", "/", "Esc", "?"} <= named
    await keys.press("Escape")
    await expect(help_).to_be_hidden()


async def test_a_whole_day_by_touch_on_a_phone(new_window: NewWindow, site: Site) -> None:
    window = await new_window(390, 844, touch=True)
    await live_a_day(window, Touch(window.page), site)
    assert await window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
