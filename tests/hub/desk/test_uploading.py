"""Files that agents upload: theirs alone, held by what they are attached to, else swept."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.app import Hub
from hub.auth.access import NotAllowed
from hub.desk.changing import NotPossible
from hub.desk.uploading import FileTooLarge, attach, let_go, let_in, sweep_uploads, upload
from hub.model.content import Attachment
from hub.store.media import MediaMissing
from tests.hub.desk.inbox import ADMIN, AGENT, DISABLED

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


async def pieces(size: int) -> AsyncIterator[bytes]:
    for at in range(0, size, 60_000):
        yield bytes(min(60_000, size - at))


async def stored(hub: Hub, attachment: Attachment) -> bytes:
    assert attachment.stored is not None
    return await hub.store.media.read(attachment.stored)


async def test_an_uploaded_file_is_its_agents_alone_until_it_is_shared(hub: Hub) -> None:
    file = await upload(hub.desk, AGENT, PNG, name="../kettle.png", mime="text/html")
    assert (file.name, file.mime, file.size) == ("kettle.png", "image/png", len(PNG))
    reference = file.stored or ""
    assert await attach(hub.desk, AGENT, [reference, reference]) == (file,)
    with pytest.raises(NotPossible):
        await attach(hub.desk, ADMIN, [reference])
    await let_in(hub.desk, ADMIN, [file])
    assert await attach(hub.desk, ADMIN, [reference]) == (file,)
    with pytest.raises(NotPossible):
        await attach(hub.desk, AGENT, ["none"])
    with pytest.raises(NotAllowed):
        await upload(hub.desk, DISABLED, PNG, name="x", mime="image/png")


async def test_what_nothing_holds_is_swept_and_takes_nobody_elses_file_with_it(hub: Hub) -> None:
    desk = hub.desk
    later = replace(desk, clock=lambda: hub.clock() + timedelta(hours=25))
    customers = await hub.store.media.add(PNG, "theirs.png", "image/png", 1000)
    loose = await upload(desk, AGENT, PNG, name="ours.png", mime="image/png")
    large = await upload(desk, AGENT, pieces(700_000), name="large.bin", mime="application/zip")
    held = await upload(desk, AGENT, PNG, name="held.png", mime="image/png")
    await attach(desk, AGENT, [held.stored or ""])
    assert await sweep_uploads(desk) == 0
    assert await sweep_uploads(later) == 2
    for gone in (loose, large):
        with pytest.raises(MediaMissing):
            await stored(hub, gone)
    assert await stored(hub, held) == await hub.store.media.read(customers.id) == PNG
    await let_go(desk, [held])
    assert await sweep_uploads(later) == 1
    with pytest.raises(NotPossible):
        await attach(desk, AGENT, [held.stored or ""])


async def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(hub: Hub) -> None:
    desk = replace(hub.desk, largest_file=1_048_576)
    with pytest.raises(FileTooLarge, match="may have 1 MiB"):
        await upload(desk, AGENT, pieces(1_500_000), name="film.mp4", mime="video/mp4")
    assert await hub.store.database["media.chunks"].find_one({"n": 0}) is None
    kept = await upload(desk, AGENT, pieces(1_000_000), name="film.mp4", mime="video/mp4")
    assert len(await stored(hub, kept)) == 1_000_000


async def test_a_picture_in_the_text_has_a_name_that_the_text_can_use(hub: Hub) -> None:
    first = await upload(hub.desk, AGENT, PNG, name="image.png", mime="image/png", inline=True)
    second = await upload(hub.desk, AGENT, PNG, name="image.png", mime="image/png", inline=True)
    assert first.inline_id != second.inline_id
    assert (first.inline_id or "").endswith(".png")
