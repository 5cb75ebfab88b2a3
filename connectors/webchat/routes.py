"""Every address of the web chat, and who answers there."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from connectors.webchat.answers import Answers
from connectors.webchat.demo import demo_page
from connectors.webchat.door import Door
from connectors.webchat.files import Files
from connectors.webchat.streams import Streams
from hub.contract.visitors import Hosting


def set_up_webchat(app: web.Application, hosting: Hosting) -> None:
    """Mount it on the application that serves everything else."""
    door, answers, files = Door(hosting), Answers(hosting), Files(hosting)
    streams = Streams(hosting, answers)
    here = "/chat/{channel}"
    open_ = door.open
    app.add_routes(
        [
            web.get(f"{here}/widget.js", door.script),
            web.get(f"{here}/demo", demo_page(hosting)),
            web.post(f"{here}/settings", open_("session", answers.settings, token=False)),
            web.post(f"{here}/session", open_("session", answers.session, token=False)),
            web.post(f"{here}/events", open_("events", answers.events)),
            web.post(f"{here}/visit", open_("events", answers.visit)),
            web.post(f"{here}/typing", open_("typing", answers.typing)),
            web.post(f"{here}/stream", open_("stream", streams.listen)),
            web.post(f"{here}/lines", open_("read", answers.lines)),
            web.post(f"{here}/transcript", open_("read", answers.transcript)),
            web.post(f"{here}/files", open_("files", files.add)),
            web.get(f"{here}/files/{{file}}/{{name}}", open_("read", files.get, token=False, origin=False)),
            web.options(f"{here}/{{rest:.*}}", door.preflight),
        ]
    )

    async def handing_out(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(streams.run(), name="web chat")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    app.cleanup_ctx.append(handing_out)
    app.on_shutdown.append(streams.end)
