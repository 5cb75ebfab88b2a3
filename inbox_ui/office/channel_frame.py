"""What the pages about channels share."""

from aiohttp import web

from hub.desk.changing import NotPossible
from hub.desk.keeping_channels import get_channel
from hub.model.channels import Channel, Joining
from hub.model.journal import Outcome
from inbox_ui.office.frame import ADMINS, Place
from inbox_ui.pages import PAGES
from inbox_ui.visitor import agent_of
from inbox_ui.words import Words

PLACE = Place(
    key="channels",
    group="company",
    icon="channels",
    title=lambda words: words.gettext("Channels"),
    roles=ADMINS,
)


async def found_channel(request: web.Request) -> Channel | None:
    """The channel in the address; None when it is removed or never was."""
    try:
        return await get_channel(request.app[PAGES].desk, agent_of(request), request.match_info["channel"])
    except NotPossible:
        return None


def joining_words(words: Words) -> list[tuple[str, str]]:
    """What becomes of a conversation that begins while another one of the customer's is open."""
    _ = words.gettext
    return [
        (Joining.SUGGEST, _("Suggest to join the two")),
        (Joining.JOIN, _("Join what is surely the same matter, suggest the rest")),
        (Joining.APART, _("Leave the two apart")),
    ]


def outcome_words(words: Words) -> dict[str | None, str]:
    _ = words.gettext
    return {
        Outcome.DELIVERED: _("In a conversation"),
        Outcome.DUPLICATE: _("Was there already"),
        Outcome.IGNORED: _("Left out"),
        Outcome.FAILED: _("Failed"),
        None: _("Waits"),
    }
