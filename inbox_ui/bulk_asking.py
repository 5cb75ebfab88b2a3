"""What is asked before a deed for several is done: whether they shall be gone for good; which field is set.

A page of its own, with scripts and without: what it was asked for comes along in its forms.
"""

from collections.abc import Sequence

from aiohttp import web

from hub.auth.access import NotAllowed
from hub.desk.bulk import MOST
from hub.desk.fields import list_fields
from hub.model.fields import FieldOn
from hub.model.people import Role
from inbox_ui.pages import PAGES
from inbox_ui.visitor import FORM, agent_of, page, words_of


def has_to_ask(form: dict[str, str], name: str, argument: str) -> bool:
    if name == "delete":
        return not form.get("sure")
    return name == "field" and not argument


async def ask(request: web.Request, ids: Sequence[str], name: str, back: str) -> web.StreamResponse:
    """The page that asks. Raises NotAllowed."""
    desk, agent, form = request.app[PAGES].desk, agent_of(request), request[FORM]
    if name == "delete" and agent.role is Role.AGENT:
        raise NotAllowed("deleting_not_yours")
    return page(
        request,
        "bulk_ask.html",
        kind=name,
        ids=list(ids),
        asked={key: form.get(key, "") for key in ("view", "query", "all")},
        fields=await list_fields(desk, agent, FieldOn.CONVERSATION) if name == "field" else (),
        most=words_of(request).number(MOST),
        back=back,
    )
