"""`hubbub agent`: the people who answer."""

import re

import click

from hub.app import Hub
from hub.commands.errors import Failure
from hub.commands.finding import find_agent
from hub.commands.frame import with_hub
from hub.commands.output import Output, Row
from hub.model.ids import new_id
from hub.model.people import Agent, Role

COLUMNS = ("id", "name", "email", "role", "disabled")


@click.group()
def agent() -> None:
    """The people who answer."""


def agent_row(agent: Agent) -> Row:
    return {
        "id": agent.id,
        "name": agent.name,
        "email": agent.email,
        "role": agent.role,
        "teams": agent.teams,
        "disabled": agent.disabled,
        "created_at": agent.created_at,
    }


@agent.command("add")
@click.argument("name")
@click.argument("email")
@click.option(
    "--role", type=click.Choice([str(each) for each in Role]), default=str(Role.AGENT), show_default=True
)
@with_hub
async def add(hub: Hub, out: Output, name: str, email: str, role: str) -> None:
    """Add somebody: hubbub agent add "Ana Sousa" ana@example.com"""
    if not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", email):
        raise Failure(f"{email!r} is not an e-mail address.")
    if not name.strip():
        raise Failure("An agent needs a name.")
    now = hub.clock()
    made = Agent(id=new_id(now), name=name.strip(), email=email.casefold(), role=Role(role), created_at=now)
    await hub.store.people.add_agent(made)
    out.one(agent_row(made), f"Added {made.name} <{made.email}> as {made.role}.")


@agent.command("list")
@with_hub
async def list_(hub: Hub, out: Output) -> None:
    """Everybody, disabled or not."""
    rows = [agent_row(each) for each in await hub.store.people.list_agents()]
    out.rows(rows, COLUMNS, "There is no agent yet: `hubbub agent add` makes one.")


@agent.command("disable")
@click.argument("email")
@click.option("--enable", is_flag=True, help="Let them in again instead.")
@with_hub
async def disable(hub: Hub, out: Output, email: str, enable: bool) -> None:
    """Keep somebody out from now on; what they wrote stays."""
    found = await find_agent(hub, email)
    await hub.store.people.set_agent_disabled(found.id, not enable)
    again = await hub.store.people.find_agent(found.id) or found
    out.one(agent_row(again), f"{again.name} <{again.email}> is {'enabled' if enable else 'disabled'}.")
