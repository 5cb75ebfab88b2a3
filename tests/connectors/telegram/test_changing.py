"""What is done to messages that were sent: changed wherever their words stand, taken back, read."""

import time

import pytest

from connectors.telegram.connector import PollingTelegram
from hub.contract.capabilities import Surface
from hub.contract.errors import Rejected, RejectReason
from hub.contract.inbound import RemoteId, Thread
from hub.model.content import Attachment, Content, Markup
from tests.connectors.telegram.bot_api import BotApi
from tests.connectors.telegram.conftest import HERE, message, posted

CAT = (Attachment(name="cat.jpg", mime="image/jpeg", stored="cat"),)
BUSINESS = Thread("1001@bc-1", Surface.DIRECT)


def said(text: str, **more: object) -> Content:
    return Content(text=text, markup=Markup.MARKDOWN, **more)  # type: ignore[arg-type]


async def test_words_are_changed_where_they_stand(api: BotApi, connector: PollingTelegram) -> None:
    below = await connector.send(message("My cat", "cat"))
    apart = await connector.send(message("x" * 1025, "bill"))
    several = await connector.send(message("Both", "cat", "dog"))
    await connector.edit(HERE, below.messages[0], said("**Our** cat", attachments=CAT))
    await connector.edit(HERE, apart.messages[0], said("Short now", attachments=CAT))
    await connector.edit(HERE, several.messages[0], said("Both of them", attachments=CAT))
    await connector.edit(HERE, several.messages[0], said("Both of them", attachments=CAT))  # nothing to say
    words = [each.get("caption") or each.get("text") for each in posted(api)]
    assert words == ["Our cat", "Short now", None, "Both of them", None]
    assert posted(api)[0]["caption_entities"] == [{"type": "bold", "offset": 0, "length": 3}]


async def test_words_that_outgrow_the_place_below_a_file_are_refused(
    api: BotApi, connector: PollingTelegram
) -> None:
    sent = await connector.send(message("My cat", "cat"))
    with pytest.raises(Rejected) as refused:
        await connector.edit(HERE, sent.messages[0], said("x" * 1025, attachments=CAT))
    assert refused.value.reason is RejectReason.TOO_LONG
    await connector.edit(HERE, sent.messages[0], said("", attachments=CAT))
    assert posted(api)[0]["caption"] == ""


async def test_buttons_stay_when_words_change_and_stand_below_files_too(
    api: BotApi, connector: PollingTelegram
) -> None:
    asked = said("Red or blue?", choices=("Red", "Blue"))
    sent = await connector.send(message(content=asked))
    await connector.edit(HERE, sent.messages[0], said("Red or green?", choices=("Red", "Green")))
    [post] = posted(api)
    rows = post["reply_markup"]["inline_keyboard"]
    assert [button["text"] for row in rows for button in row] == ["Red", "Green"]
    await connector.send(message(content=said("Nice?", choices=("Yes",), attachments=CAT)))
    await connector.send(message(content=said("Nice?", choices=("Yes",), attachments=CAT * 2)))
    _, one, words, *album = posted(api)
    assert (one["caption"], "reply_markup" in one) == ("Nice?", True)
    assert (words["text"], "reply_markup" in words) == ("Nice?", True)
    assert [each.get("caption") for each in album] == [None, None]


async def test_nobody_elses_message_is_changed(api: BotApi, connector: PollingTelegram) -> None:
    theirs = RemoteId(f"1001/{api.write()['message']['message_id']}")
    with pytest.raises(Rejected, match="does not let this message be changed"):
        await connector.edit(HERE, theirs, said("Mine"))


async def test_after_two_days_nothing_is_taken_back(api: BotApi, connector: PollingTelegram) -> None:
    sent = await connector.send(message("Oh"))
    posted(api)[0]["date"] = int(time.time()) - 49 * 3600
    with pytest.raises(Rejected, match="48 hours"):
        await connector.delete(HERE, sent.messages[0])
    assert len(posted(api)) == 1


async def test_on_behalf_of_a_business_it_reads_writes_and_takes_back_with_its_rights(
    api: BotApi, connector: PollingTelegram
) -> None:
    api.connect_business("bc-1")
    asked = RemoteId(f"1001@bc-1/{api.write(business_connection_id='bc-1')['message']['message_id']}")
    await connector.mark_read(BUSINESS, asked)
    await connector.mark_read(HERE, RemoteId("1001/1"))  # a bot's own chat: nothing to say
    assert [number for _, number in api.read] == [int(asked.rpartition("/")[2])]
    sent = await connector.send(message("From the shop", thread=BUSINESS))
    assert sent.messages[0].startswith("1001@bc-1/")
    await connector.edit(BUSINESS, sent.messages[0], said("From the **shop**"))
    await connector.typing(BUSINESS, on=True)
    await connector.delete(BUSINESS, sent.messages[0])
    assert posted(api) == []
    with pytest.raises(Rejected, match="no business react"):
        await connector.react(BUSINESS, asked, "👍", on=True)
    api.connect_business("bc-1", can_reply=False)
    with pytest.raises(Rejected, match="the right to do this"):
        await connector.send(message("Again", thread=BUSINESS))
    api.connect_business("bc-1", enabled=False)
    with pytest.raises(Rejected, match="has disconnected the bot"):
        await connector.send(message("Again", thread=BUSINESS))
