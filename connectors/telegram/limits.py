"""What Telegram lets a bot do.

https://core.telegram.org/bots/api, there sendMessage, sendDocument, deleteMessage and ReactionTypeEmoji
(checked 2026-11-23).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from connectors.telegram.marks import utf16_units
from hub.contract.capabilities import Capabilities, MediaLimits, ReplyRule, Surface, TextLimits, Visibility
from hub.model.content import Markup

REACTIONS = frozenset(
    "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🤡🥱🥴😍🐳💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"
)
_CAN = Capabilities(
    text=TextLimits(longest=4096, measure=utf16_units, markup=frozenset({Markup.PLAIN, Markup.MARKDOWN})),
    media=MediaLimits(largest={"*/*": 50_000_000}, most=10),
    edit_within=timedelta(days=3650),  # a bot may change its own messages for ever
    delete_within=timedelta(hours=48),
    reactions=REACTIONS,
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
