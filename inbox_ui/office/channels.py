"""Channels: how each is, what arrived through it and what became of that; pause, settings, removal."""

from aiohttp import web

from hub.contract.errors import ConnectorError
from hub.desk import arrivals, rooms
from hub.desk import keeping_channels as keeping
from hub.desk.adjusting import settings_of
from hub.desk.authorizing import can_install_more
from hub.desk.changing import NotPossible
from hub.desk.channels import ChannelProblem
from hub.desk.opening import list_teams
from hub.desk.reconciling import can_compare
from hub.model.channels import Channel
from inbox_ui.kinds import channel_icon, health_words
from inbox_ui.office import authorizing, channel_settings, channel_setup
from inbox_ui.office.channel_frame import PLACE, found_channel, joining_words, outcome_words
from inbox_ui.office.countries import country_names
from inbox_ui.office.frame import done, gone, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told, why
from inbox_ui.visitor import FORM, agent_of, words_of

__all__ = ["PLACE", "ROUTES"]


async def page(request: web.Request) -> web.StreamResponse:
    desk, words = request.app[PAGES].desk, words_of(request)
    states = [
        {
            "state": each,
            "icon": channel_icon(each.channel),
            "health": health_words(each.channel, words),
            "problem": why(each.channel.problem or "", words),
        }
        for each in await keeping.list_states(desk, agent_of(request))
    ]
    kinds = channel_setup.kinds(request)
    teams = {each.id: each.name for each in await list_teams(desk)}
    return office(request, PLACE, "office/channels.html", states=states, kinds=kinds, teams=teams)


async def one(request: web.Request) -> web.StreamResponse:
    channel = await found_channel(request)
    return await _one(request, channel) if channel else gone(request)


async def change(request: web.Request) -> web.StreamResponse:
    """POST: its name, team and country. DELETE: it is removed, and its conversations stay."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    desk, agent, words, form = (
        request.app[PAGES].desk,
        agent_of(request),
        words_of(request),
        request[FORM],
    )
    if form.get("_method") == "delete":
        failed = await keeping.remove(desk, agent, channel, address=request.remote)
        said = words.gettext("%(name)s is removed; its conversations stay.", name=channel.name)
        if failed:
            lost = words.ngettext(
                "One message had not been sent and has failed.",
                "%(num)d messages had not been sent and have failed.",
                failed,
            )
            said = f"{said} {lost}"
        return done(request, PLACE.address, said)
    try:
        await keeping.set_up_again(
            desk,
            agent,
            channel,
            form.get("name", ""),
            form.get("team") or None,
            form.get("country"),
            address=request.remote,
        )
        joining = form.get("joining") or channel.joining
        await keeping.choose_joining(desk, agent, channel, joining, address=request.remote)
    except ChannelProblem as problem:
        field = "country" if problem.code == "channel_country" else "name"
        return await _one(request, channel, 422, {field: told(problem, words)})
    except NotPossible as problem:
        return await _one(request, channel, 422, {"team": told(problem, words)})
    return done(request, f"{PLACE.address}/{channel.id}", words.gettext("Settings saved"))


async def pause(request: web.Request) -> web.StreamResponse:
    """POST: it is paused. DELETE: it goes on, also after it had to stop."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    if request[FORM].get("_method") == "delete":
        await keeping.resume(desk, agent, channel, address=request.remote)
        said = words.gettext("It goes on.")
    else:
        await keeping.pause(desk, agent, channel, address=request.remote)
        said = words.gettext("Paused: nothing is received or sent, and what is to be sent waits.")
    return done(request, f"{PLACE.address}/{channel.id}", said)


async def link_room(request: web.Request) -> web.StreamResponse:
    """POST: agents are told of conversations there from now on, and answer there."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    name, team = form.get("room", ""), form.get("room_team") or None
    try:
        await rooms.link_room(desk, agent, channel, name, team, address=request.remote)
    except ChannelProblem as problem:
        return await _one(request, channel, 422, {"room": told(problem, words)})
    except NotPossible as problem:
        return await _one(request, channel, 422, {"room_team": told(problem, words)})
    except ConnectorError as problem:
        return await _one(request, channel, 422, {"room": why(str(problem), words)})
    return done(request, f"{PLACE.address}/{channel.id}", words.gettext("Linked: it was told so there."))


async def unlink_room(request: web.Request) -> web.StreamResponse:
    """DELETE: nothing is told there any more."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    await rooms.unlink_room(desk, agent, channel, request.match_info["room"], address=request.remote)
    return done(request, f"{PLACE.address}/{channel.id}", words.gettext("Not linked any more"))


