"""What is one's own: profile, where one is signed in, tokens, and how one is told of things.

Passwords and second factors stay on the pages: they are asked for by whoever sits there, not by a program.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from hub.api import shapes
from hub.api.bodies import Body, Id, Nothing, Query
from hub.api.making import reading, writing
from hub.api.people import Name
from hub.api.problems import Problem, invalid
from hub.api.route import AnyRoute, Call
from hub.auth import sessions, tokens
from hub.auth.first_admin import AgentRefused
from hub.auth.profile import SIGNATURE_LONGEST, change_profile
from hub.auth.totp import find_factor
from hub.desk import notices
from hub.model.notices import DEFAULT_WAYS, NoticeKind, NoticeSettings, Pace, QuietHours, Way
from hub.model.people import Agent
from hub.model.sign_ins import Scope

DAY = 24 * 60  # minutes
DAYS_MOST = 10 * 366

Minute = Annotated[int, Field(ge=0, lt=DAY, description="After midnight, where the agent is.")]
Muted = Annotated[list[Id], Field(max_length=200)]


class Profile(shapes.Agent):
    """Who the token's agent is."""

    restricted: bool
    signature: str
    language: str = Field(description="Empty: as their browser says.")
    zone: str = Field(description="Empty: as their browser says.")
    second_factor: bool = Field(description="Whether a code is asked for when they sign in.")


class ChangeProfile(Body):
    """What is left out stays as it is."""

    name: Name | None = None
    signature: Annotated[str, StringConstraints(max_length=SIGNATURE_LONGEST)] | None = None
    language: Annotated[str, StringConstraints(max_length=35)] | None = Field(
        None, description="Like `de` or `pt-BR`; empty: as their browser says."
    )
    zone: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        None, description="Like `Europe/Berlin`; empty: as their browser says."
    )


class Session(shapes.Shape):
    """A browser that is signed in."""

    id: str
    browser: str
    address: str
    how: str = Field(description="`password`, `oidc` or `link`.")
    created_at: datetime
    used_at: datetime
    expires_at: datetime


class Sessions(shapes.Shape):
    rows: list[Session]


class Ended(shapes.Shape):
    sessions: int


class ListTokens(Query):
    everybodys: bool = Field(False, description="Those of all agents. Only for admins.")


class OneToken(shapes.Shape):
    """A token without its text, which is told once."""

    id: str
    agent: str
    title: str
    scopes: list[Scope]
    hint: str = Field(description="How its text begins.")
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class Tokens(shapes.Shape):
    rows: list[OneToken]


class NewToken(Body):
    """It can do no more, and lasts no longer, than the token that asks for it."""

    title: Annotated[str, StringConstraints(pattern=r"\S", max_length=tokens.TITLE_LONGEST)]
    scope: Scope
    days: Annotated[int, Field(ge=1, le=DAYS_MOST)] | None = Field(
        90, description="null: until it is revoked."
    )


class MadeToken(shapes.Shape):
    token: OneToken
    text: str | None = Field(description="Told this once; null when a request is repeated.")


class Quiet(shapes.Shape):
    """`until` before `since`: the next morning."""

    since: Minute
    until: Minute
    free_days: list[int] = Field(description="Quiet from midnight to midnight; Monday is 0.")


class NewQuiet(Body):
    """`until` before `since`: the next morning."""

    since: Minute = 20 * 60
    until: Minute = 7 * 60
    free_days: list[Annotated[int, Field(ge=0, le=6)]] = Field(
        [5, 6], max_length=7, description="Quiet from midnight to midnight; Monday is 0."
    )


class NoticeWishes(shapes.Shape):
    """How the token's agent is told of what concerns them."""

    ways: dict[NoticeKind, list[Way]]
    muted_channels: list[str]
    muted_teams: list[str]
    quiet: Quiet | None
    pace: Pace = Field(description="How soon what was not seen comes by mail.")
    daily_at: Minute
    sound: bool


class ChangeNotices(Body):
    """What is left out stays as it is."""

    ways: dict[NoticeKind, Annotated[list[Way], Field(max_length=3)]] | None = Field(
        None, max_length=len(NoticeKind), description="Kinds that are left out stay as they are."
    )
    muted_channels: Muted | None = None
    muted_teams: Muted | None = None
    quiet: NewQuiet | None = Field(None, description="null: at no time.")
    pace: Pace | None = None
    daily_at: Minute | None = None
    sound: bool | None = None


async def get_profile(call: Call, asked: Nothing) -> Profile:
    return await _profile(call, call.agent)


async def change(call: Call, asked: ChangeProfile) -> Profile:
    try:
        changed = await change_profile(call.auth, call.agent, **asked.model_dump(), address=call.address)
    except AgentRefused as refused:
        field = {"signature_long": "signature", "language_wrong": "language", "zone_wrong": "zone"}
        raise invalid("body", field.get(refused.code, "name"), str(refused)) from None
    return await _profile(call, changed)


async def _profile(call: Call, agent: Agent) -> Profile:
    own = shapes.Agent.model_validate(agent).model_dump()
    return Profile(
        **own,
        restricted=agent.restricted,
        signature=agent.signature,
        language=agent.language,
        zone=agent.zone,
        second_factor=await find_factor(call.auth, agent) is not None,
    )


# Where one is signed in


async def list_sessions(call: Call, asked: Nothing) -> Sessions:
    found = await sessions.list_sessions(call.auth, call.agent)
    return Sessions(rows=[Session.model_validate(each) for each in found])


