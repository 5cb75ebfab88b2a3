"""Changing what was said already: on the platform first, then here, and never silently."""

from datetime import timedelta
from typing import Any

import pytest

from connectors.simulator.troubles import Trouble
from hub.auth.access import NotAllowed
from hub.desk.amending import amendable, delete_message, dismiss, edit_message, react
from hub.desk.changing import NotPossible
from hub.desk.replying import Draft, NoSuchConversation, reply
from hub.model.inbox import Amendment, Message
from hub.model.people import Agent, Role
from hub.outbox.preflight import NotSendable
from tests.hubs import LEFT, Office, until


def agent(office: Office, name: str, role: Role = Role.AGENT) -> Agent:
    return Agent(
        id=name, name=name.title(), email=f"{name}@hub.example", role=role, created_at=office.hub.clock()
    )


async def answered(office: Office, text: str = "At five") -> Message:
    """A message of ours that has left."""
    office.platform.write(office.world.people["ana"], "When do you close?")
    found = await office.conversation()
    sent = await reply(office.hub.desk, office.ana, found.id, Draft(text=text))

    async def left() -> Message | None:
        message = await office.hub.store.inbox.find_entry(sent.id)
        assert isinstance(message, Message)
        assert message.delivery
        return message if message.delivery.state in LEFT else None

    return await until(left, "it to leave")


async def settled(office: Office, message: str) -> Message:
    """Once nothing is on its way any more."""

    async def look() -> Message | None:
        found = await office.hub.store.inbox.find_entry(message)
        assert isinstance(found, Message)
        return found if found.amending is None or found.amending.problem else None

    return await until(look, "the change to be carried out")


@pytest.fixture(autouse=True)
def _ana(office: Office) -> None:
    office.world.person("ana", name="Ana Sousa")


async def test_an_edit_shows_at_the_customers_and_keeps_what_it_said(office: Office) -> None:
    sent = await answered(office)
    asked = await edit_message(office.hub.desk, office.ana, sent.id, "At six")
    assert asked.amending is not None
    assert asked.content.text == "At five"  # until the platform has it
    changed = await settled(office, sent.id)
    assert changed.content.text == "At six"
    assert [each.text for each in changed.edits] == ["At five"]
    assert [copy.text for copy in office.world.inbox_of("ana")] == ["At six"]
    assert (await office.conversation()).last.preview == "At six"


async def test_a_deletion_takes_it_from_the_customer_and_keeps_it_here(office: Office) -> None:
    sent = await answered(office)
    await delete_message(office.hub.desk, office.ana, sent.id)
    gone = await settled(office, sent.id)
    assert gone.deleted_at is not None
    assert gone.content.text == "At five"
    assert [copy.deleted for copy in office.world.inbox_of("ana")] == [True]
    assert (await office.conversation()).last.deleted
    with pytest.raises(NotPossible, match="deleted already"):
        await edit_message(office.hub.desk, office.ana, sent.id, "At six")


async def test_reactions_go_out_and_are_taken_back(office: Office) -> None:
    post = office.platform.write(office.world.people["ana"], "You are the best")
    said = (await office.messages((await office.conversation()).id, 1))[0]
    await react(office.hub.desk, office.ana, said.id, "❤️", on=True)
    assert [each.emoji for each in (await settled(office, said.id)).reactions] == ["❤️"]
    assert list(post.reactions.values()) == ["❤️"]
    await react(office.hub.desk, office.ana, said.id, "❤️", on=False)
    assert (await settled(office, said.id)).reactions == ()
    assert post.reactions == {}


@pytest.mark.parametrize("trouble", [Trouble.DOWN, Trouble.LOST_ANSWER, Trouble.RATE_LIMITED])
async def test_what_the_platform_does_not_take_at_once_is_tried_again_without_harm(
    office: Office, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.outbox.retry.STEPS", (timedelta(milliseconds=10),))
    monkeypatch.setattr("hub.outbox.amending.LOOK", timedelta(milliseconds=50))
    office.platform.troubles.retry_after = timedelta(milliseconds=10)
    sent = await answered(office)
    office.platform.troubles.plan(trouble, on="edit", calls=1)
    await edit_message(office.hub.desk, office.ana, sent.id, "At six")
    changed = await settled(office, sent.id)
    assert (changed.content.text, len(changed.edits)) == ("At six", 1)
    assert [copy.text for copy in office.world.inbox_of("ana")] == ["At six"]


async def test_what_was_interrupted_is_carried_out_by_who_comes_next(office: Office) -> None:
    """As if we had died after the platform took it, and before it was written down."""
    sent = await answered(office)
    office.platform.edit(office.platform.posts[sent.remote_ids[0]], "At six")
    await edit_message(office.hub.desk, office.ana, sent.id, "At six")
    changed = await settled(office, sent.id)
    assert (changed.content.text, [each.text for each in changed.edits]) == ("At six", ["At five"])


async def test_what_is_refused_says_why_until_somebody_has_read_it(office: Office) -> None:
    sent = await answered(office)
    del office.platform.posts[sent.remote_ids[0]]
    await edit_message(office.hub.desk, office.ana, sent.id, "At six")
    refused = await settled(office, sent.id)
    assert refused.amending is not None
    assert refused.amending.what is Amendment.EDIT
    assert refused.amending.problem
    assert refused.content.text == "At five"
    assert (await dismiss(office.hub.desk, office.ana, sent.id)).amending is None
    await edit_message(office.hub.desk, office.ana, sent.id, "At seven")
    await dismiss(office.hub.desk, office.ana, sent.id)  # what is on its way is not dismissed


async def test_who_may_and_when_is_checked_and_shown_beforehand(office: Office) -> None:
    desk, sent = office.hub.desk, await answered(office)
    ben, sue = agent(office, "ben"), agent(office, "sue", Role.SUPERVISOR)
    can = {
        each.id: amendable(desk.registry, each, office.channel, sent, desk.clock())
        for each in (office.ana, ben, sue)
    }
    assert {name: (each.edit, each.delete) for name, each in can.items()} == {
        "ana": (True, True),
        "ben": (False, False),
        "sue": (True, True),
    }
    late = amendable(desk.registry, office.ana, office.channel, sent, desk.clock() + timedelta(hours=1))
    assert (late.edit, late.delete) == (False, True)  # 15 minutes, and two days
    with pytest.raises(NotAllowed):
        await edit_message(desk, ben, sent.id, "At six")
    with pytest.raises(NotPossible, match="what customers say"):
        await react(desk, office.ana, sent.id, "👍", on=True)
    theirs = (await office.messages(sent.conversation))[0]
    with pytest.raises(NotPossible, match="Only what we said"):
        await edit_message(desk, office.ana, theirs.id, "At six")
    with pytest.raises(NotSendable):
        await edit_message(desk, office.ana, sent.id, "  ")
    with pytest.raises(NoSuchConversation):
        await delete_message(desk, office.ana, "nothing")


@pytest.mark.parametrize("imitates", ["email"])
async def test_mail_cannot_be_changed(office: Office, config: dict[str, Any]) -> None:
    sent = await answered(office)
    can = amendable(office.hub.registry, office.ana, office.channel, sent, office.hub.clock())
    assert (can.edit, can.delete) == (False, False)
    with pytest.raises(NotPossible, match="does not let us"):
        await delete_message(office.hub.desk, office.ana, sent.id)
