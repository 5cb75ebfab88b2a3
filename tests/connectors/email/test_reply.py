"""What a customer newly wrote is told from quotation, signature and notices, and nothing is ever lost."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.email.html_text import html_to_text
from connectors.email.reply import Kind, Reply, split_reply
from tests.connectors.email.replies.clients import CLIENTS, FORMATS, Golden, every_reply

REPLIES = Path(__file__).parent / "replies"
ODDITIES: dict[str, dict[str, Any]] = tomllib.loads((REPLIES / "oddities.toml").read_text(encoding="utf-8"))
NOTICES: dict[str, dict[str, str]] = tomllib.loads((REPLIES / "notices.toml").read_text(encoding="utf-8"))
GOLDEN = every_reply()


def filled(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_the_new_part_of_a_plain_text_reply_is_found(golden: Golden) -> None:
    reply = split_reply(golden.text, None)
    assert filled(reply.new) == filled(golden.new)
    assert reply.kind is Kind.TOP_POSTED


@pytest.mark.parametrize("golden", [each for each in GOLDEN if each.html], ids=lambda golden: golden.name)
def test_the_new_part_of_an_html_reply_is_found(golden: Golden) -> None:
    reply = split_reply(golden.text, golden.html)
    assert filled(reply.new) == filled(golden.new)
    assert reply.kind is Kind.TOP_POSTED


@pytest.mark.parametrize("golden", [each for each in GOLDEN if each.html], ids=lambda golden: golden.name)
def test_the_html_of_the_new_part_says_what_its_text_says(golden: Golden) -> None:
    reply = split_reply(golden.text, golden.html)
    assert reply.html_new is not None
    assert words_of(html_to_text(reply.html_new)) == words_of(reply.new)


def words_of(text: str) -> list[str]:
    return text.replace("----------", "").split()


def test_at_least_four_mail_programs_in_twenty_languages_are_covered() -> None:
    assert len(CLIENTS) >= 4
    assert len(FORMATS) >= 20


def test_precision_and_recall_on_the_golden_replies_are_complete() -> None:
    """Shown with `-s`."""
    for way in ("text", "html"):
        got: Counter[str] = Counter()
        for golden in GOLDEN:
            if way == "html" and golden.html is None:
                continue
            new = Counter(filled(split_reply(golden.text, golden.html if way == "html" else None).new))
            wanted = Counter(filled(golden.new))
            got["right"] += (new & wanted).total()
            got["shown"] += new.total()
            got["wanted"] += wanted.total()
        precision, recall = got["right"] / got["shown"], got["right"] / got["wanted"]
        print(f"\nreplies, {way}: precision {precision:.3f}, recall {recall:.3f} of {got['wanted']} lines")
        assert precision == recall == 1.0


@pytest.mark.parametrize("name", NOTICES)
def test_legal_notices_and_contact_blocks_are_cut_in_every_language(name: str) -> None:
    sample = NOTICES[name]
    letter, contact, notice = f"{sample['new']}\n\n{sample['close']}", sample["contact"], sample["notice"]
    for below in (f"\n\n{notice}\n", f"\n{contact}\n", f"\n{contact}\n\n{notice}\n"):
        reply = split_reply(letter + below, None)
        assert reply.new.strip() == letter
        assert filled(reply.rest) == filled(below), "nothing is lost"


def test_there_is_a_notice_for_each_language_that_replies_are_known_in() -> None:
    assert {name.partition("-")[0] for name in NOTICES} >= {
        *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sv"),
        *("no", "da", "fi", "ru", "uk", "tr", "vi", "zh", "ja", "ko"),
    }


@pytest.mark.parametrize("name", ODDITIES)
def test_an_odd_mail_is_read_as_a_careful_reader_would(name: str) -> None:
    odd = ODDITIES[name]
    reply = split_reply(odd.get("text", ""), odd.get("html"), odd.get("subject", ""))
    if "new" in odd:
        assert reply.new.strip() == odd["new"].strip()
    if "rest" in odd:
        assert bool(reply.rest) is odd["rest"]
    if "kind" in odd:
        assert reply.kind == odd["kind"]
    for words in odd.get("contains", ()):
        assert words in reply.new
    for words in odd.get("html_contains", ()):
        assert words in (reply.html_new or "")


def test_html_is_preferred_unless_it_shows_nothing() -> None:
    assert split_reply("plain", "<p>rich</p>").new == "rich"
    assert split_reply("plain", "<html><head><style>p{}</style></head><body></body></html>").new == "plain"
    assert split_reply("plain", "").new == "plain"


def test_an_empty_mail_has_nothing_new() -> None:
    assert split_reply("", None) == Reply("", "")
    assert split_reply(" \n\t\n", "<br>") == Reply("", "")


def test_the_rest_stays_exactly_as_it_was() -> None:
    quotation = "On 3 Nov 2026, at 10:12, Ana <ana@shop.example> wrote:\n\n>  two  spaces \n>\n> \ttab"
    reply = split_reply(f"Thanks!\n\n{quotation}\n", None)
    assert reply.rest == quotation


PIECES = st.sampled_from(
    [
        "Thanks a lot",
        "> quoted",
        ">> quoted twice",
        "",
        " ",
        "-- ",
        "--",
        "On Tue, Nov 3, 2026 at 10:12 AM Ana <ana@shop.example> wrote:",
        "Am 03.11.26 um 10:12 schrieb Ana:",
        "Ana wrote:",
        "From: Ana <ana@shop.example>",
        "Sent: Tuesday, November 3, 2026 10:12 AM",
        "Subject: x",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "________________________________",
        "Sent from my iPhone",
        "Kind regards",
        "Tel. +49 30 1234567",
        "This e-mail is confidential and privileged. If you are not the intended recipient, notify us.",
        "写道：",
        ":",
        "\ufdd0\ufdd8",
        "\u2028",
    ]
)
MAILS = st.lists(PIECES | st.text(max_size=40), max_size=40).map("\n".join)
TAGS = st.sampled_from(
    [
        "<div>",
        "</div>",
        "<br>",
        "<p>",
        "<blockquote>",
        "<blockquote type=cite>",
        "</blockquote>",
        '<div class="gmail_quote">',
        '<div class="gmail_attr">',
        '<div class="yahoo_quoted">',
        '<div id="appendonsend"></div>',
        '<div id="divRplyFwdMsg">',
        '<div class="moz-forward-container">',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt">',
        '<div class="gmail_signature">',
        "<table><tr><td>",
        "</td></tr></table>",
        "<hr>",
        "<pre>",
        "<span hidden>",
        "<style>",
        "<!--",
        '<a href="https://shop.example/x">',
        "</a>",
    ]
)
DOCUMENTS = st.lists(TAGS | PIECES | st.text(max_size=20), max_size=40).map("".join)


def assert_nothing_is_lost(lines: list[str], reply: Reply) -> None:
    """Every line that says something is in one of the two, and each of the two keeps the order."""
    new, rest = filled(reply.new), filled(reply.rest)
    assert Counter(lines) == Counter(new) + Counter(rest)
    for part in (new, rest):
        following = iter(lines)
        assert all(line in following for line in part)


@given(MAILS)
@settings(deadline=None)
def test_no_line_of_a_text_is_lost_and_something_is_always_new(text: str) -> None:
    reply = split_reply(text, None)
    lines = filled(text.replace("\r\n", "\n").replace("\r", "\n"))
    assert_nothing_is_lost(lines, reply)
    assert bool(reply.new.strip()) is bool(lines)
    assert split_reply(text, None) == reply


@given(DOCUMENTS)
@settings(deadline=None)
def test_no_line_of_a_document_is_lost_and_something_is_always_new(document: str) -> None:
    lines = filled(without_empty_quotations(html_to_text(document)))
    reply = split_reply("", document)
    new, rest = without_empty_quotations(reply.new), without_empty_quotations(reply.rest)
    # An empty quotation inside a link gives the link something to show, so there may be more.
    assert not Counter(lines) - Counter(filled(new)) - Counter(filled(rest))
    assert bool(new.strip()) or not lines
    assert split_reply("", document) == reply


def without_empty_quotations(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line.replace(">", "").strip())


MEGABYTE = 1_000_000
HOSTILE = {
    "quotation marks on one line": ">",
    "lines of quotation marks": ">\n",
    "on and on": "On ",
    "lines that begin like an attribution": "On Monday, Ana\n",
    "attributions without an address": "On 3 Nov 2026 Ana wrote:\n",
    "attributions over quotations": "Ana wrote:\n> q\n",
    "answers between quotations": "> q\na\n",
    "colons": "a b:\n",
    "header labels": "From: a\nTo: b\n\n",
    "dashes": "-----\n",
    "signature delimiters": "-- \n",
    "blank lines": "\n",
    "words of legal notices": "confidential privileged ",
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_one_thing_is_read_without_hanging(name: str) -> None:
    text = HOSTILE[name] * (MEGABYTE // len(HOSTILE[name]))
    reply = split_reply(text, None)
    assert len(filled(reply.new)) + len(filled(reply.rest)) == len(filled(text))


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "tag", ["<blockquote>", "<div>", '<div id="appendonsend"></div>', "<sign>a</sign>", "<p>a"]
)
def test_a_megabyte_of_one_tag_is_read_without_hanging(tag: str) -> None:
    assert split_reply("", tag * (MEGABYTE // len(tag)) + "end").new.endswith("end")


def test_what_lies_beyond_the_megabyte_is_not_lost() -> None:
    text = "Thanks\n\nAna wrote:\n" + "> quoted line\n" * 80_000 + "> the end\n"
    reply = split_reply(text, None)
    assert reply.new == "Thanks"
    assert reply.rest.endswith("> the end\n")
