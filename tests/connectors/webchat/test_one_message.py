"""What a visitor does with one message, in a real browser and by keyboard."""

import pytest
from playwright.async_api import Locator, Page, expect

from hub.desk.amending import react
from hub.desk.replying import Draft, reply
from hub.model.inbox import Message
from tests.connectors.webchat.scene import (
    Scene,
    add_agent,
    begin,
    bubbles,
    conversation_of,
    nothing_is_found,
    scene,
)
from tests.hubs import until
from tests.inbox_ui.conftest import browser

__all__ = ["browser", "scene"]
pytestmark = pytest.mark.timeout(150)  # many steps, on a machine that may have much else to do


def options(page: Page, who: str) -> Locator:
    return page.get_by_role("button", name=f"What to do with this message of {who}")


async def press(page: Page, button: Locator) -> None:
    await button.focus()
    await page.keyboard.press("Enter")


async def test_a_message_is_answered_reacted_to_changed_and_taken_back(scene: Scene) -> None:
    """Long because a browser costs seconds: one visit tells all of it."""
    ana = await add_agent(scene.hub, "Ana")
    maria = await scene.visitor()
    await maria.goto(f"{scene.shop_url}/")
    await begin(maria, "Maria", "Does it get hott?")
    conversation = await conversation_of(scene)
    await reply(scene.hub.desk, ana, conversation, Draft(text="Warm, never hot."))
    await expect(bubbles(maria).last).to_have_text("Warm, never hot.")

    await press(maria, options(maria, "Ana"))
    await expect(maria.get_by_role("button", name="React with 👍")).to_be_focused()
    await maria.keyboard.press("Enter")
    await expect(maria.get_by_role("img", name="Reactions: 👍")).to_be_visible()
    await expect(options(maria, "Ana")).to_be_focused()
    await maria.keyboard.press("Enter")
    await nothing_is_found(maria)
    await maria.keyboard.press("Escape")
    await expect(options(maria, "Ana")).to_be_focused()
    await maria.keyboard.press("Enter")
    await press(maria, maria.get_by_role("button", name="Reply", exact=True))
    text = maria.get_by_role("textbox", name="Write a message")
    await expect(text).to_be_focused()
    await expect(maria.locator(".about")).to_contain_text("In answer to Ana")
    await maria.keyboard.type("How warm?")
    await maria.keyboard.press("Enter")
    await expect(maria.get_by_role("button", name="In answer to Ana: Warm, never hot.")).to_be_visible()
    await expect(maria.locator(".about")).to_be_hidden()
    await nothing_is_found(maria)

    await press(maria, options(maria, "You").first)
    await press(maria, maria.get_by_role("button", name="Edit"))
    await expect(text).to_have_value("Does it get hott?")
    await text.fill("Does it get hot?")
    await maria.keyboard.press("Enter")
    await expect(maria.locator(".them .bubble").first).to_have_text("Does it get hot?")
    await expect(maria.locator(".them .foot").first).to_contain_text("edited")
    await expect(text).to_have_value("")
    await press(maria, options(maria, "You").last)
    await press(maria, maria.get_by_role("button", name="Take back"))
    await expect(maria.get_by_role("button", name="Take it back for good")).to_be_focused()
    await maria.keyboard.press("Enter")
    await expect(maria.locator(".them .bubble").last).to_have_text("This message was taken back.")

    messages = await all_of_it(scene, conversation)
    await react(scene.hub.desk, ana, messages[0].id, "🎉", on=True)
    await expect(maria.get_by_role("img", name="Reactions: 🎉")).to_be_visible()


async def all_of_it(scene: Scene, conversation: str) -> list[Message]:
    """Once the agents see it as the visitor does."""

    async def there() -> list[Message] | None:
        entries = await scene.hub.store.inbox.timeline(conversation)
        asked, answer, more = [each for each in entries if isinstance(each, Message)]
        changed = bool(asked.edits) and more.deleted_at is not None and more.reply_to in answer.remote_ids
        return (
            [asked, answer, more] if changed and [each.emoji for each in answer.reactions] == ["👍"] else None
        )

    return await until(there, "the agents to see all of it")
