"""Reply to all, forward, write first, later, and take it back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.auth.access import NotAllowed
from hub.desk.changing import NotPossible
from hub.desk.composing import composer_rules
from hub.desk.forwarded import own_words
from hub.desk.opening import PAGE, open_conversation
from hub.desk.replying import Draft, reply, said_lately
from hub.desk.sending import (
    cancel_delivery,
    everybody,
    forward,
    reply_all,
    send_later,
    send_now,
    start_conversation,
)
from hub.model.inbox import Awaiting, Message
from hub.outbox.preflight import NotSendable
from tests.hub.desk.inbox import DISABLED, RESTRICTED
from tests.hubs import LEFT, Office, until

EMAIL = pytest.mark.parametrize("imitates", ["email"])


async def ask(office: Office, text: str = "Hello?", **more: object) -> str:
    office.platform.write(office.world.person("tomas"), text, **more)  # type: ignore[arg-type]
    return (await office.conversation()).id


async def received(office: Office, who: str, count: int) -> list[str]:
    async def look() -> list[str] | None:
        found = [copy.text for copy in office.world.inbox_of(who)]
        return found if len(found) >= count else None

    return await until(look, f"{count} messages for {who}")


@EMAIL
async def test_a_reply_to_all_reaches_all_but_ourselves(office: Office) -> None:
    lea = office.world.person("lea")
    conversation = await ask(office, also_to=[lea])
    people = await everybody(office.hub.desk, office.ana, conversation)
    assert len(people.to) == len(people.cc) == 1
    await reply_all(office.hub.desk, office.ana, conversation, Draft(text="To both."))
    assert await received(office, "tomas", 1) == ["To both."]
    assert await received(office, "lea", 1) == ["To both."]


@EMAIL
async def test_what_is_forwarded_is_answered_in_a_conversation_of_its_own(office: Office) -> None:
    lea = office.world.person("lea")
    conversation = await ask(office, "The kettle leaks", subject="Kettle")
    [message] = await office.messages(conversation, 1)
    to = office.platform.name_of(lea)
    sent = await forward(office.hub.desk, office.ana, message.id, [to], "Can you help?")
    [text] = await received(office, "lea", 1)
    assert "Can you help?" in text
    assert "The kettle leaks" in text
    assert sent.content.subject == "Fwd: Kettle"
    post = next(each for each in office.platform.posts.values() if each.author is None)
    office.platform.write(lea, "Yes", reply_to=post.id)
    assert (await office.conversation(2)).id != conversation
    with pytest.raises(NotSendable):
        await forward(office.hub.desk, office.ana, message.id, [" "])
    with pytest.raises(NotAllowed):
        await forward(office.hub.desk, RESTRICTED, message.id, [to])


@EMAIL
async def test_a_forwarded_mail_has_the_subject_the_people_and_the_files_that_were_chosen(
    office: Office,
) -> None:
    desk, ana = office.hub.desk, office.ana
    files = [("a.txt", "text/plain", b"a"), ("b.txt", "text/plain", b"b")]
    conversation = await ask(office, "The kettle leaks", subject="Kettle", files=files)
    [message] = await office.messages(conversation, 1)
    lea, eva = (office.platform.name_of(office.world.person(each)) for each in ("lea", "eva"))
    more = Draft(text="", cc=(eva,), subject="Please look", key="once")
    keep = [message.content.attachments[1].stored or ""]
    sent = await forward(desk, ana, message.id, [lea], "See below", draft=more, keep=keep)
    again = await forward(desk, ana, message.id, [lea], "See below", draft=more, keep=keep)
    assert again.id == sent.id
    assert (sent.content.subject, own_words(sent.content.text)) == ("Please look", "See below")
    assert [each.name for each in sent.content.attachments] == ["b.txt"]
    assert len(await received(office, "lea", 1)) == len(await received(office, "eva", 1)) == 1


async def test_only_mail_is_forwarded(office: Office) -> None:
    conversation = await ask(office)
    [message] = await office.messages(conversation, 1)
    for entry in (message.id, "none"):
        with pytest.raises(NotPossible):
            await forward(office.hub.desk, office.ana, entry, ["x@y.example"])


@EMAIL
async def test_we_may_write_first_and_the_answer_comes_back_into_it(office: Office) -> None:
    tomas = office.world.person("tomas")
    to = office.platform.name_of(tomas)
    draft = Draft(text="Your order is here.", key="once")
    opened = await start_conversation(office.hub.desk, office.ana, office.channel.id, [to], draft, "Order")
    again = await start_conversation(office.hub.desk, office.ana, office.channel.id, [to], draft, "Order")
    assert again.id == opened.id
    assert (opened.awaiting, opened.agent) == (Awaiting.CUSTOMER, "ana")
    assert await received(office, "tomas", 1) == ["Your order is here."]
    post = next(each for each in office.platform.posts.values() if each.author is None)
    office.platform.answer(post, "Thank you")
    messages = await office.messages(opened.id, 2)
    assert [each.content.text for each in messages] == ["Your order is here.", "Thank you"]
    with pytest.raises(NotAllowed):
        await start_conversation(office.hub.desk, DISABLED, office.channel.id, [to], draft)


async def test_where_the_customer_has_to_write_first_we_do_not(office: Office) -> None:
    with pytest.raises(NotSendable):
        await start_conversation(
            office.hub.desk, office.ana, office.channel.id, ["tomas"], Draft(text="Hello")
        )


async def test_what_has_not_left_can_be_taken_back_and_is_a_draft_again(office: Office) -> None:
    conversation = await ask(office)
    desk = replace(office.hub.desk, undo=timedelta(minutes=5))
    message = await reply(desk, office.ana, conversation, Draft(text="Oops"))
    with pytest.raises(NotAllowed):
        await cancel_delivery(desk, RESTRICTED, message.id)
    draft = await cancel_delivery(desk, office.ana, message.id)
    assert draft.text == "Oops"
    found = await office.conversation()
    assert (found.last.preview, found.awaiting) == ("Hello?", Awaiting.US)
    assert found.waiting_since is not None
    with pytest.raises(NotPossible):
        await cancel_delivery(desk, office.ana, message.id)
    sent = await reply(office.hub.desk, office.ana, conversation, Draft(text="Better"))
    assert await received(office, "tomas", 1) == ["Better"]

    async def has_left() -> bool:
        entry = await office.hub.store.inbox.find_entry(sent.id)
        return isinstance(entry, Message) and bool(entry.delivery and entry.delivery.state in LEFT)

    await until(has_left)
    with pytest.raises(NotPossible):
        await cancel_delivery(desk, office.ana, sent.id)


async def test_what_is_to_be_sent_later_holds_up_nothing(office: Office) -> None:
    conversation = await ask(office)
    desk, ana = office.hub.desk, office.ana
    await send_later(desk, ana, conversation, Draft(text="Later"), desk.clock() + timedelta(days=1))
    await reply(desk, ana, conversation, Draft(text="Now"))
    assert await received(office, "tomas", 1) == ["Now"]
    soon = await send_later(desk, ana, conversation, Draft(text="Soon"), desk.clock() + timedelta(seconds=1))
    assert await received(office, "tomas", 2) == ["Now", "Soon"]
    assert soon.delivery is not None
    [later] = [each for each in await office.messages(conversation) if each.content.text == "Later"]
    await send_now(desk, ana, later.id)
    assert await received(office, "tomas", 3) == ["Now", "Soon", "Later"]
    with pytest.raises(NotPossible):
        await send_now(desk, ana, soon.id)
    for at in (desk.clock(), desk.clock() + timedelta(days=400)):
        with pytest.raises(NotPossible):
            await send_later(desk, ana, conversation, Draft(text="Never"), at)


async def test_the_composer_knows_what_is_possible(office: Office) -> None:
    conversation = await ask(office)
    rules = (await open_conversation(office.hub.desk, office.ana, conversation)).limits
    assert rules is not None
    assert (rules.public, rules.closed, rules.longest, rules.left("x" * 4097)) == (False, False, 4096, -1)
    assert await composer_rules(office.hub.desk, []) is None


async def test_long_conversations_are_read_page_by_page(office: Office) -> None:
    conversation = await ask(office, "message 0")
    desk, ana = office.hub.desk, office.ana
    found = await office.conversation()
    [first] = await said_lately(desk, found)
    more = [
        replace(first, id=f"{number:024x}", at=first.at + timedelta(seconds=number // 3), remote_ids=())
        for number in range(1, 7 * PAGE)
    ]
    await office.hub.store.inbox.add_entries(more)
    update = {"$set": {"activity_at": more[-1].at, "messages": 7 * PAGE}}
    await office.hub.store.inbox.update_conversations([(conversation, update)], [found])
    seen: list[str] = []
    cursor = None
    for _ in range(9):
        page = await open_conversation(desk, ana, conversation, before=cursor)
        assert page.limits is not None
        seen = [*(each.id for each in page.entries), *seen]
        cursor = page.earlier
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7 * PAGE
    assert seen == [each.id for each in await office.hub.store.inbox.timeline(conversation)]
