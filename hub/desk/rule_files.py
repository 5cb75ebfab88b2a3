"""Rules and segments as a TOML file, to keep or to take to another installation.

What has an id goes by its name there: teams, agents, channels, service levels, working hours, segments, saved
replies, webhooks. An id is understood, too; a name that is not known here is refused, instead of a rule that
never fits.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tomli_w
from pydantic import Field, ValidationError

from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.desk.rule_forms import GroupForm, RuleForm, Text, Written, form_of, group_form
from hub.desk.rules import Drawn, add_rule, change_rule, check_rule, list_rules
from hub.desk.segments import change_segment, check_segment, list_segments, put_segment
from hub.model.fields import FieldOn
from hub.model.people import Agent
from hub.model.rules import Condition, Do, Group, Rule

# Facts and actions whose values are ids, and of what.
NAMED = {
    "team": "team",
    "agent": "agent",
    "owner": "agent",
    "channel": "channel",
    "level": "level",
    "segment": "segment",
    "open_hours": "hours",
}
DONE = {
    Do.TEAM: "team",
    Do.AGENT: "agent",
    Do.LEVEL: "level",
    Do.REPLY: "reply",
    Do.NOTIFY: "told",
    Do.WEBHOOK: "hook",
}
FILE_MOST = 1_000_000
Names = Mapping[str, Mapping[str, str]]


class SegmentForm(Written):
    """A segment as somebody wants it."""

    name: Text
    when: GroupForm = GroupForm()


class FileForm(Written):
    rule: tuple[RuleForm, ...] = Field((), max_length=300)
    segment: tuple[SegmentForm, ...] = Field((), max_length=300)


async def export_rules(desk: Desk, by: Agent) -> str:
    """All segments, and all rules in their order, as TOML. Raises NotAllowed."""
    names = await names_of(desk)
    rules = [form_of(each) for each in await list_rules(desk, by)]
    segments = [
        SegmentForm(name=each.name, when=group_form(each.when)) for each in await list_segments(desk, by)
    ]
    written = {
        "segment": [
            _renamed(each.model_dump(mode="json", exclude_defaults=True), names) for each in segments
        ],
        "rule": [_renamed(each.model_dump(mode="json", exclude_defaults=True), names) for each in rules],
    }
    return tomli_w.dumps({key: each for key, each in written.items() if each})


async def import_rules(desk: Desk, by: Agent, text: str, *, address: str = "") -> list[Rule]:
    """What has the name of something here is changed, the rest is added. All or none.

    Raises NotAllowed, NotPossible.
    """
    known = {each.name: each for each in await list_rules(desk, by)}
    form = _read(text)
    segments = {each.name: each for each in form.segment}
    for each in segments.values():
        check_segment(each.name, each.when.drawn())
    new = {name: name for name in segments}  # in the file: their ids come when they are made
    ids = await _ids(desk, new)
    for rule in form.rule:
        await check_rule(desk, RuleForm.model_validate(_meant(rule, ids)).drawn())
    there = {each.name: each.id for each in await list_segments(desk, by)}
    for name, each in segments.items():
        when = GroupForm.model_validate(_renamed_part(each.when.model_dump(mode="json"), ids)).drawn()
        if name in there:
            await change_segment(desk, by, there[name], name, when, address=address)
        else:
            await put_segment(desk, by, name, when, address=address)
    ids = await _ids(desk, {})
    drawn = [RuleForm.model_validate(_meant(each, ids)).drawn() for each in form.rule]
    return [
        await change_rule(desk, by, known[each.name].id, each, address=address)
        if each.name in known
        else await add_rule(desk, by, each, address=address)
        for each in drawn
    ]


async def read_rules(desk: Desk, text: str) -> tuple[list[Drawn], dict[str, Group]]:
    """The rules of a file, and its segments by their names, which stand for their ids. Nothing is kept.

    Raises NotPossible.
    """
    form = _read(text)
    for each in form.segment:
        check_segment(each.name, each.when.drawn())
    ids = await _ids(desk, {each.name: each.name for each in form.segment})
    drawn = [RuleForm.model_validate(_meant(each, ids)).drawn() for each in form.rule]
    for rule in drawn:
        await check_rule(desk, rule)
    segments = {}
    for segment in form.segment:
        when = _renamed_part(segment.when.model_dump(mode="json"), ids)
        segments[ids["segment"].get(segment.name, segment.name)] = GroupForm.model_validate(when).drawn()
    return drawn, segments


async def names_of(desk: Desk) -> dict[str, dict[str, str]]:
    """What files and pages call things, by their kinds and ids."""
    people, office = desk.store.people, await desk.dispatch.office()
    teams = {each.id: each.name for each in await people.list_teams()}
    agents = {each.id: each.email for each in await people.list_agents()}
    replies = await desk.store.drafts.list_replies("", ())
    fields = await desk.store.fields.list_fields()
    return {
        "team": teams,
        "agent": agents,
        "told": {**teams, **agents},
        "channel": {each.id: each.name for each in await desk.store.channels.list_channels()},
        "level": {each.id: each.name for each in office.levels.values()},
        "hours": {each.id: each.name for each in office.hours.values()},
        "segment": {each.id: each.name for each in office.segments.values()},
        "reply": {each.id: each.title for each in replies if each.shared},
        "fact": {
            **{f"field.{each.key}": each.name for each in fields if each.on == FieldOn.CONVERSATION},
            **{f"customer.{each.key}": each.name for each in fields if each.on == FieldOn.CUSTOMER},
        },
        "field": {each.key: each.name for each in fields if each.on == FieldOn.CONVERSATION},
        "hook": {each.id: each.name for each in await desk.store.hooks.list_hooks()},
    }


def _read(text: str) -> FileForm:
    try:
        if len(text) > FILE_MOST:
            raise ValueError(f"longer than {FILE_MOST} characters")
        return FileForm.model_validate(tomllib.loads(text))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(each) for each in first["loc"])
        raise NotPossible("rules_file", problem=f"{where}: {first['msg']}") from None
    except ValueError as problem:
        raise NotPossible("rules_file", problem=problem) from None


async def _ids(desk: Desk, segments: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Ids by their names."""
    names = await names_of(desk)
    found = {kind: {name: key for key, name in each.items()} for kind, each in names.items()}
    found["segment"] |= {name: key for name, key in segments.items() if name not in found["segment"]}
    return found


