"""How a team hands out its conversations, and how much each of it can have: a form on the team's page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from hub.desk.changing import NotPossible
from hub.desk.opening import list_agents, list_teams
from hub.desk.staffing import (
    CAPACITY_MOST,
    MINUTES_MOST,
    agent_plan,
    list_hours,
    save_agent_plan,
    save_team_plan,
    team_plan,
)
from hub.model.people import Agent
from hub.model.staffing import Prefer, Strategy, TeamPlan
from inbox_ui.office.frame import done
from inbox_ui.office.numbers import Numbers
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of
from inbox_ui.words import Words

PREFERS = ("prefer-1", "prefer-2")  # the first and the second choice
BOXES = ("languages", "strict", "vip_first")
FIELDS = {"overflow_itself": "overflow", "hours_gone": "hours", "rule_minutes": "back_minutes"}


def strategy_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        Strategy.CLAIM: _("Whoever wants one takes it"),
        Strategy.ROUND_ROBIN: _("By turns"),
        Strategy.LEAST_BUSY: _("To who has the least to do"),
        Strategy.SKILLED: _("To who knows most of what it needs"),
        Strategy.SPLIT: _("By shares"),
    }


def prefer_words(words: Words) -> list[tuple[str, str]]:
    _ = words.gettext
    return [
        ("", _("Nobody")),
        (Prefer.OWNER, _("Who looks after the customer")),
        (Prefer.LAST, _("Who had their last conversation")),
    ]


async def plan_values(request: web.Request, team: str, problems: Mapping[str, str] | None) -> dict[str, Any]:
    """What the form shows: the plan, or what was filled in and refused."""
    desk, by, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    plan = await team_plan(desk, by, team)
    members = await _members(request, team)
    capacities = {each.id: (await agent_plan(desk, by, each.id)).capacity for each in members}
    values = _values(plan, capacities)
    form = request.get(FORM, {})
    if problems and "strategy" in form:
        values |= {name: form.get(name, "") for name in values}
    return {
        "plan": values,
        "strategies": list(strategy_words(words).items()),
        "prefers": prefer_words(words),
        "helpers": [("", "–"), *((each.id, each.name) for each in await list_teams(desk) if each.id != team)],
        "all_hours": [
            ("", words.gettext("Around the clock")),
            *((each.id, each.name) for each in await list_hours(desk, by)),
        ],
        "members": members,
    }


def _values(plan: TeamPlan, capacities: Mapping[str, int | None]) -> dict[str, str]:
    prefer = [*plan.prefer, "", ""]
    return {
        "strategy": str(plan.strategy),
        **{name: str(prefer[place]) for place, name in enumerate(PREFERS)},
        **{each: "yes" if getattr(plan, each) else "" for each in BOXES},
        "hours": plan.hours or "",
        "overflow": plan.overflow or "",
        "overflow_minutes": _shown(plan.overflow_minutes),
        "back_minutes": str(plan.back_minutes),
        **{f"capacity-{agent}": _shown(capacity) for agent, capacity in capacities.items()},
        **{f"split-{agent}": _shown(plan.split.get(agent)) for agent in capacities},
    }


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)


async def save_plan(request: web.Request) -> dict[str, str]:
    """What was filled in is kept, unless something is wrong with it: that, by field. Raises NotPossible."""
    desk, by, form, words = (
        request.app[PAGES].desk, agent_of(request), request[FORM], words_of(request),
    )  # fmt: skip
    team, address = request.match_info["team"], request.remote or ""
    plan, members, numbers = (
        await team_plan(desk, by, team),
        await _members(request, team),
        Numbers(form, words),
    )
    wanted = {each.id: numbers.read(f"capacity-{each.id}", CAPACITY_MOST) for each in members}
    shares = {each.id: numbers.read(f"split-{each.id}", 100) for each in members}
    minutes, back = (numbers.read(each, MINUTES_MOST) for each in ("overflow_minutes", "back_minutes"))
    try:
        strategy = Strategy(form.get("strategy", ""))
        prefer = tuple(dict.fromkeys(Prefer(form[each]) for each in PREFERS if form.get(each)))
    except ValueError:
        return {"plan": words.gettext("Choose from the lists.")}
    if strategy is Strategy.SPLIT and not any(shares.values()):
        numbers.problems.setdefault("strategy", words.gettext("Say below who gets how large a share."))
    if numbers.problems:
        return numbers.problems
    changed = _filled(plan, form, strategy=strategy, prefer=prefer, overflow_minutes=minutes)
    changed = replace(changed, split={agent: share for agent, share in shares.items() if share is not None})
    changed = changed if back is None else replace(changed, back_minutes=back)
    if changed != plan:
        await save_team_plan(desk, by, changed, address=address)
    await _keep_capacities(request, wanted)
    return {}


def _filled(plan: TeamPlan, form: Mapping[str, str], **given: Any) -> TeamPlan:
    """The plan with what the form says; without minutes, the usual ones."""
    return replace(
        plan,
        languages=form.get("languages") == "yes",
        strict=form.get("strict") == "yes",
        vip_first=form.get("vip_first") == "yes",
        hours=form.get("hours") or None,
        overflow=form.get("overflow") or None,
        back_minutes=TeamPlan(id=plan.id).back_minutes,
        **given,
    )


async def _keep_capacities(request: web.Request, wanted: Mapping[str, int | None]) -> None:
    desk, by = request.app[PAGES].desk, agent_of(request)
    for agent, capacity in wanted.items():
        old = await agent_plan(desk, by, agent)
        if capacity != old.capacity:
            kept = replace(old, capacity=capacity)
            await save_agent_plan(desk, by, kept, address=request.remote or "")


async def _members(request: web.Request, team: str) -> Sequence[Agent]:
    return [each for each in await list_agents(request.app[PAGES].desk) if team in each.teams]


async def saved(request: web.Request, address: str) -> web.StreamResponse | dict[str, str]:
    """To the team's page again, or what is wrong, by field."""
    words = words_of(request)
    try:
        problems = await save_plan(request)
    except NotPossible as problem:
        return {FIELDS.get(problem.code, "plan"): told(problem, words)}
    return problems or done(request, address, words.gettext("Saved"))
