"""What is thought of messages before rules have their say: spam, urgency, mood. For a batch at once."""

import asyncio
from collections.abc import Mapping, Sequence

from hub.ingest.parcels import Parcel
from hub.judging.sentiment import sentiment_of
from hub.judging.spam import suspect
from hub.judging.terms import terms_of
from hub.judging.urgency import urgency_of
from hub.store import Store
from hub.store.spam import BUCKETS, History, Learnt


async def judge(store: Store, parcels: Sequence[Parcel]) -> None:
    """One round trip for those who wrote before; what was learnt from marks is remembered."""
    learnt = await store.spam.learnt()
    senders = await store.spam.histories(_those_known(parcels))
    await asyncio.to_thread(_judge_all, parcels, senders, learnt)


def _judge_all(parcels: Sequence[Parcel], senders: Mapping[str, History], learnt: Learnt) -> None:
    for each in parcels:
        text = f"{each.content.subject or ''}\n{each.content.text}"
        known = each.conversation.language if each.conversation else None
        language = each.language or known
        each.urgency = urgency_of(text, language)
        each.sentiment = sentiment_of(text, language)
        terms = terms_of(text, BUCKETS) if learnt.bad else {}
        sender = _sender_of(each, senders)
        each.suspicion = suspect(each.event.flags, sender, terms, learnt.counts, learnt.bad, learnt.good)


def _sender_of(parcel: Parcel, senders: Mapping[str, History]) -> History:
    found = senders.get(parcel.identity.customer if parcel.identity else "", History())
    ours = parcel.customer is not None and bool(parcel.customer.vip or parcel.customer.owner)
    return History(answered=found.answered or ours, marked=found.marked)


def _those_known(parcels: Sequence[Parcel]) -> list[str]:
    """Customers. Whoever writes for the first time has no past to look for."""
    known = [
        each.identity.customer
        for each in parcels
        if each.identity and (each.conversation is not None or each.identity.first_seen_at < each.event.at)
    ]
    return list(dict.fromkeys(known))
