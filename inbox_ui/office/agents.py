"""Agents: who answers here, what each may, and how they come in."""

from collections.abc import Awaitable, Callable, Mapping
from email.message import EmailMessage

from aiohttp import web

from hub.auth.agents import (
    AgentRefused,
    Member,
    add_agent,
    change_agent,
    disable_agent,
    end_sessions_of,
    get_member,
    invite_again,
    list_members,
    reset_second_factor,
)
from hub.desk.leaving import count_of, release_all
from hub.desk.opening import list_teams
from hub.model.people import Agent, Role
from hub.model.sentences import Refusal
from hub.notifying.posting import MayBeSent, NotSent, plain_mail
from inbox_ui.office import agent_plan
from inbox_ui.office.agent_frame import PLACE
from inbox_ui.office.frame import chosen, done, gone, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of
from inbox_ui.words import Words

__all__ = ["PLACE", "ROUTES"]

FIELDS = {"email_wrong": "email", "email_taken": "email", "name_needed": "name", "last_admin": "role"}
Deed = Callable[[str], Awaitable[object]]


async def page(request: web.Request) -> web.StreamResponse:
    return await _list(request)


async def add(request: web.Request) -> web.StreamResponse:
    """The answer shows the link that lets them in; it is at no address."""
    auth, form, words = request.app[PAGES].auth, request[FORM], words_of(request)
    try:
        agent, path = await add_agent(
            auth,
            agent_of(request),
            form.get("name", ""),
            form.get("email", ""),
            role=_role(form),
            teams=await chosen(request, "team"),
            restricted=form.get("restricted") == "yes",
            address=request.remote or "",
        )
    except Refusal as refused:
        return await _list(request, 422, {FIELDS.get(refused.code, ""): told(refused, words)})
    return await _invited(request, agent, path)


async def one(request: web.Request) -> web.StreamResponse:
    return await _one(request)


async def change(request: web.Request) -> web.StreamResponse:
    auth, form, words = request.app[PAGES].auth, request[FORM], words_of(request)
    try:
        await change_agent(
            auth,
            agent_of(request),
            request.match_info["agent"],
            name=form.get("name", ""),
            role=_role(form),
            teams=await chosen(request, "team"),
            restricted=form.get("restricted") == "yes",
            address=request.remote or "",
        )
    except AgentRefused as refused:
        return await _one(request, 422, {FIELDS.get(refused.code, ""): told(refused, words)})
    return _back(request, words.gettext("Saved"))


async def invite(request: web.Request) -> web.StreamResponse:
    auth, agent = request.app[PAGES].auth, request.match_info["agent"]
    try:
        path = await invite_again(auth, agent_of(request), agent, address=request.remote or "")
        member = await get_member(auth, agent_of(request), agent)
    except AgentRefused:
        return gone(request)
    return await _invited(request, member.agent, path)


async def disable(request: web.Request) -> web.StreamResponse:
    """With `release`, what they have is free for others again."""
    pages, words, agent = request.app[PAGES], words_of(request), request.match_info["agent"]
    by, address = agent_of(request), request.remote or ""
    released = 0

    async def deed(found: str) -> None:
        nonlocal released
        await disable_agent(pages.auth, by, found, True, address=address)
        if request[FORM].get("release") == "yes":
            released = await release_all(pages.desk, by, found)

    said = words.gettext("Signed out everywhere, and kept out from now on.")
    if (refused := await _try(request, agent, deed)) is not None:
        return refused
    if released:
        said += " " + words.ngettext(
            "%(num)d conversation is free again.", "%(num)d conversations are free again.", released
        )
    return _back(request, said)


async def enable(request: web.Request) -> web.StreamResponse:
    auth, by = request.app[PAGES].auth, agent_of(request)
    refused = await _try(
        request,
        request.match_info["agent"],
        lambda agent: disable_agent(auth, by, agent, False, address=request.remote or ""),
    )
    return refused or _back(request, words_of(request).gettext("May sign in again"))


async def reset_factor(request: web.Request) -> web.StreamResponse:
    auth, by = request.app[PAGES].auth, agent_of(request)
    refused = await _try(
        request,
        request.match_info["agent"],
        lambda agent: reset_second_factor(auth, by, agent, address=request.remote or ""),
    )
    return refused or _back(request, words_of(request).gettext("From now on the password is enough."))


async def end_sessions(request: web.Request) -> web.StreamResponse:
    auth, by, words = request.app[PAGES].auth, agent_of(request), words_of(request)
    refused = await _try(
        request,
        request.match_info["agent"],
        lambda agent: end_sessions_of(auth, by, agent, address=request.remote or ""),
    )
    return refused or _back(request, words.gettext("Signed out everywhere"))


