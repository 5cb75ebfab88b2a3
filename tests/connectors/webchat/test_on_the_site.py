"""What a site makes of its chat: rules, consent, hours, words, language; its script, and who is signed in."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from connectors.webchat.hours import DAYS
from hub.desk.replying import Draft, reply
from hub.model.inbox import Message
from tests.connectors.webchat.conftest import SHARED
from tests.connectors.webchat.scene import (
    Scene,
    add_agent,
    begin,
    bubbles,
    conversation_of,
    losing_two_answers,
    nothing_is_found,
    scene,
)
from tests.hubs import until
from tests.inbox_ui.conftest import browser

__all__ = ["browser", "scene"]
pytestmark = pytest.mark.timeout(150)  # many steps, on a machine that may have much else to do

LATER = DAYS[(datetime.now(UTC) + timedelta(days=3)).weekday()]
CLOSED: Mapping[str, Any] = {
    "form": (),
    "hours": f"{LATER} 9:00-10:00",
    "mail_after": 5,
    "consent": "ask",
    "rules": ({"page": "/lamps*", "who": "new", "text": "Fragen zu Lampen?"},),
    "texts": {"de": {"send": "Los"}},
}
SIGNED: Mapping[str, Any] = {"identity_secret": SHARED}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da636460000000060002"
    "3081d02f0000000049454e44ae426082"
)
LISTENS = """window.heard = []; window.Hubbub = window.Hubbub || [];
for (const name of ["ready", "open", "close", "message", "sent", "unread"])
    Hubbub.push(["on", name, (detail) => heard.push([name, detail ?? null])]);"""
KEPT = "localStorage.length + sessionStorage.length"


async def said_in(scene: Scene, conversation: str) -> list[Message]:
    entries = await scene.hub.store.inbox.timeline(conversation)
    return [each for each in entries if isinstance(each, Message)]


async def is_covered(page: Page) -> bool:
    """By the chat, as it is on a phone once it has come up."""
    box = await page.get_by_role("dialog").bounding_box()
    assert box is not None
    found = [round(each) for each in (box["x"], box["y"], box["width"], box["height"])]
    return page.viewport_size is not None and found == [0, 0, *page.viewport_size.values()]


@pytest.mark.parametrize("settings", [CLOSED])
async def test_it_speaks_first_in_their_language_keeps_nothing_unasked_and_says_when_we_are_back(
    scene: Scene,
) -> None:
    """Long because a browser costs seconds: one visit tells all of it."""
    ana = await add_agent(scene.hub, "Ana")
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    maria = await scene.visitor(locale="de-DE", color_scheme="dark", **phone)
    chat = maria.locator("hubbub-chat")
    await maria.goto(f"{scene.shop_url}/?lang=de")
    await expect(maria.get_by_role("button", name="Chat öffnen")).to_be_visible()
    await expect(chat.locator(".teaser")).to_be_hidden()
    await maria.goto(f"{scene.shop_url}/lamps?lang=de")
    await maria.get_by_role("button", name="Fragen zu Lampen?").click()
    await expect(bubbles(maria).first).to_have_text("Fragen zu Lampen?")
    await until(lambda: is_covered(maria), "the chat to be the whole screen")
    day = await maria.evaluate(
        "at => new Intl.DateTimeFormat('de-DE', {weekday: 'long'}).format(at)",
        (datetime.now(UTC) + timedelta(days=3)).timestamp() * 1000,
    )
    await expect(chat.locator("header .sub")).to_contain_text(f"Wir antworten ab {day}")
    await expect(chat.locator("header .sub")).to_contain_text("per E-Mail, falls Sie dann fort sind")

    await maria.get_by_role("button", name="Emoji").press("Enter")
    await expect(maria.get_by_role("button", name="😀")).to_be_focused()
    await maria.keyboard.press("ArrowRight")
    await maria.keyboard.press("Enter")
    await maria.keyboard.press("Escape")
    text = maria.get_by_role("textbox", name="Nachricht schreiben")
    await expect(text).to_be_focused()
    await expect(text).to_have_value("😃")
    await chat.locator("input[type=file]").set_input_files(
        {"name": "lampe.png", "mimeType": "image/png", "buffer": PNG}
    )
    await expect(chat.locator(".tray li:not(.busy)")).to_contain_text("lampe.png")
    await maria.get_by_role("button", name="Los").click()
    await expect(chat.locator(".them .foot")).to_contain_text("Gesendet")
    await expect(maria.get_by_role("img", name="Bild: lampe.png")).to_be_visible()
    await nothing_is_found(maria)
    assert (await maria.context.cookies(), await maria.evaluate(KEPT)) == ([], 0)
    await maria.get_by_role("button", name="Erlauben").click()
    assert (await maria.context.cookies(), await maria.evaluate(KEPT) > 0) == ([], True)
    await maria.reload()
    await expect(chat.locator(".them .bubble")).to_contain_text("😃")
    await expect(bubbles(maria).first).to_have_text("Fragen zu Lampen?")

    conversation = await conversation_of(scene)
    [asked] = await said_in(scene, conversation)
    assert (asked.content.text, asked.content.rest) == ("😃", "Fragen zu Lampen?")
    assert [each.name for each in asked.content.attachments] == ["lampe.png"]
    await reply(scene.hub.desk, ana, conversation, Draft(text="Für wann?\n\n[[Heute]] [[Morgen früh]]"))
    await expect(bubbles(maria).last).to_have_text("Für wann?")
    await nothing_is_found(maria)
    await maria.get_by_role("button", name="Morgen früh").click()
    await expect(bubbles(maria).last).to_have_text("Morgen früh")
    await expect(maria.get_by_role("button", name="Heute")).to_have_count(0)
    await maria.evaluate("Hubbub.consent(false)")
    assert await maria.evaluate(KEPT) == 0


@pytest.mark.parametrize("settings", [SIGNED])
async def test_the_site_talks_to_the_chat_and_says_who_is_signed_in_in_the_middle_of_it(scene: Scene) -> None:
    """Long because a browser costs seconds: one visit tells all of it."""
    ana = await add_agent(scene.hub, "Ana")
    maria = await scene.visitor()
    await maria.context.add_init_script(LISTENS)
    await maria.goto(f"{scene.shop_url}/")
    await expect(maria.get_by_role("button", name="Open the chat")).to_be_visible()
    await maria.evaluate("Hubbub.event('Added to cart', 'Lamp No. 4')")
    await begin(maria, "Maria", "One")
    conversation = await conversation_of(scene)

    await maria.route("**/events", losing_two_answers())
    mark = hmac.new(SHARED.encode(), b"4711", hashlib.sha256).hexdigest()
    await maria.evaluate("Hubbub.write('Two')")
    await maria.keyboard.press("Enter")
    who = await maria.evaluate("identity => Hubbub.identify(identity)", {"id": "4711", "hash": mark})
    assert (who["key"], who["verified"]) == ("u.4711", True)
    await maria.evaluate("Hubbub.write('Three')")
    await maria.keyboard.press("Enter")
    await expect(maria.locator(".them .bubble")).to_have_text(["One", "Two", "Three"])
    await expect(maria.locator(".waits")).to_have_count(0)
    wrong = await maria.evaluate("Hubbub.identify({id: '1', hash: 'x'}).catch(problem => problem.code)")
    assert wrong == "identity"

    await maria.evaluate("Hubbub.close()")
    await reply(scene.hub.desk, ana, conversation, Draft(text="Warm."))
    await expect(maria.get_by_role("button", name="Open the chat, 1 new message")).to_be_visible()
    assert await maria.evaluate("Hubbub.unread") == 1
    heard = [(name, detail) for name, detail in await maria.evaluate("heard")]
    assert [name for name, _ in heard if name in ("ready", "open", "close")] == ["ready", "open", "close"]
    assert [detail for name, detail in heard if name == "message"] == [{"text": "Warm.", "name": "Ana"}]
    assert [detail["text"] for name, detail in heard if name == "sent"] == ["One", "Two", "Three"]
    assert [detail for name, detail in heard if name == "unread"][-1] == 1

    async def told() -> bool:
        known = await scene.hub.store.visitors.find_visitor(scene.channel.id, "u.4711")
        return known is not None and "Added to cart: Lamp No. 4" in [each.event for each in known.trail]

    await until(told, "what the site told to be known")
    texts = [each.content.text for each in await said_in(scene, conversation)]
    assert sorted(texts) == ["One", "Three", "Two", "Warm."]
    await maria.evaluate("Hubbub.logout()")
    await expect(maria.locator(".them")).to_have_count(0)
    assert await maria.evaluate("Object.keys(localStorage).length") == 0


async def test_two_pages_of_one_visitor_lose_nothing_to_each_other(scene: Scene) -> None:
    maria = await scene.visitor()
    await maria.goto(f"{scene.shop_url}/")
    await begin(maria, "Maria", "One")
    await expect(maria.locator(".waits")).to_have_count(0)
    other = await scene.page(maria.context)
    await other.goto(f"{scene.shop_url}/lamps")
    await expect(maria.locator(".them .bubble")).to_have_text(["One"])
    await maria.context.route("**/events", lambda route: route.abort())
    for page, words in ((maria, "Two"), (other, "Three")):
        await write(page, words)
    await expect(maria.locator(".waits")).to_have_count(1)
    await maria.goto(f"{scene.shop_url}/lamps")
    await other.close()
    await maria.context.unroute("**/events")
    await maria.reload()
    await expect(maria.locator(".waits")).to_have_count(0)
    await expect(maria.locator(".them .bubble")).to_have_text(["One", "Two", "Three"])
    conversation = await conversation_of(scene)

    async def all_there() -> bool:
        return len(await said_in(scene, conversation)) == 3

    await until(all_there, "all that was said")


async def write(page: Page, words: str) -> None:
    await page.evaluate("words => Hubbub.write(words)", words)
    text = page.get_by_role("textbox", name="Write a message")
    await text.press("Enter")
    await expect(bubbles(page).last).to_have_text(words)
