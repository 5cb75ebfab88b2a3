"""Web chat in a real browser: two visitors on a shop's pages, two agents at the desk, and what goes wrong."""

import pytest
from playwright.async_api import expect

from connectors.webchat.bundle import widget
from hub.model.inbox import Message
from tests.connectors.webchat.scene import (
    Scene,
    add_agent,
    answer,
    begin,
    bubbles,
    conversation_of,
    losing_two_answers,
    nothing_is_found,
    open_talk,
    scene,
    seen_all,
)
from tests.inbox_ui.conftest import browser

__all__ = ["browser", "scene"]
pytestmark = pytest.mark.timeout(150)  # many steps, on a machine that may have much else to do


async def test_two_visitors_and_two_agents_talk_at_once(scene: Scene) -> None:
    ana, ben = await add_agent(scene.hub, "Ana"), await add_agent(scene.hub, "Ben")
    maria, tom = await scene.visitor(), await scene.visitor(locale="de-DE", color_scheme="dark")
    for page in (maria, tom):
        await page.goto(f"{scene.shop_url}/")
    assert await maria.context.cookies() == []
    assert await maria.evaluate("localStorage.length + sessionStorage.length") == 0
    await begin(maria, "Maria", "Does it get <b>hot</b>?")
    await begin(tom, "Tom", "Where is my parcel?")
    for_maria, for_tom = await scene.agent(ana), await scene.agent(ben)
    await open_talk(for_maria, "Maria")
    await open_talk(for_tom, "Tom")
    await expect(for_maria.locator("#talk")).to_contain_text("Does it get <b>hot</b>?")
    await expect(maria.locator(".them .foot")).to_contain_text("Read")

    await for_maria.locator("textarea[data-key=reply]").press_sequentially("Warm")
    await expect(maria.locator(".typist")).to_be_visible()
    await maria.keyboard.type("And")
    await expect(for_maria.locator("#presence")).to_contain_text("Maria is writing")
    await answer(for_maria, "Warm, **never** <i>hot</i>.")
    await answer(for_tom, "It is on its way.")
    await expect(bubbles(maria).last).to_have_text("Warm, never <i>hot</i>.")
    await expect(bubbles(maria).last.locator("strong")).to_have_text("never")
    await expect(bubbles(tom).last).to_have_text("It is on its way.")
    await expect(for_tom.locator("#talk .receipt, #talk [data-state]").first).to_be_visible()
    assert await bubbles(maria).count() == 3  # the greeting, the question, the answer
    assert await maria.context.cookies() == []

    for page in (maria, tom):
        await nothing_is_found(page)
    await maria.keyboard.press("Escape")
    await expect(maria.get_by_role("button", name="Open the chat")).to_be_focused()
    await answer(for_maria, "Anything else?")
    await expect(maria.get_by_role("button", name="Open the chat, 1 new message")).to_be_visible()
    await expect(for_maria.locator("#visit .trail li")).to_have_count(1)  # the page they came to
    await maria.click("text=Other page")
    await expect(for_maria.locator("#visit .trail li").first).to_contain_text("lamps")
    await expect(maria.get_by_role("button", name="Open the chat, 1 new message")).to_be_visible()
    await expect(for_maria.locator("#visit")).to_contain_text("Their page is open")


async def test_nothing_is_lost_or_doubled_by_reloads_lost_answers_and_a_lost_network(scene: Scene) -> None:
    ana = await add_agent(scene.hub, "Ana")
    maria = await scene.visitor(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    await maria.goto(f"{scene.shop_url}/")
    await begin(maria, "Maria", "One")
    desk = await scene.agent(ana)
    await open_talk(desk, "Maria")
    await maria.route("**/events", losing_two_answers())
    text = maria.get_by_role("textbox", name="Write a message")
    await text.fill("Two")
    await text.press("Enter")
    await expect(maria.locator(".waits")).to_have_count(0)
    await maria.unroute("**/events")
    await expect(desk.locator("#talk")).to_contain_text("Two")
    await seen_all(desk)

    await maria.context.set_offline(True)
    for words in ("Three", "Four"):
        await text.fill(words)
        await text.press("Enter")
    await expect(maria.locator(".notice")).to_have_text("No connection. We keep trying.")
    await answer(desk, "While you were away.")
    await text.fill("a draft")
    await maria.context.set_offline(False)
    await maria.reload()
    await expect(maria.get_by_role("dialog")).to_be_visible()
    await expect(maria.get_by_role("textbox", name="Write a message")).to_have_value("a draft")
    await expect(maria.locator(".waits")).to_have_count(0)
    said = ["One", "Two", "Three", "Four"]
    await expect(maria.locator(".them .bubble")).to_have_text(said)
    await expect(maria.locator(".us .bubble").last).to_contain_text("While you were away.")
    await expect(desk.locator("#talk")).to_contain_text("Four")
    entries = await scene.hub.store.inbox.timeline(await conversation_of(scene))
    texts = [each.content.text for each in entries if isinstance(each, Message) and each.delivery is None]
    assert texts == said


def test_the_whole_widget_is_light() -> None:
    assert len(widget().packed) < 30_000
