"""A filled inbox for the desk's tests: as the pipeline leaves it, written straight to the store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.app import Hub
from hub.model.inbox import Awaiting, Conversation, Last, Side, Status
from hub.model.people import Agent, Role, Team

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)

ADMIN = Agent(id="ada", name="Ada", email="ada@hub.example", role=Role.ADMIN, created_at=BEGAN)
SUPERVISOR = Agent(id="sue", name="Sue", email="sue@hub.example", role=Role.SUPERVISOR, created_at=BEGAN)
AGENT = Agent(id="ben", name="Ben", email="ben@hub.example", teams=("sales",), created_at=BEGAN)
RESTRICTED = Agent(
    id="rea", name="Rea", email="rea@hub.example", teams=("sales",), restricted=True, created_at=BEGAN
)
DISABLED = replace(ADMIN, id="dis", email="dis@hub.example", disabled=True)
EVERYBODY = (ADMIN, SUPERVISOR, AGENT, RESTRICTED)


def conversation(number: int, **more: Any) -> Conversation:
    """`number`: its id, and how many minutes after BEGAN it was last active."""
    at = more.pop("at", BEGAN + timedelta(minutes=number))
    given: dict[str, Any] = {
        "id": f"c{number:05}",
        "customer": f"customer-{number}",
        "customer_name": f"Customer {number}",
        "subject": f"Order {number}",
        "status": Status.OPEN,
        "awaiting": Awaiting.US,
        "channel": "ch",
        "platform": "email",
        "surface": "email",
        "visibility": "private",
        "created_at": at,
        "activity_at": at,
        "waiting_since": at,
        "last": Last(entry=f"e{number}", side=Side.CUSTOMER, author_name="Cora", preview="Hello", at=at),
    }
    return Conversation(**{**given, **more})


async def fill(hub: Hub, conversations: list[Conversation]) -> None:
    for start in range(0, len(conversations), 500):
        await hub.store.inbox.add_conversations(conversations[start : start + 500])


async def staff(hub: Hub) -> None:
    for each in EVERYBODY:
        await hub.store.people.add_agent(each)
    for team in ("sales", "support"):
        await hub.store.people.add_team(Team(id=team, name=team.title(), created_at=BEGAN))