def _meant(form: RuleForm, ids: Names) -> dict[str, Any]:
    """With ids for names. Raises NotPossible for a name that is not known here."""
    drawn = form.drawn()
    asked = [(NAMED[each.fact], value) for each in _named(drawn.when) for value in each.values]
    asked += [(DONE[each.do], each.value) for each in drawn.then if each.do in DONE and each.value]
    for kind, value in asked:
        if value not in ids[kind] and value not in ids[kind].values():
            raise NotPossible("rules_file", problem=f"{form.name}: {value}?")
    return _renamed(form.model_dump(mode="json"), ids)


def _named(part: Group) -> Iterator[Condition]:
    for each in part.parts:
        if isinstance(each, Group):
            yield from _named(each)
        elif each.fact in NAMED:
            yield each


def _renamed(rule: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A written rule or segment with the values of what has a name put into other words."""
    written = dict(rule)
    if "when" in written:
        written["when"] = _renamed_part(written["when"], names)
    if "then" in written:
        written["then"] = [_renamed_action(each, names) for each in written["then"]]
    return written


def _renamed_action(action: Mapping[str, Any], names: Names) -> dict[str, Any]:
    known = names.get(DONE.get(Do(action["do"]), ""), {})
    value = action.get("value", "")
    return {**action, "value": known.get(value, value)} if value else dict(action)


def _renamed_part(part: Mapping[str, Any], names: Names) -> dict[str, Any]:
    written = dict(part)
    if "parts" in written:
        parts: Sequence[Mapping[str, Any]] = written["parts"]
        written["parts"] = [_renamed_part(each, names) for each in parts]
    known = names.get(NAMED.get(str(written.get("fact", "")), ""), {})
    if "values" in written:
        written["values"] = [known.get(each, each) for each in written["values"]]
    return written
