"""Rules: made, changed, ordered and removed by admins; the audit log keeps what they were."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.auth.audit import record
from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.desk.teams import only_admins
from hub.model.events import Event
from hub.model.hooks import RULE_FIRED
from hub.model.ids import new_id
from hub.model.inbox import Priority, Status
from hub.model.people import Agent
from hub.model.rules import FACTS, NAMED_FACTS, Action, Condition, Do, Group, Reading, Rule, Test, Trigger
from hub.model.staffing import Strategy
from hub.realtime import publish
from hub.store.codec import to_document

RULES_MOST, NAME_LONGEST, DEEPEST, PARTS_MOST, VALUE_LONGEST, ACTIONS_MOST = 300, 100, 4, 60, 5000, 20
MINUTES_MOST = 60 * 24 * 60
TEXT_TESTS = (Test.CONTAINS, Test.WORD, Test.BEGINS)
SPOKEN = (Status.OPEN, Status.RESOLVED, Status.SPAM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A rule as somebody wants it."""

    name: str
    on: tuple[Trigger, ...]
    when: Group
    then: tuple[Action, ...]
    minutes: int = 0
    enabled: bool = True


async def list_rules(desk: Desk, by: Agent) -> list[Rule]:
    """In their order. Raises NotAllowed."""
    only_admins(by)
    return sorted(await desk.store.rules.all_of(Rule), key=lambda each: (each.place, each.id))


async def reading(desk: Desk, by: Agent) -> Reading:
    only_admins(by)
    return (await desk.store.rules.version())[1]


async def set_reading(desk: Desk, by: Agent, wanted: Reading, *, address: str = "") -> None:
    """Whether the first rule that fits counts, or all of them."""
    only_admins(by)
    if await reading(desk, by) is not wanted:
        await desk.store.rules.set_reading(wanted)
        await tell(desk, by, "rules_reading", "", "", address, {"reading": str(wanted)})


async def add_rule(desk: Desk, by: Agent, drawn: Drawn, *, address: str = "") -> Rule:
    """Behind all others. Raises NotAllowed, NotPossible."""
    only_admins(by)
    await check_rule(desk, drawn)
    known = await desk.store.rules.all_of(Rule)
    if len(known) >= RULES_MOST:
        raise NotPossible("rules_many", most=RULES_MOST)
    now = desk.clock()
    place = max((each.place for each in known), default=0) + 1
    rule = Rule(
        id=new_id(now),
        name=_name(drawn),
        on=drawn.on,
        when=drawn.when,
        then=drawn.then,
        minutes=drawn.minutes,
        enabled=drawn.enabled,
        place=place,
        created_at=now,
    )
    await desk.store.rules.save(rule)
    await tell(desk, by, "rule_added", rule.id, rule.name, address, _written(rule))
    return rule


async def change_rule(desk: Desk, by: Agent, rule: str, drawn: Drawn, *, address: str = "") -> Rule:
    """Raises NotAllowed, NotPossible."""
    only_admins(by)
    old = await get_rule(desk, by, rule)
    await check_rule(desk, drawn)
    changed = replace(
        old,
        name=_name(drawn),
        on=drawn.on,
        when=drawn.when,
        then=drawn.then,
        minutes=drawn.minutes,
        enabled=drawn.enabled,
    )
    if changed == old:
        return old
    changed = replace(changed, version=old.version + 1)
    await desk.store.rules.save(changed)
    await tell(desk, by, "rule_changed", rule, changed.name, address, _written(changed))
    return changed


async def remove_rule(desk: Desk, by: Agent, rule: str, *, address: str = "") -> None:
    only_admins(by)
    old = await get_rule(desk, by, rule)
    await desk.store.rules.remove(Rule, rule)
    await tell(desk, by, "rule_removed", rule, old.name, address, _written(old))


async def order_rules(desk: Desk, by: Agent, rules: Sequence[str], *, address: str = "") -> None:
    """These first, in this order; the others keep theirs behind them."""
    known = await list_rules(desk, by)
    wanted = {each: place for place, each in enumerate(dict.fromkeys(rules))}
    ordered = sorted(known, key=lambda each: (wanted.get(each.id, len(wanted)), each.place, each.id))
    moved = [replace(each, place=place) for place, each in enumerate(ordered, 1) if each.place != place]
    if moved:
        await desk.store.rules.save(*moved)
        names = ", ".join(each.name for each in ordered)
        await tell(desk, by, "rules_ordered", "", "", address, {"order": names[:500]})


