"""Which rules fit what happened, and what they want done. Pure.

Rules see the conversation as it was when it happened, not what an earlier rule makes of it: their order says
who has the last word, and no rule can set off another.
"""

from collections.abc import Sequence

from hub.contract.routing import Case, Verdict
from hub.model.rules import TIMED, Action, Do, Reading, Rule, Trigger
from routing.conditions import holds

SINGLE = (Do.TEAM, Do.AGENT, Do.STRATEGY, Do.PRIORITY, Do.LEVEL, Do.STATUS)  # the last one counts


def judge(rules: Sequence[Rule], reading: Reading, case: Case) -> Verdict:
    fitting: list[Rule] = []
    for rule in sorted(rules, key=lambda each: (each.place, each.id)):
        if not fits(rule, case):
            continue
        fitting.append(rule)
        if reading is Reading.FIRST or any(each.do is Do.STOP for each in rule.then):
            break
    return Verdict(rules=tuple(fitting), actions=_in_effect([each for rule in fitting for each in rule.then]))


def fits(rule: Rule, case: Case) -> bool:
    if not rule.enabled or case.trigger not in rule.on:
        return False
    if case.trigger in TIMED and case.minutes is not None and not _in_time(rule, case.trigger, case.minutes):
        return False
    return holds(rule.when, case.facts)


def _in_time(rule: Rule, trigger: Trigger, minutes: float) -> bool:
    """Has waited for so long; is due within so much."""
    return minutes <= rule.minutes if trigger is Trigger.DUE else minutes >= rule.minutes


def _in_effect(wanted: Sequence[Action]) -> tuple[Action, ...]:
    """Each thing once, as the last rule that speaks of it has it."""
    kept: dict[tuple[str, ...], Action] = {}
    for each in wanted:
        if each.do is Do.STOP:
            continue
        key: tuple[str, ...] = (str(each.do), each.name, each.value)
        if each.do in SINGLE:
            key = (str(each.do),)
        elif each.do is Do.FIELD:
            key = (str(each.do), each.name)
        kept.pop(key, None)
        kept[key] = each
    return tuple(kept.values())
