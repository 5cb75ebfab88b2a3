"""Every vector in every place that shows what others wrote as text.

What was drawn is read back from the page: a place that shows only a few of them proves nothing.
"""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from playwright.async_api import expect

from hub.desk import opening
from hub.model.content import Attachment, Content
from hub.model.inbox import Awaiting, Conversation, Last, Message, Side, Status
from hub.model.people import Customer
from tests.inbox_ui.conftest import Site, Window
from tests.inbox_ui.vectors import ELSEWHERE, EVERYTHING

MANY = len(EVERYTHING)
AT_ONCE = 6  # texts and files of one message: all of them on one page
ENOUGH = 200  # of each; of the rest, what a browser does not show again letter for letter


def _conversation(site: Site, at: int, *, tags: Sequence[str] = ()) -> Conversation:
    now = site.pages.desk.clock()
    preview = EVERYTHING[(at + 100) % MANY]
    return Conversation(
        id=f"c{at:023}", customer="cora", customer_name=EVERYTHING[at % MANY],
        subject=EVERYTHING[(at + 50) % MANY], status=Status.OPEN, awaiting=Awaiting.US,
        channel=site.office.channel.id, platform="simulator", surface="email", visibility="private",
        created_at=now - timedelta(hours=1), activity_at=now + timedelta(seconds=at),
        last=Last(entry="x", side=Side.CUSTOMER, author_name="x", preview=preview, at=now),
        tags=tuple(tags), messages=50,
    )  # fmt: skip


def _message(site: Site, conversation: str, at: int) -> Message:
    mine = EVERYTHING[at : at + AT_ONCE]
    return Message(
        id=f"m{at:023}", conversation=conversation, channel=site.office.channel.id, platform="simulator",
        at=site.pages.desk.clock() - timedelta(minutes=30) + timedelta(seconds=at), thread="t",
        side=Side.CUSTOMER, author="cora", author_name=mine[0], visibility="private", surface="email",
        content=Content(
            text="\n\n".join(mine),
            attachments=tuple(Attachment(name=each, mime="image/svg+xml") for each in mine),
        ),
    )  # fmt: skip


def _letters(text: str) -> str:
    """Without what a page draws otherwise, or not at all."""
    return re.sub(r"[\s\x00-\x1f\x7f]+", "", text)


def _drawn(page: str) -> set[str]:
    shown = _letters(page)
    return {each for each in EVERYTHING if _letters(each) in shown}


async def test_every_vector_is_drawn_as_name_subject_text_file_and_tag_and_nothing_runs(
    desk: Window, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PAGE", 50)
    store, now = site.office.hub.store, site.pages.desk.clock()
    await store.people.add_customers([Customer(id="cora", name=EVERYTHING[0], created_at=now)])
    rows = [_conversation(site, at) for at in range(MANY)]
    opened = _conversation(site, MANY, tags=EVERYTHING)
    await store.inbox.add_conversations([*rows, opened])
    entries = [_message(site, opened.id, at) for at in range(0, MANY, AT_ONCE)]
    await store.inbox.add_entries(entries)
    page, dialogs = desk.page, list[str]()
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))

    async def unharmed() -> None:
        assert await page.evaluate("window.hubbub_hit") is None
        assert dialogs == []
        assert not [url for url in desk.asked if url.startswith(ELSEWHERE)]
        assert desk.foreign() == []

    names, subjects = "", ""
    address: str | None = "/desk/inbox/open"
    while address:
        await page.goto(f"{site.url}{address}", wait_until="domcontentloaded")
        await unharmed()
        names += "".join(await page.locator("#rows .who").all_text_contents())
        subjects += "".join(await page.locator("#rows .kicker").all_text_contents())
        more = page.locator("#more-rows")
        address = await more.get_attribute("href") if await more.count() else None
    assert len(_drawn(names)) >= ENOUGH, len(_drawn(names))
    assert len(_drawn(subjects)) >= ENOUGH, len(_drawn(subjects))
    await page.goto(f"{site.url}/desk/inbox/open/{opened.id}")
    await expect(page.locator("#timeline .entry")).to_have_count(len(entries))
    texts = "".join(await page.locator("#timeline .body > .text").all_text_contents())
    files = "".join(await page.locator("#timeline .file-name").all_text_contents())
    tags = "".join(await page.locator(".tags .chip").all_text_contents())
    for place, shown in (("texts", texts), ("files", files), ("tags", tags)):
        assert len(_drawn(shown)) >= ENOUGH, (place, len(_drawn(shown)))
    await unharmed()
    desk.said.clear()
