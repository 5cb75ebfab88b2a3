"""What Telegram's updates say, each recorded in its wire form and named for what is odd about it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.telegram.read import Reader
from connectors.telegram.updates import arrived
from hub.contract.capabilities import Surface, Visibility
from hub.contract.inbound import (
    Ignored,
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReachabilityChanged,
    ReactionChanged,
    ThreadMoved,
)
from hub.model.content import Markup
from tests.conformance_kit.receiving import check_event
from tests.conformance_kit.webhooks import spoiled

PAYLOADS = Path(__file__).parent / "payloads"
READER = Reader("4711", "hubbub_bot", "addressed", "came_by")
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
QUIET = {
    "group-message-not-for-us": "not to the bot",
    "somebody-joined": "new_chat_members",
    "channel-post": "channel_post",
    "business-connected": "come in, and can be answered",
    "business-connected-without-the-right-to-answer": "without the right to answer",
    "business-disconnected": "of Owner was disconnected",
    "removed-from-a-group": "removed from the group Tent lovers",
    "button-of-an-inline-message": "nothing new",
    "button-pressed-once-more": "nothing new",
    "update-of-an-unknown-kind": "managed_bot",
}
TEXTS = {
    "plain-text": "Does the tent leak?",
    "button-pressed": "Not yet",
    "button-pressed-long-ago": "Yes, thanks",
    "emoji-only": "👍🏽",
    "marks-behind-emoji": r"👨‍👩‍👧 *is* the \*tent\* **waterproof**? See [here](<https://example.org/a_b>)",
    "nested-marks": "**all bold and *this* too**",
    "marks-out-of-bounds": "sho**rt**",
    "code-block-with-backticks": "``print(`x`)``",
    "right-to-left": "هل الخيمة مقاومة للماء؟",
    "deep-link-start": "/start order_4711",
    "document-with-caption-and-marks": "My **bill**",
    "animated-sticker": "[Sticker 😍]",
    "static-sticker": "[Sticker ⛺]",
    "video-with-preview": "It flaps",
    "our-own-business-message-comes-back": "We open at nine",
    "location": "Location: 52.52, 13.405\nhttps://www.openstreetmap.org/?mlat=52.52&mlon=13.405",
    "contact": "Contact: Jo Berg, +4915112345678",
    "poll": "Poll: Which?\n• Red\n• Blue",
    "kind-nobody-knows": "[Telegram sent something Hubbub cannot show: hologram.]",
    "forwarded-from-a-hidden-user": "Forwarded from Mr X:\nBuy now",
    "photo-without-words": "",
}
FILES = {
    "photo-without-words": [("photo.jpg", "image/jpeg", "BQACAgIAAxkBAAIL")],
    "document-with-caption-and-marks": [("Rechnung März.pdf", "application/pdf", "BQACAgIAAxkBAAID")],
    "animation-told-twice": [("cat.mp4", "video/mp4", "BQACAgIAAxkBAAIA")],
    "static-sticker": [("sticker.webp", "image/webp", "CAACAgIAAxkBAAIY")],
    "video-sticker": [("sticker.webm", "video/webm", "CAACAgIAAxkBAAIZ")],
    "video-with-preview": [("tent.mov", "video/quicktime", "BAACAgIAAxkBAAIW")],
    "audio-with-title": [("rain.m4a", "audio/mp4", "CQACAgIAAxkBAAIX")],
    "voice": [("voice.ogg", "audio/ogg", "BQACAgIAAxkBAAIV")],
    "round-video-without-type": [("video.mp4", "video/mp4", "BQACAgIAAxkBAAIR")],
    "animated-sticker": [("sticker.tgs", "application/gzip", "BQACAgIAAxkBAAIS")],
}


def events_of(name: str) -> list[InboundEvent]:
    found = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    updates = found if isinstance(found, list) else [found]
    return [event for each in updates for event in READER.read(arrived(each["update_id"], each, NOW))]


def message_of(name: str) -> MessageReceived:
    [event] = events_of(name)
    assert isinstance(event, MessageReceived)
    return event


@pytest.mark.parametrize("name", sorted(path.stem for path in PAYLOADS.iterdir()))
def test_every_payload_becomes_well_formed_events(name: str) -> None:
    events = events_of(name)
    assert events
    for event in events:
        check_event(event)
    if name != "batch-of-mixed-kinds":
        assert [isinstance(event, Ignored) for event in events] == [name in QUIET] * len(events)


@pytest.mark.parametrize(("name", "because"), QUIET.items())
def test_what_is_nobodys_message_says_why_it_is_passed_over(name: str, because: str) -> None:
    [event] = events_of(name)
    assert isinstance(event, Ignored)
    assert because in event.because


@pytest.mark.parametrize(("name", "text"), TEXTS.items())
def test_the_text_is_as_it_was_meant(name: str, text: str) -> None:
    assert message_of(name).content.text == text


def test_only_marked_text_is_markdown() -> None:
    assert message_of("nested-marks").content.markup is Markup.MARKDOWN
    assert message_of("plain-text").content.markup is Markup.PLAIN


@pytest.mark.parametrize(("name", "files"), FILES.items())
def test_files_are_named_and_can_be_fetched(name: str, files: list[tuple[str, str, str]]) -> None:
    found = message_of(name).content.attachments
    assert [(file.name, file.mime, file.remote) for file in found] == files


def test_who_wrote_is_known_as_telegram_knows_them() -> None:
    author = message_of("plain-text").author
    assert (author.key, author.name, author.handle, author.ours) == ("1001", "Ana Sousa", "anasousa", False)
    assert message_of("missing-last-name-and-handle").author.name == "Li"
    assert message_of("anonymous-admin").author.name == "Tent lovers"
    assert message_of("business-owner-answers-by-phone").author.ours
    assert message_of("our-own-business-message-comes-back").author.ours
    assert message_of("another-bot-in-the-group").flags == ("automatic",)


def test_threads_are_chats_topics_and_comments() -> None:
    threads = {
        "plain-text": ("1001", Surface.DIRECT),
        "group-message-naming-the-bot": ("-100200300", Surface.GROUP),
        "group-answer-to-the-bot-is-no-topic": ("-100200300", Surface.GROUP),
        "forum-topic": ("-100200301:7", Surface.GROUP),
        "comment-below-a-channels-post": ("-100200300:61", Surface.COMMENT),
        "business-customer-writes": ("1001@bc-1", Surface.DIRECT),
    }
    for name, (key, surface) in threads.items():
        assert (message_of(name).thread.key, message_of(name).thread.surface) == (key, surface), name
    assert message_of("comment-below-a-channels-post").visibility is Visibility.PUBLIC


def test_an_answer_names_what_it_answers() -> None:
    assert message_of("answer-to-something-never-seen").reply_to == "1001/17"
    picked = message_of("answer-with-a-picked-quote")
    assert (picked.reply_to, picked.content.rest) == ("1001/18", "> blue")


def test_each_picture_of_an_album_names_the_album() -> None:
    parts = [each for each in events_of("album-of-three") if isinstance(each, MessageReceived)]
    assert [each.part_of for each in parts] == ["album 139"] * 3
    assert "Three views" in [each.content.text for each in parts]
    assert [len(each.content.attachments) for each in parts] == [1, 1, 1]
    assert message_of("photo-without-words").part_of is None
    heard = [
        each for each in events_of("album-in-a-group-named-in-its-words") if isinstance(each, MessageReceived)
    ]
    assert [each.only_known for each in heard] == [False, True]


def test_a_text_too_long_for_one_message_comes_as_two_and_a_batch_tells_each_its_own() -> None:
    first, second = events_of("4097-characters-come-as-two-messages")
    assert isinstance(first, MessageReceived)
    assert isinstance(second, MessageReceived)
    assert (len(first.content.text), second.content.text) == (4096, "b")
    assert first.at < second.at
    kinds = [type(each) for each in events_of("batch-of-mixed-kinds")]
    assert kinds == [MessageReceived, MessageEdited, ReactionChanged, Ignored, MessageReceived]


def test_a_link_to_the_bot_fills_a_field_and_a_changed_one_only_as_text() -> None:
    assert message_of("deep-link-start").fields == {"came_by": "order_4711"}
    assert message_of("plain-text").fields == {}
    silent = Reader("4711", "hubbub_bot")
    [event] = silent.read(arrived(1, json.loads((PAYLOADS / "deep-link-start.json").read_text()), NOW))
    assert isinstance(event, MessageReceived)
    assert event.fields == {}


def test_a_press_is_said_where_the_button_stood_when_it_was_pressed() -> None:
    pressed = message_of("button-pressed")
    assert (pressed.thread.key, pressed.reply_to, pressed.author.key) == ("1001", "1001/600", "1001")
    assert (pressed.at, pressed.author.ours) == (NOW, False)
    assert pressed.message.startswith("1001/600+")
    assert pressed.message != message_of("button-pressed-long-ago").message
    assert message_of("button-pressed-in-a-topic").thread.key == "-100200301:7"


def test_what_changes_afterwards_is_told() -> None:
    [edited] = events_of("edited-text")
    assert isinstance(edited, MessageEdited)
    assert edited.content.text == "Does the red tent leak?"
    reactions = events_of("reaction-changed-and-added")
    told = [(each.emoji, each.on) for each in reactions if isinstance(each, ReactionChanged)]
    assert told == [("👍", False), ("❤", True), ("🙂", True)]
    deleted = events_of("business-messages-deleted")
    assert [each.message for each in deleted if isinstance(each, MessageDeleted)] == [
        "1001@bc-1/501",
        "1001@bc-1/502",
    ]
    [moved] = events_of("group-became-a-supergroup")
    assert isinstance(moved, ThreadMoved)
    assert (moved.thread.key, moved.to.key) == ("-555", "-100200300")


def test_who_blocks_the_bot_cannot_be_reached_until_they_come_back() -> None:
    reachable = []
    for name in ("blocked-by-the-customer", "back-again"):
        [event] = events_of(name)
        assert isinstance(event, ReachabilityChanged)
        reachable.append(event.reachable)
    assert reachable == [False, True]


@given(st.sampled_from(sorted(PAYLOADS.iterdir())), st.randoms())
def test_a_spoiled_update_is_kept_and_breaks_nothing(path: Path, chance: object) -> None:
    bodies = list(spoiled(path.read_bytes()))
    body = chance.choice(bodies)  # type: ignore[attr-defined]
    event = arrived(1, {}, NOW)
    broken = type(event)(key="update:1", at=event.at, thread=event.thread, body=body)
    read = READER.read(broken)
    assert read
    for each in read:
        check_event(each)
