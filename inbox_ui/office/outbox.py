"""The outbox: what could not be delivered, or may have been, in the whole company."""

from urllib.parse import quote

from aiohttp import web

from hub.desk import troubled
from hub.desk.changing import NotPossible
from hub.model.inbox import DeliveryState
from inbox_ui.kinds import channel_icon, state_words
from inbox_ui.office.frame import SUPERVISORS, Place, done, office
from inbox_ui.pages import PAGES
from inbox_ui.saying import told, why
from inbox_ui.visitor import FORM, agent_of, words_of

PLACE = Place(
    key="outbox",
    group="work",
    icon="outbox",
    title=lambda words: words.gettext("Not delivered"),
    roles=SUPERVISORS,
)


async def page(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def change(request: web.Request) -> web.StreamResponse:
    """POST: one is sent again, or did arrive (`deed=arrived`); without one, all that failed go again."""
    desk, agent, words = request.app[PAGES].desk, agent_of(request), words_of(request)
    delivery = request.match_info.get("delivery")
    try:
        if delivery is None:
            count = await troubled.retry_failed(desk, agent, address=request.remote)
            said = words.ngettext("One message is sent again", "%(num)d messages are sent again", count)
        elif request[FORM].get("deed") == "arrived":
            await troubled.confirm(desk, agent, delivery, address=request.remote)
            said = words.gettext("Marked as arrived")
        else:
            await troubled.retry(desk, agent, delivery, address=request.remote)
            said = words.gettext("It is sent again")
    except NotPossible as problem:
        return await _page(request, 409, {"": told(problem, words)})
    return done(request, PLACE.address, said)


async def _page(
    request: web.Request, status: int = 200, problems: dict[str, str] | None = None
) -> web.StreamResponse:
    words = words_of(request)
    desk = request.app[PAGES].desk
    after = request.query.get("after")
    found = await troubled.list_troubled(desk, agent_of(request), after)
    channels = {each.id: each for each in await desk.store.channels.list_channels(removed=True)}
    rows = []
    for each in found.rows:
        delivery, channel = each.message.delivery, channels.get(each.message.channel)
        if delivery is None:
            continue
        rows.append(
            {
                "message": each.message,
                "conversation": each.conversation,
                "unsure": delivery.state is DeliveryState.UNSURE,
                "state": state_words(delivery.state, words),
                "why": why(delivery.problem or "", words),
                "channel": channel.name if channel else "?",
                "icon": channel_icon(channel) if channel else "bubble",
            }
        )
    failed = sum(1 for each in rows if not each["unsure"])
    return office(
        request,
        PLACE,
        "office/outbox.html",
        status,
        problems,
        rows=rows,
        failed=failed,
        whole=after is None and found.next_cursor is None,
        first=PLACE.address if after else "",
        more=f"{PLACE.address}?after={quote(found.next_cursor)}" if found.next_cursor else "",
    )


ROUTES = [
    web.get("/office/outbox", page),
    web.post("/office/outbox", change),
    web.post("/office/outbox/{delivery}", change),
]
