"""What visitors answer, react to, change and take back: both sides see it, and only in time."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest

from hub.desk.amending import react
from hub.desk.replying import Draft, reply
from hub.model.inbox import DeliveryState, Message
from tests.connectors.webchat.conftest import SHARED, Shop, Visitor
from tests.hubs import until


async def ask(visitor: Visitor, status: int = 200, **event: Any) -> Any:
    return await visitor.ask("events", {"events": [event]}, status)


async def test_what_they_wrote_is_changed_and_taken_back_before_both_sides_and_in_time(shop: Shop) -> None:
    maria = shop.visitor()
    await maria.come()
    await maria.say("Does it get hott?", name="question-1")
    await maria.say("Forget it.", name="question-2")
    [conversation] = await shop.conversations()
    await shop.messages(conversation.id, 2)
    first, second = f"{maria.key}/question-1", f"{maria.key}/question-2"
    async with maria.listening() as heard:
        await heard("hello")
        [line] = (await ask(maria, type="edited", line=first, text="Does it get hot?"))["lines"]
        assert (line["text"], line["edited"]) == ("Does it get hot?", True)
        assert (await heard("line"))["text"] == "Does it get hot?"  # on their other pages, too
    assert (await ask(maria, type="edited", line=first, text="Does it get hot?"))["lines"] == []
    for _ in range(2):  # the answer was lost: it is asked again
        await ask(maria, type="deleted", line=second)

    async def changed() -> bool:
        question, other = await shop.messages(conversation.id, 2)
        return bool(question.edits) and other.deleted_at is not None

    await until(changed, "the agents to see it")
    question, _ = await shop.messages(conversation.id, 2)
    assert (question.content.text, [each.text for each in question.edits]) == (
        "Does it get hot?",
        ["Does it get hott?"],
    )
    lines = (await maria.ask("lines", {}))["lines"]
    assert [(each.get("text"), each.get("deleted", False)) for each in lines] == [
        ("Does it get hot?", False),
        (None, True),
    ]
    long_ago = shop.hub.clock() - timedelta(minutes=16)
    await shop.hub.store.visitors.change_line(shop.channel.id, first, {"at": long_ago})
    for late in ({"type": "edited", "text": "Never mind"}, {"type": "deleted"}):
        assert (await ask(maria, 409, line=first, **late))["refused"] == "too_late"
    assert (await ask(maria, 404, type="edited", line=second, text="Back again"))["refused"] == "line"
    assert (await ask(maria, 404, type="deleted", line=f"{maria.key}/never-said"))["refused"] == "line"


@pytest.mark.parametrize("settings", [{"change_within": 0}])
async def test_where_nothing_may_be_changed_nothing_is(shop: Shop) -> None:
    maria = shop.visitor()
    await maria.come()
    await maria.say("Does it get hot?", name="question-1")
    refused = await ask(maria, 409, type="deleted", line=f"{maria.key}/question-1")
    assert refused["refused"] == "too_late"


async def test_answers_name_what_they_answer_and_reactions_go_both_ways(shop: Shop) -> None:
    maria, eve = shop.visitor(), shop.visitor()
    await maria.come()
    await eve.come()
    await maria.say("Does it get hot?", name="question-1")
    [conversation] = await shop.conversations()
    [question] = await shop.messages(conversation.id, 1)
    answer = await reply(shop.hub.desk, shop.ana, conversation.id, Draft(text="Warm."))
    await shop.delivered(answer.id, DeliveryState.SENT)
    kept = await shop.hub.store.inbox.find_entry(answer.id)
    assert isinstance(kept, Message)
    [theirs] = kept.remote_ids
    told = await maria.say("How warm?", name="question-2", reply_to=theirs)
    assert told["lines"][0]["quote"] == {"id": theirs, "ours": True, "name": "Ana", "text": "Warm."}
    stolen = await eve.say("And mine?", reply_to=theirs)
    assert "quote" not in stolen["lines"][0]

    for emoji in ("👍", "❤️"):
        [line] = (await ask(maria, type="reacted", line=theirs, emoji=emoji))["lines"]
        assert line["reaction"] == emoji
    await ask(maria, 400, type="reacted", line=theirs, emoji="<b>")
    await ask(maria, 403, type="reacted", line=f"{maria.key}/question-1", emoji="👍")
    await ask(maria, 403, type="edited", line=theirs, text="Cold.")
    await ask(eve, 404, type="reacted", line=theirs, emoji="👍")
    await react(shop.hub.desk, shop.ana, question.id, "🎉", on=True)

    async def reacted() -> bool:
        messages = {each.id: each for each in await shop.messages(conversation.id, 3)}
        shown = [each.emoji for each in messages[answer.id].reactions]
        [ours, *_] = (await maria.ask("lines", {}))["lines"]
        return shown == ["❤️"] and ours.get("reactions") == ["🎉"]

    await until(reacted, "the reactions to be seen on both sides")
    asked = [each for each in await shop.messages(conversation.id, 3) if each.content.text == "How warm?"]
    assert [each.reply_to for each in asked] == [theirs]
    await ask(maria, type="deleted", line=f"{maria.key}/question-2")


async def test_what_was_said_before_signing_in_can_still_be_changed(shop: Shop) -> None:
    """By its old name, as the journal and the page know it."""
    maria = shop.visitor()
    await maria.come()
    await maria.say("Does it get hott?", name="question-1")
    line = f"{maria.key}/question-1"
    mark = hmac.new(SHARED.encode(), b"4711", hashlib.sha256).hexdigest()
    await maria.come(identity={"id": "4711", "hash": mark})
    await ask(maria, type="edited", line=line, text="Does it get hot?")
    [conversation] = await shop.conversations()

    async def changed() -> bool:
        [question] = await shop.messages(conversation.id, 1)
        return question.content.text == "Does it get hot?"

    await until(changed, "the agents to see it")
