"""What agents do to a conversation, as resources: POST makes it so, DELETE takes it back."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from hub.api import bodies, shapes, shaping
from hub.api.bodies import Nothing
from hub.api.problems import Problem, invalid
from hub.api.route import AnyRoute, Call, Route
from hub.desk import deeds
from hub.desk.changing import Done
from hub.desk.opening import list_agents
from hub.model.sign_ins import Scope

Asked = TypeVar("Asked", bound=BaseModel)
ONE = "/conversations/{conversation}"


async def assign(call: Call, asked: bodies.Assign) -> shapes.ChangedConversation:
    wanted = call.agent.id if asked.agent == "me" else asked.agent
    found = [each for each in await list_agents(call.desk) if each.id == wanted]
    if not found:
        raise invalid("body", "agent", "There is no such agent, or they have left.")
    done = await deeds.assign(call.desk, call.agent, _id(call), found[0])
    return await as_it_is(call, done)


async def release(call: Call, asked: Nothing) -> shapes.ChangedConversation:
    done = await deeds.release(call.desk, call.agent, _id(call))
    return await as_it_is(call, done)


async def hand_to_team(call: Call, asked: bodies.HandToTeam) -> shapes.ChangedConversation:
    found = [each for each in await call.desk.store.people.list_teams() if each.id == asked.team]
    if not found:
        raise invalid("body", "team", "There is no such team.")
    done = await deeds.hand_to_team(call.desk, call.agent, _id(call), found[0])
    return await as_it_is(call, done)


async def take_from_team(call: Call, asked: Nothing) -> shapes.ChangedConversation:
    done = await deeds.hand_to_team(call.desk, call.agent, _id(call), None)
    return await as_it_is(call, done)


async def resolve(call: Call, asked: Nothing) -> shapes.ChangedConversation:
    done = await deeds.resolve(call.desk, call.agent, _id(call))
    return await as_it_is(call, done)


async def reopen(call: Call, asked: Nothing) -> shapes.ChangedConversation:
    done = await deeds.reopen(call.desk, call.agent, _id(call))
    return await as_it_is(call, done)


async def snooze(call: Call, asked: bodies.Snooze) -> shapes.ChangedConversation:
    done = await deeds.snooze(call.desk, call.agent, _id(call), asked.until)
    return await as_it_is(call, done)


async def mark_spam(call: Call, asked: Nothing) -> shapes.ChangedConversation:
    done = await deeds.mark_spam(call.desk, call.agent, _id(call))
    return await as_it_is(call, done)


async def mark_not_spam(call: Call, asked: Nothing) -> shapes.ChangedConversation:
    done = await deeds.mark_not_spam(call.desk, call.agent, _id(call))
    return await as_it_is(call, done)


async def tag(call: Call, asked: bodies.Tag) -> shapes.ChangedConversation:
    done = await deeds.tag(call.desk, call.agent, _id(call), asked.name)
    return await as_it_is(call, done)


async def untag(call: Call, asked: Nothing) -> shapes.ChangedConversation:
    done = await deeds.untag(call.desk, call.agent, _id(call), call.path["tag"])
    return await as_it_is(call, done)


async def set_priority(call: Call, asked: bodies.SetPriority) -> shapes.ChangedConversation:
    done = await deeds.set_priority(call.desk, call.agent, _id(call), asked.priority)
    return await as_it_is(call, done)


async def set_field(call: Call, asked: bodies.SetField) -> shapes.ChangedConversation:
    done = await deeds.set_field(call.desk, call.agent, _id(call), asked.name, asked.value)
    return await as_it_is(call, done)


async def follow(call: Call, asked: Nothing) -> shapes.ChangedConversation:
    done = await deeds.follow(call.desk, call.agent, _id(call))
    return await as_it_is(call, done)


async def unfollow(call: Call, asked: Nothing) -> shapes.ChangedConversation:
    done = await deeds.unfollow(call.desk, call.agent, _id(call))
    return await as_it_is(call, done)


def _id(call: Call) -> str:
    return call.path["conversation"]


async def as_it_is(call: Call, done: Done) -> shapes.ChangedConversation:
    """After a deed. Whoever gave it away may not see it any more, but is told that it is done."""
    found = await call.desk.store.inbox.find_conversation(done.conversation)
    if found is None:
        raise Problem("not-found", "Somebody has just deleted this conversation.")
    return shapes.ChangedConversation(**dict(shaping.conversation(found)), undo=done.token)


def _deed(
    method: str,
    path: str,
    name: str,
    summary: str,
    handler: Callable[[Call, Asked], Awaitable[shapes.ChangedConversation]],
    asks: type[Asked],
) -> AnyRoute:
    return Route(
        method=method,
        path=ONE + path,
        name=name,
        summary=summary,
        handler=handler,
        asks=asks,
        answers=shapes.ChangedConversation,
        scope=Scope.WRITE,
        refusals=("changed", "not-possible"),
    )


DEEDS: Sequence[AnyRoute] = (
    _deed("POST", "/assignment", "assign", "Give it to an agent, or take it.", assign, bodies.Assign),
    _deed("DELETE", "/assignment", "release", "Nobody has it any more.", release, Nothing),
    _deed("POST", "/team", "handToTeam", "Hand it to a team.", hand_to_team, bodies.HandToTeam),
    _deed("DELETE", "/team", "takeFromTeam", "No team has it any more.", take_from_team, Nothing),
    _deed("POST", "/resolution", "resolve", "It is done.", resolve, Nothing),
    _deed("DELETE", "/resolution", "reopen", "It is not done after all.", reopen, Nothing),
    _deed("POST", "/snooze", "snooze", "Out of sight until then.", snooze, bodies.Snooze),
    _deed("DELETE", "/snooze", "wake", "Back in sight now.", reopen, Nothing),
    _deed("POST", "/spam", "markSpam", "Out of all lists but one.", mark_spam, Nothing),
    _deed("DELETE", "/spam", "markNotSpam", "It is no spam.", mark_not_spam, Nothing),
    _deed("POST", "/tags", "tag", "Add a tag.", tag, bodies.Tag),
    _deed("DELETE", "/tags/{tag}", "untag", "Remove a tag.", untag, Nothing),
    _deed("POST", "/priority", "setPriority", "How urgent it is.", set_priority, bodies.SetPriority),
    _deed("POST", "/fields", "setField", "Set or empty a field.", set_field, bodies.SetField),
    _deed("POST", "/following", "follow", "Hear of what happens to it.", follow, Nothing),
    _deed("DELETE", "/following", "unfollow", "Hear of it no more.", unfollow, Nothing),
)
