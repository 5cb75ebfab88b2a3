"""What others wrote: HTML that runs and leaks nothing, files that are downloads, names that are text."""

import pytest
from playwright.async_api import FrameLocator, Page, expect

from inbox_ui.frames import DEEPEST, LARGEST, clean
from inbox_ui.text import initials, linked
from tests.inbox_ui.conftest import Site, Window
from tests.inbox_ui.test_a_day import arrive

# A few of them; `vectors.py` has the rest. Each would run, load, send or cover something if it got through.
VECTORS = (
    "<script>parent.document.title='hit'</script>",
    "<img src=x onerror=\"parent.document.title='hit'\">",
    "<svg onload=\"parent.document.title='hit'\"><script>alert(1)</script></svg>",
    '<svg><a xlink:href="javascript:alert(1)"><text y=20>x</text></a></svg>',
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<iframe srcdoc=\"<script>parent.parent.document.title='hit'</script>\"></iframe>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    "<embed src='data:text/html,<script>alert(1)</script>'>",
    "<form action='https://tracker.example/'><input name=password autofocus onfocus=alert(1)></form>",
    '<a href="javascript:alert(1)">click</a>',
    '<a href="data:text/html,<script>alert(1)</script>">click</a>',
    '<a href="vbscript:x">click</a>',
    "<meta http-equiv=refresh content='0;url=https://tracker.example/'>",
    "<base href='https://tracker.example/'><img src='/pixel.gif'>",
    "<link rel=stylesheet href='https://tracker.example/a.css'>",
    "<style>@import url(https://tracker.example/a); p { background: url(https://tracker.example/b) }</style>",
    "<div style=\"background:url('https://tracker.example/c.gif')\">x</div>",
    '<div style="background:\\75rl(https://tracker.example/d.gif)">x</div>',
    "<div style='position:fixed;inset:0;z-index:9;background:red'>overlay</div>",
    "<table background='https://tracker.example/e.gif'><tr><td>x</td></tr></table>",
    "<img srcset='https://tracker.example/f.gif 1x' src='https://tracker.example/g.gif' width=1 height=1>",
    "<video autoplay poster='https://tracker.example/h.gif'><source src=x onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio><body onload=alert(1)><details open ontoggle=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<template><img src=x onerror=alert(1)></template><xss onpointerenter=alert(1)>x</xss>",
    "<input onfocus=alert(1) autofocus><marquee onstart=alert(1)>x</marquee>",
    "<p id=csrf name=body>clobbered</p><a id=documentElement href=cid:x>y</a>",
    "<!--[if mso]><script>alert(1)</script><![endif]--><![CDATA[<script>alert(1)</script>]]>",
    "<table width=99999999 border=9999><tr><td colspan=1000000000 rowspan=99999999 "
    "style='width:99999999px;height:99999px'>wide</td></tr></table>",
    '<a href="&#x6A;avascript:alert(1)">click</a><a href="java\tscript:alert(1)">click</a>',
)


async def test_foreign_html_runs_nothing_and_leaves_nothing_in_real_chromium(
    desk: Window, site: Site
) -> None:
    conversation = await arrive(site)
    message = (await site.office.messages(conversation, 1))[0]
    dialogs: list[str] = []
    desk.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    html = "<p>Before</p>" + "\n".join(VECTORS) + "</table></form><p>After</p>"
    await site.office.hub.store.inbox.set_entry(message.id, {"content.html": html})
    await desk.open("Tomás")
    title = await desk.page.title()
    frame = await opened_frame(desk.page)
    await expect(frame.locator("body")).to_contain_text("Before")
    await desk.page.wait_for_load_state("load")
    assert await desk.page.title() == title
    assert await desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert dialogs == []
    assert desk.foreign() == []
    desk.said.clear()  # Chromium may note what the frame's policy stopped; nothing of it left


@pytest.mark.parametrize(
    "huge",
    [
        "<div>" * 100_000,
        "<ul><li>" * 100_000,
        "<table><tr><td>" * 100_000,
        "<a href=x><b>" * 100_000,
        "<blockquote></i>" * 100_000,
    ],
)
def test_what_is_nested_without_end_is_cut_instead_of_read_for_minutes(huge: str) -> None:
    cleaned, _ = clean(f"<p>Before</p>{huge}"[:LARGEST], {}, with_images=False)
    assert cleaned.startswith("<p>Before</p>")
    assert cleaned.count("</") <= 4 * DEEPEST + 1


def test_a_huge_table_and_what_is_not_closed_are_shown_whole() -> None:
    table = f"<table>{'<tr><td>x<td><p>y' * 5_000}</table><p>After</p>"
    cleaned, _ = clean(table, {}, with_images=False)
    assert (cleaned.count("<td>"), cleaned[-12:]) == (10_000, "<p>After</p>")
    cleaned, _ = clean(f"{'<div><span>x</span></div>' * 5_000}<p>After</p>", {}, with_images=False)
    assert cleaned.endswith("<p>After</p>")


