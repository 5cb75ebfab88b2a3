"""One deed for many conversations: those that are named, or all that are in a view and fit a filter."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, RootModel, StringConstraints

from hub.api.bodies import Body, Filter, Id, Nothing
from hub.api.making import reading, writing
from hub.api.problems import Problem, invalid
from hub.api.route import AnyRoute, Call, answer_id
from hub.api.shapes import Shape
from hub.desk import deeds
from hub.desk.bulk import Deed, Progress, deletion, for_all_in, for_each, merge_all
from hub.desk.changing import Done
from hub.desk.fields import set_field
from hub.desk.joining import MERGED_MOST
from hub.desk.opening import list_agents, list_teams
from hub.desk.views import NoSuchView
from hub.model.inbox import Priority

NAMED_MOST = 200

Named = Annotated[list[Id], Field(min_length=1, max_length=NAMED_MOST, title="Named")]


class AllIn(Body):
    """All conversations that a list shows, up to 20,000."""

    view: str = Field("open", max_length=100, description="A key of `/views`.")
    filter: Filter | None = Field(None, description="Left out: the view as it is.")


class ForMany(Body):
    conversations: Named | AllIn = Field(description="Their ids, or a view: then all that are in it now.")


class PlainDeed(ForMany):
    """What needs to know nothing more."""

    deed: Literal["claim", "release", "resolve", "reopen", "mark_spam", "mark_not_spam", "follow", "unfollow"]


class AssignMany(ForMany):
    deed: Literal["assign"]
    agent: Id = Field(description="To whom; `me` takes them.")


class HandManyToTeam(ForMany):
    deed: Literal["hand_to_team"]
    team: Id | None = Field(description="null: no team has them any more.")


class SnoozeMany(ForMany):
    deed: Literal["snooze"]
    until: AwareDatetime = Field(description="Within a year.")


class TagMany(ForMany):
    deed: Literal["tag", "untag"]
    tag: Annotated[str, StringConstraints(pattern=r"\S", max_length=40)]


class SetPriorityOfMany(ForMany):
    deed: Literal["set_priority"]
    priority: Priority


class SetFieldOfMany(ForMany):
    deed: Literal["set_field"]
    key: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    value: Annotated[str, StringConstraints(max_length=500)] | None = Field(description="null empties it.")


class DeleteMany(ForMany):
    """For good: `undo` is null. Only for supervisors and admins."""

    deed: Literal["delete"]


class MergeMany(Body):
    """Of one customer; the one in which something happened last is kept. All of them or none."""

    deed: Literal["merge"]
    conversations: list[Id] = Field(min_length=2, max_length=MERGED_MOST)


OneOfThem = (
    PlainDeed
    | AssignMany
    | HandManyToTeam
    | SnoozeMany
    | TagMany
    | SetPriorityOfMany
    | SetFieldOfMany
    | DeleteMany
    | MergeMany
)


class Bulk(RootModel[Annotated[OneOfThem, Field(discriminator="deed")]]):
    """What fails for one stops none of the others."""


class NotDone(Shape):
    conversation: str
    because: str


class BulkDone(Shape):
    done: int
    failed: list[NotDone]
    undo: str | None = Field(description="Takes all of it back: POST it to `/undo`.")
    more: bool = Field(False, description="More than 20,000 were in the view: those are left.")


class HowFar(Shape):
    """Of a request that was sent with an Idempotency-Key."""

    done: int
    failed: int
    total: int | None = Field(description="null while it is being gathered.")
    over: bool


PLAIN: dict[str, Callable[..., Awaitable[Done]]] = {
    "claim": deeds.claim,
    "release": deeds.release,
    "resolve": deeds.resolve,
    "reopen": deeds.reopen,
    "mark_spam": deeds.mark_spam,
    "mark_not_spam": deeds.mark_not_spam,
    "follow": deeds.follow,
    "unfollow": deeds.unfollow,
}


async def bulk(call: Call, asked: Bulk) -> BulkDone:
    wanted = asked.root
    if isinstance(wanted, MergeMany):
        done = await merge_all(call.desk, call.agent, wanted.conversations)
        return BulkDone(done=len(set(wanted.conversations)), failed=[], undo=done.token)
    which, deed, last = wanted.conversations, await _deed(call, wanted), Progress(done=0, total=0, over=True)
    if isinstance(which, list):
        steps = for_each(call.desk, call.agent, which, deed)
    else:
        chosen = which.filter.wanted() if which.filter else None
        steps = for_all_in(call.desk, call.agent, which.view, deed, wanted=chosen)
    try:
        async for progress in steps:
            last = progress
            await _note(call, progress)
    except NoSuchView as problem:
        raise invalid("body", "conversations.view", str(problem)) from None
    failed = [NotDone(conversation=each, because=why) for each, why in last.failed]
    return BulkDone(done=last.done, failed=failed, undo=last.token, more=last.more)


async def _note(call: Call, progress: Progress) -> None:
    if call.key is not None:
        said = {"done": progress.done, "failed": len(progress.failed)}
        said |= {"total": progress.total} if progress.total is not None else {}
        await call.answers.note(answer_id(call.token, call.key), said, call.desk.clock())


async def how_far(call: Call, asked: Nothing) -> HowFar:
    found = await call.answers.progress(answer_id(call.token, call.path["key"]))
    if found is None:
        raise Problem("not-found", "There was no such request with this token, within a day.")
    said, over = found
    return HowFar(done=said.get("done", 0), failed=said.get("failed", 0), total=said.get("total"), over=over)


async def _deed(call: Call, asked: ForMany) -> Deed:
    desk, agent = call.desk, call.agent
    match asked:
        case AssignMany():
            whom = agent.id if asked.agent == "me" else asked.agent
            to = next((each for each in await list_agents(desk) if each.id == whom), None)
            if to is None:
                raise invalid("body", "agent", "There is no such agent, or they have left.")
            return lambda each: deeds.assign(desk, agent, each, to)
        case HandManyToTeam():
            team = next((each for each in await list_teams(desk) if each.id == asked.team), None)
            if team is None and asked.team is not None:
                raise invalid("body", "team", "There is no such team.")
            return lambda each: deeds.hand_to_team(desk, agent, each, team)
        case SnoozeMany():
            return lambda each: deeds.snooze(desk, agent, each, asked.until)
        case TagMany():
            change = deeds.tag if asked.deed == "tag" else deeds.untag
            return lambda each: change(desk, agent, each, asked.tag)
        case SetPriorityOfMany():
            return lambda each: deeds.set_priority(desk, agent, each, asked.priority)
        case SetFieldOfMany():
            return lambda each: set_field(desk, agent, each, asked.key, asked.value)
        case DeleteMany():
            return deletion(desk, agent)
        case PlainDeed():
            return lambda each: PLAIN[asked.deed](desk, agent, each)
    raise AssertionError(asked)


MANY: Sequence[AnyRoute] = (
    writing(
        "POST",
        "/bulk",
        "doForMany",
        "One deed for up to 200 named conversations, or for all that are in a view. That may take minutes: "
        "with an Idempotency-Key, asking again tells how it ended.",
        bulk,
        Bulk,
        BulkDone,
        "changed",
        "not-possible",
    ),
    reading(
        "/bulk/{key}",
        "howFar",
        "How far a deed for many has come. `key` is its Idempotency-Key.",
        how_far,
        Nothing,
        HowFar,
    ),
)