async def _try(request: web.Request, agent: str, deed: Deed) -> web.StreamResponse | None:
    """None when it was done."""
    try:
        await deed(agent)
    except AgentRefused as refused:
        return await _one(request, 422, {"": told(refused, words_of(request))})
    return None


def _back(request: web.Request, said: str) -> web.StreamResponse:
    return done(request, f"{PLACE.address}/{request.match_info['agent']}", said)


def _role(form: Mapping[str, str]) -> Role:
    wanted = form.get("role", "")
    return Role(wanted) if wanted in list(Role) else Role.AGENT


async def _invited(request: web.Request, agent: Agent, path: str) -> web.StreamResponse:
    """The link, and what became of the mail with it, where the hub can send mail. The link is shown in any
    case: a mail may be lost."""
    pages = request.app[PAGES]
    link = pages.origin(request) + path
    mailed, problem = False, ""
    if pages.post is not None:
        try:
            await pages.post.send(_invitation(request, pages.post.sender, agent, link), agent.email)
            mailed = True
        except (NotSent, MayBeSent) as trouble:
            problem = str(trouble)
    return office(
        request, PLACE, "office/invited.html", agent=agent, link=link, mailed=mailed, problem=problem
    )


def _invitation(request: web.Request, sender: str, agent: Agent, link: str) -> EmailMessage:
    """In the language of who invites: the other's is not known yet."""
    words, by = words_of(request), agent_of(request)
    parts = (
        words.gettext("Hello %(name)s,", name=agent.name),
        words.gettext("%(who)s has made a place for you in Hubbub. Choose a password here:", who=by.name),
        link,
        words.gettext(
            "The link works once, for three days. If you do not know what this is about, do nothing."
        ),
    )
    text = "\n\n".join(parts)
    subject = words.gettext("Your way into Hubbub")
    return plain_mail(sender, agent, subject, text, request.app[PAGES].desk.clock())


async def _list(
    request: web.Request, status: int = 200, problems: Mapping[str, str] | None = None
) -> web.StreamResponse:
    pages, words, form = request.app[PAGES], words_of(request), request.get(FORM, {})
    teams = {each.id: each.name for each in await list_teams(pages.desk)}
    return office(
        request,
        PLACE,
        "office/agents.html",
        status,
        problems,
        members=await list_members(pages.auth, agent_of(request)),
        teams=teams,
        role_of=lambda member: _role_words(member, words),
        roles=_roles(words),
        given={
            **{name: form.get(name, "") for name in ("name", "email")},
            "role": form.get("role", Role.AGENT),
            "teams": await chosen(request, "team") if problems else [],
            "restricted": form.get("restricted") == "yes",
        },
    )


async def _one(
    request: web.Request, status: int = 200, problems: Mapping[str, str] | None = None
) -> web.StreamResponse:
    pages, words, form = request.app[PAGES], words_of(request), request.get(FORM, {})
    try:
        member = await get_member(pages.auth, agent_of(request), request.match_info["agent"])
    except AgentRefused:
        return gone(request)
    again = "name" in form and status != 200
    return office(
        request,
        PLACE,
        "office/agent.html",
        status,
        problems,
        member=member,
        agent=member.agent,
        has=await count_of(pages.desk, member.agent.id),
        teams={each.id: each.name for each in await list_teams(pages.desk)},
        roles=_roles(words),
        given={
            "name": form["name"] if again else member.agent.name,
            "role": form.get("role", "") if again else member.agent.role,
            "teams": await chosen(request, "team") if again else member.agent.teams,
            "restricted": form.get("restricted") == "yes" if again else member.agent.restricted,
        },
    )


def _roles(words: Words) -> list[tuple[str, str]]:
    _ = words.gettext
    return [
        (Role.AGENT, _("Agent: answers customers")),
        (Role.SUPERVISOR, _("Supervisor: may also delete, and make what everybody uses")),
        (Role.ADMIN, _("Admin: everything, these pages included")),
    ]


def _role_words(member: Member, words: Words) -> str:
    _ = words.gettext
    named = {Role.AGENT: _("Agent"), Role.SUPERVISOR: _("Supervisor"), Role.ADMIN: _("Admin")}
    return named[member.agent.role]


ROUTES = [
    web.get("/office/agents", page),
    web.post("/office/agents", add),
    web.get("/office/agents/{agent}", one),
    web.post("/office/agents/{agent}", change),
    web.post("/office/agents/{agent}/invitation", invite),
    web.post("/office/agents/{agent}/disabling", disable),
    web.post("/office/agents/{agent}/enabling", enable),
    web.post("/office/agents/{agent}/second-factor", reset_factor),
    web.post("/office/agents/{agent}/sessions", end_sessions),
    *agent_plan.ROUTES,
]
