"""Forms beside a conversation that change what is known of its customer, and its custom fields."""

from aiohttp import web

from hub.desk import deeds, profiles
from hub.desk.tags import list_tags
from hub.model.fields import FieldOn
from inbox_ui.deeds import changed
from inbox_ui.pages import PAGES
from inbox_ui.visitor import FORM, agent_of, words_of


async def profile(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/customer: name, language, zone; what is not given stays."""
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]

    async def all_of_it(found: str) -> deeds.Done:
        done = deeds.Done(found, "customer_changed")
        for field, deed in (
            ("name", profiles.rename_customer),
            ("language", profiles.set_language),
            ("zone", profiles.set_zone),
        ):
            if field in form:
                step = await deed(desk, agent, found, form[field])
                done = step if step.token else done
        return done

    return await changed(request, all_of_it, words.gettext("Saved"))


async def note(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/customer/note"""
    desk, agent, text = request.app[PAGES].desk, agent_of(request), request[FORM].get("note", "")
    said = words_of(request).gettext("Saved")
    return await changed(request, lambda found: profiles.set_note(desk, agent, found, text), said)


async def field(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/fields: one field, of the conversation or of its customer."""
    desk, agent, form = request.app[PAGES].desk, agent_of(request), request[FORM]
    key, value = form.get("key", ""), form.get("value", "")
    deed = profiles.set_customer_field if form.get("on") == FieldOn.CUSTOMER else deeds.set_field
    said = words_of(request).gettext("Saved")
    return await changed(request, lambda found: deed(desk, agent, found, key, value or None), said)


async def tags(request: web.Request) -> web.StreamResponse:
    """GET /tags: those there are, to be suggested where one is written."""
    known = await list_tags(request.app[PAGES].desk, agent_of(request))
    return web.json_response([each.name for each in known], headers={"Cache-Control": "private, max-age=30"})
