"""What one agent can take: how much, in which hours, which skills and languages at which level."""

from collections.abc import Mapping

from aiohttp import web

from hub.contract.capabilities import Surface
from hub.desk.changing import NotPossible
from hub.desk.opening import list_agents
from hub.desk.staffing import CAPACITY_MOST, agent_plan, list_hours, save_agent_plan
from hub.model.people import Agent
from hub.model.staffing import AgentPlan
from inbox_ui.kinds import surface_words
from inbox_ui.office.agent_frame import PLACE
from inbox_ui.office.frame import done, gone, office
from inbox_ui.office.numbers import Numbers
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of
from inbox_ui.words import Words

LINES, EMPTY = 50, 3  # skills, and lines that are offered for more
FIELDS = {"capacity_wrong": "capacity", "skills_wrong": "skills", "hours_gone": "hours"}


async def page(request: web.Request) -> web.StreamResponse:
    agent = await _agent(request)
    return await _form(request, agent) if agent else gone(request)


async def keep(request: web.Request) -> web.StreamResponse:
    desk, by, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    agent = await _agent(request)
    if agent is None:
        return gone(request)
    numbers = Numbers(form, words)
    most = {each: numbers.read(f"most-{each}", CAPACITY_MOST) for each in Surface}
    skills, languages = _leveled(form, "skill", numbers), _leveled(form, "language", numbers)
    plan = AgentPlan(
        id=agent.id,
        capacity=numbers.read("capacity", CAPACITY_MOST),
        most={str(each): count for each, count in most.items() if count is not None},
        skills=skills,
        languages=languages,
        hours=form.get("hours") or None,
    )
    if numbers.problems:
        return await _form(request, agent, numbers.problems)
    try:
        await save_agent_plan(desk, by, plan, address=request.remote or "")
    except NotPossible as problem:
        return await _form(request, agent, {FIELDS.get(problem.code, ""): told(problem, words)})
    return done(request, f"{PLACE.address}/{agent.id}/plan", words.gettext("Saved"))


def _leveled(form: Mapping[str, str], what: str, numbers: Numbers) -> dict[str, int]:
    """What was filled in line by line, each with its level; of the same one, the last."""
    found = {}
    for line in range(LINES + EMPTY):
        name = " ".join(form.get(f"{what}-{line}", "").split())
        if name:
            level = numbers.read(f"{what}-level-{line}", 5, 1)
            found[name] = 3 if level is None else level
    return found


async def _agent(request: web.Request) -> Agent | None:
    desk, named = request.app[PAGES].desk, request.match_info["agent"]
    return next((each for each in await list_agents(desk) if each.id == named), None)


async def _form(
    request: web.Request, agent: Agent, problems: Mapping[str, str] | None = None
) -> web.StreamResponse:
    desk, by, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    plan, form = await agent_plan(desk, by, agent.id), request.get(FORM, {})
    others = (await desk.dispatch.office()).agents.values()
    values = {
        "capacity": "" if plan.capacity is None else str(plan.capacity),
        "hours": plan.hours or "",
        **{f"most-{each}": str(plan.most.get(each, "")) for each in Surface},
        **_lines("skill", plan.skills),
        **_lines("language", plan.languages),
    }
    values |= {name: form[name] for name in values if problems and name in form}
    workload = (await desk.store.workloads.find([agent.id]))[agent.id]
    return office(
        request,
        PLACE,
        "office/agent_plan.html",
        422 if problems else 200,
        problems,
        agent=agent,
        values=values,
        load=workload.load,
        surfaces=[(f"most-{key}", name) for key, name in surface_words(words).items()],
        skills=_count(values, "skill"),
        languages=_count(values, "language"),
        known_skills=sorted({each for other in others for each in other.skills}, key=str.casefold),
        all_languages=[("", "–"), *_languages(plan.languages, words)],
        levels=level_words(words),
        speech=speech_words(words),
        all_hours=[
            ("", words.gettext("Those of the team")),
            *((each.id, each.name) for each in await list_hours(desk, by)),
        ],
        capacity_most=CAPACITY_MOST,
    )


def _lines(what: str, leveled: Mapping[str, int]) -> dict[str, str]:
    """The lines of the form, and some that are empty."""
    named = [*sorted(leveled.items(), key=lambda each: (-each[1], each[0].casefold())), *[("", 3)] * EMPTY]
    lines: dict[str, str] = {}
    for line, (name, level) in enumerate(named):
        lines |= {f"{what}-{line}": name, f"{what}-level-{line}": str(level)}
    return lines


def _count(values: Mapping[str, str], what: str) -> list[int]:
    return [line for line in range(LINES + EMPTY) if f"{what}-{line}" in values]


def _languages(spoken: Mapping[str, int], words: Words) -> list[tuple[str, str]]:
    """Languages with a code of two letters, which is what conversations are known by."""
    names = {code: str(name) for code, name in words.locale.languages.items() if len(code) == 2}
    names |= {code: names.get(code, code) for code in spoken}
    return sorted(names.items(), key=lambda each: each[1].casefold())


def level_words(words: Words) -> list[tuple[str, str]]:
    _ = words.gettext
    return [
        ("1", _("1 – a little")),
        ("2", _("2 – somewhat")),
        ("3", _("3 – well")),
        ("4", _("4 – very well")),
        ("5", _("5 – like nobody else")),
    ]


def speech_words(words: Words) -> list[tuple[str, str]]:
    _ = words.gettext
    return [
        ("1", _("1 – a few words")),
        ("2", _("2 – simple matters")),
        ("3", _("3 – well")),
        ("4", _("4 – fluently")),
        ("5", _("5 – as their own")),
    ]


ROUTES = [
    web.get("/office/agents/{agent}/plan", page),
    web.post("/office/agents/{agent}/plan", keep),
]
