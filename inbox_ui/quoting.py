"""Which message another one answers, and which may be answered by itself. Pure.

Mail is left out: its texts quote, and an answer to it goes on with the whole thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.desk.composing import ComposerRules
from hub.desk.reaching import Place
from hub.model.inbox import Entry, Message, Side
from hub.model.previews import preview_of


@dataclass(frozen=True, slots=True)
class Quote:
    """`entry` "": it is not on this page."""

    entry: str = ""
    who: str = ""
    text: str = ""


def quotes_of(entries: Sequence[Entry]) -> Mapping[str, Quote]:
    """By the message that answers. What everybody sees anyway is left out: an answer right below what it
    answers, and one of ours to what they said last."""
    said = [each for each in entries if isinstance(each, Message)]
    named = {(each.channel, name): each for each in said for name in each.remote_ids}
    quotes: dict[str, Quote] = {}
    last: Message | None = None
    theirs: Message | None = None
    for each in said:
        if each.reply_to and each.surface != "email":
            answered = named.get((each.channel, each.reply_to))
            obvious = answered is not None and answered is (theirs if each.side is Side.US else last)
            if answered is not None and not obvious:
                quotes[each.id] = Quote(answered.id, answered.author_name, _words(answered))
            elif answered is None and each.side is Side.CUSTOMER:
                quotes[each.id] = Quote()
        last = each
        theirs = each if each.side is Side.CUSTOMER else theirs
    return quotes


def answerable(entries: Sequence[Entry], place: Place | None, limits: ComposerRules | None) -> frozenset[str]:
    """The messages that can be answered by themselves, where the answer goes."""
    if place is None or limits is None or not limits.quotes or limits.closed or place.surface == "email":
        return frozenset()
    here = (place.channel.id, place.thread)
    return frozenset(
        each.id
        for each in entries
        if isinstance(each, Message)
        and (each.channel, each.thread) == here
        and each.remote_ids
        and each.deleted_at is None
    )


def _words(answered: Message) -> str:
    return "" if answered.deleted_at else preview_of(answered.content)
