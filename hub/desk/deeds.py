"""What agents do to a conversation, one function a deed: check, do, record, tell.

Whatever changes a conversation returns Done, with a token that `hub.desk.undoing.undo` takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hub.auth.access import access_conversation, access_deletion, may_see
from hub.auth.audit import record
from hub.desk.changing import Changed, Done, NotPossible, change, tell
from hub.desk.clearing import clear_conversation
from hub.desk.fields import check_required, set_field
from hub.desk.mentions import mentioned_in
from hub.desk.replying import Desk, NoSuchConversation, get_conversation
from hub.desk.tags import spelled
from hub.judging.training import BAD, GOOD, learn
from hub.model.events import Event
from hub.model.ids import derived_id, new_id
from hub.model.inbox import Attempt, Conversation, DeliveryState, Message, Note, Priority, Status
from hub.model.people import Agent, Team
from hub.realtime import publish

__all__ = ["Changed", "Done", "NotPossible", "set_field"]

TAGS_MOST = 50
SNOOZE_MOST = timedelta(days=366)
NOTE_LONGEST = 200_000


async def note(desk: Desk, agent: Agent, conversation: str, text: str, key: str | None = None) -> Note:
    """Agents and teams named in it (@Ana, @Sales) find it under their mentions. Raises NotPossible.

    `key`: the same for a repeated submit, which then notes once.
    """
    found = await get_conversation(desk, agent, conversation)
    if not text.strip() or len(text) > NOTE_LONGEST:
        raise NotPossible("note_length", most=NOTE_LONGEST)
    if found.merged_into:
        raise NotPossible("merged_meanwhile")
    now = desk.clock()
    entry_id = derived_id("note", agent.id, conversation, key) if key else new_id(now)
    if key and isinstance(done := await desk.store.inbox.find_entry(entry_id), Note):
        return done
    entry = Note(
        id=entry_id,
        conversation=found.id,
        at=now,
        author=agent.id,
        author_name=agent.name,
        text=text.strip(),
    )
    await desk.store.inbox.add_entries([entry])
    named = await _mention(desk, found, text)
    details = {"mentioned": ",".join(named)} if named else {}
    await tell(desk, "note_added", found.id, agent, entry.id, now, details)
    return entry


async def clear_mention(desk: Desk, agent: Agent, conversation: str) -> None:
    """The agent has dealt with where they were named."""
    found = await get_conversation(desk, agent, conversation)
    if agent.id in found.mentioned:
        left = tuple(each for each in found.mentioned if each != agent.id)
        await change(desk, agent, found, "mention_cleared", f"{agent.name} has seen it.", {"mentioned": left})


# Who has it


async def assign(desk: Desk, agent: Agent, conversation: str, to: Agent | None) -> Done:
    """Give to an agent; None releases it. Raises NotPossible if they could not see it."""
    found = await get_conversation(desk, agent, conversation)
    wanted = to.id if to else None
    if found.agent == wanted:
        return Done(found.id, "assigned")
    if to is not None and not may_see(to, replace(found, agent=to.id)):
        raise NotPossible("not_to_them", who=to.name)
    kind = "assigned" if to else "released"
    because = f"{agent.name} gave it to {to.name}." if to else f"{agent.name} released it."
    if to is not None and to.id == agent.id:
        because = f"{agent.name} took it."
    details = {"agent": to.id, "name": to.name} if to else {}
    return await change(desk, agent, found, kind, because, {"agent": wanted}, details)


async def claim(desk: Desk, agent: Agent, conversation: str) -> Done:
    """Take it, unless somebody has it already: of two who claim at once, one gets it. Raises NotPossible."""
    found = await get_conversation(desk, agent, conversation)
    if found.agent not in (None, agent.id):
        raise NotPossible("taken")
    return await assign(desk, agent, conversation, agent)


async def release(desk: Desk, agent: Agent, conversation: str) -> Done:
    return await assign(desk, agent, conversation, None)


async def hand_to_team(desk: Desk, agent: Agent, conversation: str, team: Team | None) -> Done:
    """The team has it, and nobody of them yet. None: no team any more."""
    found = await get_conversation(desk, agent, conversation)
    wanted = team.id if team else None
    if found.team == wanted:
        return Done(found.id, "handed")
    because = f"{agent.name} handed it to {team.name}." if team else f"{agent.name} took it from its team."
    details = {"team": team.id, "name": team.name} if team else {}
    return await change(desk, agent, found, "handed", because, {"team": wanted, "agent": None}, details)


# Its state


async def resolve(desk: Desk, agent: Agent, conversation: str) -> Done:
    found = await get_conversation(desk, agent, conversation)
    if found.status is Status.RESOLVED:
        return Done(found.id, "resolved")
    await check_required(desk, found)
    changes = {"resolved_at": desk.clock(), "waiting_since": None, "snoozed_until": None}
    return await _move(desk, agent, found, Status.RESOLVED, "resolved", "resolved it.", changes)


async def reopen(desk: Desk, agent: Agent, conversation: str) -> Done:
    found = await get_conversation(desk, agent, conversation)
    if found.status is Status.OPEN:
        return Done(found.id, "reopened")
    changes = {"resolved_at": None, "snoozed_until": None}
    return await _move(desk, agent, found, Status.OPEN, "reopened", "reopened it.", changes)


async def snooze(desk: Desk, agent: Agent, conversation: str, until: datetime) -> Done:
    """Out of sight until a moment, or until the customer writes again. Raises NotPossible."""
    found = await get_conversation(desk, agent, conversation)
    now = desk.clock()
    if not now < until <= now + SNOOZE_MOST:
        raise NotPossible("snooze_time")
    changes = {"snoozed_until": until, "resolved_at": None}
    words = f"snoozed it until {until:%Y-%m-%d %H:%M} UTC."
    details = {"until": until.isoformat()}
    return await _move(desk, agent, found, Status.SNOOZED, "snoozed", words, changes, details)


async def mark_spam(desk: Desk, agent: Agent, conversation: str) -> Done:
    """Out of all lists but one; what its threads bring later joins it there."""
    found = await get_conversation(desk, agent, conversation)
    if found.status is Status.SPAM:
        return Done(found.id, "marked_spam")
    changes = {"snoozed_until": None, "waiting_since": None}
    done = await _move(desk, agent, found, Status.SPAM, "marked_spam", "marked it as spam.", changes)
    await learn(desk.store, found.id, BAD, desk.clock())
    return done


async def mark_not_spam(desk: Desk, agent: Agent, conversation: str) -> Done:
    found = await get_conversation(desk, agent, conversation)
    if found.status is not Status.SPAM:
        return Done(found.id, "marked_not_spam")
    words = "said that it is no spam."
    done = await _move(desk, agent, found, Status.OPEN, "marked_not_spam", words, {})
    await learn(desk.store, found.id, GOOD, desk.clock())
    return done


# What it carries


async def tag(desk: Desk, agent: Agent, conversation: str, name: str) -> Done:
    """Written as the catalogue writes it; a new one is put there."""
    found = await get_conversation(desk, agent, conversation)
    if len(found.tags) >= TAGS_MOST:
        raise NotPossible("tags_many", most=TAGS_MOST)
    name = await spelled(desk, name)
    if name.casefold() in {each.casefold() for each in found.tags}:
        return Done(found.id, "tagged")
    because = f"{agent.name} tagged it {name}."
    return await change(desk, agent, found, "tagged", because, {"tags": (*found.tags, name)}, {"tag": name})


async def untag(desk: Desk, agent: Agent, conversation: str, name: str) -> Done:
    found = await get_conversation(desk, agent, conversation)
    left = tuple(each for each in found.tags if each.casefold() != name.casefold())
    if left == found.tags:
        return Done(found.id, "untagged")
    because = f"{agent.name} removed the tag {name}."
    return await change(desk, agent, found, "untagged", because, {"tags": left}, {"tag": name})


async def set_priority(desk: Desk, agent: Agent, conversation: str, priority: Priority) -> Done:
    found = await get_conversation(desk, agent, conversation)
    if found.priority is priority:
        return Done(found.id, "prioritised")
    because = f"{agent.name} set its priority to {priority}."
    details = {"priority": str(priority)}
    return await change(desk, agent, found, "prioritised", because, {"priority": priority}, details)


async def follow(desk: Desk, agent: Agent, conversation: str) -> Done:
    found = await get_conversation(desk, agent, conversation)
    if agent.id in found.followers:
        return Done(found.id, "followed")
    changes = {"followers": (*found.followers, agent.id)}
    return await change(desk, agent, found, "followed", f"{agent.name} follows it.", changes)


async def unfollow(desk: Desk, agent: Agent, conversation: str) -> Done:
    found = await get_conversation(desk, agent, conversation)
    if agent.id not in found.followers:
        return Done(found.id, "unfollowed")
    left = tuple(each for each in found.followers if each != agent.id)
    return await change(
        desk, agent, found, "unfollowed", f"{agent.name} does not follow it any more.", {"followers": left}
    )


# For good, and again


async def delete(desk: Desk, agent: Agent, conversation: str) -> int:
    """For good, with originals and files. What the platform hands us again of it stays away.

    Returns the number of entries deleted.

    The audit log keeps who did it, when, on which channel and how much it was; not what was said or by whom.
    """
    found = await desk.store.inbox.find_conversation(conversation)
    if found is None:
        raise NoSuchConversation("conversation_gone", conversation=conversation)
    access_deletion(agent, found)
    now = desk.clock()
    deleted = await clear_conversation(desk.store, conversation, now, "arrival_deleted")
    await tell(desk, "conversation_deleted", conversation, agent, None, now)
    details = {"entries": str(deleted), "channel": found.channel, "begun": found.created_at.isoformat()}
    await record(desk.store, desk.clock, agent, "conversation_deleted", target=conversation, details=details)
    return deleted


async def retry_delivery(desk: Desk, delivery: str, agent: Agent | None = None) -> Message:
    """Send again what failed or whose outcome is unknown: somebody decided that it shall be.

    `agent` None: whoever works at the machine itself. Raises NotPossible, NotAllowed.
    """
    message = await desk.store.inbox.find_entry(delivery)
    if not isinstance(message, Message) or message.delivery is None:
        raise NotPossible("delivery_gone", delivery=delivery)
    if agent is not None:
        access_conversation(agent, await get_conversation(desk, agent, message.conversation))
    now = desk.clock()
    stuck = (DeliveryState.FAILED, DeliveryState.UNSURE)
    also = {"due_at": now, "give_up_at": now + desk.give_up_after, "tries": 0}
    attempt = Attempt(now, "retry", "Sent again by hand.")
    moved = await desk.store.deliveries.move(message, stuck, DeliveryState.QUEUED, attempt=attempt, also=also)
    if not moved:
        raise NotPossible("not_to_retry", state=message.delivery.state)
    event = Event(
        id=new_id(now),
        kind="delivery_changed",
        at=now,
        conversation=message.conversation,
        entry=message.id,
        channel=message.channel,
    )
    await publish(desk.store, [event])
    return replace(message, delivery=replace(message.delivery, state=DeliveryState.QUEUED))


async def _move(
    desk: Desk,
    agent: Agent,
    found: Conversation,
    status: Status,
    kind: str,
    words: str,
    changes: Mapping[str, object],
    details: Mapping[str, str] | None = None,
) -> Done:
    if found.status is Status.MERGED:
        raise NotPossible("merged_already")
    because = f"{agent.name} {words}"
    return await change(desk, agent, found, kind, because, {"status": status, **changes}, details)


async def _mention(desk: Desk, found: Conversation, text: str) -> Sequence[str]:
    """Put it before those who are named in a text and may see it. Returns their ids."""
    if "@" not in text:
        return ()
    people = desk.store.people
    agents = [each for each in await people.list_agents() if may_see(each, found)]
    named = mentioned_in(text, agents, await people.list_teams())
    for each in named:
        await desk.store.inbox.add_mention(found.id, each)
    return named
