"""Rules as they are written by others: in the API, in a form, in a TOML file. Parsed once, then trusted.

In a file, teams, agents, channels and service levels go by their names, so that it can be read, and taken to
another installation; an id is understood, too.
"""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.desk.rules import Drawn, add_rule, change_rule, check_rule, list_rules
from hub.model.people import Agent
from hub.model.rules import Action, Condition, Do, Group, Join, Rule, Test, Trigger

Text = Annotated[str, Field(max_length=5000)]
NAMED = {
    "team": "team",
    "agent": "agent",
    "channel": "channel",
    "level": "level",
}  # facts, and what they name
DONE = {Do.TEAM: "team", Do.AGENT: "agent", Do.LEVEL: "level"}
FILE_MOST = 1_000_000


class Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConditionForm(Written):
    """One thing that is asked of a conversation."""

    fact: Annotated[str, Field(max_length=100)]
    test: Test = Test.IS
    values: tuple[Text, ...] = Field((), max_length=60)


class GroupForm(Written):
    """Conditions, and groups of them."""

    join: Join = Join.ALL
    parts: "tuple[GroupForm | ConditionForm, ...]" = Field((), max_length=60)


class ActionForm(Written):
    """One thing that is done."""

    do: Do
    value: Text = ""
    name: Annotated[str, Field(max_length=100)] = ""


class RuleForm(Written):
    """A rule as somebody wants it."""

    name: Annotated[str, Field(max_length=200)]
    on: tuple[Trigger, ...] = Field(max_length=len(Trigger))
    when: GroupForm = GroupForm()
    then: tuple[ActionForm, ...] = Field(max_length=20)
    minutes: int = Field(0, description="Of `waited`, `due`, `quiet` and `resolved`.")
    enabled: bool = True

    def drawn(self) -> Drawn:
        return Drawn(
            name=self.name,
            on=tuple(dict.fromkeys(self.on)),
            when=_group(self.when),
            then=tuple(Action(each.do, each.value, each.name) for each in self.then),
            minutes=self.minutes,
            enabled=self.enabled,
        )


def _group(form: GroupForm) -> Group:
    return Group(
        form.join,
        tuple(
            _group(each) if isinstance(each, GroupForm) else Condition(each.fact, each.test, each.values)
            for each in form.parts
        ),
    )


def form_of(rule: Rule | Drawn) -> RuleForm:
    return RuleForm(
        name=rule.name,
        on=rule.on,
        when=_group_form(rule.when),
        then=tuple(ActionForm(do=each.do, value=each.value, name=each.name) for each in rule.then),
        minutes=rule.minutes,
        enabled=rule.enabled,
    )


def _group_form(group: Group) -> GroupForm:
    return GroupForm(
        join=group.join,
        parts=tuple(
            _group_form(each)
            if isinstance(each, Group)
            else ConditionForm(fact=each.fact, test=each.test, values=each.values)
            for each in group.parts
        ),
    )


# Files


async def export_rules(desk: Desk, by: Agent) -> str:
    """All rules in their order, as TOML. Raises NotAllowed."""
    names = {kind: dict(each) for kind, each in (await names_of(desk)).items()}
    rules = [form_of(each) for each in await list_rules(desk, by)]
    written = [_renamed(each.model_dump(mode="json", exclude_defaults=True), names) for each in rules]
    return tomli_w.dumps({"rule": written})


async def import_rules(desk: Desk, by: Agent, text: str, *, address: str = "") -> list[Rule]:
    """A rule of the same name is changed, others are added. All or none. Raises NotAllowed, NotPossible."""
    known = {each.name: each for each in await list_rules(desk, by)}
    ids = {kind: {name: key for key, name in each.items()} for kind, each in (await names_of(desk)).items()}
    try:
        if len(text) > FILE_MOST:
            raise ValueError(f"longer than {FILE_MOST} characters")
        found = tomllib.loads(text).get("rule", [])
        forms = [RuleForm.model_validate(_renamed(each, ids)) for each in found]
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(each) for each in first["loc"])
        raise NotPossible("rules_file", problem=f"{where}: {first['msg']}") from None
    except (ValueError, TypeError, AttributeError) as problem:
        raise NotPossible("rules_file", problem=problem) from None
    drawn = [each.drawn() for each in forms]
    for each in drawn:
        await check_rule(desk, each)
    return [
        await change_rule(desk, by, known[each.name].id, each, address=address)
        if each.name in known
        else await add_rule(desk, by, each, address=address)
        for each in drawn
    ]


async def names_of(desk: Desk) -> dict[str, dict[str, str]]:
    """What files and pages call things, by their ids."""
    people, office = desk.store.people, await desk.dispatch.office()
    return {
        "team": {each.id: each.name for each in await people.list_teams()},
        "agent": {each.id: each.email for each in await people.list_agents()},
        "channel": {each.id: each.name for each in await desk.store.channels.list_channels()},
        "level": {each.id: each.name for each in office.levels.values()},
    }


def _renamed(rule: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """A written rule with the values of what has a name put into other words."""
    written = dict(rule)
    if "when" in written:
        written["when"] = _renamed_part(written["when"], names)
    written["then"] = [
        {**each, "value": names.get(DONE[Do(each["do"])], {}).get(each["value"], each["value"])}
        if each.get("do") in list(DONE) and "value" in each
        else dict(each)
        for each in written.get("then", [])
    ]
    return written


def _renamed_part(part: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    written = dict(part)
    if "parts" in written:
        written["parts"] = [_renamed_part(each, names) for each in _several(written["parts"])]
    known = names.get(NAMED.get(str(written.get("fact", "")), ""), {})
    if "values" in written:
        written["values"] = [known.get(each, each) for each in _several(written["values"])]
    return written


def _several(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError("a list is expected")
    return value
