"""Around the conversations: views, channels, deliveries, agents, teams."""

from datetime import timedelta

from hub.api import bodies, shapes, shaping
from hub.api.bodies import Nothing
from hub.api.problems import Problem, invalid
from hub.api.route import Call
from hub.desk import deeds, keeping_channels, views
from hub.desk.counting import count_views
from hub.desk.lenses import lens_of
from hub.desk.opening import find_entry, list_agents, list_channels, list_teams
from hub.desk.saved_views import change_view, find_saved_view, list_saved_views, remove_view, save_view
from hub.desk.troubled import page_of_trouble
from hub.model.channels import Channel
from hub.model.desk import SavedView
from hub.model.inbox import Message
from hub.model.journal import Outcome
from hub.store.outcomes import count_outcomes


async def get_token(call: Call, asked: Nothing) -> shapes.Token:
    return shaping.token(call.token, call.agent)


# Views


async def list_views(call: Call, asked: Nothing) -> shapes.Views:
    counts = await count_views(call.desk, call.agent)
    teams = {each.id: each.name for each in await call.desk.store.people.list_teams()}
    rows = [
        shapes.View(key=view.key, title=view.title, count=counts.get(view.key))
        for view in views.BUILT_IN.values()
    ]
    for team in call.agent.teams:
        key = views.TEAM + team
        rows.append(shapes.View(key=key, title=teams.get(team, team), count=counts.get(key)))
    rows += [shaping.saved_view(each) for each in await list_saved_views(call.desk, call.agent)]
    return shapes.Views(rows=rows)


async def add_view(call: Call, asked: bodies.NewView) -> shapes.View:
    try:
        lens_of(call.agent, asked.base)
    except views.NoSuchView as problem:
        raise invalid("body", "base", str(problem)) from None
    await _known_team(call, asked.team)
    saved = await save_view(
        call.desk,
        call.agent,
        asked.title,
        asked.filter.wanted(),
        sort=asked.sort,
        shared=asked.shared,
        team=asked.team,
        base=asked.base,
    )
    return shaping.saved_view(saved)


async def change_saved_view(call: Call, asked: bodies.ChangeView) -> shapes.View:
    found = await _saved_view(call)
    await _known_team(call, asked.team)
    sharing = None
    if asked.model_fields_set & {"shared", "team"}:
        shared = found.shared if asked.shared is None else asked.shared
        sharing = (shared, asked.team if "team" in asked.model_fields_set else found.team)
    wanted = asked.filter.wanted() if asked.filter else None
    changed = await change_view(
        call.desk, call.agent, found.id, title=asked.title, wanted=wanted, sort=asked.sort, sharing=sharing
    )
    return shaping.saved_view(changed)


async def delete_view(call: Call, asked: Nothing) -> shapes.View:
    found = await _saved_view(call)
    await remove_view(call.desk, call.agent, found.id)
    return shaping.saved_view(found)


async def _saved_view(call: Call) -> SavedView:
    found = await find_saved_view(call.desk, call.agent, call.path["view"].removeprefix(views.SAVED))
    if found is None:
        raise Problem("not-found", "There is no such view.")
    return found


async def _known_team(call: Call, team: str | None) -> None:
    if team is not None and team not in {each.id for each in await list_teams(call.desk)}:
        raise invalid("body", "team", "There is no such team.")


# Channels


async def get_channels(call: Call, asked: Nothing) -> shapes.Channels:
    found = await list_channels(call.desk)
    return shapes.Channels(rows=[shapes.Channel.model_validate(each) for each in found])


async def get_channel(call: Call, asked: Nothing) -> shapes.Channel:
    return shapes.Channel.model_validate(await _channel(call))


async def pause(call: Call, asked: Nothing) -> shapes.Channel:
    await keeping_channels.pause(call.desk, call.agent, await _channel(call), address=call.address)
    return shapes.Channel.model_validate(await _channel(call))


async def resume(call: Call, asked: Nothing) -> shapes.Channel:
    await keeping_channels.resume(call.desk, call.agent, await _channel(call), address=call.address)
    return shapes.Channel.model_validate(await _channel(call))


async def reconcile(call: Call, asked: bodies.Since) -> shapes.Reconciliation:
    channel = await _channel(call)
    since = call.desk.clock() - timedelta(hours=asked.hours)
    counts = await count_outcomes(call.desk.store.database, channel.id, since)
    by_outcome = {each.value: counts[each.value] for each in Outcome}
    return shapes.Reconciliation(channel=channel.id, since=since, waiting=counts["waiting"], **by_outcome)


async def _channel(call: Call) -> Channel:
    found = [each for each in await list_channels(call.desk) if each.id == call.path["channel"]]
    if not found:
        raise Problem("not-found", "There is no such channel.")
    return found[0]


# Deliveries


async def list_troubled(call: Call, asked: bodies.Page) -> shapes.Deliveries:
    """Those of conversations that the agent may see."""
    try:
        page = await page_of_trouble(call.desk, call.agent, asked.cursor, asked.limit)
    except views.NoSuchView as problem:
        raise invalid("query", "cursor", str(problem)) from None
    return shapes.Deliveries(
        rows=[shaping.message(each.message) for each in page.rows], next=page.next_cursor
    )


async def retry(call: Call, asked: Nothing) -> shapes.Message:
    delivery = call.path["delivery"]
    message = await find_entry(call.desk, call.agent, delivery)
    if not isinstance(message, Message) or message.delivery is None:
        raise Problem("not-found", "There is no such delivery.")
    return shaping.message(await deeds.retry_delivery(call.desk, delivery, call.agent))


# People


async def get_agents(call: Call, asked: Nothing) -> shapes.Agents:
    found = await list_agents(call.desk)
    return shapes.Agents(rows=[shapes.Agent.model_validate(each) for each in found])


async def get_teams(call: Call, asked: Nothing) -> shapes.Teams:
    found = await call.desk.store.people.list_teams()
    return shapes.Teams(rows=[shapes.Named.model_validate(each) for each in found])
