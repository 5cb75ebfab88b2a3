"""Custom fields: what is asked of every conversation and every customer."""

import re

from aiohttp import web

from hub.desk import fields
from hub.desk.changing import NotPossible
from hub.model.fields import CustomField, FieldKind, FieldOn
from inbox_ui.office.frame import ADMINS, Place, done, gone, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of
from inbox_ui.words import Words

PLACE = Place(
    key="fields",
    group="company",
    icon="fields",
    title=lambda words: words.gettext("Custom fields"),
    roles=ADMINS,
)


async def page(request: web.Request) -> web.StreamResponse:
    desk, words = request.app[PAGES].desk, words_of(request)
    found = await fields.list_fields(desk, agent_of(request))
    groups = [
        (on, title, [each for each in found if each.on is on]) for on, title in _on_words(words).items()
    ]
    return office(request, PLACE, "office/fields_list.html", asked=groups, kinds=kind_words(words))


async def ask(request: web.Request) -> web.StreamResponse:
    """GET: an empty form (`?on=customer`), or one field to change."""
    if "key" not in request.match_info:
        return _form(request, None)
    field = await _named(request)
    return _form(request, field) if field else gone(request)


async def keep(request: web.Request) -> web.StreamResponse:
    """POST: make or change one. DELETE: it is asked no more."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    form = request[FORM]
    field = await _named(request) if "key" in request.match_info else None
    if field is None and "key" in request.match_info:
        return gone(request)
    address = request.remote or ""
    if field is not None and form.get("_method") == "delete":
        await fields.remove_field(desk, agent, field.on, field.key, address=address)
        said = words.gettext("It is not asked any more; what was filled in stays.")
        return done(request, PLACE.address, said)
    name = form.get("name", "")
    key = field.key if field else form.get("key", "").strip() or proposed_key(name)
    try:
        on = field.on if field else FieldOn(form.get("on", ""))
        kind = FieldKind(form.get("kind", ""))
        if field is None and any(each.key == key for each in await fields.list_fields(desk, agent, on)):
            return _form(request, None, {"key": words.gettext("There is a field with this key already.")})
        await fields.save_field(
            desk,
            agent,
            on,
            key,
            name,
            kind=kind,
            choices=form.get("choices", "").splitlines(),
            required=form.get("required") == "yes",
            place=int(form.get("place") or 0),
            address=address,
        )
    except NotPossible as problem:
        where = {"field_key": "key", "field_choices": "choices"}.get(problem.code, "name")
        return _form(request, field, {where: told(problem, words)})
    except ValueError:
        return _form(request, field, {"": words.gettext("Choose from the lists.")})
    return done(request, PLACE.address, words.gettext("Saved"))


def proposed_key(name: str) -> str:
    """ "Order number" becomes order_number."""
    key = re.sub(r"[^a-z0-9]+", "_", name.casefold().replace("ß", "ss")).strip("_")[:40]
    return key if key[:1].isalpha() else f"field_{key}"[:40].rstrip("_")


async def _named(request: web.Request) -> CustomField | None:
    info = request.match_info
    found = await fields.list_fields(request.app[PAGES].desk, agent_of(request))
    return next((each for each in found if (each.on, each.key) == (info["on"], info["key"])), None)


def _form(
    request: web.Request, field: CustomField | None, problems: dict[str, str] | None = None
) -> web.StreamResponse:
    words, form = words_of(request), request.get(FORM, {})
    on = form.get("on") or request.query.get("on") or FieldOn.CONVERSATION
    return office(
        request,
        PLACE,
        "office/field.html",
        422 if problems else 200,
        problems,
        field_=field,
        values={
            "on": str(field.on if field else on),
            "name": form.get("name", field.name if field else ""),
            "key": form.get("key", field.key if field else ""),
            "kind": form.get("kind", str(field.kind) if field else "text"),
            "choices": form.get("choices", "\n".join(field.choices) if field else ""),
            "required": form.get("required") == "yes" if form else bool(field and field.required),
            "place": form.get("place", str(field.place) if field else "0"),
        },
        kinds=list(kind_words(words).items()),
        ons=list(_on_words(words).items()),
    )


def kind_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        FieldKind.TEXT: _("Text"),
        FieldKind.NUMBER: _("Number"),
        FieldKind.DATE: _("Date"),
        FieldKind.CHOICE: _("Choice"),
        FieldKind.CHECKBOX: _("Yes or no"),
        FieldKind.LINK: _("Link"),
    }


def _on_words(words: Words) -> dict[FieldOn, str]:
    _ = words.gettext
    return {FieldOn.CONVERSATION: _("Of conversations"), FieldOn.CUSTOMER: _("Of customers")}


ROUTES = [
    web.get("/office/fields", page),
    web.get("/office/fields/new", ask),
    web.post("/office/fields", keep),
    web.get("/office/fields/{on}/{key}", ask),
    web.post("/office/fields/{on}/{key}", keep),
]
