"""Text with marks: shown as it reads, and harmless whatever it is."""

import re

import pytest
from selectolax.lexbor import LexborHTMLParser

from hub.model.content import Content, Markup
from hub.model.previews import preview_of
from inbox_ui.marked import LONGEST, shown
from tests.inbox_ui.vectors import EVERYTHING

SHOWN = {"div", "p", "a", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "s"}
TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
WAYS = [
    "{}",
    "**{}**",
    "[{}](https://a.example)",
    "[a]({})",
    "[a](<{}>)",
    "![{}](cid:a)",
    "![a]({})",
    "<{}>",
    "# {}",
    "> - {}",
]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Hi **you**", "<p>Hi <strong>you</strong></p>"),
        ("a_b_c and _d_", "<p>a_b_c and <em>d</em></p>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("2. two", '<ol start="2">\n<li>two</li>\n</ol>'),
        ("`<b>` here", "<p><code>&lt;b&gt;</code> here</p>"),
        ("```js\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("# Where\nit is", '<p class="heading">Where</p>\n<p>it is</p>'),
        ("one\ntwo **three**", "<p>one<br>\ntwo <strong>three</strong></p>"),
        ("<b>*x*</b>", "<p>&lt;b&gt;<em>x</em>&lt;/b&gt;</p>"),
        ("![x](cid:a)", "<p>![x](cid:a)</p>"),
    ],
)
def test_marks_are_shown_as_they_read(text: str, html: str) -> None:
    assert str(shown(text, True)) == f'<div class="marked">{html}\n</div>'


def test_links_say_where_they_go_and_pictures_are_not_fetched() -> None:
    found = str(shown("[the shop](https://a.example/x?y=1&z=2) ![map](https://b.example/m.png)", True))
    assert 'href="https://a.example/x?y=1&amp;z=2" title="https://a.example/x?y=1&amp;z=2"' in found
    assert found.count('rel="noopener noreferrer nofollow ugc"') == 2
    assert "<img" not in found


def test_what_was_not_written_in_markdown_stays_as_it_was_written() -> None:
    assert shown("**no** <b> - https://a.example", False).startswith("**no** &lt;b&gt; - <a href=")
    assert shown("nothing\n\nto mark", True) == "nothing\n\nto mark"


@pytest.mark.parametrize("text", ["*a " * LONGEST, "[" * (LONGEST - 1), "![[" * 2000])
def test_what_would_take_seconds_to_read_is_shown_as_it_was_written(text: str) -> None:
    assert shown(text, True) == text


@pytest.mark.parametrize("way", WAYS)
def test_no_vector_becomes_more_than_text(way: str) -> None:
    for vector in EVERYTHING:
        found = LexborHTMLParser(f"<main>{shown(way.format(vector), True)}</main>").css("main *")
        for each in found:
            assert each.tag in SHOWN | TABLES, (vector, each.tag)
            assert set(each.attributes) <= {"class", "href", "title", "target", "rel", "start"}, vector
            goes = each.attributes.get("href")
            assert goes is None or re.match(r"(https?|mailto|tel):", goes, re.IGNORECASE), vector


def test_the_line_in_the_list_is_without_marks() -> None:
    text = "Dear **Cora**,\n\n1. `AB-1` is [on its way](https://a.example)\n\n> Where is it?\n\n```\nx\n```"
    said = Content(text=text, markup=Markup.MARKDOWN)
    assert preview_of(said) == "Dear Cora, AB-1 is on its way Where is it? x"
    assert preview_of(Content(text="2 * 3 * 4 **now**")) == "2 * 3 * 4 **now**"
