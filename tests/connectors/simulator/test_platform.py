"""What customers do on a simulated platform, and the record of what they received."""

from datetime import timedelta

import aiohttp
import pytest

from connectors.simulator import SimulatorConnector, World
from connectors.simulator.platform import Platform
from connectors.simulator.wire import read
from hub.contract.capabilities import ReceiptState, Surface, Visibility
from hub.contract.errors import Rejected, RejectReason
from hub.contract.inbound import (
    InboundEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ReachabilityChanged,
    ReactionChanged,
    ReceiptReceived,
    RemoteId,
    Thread,
    ThreadMoved,
)
from hub.model.content import Attachment, Content
from tests.connectors.simulator.worlds import Clock, connector_for, message_to


def told(platform: Platform) -> list[InboundEvent]:
    """Everything the platform has told so far."""
    return [read(update) for update in platform.feed.after(None, 1000, from_start=True)[0]]


async def test_an_answer_lies_in_the_customers_inbox_once_and_in_its_thread(
    shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    first = shop.write(world.people["ana"], "Is the tent in stock?")
    second = shop.write(world.people["ana"], "And something else")
    connector = connector_for(shop, http)
    await connector.send(message_to(shop, second.thread, "k1", "Of course."))
    await connector.send(message_to(shop, first.thread, "k2", "Yes."))
    received = [(copy.key, copy.thread, copy.text) for copy in world.inbox_of("ana")]
    assert received == [("k1", second.thread.key, "Of course."), ("k2", first.thread.key, "Yes.")]


async def test_a_message_sent_twice_is_in_the_inbox_twice_unless_the_platform_dedupes(
    shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    asked = shop.write(world.people["ana"], "Hello?")
    connector = connector_for(shop, http)
    for _ in range(2):
        await connector.send(message_to(shop, asked.thread))
    assert len(world.inbox_of("ana")) == 2
    shop.dedupes = True
    await connector.send(message_to(shop, asked.thread))
    assert len(world.inbox_of("ana")) == 2


def test_edits_deletes_and_reactions_name_the_message_they_belong_to(shop: Platform, world: World) -> None:
    ana = world.people["ana"]
    post = shop.write(ana, "Two chairs, please")
    shop.edit(post, "Three chairs, please")
    shop.react(ana, post, "👍")
    shop.delete(post)
    new, edited, reacted, deleted = told(shop)
    assert isinstance(new, MessageReceived)
    assert isinstance(edited, MessageEdited)
    assert isinstance(reacted, ReactionChanged)
    assert isinstance(deleted, MessageDeleted)
    assert {new.message, edited.message, reacted.message, deleted.message} == {post.id}
    assert edited.content.text == "Three chairs, please"


def test_blocking_moving_and_echoes_are_told(shop: Platform, world: World) -> None:
    ana = world.people["ana"]
    thread = shop.write(ana, "Hello").thread.key
    shop.write_elsewhere(thread, "Answered on the phone", author="Jana")
    shop.block(ana)
    shop.move(thread, "shop-supergroup")
    _, echo, blocked, moved = told(shop)
    assert isinstance(echo, MessageReceived)
    assert echo.author.ours
    assert isinstance(blocked, ReachabilityChanged)
    assert not blocked.reachable
    assert isinstance(moved, ThreadMoved)
    assert (moved.thread.key, moved.to.key) == (thread, "shop-supergroup")


@pytest.mark.parametrize("state", list(ReceiptState))
async def test_every_kind_of_receipt_speaks_of_the_message_sent(
    state: ReceiptState, shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    asked = shop.write(world.people["ana"], "Hello?")
    sent = await connector_for(shop, http).send(message_to(shop, asked.thread))
    shop.receipt(shop.posts[sent.messages[0]], state, problem="full" if state == "failed" else None)
    receipt = told(shop)[-1]
    assert isinstance(receipt, ReceiptReceived)
    assert (receipt.state, receipt.message) == (state, sent.messages[0])


async def test_mail_has_subjects_a_chain_and_people(world: World, http: aiohttp.ClientSession) -> None:
    mail = world.platform("post", imitates="email")
    ana = world.person("ana", name="Ana Sousa", email="ana@example.org")
    ben = world.person("ben", name="Ben Okafor", email="ben@example.org")
    asked = mail.write(ana, "We need 40 lanterns.", subject="Lanterns", also_to=[ben])
    connector = connector_for(mail, http)
    answer = message_to(
        mail, asked.thread, "k1", "With pleasure.", cc=("ben@example.org",), related=(asked.id,)
    )
    sent = await connector.send(answer)
    mail.answer(mail.posts[sent.messages[0]], "Wonderful")
    first, second = told(mail)
    assert isinstance(first, MessageReceived)
    assert isinstance(second, MessageReceived)
    assert [person.key for person in first.people] == ["ben@example.org"]
    assert second.related == (asked.id, sent.messages[0])
    assert second.content.subject == "Re: Lanterns"
    assert [copy.role for copy in world.inbox_of("ben")] == ["cc"]


async def test_an_unknown_recipient_is_refused_and_the_others_get_theirs(
    world: World, http: aiohttp.ClientSession
) -> None:
    mail = world.platform("post", imitates="email")
    asked = mail.write(world.person("ana", email="ana@example.org"), "Hello", subject="Hello")
    connector = connector_for(mail, http)
    sent = await connector.send(message_to(mail, asked.thread, cc=("nobody@example.org",)))
    assert set(sent.refused) == {"nobody@example.org"}
    assert len(world.inbox_of("ana")) == 1


async def test_a_mailbox_that_is_gone_bounces_afterwards(world: World, http: aiohttp.ClientSession) -> None:
    mail = world.platform("post", imitates="email")
    asked = mail.write(world.person("ana", email="ana@example.org", bounces=True), "Hello", subject="Hello")
    sent = await connector_for(mail, http).send(message_to(mail, asked.thread))
    bounce = told(mail)[-1]
    assert isinstance(bounce, ReceiptReceived)
    assert (bounce.state, bounce.message, bounce.recipient) == ("failed", sent.messages[0], "ana@example.org")


async def test_mail_may_be_written_first_and_opens_a_thread(
    world: World, http: aiohttp.ClientSession
) -> None:
    mail = world.platform("post", imitates="email")
    asked = mail.write(world.person("ana", email="ana@example.org"), "Hello", subject="Hello")
    message = message_to(mail, asked.thread, "k9", "Good news")
    connector = connector_for(mail, http)
    sent = await connector.send(
        type(message)(**fields_of(message) | {"thread": Thread("new", Surface.EMAIL)})
    )
    assert sent.thread is not None
    assert world.inbox_of("ana")[-1].thread == sent.thread.key != asked.thread.key


def fields_of(message: object) -> dict[str, object]:
    return {name: getattr(message, name) for name in type(message).__dataclass_fields__}  # type: ignore[attr-defined]


async def test_a_refusal_names_its_reason(
    shop: Platform, world: World, clock: Clock, http: aiohttp.ClientSession
) -> None:
    ana = world.people["ana"]
    asked = shop.write(ana, "Hello?")
    connector = connector_for(shop, http, reply_hours=24)
    await connector.connect()

    async def reason(**more: object) -> RejectReason:
        with pytest.raises(Rejected) as refused:
            await connector.send(message_to(shop, asked.thread, **more))  # type: ignore[arg-type]
        return refused.value.reason

    assert await reason(text="x" * 5000) is RejectReason.TOO_LONG
    assert await reason(visibility=Visibility.PUBLIC) is RejectReason.UNSUPPORTED
    shop.block(ana)
    assert await reason() is RejectReason.UNREACHABLE
    shop.block(ana, blocked=False)
    shop.places[asked.thread.key].gone = True
    assert await reason() is RejectReason.THREAD_GONE
    shop.places[asked.thread.key].gone = False
    clock.advance(timedelta(hours=25))
    assert await reason() is RejectReason.WINDOW_CLOSED
    assert world.inbox_of("ana") == ()


async def test_what_we_change_afterwards_shows_in_the_inbox(
    shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    asked = shop.write(world.people["ana"], "Hello?")
    connector = connector_for(shop, http)
    sent = await connector.send(message_to(shop, asked.thread, text="Gladdly."))
    name = sent.messages[0]
    await connector.edit(asked.thread, name, Content(text="Gladly."))
    [copy] = world.inbox_of("ana")
    assert (copy.text, copy.edited) == ("Gladly.", True)
    await connector.delete(asked.thread, name)
    assert world.inbox_of("ana")[0].deleted


async def test_reactions_reading_typing_and_hiding_reach_the_platform(
    shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    asked = shop.write(world.people["ana"], "Hello?")
    connector = connector_for(shop, http)
    name = RemoteId(asked.id)
    await connector.react(asked.thread, name, "❤️", on=True)
    await connector.mark_read(asked.thread, name)
    await connector.typing(asked.thread, on=True)
    await connector.hide(asked.thread, name, on=True)
    assert asked.reactions == {"shop": "❤️"}
    assert asked.read
    assert asked.hidden
    assert shop.typing == [(asked.thread.key, True)]


async def test_files_travel_both_ways_byte_for_byte(
    shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    asked = shop.write(world.people["ana"], "Look", files=[("tent.png", "image/png", b"\x89PNG" * 40_000)])
    [event] = told(shop)
    assert isinstance(event, MessageReceived)
    connector = connector_for(shop, http)
    [attachment] = event.content.attachments
    pieces = [piece async for piece in connector.media(attachment)]
    assert b"".join(pieces) == b"\x89PNG" * 40_000
    picture = Attachment(name="repaired.png", mime="image/png", stored="m1")
    await connector.send(message_to(shop, asked.thread, content=Content(text="Done", attachments=(picture,))))
    assert world.inbox_of("ana")[0].files[0].content == b"\x89PNG a picture"


async def test_profiles_tell_who_somebody_is(
    shop: Platform, world: World, http: aiohttp.ClientSession
) -> None:
    world.person("ana", locale="pt", picture=b"\x89PNG")
    profile = await connector_for(shop, http).profile("ana")
    assert (profile.name, profile.locale) == ("Ana Sousa", "pt")
    assert profile.avatar is not None


@pytest.mark.parametrize("way", ["poll", "stream", "webhook"])
def test_the_configuration_chooses_the_way_in(way: str, shop: Platform, http: aiohttp.ClientSession) -> None:
    connector = connector_for(shop, http, way=way)
    assert isinstance(connector, SimulatorConnector)
    ways = {"poll": "poll", "stream": "stream", "webhook": "parse"}
    assert [name for name, method in ways.items() if hasattr(connector, method)] == [way]
