"""Working hours, service levels, and how teams and agents take work. Admins only; all in the audit log."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from zoneinfo import available_timezones

from hub.desk.changing import NotPossible
from hub.desk.replying import Desk
from hub.desk.rules import tell
from hub.desk.teams import get_team, only_admins
from hub.dispatch import drain, promises_changed
from hub.model.hours import WorkingHours
from hub.model.ids import new_id
from hub.model.people import Agent
from hub.model.service import ServiceLevel
from hub.model.staffing import AgentPlan, TeamPlan

NAME_LONGEST, SHIFTS_MOST, CLOSED_MOST, KEPT_MOST = 60, 60, 400, 100
CAPACITY_MOST, MINUTES_MOST, SKILLS_MOST, SKILL_LONGEST = 1000, 366 * 24 * 60, 50, 40


async def list_hours(desk: Desk, by: Agent) -> list[WorkingHours]:
    """By name. Raises NotAllowed."""
    only_admins(by)
    return sorted(await desk.store.rules.all_of(WorkingHours), key=lambda each: each.name.casefold())


async def get_hours(desk: Desk, by: Agent, hours: str) -> WorkingHours:
    """Raises NotAllowed, NotPossible."""
    only_admins(by)
    found = await desk.store.rules.find(WorkingHours, hours)
    if found is None:
        raise NotPossible("hours_gone")
    return found


async def save_hours(desk: Desk, by: Agent, hours: WorkingHours, *, address: str = "") -> WorkingHours:
    """Without an id: new ones. Raises NotAllowed, NotPossible."""
    only_admins(by)
    if hours.zone not in available_timezones():
        raise NotPossible("zone_wrong")
    if hours.holidays and not desk.dispatch.router.knows_holidays(hours.holidays):
        raise NotPossible("holidays_unknown", place=hours.holidays)
    if len(hours.shifts) > SHIFTS_MOST or len(hours.closed) > CLOSED_MOST:
        raise NotPossible("hours_many", shifts=SHIFTS_MOST, days=CLOSED_MOST)
    if not all(_is_day(each) for each in hours.closed):
        raise NotPossible("closed_day")
    kept = replace(hours, name=_name(hours.name), shifts=tuple(sorted(set(hours.shifts))))
    kept = replace(kept, closed=tuple(sorted(set(hours.closed))))
    known = await desk.store.rules.all_of(WorkingHours)
    if kept.id and kept.id not in {each.id for each in known}:
        raise NotPossible("hours_gone")
    kept = replace(kept, id=kept.id or _new(desk, len(known)))
    await desk.store.rules.save(kept)
    await promises_changed(desk.dispatch, hours=kept.id)
    await tell(desk, by, "hours_saved", kept.id, kept.name, address, {"zone": kept.zone})
    await drain(desk.dispatch, list((await desk.dispatch.office()).teams), "shift")
    return kept


async def remove_hours(desk: Desk, by: Agent, hours: str, *, address: str = "") -> None:
    """Raises NotPossible while somebody goes by them."""
    only_admins(by)
    found = await desk.store.rules.find(WorkingHours, hours)
    if found is None:
        raise NotPossible("hours_gone")
    office = await desk.dispatch.office()
    used = [each.hours for each in office.teams.values()] + [each.hours for each in office.agents.values()]
    if hours in [*used, *(each.hours for each in office.levels.values())]:
        raise NotPossible("hours_used")
    await desk.store.rules.remove(WorkingHours, hours)
    await tell(desk, by, "hours_removed", hours, found.name, address, {})


async def list_levels(desk: Desk, by: Agent) -> list[ServiceLevel]:
    only_admins(by)
    return sorted(await desk.store.rules.all_of(ServiceLevel), key=lambda each: each.name.casefold())


async def save_level(desk: Desk, by: Agent, level: ServiceLevel, *, address: str = "") -> ServiceLevel:
    """Conversations that have it are reckoned anew in the background."""
    only_admins(by)
    promises = (level.first_response, level.next_response, level.resolution)
    promised = [each for each in promises if each is not None]
    if not promised or not all(1 <= each <= MINUTES_MOST for each in promised):
        raise NotPossible("level_minutes")
    if level.hours is not None and await desk.store.rules.find(WorkingHours, level.hours) is None:
        raise NotPossible("hours_gone")
    known = await desk.store.rules.all_of(ServiceLevel)
    if level.id and level.id not in {each.id for each in known}:
        raise NotPossible("level_gone")
    kept = replace(level, name=_name(level.name), id=level.id or _new(desk, len(known)))
    await desk.store.rules.save(kept)
    await promises_changed(desk.dispatch, level=kept.id)
    await tell(desk, by, "level_saved", kept.id, kept.name, address, {})
    return kept


async def remove_level(desk: Desk, by: Agent, level: str, *, address: str = "") -> None:
    only_admins(by)
    found = await desk.store.rules.find(ServiceLevel, level)
    if found is None:
        raise NotPossible("level_gone")
    await desk.store.rules.remove(ServiceLevel, level)
    await promises_changed(desk.dispatch, level=level)
    await tell(desk, by, "level_removed", level, found.name, address, {})


async def team_plan(desk: Desk, by: Agent, team: str) -> TeamPlan:
    only_admins(by)
    await get_team(desk, team)
    return await desk.store.rules.find(TeamPlan, team) or TeamPlan(id=team)


async def save_team_plan(desk: Desk, by: Agent, plan: TeamPlan, *, address: str = "") -> TeamPlan:
    """What waits in its queue is handed out at once. Raises NotAllowed, NotPossible."""
    only_admins(by)
    team = await get_team(desk, plan.id)
    if plan.overflow is not None:
        await get_team(desk, plan.overflow)
        if plan.overflow == plan.id:
            raise NotPossible("overflow_itself")
    if plan.hours is not None and await desk.store.rules.find(WorkingHours, plan.hours) is None:
        raise NotPossible("hours_gone")
    if any(not 0 <= each <= 100 for each in plan.split.values()):
        raise NotPossible("split_wrong")
    minutes = (plan.back_minutes, plan.overflow_minutes or 0)
    if not all(0 <= each <= MINUTES_MOST for each in minutes):
        raise NotPossible("rule_minutes")
    await desk.store.rules.save(plan)
    await tell(desk, by, "team_plan_saved", team.id, team.name, address, {"strategy": str(plan.strategy)})
    await drain(desk.dispatch, [team.id], "plan")
    return plan


async def agent_plan(desk: Desk, by: Agent, agent: str) -> AgentPlan:
    only_admins(by)
    await _agent(desk, agent)
    return await desk.store.rules.find(AgentPlan, agent) or AgentPlan(id=agent)


async def save_agent_plan(desk: Desk, by: Agent, plan: AgentPlan, *, address: str = "") -> AgentPlan:
    only_admins(by)
    agent = await _agent(desk, plan.id)
    if plan.hours is not None and await desk.store.rules.find(WorkingHours, plan.hours) is None:
        raise NotPossible("hours_gone")
    limits = [*plan.most.values(), *(() if plan.capacity is None else (plan.capacity,))]
    if not all(0 <= each <= CAPACITY_MOST for each in limits):
        raise NotPossible("capacity_wrong", most=CAPACITY_MOST)
    _check_levels(plan.skills)
    _check_levels(plan.languages)
    await desk.store.rules.save(plan)
    await tell(desk, by, "agent_plan_saved", agent.id, agent.name, address, {"capacity": str(plan.capacity)})
    await drain(desk.dispatch, agent.teams, "plan")
    return plan


def _check_levels(levels: Mapping[str, int]) -> None:
    names = all(each.strip() and len(each) <= SKILL_LONGEST and "." not in each for each in levels)
    if not names or len(levels) > SKILLS_MOST or not all(1 <= each <= 5 for each in levels.values()):
        raise NotPossible("skills_wrong")


async def _agent(desk: Desk, agent: str) -> Agent:
    found = await desk.store.people.find_agent(agent)
    if found is None:
        raise NotPossible("agent_gone")
    return found


def _new(desk: Desk, known: int) -> str:
    if known >= KEPT_MOST:
        raise NotPossible("kept_many", most=KEPT_MOST)
    return new_id(desk.clock())


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_LONGEST:
        raise NotPossible("name_needed", most=NAME_LONGEST)
    return name


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
