"""Changing what was said already: edits, deletions and reactions of ours."""

from collections.abc import Sequence

from pydantic import Field

from hub.api import shapes, shaping
from hub.api.bodies import Body, Nothing, Text
from hub.api.deeds import ONE
from hub.api.making import writing
from hub.api.problems import Problem
from hub.api.route import AnyRoute, Call
from hub.desk import amending
from hub.desk.opening import find_entry
from hub.model.inbox import Message

ENTRY = f"{ONE}/entries/{{entry}}"


class Edited(Body):
    text: Text = Field(description="What it says from now on, in Markdown.")


class Reacted(Body):
    emoji: str = Field(min_length=1, max_length=40, description="👍, as it is shown.")


async def edit(call: Call, asked: Edited) -> shapes.Message:
    found = await _message(call)
    return shaping.message(await amending.edit_message(call.desk, call.agent, found, asked.text))


async def delete(call: Call, asked: Nothing) -> shapes.Message:
    found = await _message(call)
    done = await amending.delete_message(call.desk, call.agent, found, address=call.address)
    return shaping.message(done)


async def react(call: Call, asked: Reacted) -> shapes.Message:
    found = await _message(call)
    return shaping.message(await amending.react(call.desk, call.agent, found, asked.emoji, on=True))


async def unreact(call: Call, asked: Reacted) -> shapes.Message:
    found = await _message(call)
    return shaping.message(await amending.react(call.desk, call.agent, found, asked.emoji, on=False))


async def dismiss(call: Call, asked: Nothing) -> shapes.Message:
    return shaping.message(await amending.dismiss(call.desk, call.agent, await _message(call)))


async def _message(call: Call) -> str:
    entry = await find_entry(call.desk, call.agent, call.path["entry"])
    if not isinstance(entry, Message) or entry.conversation != call.path["conversation"]:
        raise Problem("not-found", "There is no such message in this conversation.")
    return entry.id


LATER = "It changes once the platform has taken it: until then, and if it is refused, see `amending`."
AMENDING: Sequence[AnyRoute] = (
    writing(
        "PUT",
        f"{ENTRY}/text",
        "editMessage",
        f"Let a message of ours say something else. {LATER}",
        edit,
        Edited,
        shapes.Message,
        "not-possible",
        "not-sendable",
    ),
    writing(
        "DELETE",
        ENTRY,
        "deleteMessage",
        f"Delete a message of ours where the customer sees it. {LATER}",
        delete,
        Nothing,
        shapes.Message,
        "not-possible",
    ),
    writing(
        "POST",
        f"{ENTRY}/reactions",
        "addReaction",
        f"React to what a customer said. {LATER}",
        react,
        Reacted,
        shapes.Message,
        "not-possible",
    ),
    writing(
        "POST",
        f"{ENTRY}/reactions/removal",
        "removeReaction",
        f"Take a reaction back. {LATER}",
        unreact,
        Reacted,
        shapes.Message,
        "not-possible",
    ),
    writing(
        "DELETE",
        f"{ENTRY}/amending",
        "dismissAmending",
        "Do not show any more that a change was refused.",
        dismiss,
        Nothing,
        shapes.Message,
    ),
)
