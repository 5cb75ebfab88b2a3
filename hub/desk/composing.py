"""What the composer must know before anybody writes: how long, how counted, until when, who will read it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.contract.capabilities import Capabilities, Surface, Visibility
from hub.contract.connector import ShowsText
from hub.contract.inbound import Thread
from hub.desk.reaching import Place, places_of, somebody
from hub.desk.replying import Desk, follow_merges, said_lately
from hub.model.channels import Channel
from hub.model.content import Content, Markup
from hub.model.inbox import Message, Side
from hub.model.people import Agent

PREVIEWED = 200_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposerRules:
    """`measure` counts as the platform does; `measure_name` is for scripts that must count too."""

    surface: str
    public: bool
    window_ends_at: datetime | None  # None: no end
    closed: bool  # the time for answering is over
    once: bool  # a single answer per message
    longest: int
    measure: Callable[[str], int]
    measure_name: str
    files_most: int  # 0: none
    files_largest: Mapping[str, int] = field(default_factory=dict)  # MIME pattern -> bytes
    markdown: bool = False  # what is written is shown formatted, and `preview` shows how
    channel: str = ""
    signature: str = ""  # what the channel puts below the text of this writer
    quotes: bool = False  # may answer one particular message
    choices_most: int = 0  # answers to tap on; 0: there are no buttons
    recipients: bool  # the writer chooses To and Cc
    subject: bool

    def left(self, text: str) -> int:
        """How much may still be written; negative: too much."""
        return self.longest - self.measure(text)


async def composer_rules(
    desk: Desk, messages: Sequence[Message], agent: Agent | None = None, place: Place | None = None
) -> ComposerRules | None:
    """For an answer to these messages (oldest first). None: nothing can be answered here.

    `place`: where it goes; None: where the last of them came from.
    """
    theirs = [each for each in messages if each.side is Side.CUSTOMER]
    answered = (theirs or messages)[-1:]
    if place is not None:
        return _rules(desk, place.channel, place, place.last_at, agent)
    channels = await desk.store.channels.known.get() if answered else ()
    channel = next((each for each in channels if each.id == answered[0].channel), None)
    if channel is None or channel.removed:
        return None
    return _rules(desk, channel, answered[0], theirs[-1].at if theirs else None, agent)


def _rules(
    desk: Desk, channel: Channel, of: Message | Place, last_at: datetime | None, agent: Agent | None
) -> ComposerRules | None:
    connector = desk.registry.reader(channel)
    can = connector.limits(Thread(of.thread or "", Surface(of.surface)))
    rule = can.replies.get(Visibility(of.visibility)) if can else None
    if can is None or rule is None:
        return None
    window = rule.human or rule.free
    ends = last_at + window if window and last_at else None
    return ComposerRules(
        surface=of.surface,
        public=of.visibility == Visibility.PUBLIC,
        window_ends_at=ends,
        closed=ends is not None and ends < desk.clock(),
        once=rule.once,
        longest=can.text.longest,
        measure=can.text.measure,
        measure_name=getattr(can.text.measure, "__name__", "len"),
        files_most=can.media.most if can.media else 0,
        files_largest=_largest(can, desk.largest_file),
        markdown=Markup.MARKDOWN in can.text.markup and _shows(connector),
        channel=channel.id,
        signature=_signature(connector, agent),
        quotes=can.quotes,
        choices_most=can.choices.most if can.choices else 0,
        recipients=can.recipients,
        subject=can.subject,
    )


async def answers_publicly(desk: Desk, agent: Agent, conversation: str, through: str | None = None) -> bool:
    """Whether everybody can read what is answered there. Raises NoSuchConversation, NotAllowed."""
    found = await follow_merges(desk, agent, conversation)
    messages = await said_lately(desk, found)
    if through:
        return any(
            each.id == through and each.visibility == Visibility.PUBLIC
            for each in await places_of(desk, found, messages, await somebody(desk, found))
        )
    theirs = [each for each in messages if each.side is Side.CUSTOMER]
    return any(each.visibility == Visibility.PUBLIC for each in (theirs or messages)[-1:])


async def preview(desk: Desk, agent: Agent, conversation: str, text: str, through: str | None = None) -> str:
    """What a text will look like to the customer, as HTML still to be cleaned; "" where it is just text.

    Raises NoSuchConversation, NotAllowed.
    """
    found = await follow_merges(desk, agent, conversation)
    messages = await said_lately(desk, found)
    if through:
        places = await places_of(desk, found, messages, await somebody(desk, found))
        channel = next((each.channel for each in places if each.id == through), None)
    else:
        rules = await composer_rules(desk, messages)
        channel = await desk.store.channels.find(rules.channel) if rules else None
    connector: object = desk.registry.reader(channel) if channel else None
    if not isinstance(connector, ShowsText):
        return ""
    return connector.shown(Content(text=text[:PREVIEWED], markup=Markup.MARKDOWN), agent.name)


def _shows(connector: object) -> bool:
    return isinstance(connector, ShowsText)


def _signature(connector: object, agent: Agent | None) -> str:
    return connector.signature(agent.name) if agent and isinstance(connector, ShowsText) else ""


def _largest(can: Capabilities, most: int) -> Mapping[str, int]:
    """What the platform takes, as far as we do."""
    given = can.media.largest if can.media else {}
    return {pattern: min(size, most) for pattern, size in given.items()}
