"""The filter at work: agents mark, what is alike is suspected, what they take back is forgotten."""

from hub.app import Hub
from hub.desk.deeds import mark_not_spam, mark_spam
from hub.desk.replying import Draft, reply
from hub.desk.rules import Drawn, add_rule
from hub.desk.undoing import undo
from hub.judging.spam import LEAST, SUSPECT
from hub.model.inbox import Conversation, Message
from hub.model.rules import Action, Condition, Do, Group, Join, Test, Trigger
from tests.hub.ingest.post import SUPPORT, PostRoom, mail, post_room

ASKED = "Hello, my kettle leaks. Where do I find the invoice of the order from last week?"
OFFERED = "Exclusive casino bonus for winners: claim your free jackpot at https://win.example/now today"


async def received(
    room: PostRoom, text: str, number: int, who: str, **headers: str
) -> tuple[Conversation, Message]:
    """The conversation that a mail begins, and the message."""
    before = {each.id for each in await room.open()}
    body = mail(text, number=number, sender=f"{who} <{who}@home.test>", subject=f"About {number}", **headers)
    [begun] = [each for each in await room.receive(SUPPORT, body) if each.id not in before]
    [message] = await room.messages(begun.id)
    return begun, message


async def trained(room: PostRoom) -> list[str]:
    """Some were answered, and some marked. Returns the tokens that take the marks back."""
    for number in range(LEAST):
        asked, _ = await received(room, f"{ASKED} Number {number}.", number, f"cora{number}")
        await reply(room.hub.desk, room.ana, asked.id, Draft(text="In your account."))
    tokens = []
    for number in range(LEAST):
        offered, message = await received(room, OFFERED, 10 + number, f"luck{number}")
        assert message.spam_score is None, "nobody has marked enough yet"
        done = await mark_spam(room.hub.desk, room.ana, offered.id)
        tokens.append(done.token or "")
    return tokens


async def test_what_is_like_what_agents_marked_is_suspected_until_they_take_it_back(hub: Hub) -> None:
    room = await post_room(hub)
    tokens = await trained(room)
    _, like = await received(room, "A casino bonus: claim the free jackpot of winners!", 20, "fortune")
    assert like.spam_score is not None
    assert like.spam_score >= SUSPECT
    assert "casino" in like.spam_reasons[0]
    _, unlike = await received(room, "Where do I find the invoice of my order? The kettle leaks", 21, "zoe")
    assert unlike.spam_score is not None
    assert unlike.spam_score < 0.2
    # Whoever was answered before may write what they like.
    _, friend = await received(room, OFFERED, 22, "cora0")
    assert friend.spam_score is not None
    assert friend.spam_score < SUSPECT
    # Whose earlier conversation is spam is suspected for that, too.
    _, again = await received(room, "Hm?", 23, "luck0")
    assert again.spam_reasons == ("An earlier conversation of this sender was marked as spam.",)

    await undo(hub.desk, room.ana, tokens[0])
    _, after = await received(room, OFFERED, 24, "chance")
    assert after.spam_score is None
    learnt = await hub.store.spam.learnt()
    assert learnt.bad == LEAST - 1
    for token in tokens[1:]:
        await undo(hub.desk, room.ana, token)
    learnt = await hub.store.spam.learnt()
    assert learnt.bad == 0
    assert {bad for bad, _ in learnt.counts.values()} == {0}


async def test_a_mark_is_counted_once_and_the_opposite_one_moves_it(hub: Hub) -> None:
    room = await post_room(hub)
    offered, _ = await received(room, OFFERED, 1, "luck")
    await mark_spam(hub.desk, room.ana, offered.id)
    await mark_spam(hub.desk, room.ana, offered.id)
    learnt = await hub.store.spam.learnt()
    assert (learnt.bad, learnt.good) == (1, 0)
    done = await mark_not_spam(hub.desk, room.ana, offered.id)
    learnt = await hub.store.spam.learnt()
    assert (learnt.bad, learnt.good) == (0, 1)
    await undo(hub.desk, room.ana, done.token or "")
    learnt = await hub.store.spam.learnt()
    assert (learnt.bad, learnt.good) == (1, 0)
    assert set(learnt.counts.values()) == {(1, 0)}


async def test_rules_ask_for_what_was_judged(hub: Hub) -> None:
    room = await post_room(hub)
    for fact, test, value in (
        ("spam_score", Test.ABOVE, "0.7"),
        ("urgency", Test.IS, "high"),
        ("sentiment", Test.IS, "negative"),
    ):
        when = Group(Join.ALL, (Condition(fact, test, (value,)),))
        drawn = Drawn(name=fact, on=(Trigger.ARRIVED,), when=when, then=(Action(Do.TAG, fact),))
        await add_rule(hub.desk, room.ana, drawn)
    suspected, _ = await received(room, OFFERED, 1, "luck", X_Spam_Flag="YES")
    assert suspected.tags == ("spam_score",)
    angry, message = await received(
        room, "Das ist dringend! Ich bin sehr enttäuscht von Ihrer Firma.", 2, "zoe"
    )
    assert (message.urgency, message.sentiment) == ("high", "negative")
    assert set(angry.tags) == {"urgency", "sentiment"}
