"""The first run: nobody can sign in yet, so a link in the terminal makes the first admin."""

import re
from datetime import timedelta

from hub.auth import Auth
from hub.auth.audit import record
from hub.auth.links import LinkSpent, find_link, make_link
from hub.auth.opaque import token_id
from hub.auth.passwords import check_password
from hub.auth.signing_in import enter, set_password
from hub.model.ids import new_id
from hub.model.people import Agent, Role
from hub.model.sentences import Refusal
from hub.model.sign_ins import LinkKind, Session

GOOD_FOR = timedelta(hours=24)
PATH = "/desk/first-admin/"
EMAIL = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,250}")
NAME_LONGEST = 100


class AgentRefused(Refusal):
    """A name or an address cannot be used. The text says why."""


async def start_first_admin(auth: Auth) -> str | None:
    """The path, beginning with /, to print in the terminal; None once somebody can sign in."""
    if await auth.store.sign_ins.anybody_can_sign_in():
        return None
    return PATH + await make_link(auth, LinkKind.FIRST_ADMIN, GOOD_FOR)


async def first_admin_wanted(auth: Auth, token: str) -> bool:
    """Whether the link works (still)."""
    if await auth.store.sign_ins.anybody_can_sign_in():
        return False
    return await find_link(auth, LinkKind.FIRST_ADMIN, token) is not None


async def finish_first_admin(
    auth: Auth, token: str, name: str, email: str, password: str, *, address: str, browser: str
) -> Session:
    """Make the first admin and sign them in; an agent with this address that a command added becomes it.

    Raises LinkSpent, AgentRefused, PasswordRefused.
    """
    name, email = check_agent(name, email)
    check_password(password, (name, email))
    if not await first_admin_wanted(auth, token):
        raise LinkSpent
    # Who takes the link makes the admin; a second click on the button finds it gone.
    if not await auth.store.sign_ins.use_link(token_id(token)):
        raise LinkSpent
    now = auth.clock()
    agent = await auth.store.people.find_agent_by_email(email)
    if agent is None:
        agent = Agent(id=new_id(now), name=name, email=email, role=Role.ADMIN, created_at=now)
        await auth.store.people.add_agent(agent)
    else:
        await auth.store.people.change_agent(agent.id, name=name, role=Role.ADMIN, disabled=False)
        agent = await auth.store.people.find_agent(agent.id) or agent
    await set_password(auth, agent, password)
    await auth.store.sign_ins.drop_links(LinkKind.FIRST_ADMIN)
    await record(
        auth.store,
        auth.clock,
        agent,
        "first_admin_made",
        target=agent.id,
        target_name=agent.name,
        address=address,
    )
    return await enter(auth, agent, None, "link", None, address, browser, None)


def check_agent(name: str, email: str) -> tuple[str, str]:
    """Both as they are kept. Raises AgentRefused."""
    name = " ".join(name.split())
    email = email.strip().casefold()
    if not 0 < len(name) <= NAME_LONGEST or not name.isprintable():
        raise AgentRefused("name_needed", most=NAME_LONGEST)
    if not EMAIL.fullmatch(email) or not email.isprintable():
        raise AgentRefused("email_wrong")
    return name, email
