"""Our Markdown as Telegram's entities, and back."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.telegram.markdown import to_markdown
from connectors.telegram.marks import from_markdown, utf16_units
from tests.connectors.rendered import rendered
from tests.connectors.telegram.bot_checks import check_text

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


THEIRS = [
    ("para1\n\npara2", [("bold", 0, 12)], "**para1**\n\n**para2**"),
    ("run ls -l now", [("pre", 4, 5)], "run\n\n```\nls -l\n```\n\nnow"),
    ("said\nnext", [("blockquote", 0, 4)], "> said\n\nnext"),
    ("bold\n# a\n> b\n- c\n1. d\n---", [("bold", 0, 4)], "**bold**\n\\# a\n\\> b\n\\- c\n1\\. d\n\\---"),
    ("``` in code", [("pre", 0, 11)], "````\n``` in code\n````"),
    ("under spoiler Ana", [("underline", 0, 5), ("spoiler", 6, 7), ("text_mention", 14, 3)], None),
    ("a code b", [("bold", 0, 8), ("code", 2, 4)], "**a** `code` **b**"),
    ("x(a)y", [("bold", 1, 3)], "x(a)y"),  # Markdown cannot mark this
    ("https://x.example/a_b is it", [("bold", 25, 2)], "https://x.example/a_b is **it**"),
]


@pytest.mark.parametrize(("text", "entities", "ours"), THEIRS)
def test_what_they_marked_is_marked_here(
    text: str, entities: list[tuple[str, int, int]], ours: str | None
) -> None:
    assert to_markdown(text, [entity(*each) for each in entities]) == ours


def entity(kind: str, offset: int, length: int) -> dict[str, object]:
    more = {"url": "https://example.org/a_(b)?c=1&copy"} if kind == "text_link" else {}
    return {"type": kind, "offset": offset, "length": length, **more}


SIGNS = "ab #>-+=*_~`[]()<>&.!1\\\n|👍é"
KINDS = ["bold", "italic", "strikethrough", "code", "pre", "text_link", "blockquote", "underline", "spoiler"]
SPOTS = st.tuples(st.sampled_from(KINDS), st.integers(0, 24), st.integers(1, 24))


@given(st.text(SIGNS, min_size=1, max_size=24), st.lists(SPOTS, max_size=5))
@example("a\n- b", [("bold", 0, 1)])
@example("    four", [("bold", 4, 4)])
@example("ab\n\nb", [("bold", 0, 5), ("italic", 1, 3)])
@example("*a*[b](c)", [("text_link", 0, 9)])
def test_whatever_they_mark_is_rendered_as_their_words_and_with_no_mark_that_they_did_not_make(
    text: str, spots: list[tuple[str, int, int]]
) -> None:
    entities = [entity(*spot) for spot in spots]
    ours = to_markdown(text, entities)
    if ours is None:
        return
    wanted = [
        (sign, {kind for kind, start, length in spots if start <= at < start + length})
        for sign, at in zip(text, offsets(text), strict=True)
        if not sign.isspace()
    ]
    shown = rendered(ours)
    assert "".join(sign for sign, _ in shown) == "".join(sign for sign, _ in wanted)
    for (sign, marks), (_, made) in zip(shown, wanted, strict=True):
        assert marks <= made, (ours, sign)
    plain, back = from_markdown(ours)
    assert "".join(plain.split()) == "".join(sign for sign, _ in wanted)
    inside = [each for each in back if each["type"] in ("code", "pre")]
    for code, other in ((code, other) for code in inside for other in back if other is not code):
        around = (
            other["offset"] <= code["offset"]
            and code["offset"] + code["length"] <= other["offset"] + other["length"]
        )
        apart = (
            other["offset"] + other["length"] <= code["offset"]
            or code["offset"] + code["length"] <= other["offset"]
        )
        assert apart or (around and other["type"] == "blockquote"), (ours, back)


WORDS = st.lists(st.text("ab1#>-👍é", min_size=1, max_size=6), min_size=1, max_size=6)


@given(WORDS, st.lists(st.sampled_from(["bold", "italic", "strikethrough", "code", None]), min_size=6))
def test_whole_words_that_they_marked_are_marked_when_rendered_and_when_sent_back(
    words: list[str], kinds: list[str | None]
) -> None:
    entities, at = [], 0
    for word, kind in zip(words, kinds, strict=False):
        if kind:
            entities.append(entity(kind, at, utf16_units(word)))
        at += utf16_units(word) + 1
    ours = to_markdown(" ".join(words), entities)
    if ours is not None:
        marks = [{kind} - {None} for word, kind in zip(words, kinds, strict=False) for _ in word]
        assert [each for _, each in rendered(ours)] == marks
        text, found = from_markdown(ours)
        assert text == " ".join(words)
        assert [(each["type"], each["offset"], each["length"]) for each in found] == [
            (each["type"], each["offset"], each["length"]) for each in entities
        ]


def offsets(text: str) -> list[int]:
    return [utf16_units(text[:at]) for at in range(len(text))]


@given(st.text("ab #>-+=*_~`[](): \n1.👍", max_size=60) | st.text(max_size=40))
@example("[a](mailto:a@b.example) [b](foo) [c](http://localhost) <a@b.example>")
@example("**a `b` c** ~~**x**~~ > q")
@example("> - one\n>> two\n> ```\n> x\n> ```")
def test_telegram_takes_whatever_is_written(ours: str) -> None:
    text, entities = from_markdown(ours)
    check_text(text, entities[:100], 10_000, "too long")


def test_addresses_that_telegram_cannot_open_are_written_out() -> None:
    text, found = from_markdown("[Write](mailto:a@b.example) or <a@b.example>, [call](tel:+351211)")
    assert (text, found) == ("Write (a@b.example) or a@b.example, call (+351211)", [])


def test_length_is_counted_as_telegram_counts() -> None:
    assert utf16_units("👍🏽a") == 5
