"""Merging, splitting, doing one thing to many, and taking it back."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from hub.api import shapes
from hub.api import work_shapes as work
from hub.api.bodies import Nothing
from hub.api.deeds import ONE, as_it_is
from hub.api.making import reading, writing
from hub.api.problems import invalid
from hub.api.route import AnyRoute, Call
from hub.desk import deeds, joining
from hub.desk.bulk import for_each
from hub.desk.changing import Done
from hub.desk.opening import list_agents
from hub.desk.undoing import undo as take_back

Deed = Callable[[str], Awaitable[Done]]


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


async def bulk(call: Call, asked: work.Bulk) -> work.BulkDone:
    deed = await _deed(call, asked)
    async for progress in for_each(call.desk, call.agent, asked.conversations, deed):
        if progress.over:
            break
    failed = [work.NotDone(conversation=each, because=why) for each, why in progress.failed]
    return work.BulkDone(done=progress.done, failed=failed, undo=progress.token)


async def _deed(call: Call, asked: work.Bulk) -> Deed:
    desk, agent = call.desk, call.agent
    if asked.deed == "assign":
        wanted = agent.id if asked.agent == "me" else asked.agent
        found = [each for each in await list_agents(desk) if each.id == wanted]
        if not found:
            raise invalid("body", "agent", "There is no such agent, or they have left.")
        return lambda each: deeds.assign(desk, agent, each, found[0])
    if asked.deed in ("tag", "untag"):
        if asked.tag is None:
            raise invalid("body", "tag", "Say which tag.")
        name, does = asked.tag, deeds.tag if asked.deed == "tag" else deeds.untag
        return lambda each: does(desk, agent, each, name)
    plain: dict[str, Callable[..., Awaitable[Done]]] = {
        "release": deeds.release,
        "resolve": deeds.resolve,
        "reopen": deeds.reopen,
        "mark_spam": deeds.mark_spam,
    }
    return lambda each: plain[asked.deed](desk, agent, each)


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
    writing(
        "POST",
        "/bulk",
        "doForMany",
        "One deed for up to 200 conversations.",
        bulk,
        work.Bulk,
        work.BulkDone,
        *REFUSED,
    ),
)
