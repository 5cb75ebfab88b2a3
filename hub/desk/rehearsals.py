"""Rules tried on the last days before they are let loose. Nothing is written: not even that it was tried."""

from collections.abc import Sequence
from dataclasses import replace

from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.desk.rule_files import read_rules
from hub.desk.rules import Drawn, list_rules
from hub.desk.teams import only_admins
from hub.dispatch.rehearsing import Rehearsal, rehearse
from hub.model.people import Agent
from hub.model.rules import Rule, Segment

DAYS_MOST = 30


async def rehearse_rules(
    desk: Desk, by: Agent, days: int, *, toml: str | None = None, switched_on: Sequence[str] = ()
) -> Rehearsal:
    """The rules that are on, and those named in `switched_on`; or as they would be with the rules of a file.

    Raises NotAllowed, NotPossible.
    """
    only_admins(by)
    if not 1 <= days <= DAYS_MOST:
        raise NotPossible("rehearsal_days", most=DAYS_MOST)
    rules = await list_rules(desk, by)
    if set(switched_on) - {each.id for each in rules}:
        raise NotPossible("rule_gone")
    rules = [replace(each, enabled=each.enabled or each.id in switched_on) for each in rules]
    segments = dict((await desk.dispatch.office()).segments)
    if toml is not None:
        drawn, read = await read_rules(desk, toml)
        rules = _with(desk, rules, drawn)
        now = desk.clock()
        segments |= {key: Segment(id=key, name=key, when=when, created_at=now) for key, when in read.items()}
    return await rehearse(desk.dispatch, rules, days, segments)


def _with(desk: Desk, rules: Sequence[Rule], drawn: Sequence[Drawn]) -> list[Rule]:
    """What has the name of a rule here is changed, the rest comes behind all others; as when it is taken."""
    kept = {each.name: each for each in rules}
    last = max((each.place for each in rules), default=0)
    for place, each in enumerate(drawn, last + 1):
        old = kept.get(each.name)
        kept[each.name] = Rule(
            id=old.id if old else f"new-{place}",
            name=each.name,
            on=each.on,
            when=each.when,
            then=each.then,
            minutes=each.minutes,
            enabled=each.enabled,
            place=old.place if old else place,
            created_at=old.created_at if old else desk.clock(),
        )
    changed = {each.id: each for each in kept.values()}
    return [changed.pop(each.id, each) for each in rules] + list(changed.values())
