"""Who is told of what, and for how long it is true: one table each."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from hub.auth.access import may_see
from hub.model.channels import Channel, Health
from hub.model.content import Content
from hub.model.events import Event
from hub.model.inbox import (
    Activity,
    Awaiting,
    Delivery,
    DeliveryState,
    Entry,
    Message,
    Note,
    Side,
    Status,
)
from hub.model.notices import Notice, NoticeKind, NoticeSettings, Pace, Way
from hub.model.people import Agent, Role
from hub.notifying.deciding import Happening, Staff, who_is_told
from hub.notifying.truth import Now, is_true
from tests.hub.desk.inbox import BEGAN, conversation

EVERY_WAY = (Way.PAGE, Way.BROWSER, Way.MAIL)


def agent(id: str, **more: Any) -> Agent:
    return Agent(**{"id": id, "name": id.title(), "email": f"{id}@hub.example", "created_at": BEGAN, **more})


PEOPLE = (
    agent("ada", role=Role.ADMIN),
    agent("ben", teams=("sales",)),
    agent("cleo", teams=("sales",)),
    agent("rea", teams=("support",), restricted=True),
    agent("gone", teams=("sales",), disabled=True),
)


def staff(*settings: NoticeSettings) -> Staff:
    # Everybody wants everything, so that the table shows the decision and not the defaults.
    ways: dict[str, tuple[Way, ...]] = {kind.value: EVERY_WAY for kind in NoticeKind}
    wanted = {each.id: NoticeSettings(id=each.id, ways=ways) for each in PEOPLE}
    return Staff(
        agents={each.id: each for each in PEOPLE}, settings=wanted | {each.id: each for each in settings}
    )


def event(kind: str, by: str | None = None, **details: str) -> Event:
    return Event(id="ev", kind=kind, at=BEGAN, conversation="c00001", entry="e1", by=by, details=details)


def message(side: Side = Side.CUSTOMER, state: DeliveryState | None = None, **more: Any) -> Message:
    delivery = Delivery(state=state, to=("t",), due_at=BEGAN, give_up_at=BEGAN) if state else None
    given: dict[str, Any] = {
        "id": "e1",
        "conversation": "c00001",
        "at": BEGAN,
        "channel": "ch",
        "platform": "email",
        "thread": "t",
        "side": side,
        "author": "ben" if side is Side.US else "tomas",
        "author_name": "Tomás",
        "content": Content(text="Hello"),
        "visibility": "private",
        "surface": "email",
        "delivery": delivery,
    }
    return Message(**{**given, **more})


def fact(kind: str, by: str, **details: str) -> Activity:
    return Activity(
        id="e1", conversation="c00001", at=BEGAN, kind=kind, by=by, because="A rule says so.", details=details
    )


MINE = conversation(1, agent="ben", followers=("cleo",))
FREE = conversation(1)
TEAMS = conversation(1, team="sales")
SUPPORT = conversation(1, team="support")
ASSIGNED = fact("assigned", "ada", agent="ben")
SOON = replace(MINE, due_at=BEGAN + timedelta(minutes=5))


@pytest.mark.parametrize(
    ("what", "of", "entry", "told"),
    [
        (event("conversation_changed", "ada"), MINE, ASSIGNED, {"ben": "assigned"}),
        (event("conversation_changed", "ben"), MINE, fact("assigned", "ben", agent="ben"), {}),
        (event("conversation_changed", "routing"), MINE, fact("assigned", "routing", agent="ben"),
         {"ben": "assigned"}),
        (event("conversation_changed", "ada"), replace(MINE, agent="cleo"), ASSIGNED, {}),
        (event("conversation_changed", "ada"), TEAMS, fact("handed", "ada"), {"ben": "team", "cleo": "team"}),
        (event("conversation_changed", "ben"), TEAMS, fact("handed", "ben"), {"cleo": "team"}),
        (event("note_added", "ada", mentioned="ben,rea,ada"), TEAMS, None, {"ben": "mentioned"}),
        (event("note_added", "ada", mentioned="rea"), SUPPORT, None, {"rea": "mentioned"}),
        (event("note_added", "ada"), MINE, None, {}),
        (event("message_received"), MINE, message(), {"ben": "message", "cleo": "followed"}),
        (event("message_received", opened="yes"), replace(MINE, followers=()), message(), {}),
        (event("message_received", opened="yes"), TEAMS, message(), {"ben": "team", "cleo": "team"}),
        (event("message_received"), TEAMS, message(), {}),
        (event("message_received", opened="yes"), SUPPORT, message(), {"rea": "team"}),
        (event("message_received", opened="yes"), FREE, message(),
         {"ada": "new", "ben": "new", "cleo": "new"}),
        (event("message_received"), MINE, message(flags=("auto_reply",)), {}),
        (event("message_received"), MINE, message(at=BEGAN - timedelta(days=30)), {}),
        (event("message_received"), replace(MINE, status=Status.SPAM), message(), {}),
        (event("delivery_changed"), MINE, message(Side.US, DeliveryState.FAILED), {"ben": "trouble"}),
        (event("delivery_changed", "ben"), MINE, message(Side.US, DeliveryState.UNSURE), {"ben": "trouble"}),
        (event("delivery_changed"), MINE, message(Side.US, DeliveryState.SENT), {}),
        (event("conversation_changed", "hub"), MINE, fact("woken", "hub"), {"ben": "woke", "cleo": "woke"}),
        (event("conversation_changed", "hub"), FREE, fact("woken", "hub"), {"ada": "woke"}),
        (event("came_due", late="false"), SOON, None, {"ben": "due"}),
        (event("came_due", late="true"), SOON, None, {"ben": "overdue"}),
        (event("came_due", late="true"), replace(TEAMS, due_at=BEGAN), None,
         {"ben": "overdue", "cleo": "overdue"}),
    ],
)  # fmt: skip
def test_those_are_told_whom_it_concerns_and_who_may_see_it(
    what: Event, of: Any, entry: Entry | None, told: dict[str, str]
) -> None:
    happening = Happening(event=what, conversation=of, entry=entry, slept_for="ada")
    notices = who_is_told(happening, staff())
    assert {each.agent: each.kind for each in notices} == told
    assert all(each.because.endswith(".") and each.ways == EVERY_WAY for each in notices)
    again = who_is_told(happening, staff())
    assert [each.id for each in again] == [each.id for each in notices]


def test_of_a_broken_channel_only_admins_are_told() -> None:
    channel = Channel(
        id="ch", name="Support", platform="email", config={}, created_at=BEGAN, health=Health.BROKEN
    )
    what = Event(id="ev", kind="channel_changed", at=BEGAN, channel="ch", details={"health": "broken"})
    notices = who_is_told(Happening(event=what, channel=channel), staff())
    assert [(each.agent, each.kind) for each in notices] == [("ada", "channel")]
    [notice] = notices
    assert is_true(notice, Now(channel=channel), staff(), BEGAN)
    assert not is_true(notice, Now(channel=replace(channel, health=Health.CONNECTED)), staff(), BEGAN)


def test_of_a_webhook_that_was_switched_off_by_itself_admins_are_told() -> None:
    off = event("hook_changed", None, what="disabled", name="Warehouse", because="It failed.", hook="h")
    told = who_is_told(Happening(event=replace(off, conversation=None)), staff())
    assert {each.kind for each in told} == {NoticeKind.WEBHOOK}
    assert {each.agent for each in told} == {
        each.id for each in staff().agents.values() if each.role is Role.ADMIN and not each.disabled
    }
    by_hand = replace(off, conversation=None, by="rea")
    assert who_is_told(Happening(event=by_hand), staff()) == []


def test_whoever_did_something_to_many_is_told_when_it_is_done() -> None:
    what = Event(id="ev", kind="bulk_finished", at=BEGAN, by="ben", details={"only": "ben", "done": "200"})
    [notice] = who_is_told(Happening(event=what), staff())
    assert (notice.agent, notice.kind) == ("ben", NoticeKind.BULK)
    assert is_true(notice, Now(), staff(), BEGAN)


def test_what_is_muted_is_silent_but_for_what_names_one_in_person() -> None:
    for muted in (
        NoticeSettings(id="ben", muted_channels=("ch",)),
        NoticeSettings(id="ben", muted_teams=("sales",)),
    ):
        deaf = staff(muted)
        team = replace(MINE, team="sales", followers=())
        wrote = Happening(event=event("message_received"), conversation=team, entry=message())
        assert who_is_told(wrote, deaf) == []
        [told] = who_is_told(
            Happening(event=event("conversation_changed", "ada"), conversation=team, entry=ASSIGNED), deaf
        )
        assert told.agent == "ben"


def test_nobody_is_told_in_a_way_they_do_not_want() -> None:
    what = Happening(event=event("conversation_changed", "ada"), conversation=MINE, entry=ASSIGNED)
    silent = staff(NoticeSettings(id="ben", ways={"assigned": ()}))
    assert who_is_told(what, silent) == []
    [notice] = who_is_told(what, staff(NoticeSettings(id="ben", pace=Pace.OFF)))
    assert notice.ways == (Way.PAGE, Way.BROWSER)


def told_of(kind: NoticeKind, **more: Any) -> Notice:
    given = {"id": "n", "agent": "ben", "because": "So.", "at": BEGAN, "ring_at": BEGAN, "ways": EVERY_WAY}
    return Notice(**{**given, "kind": kind, "conversation": "c00001", "entry": "e1", **more})


NOTE = Note(id="e1", conversation="c00001", at=BEGAN, author="ada", author_name="Ada", text="@ben")
NAMED = replace(FREE, mentioned=("ben",))
LATER = BEGAN + timedelta(minutes=10)
DUE = {"due_at": (BEGAN + timedelta(minutes=5)).isoformat()}


@pytest.mark.parametrize(
    ("notice", "now", "moment", "true"),
    [
        (told_of(NoticeKind.ASSIGNED), Now(conversation=MINE), BEGAN, True),
        (told_of(NoticeKind.ASSIGNED), Now(conversation=replace(MINE, agent="cleo")), BEGAN, False),
        (told_of(NoticeKind.ASSIGNED), Now(conversation=replace(MINE, status=Status.RESOLVED)), BEGAN, False),
        (told_of(NoticeKind.ASSIGNED), Now(conversation=replace(MINE, status=Status.MERGED)), BEGAN, False),
        (told_of(NoticeKind.ASSIGNED), Now(), BEGAN, False),
        (told_of(NoticeKind.MENTIONED), Now(conversation=NAMED, entry=NOTE), BEGAN, True),
        (told_of(NoticeKind.MENTIONED), Now(conversation=NAMED), BEGAN, False),
        (told_of(NoticeKind.MENTIONED), Now(conversation=FREE, entry=NOTE), BEGAN, False),
        (told_of(NoticeKind.MENTIONED), Now(conversation=replace(NAMED, status=Status.RESOLVED), entry=NOTE),
         BEGAN, True),
        (told_of(NoticeKind.MESSAGE), Now(conversation=MINE, entry=message()), BEGAN, True),
        (told_of(NoticeKind.MESSAGE), Now(conversation=replace(MINE, awaiting=Awaiting.CUSTOMER),
                                          entry=message()), BEGAN, False),
        (told_of(NoticeKind.MESSAGE), Now(conversation=MINE, entry=message(deleted_at=BEGAN)), BEGAN, False),
        (told_of(NoticeKind.FOLLOWED, agent="cleo"), Now(conversation=MINE, entry=message()), BEGAN, True),
        (told_of(NoticeKind.FOLLOWED), Now(conversation=MINE, entry=message()), BEGAN, False),
        (told_of(NoticeKind.TEAM), Now(conversation=TEAMS), BEGAN, True),
        (told_of(NoticeKind.TEAM), Now(conversation=replace(TEAMS, agent="cleo")), BEGAN, False),
        (told_of(NoticeKind.TEAM, agent="rea"), Now(conversation=TEAMS), BEGAN, False),
        (told_of(NoticeKind.TEAM, agent="gone"), Now(conversation=TEAMS), BEGAN, False),
        (told_of(NoticeKind.NEW), Now(conversation=FREE), BEGAN, True),
        (told_of(NoticeKind.NEW), Now(conversation=TEAMS), BEGAN, False),
        (told_of(NoticeKind.TROUBLE), Now(conversation=MINE, entry=message(Side.US, DeliveryState.FAILED)),
         BEGAN, True),
        (told_of(NoticeKind.TROUBLE), Now(conversation=MINE, entry=message(Side.US, DeliveryState.QUEUED)),
         BEGAN, False),
        (told_of(NoticeKind.WOKE), Now(conversation=MINE), BEGAN, True),
        (told_of(NoticeKind.WOKE), Now(conversation=replace(MINE, status=Status.SNOOZED)), BEGAN, False),
        (told_of(NoticeKind.DUE, details=DUE), Now(conversation=SOON), BEGAN, True),
        (told_of(NoticeKind.DUE, details=DUE), Now(conversation=SOON), LATER, False),
        (told_of(NoticeKind.OVERDUE, details=DUE), Now(conversation=SOON), LATER, True),
        (told_of(NoticeKind.OVERDUE, details=DUE), Now(conversation=replace(SOON, due_at=LATER)), LATER,
         False),
    ],
)  # fmt: skip
def test_a_notice_is_true_for_as_long_as_what_it_says(
    notice: Notice, now: Now, moment: datetime, true: bool
) -> None:
    assert is_true(notice, now, staff(), moment) is true


def test_access_is_asked_as_everywhere_else() -> None:
    assert Staff(agents={}).sees is may_see
