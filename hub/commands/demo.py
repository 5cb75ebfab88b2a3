"""`hubbub demo`: Hubbub at work on a simulated shop, to try everything without an account anywhere."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from config.settings import Settings
from hub.commands.frame import Call, on_embedded_in, with_call
from hub.commands.output import Output
from hub.commands.running import stopped, told_to_stop
from hub.demo import COUNT, Demo, open_demo


@click.command()
@click.option(
    "--keep",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the data goes, to be found again next time; otherwise it is gone at the end.",
)
@click.option("--port", type=click.IntRange(0, 65535), help="Instead of web.port; 0 for any free one.")
@click.option(
    "--count", type=click.IntRange(1, 5000), default=COUNT, show_default=True, help="Conversations."
)
@with_call
def demo(call: Call, keep: Path | None, port: int | None, count: int) -> None:
    """Try it out: a shop with three channels, a web chat, five agents and customers who write and answer."""
    settings = call.settings()
    call.quiet_logs(settings)
    with _folder(keep) as folder:
        asyncio.run(_run(call.output, _settings_for(settings, folder, port), count))


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="hubbub-demo-") as folder:
        yield Path(folder)


def _settings_for(settings: Settings, folder: Path, port: int | None) -> Settings:
    own = on_embedded_in(settings, folder)
    if port is None:
        return own
    return own.model_copy(update={"web": own.web.model_copy(update={"port": port})})


async def _run(out: Output, settings: Settings, count: int) -> None:
    stopping = told_to_stop()
    out.remark("Starting the embedded database; then two weeks pass.")
    with out.progress("Two weeks") as meter:
        demo = open_demo(settings, count=count, show=lambda done, total: meter.show("Two weeks", done, total))
        at_work = await demo.__aenter__()
    try:
        _welcome(out, at_work, settings)
        await stopped(stopping, at_work.hub.embedded)
    finally:
        await demo.__aexit__(None, None, None)


def _welcome(out: Output, demo: Demo, settings: Settings) -> None:
    """What to do next, in a few lines."""
    file = settings.data.folder / "hubbub.toml"
    file.write_text(f'[data]\nfolder = "{settings.data.folder}"\n', encoding="utf-8")
    beside = f"hubbub --config {file}"
    others = ", ".join(each.email for each in demo.agents[1:])
    lines = [
        f"Hubbub is at {demo.running.url}",
        f"Sign in as {demo.agents[0].email} with the password {demo.password}",
        f"The others, with the same: {others}",
        f"Chat as a customer, in another window: {demo.chat}",
        f"Beside it: {beside} conversation list",
        f"           {beside} conversation reply ID --as {demo.agents[0].email} --text 'Hello!'",
        f"           {beside} events --follow",
        "Customers write every few seconds and answer replies. Ctrl-C ends it.",
    ]
    out.one(
        {
            "url": demo.running.url,
            "chat": demo.chat,
            "config": str(file),
            "conversations": demo.conversations,
            "agents": [each.email for each in demo.agents],
            "password": demo.password,
        },
        "\n".join(lines),
    )
