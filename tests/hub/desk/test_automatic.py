"""Saved replies that rules send: once each, and never to a machine that answers by itself."""

from hub.desk.automatic import Answerer
from hub.desk.rules import Drawn, add_rule
from hub.desk.saved_replies import remove_saved_reply, save_reply
from hub.model.inbox import Activity, Message, Side
from hub.model.rules import Action, Do, Group, Join, Trigger
from tests.hubs import Office, until


async def told(office: Office, conversation: str) -> Activity:
    async def look() -> Activity | None:
        entries = await office.hub.store.inbox.timeline(conversation)
        found = (each for each in entries if isinstance(each, Activity) and each.kind == "not_answered")
        return next(found, None)

    return await until(look, "it to be told that nothing was sent")


async def ours(office: Office, conversation: str, count: int) -> list[Message]:
    async def look() -> list[Message] | None:
        entries = await office.messages(conversation)
        found = [each for each in entries if each.side is Side.US]
        return found if len(found) >= count else None

    return await until(look, f"{count} answers")


async def test_a_rule_answers_once_and_the_automatic_answer_to_it_ends_it(office: Office) -> None:
    desk, ana = office.hub.desk, office.ana
    saved = await save_reply(desk, ana, "Thanks", "Dear {{ customer.name }}, we are on it.", shared=True)
    then = (Action(Do.REPLY, saved.id),)
    on = (Trigger.ARRIVED, Trigger.REPLIED)
    rule = await add_rule(desk, ana, Drawn(name="Thank", on=on, when=Group(Join.ALL, ()), then=then))
    post = office.platform.write(office.world.person("tomas", name="Tomas"), "Where is my parcel?")
    matter = (await office.conversation()).id
    (answer,) = await ours(office, matter, 1)
    assert answer.content.text == "Dear Tomas, we are on it."
    assert answer.author == f"rule:{rule.id}@1"
    assert answer.delivery is not None
    assert answer.delivery.automated

    # Any number of processes may send: what is done is not pending, and sent twice it is the same message.
    (decision,) = await desk.store.rules.decisions_of(matter)
    await desk.store.rules.decisions.update_one({"_id": decision.id}, {"$set": {"pending": True}})
    await Answerer(desk).answer()
    assert await desk.store.rules.pending_decisions(10) == []
    assert len(await ours(office, matter, 1)) == 1

    office.platform.answer(post, "I am away until Monday.", flags=["auto_reply"])
    refused = await told(office, matter)
    assert refused.because == "An automatic message is not answered automatically."
    assert len(await ours(office, matter, 1)) == 1
    assert await desk.store.rules.pending_decisions(10) == []


async def test_a_saved_reply_that_is_gone_is_told_and_not_tried_again(office: Office) -> None:
    desk, ana = office.hub.desk, office.ana
    saved = await save_reply(desk, ana, "Thanks", "Thank you.", shared=True)
    then = (Action(Do.REPLY, saved.id), Action(Do.TAG, "thanked"))
    await add_rule(desk, ana, Drawn(name="Thank", on=(Trigger.ARRIVED,), when=Group(Join.ALL, ()), then=then))
    await remove_saved_reply(desk, ana, saved.id)
    office.platform.write(office.world.person("tomas"), "Where is my parcel?")
    found = await office.conversation()
    await told(office, found.id)
    assert [each for each in await office.messages(found.id) if each.side is Side.US] == []
    assert (await office.conversation()).tags == ("thanked",)
