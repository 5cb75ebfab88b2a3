"""Links that work once: to choose a password, sent by whoever added the agent."""

from datetime import timedelta

from hub.auth import Auth
from hub.auth.access import NotAllowed
from hub.auth.attempts import known_device
from hub.auth.audit import record
from hub.auth.opaque import new_token, token_id
from hub.auth.passwords import check_password
from hub.auth.signing_in import enter, set_password
from hub.model.people import Agent, Role
from hub.model.sentences import Refusal
from hub.model.sign_ins import Link, LinkKind, Session

PASSWORD_GOOD_FOR = timedelta(days=3)
PASSWORD_PATH = "/desk/set-password/"  # noqa: S105  (a path)


class LinkSpent(Refusal):
    """The link has been used, is too old or was never made."""

    def __init__(self) -> None:
        super().__init__("link_spent")


async def invite(auth: Auth, by: Agent | None, agent: Agent, *, address: str = "") -> str:
    """The path, beginning with /, at which an agent chooses their password; former ones stop working.

    `by`: the admin; None for a command in the terminal. Raises NotAllowed.
    """
    if by is not None and (by.role is not Role.ADMIN or by.disabled):
        raise NotAllowed("only_admins")
    await auth.store.sign_ins.drop_links(LinkKind.PASSWORD, agent.id)
    token = await make_link(auth, LinkKind.PASSWORD, PASSWORD_GOOD_FOR, agent)
    await record(
        auth.store, auth.clock, by, "invited", target=agent.id, target_name=agent.name, address=address
    )
    return PASSWORD_PATH + token


async def find_invited(auth: Auth, token: str) -> Agent | None:
    """Whom a link is for; None when it does not work (any more)."""
    link = await find_link(auth, LinkKind.PASSWORD, token)
    agent = await auth.store.people.find_agent(link.agent) if link and link.agent else None
    return agent if agent and not agent.disabled else None


async def accept_invitation(
    auth: Auth, token: str, password: str, *, address: str, browser: str, device: str | None = None
) -> Session:
    """Set the password and sign in. Raises LinkSpent, PasswordRefused; CodeNeeded like `sign_in`."""
    agent = await find_invited(auth, token)
    if agent is None:
        raise LinkSpent
    check_password(password, (agent.name, agent.email))  # a bad one does not use up the link
    if not await auth.store.sign_ins.use_link(token_id(token)):
        raise LinkSpent
    await set_password(auth, agent, password)
    await record(auth.store, auth.clock, agent, "password_set", address=address, details={"how": "link"})
    credentials = await auth.store.sign_ins.find_credentials(agent.id)
    known = known_device(auth, device, agent)
    return await enter(auth, agent, credentials, "link", None, address, browser, known)


async def make_link(auth: Auth, kind: LinkKind, good_for: timedelta, agent: Agent | None = None) -> str:
    """Its token; kept is only a hash."""
    token = new_token()
    link = Link(
        id=token_id(token), kind=kind, agent=agent.id if agent else None, expires_at=auth.clock() + good_for
    )
    await auth.store.sign_ins.add_link(link)
    return token


async def find_link(auth: Auth, kind: LinkKind, token: str) -> Link | None:
    link = await auth.store.sign_ins.find_link(token_id(token))
    return link if link and link.kind is kind and link.expires_at > auth.clock() else None
