"""What arrives in Telegram of what we send, and what we hear when it does not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from connectors.telegram import TelegramConnector
from connectors.telegram.config import TelegramConfig
from connectors.telegram.connector import PollingTelegram
from hub.contract.capabilities import Surface
from hub.contract.errors import AuthBroken, OutcomeUnknown, Rejected, RejectReason, Unavailable
from hub.contract.inbound import RemoteId, Thread
from hub.model.content import Attachment, Content, Markup
from tests.conformance import kit_for
from tests.connectors.telegram.bot_api import TOKEN, BotApi, Refused
from tests.connectors.telegram.conftest import HERE, STORED, message, posted


async def test_a_short_text_stands_below_its_picture(api: BotApi, connector: PollingTelegram) -> None:
    sent = await connector.send(message("My **cat**", "cat"))
    [post] = posted(api)
    assert post["caption"] == "My cat"
    assert list(api.files.values()) == [STORED["cat"]]
    assert sent.messages == (f"1001/{post['message_id']}",)


async def test_a_long_text_goes_before_the_file(api: BotApi, connector: PollingTelegram) -> None:
    sent = await connector.send(message("x" * 1025, "bill"))
    assert ["text" in each for each in posted(api)] == [True, False]
    assert len(sent.messages) == 2


async def test_pictures_go_as_an_album_and_documents_apart(api: BotApi, connector: PollingTelegram) -> None:
    sent = await connector.send(message("All of it", "cat", "dog", "bill"))
    methods = [method for method, _ in api.calls if method.startswith("send")]
    assert methods == ["sendMediaGroup", "sendDocument"]
    assert len(sent.messages) == 3
    assert [each.get("caption") for each in posted(api)] == ["All of it", None, None]


async def test_files_go_as_telegram_shows_them_and_albums_are_of_one_kind(
    api: BotApi, connector: PollingTelegram
) -> None:
    await connector.send(message("", "film"))
    await connector.send(message("", "song"))
    await connector.send(message("", "voice"))
    await connector.send(message("", "loop"))
    methods = [method for method, _ in api.calls if method.startswith("send")]
    assert methods == ["sendVideo", "sendAudio", "sendVoice", "sendAnimation"]
    api.calls.clear()
    await connector.send(
        message("All", "cat", "film", "bill", "bill", "song", "song", "voice", "loop", "cat")
    )
    methods = [method for method, _ in api.calls]
    assert methods == ["sendMediaGroup"] * 3 + ["sendVoice", "sendAnimation", "sendPhoto"]
    kinds = [[each["type"] for each in fields["media"]] for method, fields in api.calls if "media" in fields]
    assert kinds == [["photo", "video"], ["document", "document"], ["audio", "audio"]]


async def test_a_picture_too_large_to_be_shown_goes_as_a_file(
    api: BotApi, connector: PollingTelegram
) -> None:
    await connector.send(message("", "big"))
    assert "document" in posted(api)[0]


async def test_an_answer_quotes_and_is_sent_even_if_what_it_quotes_is_gone(
    api: BotApi, connector: PollingTelegram
) -> None:
    asked = api.write("Red?")["message"]["message_id"]
    await connector.send(message("Yes", reply_to=RemoteId(f"1001/{asked}")))
    await connector.send(message("Yes", reply_to=RemoteId("1001/9")))
    assert ["reply_to_message" in each for each in posted(api)] == [True, False]


async def test_a_topic_and_a_business_chat_are_answered_where_they_are(
    api: BotApi, connector: PollingTelegram
) -> None:
    api.chats[-100] = {"id": -100, "type": "supergroup", "title": "Camp"}
    await connector.send(message(thread=Thread("-100:7", Surface.GROUP)))
    api.connect_business("bc:1")
    await connector.send(message(thread=Thread("1001@bc:1", Surface.DIRECT)))
    sent = [fields for method, fields in api.calls if method == "sendMessage"]
    assert sent[0]["message_thread_id"] == "7"
    assert sent[1]["business_connection_id"] == "bc:1"


async def test_a_group_that_moved_is_followed(api: BotApi, connector: PollingTelegram) -> None:
    api.chats[-200] = {"id": -200, "type": "supergroup", "title": "Camp"}
    moved = "Bad Request: group chat was upgraded to a supergroup chat"
    api.failing["sendMessage"] = Refused(400, moved, migrate_to_chat_id=-200)
    sent = await connector.send(message())
    assert sent.thread == Thread("-200", Surface.DIRECT)
    assert sent.messages[0].startswith("-200/")


async def test_what_was_sent_in_part_is_not_simply_sent_again(
    api: BotApi, connector: PollingTelegram
) -> None:
    api.failing["sendDocument"] = Refused(502, "Bad Gateway")
    with pytest.raises(OutcomeUnknown, match="A part of it was sent"):
        await connector.send(message("x" * 1025, "bill"))


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ((403, "Forbidden: bot was blocked by the user"), RejectReason.UNREACHABLE),
        ((403, "Forbidden: user is deactivated"), RejectReason.UNREACHABLE),
        ((400, "Bad Request: chat not found"), RejectReason.UNREACHABLE),
        ((400, "Bad Request: message is too long"), RejectReason.TOO_LONG),
        ((400, "Bad Request: message thread not found"), RejectReason.THREAD_GONE),
        ((400, "Bad Request: BUSINESS_PEER_USAGE_MISSING"), RejectReason.WINDOW_CLOSED),
        ((413, "Request Entity Too Large"), RejectReason.MEDIA_REFUSED),
        ((400, "Bad Request: not enough rights to send text messages to the chat"), RejectReason.POLICY),
        ((400, "Bad Request: something new"), RejectReason.OTHER),
    ],
)
async def test_a_refusal_says_why(
    api: BotApi, connector: PollingTelegram, said: tuple[int, str], reason: RejectReason
) -> None:
    api.failing["sendMessage"] = Refused(*said)
    with pytest.raises(Rejected) as refused:
        await connector.send(message())
    assert refused.value.reason is reason


async def test_messages_are_changed_deleted_and_reacted_to(api: BotApi, connector: PollingTelegram) -> None:
    asked = RemoteId(f"1001/{api.write()['message']['message_id']}")
    [name] = (await connector.send(message("Firts"))).messages
    await connector.edit(HERE, name, Content(text="**First**", markup=Markup.MARKDOWN))
    await connector.edit(HERE, name, Content(text="First"))  # not modified: nothing to complain about
    await connector.react(HERE, asked, "❤️", on=True)
    await connector.typing(HERE, on=True)
    [post] = posted(api)
    assert post["text"] == "First"
    await connector.delete(HERE, name)
    assert posted(api) == []
    assert api.messages[1001, int(asked.rpartition("/")[2])]["reactions"] == ["❤"]
    with pytest.raises(Rejected, match="does not exist any more"):
        await connector.delete(HERE, name)
    with pytest.raises(Rejected, match="does not know this reaction"):
        await connector.react(HERE, asked, "🦖", on=True)


async def test_files_are_fetched_and_one_too_large_is_refused(
    api: BotApi, connector: PollingTelegram
) -> None:
    api.files |= {"F1": b"voice " * 50_000, "F2": b"x" * 11}
    found = b"".join([piece async for piece in connector.media(Attachment(name="v", mime="", remote="F1"))])
    assert found == api.files["F1"]
    api.largest_file = 10
    for remote, words in (("F2", "above 20 MB"), ("F3", "any more")):
        with pytest.raises(Rejected, match=words):
            [piece async for piece in connector.media(Attachment(name="v", mime="", remote=remote))]


async def test_a_server_of_ones_own_takes_and_hands_out_larger_files(
    api: BotApi, connector: PollingTelegram, tmp_path: Path
) -> None:
    assert connector.config.has_own_server
    limits = connector.surfaces[Surface.DIRECT].media
    assert limits is not None
    assert limits.largest == {"*/*": 2_000_000_000}
    theirs = TelegramConnector(TelegramConfig(token=SecretStr(TOKEN)), connector.kit)
    assert theirs.surfaces is TelegramConnector.manifest.surfaces
    kept = tmp_path / "film.mp4"
    kept.write_bytes(b"film" * 40_000)
    api.on_disk["F9"] = str(kept)  # as a server says that runs with --local
    api.files["F9"] = b""
    found = b"".join([piece async for piece in connector.media(Attachment(name="f", mime="", remote="F9"))])
    assert found == kept.read_bytes()


async def test_after_a_quiet_week_numbers_that_begin_anew_are_not_missed(
    api: BotApi, connector: PollingTelegram
) -> None:
    update = api.write("First after a long time")
    old = datetime.now(UTC) - timedelta(days=7)
    high = f"{update['update_id'] + 5_000_000}@{int(old.timestamp())}"
    batch = await connector.poll(high)  # type: ignore[arg-type]
    assert len(batch.events) == 1


async def test_what_waits_when_a_channel_is_connected_comes_in(
    api: BotApi, connector: PollingTelegram
) -> None:
    waiting = [api.write(f"Since yesterday {number}")["update_id"] for number in range(101)]
    looked = {"token": TOKEN, "api": api.base}
    assert "has written" in (await TelegramConnector.check_step("hello", looked, connector.kit))[0]
    first = await connector.poll(None)
    second = await connector.poll(first.cursor)
    assert first.more
    assert [each.key for each in (*first.events, *second.events)] == [f"update:{each}" for each in waiting]


async def test_a_webhook_that_was_left_behind_is_taken_down(api: BotApi, connector: PollingTelegram) -> None:
    api.hook = ("https://elsewhere.example", "")
    with pytest.raises(Unavailable, match="reading this bot"):
        await connector.poll(None)
    await connector.connect()
    assert (await connector.poll(None)).cursor
    assert [method for method, _ in api.calls].count("deleteWebhook") == 1


async def test_setting_up_proves_the_token_and_says_what_it_found(api: BotApi) -> None:
    async with aiohttp.ClientSession() as http:
        answers = {"token": TOKEN, "way": "webhook", "groups": "all", "api": api.base}
        done = await TelegramConnector.set_up(answers, kit_for(http))
        assert isinstance(done.config, TelegramConfig)
        assert done.config.username == "hubbub_bot"
        assert done.config.webhook_secret is not None
        assert any("@hubbub_bot" in each for each in done.found)
        assert any("/setprivacy" in each for each in done.found)
        with pytest.raises(AuthBroken):
            await TelegramConnector.set_up({**answers, "token": "4711:wrong"}, kit_for(http))
        with pytest.raises(Rejected):
            await TelegramConnector.set_up({**answers, "groups": "some"}, kit_for(http))
