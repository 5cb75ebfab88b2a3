"""What may be the same matter as a conversation, as its page shows it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.desk.offers import Offered
from hub.model.people import Agent
from inbox_ui.row import Row, row_of
from inbox_ui.saying import why
from inbox_ui.words import Words

SHOWN = 2  # the likeliest


@dataclass(frozen=True, slots=True)
class MayJoin:
    id: str
    row: Row
    reasons: Sequence[str]


def joins_of(offered: Sequence[Offered], agents: Mapping[str, Agent], words: Words) -> list[MayJoin]:
    return [
        MayJoin(
            each.offer.id, row_of(each.other, agents, words), [why(one, words) for one in each.offer.reasons]
        )
        for each in offered[:SHOWN]
    ]
