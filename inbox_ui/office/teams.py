"""Teams: made, renamed, who is in them, which channels go to them."""

from aiohttp import web

from hub.auth.access import is_restricted
from hub.desk.changing import NotPossible
from hub.desk.opening import list_agents, list_channels, list_teams
from hub.desk.teams import add_team, get_team, rename_team, set_channels, set_members
from inbox_ui.kinds import channel_icon
from inbox_ui.office.frame import ADMINS, Place, chosen, done, gone, office
from inbox_ui.office.team_plan import plan_values, saved
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of

PLACE = Place(
    key="teams", group="company", icon="team", title=lambda words: words.gettext("Teams"), roles=ADMINS
)


async def page(request: web.Request) -> web.StreamResponse:
    return await _list(request)


async def add(request: web.Request) -> web.StreamResponse:
    desk, words, name = request.app[PAGES].desk, words_of(request), request[FORM].get("name", "")
    try:
        team = await add_team(desk, agent_of(request), name, address=request.remote)
    except NotPossible as problem:
        return await _list(request, 422, {"name": told(problem, words)}, name)
    return done(request, f"{PLACE.address}/{team.id}", words.gettext("The team is there. Who is in it?"))


async def one(request: web.Request) -> web.StreamResponse:
    return await _one(request)


async def rename(request: web.Request) -> web.StreamResponse:
    desk, words, team = request.app[PAGES].desk, words_of(request), request.match_info["team"]
    try:
        await rename_team(
            desk, agent_of(request), team, request[FORM].get("name", ""), address=request.remote
        )
    except NotPossible as problem:
        return await _one(request, 422, {"name": told(problem, words)})
    return done(request, f"{PLACE.address}/{team}", words.gettext("Renamed"))


async def members(request: web.Request) -> web.StreamResponse:
    """All boxes that are ticked; whoever is not among them is not in the team any more."""
    desk, words, team = request.app[PAGES].desk, words_of(request), request.match_info["team"]
    try:
        await set_members(
            desk, agent_of(request), team, await chosen(request, "agent"), address=request.remote
        )
    except NotPossible:
        return gone(request)
    return done(request, f"{PLACE.address}/{team}", words.gettext("Members saved"))


async def channels(request: web.Request) -> web.StreamResponse:
    desk, words, team = request.app[PAGES].desk, words_of(request), request.match_info["team"]
    try:
        await set_channels(
            desk, agent_of(request), team, await chosen(request, "channel"), address=request.remote
        )
    except NotPossible:
        return gone(request)
    return done(request, f"{PLACE.address}/{team}", words.gettext("Channels saved"))


async def plan(request: web.Request) -> web.StreamResponse:
    """How it hands out its conversations."""
    try:
        await get_team(request.app[PAGES].desk, request.match_info["team"])
    except NotPossible:
        return gone(request)
    kept = await saved(request, f"{PLACE.address}/{request.match_info['team']}")
    return await _one(request, 422, kept) if isinstance(kept, dict) else kept


async def _list(
    request: web.Request, status: int = 200, problems: dict[str, str] | None = None, name: str = ""
) -> web.StreamResponse:
    desk = request.app[PAGES].desk
    agents, channels = await list_agents(desk), await list_channels(desk)
    teams = [
        {
            "team": each,
            "members": [agent.name for agent in agents if each.id in agent.teams],
            "channels": [channel.name for channel in channels if channel.team == each.id],
        }
        for each in await list_teams(desk)
    ]
    return office(request, PLACE, "office/teams.html", status, problems, teams=teams, name=name)


async def _one(
    request: web.Request, status: int = 200, problems: dict[str, str] | None = None
) -> web.StreamResponse:
    desk = request.app[PAGES].desk
    try:
        team = await get_team(desk, request.match_info["team"])
    except NotPossible:
        return gone(request)
    agents = await list_agents(desk)
    teams = {each.id: each.name for each in await list_teams(desk)}
    return office(
        request,
        PLACE,
        "office/team.html",
        status,
        problems,
        team=team,
        name=request[FORM].get("name", team.name) if problems else team.name,
        agents=agents,
        scope={
            each.id: ", ".join(teams.get(team, team) for team in each.teams)
            for each in agents
            if is_restricted(each)
        },
        teams=teams,
        channels=[(each, channel_icon(each)) for each in await list_channels(desk)],
        **await plan_values(request, team.id, problems),
    )


ROUTES = [
    web.get("/office/teams", page),
    web.post("/office/teams", add),
    web.get("/office/teams/{team}", one),
    web.post("/office/teams/{team}", rename),
    web.post("/office/teams/{team}/members", members),
    web.post("/office/teams/{team}/channels", channels),
    web.post("/office/teams/{team}/plan", plan),
]
