"""Tries rules on the last days as they are stored: reads, asks the router, writes nothing.

Each conversation stands before the rules as it was when it arrived: no team, tags or fields, usual priority,
and its first message as it was first written. Of customers, only what is known today is kept, so that is what
rules see of them. When agents were online is not kept: they count as there in their hours.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.contract.rehearsal import Course, Measures, Past, Staff, Trial
from hub.dispatch.facts import facts_of, owner_of
from hub.dispatch.fillers import is_vip, of_load
from hub.dispatch.office import Dispatch, Office
from hub.dispatch.reckoning import turn_of
from hub.model.channels import Channel
from hub.model.inbox import Conversation, Message, Priority, Status
from hub.model.rules import Rule, Segment, Trigger
from hub.model.service import Happened, Turn
from hub.model.staffing import AgentPlan
from hub.store.moments import Moment
from hub.store.shelves import by_status, ms_of

MOST = 2_000  # conversations, the latest; further back is not read
TIMELINE_MOST = 2_000  # entries; a conversation that has more is left out
AT_ONCE = 100
SHOWN_MOST = 500  # conversations that would go elsewhere
THERE = (Status.OPEN, Status.SNOOZED, Status.RESOLVED, Status.SPAM)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where conversations are: with a team or with none, or out of the way."""

    team: str | None
    away: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    was: Spot
    would: Spot
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A conversation that would have gone somewhere else than it is."""

    conversation: str
    subject: str
    customer_name: str
    at: datetime
    was: Course
    would: Course


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    since: datetime
    until: datetime
    conversations: int
    cut: bool  # there were more, further back, which were not read
    too_long: int  # conversations that were left out because of their length
    not_asked: tuple[str, ...]  # rules that only listen to what comes later
    moves: tuple[Move, ...]
    elsewhere: tuple[Elsewhere, ...]  # SHOWN_MOST at most, the latest first
    changed: int  # how many these are
    tried: Measures
    truly: Measures


@dataclass(frozen=True, slots=True)
class _Read:
    """`past` goes along with the conversations."""

    conversations: list[Conversation]
    past: list[Past]
    cut: bool
    too_long: int


async def rehearse(
    dispatch: Dispatch, rules: Sequence[Rule], days: int, segments: Mapping[str, Segment] | None = None
) -> Rehearsal:
    """`segments`: instead of those there are."""
    until = dispatch.clock()
    office = await dispatch.office()
    office = replace(office, rules=tuple(rules), segments=office.segments if segments is None else segments)
    read = await _read(dispatch, office, until - timedelta(days=days), until)
    trial = Trial(
        past=read.past,
        rules=office.rules,
        reading=office.reading,
        plans=office.teams,
        staff=await _staff(dispatch, office),
        hours=office.hours,
        levels=office.levels,
        ends=until,
        crowded=of_load,
    )
    found = await asyncio.to_thread(dispatch.router.rehearse, trial)
    elsewhere = _elsewhere(read, found.courses)
    return Rehearsal(
        since=until - timedelta(days=days),
        until=until,
        conversations=len(read.past),
        cut=read.cut,
        too_long=read.too_long,
        not_asked=tuple(each.name for each in rules if each.enabled and Trigger.ARRIVED not in each.on),
        moves=_moves(read.past, found.courses),
        elsewhere=tuple(elsewhere[:SHOWN_MOST]),
        changed=len(elsewhere),
        tried=found.tried,
        truly=found.truly,
    )


async def _staff(dispatch: Dispatch, office: Office) -> list[Staff]:
    agents = [each for each in await dispatch.store.people.list_agents() if not each.disabled]
    return [
        Staff(
            agent=each.id,
            name=each.name,
            plan=office.agents.get(each.id) or AgentPlan(id=each.id),
            teams=each.teams,
        )
        for each in agents
    ]


async def _read(dispatch: Dispatch, office: Office, since: datetime, until: datetime) -> _Read:
    channels = {each.id: each for each in await dispatch.store.channels.list_channels(removed=True)}
    read = _Read([], [], cut=False, too_long=0)
    start: int | None = ms_of(until)
    known: set[str] = set()
    while start is not None:
        page = await dispatch.store.views.read([by_status(each) for each in THERE], start, AT_ONCE)
        begun = [each for each in page.rows if each.created_at >= since and each.id not in known]
        for each in begun:
            if len(read.past) == MOST:
                return replace(read, cut=True)
            known.add(each.id)
            past = await _past_of(dispatch, office, each, channels.get(each.channel))
            if past is None:
                read = replace(read, too_long=read.too_long + 1)
            else:
                read.conversations.append(each)
                read.past.append(past)
        if page.rows and page.rows[-1].activity_at < since:
            break
        start = page.position
    return read


async def _past_of(
    dispatch: Dispatch, office: Office, conversation: Conversation, channel: Channel | None
) -> Past | None:
    """None: it is too long to be read."""
    moments = await _moments(dispatch, conversation)
    if moments is None:
        return None
    store = dispatch.store
    message = await _first_message(dispatch, moments)
    customer = (await store.people.find_customers([conversation.customer])).get(conversation.customer)
    identities = await store.people.find_identities([message.author]) if message else {}
    return Past(
        id=conversation.id,
        arrived=conversation.created_at,
        facts=facts_of(
            _as_arrived(conversation),
            message,
            customer,
            identities.get(message.author) if message else None,
            office=office,
            router=dispatch.router,
            now=conversation.created_at,
        ),
        surface=conversation.surface,
        weight=office.workplace.weight_of(conversation.surface),
        language=conversation.language,
        person=conversation.person or conversation.customer,
        owner=owner_of(customer),
        vip=is_vip(customer),
        blocked=bool(customer and customer.blocked),
        channel=channel.name if channel else "",
        home=channel.team if channel else None,
        history=_history(moments),
        truly=_truly(conversation, moments),
    )


async def _moments(dispatch: Dispatch, conversation: Conversation) -> list[Moment] | None:
    """Oldest first."""
    found: list[Moment] = []
    async for page in dispatch.store.moments.pages(conversation):
        found += page
        if len(found) > TIMELINE_MOST:
            return None
    return found[::-1]


async def _first_message(dispatch: Dispatch, moments: Sequence[Moment]) -> Message | None:
    """Of the customer, as it was first written."""
    said = next((each for each in moments if each.side == "customer"), None)
    entry = await dispatch.store.inbox.find_entry(said.id) if said else None
    return _as_written(entry) if isinstance(entry, Message) else None


def _history(moments: Sequence[Moment]) -> tuple[Happened, ...]:
    """Of several of the same turn after each other, the first counts."""
    found: list[Happened] = []
    for each in moments:
        turn = turn_of(each)
        if turn is not None and not (found and found[-1].turn is turn):
            found.append(Happened(turn, each.at))
    return tuple(found)


def _truly(conversation: Conversation, moments: Sequence[Moment]) -> Course:
    given = (each.at for each in moments if each.kind == "assigned" and each.details.get("agent"))
    ours = (each for each in moments if turn_of(each) not in (None, Turn.WROTE))
    first = next(ours, None)
    put_away = first is not None and first.kind == "ruled"
    return Course(
        team=conversation.team,
        agent=conversation.agent,
        given_at=next(given, None),
        away=put_away or conversation.status is Status.SPAM,
        level=conversation.level,
    )


def _as_arrived(conversation: Conversation) -> Conversation:
    """Without all that came later, as far as it cannot be told when."""
    return replace(
        conversation,
        status=Status.OPEN,
        waiting_since=conversation.created_at,
        priority=Priority.NORMAL,
        team=None,
        agent=None,
        level=None,
        tags=(),
        fields={},
        csat=None,
    )


def _as_written(message: Message) -> Message:
    if not message.edits:
        return message
    first = min(message.edits, key=lambda each: each.at)
    return replace(message, content=replace(message.content, text=first.text))


def _spot(course: Course) -> Spot:
    return Spot(None, away=True) if course.away else Spot(course.team)


def _moves(past: Sequence[Past], courses: Mapping[str, Course]) -> tuple[Move, ...]:
    """The most frequent first."""
    counted = Counter((_spot(each.truly), _spot(courses[each.id])) for each in past if each.id in courses)
    return tuple(Move(was, would, count) for (was, would), count in counted.most_common())


def _elsewhere(read: _Read, courses: Mapping[str, Course]) -> list[Elsewhere]:
    found = [
        Elsewhere(
            conversation=each.id,
            subject=each.subject or each.last.preview,
            customer_name=each.customer_name,
            at=past.arrived,
            was=past.truly,
            would=courses[past.id],
        )
        for each, past in zip(read.conversations, read.past, strict=True)
        if past.id in courses and _goes_elsewhere(past.truly, courses[past.id])
    ]
    return sorted(found, key=lambda each: (each.at, each.conversation), reverse=True)


def _goes_elsewhere(was: Course, would: Course) -> bool:
    """Another agent counts where a rule asks for one: who of a team gets something is a matter of the day."""
    return _spot(was) != _spot(would) or bool(would.asked and would.agent != was.agent)
