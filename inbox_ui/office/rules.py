"""Rules: read as sentences, made and changed in a form, put into order, taken and given as a file.

The form knows one group of conditions; rules with groups in groups are changed in the file.
"""

from typing import Any

from aiohttp import web

from hub.desk import rules
from hub.desk.changing import NotPossible
from hub.desk.rule_forms import export_rules, import_rules, names_of
from hub.desk.rules import Drawn
from hub.model.rules import Action, Condition, Do, Group, Join, Reading, Rule, Test, Trigger
from inbox_ui.office.frame import ADMINS, Place, chosen, done, gone, office
from inbox_ui.office.rule_words import (
    NAMED_FACTS,
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

PLACE = Place(
    key="rules", group="company", icon="rules", title=lambda words: words.gettext("Rules"), roles=ADMINS
)
CONDITIONS, ACTIONS = 5, 4  # empty lines that are offered
BESIDES = (Do.FIELD,)  # actions that are not in the form, and stay as they are
NAMES = {Do.TEAM: "team", Do.AGENT: "agent", Do.LEVEL: "level"}


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
    try:
        drawn = await _drawn(request, rule)
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
    request: web.Request, rule: Rule | None, problems: dict[str, str] | None = None
) -> web.StreamResponse:
    words, names = words_of(request), await names_of(request.app[PAGES].desk)
    nested = rule is not None and any(isinstance(each, Group) for each in rule.when.parts)
    filled = await _filled(request) if problems else _of_rule(rule, names)
    conditions, actions = filled.pop("conditions"), filled.pop("actions")
    return office(
        request,
        PLACE,
        "office/rule.html",
        422 if problems else 200,
        problems,
        rule=rule,
        nested=nested,
        sentence=sentence_of(rule, names, words) if rule else "",
        conditions=[*conditions, *[("", "is", "")] * (CONDITIONS - len(conditions))],
        actions=[*actions, *[("", "")] * (ACTIONS - len(actions))],
        triggers=list(trigger_words(words).items()),
        facts=list(fact_words(words).items()),
        tests=list(test_words(words).items()),
        joins=list(join_words(words).items()),
        dos=[(key, title) for key, title in do_words(words).items() if key not in BESIDES],
        names=names,
        **filled,
    )


def _of_rule(rule: Rule | None, names: dict[str, dict[str, str]]) -> dict[str, Any]:
    """What stands in the form of a rule; of a new one, what it begins with."""
    if rule is None:
        new: dict[str, Any] = {"name": "", "on": ["arrived"], "minutes": "0", "enabled": True, "join": "all"}
        return {**new, "conditions": [], "actions": []}
    parts = [each for each in rule.when.parts if isinstance(each, Condition)]
    in_form = [each for each in rule.then if each.do not in BESIDES]
    return {
        "name": rule.name,
        "on": [str(each) for each in rule.on],
        "minutes": str(rule.minutes),
        "enabled": rule.enabled,
        "join": str(rule.when.join),
        "conditions": [(each.fact, str(each.test), _shown(each.fact, each.values, names)) for each in parts],
        "actions": [(str(each.do), _shown(NAMES.get(each.do, ""), (each.value,), names)) for each in in_form],
    }


async def _filled(request: web.Request) -> dict[str, Any]:
    """What somebody filled in, though it could not be kept."""
    form = request[FORM]
    conditions, actions = _given(form)
    return {
        "name": form.get("name", ""),
        "on": await chosen(request, "on"),
        "minutes": form.get("minutes", ""),
        "enabled": form.get("enabled") == "yes",
        "join": form.get("join", "all"),
        "conditions": conditions,
        "actions": actions,
    }


def _given(form: dict[str, str]) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    """The lines of the form as they were filled in."""
    conditions = [
        (fact, form.get(f"test{at}", "is"), form.get(f"values{at}", ""))
        for at in range(60)
        if (fact := form.get(f"fact{at}", ""))
    ]
    actions = [(do, form.get(f"value{at}", "")) for at in range(20) if (do := form.get(f"do{at}", ""))]
    return conditions, actions


async def _drawn(request: web.Request, rule: Rule | None) -> Drawn:
    """Raises ValueError when something is not from the lists."""
    form, names = request[FORM], await names_of(request.app[PAGES].desk)
    conditions, actions = _given(form)
    when = Group(
        Join(form.get("join", "all")),
        tuple(Condition(fact, Test(test), _meant(fact, values, names)) for fact, test, values in conditions),
    )
    if rule is not None and any(isinstance(each, Group) for each in rule.when.parts):
        when = rule.when  # groups in groups are not in the form
    kept = tuple(each for each in rule.then if each.do in BESIDES) if rule else ()
    then = [Action(Do(do), _meant_one(NAMES.get(Do(do), ""), value, names)) for do, value in actions]
    return Drawn(
        name=form.get("name", ""),
        on=tuple(Trigger(each) for each in await chosen(request, "on")),
        when=when,
        then=(*then, *kept),
        minutes=int(form.get("minutes") or 0),
        enabled=form.get("enabled") == "yes",
    )


def _shown(kind: str, values: tuple[str, ...], names: dict[str, dict[str, str]]) -> str:
    return ", ".join(names.get(kind, {}).get(each, each) for each in values)


def _meant(fact: str, text: str, names: dict[str, dict[str, str]]) -> tuple[str, ...]:
    kind = fact if fact in NAMED_FACTS else ""
    return tuple(_meant_one(kind, each, names) for each in text.split(",") if each.strip())


def _meant_one(kind: str, text: str, names: dict[str, dict[str, str]]) -> str:
    """What goes by a name, by its id."""
    text = text.strip()
    known = {name.casefold(): key for key, name in names.get(kind, {}).items()}
    return known.get(text.casefold(), text)


async def _named(request: web.Request) -> Rule | None:
    try:
        return await rules.get_rule(request.app[PAGES].desk, agent_of(request), request.match_info["rule"])
    except NotPossible:
        return None


ROUTES = [
    web.get("/office/rules", page),
    web.get("/office/rules/new", ask),
    web.post("/office/rules", keep),
    web.post("/office/rules/file", take),
    web.post("/office/rules/reading", read),
    web.get("/office/rules/{rule}", ask),
    web.post("/office/rules/{rule}", keep),
    web.post("/office/rules/{rule}/place", move),
]
