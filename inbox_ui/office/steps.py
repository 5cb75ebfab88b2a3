"""Work that takes a while, shown step by step: the page is sent as far as it goes, each step as it happens.

Needs no script: a browser draws what it has. The template holds MARK once, where the steps go, and is drawn
twice: up to the mark before the work, from the mark on with what came of it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from aiohttp import web

from inbox_ui.mistakes import HEADERS
from inbox_ui.office.frame import Place, office
from inbox_ui.saying import why
from inbox_ui.visitor import draw, words_of

MARK = "<!--steps-->"
Tell = Callable[[str], None]
Work = Callable[[Tell], Awaitable[Mapping[str, object]]]


async def stepwise(
    request: web.Request, place: Place, template: str, work: Work, **values: Any
) -> web.StreamResponse:
    """`work` tells its steps and returns what the end of the page needs to know, as `outcome`."""
    before = office(request, place, template, mark=MARK, working=True, outcome=None, **values)
    response = web.StreamResponse(headers={**HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    response.content_type = "text/html"
    response.charset = "utf-8"
    await response.prepare(request)
    words = words_of(request)
    steps: asyncio.Queue[str | None] = asyncio.Queue()

    async def worked() -> Mapping[str, object]:
        try:
            return await work(steps.put_nowait)
        finally:
            steps.put_nowait(None)

    with suppress(ConnectionError):
        await response.write(_text(before).partition(MARK)[0].encode())
    async with asyncio.TaskGroup() as group:
        working = group.create_task(worked())
        while (step := await steps.get()) is not None:
            with suppress(ConnectionError):  # whoever leaves in the middle finds it done
                await response.write(draw(request, "office/step.html", step=why(step, words)).encode())
    after = office(request, place, template, mark=MARK, working=True, outcome=working.result(), **values)
    with suppress(ConnectionError):
        await response.write(_text(after).partition(MARK)[2].encode())
    return response


def _text(page: web.Response) -> str:
    return page.text or ""
