"""What Telegram lets a bot do.

https://core.telegram.org/bots/api, there sendMessage, sendDocument, deleteMessage, ReactionTypeEmoji and
InlineKeyboardButton (checked 2026-11-24).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from connectors.telegram.marks import utf16_units
from hub.contract.capabilities import (
    Capabilities,
    ChoiceLimits,
    MediaLimits,
    ReplyRule,
    Surface,
    TextLimits,
    Visibility,
)
from hub.model.content import Markup

REACTIONS = frozenset(
    "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🤡🥱🥴😍🐳💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"
)
LONGEST_CHOICE = 60  # bytes of the 64 of callback_data; the rest marks what was picked


def utf8_bytes(text: str) -> int:
    """How long Telegram finds what a button carries."""
    return len(text.encode("utf-8", "replace"))


_CAN = Capabilities(
    text=TextLimits(longest=4096, measure=utf16_units, markup=frozenset({Markup.PLAIN, Markup.MARKDOWN})),
    media=MediaLimits(largest={"*/*": 50_000_000}, most=10),
    edit_within=timedelta(days=3650),  # a bot may change its own messages for ever
    delete_within=timedelta(hours=48),
    reactions=REACTIONS,
    choices=ChoiceLimits(most=10, longest=LONGEST_CHOICE, measure=utf8_bytes, beside_file=True),
    quotes=True,
)
OWN_SERVER = 2_000_000_000  # bytes; https://core.telegram.org/bots/api#using-a-local-bot-api-server
SURFACES: Mapping[Surface, Capabilities] = {
    Surface.DIRECT: _CAN,
    Surface.GROUP: _CAN,
    Surface.COMMENT: replace(_CAN, replies={Visibility.PUBLIC: ReplyRule()}),
}
LARGE = {
    surface: replace(can, media=MediaLimits(largest={"*/*": OWN_SERVER}, most=10))
    for surface, can in SURFACES.items()
}


def of_business(can: Capabilities) -> Capabilities:
    """In its chats one answers for a day after the customer wrote, and reacts to nothing.

    https://core.telegram.org/bots/api#businessbotrights, there can_reply (checked 2026-11-30).
    """
    return replace(can, replies={Visibility.PRIVATE: ReplyRule(free=timedelta(hours=24))}, reactions=None)
