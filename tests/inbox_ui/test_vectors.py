"""Over two hundred known ways to attack a page, in every place that shows what others wrote: nothing runs."""

import html
import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from hub.desk import opening
from hub.model.content import Attachment, Content
from hub.model.desk import Filter, SavedView
from hub.model.inbox import Awaiting, Conversation, Last, Message, Side, Status
from hub.model.people import Customer, Team
from inbox_ui.frames import clean
from tests.inbox_ui.conftest import Site, Window
from tests.inbox_ui.vectors import ALONE, ELSEWHERE, EVERYTHING, TOGETHER, VECTORS

AT_ONCE = 20  # vectors in one message, of those that swallow nothing
RUNS = {
    "script", "style", "iframe", "svg", "math", "form", "object", "embed", "base", "meta", "link", "input",
    "button", "video", "audio", "template", "textarea", "select", "dialog", "frameset", "noscript",
}  # fmt: skip
UNWANTED = ("srcdoc", "action", "formaction", "ping", "background", "id", "name")
TAG = re.compile(r"<([a-zA-Z][^\s/>]*)((?:\"[^\"]*\"|'[^']*'|[^>\"'])*)>")
ATTRIBUTE = re.compile(r"([^\s=\"'/]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))")


def test_there_are_enough_of_them() -> None:
    assert len(set(VECTORS)) >= 200


def test_nothing_that_runs_loads_or_covers_is_left_of_any_of_them() -> None:
    for vector in VECTORS:
        cleaned, _ = clean(vector, {}, with_images=False)
        for tag, attributes in TAG.findall(cleaned):
            assert tag.lower() not in RUNS, (vector, cleaned)
            for name, *values in ATTRIBUTE.findall(attributes):
                value = html.unescape("".join(values)).lower().strip("\x00\x01 \t\n")
                assert not name.lower().startswith("on"), (vector, cleaned)
                assert name.lower() not in (
                    "srcdoc",
                    "action",
                    "formaction",
                    "ping",
                    "background",
                    "id",
                    "name",
                )
                if name.lower() in ("href", "src"):
                    assert re.match(r"(https?:|mailto:|tel:|cid:|/files/|#|[^:]*$)", value), (vector, cleaned)
                if name.lower() == "style":
                    assert not re.search(r"url|position|expression|\\|@|image-set", value), (vector, cleaned)


async def fill(site: Site) -> Conversation:
    """A conversation with a message for each handful, its names and files full of them; and fifty others.

    Long because it spells out what a page shows field by field.
    """
    store, channel = site.office.hub.store, site.office.channel
    now = site.pages.desk.clock()
    bodies = ["".join(TOGETHER[at : at + AT_ONCE]) for at in range(0, len(TOGETHER), AT_ONCE)] + list(ALONE)
    await store.people.add_customers([Customer(id="cora", name=EVERYTHING[0], created_at=now)])
    conversations = [
        Conversation(
            id=f"c{at:023}",
            customer="cora",
            customer_name=EVERYTHING[at],
            subject=EVERYTHING[at + 50],
            status=Status.OPEN,
            awaiting=Awaiting.US,
            channel=channel.id,
            platform="simulator",
            surface="email",
            visibility="private",
            created_at=now - timedelta(hours=1),
            activity_at=now + timedelta(seconds=at),
            last=Last(entry="x", side=Side.CUSTOMER, author_name="x", preview=EVERYTHING[at + 100], at=now),
            tags=tuple(each[:40] for each in EVERYTHING[at + 150 : at + 152]),
            messages=400,
        )
        for at in range(50)
    ]
    opened = conversations[-1]
    await store.inbox.add_conversations(conversations)
    texts = [(text, "") for text in EVERYTHING] + [("See", body) for body in bodies]
    await store.inbox.add_entries(
        [
            Message(
                id=f"e{at:023}",
                conversation=opened.id,
                at=now - timedelta(minutes=30) + timedelta(seconds=at),
                channel=channel.id,
                platform="simulator",
                thread="t",
                side=Side.CUSTOMER,
                author="cora",
                author_name=EVERYTHING[at % len(EVERYTHING)],
                content=Content(
                    text=text, html=body or None, rest=EVERYTHING[-1 - at % 200],
                    attachments=(Attachment(name=EVERYTHING[at % len(EVERYTHING)], mime="image/svg+xml"),),
                ),
                visibility="private",
                surface="email",
                because=EVERYTHING[-1 - at % 200],
            )
            for at, (text, body) in enumerate(texts)
        ]
    )  # fmt: skip
    for at in range(5):
        await store.people.add_team(Team(id=f"team{at}", name=EVERYTHING[at * 9], created_at=now))
        view = SavedView(
            id=f"view{at}", title=EVERYTHING[at * 7][:80], owner="ana", filter=Filter(), created_at=now
        )
        await store.drafts.save_view(view)
    return opened


async def test_no_vector_runs_or_leaves_anywhere_on_the_desk_in_real_chromium(
    desk: Window, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PAGE", 50)
    opened = await fill(site)
    page, dialogs = desk.page, list[str]()
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await page.goto(f"{site.url}/desk/inbox/open/{opened.id}")
    await expect(page.locator("#timeline .entry").first).to_be_attached()
    await expect(page.locator("#rows > li").first).to_be_attached()
    # Every message as it was designed, at once: what a reader opens one by one.
    frames = await page.evaluate(
        """async () => {
          const all = [...document.querySelectorAll("#timeline details")];
          for (const each of all) each.open = true;
          const frames = [...document.querySelectorAll("iframe")];
          await Promise.all(frames.map((frame) => new Promise((loaded) => {
            frame.addEventListener("load", loaded);
            frame.loading = "eager";
            frame.src = frame.src;
          })));
          return frames.length;
        }"""
    )
    assert frames == len(TOGETHER) // AT_ONCE + 1 + len(ALONE)
    for key in ("a", "."):
        await page.locator("#talk").focus()
        await page.keyboard.press(key)
        await page.keyboard.press("Escape")
    await page.goto(f"{site.url}/desk/search?q={opened.id}")
    await page.goto(f"{site.url}/desk/conversations/{opened.id}/merges")
    assert await page.evaluate("window.hubbub_hit") is None
    assert dialogs == []
    assert desk.foreign() == []
    assert [line for line in desk.said if "hubbub_hit" in line and "Refused" not in line] == []
    assert not [url for url in desk.asked if url.startswith(ELSEWHERE)]
    desk.said.clear()  # Chromium notes what the frames' policy stopped; nothing of it ran or left


async def test_files_that_could_run_are_downloads_whatever_they_call_themselves(
    desk: Window, site: Site
) -> None:
    evil = (
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='top.hubbub_hit=1'><script>alert(1)</script></svg>"
    )
    kinds = ["image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "application/javascript"]
    person = site.office.world.person("tomás", name="Tomás Barreto")
    files = [(f'{at}.svg"><script>.html', mime, evil) for at, mime in enumerate(kinds)]
    site.office.platform.write(person, "See these", files=files)
    await desk.page.wait_for_selector("#rows a:has-text('Tomás')")
    await desk.open("Tomás")
    links = desk.page.locator("#timeline a.file")
    await expect(links).to_have_count(len(kinds))
    for at in range(len(kinds)):
        address = await links.nth(at).get_attribute("href")
        answer = await desk.context.request.get(f"{site.url}{address}")
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert await desk.page.locator("#timeline .picture").count() == 0
