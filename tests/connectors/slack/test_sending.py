"""What arrives in Slack of what we send, what we hear when it does not, and what Slack is asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.slack.connector import SocketSlack
from connectors.slack.events import arrived
from hub.contract.capabilities import Surface
from hub.contract.errors import (
    AuthBroken,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RejectReason,
    Unavailable,
)
from hub.contract.inbound import MessageReceived, RemoteId, Thread
from hub.contract.outbound import OutboundMessage
from hub.model.content import Attachment, Content, Markup
from tests.connectors.slack.conftest import STORED
from tests.connectors.slack.slack_api import SlackApi
from tests.connectors.slack.wire import (
    ANA,
    APP,
    CHAT,
    SUPPORT,
    TEAM,
    Refused,
)

HERE = Thread(f"{TEAM}/{CHAT}", Surface.DIRECT)


def message(text: str = "Here you **are**", *files: str, **more: object) -> OutboundMessage:
    attachments = tuple(Attachment(name=each, mime="image/png", stored=each) for each in files)
    content = Content(text=text, markup=Markup.MARKDOWN, attachments=attachments)
    whole = OutboundMessage(key="1" * 24, thread=HERE, to=(ANA,), content=content, at=datetime.now(UTC))
    return replace(whole, **more)  # type: ignore[arg-type]


async def test_a_message_is_rich_text_without_previews_and_carries_its_key(
    api: SlackApi, connector: SocketSlack
) -> None:
    sent = await connector.send(message())
    [post] = api.posts()
    assert post["text"] == "Here you *are*"
    assert post["blocks"][0]["elements"][0]["elements"][1] == {
        "type": "text",
        "text": "are",
        "style": {"bold": True},
    }
    assert sent.messages == (f"{CHAT}/{post['ts']}",)
    [call] = api.called("chat.postMessage")
    assert (call["unfurl_links"], call["unfurl_media"]) == (False, False)
    assert call["metadata"]["event_payload"] == {"key": "1" * 24}


async def test_an_answer_in_a_channel_stands_below_its_question(
    api: SlackApi, connector: SocketSlack
) -> None:
    asked = api.write("my tent leaks", SUPPORT)
    below = Thread(f"{TEAM}/{SUPPORT}:{asked['ts']}", Surface.GROUP)
    await connector.send(message(thread=below))
    [post] = api.posts()
    assert post["thread_ts"] == asked["ts"]


async def test_files_and_their_words_are_one_message(api: SlackApi, connector: SocketSlack) -> None:
    sent = await connector.send(message("Two **animals**", "cat.png", "dog.png"))
    [post] = api.posts()
    assert [each["name"] for each in post["files"]] == ["cat.png", "dog.png"]
    assert list(api.contents.values()) == [STORED["cat.png"], STORED["dog.png"]]
    assert post["blocks"][0]["elements"][0]["elements"][0]["text"] == "Two "
    assert sent.messages == (f"{CHAT}/{post['ts']}",)


async def test_an_empty_file_is_refused_before_anybody_sees_anything(
    api: SlackApi, connector: SocketSlack
) -> None:
    with pytest.raises(Rejected, match="empty"):
        await connector.send(message("Look", "empty.png"))
    assert not api.posts()


@pytest.mark.parametrize(
    ("refused", "kind", "reason"),
    [
        (Refused("is_archived"), Rejected, RejectReason.UNREACHABLE),
        (Refused("channel_not_found"), Rejected, RejectReason.UNREACHABLE),
        (Refused("cannot_dm_bot"), Rejected, RejectReason.UNREACHABLE),
        (Refused("messages_tab_disabled"), Rejected, RejectReason.POLICY),
        (Refused("msg_too_long"), Rejected, RejectReason.TOO_LONG),
        (Refused("user_disabled"), Rejected, RejectReason.UNREACHABLE),
        (Refused("restricted_action"), Rejected, RejectReason.POLICY),
        (Refused("something_new"), Rejected, RejectReason.OTHER),
        (Refused("missing_scope", needed="chat:write"), AuthBroken, None),
        (Refused("account_inactive"), AuthBroken, None),
        (Refused("internal_error"), Unavailable, None),
        (Refused("service_unavailable", 503), Unavailable, None),
    ],
    ids=lambda each: str(each) if isinstance(each, Refused) else "",
)
async def test_a_refusal_is_said_in_our_words(
    api: SlackApi,
    connector: SocketSlack,
    refused: Refused,
    kind: type[ConnectorError],
    reason: RejectReason | None,
) -> None:
    api.failing["chat.postMessage"] = refused
    with pytest.raises(kind) as problem:
        await connector.send(message())
    assert type(problem.value) is kind
    assert getattr(problem.value, "reason", None) is reason
    assert not api.posts()
    await connector.send(message())
    assert len(api.posts()) == 1


@pytest.mark.parametrize("code", ["is_archived", "channel_not_found", "not_in_channel"])
async def test_a_channel_that_is_gone_makes_nobody_unreachable(
    api: SlackApi, connector: SocketSlack, code: str
) -> None:
    asked = api.write("my tent leaks", SUPPORT)
    api.failing["chat.postMessage"] = Refused(code)
    with pytest.raises(Rejected) as problem:
        await connector.send(message(thread=Thread(f"{TEAM}/{SUPPORT}:{asked['ts']}", Surface.GROUP)))
    assert problem.value.reason is RejectReason.THREAD_GONE


async def test_what_is_edited_keeps_its_buttons_and_its_files(api: SlackApi, connector: SocketSlack) -> None:
    asked = Content(text="Another?", markup=Markup.MARKDOWN, choices=("Yes", "No"))
    [name] = (await connector.send(message(content=asked))).messages
    await connector.edit(HERE, name, replace(asked, text="Yet **another**?"))
    [post] = api.posts()
    assert [each["type"] for each in post["blocks"]] == ["rich_text", "actions"]
    assert [each["value"] for each in post["blocks"][1]["elements"]] == ["Yes", "No"]
    await connector.delete(HERE, name)
    await connector.send(message("Look", "cat.png"))
    [post] = api.posts()
    slow = RemoteId(f"{CHAT}/{post['files'][0]['id']}")  # its message was not shown yet when it was sent
    await connector.edit(HERE, slow, Content(text="Look there", markup=Markup.MARKDOWN))
    [post] = api.posts()
    assert (post["text"], [each["name"] for each in post["files"]]) == ("Look there", ["cat.png"])
    await connector.delete(HERE, slow)
    assert not api.posts()


async def test_slack_says_how_long_to_wait(api: SlackApi, connector: SocketSlack) -> None:
    api.failing["chat.postMessage"] = Refused("ratelimited", 429, retry_after=31)
    with pytest.raises(RateLimited) as problem:
        await connector.send(message())
    assert problem.value.retry_after == timedelta(seconds=31)


async def test_what_was_sent_is_found_by_its_key_when_the_answer_was_lost(
    api: SlackApi, connector: SocketSlack
) -> None:
    lost = message("The same words")
    api.lost.add("chat.postMessage")
    with pytest.raises(OutcomeUnknown):
        await connector.send(lost)
    await connector.send(replace(lost, key="2" * 24))
    first, _ = api.posts()
    found = await connector.find_sent(lost)
    assert found is not None
    assert found.messages == (f"{CHAT}/{first['ts']}",)
    assert await connector.find_sent(replace(lost, key="3" * 24)) is None
    assert api.sends() == 2


async def test_files_are_found_by_their_names_unless_two_could_be_it(
    api: SlackApi, connector: SocketSlack
) -> None:
    lost = message("", "cat.png")
    api.lost.add("files.completeUploadExternal")
    with pytest.raises(OutcomeUnknown):
        await connector.send(lost)
    [post] = api.posts()
    found = await connector.find_sent(lost)
    assert found is not None
    assert found.messages == (f"{CHAT}/{post['ts']}",)
    await connector.send(replace(lost, key="2" * 24))
    assert await connector.find_sent(lost) is None


async def test_edits_reactions_and_deletions_change_what_was_sent(
    api: SlackApi, connector: SocketSlack
) -> None:
    [name] = (await connector.send(message())).messages
    await connector.edit(HERE, name, Content(text="Not *this*", markup=Markup.MARKDOWN))
    [post] = api.posts()
    assert post["text"] == "Not _this_"
    for _ in range(2):  # what is done already is done
        await connector.react(HERE, name, "❤️", on=True)
    assert post["reactions"] == ["heart"]
    for _ in range(2):
        await connector.react(HERE, name, "❤️", on=False)
    assert post["reactions"] == []
    await connector.delete(HERE, name)
    assert not api.posts()
    for deed in (connector.delete(HERE, name), connector.edit(HERE, name, Content(text="?"))):
        with pytest.raises(Rejected) as problem:
            await deed
        assert problem.value.reason is RejectReason.MESSAGE_GONE
    with pytest.raises(Rejected, match="does not know this emoji"):
        await connector.react(HERE, RemoteId(name), "no emoji", on=True)


async def test_answers_are_offered_to_tap_on_and_give_way_to_what_was_picked(
    api: SlackApi, connector: SocketSlack
) -> None:
    content = Content(text="Shall we send *another*?", markup=Markup.MARKDOWN, choices=("Yes & soon", "No"))
    thread = Thread(f"{TEAM}/{CHAT}", Surface.DIRECT)
    asked = OutboundMessage(key="k1", thread=thread, to=(ANA,), content=content, at=datetime.now(UTC))
    name = (await connector.send(asked)).messages[0]
    [post] = api.posts()
    payload = api.press(CHAT, post, "Yes & soon")
    event = arrived(payload, frozenset({TEAM}), APP)
    assert event is not None
    [pressed] = connector.read(await connector.prepare(event))
    assert isinstance(pressed, MessageReceived)
    assert (pressed.content.text, pressed.reply_to, pressed.author.name) == ("Yes & soon", name, "Ana Sousa")
    [rich, shown] = api.messages[CHAT, post["ts"]]["blocks"]
    assert rich["type"] == "rich_text"
    assert shown["elements"] == [{"type": "mrkdwn", "text": "✓ Yes &amp; soon"}]
    again = arrived(
        api.press(CHAT, {**post, "blocks": payload["message"]["blocks"]}, "Yes & soon"),
        frozenset({TEAM}),
        APP,
    )
    assert again is not None
    [same] = connector.read(again)
    assert isinstance(same, MessageReceived)
    assert same.message == pressed.message
    assert again.key != event.key
