"""Rules tried on what has happened: who would have had it, when, and how long customers had waited."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.contract.rehearsal import Burden, Course, Past, Staff, Trial
from hub.model.hours import Shift, WorkingHours
from hub.model.rules import Action, Condition, Do, Group, Join, Reading, Rule, Test, Trigger
from hub.model.service import Happened, ServiceLevel, Turn
from hub.model.staffing import AgentPlan, Strategy, TeamPlan
from routing.rehearse import rehearse

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
PLANS = {"returns": TeamPlan(id="returns", strategy=Strategy.ROUND_ROBIN)}
LEVEL = ServiceLevel(id="gold", name="Gold", first_response=30, created_at=NINE)


def after(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def past(name: str, at: float = 0, words: str = "a refund", **more: Any) -> Past:
    """Ben of sales had it after five minutes, answered after ten and resolved it after twenty."""
    made: dict[str, Any] = {
        "facts": {"words": (words,)},
        "surface": "email",
        "weight": 1,
        "home": "sales",
        "channel": "Post",
        "truly": Course(team="sales", agent="ben", given_at=after(at + 5)),
        "history": (
            Happened(Turn.WROTE, after(at)),
            Happened(Turn.ANSWERED, after(at + 10)),
            Happened(Turn.RESOLVED, after(at + 20)),
        ),
    }
    return Past(id=name, arrived=after(at), **{**made, **more})


def rule(*then: Action, words: str = "refund", **more: Any) -> Rule:
    when = Group(Join.ALL, (Condition("words", Test.WORD, (words,)),))
    made: dict[str, Any] = {"id": "r1", "name": "Refunds", "on": (Trigger.ARRIVED,), "created_at": NINE}
    return Rule(when=when, then=then, **{**made, **more})


TO_RETURNS = Action(Do.TEAM, "returns")


def trial(pasts: Sequence[Past], *rules: Rule, **more: Any) -> Trial:
    made: dict[str, Any] = {
        "plans": PLANS,
        "staff": [staff("ben", "sales"), staff("cem", "returns")],
        "hours": {},
        "levels": {"gold": LEVEL},
        "ends": after(24 * 60),
    }
    return Trial(past=pasts, rules=rules, reading=Reading.ALL, **{**made, **more})


def staff(name: str, *teams: str, **plan: Any) -> Staff:
    return Staff(agent=name, name=name.title(), plan=AgentPlan(id=name, **plan), teams=teams)


def test_what_no_rule_speaks_of_is_as_it_truly_was() -> None:
    found = rehearse(trial([past("one"), past("two", 7)]))
    assert found.tried == found.truly
    assert {each.team for each in found.courses.values()} == {"sales"}
    assert found.truly.burdens == (Burden(agent="ben", total=2, most=2),)
    assert (found.truly.median, found.truly.p90, found.truly.unanswered) == (10, 10, 0)


def test_a_rule_sends_it_elsewhere_at_once_and_says_why() -> None:
    found = rehearse(trial([past("one"), past("two", words="hello")], rule(TO_RETURNS)))
    course = found.courses["one"]
    assert (course.team, course.agent, course.given_at, course.rules) == (
        "returns",
        "cem",
        NINE,
        ("Refunds",),
    )
    assert "“Refunds”" in course.because
    assert found.courses["two"].agent == "ben"
    assert found.tried.burdens == (Burden(agent="ben", total=1, most=1), Burden(agent="cem", total=1, most=1))
    assert (found.tried.median, found.tried.p90) == (5, 10)  # what took five minutes takes as long


def test_a_rule_that_is_off_or_listens_to_something_else_does_nothing() -> None:
    off = rule(TO_RETURNS, enabled=False)
    later = rule(TO_RETURNS, on=(Trigger.REPLIED,))
    assert rehearse(trial([past("one")], off, later)).courses["one"].team == "sales"


def test_who_is_full_lets_others_wait_until_something_is_resolved() -> None:
    pasts = [past(each, place) for place, each in enumerate(("one", "two", "three"))]
    narrow = [staff("ben", "sales"), staff("cem", "returns", capacity=1)]
    found = rehearse(trial(pasts, rule(TO_RETURNS), staff=narrow))
    # Each takes cem the quarter of an hour that it took ben.
    assert [found.courses[each].given_at for each in ("one", "two", "three")] == [NINE, after(15), after(30)]
    assert found.tried.burdens == (Burden(agent="cem", total=3, most=1),)
    assert (found.tried.median, found.tried.p90) == (19, 33)


def test_the_more_urgent_goes_before_who_waits_longer() -> None:
    pasts = [past("one"), past("two", 1), past("three", 2, words="refund, lawyer")]
    urgent = rule(Action(Do.PRIORITY, "urgent"), words="lawyer", id="r2")
    narrow = [staff("cem", "returns", capacity=1)]
    found = rehearse(trial(pasts, rule(TO_RETURNS), urgent, staff=narrow))
    assert [found.courses[each].given_at for each in ("one", "three", "two")] == [NINE, after(15), after(30)]


def test_nobody_gets_anything_outside_their_hours() -> None:
    hours = WorkingHours(
        id="late", name="Late", zone="UTC", shifts=(Shift(0, 10 * 60, 12 * 60),), created_at=NINE
    )
    team = [staff("cem", "returns", hours="late")]
    found = rehearse(trial([past("one")], rule(TO_RETURNS), staff=team, hours={"late": hours}))
    assert found.courses["one"].given_at == after(60)
    assert found.tried.median == 65


def test_without_anybody_it_waits_and_the_promise_breaks() -> None:
    gold = rule(TO_RETURNS, Action(Do.LEVEL, "gold"))
    kept = past("one", truly=replace(past("one").truly, level="gold"))
    found = rehearse(trial([kept], gold, staff=[staff("ben", "sales")]))
    assert found.courses["one"].agent is None
    assert (found.tried.answered, found.tried.unanswered, found.tried.median) == (0, 1, None)
    assert (found.tried.broken["first_response"], found.truly.broken["first_response"]) == (1, 0)


def test_what_a_rule_puts_away_burdens_nobody() -> None:
    found = rehearse(trial([past("one")], rule(Action(Do.STATUS, "spam"))))
    assert found.courses["one"].away
    assert found.tried.burdens == ()
    assert (found.tried.answered, found.tried.unanswered) == (0, 0)


def test_a_rule_asks_for_somebody_who_is_of_no_team_of_it() -> None:
    found = rehearse(trial([past("one")], rule(Action(Do.AGENT, "cem"))))
    assert (found.courses["one"].team, found.courses["one"].agent) == ("sales", "cem")


def test_blocked_customers_and_the_last_word_of_a_later_rule() -> None:
    second = rule(Action(Do.TEAM, "sales"), id="r2", place=1, name="No")
    found = rehearse(trial([past("one", blocked=True), past("two")], rule(TO_RETURNS), second))
    assert found.courses["one"].away
    assert (found.courses["two"].team, found.courses["two"].rules) == ("sales", ("Refunds", "No"))
