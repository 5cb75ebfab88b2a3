"""Asks customers how content they are, once, some time after a conversation was resolved.

The question is a message like a rule's: marked as automatic, checked before it leaves, shown in the timeline.
But the conversation stays as it is: nobody has answered the customer by it, nothing is due later or reopened.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from hub.contract.capabilities import Capabilities, Surface, Visibility
from hub.csat.links import token_for
from hub.csat.plan import plan_of
from hub.csat.wording import language_for, question_in, with_buttons, with_link, with_links
from hub.desk.reaching import Place
from hub.desk.replying import Desk, Draft, said_lately
from hub.desk.wording import chosen_place, compose
from hub.model.events import Event
from hub.model.ids import derived_id
from hub.model.inbox import Activity, Conversation, Message, Side, Status
from hub.model.people import Agent, Role
from hub.model.ratings import BY, FEEDBACK, Rating, RatingPlan
from hub.model.sentences import sentence
from hub.outbox.preflight import NotSendable
from hub.realtime import publish
from hub.store import StoreUnavailable
from hub.store.inbox import thread_id

log = structlog.get_logger()

LOOK = 3.0  # seconds
AT_ONCE = 200
BACK = timedelta(days=1)  # so far back it is looked after a start
OVERLAP = timedelta(seconds=30)  # clocks differ, and writes take their time
SURFACES = (Surface.EMAIL, Surface.DIRECT)
MACHINES = frozenset({"auto_reply", "automatic", "bounce", "list", "spam", "complaint"})


@dataclass(slots=True)
class Asker:
    """Any number of processes may run one: a question has the id of what it is about, and is sent once."""

    desk: Desk
    url: str  # where customers reach us
    looked: datetime | None = None  # what was resolved until then has been looked at

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except StoreUnavailable:
                log.warning("customers cannot be asked how content they are just now")
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        plan = await plan_of(self.desk)
        if not plan.enabled or plan.since is None:
            self.looked = None
            return
        until = self.desk.clock() - timedelta(minutes=plan.delay_minutes)
        since = max(plan.since, until - BACK, (self.looked or plan.since) - OVERLAP)
        while since < until:
            found = await self.desk.store.lapsed.resolved(since, until, AT_ONCE)
            known = await self.desk.store.ratings.sent_of([rating_id(each) for each in found])
            for each in found:
                if rating_id(each) not in known:
                    await ask(self.desk, plan, each, self.url)
            last = found[-1].resolved_at if found else None
            if len(found) < AT_ONCE or last is None:
                break
            since = max(last - timedelta(milliseconds=1), since + timedelta(milliseconds=1))
        self.looked = until


def rating_id(conversation: Conversation) -> str:
    at = conversation.resolved_at or conversation.activity_at
    return derived_id("rating", conversation.id, at.isoformat())


async def ask(desk: Desk, plan: RatingPlan, found: Conversation, url: str) -> Rating | None:
    """None: they are not to be asked."""
    messages = await said_lately(desk, found)
    if not _fits(plan, found, messages):
        return None
    theirs = [each for each in messages if each.side is Side.CUSTOMER]
    customers = await desk.store.people.find_customers([found.customer])
    customer, members = customers.get(found.customer), await desk.store.people.members_of(found.customer)
    consents = await desk.store.consents.of_customers(members)
    if not _willing([each.given for each in consents if each.purpose.casefold() == FEEDBACK]):
        return None
    now = desk.clock()
    language = language_for(plan, customer.language if customer else None, found.language)
    rating = Rating(
        id=rating_id(found),
        conversation=found.id,
        customer=found.customer,
        identity=theirs[-1].author,
        channel=theirs[-1].channel,
        platform=theirs[-1].platform,
        place=thread_id(theirs[-1].channel, theirs[-1].thread),
        entry=derived_id("question", rating_id(found)),
        language=language,
        question=question_in(plan, language),
        agent=found.agent,
        team=found.team,
        asked_at=now,
        until=now + timedelta(days=plan.open_days),
    )
    kept = await desk.store.ratings.add(rating)
    if kept.sent or await _asked_lately(desk, plan, kept, members):
        return None
    return await _send(desk, found, messages, kept, url)


def _fits(plan: RatingPlan, found: Conversation, messages: Sequence[Message]) -> bool:
    """Somebody wrote to us in private, not a machine, and somebody of us answered."""
    if found.status is not Status.RESOLVED or found.visibility != Visibility.PRIVATE:
        return False
    theirs = [each for each in messages if each.side is Side.CUSTOMER]
    if not theirs or theirs[-1].surface not in SURFACES or MACHINES & set(theirs[-1].flags):
        return False
    if plan.channels and theirs[-1].channel not in plan.channels:
        return False
    ours = [each for each in messages if each.side is Side.US]
    return any(each.delivery is None or not each.delivery.automated for each in ours)


def _willing(said: Sequence[bool]) -> bool:
    """By what they said of being asked, the newest first; who never spoke of it may be asked."""
    return said[0] if said else True


async def _asked_lately(desk: Desk, plan: RatingPlan, rating: Rating, members: Sequence[str]) -> bool:
    """Whether somebody else asks them as well, or has. Of two who ask at once, the first may: both look after
    both are written."""
    since = rating.asked_at - timedelta(days=plan.rest_days)
    others = [each for each in await desk.store.ratings.of_customers(members) if each.id != rating.id]
    mine = (rating.asked_at, rating.id)
    if not any(since < each.asked_at and (each.asked_at, each.id) < mine for each in others):
        return False
    await desk.store.ratings.drop(rating.id)
    return True


async def _send(
    desk: Desk, found: Conversation, messages: Sequence[Message], rating: Rating, url: str
) -> Rating | None:
    now = desk.clock()
    writer = Agent(id=BY, name="Hubbub", email="", role=Role.ADMIN, created_at=now)
    try:
        place = await chosen_place(desk, found, messages, None)
        if place.surface not in SURFACES or place.visibility != Visibility.PRIVATE:
            raise NotSendable("place_unusable")
        text = _text(desk, place, rating, url)
        draft = Draft(text=text, automated=True, wait=timedelta())
        message = await compose(desk, writer, found, messages, draft, rating.entry, now)
    except NotSendable as problem:
        await _refused(desk, rating, problem, now)
        return None
    place_of = thread_id(message.channel, message.thread)
    await desk.store.inbox.add_entries([message])
    await desk.store.ratings.change(rating, {"sent": True, "channel": message.channel, "place": place_of})
    queued = Event(
        id=derived_id("queued", message.id),
        kind="message_queued",
        at=now,
        conversation=found.id,
        entry=message.id,
        channel=message.channel,
        by=BY,
    )
    await publish(desk.store, [queued])
    return replace(rating, sent=True, channel=message.channel, place=place_of)


def _text(desk: Desk, place: Place, rating: Rating, url: str) -> str:
    """Buttons where the platform has them; else links to the page where they can say it."""
    can: Capabilities | None = desk.registry.reader(place.channel).surfaces.get(Surface(place.surface))
    if can is not None and can.choices:
        return with_buttons(rating.question, rating.language)
    link = f"{url.rstrip('/')}/rating/{token_for(desk, rating.id)}"
    if place.surface == Surface.EMAIL:
        return with_links(rating.question, rating.language, link)
    return with_link(rating.question, link)


async def _refused(desk: Desk, rating: Rating, problem: NotSendable, now: datetime) -> None:
    """Not tried again, and no reason to leave them alone next time."""
    fact = Activity(
        id=derived_id("not_asked", rating.id),
        conversation=rating.conversation,
        at=now,
        kind="not_asked",
        by=BY,
        because=sentence("not_asked", problem=problem),
    )
    await desk.store.inbox.add_entries([fact])
    await desk.store.ratings.drop(rating.id)
