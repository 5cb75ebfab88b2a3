"""What rules say of messages that came in: who gets what is new, what follows from an answer."""

from collections.abc import Collection, Mapping, Sequence

from hub.dispatch import About, Dispatch, Following, Office, arrived, happened
from hub.dispatch.reopening import keep_agent
from hub.ingest.parcels import Parcel
from hub.model.inbox import Conversation, Message, Status
from hub.model.rules import Trigger


async def reopened(dispatch: Dispatch, parcels: Sequence[Parcel], changing: Collection[str]) -> Following:
    """Who had what is reopened keeps it if they can; else it goes back to the queue of its team.

    `changing`: the conversations that are going to be written, by their ids.
    """
    following = Following()
    for parcel in parcels:
        found = parcel.conversation
        if found and parcel.placement and parcel.placement.reopens and found.id in changing:
            left, kept = await keep_agent(dispatch, found)
            following.add(kept)
            for each in parcels:
                if each.conversation and each.conversation.id == left.id:
                    each.conversation = left
    return following


async def ruled(
    dispatch: Dispatch,
    parcels: Sequence[Parcel],
    opened: Mapping[str, Conversation],
    messages: Mapping[str, Message],
) -> Following:
    """`opened`: the conversations that are new, by id; `messages`: by the journal entry they came by."""
    following = Following()
    office = await dispatch.office()
    for parcel in parcels:
        message = messages[parcel.journal]
        about = About(message=message, customer=parcel.customer, identity=parcel.identity)
        new = opened.get(parcel.conversation_id) if parcel.opened else _left(parcel, message)
        if new is not None:
            following.add(await arrived(dispatch, office, new, parcel.channel, about))
        elif parcel.conversation is not None:
            following.add(await _replied(dispatch, office, parcel.conversation, about))
    return following


def _left(parcel: Parcel, message: Message) -> Conversation | None:
    """What this message opened, if a run died before the rules were asked."""
    found = parcel.conversation
    untouched = found is not None and found.version == 0 and found.last.entry == message.id
    return found if untouched else None


async def _replied(dispatch: Dispatch, office: Office, before: Conversation, about: About) -> Following:
    if not before.level and not office.listens(Trigger.REPLIED):
        return Following()
    found = await dispatch.store.inbox.find_conversation(before.id)
    if found is None or found.status is Status.SPAM:
        return Following()
    following = await happened(dispatch, found, Trigger.REPLIED, about)
    if found.level:
        following.levels.append(found.id)
    return following
