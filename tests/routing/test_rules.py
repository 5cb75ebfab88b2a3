"""Which rules fit, and what they want done."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hub.contract.routing import Case
from hub.model.rules import Action, Condition, Do, Group, Join, Reading, Rule, Test, Trigger
from routing.conditions import holds
from routing.rules import judge

FACTS = {
    "words": ("Where is my Rückerstattung?", "退款在哪里"),
    "tag": ("VIP", "spring"),
    "domain": ("shop.example",),
    "waiting": ("90.0",),
    "language": (),
}


def rule(name: str, *then: Action, place: int = 0, **more: Any) -> Rule:
    given: dict[str, Any] = {"on": (Trigger.ARRIVED,), "when": Group(Join.ALL, ())}
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Rule(id=name, name=name, then=then, place=place, created_at=at, **{**given, **more})


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        (Condition("tag", Test.IS, ("vip",)), True),  # however it is written
        (Condition("tag", Test.IS_NOT, ("autumn",)), True),
        (Condition("tag", Test.IS_NOT, ("autumn", "vip")), False),
        (Condition("words", Test.WORD, ("erstattung",)), False),  # a part of a word
        (Condition("words", Test.WORD, ("rückerstattung",)), True),
        (Condition("words", Test.WORD, ("退款",)), True),  # no spaces between words
        (Condition("words", Test.CONTAINS, ("erstattung",)), True),
        (Condition("domain", Test.BEGINS, ("shop.",)), True),
        (Condition("waiting", Test.ABOVE, ("60",)), True),
        (Condition("waiting", Test.BELOW, ("60",)), False),
        (Condition("waiting", Test.ABOVE, ("soon",)), False),
        (Condition("language", Test.UNKNOWN), True),
        (Condition("language", Test.KNOWN), False),
        (Condition("language", Test.IS, ("",)), False),
        (Condition("nothing", Test.IS_NOT, ("x",)), True),
    ],
)
def test_conditions_compare_as_people_expect(condition: Condition, fits: bool) -> None:
    assert holds(condition, FACTS) is fits


def test_groups_may_be_nested() -> None:
    vip, big = Condition("tag", Test.IS, ("vip",)), Condition("tag", Test.IS, ("big",))
    assert holds(Group(Join.ALL, (vip, Group(Join.NONE, (big,)))), FACTS)
    assert holds(Group(Join.ANY, (big, Group(Join.ALL, (vip,)))), FACTS)
    assert not holds(Group(Join.NONE, (Group(Join.ANY, (vip, big)),)), FACTS)
    assert holds(Group(Join.ALL, ()), FACTS)
    assert not holds(Group(Join.ANY, ()), FACTS)


def test_rules_are_read_in_their_order_and_the_last_word_counts() -> None:
    rules = [
        rule("b", Action(Do.TEAM, "support"), Action(Do.TAG, "b"), place=2),
        rule("a", Action(Do.TEAM, "sales"), Action(Do.TAG, "a"), place=1),
        rule("off", Action(Do.TEAM, "none"), place=3, enabled=False),
        rule("other", Action(Do.TEAM, "none"), place=4, on=(Trigger.TAGGED,)),
    ]
    case = Case(trigger=Trigger.ARRIVED, facts=FACTS)
    every = judge(rules, Reading.ALL, case)
    assert [each.id for each in every.rules] == ["a", "b"]
    assert set(every.actions) == {Action(Do.TEAM, "support"), Action(Do.TAG, "a"), Action(Do.TAG, "b")}
    assert [each.id for each in judge(rules, Reading.FIRST, case).rules] == ["a"]
    stopping = [*rules, rule("stop", Action(Do.STOP), place=0)]
    assert [each.id for each in judge(stopping, Reading.ALL, case).rules] == ["stop"]


def test_a_rule_about_time_fits_once_its_time_has_come() -> None:
    waited = rule("w", Action(Do.PRIORITY, "high"), on=(Trigger.WAITED,), minutes=60)
    due = rule("d", Action(Do.PRIORITY, "high"), on=(Trigger.DUE,), minutes=30)
    for minutes, waits, is_due in ((59.0, 0, 0), (61.0, 1, 0), (29.0, 0, 1)):
        for one, trigger, count in ((waited, Trigger.WAITED, waits), (due, Trigger.DUE, is_due)):
            case = Case(trigger=trigger, facts={}, minutes=minutes)
            assert len(judge([one], Reading.ALL, case).rules) == count
