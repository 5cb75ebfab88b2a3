"""What an agent was told of: to look at, to have seen, and to choose how. Everybody sees their own alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import available_timezones

from hub.auth.access import may_see
from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.model.inbox import Conversation
from hub.model.notices import (
    DEFAULT_WAYS,
    Digest,
    Notice,
    NoticeKind,
    NoticeSettings,
    Pace,
    QuietHours,
    Way,
)
from hub.model.people import Agent, Role
from hub.notifying.deciding import at_home
from hub.notifying.digesting import grouped
from hub.notifying.telling import publish_changed

DAY = 24 * 60  # minutes


class NoSuchNotice(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Group:
    """What there is to know about one conversation; None: about something else. Newest first."""

    conversation: Conversation | None
    notices: Sequence[Notice]

    @property
    def key(self) -> str:
        return self.conversation.id if self.conversation else self.notices[0].id


async def open_notices(desk: Desk, agent: Agent) -> list[Group]:
    """What they have not seen and is still true, for the page."""
    found = await desk.store.notices.open_of(agent.id)
    ids = sorted({each.conversation for each in found if each.conversation})
    conversations = await desk.store.inbox.find_conversations(ids)
    shown = [each for each in found if Way.PAGE in each.ways or Way.BROWSER in each.ways]
    groups = [Group(conversation, notices) for conversation, notices in grouped(shown, conversations)]
    return [each for each in groups if _may_be_shown(agent, each)]


def _may_be_shown(agent: Agent, group: Group) -> bool:
    if group.conversation is None:
        return group.notices[0].conversation is None
    return may_see(agent, group.conversation)


async def list_notices(desk: Desk, agent: Agent, before: datetime | None, limit: int) -> list[Notice]:
    """Everything they were told of what they may still see, newest first; at most `limit`."""
    found = await desk.store.notices.list_of(agent.id, before, limit)
    ids = sorted({each.conversation for each in found if each.conversation})
    conversations = await desk.store.inbox.find_conversations(ids)
    return [each for each in found if each.conversation is None or _sees(agent, conversations, each)]


def _sees(agent: Agent, conversations: Mapping[str, Conversation], notice: Notice) -> bool:
    found = conversations.get(notice.conversation or "")
    return found is not None and may_see(agent, found)


async def see_notice(desk: Desk, agent: Agent, notice: str) -> Notice:
    """Raises NoSuchNotice."""
    found = await desk.store.notices.find(notice)
    if found is None or found.agent != agent.id:
        raise NoSuchNotice(f"There is no notice {notice}.")
    await _see(desk, agent, [notice])
    return await desk.store.notices.find(notice) or found


async def see_conversation(desk: Desk, agent: Agent, conversation: str) -> int:
    """They look at it, in whatever browser: what it was told for is seen. Returns how many notices."""
    about = await desk.store.notices.open_about([conversation])
    return await _see(desk, agent, [each.id for each in about if each.agent == agent.id])


async def see_all(desk: Desk, agent: Agent) -> int:
    return await _see(desk, agent, [each.id for each in await desk.store.notices.open_of(agent.id)])


async def _see(desk: Desk, agent: Agent, notices: Sequence[str]) -> int:
    now = desk.clock()
    count = await desk.store.notices.see(notices, now)
    if count:
        await publish_changed(desk.store, [agent.id], now)
    return count


# How they want to be told


def kinds_for(agent: Agent) -> list[NoticeKind]:
    """Those that may ever concern them."""
    admin = agent.role is Role.ADMIN
    return [each for each in NoticeKind if admin or each not in (NoticeKind.CHANNEL, NoticeKind.WEBHOOK)]


async def notice_settings(desk: Desk, agent: Agent) -> NoticeSettings:
    found = await desk.store.notices.settings_of([agent.id])
    return at_home(found.get(agent.id) or NoticeSettings(id=agent.id), agent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What an agent may choose."""

    ways: Mapping[NoticeKind, tuple[Way, ...]]
    muted_channels: tuple[str, ...] = ()
    muted_teams: tuple[str, ...] = ()
    quiet: QuietHours | None = None
    pace: Pace = Pace.HOUR
    daily_at: int = 8 * 60
    sound: bool = False


async def save_notice_settings(desk: Desk, agent: Agent, wishes: Wishes) -> NoticeSettings:
    """Raises NotPossible."""
    clocks = [wishes.daily_at, *([wishes.quiet.since, wishes.quiet.until] if wishes.quiet else [])]
    if any(not 0 <= each < DAY for each in clocks):
        raise NotPossible("time_of_day")
    now = await notice_settings(desk, agent)
    saved = replace(
        now,
        ways={each: ways for each, ways in wishes.ways.items() if ways != DEFAULT_WAYS[each]},
        muted_channels=wishes.muted_channels,
        muted_teams=wishes.muted_teams,
        quiet=wishes.quiet,
        pace=wishes.pace,
        daily_at=wishes.daily_at,
        sound=wishes.sound,
    )
    await desk.store.notices.save_settings(saved)
    return saved


async def remember_place(desk: Desk, agent: Agent, language: str, zone: str) -> NoticeSettings:
    """Where and in which language they read now, as their browser says: for mails and quiet hours."""
    now = await notice_settings(desk, agent)
    if (now.language, now.zone) == (language, zone) or zone not in available_timezones():
        return now
    moved = replace(now, language=language, zone=zone)
    await desk.store.notices.save_settings(moved)
    return moved


async def stop_mails(desk: Desk, agent: str) -> bool:
    """For whoever followed the link in a digest. False: there is no such agent."""
    if await desk.store.people.find_agent(agent) is None:
        return False
    found = await desk.store.notices.settings_of([agent])
    now = found.get(agent) or NoticeSettings(id=agent)
    await desk.store.notices.save_settings(replace(now, pace=Pace.OFF))
    return True


async def last_digest(desk: Desk, agent: Agent) -> Digest | None:
    return await desk.store.notices.last_digest(agent.id)
