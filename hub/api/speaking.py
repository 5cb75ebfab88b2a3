"""Other ways to say something than answering: write first, forward; and what may be done to it on its way."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from hub.api import shapes, shaping
from hub.api.bodies import Body, Id, Key, Nothing, Text
from hub.api.deeds import ONE, as_it_is
from hub.api.making import reading, writing
from hub.api.problems import Problem
from hub.api.route import AnyRoute, Call
from hub.api.work_shapes import TEXT_MOST
from hub.desk import deliveries, sending
from hub.desk.changing import Done
from hub.desk.finding import channels_to_write_first
from hub.desk.opening import find_entry
from hub.desk.replying import Draft
from hub.desk.uploading import attach
from hub.model.inbox import Message

TO = Field(
    min_length=1, max_length=sending.RECIPIENTS_MOST, description="Keys of people: addresses, numbers."
)
COPIES: Any = Field([], max_length=100)
FILES: Any = Field([], max_length=100, description="`id` of uploads.")


class NewConversation(Body):
    """Written first, on a channel that lets us: see `/writable-channels`."""

    channel: Id
    to: list[Key] = TO
    subject: str = Field("", max_length=998, description="Only where there are subjects.")
    text: Text = Field(description="In Markdown.")
    cc: list[Key] = COPIES
    bcc: list[Key] = COPIES
    files: list[Id] = FILES


class Forward(Body):
    """A mail and its files, to somebody who has no part in the conversation by that."""

    to: list[Key] = TO
    text: str = Field("", max_length=TEXT_MOST, description="Before what is forwarded.")
    subject: str | None = Field(None, max_length=998, description="Left out: `Fwd:` and the old one.")
    cc: list[Key] = COPIES
    bcc: list[Key] = COPIES
    files: list[Id] = FILES


class TakenBack(shapes.Shape):
    """What was to be sent."""

    text: str
    to: list[str]
    cc: list[str]
    bcc: list[str]


async def start(call: Call, asked: NewConversation) -> shapes.Conversation:
    draft = Draft(
        text=asked.text,
        key=_key(call),
        cc=tuple(asked.cc),
        bcc=tuple(asked.bcc),
        attachments=await attach(call.desk, call.agent, asked.files),
    )
    opened = await sending.start_conversation(
        call.desk, call.agent, asked.channel, asked.to, draft, asked.subject.strip()
    )
    return shaping.conversation(opened)


async def list_writable(call: Call, asked: Nothing) -> shapes.Channels:
    found = await channels_to_write_first(call.desk)
    return shapes.Channels(rows=[shapes.Channel.model_validate(each) for each in found])


async def forward(call: Call, asked: Forward) -> shapes.Message:
    entry = await find_entry(call.desk, call.agent, call.path["entry"])
    if not isinstance(entry, Message) or entry.conversation != call.path["conversation"]:
        raise Problem("not-found", "There is no such entry in this conversation.")
    draft = Draft(
        text=asked.text,
        key=_key(call),
        cc=tuple(asked.cc),
        bcc=tuple(asked.bcc),
        attachments=await attach(call.desk, call.agent, asked.files),
        subject=asked.subject,
    )
    sent = await sending.forward(call.desk, call.agent, entry.id, asked.to, asked.text, draft=draft)
    return shaping.message(sent)


def _key(call: Call) -> str | None:
    return f"{call.token.id} {call.key}" if call.key else None


async def take_back(call: Call, asked: Nothing) -> TakenBack:
    delivery = await _delivery(call)
    draft = await sending.cancel_delivery(call.desk, call.agent, delivery)
    return TakenBack(text=draft.text, to=list(draft.to or ()), cc=list(draft.cc), bcc=list(draft.bcc))


async def send_now(call: Call, asked: Nothing) -> shapes.Message:
    return shaping.message(await sending.send_now(call.desk, call.agent, await _delivery(call)))


async def confirm(call: Call, asked: Nothing) -> shapes.ChangedConversation:
    delivery = await _delivery(call)
    done: Done = await deliveries.confirm_delivery(call.desk, call.agent, delivery, address=call.address)
    return await as_it_is(call, done)


async def _delivery(call: Call) -> str:
    message = await find_entry(call.desk, call.agent, call.path["delivery"])
    if not isinstance(message, Message) or message.delivery is None:
        raise Problem("not-found", "There is no such delivery.")
    return message.id


ENTRY, DELIVERY = f"{ONE}/entries/{{entry}}", "/deliveries/{delivery}"
SPEAKING: Sequence[AnyRoute] = (
    writing(
        "POST",
        "/conversations",
        "startConversation",
        "Write to somebody first.",
        start,
        NewConversation,
        shapes.Conversation,
        "not-sendable",
        "not-possible",
        status=201,
    ),
    reading(
        "/writable-channels",
        "listWritableChannels",
        "Channels on which one may write first.",
        list_writable,
        Nothing,
        shapes.Channels,
    ),
    writing(
        "POST",
        f"{ENTRY}/forwards",
        "forward",
        "Send a mail on, with its files.",
        forward,
        Forward,
        shapes.Message,
        "not-sendable",
        "not-possible",
        status=201,
    ),
    writing(
        "DELETE",
        DELIVERY,
        "takeBack",
        "Do not send it after all. `delivery` is the id of the message.",
        take_back,
        Nothing,
        TakenBack,
        "not-possible",
    ),
    writing(
        "POST",
        f"{DELIVERY}/departure",
        "sendNow",
        "Let what waits leave at once.",
        send_now,
        Nothing,
        shapes.Message,
        "not-possible",
    ),
    writing(
        "POST",
        f"{DELIVERY}/confirmation",
        "confirmDelivery",
        "It did arrive, though its platform has not said so.",
        confirm,
        Nothing,
        shapes.ChangedConversation,
        "not-possible",
    ),
)
