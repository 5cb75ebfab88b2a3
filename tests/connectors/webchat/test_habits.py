"""When it speaks first and is not there; files by paste and drop, the menu by keyboard, the badge."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from connectors.webchat.hours import DAYS
from hub.contract.visitors import Line
from hub.model.content import Content
from hub.model.inbox import Message
from hub.visiting import ChannelVisitors
from tests.connectors.webchat.scene import Scene, begin, conversation_of, scene
from tests.inbox_ui.conftest import browser

__all__ = ["browser", "scene"]
pytestmark = pytest.mark.timeout(150)  # many steps, on a machine that may have much else to do

LATER = DAYS[(datetime.now(UTC) + timedelta(days=3)).weekday()]
RULES: Mapping[str, Any] = {
    "rules": (
        {"page": "/lamps*", "who": "returning", "text": "Welcome back!"},
        {"page": "/prices*", "after": 60, "who": "new", "text": "May we help?"},
    ),
}
GIVES = """(element, kind) => {
    const given = new DataTransfer();
    given.items.add(new File(["what was written"], `${kind}.txt`, {type: "text/plain"}));
    const all = {bubbles: true, cancelable: true, composed: true};
    element.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, {...all, clipboardData: given})
        : new DragEvent(kind, {...all, dataTransfer: given}));
}"""


@pytest.mark.parametrize("settings", [RULES])
async def test_it_speaks_first_after_a_while_and_to_who_returns(scene: Scene) -> None:
    """Long because a browser costs seconds: one visit tells all of it."""
    maria, teaser = await scene.visitor(), "hubbub-chat .teaser"
    await maria.goto(f"{scene.shop_url}/lamps")
    await expect(maria.get_by_role("button", name="Open the chat")).to_be_visible()
    await expect(maria.locator(teaser)).to_be_hidden()
    await maria.evaluate("Hubbub.consent(true)")
    await maria.reload()
    await expect(maria.locator(teaser)).to_contain_text("Welcome back!")
    await maria.get_by_role("button", name="Dismiss").click()
    await expect(maria.locator(teaser)).to_be_hidden()

    tom = await scene.visitor()
    await tom.clock.install()
    await tom.goto(f"{scene.shop_url}/prices")
    await expect(tom.get_by_role("button", name="Open the chat")).to_be_visible()
    await expect(tom.locator(teaser)).to_be_hidden()
    await tom.clock.fast_forward(61_000)
    await expect(tom.locator(teaser)).to_contain_text("May we help?")


async def test_files_by_paste_and_drop_the_menu_by_keyboard_and_more_than_nine_unread(scene: Scene) -> None:
    """Long because a browser costs seconds: one visit tells all of it."""
    maria = await scene.visitor()
    await maria.goto(f"{scene.shop_url}/")
    await begin(maria, "Maria", "Does it get hot?")
    await expect(maria.locator(".waits")).to_have_count(0)
    tray = maria.locator("hubbub-chat .tray li:not(.busy)")
    text = maria.get_by_role("textbox", name="Write a message")
    await text.evaluate(GIVES, "paste")
    await expect(tray).to_have_text(["paste.txt"])
    talk = maria.locator("hubbub-chat .talk")
    await talk.evaluate(GIVES, "dragenter")
    await expect(maria.get_by_text("Drop files here")).to_be_visible()
    await talk.evaluate(GIVES, "drop")
    await expect(tray).to_have_text(["paste.txt", "drop.txt"])
    await expect(maria.get_by_text("Drop files here")).to_be_hidden()
    await text.press("Enter")
    await expect(maria.get_by_role("link", name="Download drop.txt")).to_be_visible()
    await by_keyboard(maria)

    await maria.keyboard.press("Escape")
    conversation = await conversation_of(scene)
    [asked, *_] = [
        each for each in await scene.hub.store.inbox.timeline(conversation) if isinstance(each, Message)
    ]
    for number in range(10):
        at = scene.hub.clock()
        line = Line(
            id=f"{asked.thread}/a-{number}",
            thread=asked.thread,
            at=at,
            ours=True,
            content=Content(text="Yes."),
        )
        await ChannelVisitors(scene.hub.store, scene.channel.id, scene.hub.clock).say(line)
    await expect(maria.get_by_role("button", name="Open the chat, 10 new messages")).to_be_visible()
    await expect(maria.locator("hubbub-chat .badge")).to_have_text("9+")


async def by_keyboard(page: Page) -> None:
    menu = page.get_by_label("More", exact=True)
    await menu.focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Download the conversation")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")  # the sound
    await menu.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Sound on")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    await expect(menu).to_be_focused()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    async with page.expect_download() as download:
        await page.keyboard.press("Enter")
    assert (await download.value).suggested_filename.startswith("Linden Goods")


@pytest.mark.parametrize("settings", [{"hours": f"{LATER} 9:00-10:00", "hide_outside_hours": True}])
async def test_outside_hours_it_is_not_there_where_that_is_wanted(scene: Scene) -> None:
    maria = await scene.visitor()
    async with maria.expect_response("**/settings") as asked:
        await maria.goto(f"{scene.shop_url}/")
    told = await (await asked.value).json()
    assert (told["hidden"], told["open"]) == (True, False)
    await maria.evaluate("new Promise(done => setTimeout(done))")  # whatever it does with that is done by now
    await expect(maria.locator("hubbub-chat")).to_have_count(0)
