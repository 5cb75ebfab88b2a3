"""Channels, as admins keep them: connected, proven, changed, removed."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from pydantic import Field, StringConstraints

from hub.api import shapes
from hub.api.bodies import Body, Id, Nothing
from hub.api.making import reading, writing
from hub.api.people import Name
from hub.api.problems import Problem, invalid
from hub.api.route import AnyRoute, Call
from hub.contract.errors import ConnectorError
from hub.desk import channels, keeping_channels
from hub.model.channels import Channel, Joining
from hub.model.sign_ins import Scope
from hub.registry import UnknownPlatform

Answers = dict[
    Annotated[str, StringConstraints(pattern=r"^[^\x00$]+$", max_length=100)],
    Annotated[str, StringConstraints(max_length=20_000)],
]


class Asked(shapes.Shape):
    """A question to whoever connects a channel."""

    name: str
    label: str
    help: str
    secret: bool
    default: str
    required: bool
    choices: list[str]


class PlatformRow(shapes.Shape):
    platform: str
    name: str
    questions: list[Asked]


class Platforms(shapes.Shape):
    rows: list[PlatformRow]


class NewChannel(Body):
    platform: Id = Field(description="From `/platforms`, where its questions are.")
    name: Name | None = Field(None, description="Left out: what the account is called.")
    answers: Answers = Field(
        max_length=100, description="By the names of the questions; left out: the default."
    )


class ChangeChannel(Body):
    """What is left out stays as it is."""

    name: Name | None = None
    team: Id | None = Field(None, description="null: nobody's in particular.")
    country: Annotated[str, StringConstraints(max_length=2)] | None = Field(
        None, description="Where phone numbers without an international prefix are meant to be, like DE."
    )
    joining: Joining | None = Field(
        None, description="Conversations that begin while another of the customer's is open."
    )


class NewCredentials(Body):
    answers: Answers = Field(max_length=100, description="By the names of the secret questions.")


class Tried(shapes.Shape):
    steps: list[str] = Field(description="What worked, in this order.")
    problem: str | None = Field(description="Why it went no further; null when all is well.")


class Removed(shapes.Shape):
    failed: int = Field(description="How many messages were still to be sent, and have failed now.")


async def list_platforms(call: Call, asked: Nothing) -> Platforms:
    kinds = call.desk.registry.kinds()
    return Platforms(
        rows=[
            PlatformRow(
                platform=each.manifest.platform,
                name=each.manifest.name,
                questions=[Asked.model_validate(one) for one in channels.questions_of(each)],
            )
            for each in kinds
        ]
    )


async def add_channel(call: Call, asked: NewChannel) -> shapes.Channel:
    try:
        asks = channels.questions_of(call.desk.registry.connector_type(asked.platform))
        answers = {each.name: each.default for each in asks} | asked.answers
        made = await keeping_channels.add_channel(
            call.desk, call.agent, asked.platform, answers, asked.name, _unheard, address=call.address
        )
    except UnknownPlatform:
        raise invalid("body", "platform", "There is no such platform.") from None
    except ConnectorError as problem:
        raise Problem("not-proven", str(problem)) from problem
    return shapes.Channel.model_validate(made.channel)


async def change_channel(call: Call, asked: ChangeChannel) -> shapes.Channel:
    found = await _channel(call)
    name = found.name if asked.name is None else asked.name
    team = asked.team if "team" in asked.model_fields_set else found.team
    await keeping_channels.set_up_again(
        call.desk, call.agent, found, name, team, asked.country, address=call.address
    )
    if asked.joining is not None:
        kept = await _channel(call)
        await keeping_channels.choose_joining(
            call.desk, call.agent, kept, asked.joining, address=call.address
        )
    return shapes.Channel.model_validate(await _channel(call))


async def renew(call: Call, asked: NewCredentials) -> shapes.Channel:
    found = await _channel(call)
    try:
        await keeping_channels.renew_channel(
            call.desk, call.agent, found, asked.answers, _unheard, address=call.address
        )
    except ConnectorError as problem:
        raise Problem("not-proven", str(problem)) from problem
    return shapes.Channel.model_validate(await _channel(call))


async def try_out(call: Call, asked: Nothing) -> Tried:
    steps: list[str] = []
    try:
        async for step in keeping_channels.try_out(
            call.desk, call.agent, await _channel(call), address=call.address
        ):
            steps.append(step)
    except ConnectorError as problem:
        return Tried(steps=steps, problem=str(problem))
    return Tried(steps=steps, problem=None)


async def remove_channel(call: Call, asked: Nothing) -> Removed:
    found = await _channel(call)
    return Removed(failed=await keeping_channels.remove(call.desk, call.agent, found, address=call.address))


async def _channel(call: Call) -> Channel:
    found = await call.desk.store.channels.find(call.path["channel"])
    if found is None or found.removed:
        raise Problem("not-found", "There is no such channel.")
    return found


def _unheard(step: str) -> None:
    """Whoever asks hears of the end alone."""


CHANNEL, REFUSED = "/channels/{channel}", ("not-possible", "not-proven")
_admin = partial(writing, scope=Scope.ADMIN)
CONNECTING: Sequence[AnyRoute] = (
    reading(
        "/platforms",
        "listPlatforms",
        "What channels can be of, and what to ask whoever connects one. Only for admins.",
        list_platforms,
        Nothing,
        Platforms,
        scope=Scope.ADMIN,
    ),
    _admin(
        "POST",
        "/channels",
        "connectChannel",
        "Connect an account; kept only once it is proven. Only for admins.",
        add_channel,
        NewChannel,
        shapes.Channel,
        *REFUSED,
        status=201,
    ),
    _admin(
        "POST", CHANNEL, "changeChannel", "Its name, team, country, how it joins. Only for admins.",
        change_channel, ChangeChannel, shapes.Channel, "not-possible",
    ),
    _admin(
        "POST",
        f"{CHANNEL}/credentials",
        "renewCredentials",
        "Sign in again, as the same account; it starts anew. Only for admins.",
        renew,
        NewCredentials,
        shapes.Channel,
        *REFUSED,
    ),
    _admin(
        "POST",
        f"{CHANNEL}/tests",
        "testChannel",
        "Try it out, and tell what worked. Only for admins.",
        try_out,
        Nothing,
        Tried,
        "not-possible",
    ),
    _admin(
        "DELETE",
        CHANNEL,
        "removeChannel",
        "Receive and send nothing more; conversations stay. Only for admins.",
        remove_channel,
        Nothing,
        Removed,
        "not-possible",
    ),
)  # fmt: skip
