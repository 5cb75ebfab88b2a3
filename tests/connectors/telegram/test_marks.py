"""Our Markdown as Telegram's entities, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.telegram.marks import from_markdown, to_markdown, utf16_units

MARKS = [
    ("It is **on its way**.", "It is on its way.", [("bold", 6, 10, "")]),
    ("👍 *really* ~~not~~", "👍 really not", [("italic", 3, 6, ""), ("strikethrough", 10, 3, "")]),
    ("[our shop](https://example.org)", "our shop", [("text_link", 0, 8, "https://example.org")]),
    ("- one\n- two\n  - three", "• one\n• two\n• three", []),
    ("3. one\n4. two", "3. one\n4. two", []),
    ("> said\n> before\n\nno", "said\nbefore\n\nno", [("blockquote", 0, 11, "")]),
    ("> one\n>> two", "one\n\ntwo", [("blockquote", 0, 8, "")]),
    ("# Big\n\nsmall", "Big\n\nsmall", [("bold", 0, 3, "")]),
    ("```py\nprint(1)\n```", "print(1)", [("pre", 0, 8, "")]),
    ("line one\nline two", "line one\nline two", []),
    ("<b>not html</b> & *so*", "<b>not html</b> & so", [("italic", 18, 2, "")]),
    ("[bad](javascript:alert(1))", "[bad](javascript:alert(1))", []),
    ("`*as it is*`", "*as it is*", [("code", 0, 10, "")]),
    ("***", "—", []),
]


@pytest.mark.parametrize(("ours", "text", "entities"), MARKS)
def test_what_we_write_is_marked_there(
    ours: str, text: str, entities: list[tuple[str, int, int, str]]
) -> None:
    plain, found = from_markdown(ours)
    assert plain == text
    assert [(each["type"], each["offset"], each["length"], each.get("url", "")) for each in found] == entities


@given(st.text(max_size=60))
def test_whatever_is_written_no_entity_leaves_the_text(ours: str) -> None:
    plain, found = from_markdown(ours)
    for each in found:
        assert 0 <= each["offset"] < each["offset"] + each["length"] <= utf16_units(plain)


WORDS = st.lists(st.text("ab*_`[]~👍é", min_size=1, max_size=6), min_size=1, max_size=6)


@given(WORDS, st.lists(st.sampled_from(["bold", "italic", "strikethrough", "code", None]), min_size=6))
def test_what_they_marked_reads_the_same_when_sent_back(words: list[str], kinds: list[str | None]) -> None:
    entities, at = [], 0
    for word, kind in zip(words, kinds, strict=False):
        if kind:
            entities.append({"type": kind, "offset": at, "length": utf16_units(word)})
        at += utf16_units(word) + 1
    text = " ".join(words)
    ours = to_markdown(text, entities)
    if ours is not None:
        assert from_markdown(ours)[0] == text


def test_length_is_counted_as_telegram_counts() -> None:
    assert utf16_units("👍🏽a") == 5
