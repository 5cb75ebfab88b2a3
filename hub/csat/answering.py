"""What a customer answers: kept, shown in the timeline, heard by rules; what they tapped in a chat, too.

A score reopens nothing, however late it comes: who only says how content they are asks for nothing, and an
agent who resolved a matter must not find it open again because of a number. A comment stands beside it. Who
ticks that they would like an answer to it has written to us: the comment comes in as their message, and
the conversation is open and waits for us like after any other.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from hub.csat.links import rating_named
from hub.csat.wording import score_in, typed_score
from hub.desk.changing import NotPossible
from hub.desk.replying import MERGES, Desk
from hub.dispatch import finish, happened
from hub.dispatch.reopening import keep_agent
from hub.ingest.parcels import summary_change
from hub.model.content import Content
from hub.model.customers import Consent
from hub.model.events import Event
from hub.model.ids import derived_id, new_id
from hub.model.inbox import Activity, Conversation, Message, Side, Status
from hub.model.journal import Outcome
from hub.model.ratings import FEEDBACK, SCORES, Rating
from hub.model.rules import Trigger
from hub.model.sentences import sentence
from hub.realtime import publish

COMMENT_MOST = 5_000
TRIES = 5
Ended = tuple[Outcome, str | None, str]


async def find_rating(desk: Desk, token: str) -> Rating | None:
    """What a link asks. None: it is not ours, or nobody is asked that any more."""
    named = rating_named(desk, token)
    return await desk.store.ratings.find(named) if named else None


async def answer(
    desk: Desk, rating: Rating, score: int, comment: str | None = None, *, wishes: bool = False
) -> Rating:
    """Keep what they say; said again, it corrects what they said. `comment` None: as it was.

    `wishes`: they would like an answer. Raises NotPossible.
    """
    now = desk.clock()
    if now > rating.until:
        raise NotPossible("rating_late")
    if score not in SCORES:
        raise NotPossible("rating_score")
    text = rating.comment if comment is None else comment.strip()
    if len(text) > COMMENT_MOST:
        raise NotPossible("rating_comment", most=COMMENT_MOST)
    if wishes and not text:
        raise NotPossible("rating_wish")
    found = await _conversation_of(desk, rating)
    if found is None:
        raise NotPossible("rating_gone")
    if (score, text) != (rating.score, rating.comment):
        changes = {"score": score, "comment": text, "answered_at": now, "changes": rating.changes + 1}
        where = {"state": "answered", "conversation": found.id}
        if not await desk.store.ratings.change(rating, {**changes, **where}):
            raise NotPossible("changed_meanwhile")
        answered = replace(rating, score=score, comment=text, answered_at=now, changes=rating.changes + 1)
        await _show(desk, found, rating, answered, now)
        rating = answered
    if wishes:
        await _write(desk, rating, now)
    return rating


async def _conversation_of(desk: Desk, rating: Rating) -> Conversation | None:
    """Where it is by now, if it was merged."""
    found = await desk.store.inbox.find_conversation(rating.conversation)
    for _ in range(MERGES):
        if found is None or found.merged_into is None:
            break
        found = await desk.store.inbox.find_conversation(found.merged_into)
    return found


async def _show(desk: Desk, found: Conversation, was: Rating, rating: Rating, now: datetime) -> None:
    """On the conversation, in its timeline, to pages and rules. Rules hear of a score, not of words alone."""
    said = sentence("rated", score=rating.score)
    if was.score not in (None, rating.score):
        said = sentence("rated_anew", was=was.score, score=rating.score)
    details = {"score": str(rating.score), "was": str(was.score or ""), "comment": rating.comment}
    fact = Activity(
        id=derived_id("rated", rating.id, str(rating.changes)),
        conversation=found.id,
        at=now,
        kind="rated",
        by=rating.identity,
        because=said,
        details={key: value for key, value in details.items() if value},
    )
    await desk.store.inbox.add_entries([fact])
    current: Conversation | None = found
    for _ in range(TRIES):
        if current is None or await desk.store.inbox.change_conversation(current, {"csat": rating.score}):
            break
        current = await desk.store.inbox.find_conversation(found.id)
    told = Event(
        id=derived_id("changed", fact.id),
        kind="conversation_changed",
        at=now,
        conversation=found.id,
        entry=fact.id,
        by=rating.identity,
        details={"what": "rated"},
    )
    await publish(desk.store, [told])
    current = await desk.store.inbox.find_conversation(found.id)
    if current is not None and was.score != rating.score and current.status is not Status.SPAM:
        await finish(desk.dispatch, await happened(desk.dispatch, current, Trigger.CSAT), "csat")


async def _write(desk: Desk, rating: Rating, now: datetime) -> None:
    """Their comment, as what they wrote to us. The same comment comes in once.

    Long because it spells out a message field by field.
    """
    found, asked = await _conversation_of(desk, rating), await desk.store.inbox.find_entry(rating.entry)
    if found is None or not isinstance(asked, Message):
        raise NotPossible("rating_gone")
    identity = (await desk.store.people.find_identities([rating.identity])).get(rating.identity)
    message = Message(
        id=derived_id("comment", rating.id, rating.comment),
        conversation=found.id,
        at=now,
        channel=asked.channel,
        platform=asked.platform,
        thread=asked.thread,
        side=Side.CUSTOMER,
        author=rating.identity,
        author_name=(identity.name or identity.key) if identity else found.customer_name,
        content=Content(text=rating.comment, subject=asked.content.subject),
        visibility=asked.visibility,
        surface=asked.surface,
        related=tuple(dict.fromkeys([*asked.related, *asked.remote_ids[:1]])),
        because=sentence("comment_asks"),
    )
    if await desk.store.inbox.find_entry(message.id) is not None:
        return
    resolved = found.status is Status.RESOLVED
    change = summary_change(found, message) or {}
    found, following = await keep_agent(desk.dispatch, found)
    entries = [_reopened(found, message), message] if resolved else [message]
    await desk.store.inbox.add_entries(entries)
    await desk.store.inbox.update_conversations([(found.id, change)], [found])
    received = Event(
        id=derived_id("received", message.id),
        kind="message_received",
        at=now,
        conversation=found.id,
        entry=message.id,
        channel=message.channel,
    )
    following.events[:0] = [received]
    current = await desk.store.inbox.find_conversation(found.id)
    if current is not None and current.status is not Status.SPAM:
        following.add(await happened(desk.dispatch, current, Trigger.REPLIED))
        following.levels += [current.id] if current.level else []
    await finish(desk.dispatch, following, "replied")


def _reopened(found: Conversation, message: Message) -> Activity:
    return Activity(
        id=derived_id("reopened", message.id),
        conversation=found.id,
        at=message.at,
        kind="reopened",
        by="hub",
        because=sentence("comment_asks"),
        details={"reason": "comment_asks"},
    )


async def stop_asking(desk: Desk, rating: Rating) -> None:
    """They want to be asked no more: written down like any consent that is taken back."""
    now = desk.clock()
    consent = Consent(
        id=new_id(now),
        customer=rating.customer,
        purpose=FEEDBACK,
        given=False,
        at=now,
        where="rating",
        by=rating.identity,
        recorded_at=now,
    )
    await desk.store.consents.add(consent)


async def said_in_chats(desk: Desk, said: Mapping[str, tuple[str, str]]) -> Mapping[str, Ended]:
    """How those messages end that answer a question of ours: by their key, thread and text.

    What is on a button always does; a bare number does while nothing else was said since.
    """
    asked: dict[str, Rating] = {}
    for each in await desk.store.ratings.in_places(list({place for place, _ in said.values()})):
        asked.setdefault(each.place, each)
    ended: dict[str, Ended] = {}
    for key, (place, text) in said.items():
        rating = asked.get(place)
        if rating is None or not rating.sent or desk.clock() > rating.until:
            continue
        score = score_in(text, rating.language) or await _typed(desk, rating, text)
        if score is None:
            continue
        try:
            await answer(desk, rating, score)
        except NotPossible:
            continue
        ended[key] = (Outcome.DELIVERED, rating.conversation, "")
    return ended


async def _typed(desk: Desk, rating: Rating, text: str) -> int | None:
    score = typed_score(text)
    found = await _conversation_of(desk, rating) if score else None
    quiet = found is not None and found.status is Status.RESOLVED and found.last.at <= rating.asked_at
    return score if quiet else None
