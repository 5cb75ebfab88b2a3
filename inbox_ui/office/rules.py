"""Rules: read as sentences, made and changed in a form, put into order, taken and given as a file."""

from typing import Any

from aiohttp import web

from hub.desk import rules
from hub.desk.changing import NotPossible
from hub.desk.rule_files import export_rules, import_rules, names_of
from hub.desk.rules import Drawn
from hub.model.rules import Do, Group, Join, Reading, Rule, Trigger
from inbox_ui.office import rehearsal
from inbox_ui.office.frame import chosen, done, gone, office
from inbox_ui.office.rule_frame import PLACE
from inbox_ui.office.rule_lines import (
    FIELD,
    Names,
    action_lines,
    actions_in,
    actions_of,
    group_of,
    lines_in,
    lines_of,
)
from inbox_ui.office.rule_words import (
    do_words,
    fact_words,
    join_words,
    sentence_of,
    test_words,
    trigger_words,
)
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of
from inbox_ui.words import Words


async def page(request: web.Request) -> web.StreamResponse:
    return await _list(request)


async def ask(request: web.Request) -> web.StreamResponse:
    """GET: an empty form, or one rule to change."""
    if "rule" not in request.match_info:
        return await _form(request, None)
    rule = await _named(request)
    return await _form(request, rule) if rule else gone(request)


async def keep(request: web.Request) -> web.StreamResponse:
    """POST: make or change one. DELETE: remove it."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    address = request.remote or ""
    rule = await _named(request) if "rule" in request.match_info else None
    if rule is None and "rule" in request.match_info:
        return gone(request)
    if rule is not None and request[FORM].get("_method") == "delete":
        await rules.remove_rule(desk, agent, rule.id, address=address)
        return done(request, PLACE.address, words.gettext("The rule is gone."))
    if "more" in request[FORM]:
        return await _form(request, rule, again=True)
    try:
        drawn = await _drawn(request)
        if rule is None:
            await rules.add_rule(desk, agent, drawn, address=address)
        else:
            await rules.change_rule(desk, agent, rule.id, drawn, address=address)
    except NotPossible as problem:
        where = "name" if problem.code == "name_needed" else ""
        return await _form(request, rule, {where: told(problem, words)})
    except ValueError:
        return await _form(request, rule, {"": words.gettext("Choose from the lists.")})
    return done(request, PLACE.address, words.gettext("Saved"))


async def move(request: web.Request) -> web.StreamResponse:
    """One place up or down."""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    order = [each.id for each in await rules.list_rules(desk, agent)]
    rule = request.match_info["rule"]
    if rule not in order:
        return gone(request)
    at = order.index(rule)
    to = at + (1 if request[FORM].get("to") == "down" else -1)
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
        await rules.order_rules(desk, agent, order, address=request.remote or "")
    return done(request, PLACE.address, words_of(request).gettext("Moved"))


async def read(request: web.Request) -> web.StreamResponse:
    """How far rules are read."""
    wanted = Reading.FIRST if request[FORM].get("reading") == Reading.FIRST else Reading.ALL
    desk = request.app[PAGES].desk
    await rules.set_reading(desk, agent_of(request), wanted, address=request.remote or "")
    return done(request, PLACE.address, words_of(request).gettext("Saved"))


async def take(request: web.Request) -> web.StreamResponse:
    """A file of rules."""
    desk, words = request.app[PAGES].desk, words_of(request)
    text = request[FORM].get("toml", "")
    try:
        taken = await import_rules(desk, agent_of(request), text, address=request.remote or "")
    except NotPossible as problem:
        return await _list(request, {"toml": told(problem, words)}, text)
    said = words.ngettext("%(num)s rule taken", "%(num)s rules taken", len(taken))
    return done(request, PLACE.address, said)


async def _list(
    request: web.Request, problems: dict[str, str] | None = None, toml: str | None = None
) -> web.StreamResponse:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    names = await names_of(desk)
    found = [(each, sentence_of(each, names, words)) for each in await rules.list_rules(desk, agent)]
    return office(
        request,
        PLACE,
        "office/rules.html",
        422 if problems else 200,
        problems,
        rules=found,
        reading=await rules.reading(desk, agent),
        toml=toml if toml is not None else await export_rules(desk, agent),
    )


async def _form(
    request: web.Request, rule: Rule | None, problems: dict[str, str] | None = None, again: bool = False
) -> web.StreamResponse:
    """`again`: with what was filled in, though it could not be kept, or more lines were asked for."""
    words, names = words_of(request), await names_of(request.app[PAGES].desk)
    filled = await _filled(request) if problems or again else _of_rule(rule, names)
    return office(
        request,
        PLACE,
        "office/rule.html",
        422 if problems else 200,
        problems,
        rule=rule,
        sentence=sentence_of(rule, names, words) if rule else "",
        triggers=list(trigger_words(words).items()),
        dos=do_choices(names, words),
        names=names,
        **condition_choices(names, words),
        **filled,
    )


def do_choices(names: Names, words: Words) -> list[tuple[str, str]]:
    """Every action; setting a field is one for each field there is."""
    known = [(str(key), title) for key, title in do_words(words).items() if key is not Do.FIELD]
    told = do_words(words)[Do.FIELD]
    return known + [(f"{FIELD}{key}", f"{told}: {name}") for key, name in names["field"].items()]


def condition_choices(names: Names, words: Words) -> dict[str, Any]:
    """What lines of conditions offer."""
    return {
        "facts": [*fact_words(words).items(), *names["fact"].items()],
        "tests": list(test_words(words).items()),
        "joins": list(join_words(words).items()),
    }


def _of_rule(rule: Rule | None, names: Names) -> dict[str, Any]:
    """What stands in the form of a rule; of a new one, what it begins with."""
    return {
        "name": rule.name if rule else "",
        "on": [str(each) for each in rule.on] if rule else ["arrived"],
        "minutes": str(rule.minutes) if rule else "0",
        "enabled": rule.enabled if rule else True,
        "group": lines_of(rule.when if rule else Group(Join.ALL, ()), names),
        "actions": action_lines(rule.then if rule else (), names),
    }


async def _filled(request: web.Request) -> dict[str, Any]:
    form = request[FORM]
    return {
        "name": form.get("name", ""),
        "on": await chosen(request, "on"),
        "minutes": form.get("minutes", ""),
        "enabled": form.get("enabled") == "yes",
        "group": lines_in(form),
        "actions": actions_in(form),
    }


async def _drawn(request: web.Request) -> Drawn:
    """Raises ValueError when something is not from the lists."""
    form, names = request[FORM], await names_of(request.app[PAGES].desk)
    return Drawn(
        name=form.get("name", ""),
        on=tuple(Trigger(each) for each in await chosen(request, "on")),
        when=group_of(lines_in(form), names),
        then=tuple(actions_of(actions_in(form), names)),
        minutes=int(form.get("minutes") or 0),
        enabled=form.get("enabled") == "yes",
    )


async def _named(request: web.Request) -> Rule | None:
    try:
        return await rules.get_rule(request.app[PAGES].desk, agent_of(request), request.match_info["rule"])
    except NotPossible:
        return None


ROUTES = [
    web.get("/office/rules", page),
    web.get("/office/rules/new", ask),
    *rehearsal.ROUTES,
    web.post("/office/rules", keep),
    web.post("/office/rules/file", take),
    web.post("/office/rules/reading", read),
    web.get("/office/rules/{rule}", ask),
    web.post("/office/rules/{rule}", keep),
    web.post("/office/rules/{rule}/place", move),
]