async def test_pictures_from_elsewhere_are_counted_and_off_until_asked_for(desk: Window, site: Site) -> None:
    conversation = await arrive(site)
    message = (await site.office.messages(conversation, 1))[0]
    html = "<p>Hello</p><img src='https://pictures.example/logo.png'>"
    await site.office.hub.store.inbox.set_entry(message.id, {"content.html": html})
    await desk.open("Tomás")
    frame = await opened_frame(desk.page)
    await expect(frame.locator(".off")).to_contain_text("1 picture from elsewhere is not shown.")
    assert desk.foreign() == []
    await desk.page.click(".original a")
    await expect(frame.locator("img")).to_have_attribute("src", "https://pictures.example/logo.png")
    desk.asked.clear()  # asked for: the picture was looked for elsewhere
    desk.said.clear()


async def opened_frame(page: Page) -> FrameLocator:
    await page.click(".original summary")
    return page.frame_locator(".original iframe")


def test_no_vector_leaves_anything_that_runs() -> None:
    for vector in VECTORS:
        cleaned, _ = clean(vector, {}, with_images=False)
        lowered = cleaned.lower().replace(" ", "")
        for bad in (
            "<script",
            "onerror=",
            "onload=",
            "javascript:",
            "<iframe",
            "<object",
            "<form",
            "url(",
            "fixed",
        ):
            assert bad not in lowered, (vector, cleaned)


def test_pictures_that_came_with_the_mail_are_shown() -> None:
    cleaned, remote = clean('<img src="cid:logo@mail">', {"logo@mail": "/files/x/picture"}, with_images=False)
    assert 'src="/files/x/picture"' in cleaned
    assert remote == 0


async def test_a_file_is_a_download_that_needs_no_cookie_and_a_forged_link_is_none(
    desk: Window, site: Site
) -> None:
    person = site.office.world.person("tomás", name="Tomás Barreto")
    page_of_evil = b"<script>alert(document.domain)</script>"
    site.office.platform.write(person, "See this", files=[("../../evil.html", "text/html", page_of_evil)])
    await desk.page.wait_for_selector("#rows a:has-text('Tomás')")
    await desk.open("Tomás")
    url = await desk.page.locator("a.file").get_attribute("href")
    assert url is not None
    stranger = await desk.context.browser.new_context()  # type: ignore[union-attr]  # it has one
    answer = await stranger.request.get(site.url + url)
    assert answer.status == 200
    assert await answer.body() == page_of_evil
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["content-security-policy"]
    size = len(page_of_evil)
    for asked, there in (("0-7", slice(0, 8)), ("8-", slice(8, None)), ("-5", slice(-5, None))):
        part = await stranger.request.get(site.url + url, headers={"Range": f"bytes={asked}"})
        assert (part.status, await part.body()) == (206, page_of_evil[there])
        first = there.indices(size)[0]
        assert part.headers["content-range"].startswith(f"bytes {first}-")
    beyond = await stranger.request.get(site.url + url, headers={"Range": f"bytes={size}-"})
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    for odd in ({"Range": "bytes=0-1,3-4"}, {"Range": "bytes=0-1", "If-Range": '"another"'}):
        assert await (await stranger.request.get(site.url + url, headers=odd)).body() == page_of_evil
    link = url.split("/")[2]
    forged = await stranger.request.get(site.url + url.replace(link, link[:-2] + "AA"))
    assert forged.status == 404
    assert not [cookie for cookie in await desk.context.cookies() if cookie.get("path") == "/"]
    await stranger.close()


async def test_names_and_texts_are_text(desk: Window, site: Site) -> None:
    name = "<img src=x onerror=alert(1)>"
    await arrive(site, "</script><script>alert(1)</script> {{ 7*7 }} \u202egnp.exe", name)
    await expect(desk.page.locator("#rows .who")).to_have_text(name)
    await desk.page.click("#rows a")
    await expect(desk.page.locator("#timeline .text")).to_contain_text("<script>alert(1)</script> {{ 7*7 }}")


async def test_a_very_long_message_is_folded(desk: Window, site: Site) -> None:
    await arrive(site, "word " * 40_000)
    await desk.open("Tomás")
    shown = await desk.page.locator("#timeline .body > .text").inner_text()
    assert len(shown) < 7_000
    await desk.page.click("#timeline .fold summary")
    whole = await desk.page.locator("#timeline .body").inner_text()
    assert len(whole) > 190_000


def test_addresses_in_text_are_links_and_nothing_else_is() -> None:
    assert str(linked("see https://a.example/x_(y). javascript:alert(1)")).count("<a ") == 1
    assert 'href="https://a.example/x_(y)"' in str(linked("see https://a.example/x_(y)."))
    assert "<b>" not in str(linked("<b>"))


def test_a_face_has_two_letters_at_most() -> None:
    assert [initials(each) for each in ("Tomás Barreto", "@lena", "李 小龙", "", "💚")] == [
        "TB",
        "@",
        "李小",
        "·",
        "·",
    ]
