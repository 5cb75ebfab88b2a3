"""How a team hands out its conversations, and how much each of it can have: a form on the team's page."""

from dataclasses import replace
from typing import Any

from aiohttp import web

from hub.desk.changing import NotPossible
from hub.desk.opening import list_agents, list_teams
from hub.desk.staffing import agent_plan, save_agent_plan, save_team_plan, team_plan
from hub.model.staffing import Strategy
from inbox_ui.office.frame import done
from inbox_ui.pages import PAGES
from inbox_ui.visitor import FORM, agent_of, words_of
from inbox_ui.words import Words


def strategy_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        Strategy.CLAIM: _("Whoever wants one takes it"),
        Strategy.ROUND_ROBIN: _("By turns"),
        Strategy.LEAST_BUSY: _("To who has the least to do"),
        Strategy.SKILLED: _("To who knows most of what it needs"),
        Strategy.SPLIT: _("By shares"),
    }


async def plan_values(request: web.Request, team: str) -> dict[str, Any]:
    """What the form shows."""
    desk, by, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    plan = await team_plan(desk, by, team)
    members = [each for each in await list_agents(desk) if team in each.teams]
    return {
        "plan": plan,
        "strategies": list(strategy_words(words).items()),
        "helpers": [("", "–"), *((each.id, each.name) for each in await list_teams(desk) if each.id != team)],
        "capacities": [(each, (await agent_plan(desk, by, each.id)).capacity) for each in members],
    }


async def save_plan(request: web.Request) -> bool:
    """What was filled in; the rest of the plans stays. False: it is not from the lists.

    Raises NotPossible.
    """
    desk, by, form = request.app[PAGES].desk, agent_of(request), request[FORM]
    team, address = request.match_info["team"], request.remote or ""
    plan = await team_plan(desk, by, team)
    try:
        strategy, minutes = Strategy(form.get("strategy", "")), _number(form.get("overflow_minutes", ""))
        members = [each for each in await list_agents(desk) if team in each.teams]
        wanted = {each.id: _number(form.get(f"capacity-{each.id}", "")) for each in members}
    except ValueError:
        return False
    for agent, capacity in wanted.items():
        old = await agent_plan(desk, by, agent)
        if capacity != old.capacity:
            await save_agent_plan(desk, by, replace(old, capacity=capacity), address=address)
    overflow = form.get("overflow") or None
    changed = replace(plan, strategy=strategy, overflow=overflow, overflow_minutes=minutes)
    if changed != plan:
        await save_team_plan(desk, by, changed, address=address)
    return True


def _number(text: str) -> int | None:
    """Nothing: without a limit."""
    return int(text) if text.strip() else None


async def saved(request: web.Request, address: str) -> web.StreamResponse | None:
    """To the team's page again; None: something was wrong."""
    try:
        kept = await save_plan(request)
    except NotPossible:
        return None
    return done(request, address, words_of(request).gettext("Saved")) if kept else None
