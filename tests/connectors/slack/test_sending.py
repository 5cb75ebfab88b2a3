"""What arrives in Slack of what we send, what we hear when it does not, and what Slack is asked for."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from pydantic import BaseModel, SecretStr

from connectors.slack import SlackConnector
from connectors.slack.config import Workspace
from connectors.slack.connector import SocketSlack
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
from hub.contract.inbound import ArrivedRaw, Batch, MessageReceived, RemoteId, Thread
from hub.contract.outbound import OutboundMessage
from hub.model.content import Attachment, Content, Markup
from tests.conformance import kit_for
from tests.connectors.slack.slack_api import (
    ANA,
    APP_TOKEN,
    BOT,
    CHAT,
    CLIENT_ID,
    CLIENT_SECRET,
    SIGNING_SECRET,
    SUPPORT,
    TEAM,
    TOKEN,
    US,
    Refused,
    SlackApi,
    serving,
)
from tests.connectors.slack.test_conforms import config_for

STORED = {"cat.png": b"\x89PNG a cat", "dog.png": b"\x89PNG a dog", "empty.png": b""}
HERE = Thread(f"{TEAM}/{CHAT}", Surface.DIRECT)


@pytest.fixture
def api() -> Iterator[SlackApi]:
    with serving() as served:
        yield served


@pytest.fixture
def saved() -> list[BaseModel]:
    return []


@pytest.fixture
async def connector(api: SlackApi, saved: list[BaseModel]) -> AsyncIterator[SocketSlack]:
    async with aiohttp.ClientSession() as http:
        made = SlackConnector(config_for(api), kit_for(http, media=STORED, saved=saved))
        assert isinstance(made, SocketSlack)
        await made.connect()
        yield made
        await made.close()


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
        (Refused("is_archived"), Rejected, RejectReason.THREAD_GONE),
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
        assert problem.value.reason is RejectReason.THREAD_GONE
    with pytest.raises(Rejected, match="does not know this emoji"):
        await connector.react(HERE, RemoteId(name), "no emoji", on=True)


async def received(connector: SocketSlack, count: int) -> list[Batch]:
    batches: list[Batch] = []
    stream = connector.stream(None)
    async for batch in stream:
        batches.append(batch)
        if len(batches) == count:
            break
    await stream.aclose()  # type: ignore[attr-defined]  # it is a generator
    return batches


def raw(batch: Batch) -> ArrivedRaw:
    [event] = batch.events
    assert isinstance(event, ArrivedRaw)
    return event


async def test_people_are_asked_for_once_and_a_name_that_cannot_be_had_stays_an_id(
    api: SlackApi, connector: SocketSlack
) -> None:
    api.write("Hi <@U0NOBODY>")
    api.write("Again")
    first, second = await received(connector, 2)
    for batch in (first, second):
        [read] = connector.read(await connector.prepare(raw(batch)))
        assert isinstance(read, MessageReceived)
        assert (read.author.name, read.author.email) == ("Ana Sousa", "ana@shop.example")
    assert sorted(each["user"] for each in api.called("users.info")) == [ANA, "U0NOBODY"]
    api.fail = "unavailable"
    api.write("Later", user="U0NEW")
    with pytest.raises(Unavailable):
        await connector.prepare(
            ArrivedRaw(
                key="x",
                at=datetime.now(UTC),
                thread=HERE,
                raw={"team": TEAM},
                body=json.dumps({"event": {"user": "U0NEW"}}).encode(),
            )
        )


async def test_files_of_customers_are_fetched_with_our_token_and_from_slack_alone(
    api: SlackApi, connector: SocketSlack
) -> None:
    await connector.send(message("", "cat.png"))
    [key] = api.contents
    attachment = Attachment(name="cat.png", mime="image/png", remote=f"{TEAM}/{key}")
    assert b"".join([piece async for piece in connector.media(attachment)]) == STORED["cat.png"]
    api.scopes = ""
    with pytest.raises(Rejected, match="files:read"):
        [piece async for piece in connector.media(attachment)]
    base, api.base = api.base, "https://slack.com.evil.example"
    with pytest.raises(Rejected, match="not kept by Slack"):
        [piece async for piece in connector.media(attachment)]
    api.base = base
    with pytest.raises(Rejected, match="any more"):
        [piece async for piece in connector.media(replace(attachment, remote=f"{TEAM}/F0GONE"))]


async def test_the_socket_is_opened_anew_whenever_slack_ends_it(
    api: SlackApi, connector: SocketSlack
) -> None:
    stream = connector.stream(None)
    keys = []
    for reason in ("warning", "refresh_requested", "cut"):
        api.write(f"before {reason}")
        batch = await anext(stream)
        keys.append(raw(batch).key)
        api.disconnect(reason)
    api.write("after all of them")
    keys.append(raw(await anext(stream)).key)
    assert len(set(keys)) == 4
    assert api.opened == 3
    api.disconnect("link_disabled")
    with pytest.raises(AuthBroken, match="Socket Mode"):
        await anext(stream)


async def test_a_token_is_renewed_once_before_it_expires_and_kept(
    api: SlackApi, saved: list[BaseModel]
) -> None:
    api.refresh_tokens["xoxe-1-old"] = TEAM
    soon = datetime.now(UTC) + timedelta(minutes=30)
    workspace = Workspace(
        team=TEAM,
        user=US,
        bot=BOT,
        token=SecretStr(TOKEN),
        refresh_token=SecretStr("xoxe-1-old"),
        expires_at=soon,
    )
    secret = SecretStr(CLIENT_SECRET)
    config = config_for(api, workspaces=(workspace,), client_id=CLIENT_ID, client_secret=secret)
    async with aiohttp.ClientSession() as http:
        connector = SlackConnector(config, kit_for(http, saved=saved))
        await connector.connect()
        del api.tokens[TOKEN]
        await connector.send(message())
        [kept] = saved
        assert kept == connector.config
        assert connector.config.workspaces[0].token != workspace.token
        assert connector.config.workspaces[0].refresh_token is not None
        again = SlackConnector(config, kit_for(http))  # with what is good no more
        with pytest.raises(AuthBroken, match="refresh token"):
            await again.connect()


async def test_setting_up_finds_out_who_we_are_and_what_we_may_not_do(api: SlackApi) -> None:
    told: list[str] = []
    api.scopes = "chat:write,im:history,users:read"
    async with aiohttp.ClientSession() as http:
        kit = replace(kit_for(http), tell=told.append)
        answers = {"token": TOKEN, "way": "socket", "app_token": APP_TOKEN, "api": f"{api.base}/api/"}
        made = await SlackConnector.set_up(answers, kit)
        assert made.account.key == "A0HUBBUB"
        assert told == ["The app is hubbub in the workspace Tent Shop."]
        assert "Without the scope files:read, files that people send do not come in." in made.found
        config = made.config
        assert isinstance(config, type(config_for(api)))
        assert (config.workspaces[0].team, config.workspaces[0].user) == (TEAM, US)
        for wrong, words in (
            ({"token": "xoxp-1"}, "begins with xoxb-"),
            ({"app_token": ""}, "Socket Mode needs"),
            ({"app_token": "xapp-1-A0OTHER-1-x"}, "two different apps"),
            ({"way": "events"}, "needs signing_secret"),
        ):
            with pytest.raises(Rejected, match=words):
                await SlackConnector.set_up({**answers, **wrong}, kit)
        with pytest.raises(AuthBroken):
            await SlackConnector.set_up({**answers, "token": "xoxb-wrong"}, kit)
        by_events = {**answers, "way": "events", "signing_secret": SIGNING_SECRET}
        assert any("address" in each for each in (await SlackConnector.set_up(by_events, kit)).found)


async def test_whoever_opens_the_home_or_uses_the_shortcut_is_answered(
    api: SlackApi, connector: SocketSlack
) -> None:
    api.tell({"type": "app_home_opened", "user": ANA, "channel": CHAT, "tab": "home"})
    there = api.message("Nobody answers", "C0LOBBY", ANA)
    shortcut = {
        "type": "message_action",
        "callback_id": "send_to_hubbub",
        "trigger_id": "1.2.3",
        "api_app_id": "A0HUBBUB",
        "team": {"id": TEAM, "domain": "tents"},
        "user": {"id": US, "name": "ben"},
        "channel": {"id": "C0LOBBY", "name": "lobby"},
        "message": there,
        "response_url": f"{api.base}/respond",
    }
    api.hand_over("interactive", shortcut)
    home, used = await received(connector, 2)
    await connector.prepare(raw(home))
    assert "Connected" in json.dumps(api.homes[ANA])
    [read] = connector.read(await connector.prepare(raw(used)))
    assert isinstance(read, MessageReceived)
    assert (read.author.name, read.content.text) == ("Ana Sousa", "Nobody answers")
    assert [each["text"] for each in api.responses] == ["Sent to Hubbub."]
    assert api.responses[0]["response_type"] == "ephemeral"
    api.failing["views.publish"] = Refused("not_enabled")
    await connector.prepare(raw(home))  # only the home suffers
