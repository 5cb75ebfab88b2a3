"""Merging, splitting, and taking a deed back."""

from collections.abc import Sequence
from dataclasses import replace

from hub.api import shapes
from hub.api import work_shapes as work
from hub.api.bodies import Nothing
from hub.api.deeds import ONE, as_it_is
from hub.api.making import reading, writing
from hub.api.route import AnyRoute, Call
from hub.desk import joining
from hub.desk.undoing import undo as take_back


async def merge(call: Call, asked: work.Merge) -> shapes.ChangedConversation:
    kept = call.path["conversation"]
    return await as_it_is(call, await joining.merge(call.desk, call.agent, kept, asked.conversations))


async def split(call: Call, asked: work.Split) -> shapes.ChangedConversation:
    opened, done = await joining.split(call.desk, call.agent, call.path["conversation"], asked.threads)
    return await as_it_is(call, replace(done, conversation=opened))


async def list_threads(call: Call, asked: Nothing) -> work.Threads:
    found = await joining.list_threads(call.desk, call.agent, call.path["conversation"])
    return work.Threads(rows=[work.Thread.model_validate(each) for each in found])


async def undo(call: Call, asked: work.Undo) -> work.Undone:
    return work.Undone(conversations=await take_back(call.desk, call.agent, asked.token))


REFUSED = ("changed", "not-possible")
JOINING: Sequence[AnyRoute] = (
    reading(f"{ONE}/threads", "listThreads", "Its threads.", list_threads, Nothing, work.Threads),
    writing(
        "POST",
        f"{ONE}/merges",
        "merge",
        "Put others into this one.",
        merge,
        work.Merge,
        shapes.ChangedConversation,
        *REFUSED,
    ),
    writing(
        "POST",
        f"{ONE}/splits",
        "split",
        "Make some of its threads a conversation of their own, which is the answer.",
        split,
        work.Split,
        shapes.ChangedConversation,
        *REFUSED,
        status=201,
    ),
    writing(
        "POST",
        "/undo",
        "undo",
        "Take a deed back, within a day.",
        undo,
        work.Undo,
        work.Undone,
        "not-found",
        *REFUSED,
    ),
)
