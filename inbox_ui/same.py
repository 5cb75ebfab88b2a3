"""Forms and pages that say who is one person: deciding suggestions, merging customers, separating them.

A form of the list comes back to the list, a form beside a conversation to the conversation.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from hub.desk import customers
from hub.desk.changing import Changed, Done, NotPossible
from hub.desk.finding import find_customers
from hub.desk.opening import open_conversation
from inbox_ui.alike import alike_of, somebody_of
from inbox_ui.deeds import changed
from inbox_ui.pages import PAGES
from inbox_ui.saying import told
from inbox_ui.tasks import done, task
from inbox_ui.visitor import FORM, agent_of, page, see_other, words_of


async def overview(request: web.Request) -> web.StreamResponse:
    """GET /suggestions: all that nobody has decided, the likeliest first."""
    return await _overview(request)


async def decide(request: web.Request) -> web.StreamResponse:
    """POST /suggestions/{id}: `verdict` is same or other. With `conversation`, back to that."""
    desk, agent, words, form = request.app[PAGES].desk, agent_of(request), words_of(request), request[FORM]
    suggestion, same = request.match_info["suggestion"], form.get("verdict") == "same"
    said = words.gettext("One customer now") if same else words.gettext("Not suggested again")

    async def deed(conversation: str) -> Done:
        if same:
            return Done(conversation, "merged", (await customers.accept(desk, agent, suggestion)).token)
        return Done(conversation, "refused", await customers.refuse(desk, agent, suggestion))

    if "conversation" in request.match_info:
        return await changed(request, deed, said)
    try:
        await deed("")
    except (NotPossible, Changed) as problem:
        return await _overview(request, told(problem, words))
    return see_other("/desk/suggestions")


async def merging(request: web.Request, problem: str = "") -> web.Response:
    """GET /conversations/{id}/same: which other customer this one is, too."""
    desk, agent = request.app[PAGES].desk, agent_of(request)
    opened = await open_conversation(desk, agent, request.match_info["conversation"])
    question = request.query.get("q", "").strip()
    this = await customers.get_person(desk, agent, opened.conversation.customer)
    found = await find_customers(desk, agent, question) if question else []
    choices = [somebody_of(each) for each in found if each.customer.id != this.customer.id]
    return task(
        request, "same.html", 409 if problem else 200,
        conversation=opened.conversation.id, this=somebody_of(this), choices=choices, question=question,
        problem=problem,
    )  # fmt: skip


async def merge(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/same: `other` is the customer."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    other = request[FORM].get("other", "")
    if not other:
        return await merging(request, words.gettext("Choose a customer."))
    opened = await open_conversation(desk, agent, request.match_info["conversation"])
    try:
        joined = await customers.merge(desk, agent, opened.conversation.customer, other)
    except (NotPossible, Changed) as problem:
        return await merging(request, told(problem, words))
    return done(request, opened.conversation.id, words.gettext("One customer now"), joined.token)


async def separate(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/separation: take back the merge `record`."""
    desk, agent, record = request.app[PAGES].desk, agent_of(request), request[FORM].get("record", "")
    said = words_of(request).gettext("Two customers again")
    return await changed(request, _told(lambda: customers.separate(desk, agent, record)), said)


async def set_apart(request: web.Request) -> web.StreamResponse:
    """POST /conversations/{id}/strangers: the address `identity` is somebody else's."""
    desk, agent, identity = request.app[PAGES].desk, agent_of(request), request[FORM].get("identity", "")
    said = words_of(request).gettext("A customer of their own now")
    return await changed(request, _told(lambda: customers.give_identity(desk, agent, identity, None)), said)


def _told(deed: Callable[[], Awaitable[customers.Joined]]) -> Callable[[str], Awaitable[Done]]:
    async def of_conversation(conversation: str) -> Done:
        return Done(conversation, "customers", (await deed()).token)

    return of_conversation


async def _overview(request: web.Request, problem: str = "") -> web.Response:
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    offers = await customers.list_suggestions(desk, agent, request.query.get("after"))
    rows = [alike_of(each, words) for each in offers.rows]
    return page(
        request, "suggestions.html", 409 if problem else 200,
        rows=rows, talk=None, view="open", next=offers.next_cursor, problem=problem,
    )  # fmt: skip
