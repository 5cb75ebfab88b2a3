"""Whether I am there, chosen in the page's frame; who else is; a hand on the keyboard."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from aiohttp import web

from hub.auth.access import is_restricted
from hub.desk.attending import act, attend, choose_state, workload_of
from hub.desk.changing import NotPossible
from hub.desk.opening import list_agents, list_teams
from hub.model.people import Agent
from hub.model.staffing import AgentPlan, State, Workload
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, draw, is_inside, now_of, see_other, wants_part, words_of
from inbox_ui.visitor import page as draw_page
from inbox_ui.words import Words

BREAKS = (15, 30, 60)  # minutes that are offered
ORDER = (State.ONLINE, State.BREAK, State.AWAY, State.OFFLINE)
Part = dict[str, object]


@dataclass(frozen=True, slots=True)
class There:
    """Somebody, as they are just now. `capacity`: None without a limit."""

    agent: str
    name: str
    state: State
    title: str
    load: int = 0
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Those of one team; without a name: who is in none."""

    name: str
    people: tuple[There, ...]

    @property
    def online(self) -> int:
        return sum(each.state is State.ONLINE for each in self.people)


def state_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        State.ONLINE: _("Online"),
        State.AWAY: _("Away"),
        State.BREAK: _("On a break"),
        State.OFFLINE: _("Offline"),
    }


async def mine(request: web.Request) -> There:
    """How the visitor is; whoever reads a page is there, though it has not said so yet."""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    workload = await workload_of(desk, agent)
    state = State.ONLINE if workload.state is State.OFFLINE else workload.state
    return _there(agent, workload, state, words_of(request), now_of(request))


async def page(request: web.Request) -> web.StreamResponse:
    """GET /attendance: who is there, the reader included. Asked for a part, only the list."""
    await attend(request.app[PAGES].desk, agent_of(request))
    template = "attendance_list.html" if wants_part(request) else "attendance.html"
    return await _page(request, template)


async def choose(request: web.Request) -> web.StreamResponse:
    """POST /attendance. `choice`: online, away, break, break-30, break-until; `acts`: a hand on the keyboard;
    `lives`: a page that has no stream says that it is open."""
    desk, agent, form, words = request.app[PAGES].desk, agent_of(request), request[FORM], words_of(request)
    try:
        if "choice" in form:
            await _choose(request)
        elif "acts" in form:
            await act(desk, agent)
        else:
            await attend(desk, agent)
    except NotPossible as problem:
        return await _page(request, "attendance.html", told(problem, words))
    except ValueError:
        return await _page(request, "attendance.html", words.gettext("Choose from the list."))
    if wants_part(request):
        return draw_page(request, "attendance_mine.html", me=await mine(request))
    back = form.get("back", "")
    return see_other(back if is_inside(back) else "/desk/attendance")


async def _choose(request: web.Request) -> None:
    """Raises NotPossible; ValueError for what is not offered."""
    desk, agent, form = request.app[PAGES].desk, agent_of(request), request[FORM]
    named, _, length = form["choice"].partition("-")
    state = State(named)
    if state is State.OFFLINE:
        raise ValueError(named)
    now, back_at = now_of(request), None
    if length == "until":
        back_at = _next(time.fromisoformat(form.get("until", "")), now, words_of(request))
    elif length:
        back_at = now + timedelta(minutes=int(length))
    await choose_state(desk, agent, state, back_at=back_at)


def _next(wanted: time, now: datetime, words: Words) -> datetime:
    """When the visitor's clock shows it next."""
    there = now.astimezone(words.tz)
    at = datetime.combine(there.date(), wanted.replace(tzinfo=None), words.tz)
    at = at if at > there else datetime.combine(there.date() + timedelta(days=1), at.time(), words.tz)
    return at.astimezone(now.tzinfo)


async def attendance_part(request: web.Request) -> Part:
    """For the live stream."""
    html = draw(request, "attendance_mine.html", me=await mine(request))
    return {"part": "attendance", "html": html}


async def _page(request: web.Request, template: str, problem: str = "") -> web.Response:
    groups = await groups_of(request)
    return draw_page(
        request,
        template,
        422 if problem else 200,
        me=await mine(request),
        groups=groups,
        problem=problem,
        breaks=BREAKS,
        in_menu=False,
        back="/desk/attendance",
    )


async def groups_of(request: web.Request) -> list[Group]:
    """Everybody by team; for agents who see only what is their teams', those alone."""
    desk, visitor, words, now = request.app[PAGES].desk, agent_of(request), words_of(request), now_of(request)
    people = [each for each in await list_agents(desk) if not each.disabled]
    workloads = await desk.store.workloads.find([each.id for each in people])
    plans = (await desk.dispatch.office()).agents
    there = {
        each.id: _there(
            each, workloads[each.id], workloads[each.id].state_at(now), words, now, plans.get(each.id)
        )
        for each in people
    }
    teams = [each for each in await list_teams(desk) if _sees(visitor, each.id)]
    groups = [
        Group(team.name, _ordered([there[each.id] for each in people if team.id in each.teams]))
        for team in teams
    ]
    teamless = [there[each.id] for each in people if not each.teams]
    if not is_restricted(visitor) or not visitor.teams:
        groups.append(Group("", _ordered([each for each in teamless if _shown(visitor, each.agent)])))
    return [each for each in groups if each.people]


def _sees(visitor: Agent, team: str) -> bool:
    return not is_restricted(visitor) or team in visitor.teams


def _shown(visitor: Agent, agent: str) -> bool:
    return not is_restricted(visitor) or agent == visitor.id


def _there(
    agent: Agent, workload: Workload, state: State, words: Words, now: datetime, plan: AgentPlan | None = None
) -> There:
    title = state_words(words)[state]
    if workload.back_at is not None and workload.back_at > now and state in (State.AWAY, State.BREAK):
        title = words.gettext("%(state)s until %(time)s", state=title, time=words.clock(workload.back_at))
    return There(agent.id, agent.name, state, title, workload.load, plan.capacity if plan else None)


def _ordered(people: list[There]) -> tuple[There, ...]:
    return tuple(sorted(people, key=lambda each: (ORDER.index(each.state), each.name.casefold())))


ROUTES = [web.get("/attendance", page), web.post("/attendance", choose)]
