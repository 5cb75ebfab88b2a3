"""Customers, their identities, and the agents and teams who answer them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from hub.model.ids import derived_id
from hub.model.people import Agent, Customer, Identity, Team
from hub.model.sentences import Refusal
from hub.store.bulk import insert_new
from hub.store.codec import Document, from_document, to_document
from hub.store.remembered import Remembered
from hub.store.schema import Database


class EmailTaken(Refusal):
    """Another agent has this address."""


def identity_id(platform: str, key: str) -> str:
    return derived_id("identity", platform, key)


class People:
    def __init__(self, db: Database) -> None:
        self.identities = db.identities
        self.customers = db.customers
        self.agents = db.agents
        self.automatic = db.automatic
        self.teams = db.teams
        self.sessions = db.sessions
        self.known_agents = Remembered(self.list_agents)
        self.known_teams = Remembered(self.list_teams)

    async def find_identities(self, ids: Sequence[str]) -> dict[str, Identity]:
        found = await self.identities.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        return {each["_id"]: from_document(each, Identity) for each in found}

    async def add_identities(self, identities: Sequence[Identity]) -> dict[str, Identity]:
        """Insert; who came first is right. Returns all of them as they now are."""
        taken = await insert_new(self.identities, [to_document(each) for each in identities])
        mine = {each.id: each for each in identities if each.id not in taken}
        return {**mine, **await self.find_identities(list(taken))}

    async def with_address(self, emails: Sequence[str], phones: Sequence[str]) -> list[Identity]:
        """Identities with one of these verified addresses or numbers. Two queries, each with its index."""
        found: list[Document] = []
        if emails:
            found += await self.identities.find({"email": {"$in": list(emails)}}).to_list(None)
        if phones:
            found += await self.identities.find({"phone": {"$in": list(phones)}}).to_list(None)
        return [from_document(each, Identity) for each in {each["_id"]: each for each in found}.values()]

    async def set_reachable(self, identity: str, reachable: bool) -> bool:
        """False when we know no such identity."""
        changed = await self.identities.update_one({"_id": identity}, {"$set": {"reachable": reachable}})
        return bool(changed.matched_count)

    async def count_automatic(self, platform: str, key: str, now: datetime) -> int:
        """One more automatic message to an address. Returns how many there were in this hour."""
        counted = derived_id("automatic", platform, key, f"{now:%Y%m%d%H}")
        await self.automatic.update_one(
            {"_id": counted}, {"$inc": {"count": 1}, "$set": {"at": now}}, upsert=True
        )
        found = await self.automatic.find_one({"_id": counted})
        return int(found["count"]) if found else 0

    async def find_customers(self, ids: Sequence[str]) -> dict[str, Customer]:
        found = await self.customers.find({"_id": {"$in": list(ids)}}).to_list(None) if ids else []
        return {each["_id"]: from_document(each, Customer) for each in found}

    async def add_customers(self, customers: Sequence[Customer]) -> None:
        """Insert those that are not there yet."""
        await insert_new(self.customers, [to_document(each) for each in customers])

    async def change_customer(self, customer: str, field: str, was: str | None, now: str | None) -> bool:
        """Compare and set one field (`note`, `fields.tier`). False: changed since. None removes."""
        change = {"$unset": {field: ""}} if now is None else {"$set": {field: now}}
        changed = await self.customers.update_one({"_id": customer, field: was}, change)
        return bool(changed.matched_count)

    async def identities_of(self, customer: str) -> list[Identity]:
        found = await self.identities.find({"customer": customer}).to_list(None)
        return [from_document(each, Identity) for each in found]

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
