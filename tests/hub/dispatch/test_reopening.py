"""The customer writes again in what was resolved: who had it has it again, if they have room."""

from dataclasses import replace
from datetime import timedelta

from connectors.simulator.society import Post
from hub.desk.attending import attend
from hub.desk.deeds import resolve
from hub.model.inbox import Activity, Conversation, Status
from hub.model.people import Agent, Team
from hub.model.staffing import AgentPlan, State, Strategy, TeamPlan
from tests.hubs import Office, until


async def open_again(office: Office, conversation: str) -> Conversation | None:
    found = await office.hub.store.inbox.find_conversation(conversation)
    return found if found and found.status is Status.OPEN else None


async def test_who_had_it_has_it_again_with_room_and_else_it_goes_to_the_queue(office: Office) -> None:
    hub, desk = office.hub, office.hub.desk
    await hub.store.people.add_team(Team(id="returns", name="Returns", created_at=hub.clock()))
    team = [
        replace(office.ana, id=each, name=each.title(), email=f"{each}@hub.example", teams=("returns",))
        for each in ("ben", "cem")
    ]
    for each in team:
        await hub.store.people.add_agent(each)
    await hub.store.rules.save(TeamPlan(id="returns", strategy=Strategy.LEAST_BUSY))
    await hub.store.rules.save(AgentPlan(id="ben", capacity=2))  # one chat
    await hub.store.channels.change(office.channel.id, {"team": "returns"})
    ben, cem = team
    await attend(desk, ben)
    first, asked = await _resolved_by(office, "tomas", ben)

    office.platform.answer(asked, "One more thing")
    again = await until(lambda: open_again(office, first), "it to be reopened")
    assert again.agent == "ben"
    assert (await hub.store.workloads.find(["ben"]))["ben"].load == 2
    assert not await _released(office, first)

    await resolve(desk, office.ana, first)
    await _resolved_by(office, "vera", ben, leave_open=True)  # has what he can have
    await attend(desk, cem)
    office.platform.answer(asked, "And another")

    async def with_cem() -> Conversation | None:
        found = await open_again(office, first)
        return found if found and found.agent == "cem" else None

    await until(with_cem, "it to go to who has room")
    (fact,) = await _released(office, first)
    assert fact.because == "Ben, who had it, has no room."
    assert (await hub.store.workloads.find(["ben"]))["ben"].load == 2


async def test_who_is_away_does_not_get_back_what_is_reopened(office: Office) -> None:
    hub, desk = office.hub, office.hub.desk
    await hub.store.people.add_team(Team(id="returns", name="Returns", created_at=hub.clock()))
    ben = replace(office.ana, id="ben", name="Ben", email="ben@hub.example", teams=("returns",))
    await hub.store.people.add_agent(ben)
    await hub.store.rules.save(TeamPlan(id="returns", strategy=Strategy.LEAST_BUSY))
    await hub.store.channels.change(office.channel.id, {"team": "returns"})
    await attend(desk, ben)
    first, asked = await _resolved_by(office, "tomas", ben)
    until_then = hub.clock() + timedelta(hours=1)
    await hub.store.workloads.attend("ben", until_then, State.BREAK)
    office.platform.answer(asked, "One more thing")
    again = await until(lambda: open_again(office, first), "it to be reopened")
    assert (again.team, again.agent) == ("returns", None)
    (fact,) = await _released(office, first)
    assert fact.because == "Ben, who had it, has no room."


async def _resolved_by(office: Office, name: str, agent: Agent, leave_open: bool = False) -> tuple[str, Post]:
    """A conversation that somebody had, by its id, and how it began."""
    asked = office.platform.write(office.world.person(name), f"{name} asks")

    async def theirs() -> Conversation | None:
        rows = await office.conversations()
        return next((each for each in rows if each.last.preview == f"{name} asks" and each.team), None)

    found = await until(theirs, "the conversation")
    if found.agent != agent.id:
        found = await until(lambda: _had(office, found.id, agent), "the agent to have it")
    if not leave_open:
        await resolve(office.hub.desk, office.ana, found.id)
    return found.id, asked


async def _had(office: Office, conversation: str, agent: Agent) -> Conversation | None:
    found = await office.hub.store.inbox.find_conversation(conversation)
    return found if found and found.agent == agent.id else None


async def _released(office: Office, conversation: str) -> list[Activity]:
    entries = await office.hub.store.inbox.timeline(conversation)
    return [each for each in entries if isinstance(each, Activity) and each.kind == "released"]
