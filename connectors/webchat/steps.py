"""From nothing to a chat on one's site: what to decide, in order, and how each answer is looked at."""

from collections.abc import Sequence

from connectors.webchat.config import WebchatConfig
from connectors.webchat.hours import is_open, read_hours
from hub.contract.connector import Kit
from hub.contract.steps import Step

STEPS = (
    Step(
        name="place",
        title="Say where it stands",
        words="Enter the addresses of your sites. On pages of other sites the chat does not appear.",
        asks=("title", "origins"),
    ),
    Step(
        name="looks",
        title="Choose what visitors see",
        words="A greeting, and the colour of your house; the text on it is white or dark by itself.",
        asks=("greeting", "colour"),
    ),
    Step(
        name="form",
        title="Choose what is asked first",
        words="Ask little: each question costs visitors. An address lets answers reach them later.",
        asks=("form",),
    ),
    Step(
        name="hours",
        title="Say when you are there",
        words="At other times visitors read when you answer, and can write all the same.",
        asks=("hours", "zone"),
    ),
    Step(
        name="site",
        title="Look at your site",
        words="Hubbub opens the first page of each site and looks whether it would let the chat in. "
        "Once the tag stands there, the channel's page looks again, with Test.",
        optional=True,
    ),
)


def check(step: str, config: WebchatConfig, kit: Kit) -> Sequence[str]:
    """What was found; what cannot be read was refused when the settings were made of it."""
    if step == "place":
        return [f"It may stand on {', '.join(config.origins)}."]
    if step == "looks":
        return ["This can be shown."]
    if step == "form":
        asked = ", ".join(each.label or each.key for each in config.form)
        return [f"Asked before the chat: {asked}." if asked else "Nothing is asked before the chat."]
    hours = read_hours(config.hours)
    if not hours:
        return ["You are there always."]
    return ["You are there now." if is_open(hours, config.zone, kit.now()) else "You are not there now."]
