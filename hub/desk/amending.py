"""Changing what was said already: editing and deleting what we sent, reacting to what they said.

What is asked for is put down and shown at once as being on its way; whoever holds the channel carries it out
(`hub.outbox.amending`), and only then does the message change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hub.auth.access import NotAllowed
from hub.auth.audit import record
from hub.contract.capabilities import Capabilities, Surface
from hub.contract.connector import Connector, Deletes, Edits, Reacts
from hub.desk.changing import NotPossible
from hub.desk.choices import with_choices
from hub.desk.replying import Desk, NoSuchConversation, get_conversation
from hub.model.channels import Channel
from hub.model.ids import new_id
from hub.model.inbox import Amending, Amendment, DeliveryState, Message, Side
from hub.model.people import Agent, Role
from hub.outbox.amending import told
from hub.outbox.preflight import check_content
from hub.realtime import publish
from hub.registry import Registry

SENT = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)
USUAL = ("👍", "❤️", "🎉", "😂", "😮", "😢", "🙏", "👀", "✅")  # offered where a platform takes any emoji
OFFERED = 12
COLOURED = "\ufe0f"  # behind a sign that could be text: show it as an emoji


@dataclass(frozen=True, slots=True)
class Amendable:
    """What an agent may do to a message, as far as it can be known beforehand."""

    edit: bool = False
    delete: bool = False
    reactions: Sequence[str] = ()  # offered; any other emoji may be asked for where the platform takes all
    reacted: Sequence[str] = ()  # by us


async def edit_message(desk: Desk, agent: Agent, message: str, text: str) -> Message:
    """Say something else in its place. Raises NotPossible, NotSendable, NotAllowed, NoSuchConversation."""
    found, connector, can = await _mine(desk, agent, message)
    _check_window(can.edit_within if isinstance(connector, Edits) else None, found, desk.clock())
    if len(found.remote_ids) > 1:
        raise NotPossible("in_parts")
    content = replace(found.content, text=text.strip(), choices=())
    if can.choices:
        content = with_choices(content)
    check_content(content, can)
    same = (content.text, content.choices) == (found.content.text, found.content.choices)
    if same and found.amending is None:
        return found
    wanted = Amending(
        what=Amendment.EDIT, by=agent.id, at=desk.clock(), text=content.text, choices=content.choices
    )
    return await _ask(desk, agent, found, wanted)


async def delete_message(desk: Desk, agent: Agent, message: str, *, address: str | None = None) -> Message:
    """Take it back on the platform; what it said stays here, folded. Raises as `edit_message`."""
    found, connector, can = await _mine(desk, agent, message)
    _check_window(can.delete_within if isinstance(connector, Deletes) else None, found, desk.clock())
    done = await _ask(desk, agent, found, Amending(what=Amendment.DELETION, by=agent.id, at=desk.clock()))
    await record(desk.store, desk.clock, agent, "message_deleted", target=found.id, address=address or "")
    return done


async def react(desk: Desk, agent: Agent, message: str, emoji: str, *, on: bool) -> Message:
    """Raises NotPossible, NotAllowed, NoSuchConversation."""
    found, connector, can = await _of_channel(desk, agent, message)
    if found.side is Side.US:
        raise NotPossible("not_theirs_to_react")
    if can.reactions is None or not isinstance(connector, Reacts) or not found.remote_ids:
        raise NotPossible("amending_unsupported")
    emoji = emoji.strip()
    if not emoji or (can.reactions and emoji not in can.reactions):
        raise NotPossible("emoji_not_here", emoji=emoji or "–")
    if found.deleted_at is not None:
        raise NotPossible("gone_already")
    what = Amendment.REACTION if on else Amendment.UNREACTION
    return await _ask(desk, agent, found, Amending(what=what, by=agent.id, at=desk.clock(), emoji=emoji))


async def dismiss(desk: Desk, agent: Agent, message: str) -> Message:
    """Somebody has read that a change was refused. Raises NotPossible while it is still on its way."""
    found = await _message(desk, agent, message)
    if found.amending is None or not found.amending.problem:
        return found
    await desk.store.amendments.dismiss(found.id)
    await _tell(desk, agent, found)
    return replace(found, amending=None)


def amendable(
    registry: Registry, agent: Agent, channel: Channel | None, message: Message, now: datetime
) -> Amendable:
    """For what a page offers; the deeds check again."""
    if channel is None or channel.removed or message.deleted_at is not None or not message.remote_ids:
        return Amendable()
    connector = registry.reader(channel)
    can = connector.surfaces.get(Surface(message.surface))
    if can is None:
        return Amendable()
    if message.side is Side.CUSTOMER:
        return _reactable(connector, can, message, channel)
    if message.delivery is None or message.delivery.state not in SENT or not _may_amend(agent, message):
        return Amendable()
    edits = isinstance(connector, Edits) and len(message.remote_ids) == 1
    deletes = isinstance(connector, Deletes)
    return Amendable(
        edit=edits and _in_time(can.edit_within, message, now),
        delete=deletes and _in_time(can.delete_within, message, now),
    )


def _reactable(connector: Connector[Any], can: Capabilities, message: Message, channel: Channel) -> Amendable:
    if can.reactions is None or not isinstance(connector, Reacts):
        return Amendable()
    taken = {each.replace(COLOURED, ""): each for each in can.reactions}  # platforms write ❤ both ways
    usual = [taken.get(each.replace(COLOURED, ""), "") if taken else each for each in USUAL]
    usual = [each for each in usual if each]
    others = sorted(can.reactions - set(usual))
    reacted = [each.emoji for each in message.reactions if each.by == channel.id]
    return Amendable(reactions=(*usual, *others)[:OFFERED], reacted=reacted)


def _in_time(within: timedelta | None, message: Message, now: datetime) -> bool:
    return within is not None and now - message.at <= within


def _may_amend(agent: Agent, message: Message) -> bool:
    return message.author == agent.id or agent.role is not Role.AGENT


def _check_window(within: timedelta | None, message: Message, now: datetime) -> None:
    if within is None:
        raise NotPossible("amending_unsupported")
    if not _in_time(within, message, now):
        raise NotPossible("too_old_to_amend", hours=max(1, round(within.total_seconds() / 3600)))


async def _message(desk: Desk, agent: Agent, message: str) -> Message:
    found = await desk.store.inbox.find_entry(message)
    if not isinstance(found, Message):
        raise NoSuchConversation("message_gone")
    await get_conversation(desk, agent, found.conversation)
    return found


async def _of_channel(desk: Desk, agent: Agent, message: str) -> tuple[Message, Connector[Any], Capabilities]:
    found = await _message(desk, agent, message)
    channels = {each.id: each for each in await desk.store.channels.known.get()}
    channel = channels.get(found.channel)
    if channel is None or channel.removed:
        raise NotPossible("amending_unsupported")
    connector = desk.registry.reader(channel)
    can = connector.surfaces.get(Surface(found.surface))
    if can is None:
        raise NotPossible("amending_unsupported")
    return found, connector, can


async def _mine(desk: Desk, agent: Agent, message: str) -> tuple[Message, Connector[Any], Capabilities]:
    """A message of ours that was sent, and that this agent may change."""
    found, connector, can = await _of_channel(desk, agent, message)
    if found.side is not Side.US or found.delivery is None:
        raise NotPossible("not_ours_to_edit")
    if found.delivery.state not in SENT or not found.remote_ids:
        raise NotPossible("not_sent_yet", state=found.delivery.state)
    if found.deleted_at is not None:
        raise NotPossible("gone_already")
    if not _may_amend(agent, found):
        raise NotAllowed("amending_not_yours")
    return found, connector, can


async def _ask(desk: Desk, agent: Agent, found: Message, wanted: Amending) -> Message:
    now = desk.clock()
    await desk.store.amendments.put(found, wanted, new_id(now), now, now + desk.give_up_after)
    await _tell(desk, agent, found)
    return replace(found, amending=wanted)


async def _tell(desk: Desk, agent: Agent, found: Message) -> None:
    now = desk.clock()
    await publish(desk.store, [told(found, "amendment_changed", new_id(now), now, agent.id)])
