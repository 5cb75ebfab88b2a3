"""The left pane: built-in views, saved ones, teams, channels with their health; where each leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from aiohttp import web

from hub.auth.access import visible_query
from hub.desk.counting import Count
from hub.desk.opening import list_channels, list_teams
from hub.desk.saved_views import list_saved_views, may_change
from hub.desk.views import BUILT_IN, SAVED, TEAM
from hub.model.channels import Channel, Health
from hub.model.desk import SavedView
from hub.model.people import Agent, Role, Team
from inbox_ui.kinds import VIEW_ICONS, channel_icon, health_words, view_words
from inbox_ui.pages import PAGES
from inbox_ui.visitor import agent_of, page, words_of
from inbox_ui.words import Words

OFFICE_CHANNELS = "/desk/office/channels"


@dataclass(frozen=True, slots=True)
class Link:
    """One line. `hint`: what else to know, shown beside it; `mends`: where that is mended."""

    key: str
    title: str
    icon: str
    href: str
    count: str = ""
    state: str = ""
    hint: str = ""
    mends: str = ""
    changes: bool = False  # whether it is this agent's to change


@dataclass(frozen=True, slots=True)
class Navigation:
    views: Sequence[Link]
    saved: Sequence[Link]
    teams: Sequence[Link]
    channels: Sequence[Link]
    titles: Mapping[str, str]  # of all but the channels, by key
    kept: Mapping[str, SavedView]
    team_names: Mapping[str, str]
    channel_names: Mapping[str, str]
    channel_kinds: Sequence[Channel]


async def navigation_of(request: web.Request) -> Navigation:
    pages, agent, words = request.app[PAGES], agent_of(request), words_of(request)
    saved = await list_saved_views(pages.desk, agent)
    teams = await list_teams(pages.desk)
    channels = await list_channels(pages.desk)
    counts = await pages.counting.of(agent, saved=saved, teams=[each.id for each in teams], quick=True)
    views = [
        _link(each.key, view_words(each.key, each.title, words), VIEW_ICONS.get(each.key, "inbox"), counts)
        for each in BUILT_IN.values()
    ]
    mine = [_saved(each, agent, counts) for each in saved]
    ours = [_link(TEAM + each.id, each.name, "team", counts) for each in _visible(teams, agent)]
    return Navigation(
        views=views,
        saved=mine,
        teams=ours,
        channels=[_channel(each, agent, words) for each in channels],
        titles={each.key: each.title for each in (*views, *mine, *ours)},
        kept={SAVED + each.id: each for each in saved},
        team_names={each.id: each.name for each in teams},
        channel_names={each.id: each.name for each in channels},
        channel_kinds=channels,
    )


async def part(request: web.Request) -> web.StreamResponse:
    """GET /navigation: the lists of the left pane as they are now."""
    view = request.query.get("view", "")
    return page(request, "places.html", nav=await navigation_of(request), view=view, only_channel="")


def shown_count(count: Count) -> str:
    return str(count) if count.number or count.more else ""


def _visible(teams: Sequence[Team], agent: Agent) -> list[Team]:
    everything = visible_query(agent).everything
    return [each for each in teams if everything or each.id in agent.teams]


def _link(key: str, title: str, icon: str, counts: Mapping[str, Count]) -> Link:
    count = shown_count(counts[key]) if key in counts else ""
    return Link(key, title, icon, f"/desk/inbox/{key}", count)


def _saved(view: SavedView, agent: Agent, counts: Mapping[str, Count]) -> Link:
    key = SAVED + view.id
    count = shown_count(counts[key]) if key in counts else ""
    icon = "team" if view.team else "globe" if view.shared else "filter"
    return Link(
        key, view.title, icon, f"/desk/inbox/{key}", count, changes=may_change(agent, view)
    )  # fmt: skip


def _channel(channel: Channel, agent: Agent, words: Words) -> Link:
    broken = channel.health is Health.BROKEN and not channel.paused
    hint = health_words(channel, words)
    if broken and agent.role is not Role.ADMIN:
        hint = words.gettext("needs signing in again: ask an admin")
    return Link(
        channel.id,
        channel.name,
        channel_icon(channel),
        f"/desk/inbox/open?{urlencode({'channel': channel.id})}",
        state="broken" if broken else "paused" if channel.paused else str(channel.health),
        hint=hint,
        mends=OFFICE_CHANNELS if broken and agent.role is Role.ADMIN else "",
    )