async def replay(request: web.Request) -> web.StreamResponse:
    """One arrival once more, or all that failed."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    if (arrival := request.match_info.get("arrival")) is None:
        count = await arrivals.replay_failed(desk, agent, channel, address=request.remote)
    else:
        try:
            await arrivals.replay(desk, agent, channel, arrival, address=request.remote)
        except NotPossible:
            return gone(request)
        count = 1
    said = words.ngettext("One arrival is read again.", "%(num)d arrivals are read again.", count)
    return done(request, f"{PLACE.address}/{channel.id}", said)


async def original(request: web.Request) -> web.StreamResponse:
    """The bytes as they came, as a download: never shown by the browser."""
    channel = await found_channel(request)
    if channel is None:
        return gone(request)
    desk, agent = request.app[PAGES].desk, agent_of(request)
    try:
        name, body = await arrivals.original(
            desk, agent, channel, request.match_info["arrival"], address=request.remote
        )
    except NotPossible:
        return gone(request)
    return web.Response(
        body=body,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _one(
    request: web.Request, channel: Channel, status: int = 200, problems: dict[str, str] | None = None
) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    form = request[FORM] if problems else {}
    teams = [(each.id, each.name) for each in await list_teams(desk)]
    return office(
        request,
        PLACE,
        "office/channel.html",
        status,
        problems,
        channel=channel,
        why=lambda text: why(text, words),
        icon_of=channel_icon(channel),
        health=health_words(channel, words),
        reckoning=await arrivals.reckon(desk, agent, channel),
        failed=await arrivals.list_arrived(desk, agent, channel, failed=True),
        arrived=await arrivals.list_arrived(desk, agent, channel),
        outcomes=outcome_words(words),
        teams=[("", words.gettext("No team")), *teams],
        team_names=dict(teams),
        room_teams=[("", words.gettext("Every team")), *teams],
        **{name: form.get(name, was) for name, was in _settings(channel).items()},
        countries=[
            ("", words.gettext("None in particular")),
            *country_names(keeping.phone_countries(), words),
        ],
        joinings=joining_words(words),
        joining=form.get("joining", channel.joining),
        comparable=can_compare(desk, channel),
        snippet=keeping.snippet_of(desk, channel, request.app[PAGES].origin(request)),
        adjustable=bool(settings_of(desk, channel)),
        renewable=bool(keeping.renewal_of(desk, channel)),
        hook=_hook(request, channel),
        installs=can_install_more(desk, channel),
        hosts=rooms.can_host(desk, channel),
        rooms=await rooms.list_rooms(desk, channel),
    )


def _settings(channel: Channel) -> dict[str, str]:
    """What its forms show, as long as nothing was filled in."""
    kept = {"name": channel.name, "team": channel.team or "", "country": channel.country}
    return {**kept, "room": "", "room_team": ""}


def _hook(request: web.Request, channel: Channel) -> str:
    """Where the platform calls us, if somebody has to tell it."""
    pages = request.app[PAGES]
    by_hand = keeping.is_called_by_hand(pages.desk, channel)
    return f"{pages.origin(request)}/hooks/{channel.id}" if by_hand else ""


ROUTES = [
    web.get("/office/channels", page),
    *channel_setup.ROUTES,
    *channel_settings.ROUTES,
    *authorizing.ROUTES,
    web.get("/office/channels/{channel}", one),
    web.post("/office/channels/{channel}", change),
    web.post("/office/channels/{channel}/pause", pause),
    web.post("/office/channels/{channel}/rooms", link_room),
    web.post("/office/channels/{channel}/rooms/{room}", unlink_room),
    web.post("/office/channels/{channel}/replays", replay),
    web.post("/office/channels/{channel}/arrivals/{arrival}/replays", replay),
    web.get("/office/channels/{channel}/arrivals/{arrival}/original", original),
]
