"""Rules as they are written by others: in the API, in a form, in a file. Parsed once, then trusted."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hub.desk.rules import Drawn
from hub.model.rules import Action, Condition, Do, Group, Join, Rule, Test, Trigger

Text = Annotated[str, Field(max_length=5000)]


class Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ConditionForm(Written):
    """One thing that is asked of a conversation."""

    fact: Annotated[str, Field(max_length=100)]
    test: Test = Test.IS
    values: tuple[Text, ...] = Field((), max_length=60)


class GroupForm(Written):
    """Conditions, and groups of them."""

    join: Join = Join.ALL
    parts: "tuple[GroupForm | ConditionForm, ...]" = Field((), max_length=60)

    def drawn(self) -> Group:
        parts = (
            each.drawn() if isinstance(each, GroupForm) else Condition(each.fact, each.test, each.values)
            for each in self.parts
        )
        return Group(self.join, tuple(parts))


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
            when=self.when.drawn(),
            then=tuple(Action(each.do, each.value, each.name) for each in self.then),
            minutes=self.minutes,
            enabled=self.enabled,
        )


def form_of(rule: Rule | Drawn) -> RuleForm:
    return RuleForm(
        name=rule.name,
        on=rule.on,
        when=group_form(rule.when),
        then=tuple(ActionForm(do=each.do, value=each.value, name=each.name) for each in rule.then),
        minutes=rule.minutes,
        enabled=rule.enabled,
    )


def group_form(group: Group) -> GroupForm:
    return GroupForm(
        join=group.join,
        parts=tuple(
            group_form(each)
            if isinstance(each, Group)
            else ConditionForm(fact=each.fact, test=each.test, values=each.values)
            for each in group.parts
        ),
    )
