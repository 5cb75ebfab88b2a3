"""Taking back what was done, by the token that the deed gave: once, by the one who did it, within a day."""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.desk import customers, details, offers
from hub.desk.changing import Changed, NotPossible, change, plain
from hub.desk.deliveries import doubt
from hub.desk.joining import separate
from hub.desk.profiles import restore
from hub.desk.replying import Desk, NoSuchConversation, get_conversation
from hub.judging.training import unlearn
from hub.model.people import Agent


async def still_undoable(desk: Desk, agent: Agent, tokens: Sequence[str]) -> frozenset[str]:
    """Of these tokens, those with which the agent can still take something back."""
    return await desk.store.drafts.undoable(tokens, agent.id) if tokens else frozenset()


async def undo(desk: Desk, agent: Agent, token: str) -> int:
    """Returns in how many conversations something was taken back.

    Raises NotPossible when there is nothing to take back or somebody changed the same thing since.
    """
    step = await desk.store.drafts.take_undo(token, agent.id)
    if step is None:
        raise NotPossible("undo_over")
    match step["kind"]:
        case "change":
            await _restore(desk, agent, step)
            return 1
        case "merge" | "split":
            await separate(desk, agent, step["record"])
            return 1
        case "customer":
            await restore(desk, agent, step)
            return 1
        case "details":
            await details.restore(desk, agent, step)
            return 1
        case "customers":
            await customers.take_back(desk, agent, step["record"], step["suggestion"])
            return 1
        case "refusal":
            await customers.reconsider(desk, agent, step["suggestion"])
            return 1
        case "delivery":
            await doubt(desk, agent, step)
            return 1
        case "join_offer" | "apart":
            return await _join_again(desk, agent, step)
        case "several":
            return await _several(desk, agent, step["tokens"])
    raise NotPossible("undo_never")


async def _restore(desk: Desk, agent: Agent, step: Mapping[str, Any]) -> None:
    found = await get_conversation(desk, agent, step["conversation"])
    before, after = step["before"], step["after"]
    now_is = plain({key: getattr(found, key) for key in after})
    if {key: value or None for key, value in now_is.items()} != {
        key: value or None for key, value in after.items()
    }:
        raise NotPossible("undo_changed")
    because = f"{agent.name} took it back."
    await change(desk, agent, found, "undone", because, before, {"what": step["what"]}, undoable=False)
    if step["what"] in ("marked_spam", "marked_not_spam"):
        await unlearn(desk.store, found.id, desk.clock())


async def _join_again(desk: Desk, agent: Agent, step: Mapping[str, Any]) -> int:
    """A suggestion that was decided is open again; what was set apart is joined again."""
    count = await _several(desk, agent, step["tokens"])
    if count < len(step["tokens"]):
        raise NotPossible("undo_changed")
    if step["kind"] == "join_offer":
        await offers.reconsider(desk, agent, step["offer"])
    else:
        await offers.show_joined(desk, step["entry"])
    return max(count, 1)


async def _several(desk: Desk, agent: Agent, tokens: Sequence[str]) -> int:
    count = 0
    for token in reversed(tokens):
        try:
            count += await undo(desk, agent, token)
        except (NotPossible, Changed, NoSuchConversation):
            continue  # what somebody changed since stays as it is; the others are taken back
    return count
