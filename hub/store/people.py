"""Customers and their identities (`customers.py`), and the agents and teams who answer them."""

from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from hub.model.ids import derived_id
from hub.model.people import Agent, Team
from hub.model.sentences import Refusal
from hub.store.bulk import insert_new
from hub.store.codec import from_document, to_document
from hub.store.customers import Customers, identity_id
from hub.store.remembered import Remembered
from hub.store.schema import Database

__all__ = ["EmailTaken", "People", "identity_id"]


class EmailTaken(Refusal):
    """Another agent has this address."""


class People(Customers):
    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.agents = db.agents
        self.automatic = db.automatic
        self.teams = db.teams
        self.sessions = db.sessions
        self.known_agents = Remembered(self.list_agents)
        self.known_teams = Remembered(self.list_teams)

    async def count_automatic(self, platform: str, key: str, now: datetime) -> int:
        """One more automatic message to an address. Returns how many there were in this hour."""
        counted = derived_id("automatic", platform, key, f"{now:%Y%m%d%H}")
        await self.automatic.update_one(
            {"_id": counted}, {"$inc": {"count": 1}, "$set": {"at": now}}, upsert=True
        )
        found = await self.automatic.find_one({"_id": counted})
        return int(found["count"]) if found else 0

    async def add_agent(self, agent: Agent) -> None:
        """Raises EmailTaken."""
        try:
            await self.agents.insert_one(to_document(agent))
        except DuplicateKeyError as problem:
            raise EmailTaken("email_taken", email=agent.email) from problem
        self.known_agents.forget()

    async def list_agents(self) -> list[Agent]:
        found = await self.agents.find().to_list(None)
        return sorted((from_document(each, Agent) for each in found), key=lambda agent: agent.name)

    async def find_agent(self, agent: str) -> Agent | None:
        document = await self.agents.find_one({"_id": agent})
        return from_document(document, Agent) if document else None

    async def find_agent_by_email(self, email: str) -> Agent | None:
        document = await self.agents.find_one({"email": email.casefold()})
        return from_document(document, Agent) if document else None

    async def set_agent_disabled(self, agent: str, disabled: bool) -> None:
        """Whoever is disabled is signed out everywhere at once."""
        await self.agents.update_one({"_id": agent}, {"$set": {"disabled": disabled}})
        self.known_agents.forget()
        if disabled:
            await self.sessions.delete_many({"agent": agent})

    async def change_agent(self, agent: str, **changed: Any) -> None:
        """Set these fields of an agent."""
        await self.agents.update_one({"_id": agent}, {"$set": changed})
        self.known_agents.forget()

    async def add_team(self, team: Team) -> None:
        await insert_new(self.teams, [to_document(team)])
        self.known_teams.forget()

    async def rename_team(self, team: str, name: str) -> None:
        await self.teams.update_one({"_id": team}, {"$set": {"name": name}})
        self.known_teams.forget()

    async def list_teams(self) -> list[Team]:
        found = await self.teams.find().to_list(None)
        return sorted((from_document(each, Team) for each in found), key=lambda team: team.name)
