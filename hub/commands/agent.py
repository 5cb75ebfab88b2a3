"""`hubbub agent`: the people who answer."""

import click

from hub.app import Hub
from hub.auth.audit import record
from hub.auth.first_admin import check_agent
from hub.auth.links import invite
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
    name, email = check_agent(name, email)
    now = hub.clock()
    made = Agent(id=new_id(now), name=name, email=email, role=Role(role), created_at=now)
    await hub.store.people.add_agent(made)
    await record(hub.auth.store, hub.clock, None, "agent_added", target=made.id, target_name=made.name)
    link = await _invited(hub, made)
    words = f"Added {made.name} <{made.email}> as {made.role}. They choose a password, within three days, at"
    out.one({**agent_row(made), "link": link}, f"{words}\n{link}")


async def _invited(hub: Hub, agent: Agent) -> str:
    web = hub.settings.web
    return (web.public_url or f"http://{web.host}:{web.port}") + await invite(hub.auth, None, agent)


@agent.command("invite")
@click.argument("email")
@with_hub
async def invite_(hub: Hub, out: Output, email: str) -> None:
    """A new link to choose a password: for who forgot it, or was too late. Former links stop working."""
    found = await find_agent(hub, email)
    link = await _invited(hub, found)
    out.one({**agent_row(found), "link": link}, link)


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
    deed = "agent_enabled" if enable else "agent_disabled"
    await record(hub.auth.store, hub.clock, None, deed, target=found.id, target_name=found.name)
    again = await hub.store.people.find_agent(found.id) or found
    out.one(agent_row(again), f"{again.name} <{again.email}> is {'enabled' if enable else 'disabled'}.")