async def get_rule(desk: Desk, by: Agent, rule: str) -> Rule:
    """Raises NotAllowed, NotPossible."""
    only_admins(by)
    found = await desk.store.rules.find(Rule, rule)
    if found is None:
        raise NotPossible("rule_gone")
    return found


async def check_rule(desk: Desk, drawn: Drawn) -> None:
    """Raises NotPossible with what is wrong."""
    if not drawn.name.strip() or len(drawn.name) > NAME_LONGEST:
        raise NotPossible("name_needed", most=NAME_LONGEST)
    if not drawn.on:
        raise NotPossible("rule_on")
    if not 1 <= len(drawn.then) <= ACTIONS_MOST:
        raise NotPossible("rule_then", most=ACTIONS_MOST)
    if not 0 <= drawn.minutes <= MINUTES_MOST:
        raise NotPossible("rule_minutes")
    check_group(drawn.when)
    for action in drawn.then:
        await _check_action(desk, action)


def check_group(group: Group, depth: int = 1) -> None:
    if depth > DEEPEST or len(group.parts) > PARTS_MOST:
        raise NotPossible("rule_deep", deepest=DEEPEST, most=PARTS_MOST)
    for part in group.parts:
        if isinstance(part, Group):
            check_group(part, depth + 1)
        else:
            _check_condition(part)


def _check_condition(condition: Condition) -> None:
    fact, test = condition.fact, condition.test
    named = any(fact.startswith(each) and fact != each for each in NAMED_FACTS)
    if fact not in FACTS and not named:
        raise NotPossible("rule_fact", fact=fact)
    if test in (Test.KNOWN, Test.UNKNOWN):
        return
    if (
        not condition.values
        or len(condition.values) > PARTS_MOST
        or not all(map(str.strip, condition.values))
    ):
        raise NotPossible("rule_values", fact=fact)
    if test in (Test.ABOVE, Test.BELOW) and not all(_is_number(each) for each in condition.values):
        raise NotPossible("rule_number", fact=fact)


async def _check_action(desk: Desk, action: Action) -> None:
    value = action.value
    if len(value) > VALUE_LONGEST:
        raise NotPossible("rule_value", what=action.do)
    people, known = desk.store.people, True
    match action.do:
        case Do.TEAM:
            known = value in {each.id for each in await people.list_teams()}
        case Do.AGENT:
            known = value in {each.id for each in await people.list_agents() if not each.disabled}
        case Do.STRATEGY:
            known = value in list(Strategy)
        case Do.PRIORITY:
            known = value in list(Priority)
        case Do.STATUS:
            known = value in SPOKEN
        case Do.LEVEL:
            known = not value or value in {each.id for each in (await desk.dispatch.office()).levels.values()}
        case Do.NEED:
            skill, _, level = value.partition(":")
            known = bool(skill.strip()) and level in ("", "1", "2", "3", "4", "5")
        case Do.REPLY:
            kept = await desk.store.drafts.find_reply(value)
            known = kept is not None and kept.shared
        case Do.TAG | Do.UNTAG | Do.NOTE:
            known = bool(value.strip()) and (action.do is Do.NOTE or len(value) <= 40)
        case Do.NOTIFY:
            told = [each.id for each in await people.list_agents() if not each.disabled]
            known = not value or value in {*told, *(each.id for each in await people.list_teams())}
        case Do.WEBHOOK:
            hook = next((each for each in await desk.store.hooks.list_hooks() if each.id == value), None)
            if hook is not None and RULE_FIRED not in hook.kinds:
                raise NotPossible("rule_hook", name=hook.name)
            known = hook is not None
        case Do.FIELD:
            known = bool(action.name) and "." not in action.name
    if not known:
        raise NotPossible("rule_value", what=action.do)


async def tell(
    desk: Desk, by: Agent, deed: str, target: str, name: str, address: str, details: dict[str, str]
) -> None:
    """A deed of the office: written into the audit log, and told to pages."""
    await record(
        desk.store, desk.clock, by, deed, target=target, target_name=name, address=address, details=details
    )
    now = desk.clock()
    await publish(desk.store, [Event(id=new_id(now), kind="rules_changed", at=now, by=by.id)])


def _name(drawn: Drawn) -> str:
    return " ".join(drawn.name.split())


def _written(rule: Rule) -> dict[str, str]:
    """What the audit log keeps of it."""
    document = to_document(rule)
    return {
        key: str(document[key]) for key in ("on", "when", "then", "minutes", "enabled") if key in document
    }


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
