"""Tags: the catalogue, with how many conversations carry each; renamed, merged and removed everywhere."""

from aiohttp import web

from hub.desk import tags
from hub.desk.changing import NotPossible
from inbox_ui.office.frame import SUPERVISORS, Place, done, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.visitor import FORM, agent_of, words_of

PLACE = Place(
    key="tags", group="work", icon="tag", title=lambda words: words.gettext("Tags"), roles=SUPERVISORS
)


async def page(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def add(request: web.Request) -> web.StreamResponse:
    desk, words, name = request.app[PAGES].desk, words_of(request), request[FORM].get("name", "")
    try:
        await tags.add_tag(desk, agent_of(request), name, address=request.remote or "")
    except NotPossible as problem:
        return await _page(request, 422, {"name": told(problem, words)}, name)
    return done(request, PLACE.address, words.gettext("The tag is there."))


async def change(request: web.Request) -> web.StreamResponse:
    """POST: another name, or `into` another tag. DELETE: from every conversation. `tag`: which one."""
    desk, agent, words, form = (
        request.app[PAGES].desk,
        agent_of(request),
        words_of(request),
        request[FORM],
    )
    tag, address = form.get("tag", ""), request.remote or ""
    try:
        if form.get("_method") == "delete":
            count = await tags.remove_tag(desk, agent, tag, address=address)
        elif "into" in form:
            count = await tags.merge_tags(desk, agent, tag, form["into"], address=address)
        else:
            count = await tags.rename_tag(desk, agent, tag, form.get("name", ""), address=address)
    except NotPossible as problem:
        return await _page(request, 422, {"": told(problem, words)})
    said = words.ngettext("Changed on one conversation", "Changed on %(num)d conversations", count)
    return done(request, PLACE.address, said)


async def _page(
    request: web.Request, status: int = 200, problems: dict[str, str] | None = None, name: str = ""
) -> web.StreamResponse:
    found = await tags.list_tags(request.app[PAGES].desk, agent_of(request))
    return office(request, PLACE, "office/tags.html", status, problems, tags=found, name=name)


ROUTES = [
    web.get("/office/tags", page),
    web.post("/office/tags", add),
    web.post("/office/tags/one", change),
]
