"""A decision that was wrong: who should have had it, and then the rule that would have known.

Asked as a task (see `tasks`): a page of its own, or a dialog over the conversation.
"""

from aiohttp import web

from hub.desk import decisions
from hub.desk.changing import Changed, NotPossible
from hub.desk.opening import list_agents, list_teams, open_conversation
from hub.desk.rule_files import names_of
from hub.desk.rules import Drawn, add_rule
from hub.model.people import Role
from hub.model.rules import Decision
from inbox_ui.office.rule_words import sentence_of
from inbox_ui.pages import PAGES
from inbox_ui.saying import told, why
from inbox_ui.tasks import done, task
from inbox_ui.visitor import FORM, agent_of, page, words_of


async def ask(request: web.Request, problem: str = "") -> web.StreamResponse:
    """GET /conversations/{id}/correction: `decision` says which one."""
    desk, words = request.app[PAGES].desk, words_of(request)
    decision = await _decision(request)
    if decision is None:
        return page(request, "trouble.html", status=404, kind="gone")
    found = (await open_conversation(desk, agent_of(request), decision.conversation)).conversation
    form = request.get(FORM, {})
    return task(
        request,
        "correcting.html",
        409 if problem else 200,
        conversation=found,
        decision=decision,
        because=why(decision.because, words),
        teams=await list_teams(desk),
        agents=[each for each in await list_agents(desk) if not each.disabled],
        team=form.get("team", found.team or ""),
        agent=form.get("agent", found.agent or ""),
        problem=problem,
    )


async def correct(request: web.Request) -> web.StreamResponse:
    """POST: `team` and `agent`; or, with `offer`, what became of the rule that was offered."""
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    decision = await _decision(request)
    if decision is None:
        return page(request, "trouble.html", status=404, kind="gone")
    team, to = form.get("team") or None, form.get("agent") or None
    if "offer" in form:
        return await _answered(request, decision, team, to)
    try:
        made = await decisions.correct(desk, agent, decision.id, team=team, to=to)
    except (NotPossible, Changed) as problem:
        return await ask(request, told(problem, words))
    if made.offered is None or agent.role is not Role.ADMIN:
        said = words.gettext("Corrected")
        return done(request, decision.conversation, said, made.done.token)
    return await _offer(request, decision, made.offered, made.done.token or "")


async def _offer(
    request: web.Request, decision: Decision, offered: Drawn, undo: str, problem: str = ""
) -> web.StreamResponse:
    words, form = words_of(request), request[FORM]
    response = task(
        request,
        "offering.html",
        conversation=decision.conversation,
        decision=decision,
        sentence=sentence_of(offered, await names_of(request.app[PAGES].desk), words),
        team=form.get("team", ""),
        agent=form.get("agent", ""),
        undo=undo,
        problem=problem,
    )
    response.headers["X-Further"] = "offer"  # our scripts show it where the question was
    return response


async def _answered(
    request: web.Request, decision: Decision, team: str | None, to: str | None
) -> web.StreamResponse:
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    undo = form.get("undo") or None
    if form["offer"] != "accept":
        return done(request, decision.conversation, words.gettext("Corrected"), undo)
    offered = await decisions.offer(desk, decision, team, to)
    if offered is None:
        return page(request, "trouble.html", status=404, kind="gone")
    try:
        rule = await add_rule(desk, agent, offered, address=request.remote or "")
    except NotPossible as problem:
        return await _offer(request, decision, offered, undo or "", told(problem, words))
    said = words.gettext("The rule “%(name)s” is in force", name=rule.name)
    return done(request, decision.conversation, said, undo)


async def _decision(request: web.Request) -> Decision | None:
    """Of this conversation, which the reader may see."""
    wanted = request.query.get("decision") or request.get(FORM, {}).get("decision", "")
    conversation = request.match_info["conversation"]
    found = await decisions.list_decisions(request.app[PAGES].desk, agent_of(request), conversation)
    return next((each for each in found if each.id == wanted), None)
