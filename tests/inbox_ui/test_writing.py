"""Writing in a real browser: nothing typed is lost, nothing leaves by mistake, no file stays behind."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import FilePayload, Route, expect

from hub.contract import measures
from hub.contract.capabilities import ChoiceLimits
from hub.desk.drafting import find_draft
from hub.desk.joining import merge
from hub.desk.saved_replies import save_reply
from hub.desk.uploading import upload
from tests.hubs import until
from tests.inbox_ui.conftest import NewWindow, Site, Window
from tests.inbox_ui.test_a_day import arrive

EMAIL = pytest.mark.parametrize("imitates", ["email"])
SOCIAL = pytest.mark.parametrize("imitates", ["social"])
REPLY = "textarea[data-key=reply]"
PDF = b"%PDF-1.4 " + bytes(3000)


def hold_back(site: Site, **seconds: float) -> None:
    """Answers wait before they leave."""
    object.__setattr__(site.pages, "desk", replace(site.pages.desk, undo=timedelta(**seconds)))


async def kept_as(site: Site, conversation: str, text: str, kind: str = "reply") -> None:
    """Until the draft on the server says so."""

    async def look() -> bool:
        found = await find_draft(site.office.hub.desk, site.ana, conversation, kind=kind)
        return (found.text if found else "") == text

    await until(look, f"the draft {text!r}")


async def second(new_window: NewWindow, site: Site, conversation: str) -> Window:
    window = await new_window()
    await window.sign_in(site.ana)
    await window.page.goto(f"{site.url}/desk/inbox/open/{conversation}")
    await window.live()
    return window


async def test_a_draft_goes_on_in_another_browser_and_two_windows_do_not_overwrite_each_other(
    desk: Window, new_window: NewWindow, site: Site
) -> None:
    conversation = await arrive(site)
    page = desk.page
    await desk.open("Tomás")
    await page.fill(REPLY, "It is on Fri")
    await kept_as(site, conversation, "It is on Fri")
    await expect(page.locator("#rows .drafted")).to_have_text("Draft")
    other = await second(new_window, site, conversation)
    await expect(other.page.locator(REPLY)).to_have_value("It is on Fri")
    await other.page.fill(REPLY, "It is on Friday")
    await expect(page.locator(REPLY)).to_have_value("It is on Friday")  # nothing was typed here meanwhile

    await page.context.set_offline(True)
    await page.fill(REPLY, "It is on Friday at six")
    await expect(page.locator("form.reply [data-kept]")).to_have_text("Kept in this browser")
    await other.page.fill(REPLY, "It is on Saturday")
    await kept_as(site, conversation, "It is on Saturday")
    await page.context.set_offline(False)
    await expect(page.locator("form.reply [data-clash]")).to_contain_text("changed in another window")
    await page.click("[data-clash] button:has-text('Keep this one')")
    await kept_as(site, conversation, "It is on Friday at six")
    await expect(other.page.locator(REPLY)).to_have_value("It is on Friday at six")

    await page.click("form.reply [data-draft]")
    await page.click("#draft-menu-reply [data-discard]")
    await expect(page.locator(REPLY)).to_have_value("")
    await expect(other.page.locator(REPLY)).to_have_value("")
    await expect(page.locator("#rows .drafted")).to_have_count(0)
    await page.click("#talk h1")
    await page.keyboard.press("z")
    await expect(page.locator(REPLY)).to_have_value("It is on Friday at six")
    await kept_as(site, conversation, "It is on Friday at six")
    desk.said.clear()  # the browser notes the 409, and what it could not reach
    other.said.clear()


async def test_what_was_typed_survives_a_session_that_ends_and_a_merge(
    desk: Window, new_window: NewWindow, site: Site
) -> None:
    other = await arrive(site, "Me too", "Amara Sesay")
    conversation = await arrive(site)
    page = desk.page
    await desk.open("Tomás")
    await page.context.clear_cookies(name="hubbub_session")
    await page.fill(REPLY, "Nothing of this is lost")
    await expect(page.locator("form.reply [data-kept]")).to_contain_text("Signed out")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url("**/sign-in**")
    await desk.sign_in(site.ana)
    await merge(site.office.hub.desk, site.ana, other, [conversation])
    await page.goto(f"{site.url}/desk/inbox/open/{conversation}")
    await expect(page.locator("#talk h1")).to_have_text("Amara Sesay")
    await expect(page.locator(REPLY)).to_have_value("Nothing of this is lost")
    await kept_as(site, other, "Nothing of this is lost")
    desk.said.clear()  # the browser notes the 401


async def test_a_shared_draft_is_taken_over_in_front_of_its_writer(
    desk: Window, new_window: NewWindow, site: Site
) -> None:
    conversation = await arrive(site)
    hub = site.office.hub.desk
    other = await new_window()
    await other.sign_in(site.ben)
    await other.live()
    await other.open("Tomás")
    await desk.open("Tomás")
    await other.page.fill(REPLY, "Dear Tomás, the workshop")
    await other.page.click("form.reply [data-draft]")
    await other.page.click("#draft-menu-reply [data-share]")
    shared = desk.page.locator(".shared-draft")
    await expect(shared).to_contain_text("Ben Okafor shares a draft")
    await shared.get_by_role("button", name="Take it over").click()
    await expect(desk.page.locator(REPLY)).to_have_value("Dear Tomás, the workshop")
    await expect(shared).to_have_count(0)
    await expect(other.page.locator(REPLY)).to_have_value("")
    assert await find_draft(hub, site.ben, conversation) is None
    assert await desk.findings() == []


@EMAIL
async def test_an_answer_that_is_only_a_file_yet_stays_when_a_note_is_sent(desk: Window, site: Site) -> None:
    await arrive(site)
    page = desk.page
    await desk.open("Tomás")
    await page.click(REPLY)
    plan: FilePayload = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": PDF}
    await page.set_input_files("form.reply [data-files]", plan)
    attached = page.locator("form.reply [data-reference]")
    await expect(attached).to_contain_text("plan.pdf")
    await attached.evaluate("row => (row.dataset.mine = 'true')")  # drawn anew, it would not have this
    await page.click(".tab-note")
    await page.keyboard.type("The plan goes out today.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .note .text")).to_have_text("The plan goes out today.")
    await expect(page.locator("form.reply [data-reference][data-mine]")).to_contain_text("plan.pdf")


@EMAIL
async def test_a_mail_leaves_with_its_files_and_never_without_one_that_failed(
    desk: Window, site: Site
) -> None:
    conversation = await arrive(site)
    page = desk.page
    await desk.open("Tomás")
    await page.fill(REPLY, "Both are attached.")
    tries: list[str] = []

    async def break_once(route: Route) -> None:
        name = route.request.headers["x-file-name"]
        tries.append(name)
        await (route.abort() if name == "map.pdf" and tries.count(name) == 1 else route.continue_())

    await page.route("**/desk/uploads", break_once)
    files = [{"name": name, "mimeType": "application/pdf", "buffer": PDF} for name in ("plan.pdf", "map.pdf")]
    await page.set_input_files("form.reply [data-files]", files)  # type: ignore[arg-type]  # plain dicts will do
    await expect(page.locator(".attached [data-state=failed]")).to_contain_text("map.pdf")
    await page.focus(REPLY)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#say")).to_contain_text("Not sent: map.pdf")
    assert len(await site.office.messages(conversation)) == 1
    await page.keyboard.press("Enter")  # the focus is on "again"
    await expect(page.locator(".attached [data-reference]")).to_have_count(2)
    await page.focus(REPLY)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .ours .files li")).to_have_count(2)

    async def received() -> list[str] | None:
        copies = site.office.world.inbox_of("tomás")
        return sorted(each.name for each in copies[0].files) if copies else None

    assert await until(received) == ["map.pdf", "plan.pdf"]
    assert await find_draft(site.office.hub.desk, site.ana, conversation) is None
    desk.said.clear()  # the browser notes what was cut


async def test_what_cannot_go_this_way_is_known_before_it_is_sent(desk: Window, site: Site) -> None:
    """Files by their size, texts by their length, as the hub counts it; and whom a note can name."""
    await arrive(site)
    page = desk.page
    await desk.open("Tomás")
    await check_measures(desk)
    asked = len(desk.asked)
    await page.evaluate(
        """() => {
            const given = new DataTransfer();
            given.items.add(new File([new Uint8Array(6_000_000)], "huge.png", { type: "image/png" }));
            const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: given });
            document.querySelector("textarea[data-key=reply]").dispatchEvent(event);
        }"""
    )
    await expect(page.locator("#say")).to_contain_text("huge.png is too large: at most 5 MB")
    assert not [url for url in desk.asked[asked:] if url.endswith("/uploads")]
    await page.click("#talk h1")
    await page.keyboard.press("n")
    await page.keyboard.type("Please, @be")
    await expect(page.locator("#names [aria-selected=true]")).to_contain_text("Ben Okafor")
    assert await desk.findings() == []
    await page.keyboard.press("Enter")
    await page.keyboard.type("look at it")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .note .text")).to_have_text("Please, @Ben Okafor look at it")


async def check_measures(desk: Window) -> None:
    texts = [
        "", "abc", "é e\u0301 ñ", "日本語テキスト", "한국어", "नमस्ते", "مرحبا", "ไทย", "a\r\nb\tc", "x" * 300,
        "👩\u200d👩\u200d👧\u200d👦 👍🏽 🇩🇪 1\ufe0f\u20e3 ❤\ufe0f ❤ © ™ ☺",
        "“quotes” – dashes — … ‼\ufe0f ′″",
        "see https://shop.example/a?b=c. And (http://x.example), ok", "HTTPS://A.EXAMPLE/日本",
    ]  # fmt: skip
    names = ["utf16_units", "graphemes", "utf8_bytes", "weighted", "len"]
    counted = await desk.page.evaluate(
        """async ([texts, names]) => {
            const main = document.querySelector("script[type=module]").src;
            const { lengthOf } = await import(main.replace("main.js", "measures.js"));
            return names.map((name) => texts.map((text) => lengthOf(text, name)));
        }""",
        [texts, names],
    )
    assert counted == [[getattr(measures, name, len)(text) for text in texts] for name in names]


async def test_a_saved_reply_is_filled_in_and_sending_asks_about_what_is_missing(
    desk: Window, site: Site
) -> None:
    conversation = await arrive(site)
    text = "Dear {{ customer.name }}, order {{ fields.order }} is on its way. {{ agent.name }}"
    hub = site.office.hub
    label = await upload(hub.desk, site.ana, b"label", name="label.txt", mime="text/plain")
    files = [label.stored or ""]
    await save_reply(hub.desk, site.ana, "On its way", text, shortcut="way", files=files)
    page = desk.page
    await desk.open("Tomás")
    await page.click(REPLY)
    await page.keyboard.type("Hello\n/way")
    await expect(page.locator("#snippets .filled")).to_contain_text(
        "order {{ fields.order }} is on its way. Ana"
    )
    await expect(page.locator("#snippets .filled .files")).to_contain_text("label.txt")
    assert await desk.findings() == []
    await page.keyboard.press("Enter")
    await expect(page.locator(REPLY)).to_have_value(
        "Hello\nDear Tomás Barreto, order {{ fields.order }} is on its way. Ana"
    )
    await expect(page.locator("form.reply [data-reference]")).to_contain_text("label.txt")
    await expect(page.locator("form.reply [data-unfilled]")).to_contain_text("{{ fields.order }}")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("alert")).to_contain_text("still to be filled in")
    assert await desk.findings() == []
    await page.keyboard.press("Enter")  # keep editing
    await expect(page.locator(REPLY)).to_be_focused()
    await page.click("[data-go-to]")
    await page.keyboard.type("4711")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#timeline .ours .text")).to_contain_text("order 4711 is on its way")
    sent = (await site.office.messages(conversation, 2))[-1]
    assert [each.name for each in sent.content.attachments] == ["label.txt"]
    assert sent.content.attachments[0].stored != label.stored
    desk.said.clear()  # the browser notes the 409


async def test_answers_to_tap_on_are_written_as_lines_and_shown_as_what_they_are(
    desk: Window, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await arrive(site)
    [channel] = await site.office.hub.store.channels.list_channels()
    can = site.office.hub.registry.reader(channel).surfaces
    buttons = {place: replace(each, choices=ChoiceLimits(most=2, longest=20)) for place, each in can.items()}
    kind = type(site.office.hub.registry.reader(channel))
    monkeypatch.setattr(kind, "surfaces", property(lambda _: buttons))
    page = desk.page
    await desk.open("Tomás")
    await page.fill(REPLY, "Shall we send another?")
    for words in ("Yes, please", "No"):
        await page.click("[data-choice]")
        await page.keyboard.type(words)
    await kept_as(site, conversation, "Shall we send another?\n[[Yes, please]]\n[[No]]")
    await page.click("form.reply [data-send]")
    await expect(page.locator("#timeline .choices li")).to_have_text(["Yes, please", "No"])
    assert await desk.findings() == []
