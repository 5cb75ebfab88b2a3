"""Who is looking at a conversation, and who is writing: renewed by every open page, over when it is not.

Kept in the database, so that it is the same for all processes; told as `presence_changed` when it changes,
not when it is renewed.
"""

from datetime import datetime, timedelta

from hub.desk.attention import show_attention
from hub.desk.replying import Desk, get_conversation
from hub.model.desk import Doing, Presence
from hub.model.events import Event
from hub.model.ids import derived_id, new_id
from hub.model.people import Agent
from hub.realtime import publish

LASTS = timedelta(seconds=45)  # a page renews every 20 s
WRITING_LASTS = timedelta(seconds=15)


async def be_present(
    desk: Desk, agent: Agent, conversation: str, doing: Doing, *, note: bool = False
) -> list[Presence]:
    """Say that one is there. Returns the others. Raises NotAllowed, NoSuchConversation.

    `note`: what is written is among ourselves, and no customer hears of it.
    """
    found = await get_conversation(desk, agent, conversation)
    now = desk.clock()
    presence = Presence(
        id=derived_id("presence", found.id, agent.id),
        conversation=found.id,
        agent=agent.id,
        agent_name=agent.name,
        doing=doing,
        until=now + (WRITING_LASTS if doing is Doing.WRITING else LASTS),
    )
    before = await desk.store.drafts.be_at(presence)
    if before != doing:
        await _tell(desk, agent, found.id, str(doing), now)
    writes = doing is Doing.WRITING and not note
    stopped = before == Doing.WRITING and not writes
    await show_attention(desk, found, writes=writes, stopped=stopped)
    present = await desk.store.drafts.at_conversation(found.id, now)
    return [each for each in present if each.agent != agent.id]


async def leave(desk: Desk, agent: Agent, conversation: str) -> None:
    if await desk.store.drafts.leave(derived_id("presence", conversation, agent.id)):
        await _tell(desk, agent, conversation, "gone", desk.clock())


async def who_is_there(desk: Desk, agent: Agent, conversation: str) -> list[Presence]:
    """The others, by name. Raises NotAllowed, NoSuchConversation."""
    found = await get_conversation(desk, agent, conversation)
    present = await desk.store.drafts.at_conversation(found.id, desk.clock())
    return [each for each in present if each.agent != agent.id]


async def _tell(desk: Desk, agent: Agent, conversation: str, doing: str, now: datetime) -> None:
    event = Event(
        id=new_id(now),
        kind="presence_changed",
        at=now,
        conversation=conversation,
        by=agent.id,
        details={"doing": doing, "name": agent.name},
    )
    await publish(desk.store, [event])
