"""What Slack lets an app do.

Texts: https://docs.slack.dev/reference/methods/chat.postMessage (cut off at 40,000 characters; Slack asks for
at most 4,000), edits: chat.update, files: https://docs.slack.dev/messaging/working-with-files (1 GB), pace:
https://docs.slack.dev/apis/web-api/rate-limits (a message a second and channel). All checked 2026-11-23.
"""

from collections.abc import Mapping
from datetime import timedelta

from connectors.slack.buttons import LONGEST as LONGEST_BUTTON
from hub.contract.capabilities import Capabilities, ChoiceLimits, MediaLimits, Surface, TextLimits
from hub.model.content import Markup

LONGEST = 4_000  # characters
MOST_FILES = 10
_EVER = timedelta(days=3650)  # an app may change its own messages for ever, unless a workspace forbids it


def written_length(text: str) -> int:
    """How long Slack finds a text: three characters are written as entities."""
    return len(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


_CAN = Capabilities(
    text=TextLimits(
        longest=LONGEST, measure=written_length, markup=frozenset({Markup.PLAIN, Markup.MARKDOWN})
    ),
    media=MediaLimits(largest={"*/*": 1_000_000_000}, most=MOST_FILES),
    edit_within=_EVER,
    delete_within=_EVER,
    reactions=frozenset(),
    choices=ChoiceLimits(most=10, longest=LONGEST_BUTTON),
    quotes=False,
)
SURFACES: Mapping[Surface, Capabilities] = {Surface.DIRECT: _CAN, Surface.GROUP: _CAN}