async def end_session(call: Call, asked: Nothing) -> Ended:
    if not await sessions.end_session(call.auth, call.agent, call.path["session"]):
        raise Problem("not-found", "There is no such session.")
    return Ended(sessions=1)


async def end_sessions(call: Call, asked: Nothing) -> Ended:
    return Ended(sessions=await sessions.end_other_sessions(call.auth, call.agent, None))


# Tokens


async def list_tokens(call: Call, asked: ListTokens) -> Tokens:
    if asked.everybodys and not tokens.allows(call.token, call.agent, Scope.ADMIN):
        raise Problem("scope", "The tokens of others are told to admins' tokens with the scope `admin`.")
    found = await tokens.list_tokens(call.auth, call.agent, everybodys=asked.everybodys)
    return Tokens(rows=[OneToken.model_validate(each) for each in found])


async def add_token(call: Call, asked: NewToken) -> MadeToken:
    lasts = timedelta(days=asked.days) if asked.days is not None else None
    tokens.check_within(call.token, asked.scope, lasts, call.desk.clock())
    try:
        made, text = await tokens.create_token(
            call.auth, call.agent, asked.title, frozenset({asked.scope}), lasts=lasts, address=call.address
        )
    except tokens.TokenRefused as refused:
        raise Problem("not-possible", str(refused), reason=refused.code) from None
    return MadeToken(token=OneToken.model_validate(made), text=text)


async def revoke_token(call: Call, asked: Nothing) -> OneToken:
    """One's own; everybody's with an admin's token that has the scope for it."""
    everybodys = tokens.allows(call.token, call.agent, Scope.ADMIN)
    known = await tokens.list_tokens(call.auth, call.agent, everybodys=everybodys)
    found = next((each for each in known if each.id == call.path["token"]), None)
    if found is None or not await tokens.revoke_token(call.auth, call.agent, found.id, address=call.address):
        raise Problem("not-found", "There is no such token.")
    return OneToken.model_validate(found)


# How one is told of things


async def get_wishes(call: Call, asked: Nothing) -> NoticeWishes:
    return _wishes(await notices.notice_settings(call.desk, call.agent), call.agent)


async def change_wishes(call: Call, asked: ChangeNotices) -> NoticeWishes:
    now = await notices.notice_settings(call.desk, call.agent)
    said = asked.model_fields_set
    quiet = QuietHours(
        since=asked.quiet.since,
        until=asked.quiet.until,
        free_days=tuple(sorted(set(asked.quiet.free_days))),
    ) if asked.quiet else None  # fmt: skip
    kept = notices.Wishes(
        ways={kind: now.ways_of(kind) for kind in DEFAULT_WAYS}
        | {kind: tuple(way for way in Way if way in ways) for kind, ways in (asked.ways or {}).items()},
        muted_channels=now.muted_channels,
        muted_teams=now.muted_teams,
        quiet=quiet if "quiet" in said else now.quiet,
        pace=asked.pace or now.pace,
        daily_at=now.daily_at if asked.daily_at is None else asked.daily_at,
        sound=now.sound if asked.sound is None else asked.sound,
    )
    if asked.muted_channels is not None:
        kept = replace(kept, muted_channels=tuple(asked.muted_channels))
    if asked.muted_teams is not None:
        kept = replace(kept, muted_teams=tuple(asked.muted_teams))
    return _wishes(await notices.save_notice_settings(call.desk, call.agent, kept), call.agent)


def _wishes(found: NoticeSettings, agent: Agent) -> NoticeWishes:
    return NoticeWishes(
        ways={kind: list(found.ways_of(kind)) for kind in notices.kinds_for(agent)},
        muted_channels=list(found.muted_channels),
        muted_teams=list(found.muted_teams),
        quiet=Quiet.model_validate(found.quiet) if found.quiet else None,
        pace=found.pace,
        daily_at=found.daily_at,
        sound=found.sound,
    )


OWN: Sequence[AnyRoute] = (
    reading("/profile", "getProfile", "Who you are here.", get_profile, Nothing, Profile),
    writing("POST", "/profile", "changeProfile", "Change it.", change, ChangeProfile, Profile),
    reading(
        "/sessions", "listSessions", "Where you are signed in, the one used last first.",
        list_sessions, Nothing, Sessions,
    ),
    writing("DELETE", "/sessions", "endSessions", "Sign out everywhere.", end_sessions, Nothing, Ended),
    writing(
        "DELETE", "/sessions/{session}", "endSession", "Sign out in one place.", end_session, Nothing, Ended
    ),
    reading("/tokens", "listTokens", "Your tokens, those that ended too.", list_tokens, ListTokens, Tokens),
    writing(
        "POST", "/tokens", "addToken", "A token of yours, which can do no more than this one.",
        add_token, NewToken, MadeToken, "not-possible", status=201, untold="text",
    ),
    writing(
        "DELETE", "/tokens/{token}", "revokeToken", "It opens nothing from now on.",
        revoke_token, Nothing, OneToken,
    ),
    reading(
        "/notification-settings", "getNotificationSettings", "How you are told of what concerns you.",
        get_wishes, Nothing, NoticeWishes,
    ),
    writing(
        "POST", "/notification-settings", "changeNotificationSettings", "Be told in another way.",
        change_wishes, ChangeNotices, NoticeWishes,
    ),
)  # fmt: skip
