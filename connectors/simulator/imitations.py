"""What the simulator can pretend to be: each imitation with the surfaces and limits of its kind."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from hub.contract.capabilities import (
    Capabilities,
    MediaLimits,
    ReceiptState,
    ReplyRule,
    Surface,
    TextLimits,
    Visibility,
)
from hub.contract.measures import graphemes, utf16_units, weighted
from hub.model.content import Markup

Imitation = Literal["email", "messenger", "social"]

EMAIL = {
    Surface.EMAIL: Capabilities(
        text=TextLimits(longest=1_000_000, markup=frozenset({Markup.PLAIN, Markup.MARKDOWN})),
        media=MediaLimits(largest={"*/*": 25_000_000}, most=20),
        receipts=frozenset({ReceiptState.FAILED}),
        initiates=True,
        subject=True,
        recipients=True,
    ),
}

_CHAT = Capabilities(
    text=TextLimits(longest=4096, measure=utf16_units),
    media=MediaLimits(largest={"image/*": 5_000_000, "video/*": 16_000_000, "*/*": 20_000_000}),
    receipts=frozenset(ReceiptState),
    edit_within=timedelta(minutes=15),
    delete_within=timedelta(hours=48),
    reactions=frozenset(),
    quotes=True,
)

MESSENGER = {
    Surface.DIRECT: _CHAT,
    Surface.GROUP: replace(_CHAT, receipts=frozenset({ReceiptState.SENT, ReceiptState.DELIVERED})),
}

_PUBLIC = Capabilities(
    text=TextLimits(longest=280, measure=weighted),
    media=MediaLimits(largest={"image/*": 5_000_000}, most=4),
    replies={Visibility.PUBLIC: ReplyRule()},
    delete_within=timedelta(days=3650),
    reactions=frozenset({"❤️"}),
    quotes=True,
)

SOCIAL = {
    Surface.COMMENT: replace(
        _PUBLIC,
        text=TextLimits(longest=2000, measure=graphemes),
        replies={
            Visibility.PUBLIC: ReplyRule(),
            Visibility.PRIVATE: ReplyRule(free=timedelta(days=7), once=True),
        },
    ),
    Surface.MENTION: _PUBLIC,
    Surface.DIRECT: replace(
        _CHAT,
        text=TextLimits(longest=10_000),
        receipts=frozenset({ReceiptState.SENT, ReceiptState.READ}),
        edit_within=None,
    ),
}

SURFACES: Mapping[Imitation, Mapping[Surface, Capabilities]] = {
    "email": EMAIL,
    "messenger": MESSENGER,
    "social": SOCIAL,
}
EVERY_SURFACE: Mapping[Surface, Capabilities] = {**SOCIAL, **EMAIL, **MESSENGER}


def surfaces_of(
    imitates: Imitation, *, reply_hours: int | None = None, dedupes: bool = False
) -> Mapping[Surface, Capabilities]:
    """The surfaces of an imitation; with `reply_hours`, private answers are free only that long."""
    surfaces = {surface: replace(can, dedupes=dedupes) for surface, can in SURFACES[imitates].items()}
    if reply_hours is None:
        return surfaces
    window = ReplyRule(free=timedelta(hours=reply_hours))
    return {
        surface: replace(can, replies={Visibility.PRIVATE: window}) if surface is Surface.DIRECT else can
        for surface, can in surfaces.items()
    }
