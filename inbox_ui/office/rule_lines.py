"""The lines of the form of a rule: conditions in groups in groups, and actions. Pure.

A group's fields begin with its path: "" is the rule's own, "g0." the first group in it, "g0.g1." the second
in that. Empty lines and empty groups are left out, so a form without scripts can offer some. A button
named `more` asks for another group in the one whose path it carries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.desk.rule_files import DONE, NAMED
from hub.desk.rules import DEEPEST
from hub.model.rules import Action, Condition, Do, Group, Join, Test

Names = Mapping[str, Mapping[str, str]]
Form = Mapping[str, str]
SPARE, SPARE_INSIDE, SPARE_ACTIONS = 3, 2, 2  # empty lines that are offered
LINES_MOST, GROUPS_MOST, ACTIONS_MOST = 60, 10, 20
FIELD = "field:"  # the action that sets the field of this key


@dataclass(frozen=True, slots=True)
class Lines:
    """One group as it stands in the form. `label`: 1, 2.1 … for readers of screens."""

    path: str
    label: str
    join: str
    conditions: Sequence[tuple[str, str, str]]  # fact, test, values
    groups: Sequence["Lines"]
    deeper: bool  # whether a group may be put into it


def lines_of(group: Group, names: Names, path: str = "", label: str = "") -> Lines:
    """What stands in the form of conditions that are kept."""
    conditions = [
        (each.fact, str(each.test), shown(NAMED.get(each.fact, ""), each.values, names))
        for each in group.parts
        if isinstance(each, Condition)
    ]
    inside = [each for each in group.parts if isinstance(each, Group)]
    groups = [lines_of(each, names, f"{path}g{at}.", _label(label, at)) for at, each in enumerate(inside)]
    return _lines(path, label, str(group.join), conditions, groups)


def lines_in(form: Form, path: str = "", label: str = "") -> Lines:
    """What somebody filled in, with the group they asked for."""
    conditions = [
        (fact, form.get(f"{path}test{at}", "is"), form.get(f"{path}values{at}", ""))
        for at in range(LINES_MOST)
        if (fact := form.get(f"{path}fact{at}", ""))
    ]
    paths = [f"{path}g{at}." for at in range(GROUPS_MOST) if f"{path}g{at}.join" in form]
    groups = [lines_in(form, each, _label(label, at)) for at, each in enumerate(paths)]
    if form.get("more") == f"{path}+" and len(paths) < GROUPS_MOST:
        groups.append(_lines(f"{path}g{len(paths)}.", _label(label, len(paths)), "any", [], []))
    return _lines(path, label, form.get(f"{path}join", "all"), conditions, groups)


def _lines(
    path: str,
    label: str,
    join: str,
    conditions: Sequence[tuple[str, str, str]],
    groups: Sequence[Lines],
) -> Lines:
    spare = [("", "is", "")] * (SPARE_INSIDE if path else SPARE)
    return Lines(path, label, join, [*conditions, *spare], groups, path.count(".") < DEEPEST - 1)


def _label(label: str, at: int) -> str:
    return f"{label}.{at + 1}" if label else str(at + 1)


def group_of(lines: Lines, names: Names) -> Group:
    """Raises ValueError when something is not from the lists."""
    conditions = [
        Condition(fact, Test(test), meant(NAMED.get(fact, ""), values, names))
        for fact, test, values in lines.conditions
        if fact
    ]
    groups = [group_of(each, names) for each in lines.groups]
    return Group(Join(lines.join), (*conditions, *(each for each in groups if each.parts)))


def action_lines(actions: Sequence[Action], names: Names) -> list[tuple[str, str]]:
    """What stands in the form, with lines to spare."""
    kept = [
        (f"{FIELD}{each.name}", each.value)
        if each.do is Do.FIELD
        else (str(each.do), shown(DONE.get(each.do, ""), (each.value,), names))
        for each in actions
    ]
    return [*kept, *[("", "")] * SPARE_ACTIONS]


def actions_in(form: Form) -> list[tuple[str, str]]:
    given = [
        (do, form.get(f"value{at}", "")) for at in range(ACTIONS_MOST) if (do := form.get(f"do{at}", ""))
    ]
    return [*given, *[("", "")] * SPARE_ACTIONS]


def actions_of(lines: Sequence[tuple[str, str]], names: Names) -> list[Action]:
    """Raises ValueError when something is not from the lists."""
    return [_action(do, value, names) for do, value in lines if do]


def _action(do: str, value: str, names: Names) -> Action:
    if do.startswith(FIELD):
        return Action(Do.FIELD, value.strip(), do.removeprefix(FIELD))
    return Action(Do(do), meant_one(DONE.get(Do(do), ""), value, names))


def shown(kind: str, values: Sequence[str], names: Names) -> str:
    return ", ".join(names.get(kind, {}).get(each, each) for each in values)


def meant(kind: str, text: str, names: Names) -> tuple[str, ...]:
    """Several with commas between them; a name may have a comma itself."""
    whole = meant_one(kind, text, names)
    if whole in names.get(kind, {}):
        return (whole,)
    return tuple(meant_one(kind, each, names) for each in text.split(",") if each.strip())


def meant_one(kind: str, text: str, names: Names) -> str:
    """What goes by a name, by its id."""
    text = text.strip()
    known = {name.casefold(): key for key, name in names.get(kind, {}).items()}
    return known.get(text.casefold(), text)
