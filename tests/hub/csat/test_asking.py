"""Customers are asked how content they are: once, in their language, and nothing else changes by it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeGuard

import pytest

from connectors.slack.buttons import LONGEST
from hub.contract.capabilities import Surface
from hub.csat.answering import answer, find_rating, stop_asking
from hub.csat.asking import ask
from hub.csat.links import rating_named, token_for
from hub.csat.plan import plan_of
from hub.csat.results import contentment_of
from hub.csat.wording import QUESTIONS, choices_in, score_in, with_buttons
from hub.desk.changing import NotPossible
from hub.desk.choices import with_choices
from hub.desk.deeds import reopen, resolve
from hub.desk.rules import Drawn, add_rule
from hub.model.content import Content
from hub.model.inbox import Activity, Awaiting, Conversation, Side, Status
from hub.model.rules import Action, Condition, Do, Group, Join, Test, Trigger
from tests.hub.csat.asked import asked, asker, helped, now, questions, switched_on, token_in
from tests.hubs import Office, until

MAIL = pytest.mark.parametrize("imitates", ["email"])


async def test_a_question_is_no_answer_and_a_typed_number_no_message(office: Office) -> None:
    desk, tomas = office.hub.desk, office.world.person("tomas", name="Tomás")
    before = await helped(office, tomas, "An old matter")
    await switched_on(office)
    await asker(office).look()
    assert await questions(office, before) == [], "it was resolved before customers were asked"
    await reopen(desk, office.ana, before.id)
    await resolve(desk, office.ana, before.id)
    unhappy = Condition("csat", Test.BELOW, ("3",))
    drawn = Drawn(
        name="Unhappy", on=(Trigger.CSAT,), when=Group(Join.ALL, (unhappy,)), then=(Action(Do.TAG, "sad"),)
    )
    await add_rule(desk, office.ana, drawn)
    found = await now(office, before)
    message, rating = await asked(office, found)
    token_in_it = message.content.text.rpartition("/")[2]
    assert rating_named(desk, token_in_it) == rating.id
    after = await now(office, found)
    same = ("status", "awaiting", "waiting_since", "activity_at", "last", "resolved_at", "due_at", "version")
    assert {each: getattr(after, each) for each in same} == {each: getattr(found, each) for each in same}
    assert (after.status, after.awaiting) == (Status.RESOLVED, Awaiting.CUSTOMER)

    office.platform.write(tomas, " 2 ", thread=message.thread)
    said = await until(lambda: _with_score(office, found, 2), "the answer")
    assert (said.status, said.tags) == (Status.RESOLVED, ("sad",))
    texts = [each.content.text for each in await office.messages(found.id) if each.side is Side.CUSTOMER]
    assert texts == ["An old matter"]
    (fact,) = [each for each in await office.timeline(found.id) if _is_rated(each)]
    assert fact.because == "The customer said how content they are: 2 of 5."

    office.platform.write(tomas, "3 more things, please", thread=message.thread)  # a message like any other
    opened = await until(lambda: _with_status(office, found, Status.OPEN), "the conversation to be open")
    await resolve(desk, office.ana, opened.id)
    await asker(office).look()
    assert len(await questions(office, found)) == 1, "nobody is asked again so soon"


def _is_rated(entry: object) -> TypeGuard[Activity]:
    return isinstance(entry, Activity) and entry.kind == "rated"


async def _with_score(office: Office, found: Conversation, score: int) -> Conversation | None:
    current = await now(office, found)
    return current if current.csat == score and current.tags else None


async def _with_status(office: Office, found: Conversation, status: Status) -> Conversation | None:
    current = await now(office, found)
    return current if current.status is status else None


@MAIL
async def test_who_answers_can_correct_it_and_only_a_wish_opens_it_again(office: Office) -> None:
    desk, vera = office.hub.desk, office.world.person("vera", name="Vera", email="vera@post.example")
    await switched_on(office, questions={"en": "Did that help?"})
    found = await helped(office, vera, "Where is my parcel? I ordered it last week.", subject="Parcel")
    message, _ = await asked(office, found)
    assert message.content.text.startswith(
        "Did that help?\n\n- [5 – very content](https://hub.example/rating/"
    )
    assert message.content.text.count("?score=") == 5
    assert message.delivery is not None
    assert (message.delivery.automated, message.delivery.to) == (True, ("vera@post.example",))
    token = token_in(office, message)
    known = await find_rating(desk, token)
    assert known is not None
    assert await find_rating(desk, token[:-1] + ("0" if token[-1] != "0" else "1")) is None
    assert await find_rating(desk, token_for(desk, "f" * 24)) is None

    kept = await answer(desk, known, 2, "  It was slow. ")
    assert (kept.comment, (await now(office, found)).status) == ("It was slow.", Status.RESOLVED)
    with pytest.raises(NotPossible) as problem:
        await answer(desk, known, 3)
    assert problem.value.code == "changed_meanwhile"
    kept = await answer(desk, kept, 4)
    assert (await now(office, found)).csat == 4
    said = [each.because for each in await office.timeline(found.id) if _is_rated(each)]
    assert said[-1] == "The customer changed how content they are: from 2 to 4 of 5."
    figure = await contentment_of(desk, [found.customer])
    assert figure is not None
    assert (figure.average, figure.count, figure.latest) == (4.0, 1, 4)

    kept = await answer(desk, kept, 4, wishes=True)
    await answer(desk, kept, 4, wishes=True)  # sent twice, written once
    opened = await now(office, found)
    assert (opened.status, opened.awaiting, opened.last.preview) == (Status.OPEN, Awaiting.US, "It was slow.")
    theirs = [each for each in await office.messages(found.id) if each.side is Side.CUSTOMER]
    assert [each.content.text for each in theirs][1:] == ["It was slow."]
    with pytest.raises(NotPossible) as problem:
        await answer(desk, replace(kept, until=office.hub.clock() - timedelta(seconds=1)), 1)
    assert problem.value.code == "rating_late"


@MAIL
async def test_who_is_not_asked(office: Office) -> None:
    desk = office.hub.desk
    plan = await switched_on(office, delay_minutes=600)  # nobody is asked by itself meanwhile
    vera = office.world.person("vera", name="Vera", email="vera@post.example")
    found = await helped(office, vera, "Hello", subject="Hello")
    entries = await office.messages(found.id)

    async def is_asked(changed: Conversation, **of_theirs: Any) -> bool:
        store = desk.store.database.entries
        first = await store.find_one({"_id": entries[0].id})
        await store.update_one({"_id": entries[0].id}, {"$set": of_theirs or {"at": entries[0].at}})
        done = await ask(desk, plan, changed, "https://hub.example")
        await store.replace_one({"_id": entries[0].id}, first or {})
        return done is not None

    assert not await is_asked(replace(found, status=Status.SPAM))
    assert not await is_asked(replace(found, visibility="public"))
    assert not await is_asked(found, surface=str(Surface.COMMENT))
    for flag in ("auto_reply", "list", "bounce", "spam"):
        assert not await is_asked(found, flags=[flag])
    elsewhere = replace(plan, channels=("another",))
    assert await ask(desk, elsewhere, found, "https://hub.example") is None
    unanswered = {"delivery.automated": True}
    ours = {"_id": entries[1].id}
    await desk.store.database.entries.update_one(ours, {"$set": unanswered})
    assert not await is_asked(found)
    await desk.store.database.entries.update_one(ours, {"$set": {"delivery.automated": False}})
    await desk.store.database.customers.update_one({"_id": found.customer}, {"$set": {"blocked": True}})
    assert not await is_asked(found)
    facts = [each for each in await office.timeline(found.id) if isinstance(each, Activity)]
    assert [each.kind for each in facts].count("not_asked") == 1
    await desk.store.database.customers.update_one({"_id": found.customer}, {"$unset": {"blocked": ""}})
    assert await is_asked(found), "without a reason they are"
    (rating,) = await desk.store.ratings.of_customers([found.customer])
    assert not await is_asked(found), "once"
    await stop_asking(desk, rating)
    await desk.store.ratings.drop(rating.id)
    assert not await is_asked(found), "not if they do not want it"
    assert (await plan_of(desk)).since == plan.since


def test_every_language_has_buttons_that_platforms_take_and_that_are_understood() -> None:
    for language in (*QUESTIONS, "pl"):
        content = with_choices(Content(text=with_buttons("Well?", language)))
        assert content.text == "Well?"
        assert [score_in(each, language) for each in content.choices] == [5, 4, 3, 2, 1]
        assert [score for score, _ in choices_in(language)] == [5, 4, 3, 2, 1]
        for each in content.choices:
            assert len(each.encode()) <= 64, "what Telegram takes for a button"
            assert len(each) <= LONGEST
