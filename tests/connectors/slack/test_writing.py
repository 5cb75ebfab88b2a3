"""Our Markdown in Slack's markup: what was marked is, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.slack.emoji import emoji_of, name_of
from connectors.slack.limits import written_length
from connectors.slack.marks import Said, read_mrkdwn, read_rich_text
from connectors.slack.writing import Words
from hub.model.content import Markup
from tests.connectors.slack.wire import Refused, check_text

WRITTEN = {
    "It is **on its way**": "It is *on its way*",
    "**bold *and it* too**": "*bold _and it_ too*",
    "~~no~~ `co<de`": "~no~ `co&lt;de`",
    "# Title\n\ntext": "*Title*\n\ntext",
    "# A **b**": "*A b*",
    "- one\n- two\n  1. three": "• one\n• two\n    1. three",
    "> it leaks\n\nno": "&gt; it leaks\n\nno",
    "```py\nx < 1\n```": "```\nx &lt; 1\n```",
    "[our <shop>](https://example.org/a|b)": "<https://example.org/a%7Cb|our &lt;shop&gt;>",
    "[mail](mailto:a@b.example)": "<mailto:a@b.example|mail>",
    "[x](javascript:alert(1))": "[x](javascript:alert(1))",
    "<https://example.org>": "<https://example.org>",
    "Hi @channel <!channel> & <@U1>": "Hi @channel &lt;!channel&gt; &amp; &lt;@U1&gt;",
    "**two\nlines**": "*two*\n*lines*",
}
AS_IT_WAS = (
    "It is **on its way**",
    r"2 \* 3 \* 4 and \_this\_ is **bold**",
    "in**side**words *and* ~~no~~ `code`",
    "- one\n- **two**\n   - inner\n- three",
    "1. one\n2. two",
    "> it *leaks*\n\nno",
    "before\n```\nx < 1 & *y*\n```\nafter",
    "[our shop](<https://example.org/a_b>) and **more**",
    "one\n\n**two**",
)


@pytest.mark.parametrize(("ours", "theirs"), WRITTEN.items())
def test_what_is_marked_here_is_marked_in_notifications(ours: str, theirs: str) -> None:
    assert Words.of(ours, Markup.MARKDOWN).text == theirs


@pytest.mark.parametrize("text", AS_IT_WAS)
def test_what_slack_is_given_reads_as_it_was_written(text: str) -> None:
    [block] = Words.of(text, Markup.MARKDOWN).blocks
    said = Said()
    read_rich_text(block, {}, said)
    assert said.text() == (text, True)


def test_plain_text_stays_plain() -> None:
    words = Words.of("2 *3* < 4\n & _5_", Markup.PLAIN)
    assert words.text == "2 *3* &lt; 4\n &amp; _5_"
    said = Said()
    read_rich_text(words.blocks[0], {}, said)
    assert said.text() == ("2 *3* < 4\n & _5_", False)


def test_three_signs_count_as_slack_writes_them() -> None:
    assert written_length("a&<>") == len("a&amp;&lt;&gt;")


@given(st.text(alphabet="ab <>&|@#!*_~`[]()\n-:/.0\u200b", max_size=60), st.sampled_from(Markup))
def test_whatever_is_typed_names_nobody_and_is_taken(text: str, markup: Markup) -> None:
    said = Words.of(f"x {text}", markup)
    check_text({"text": said.text, "blocks": said.blocks})
    assert "<!" not in said.text
    assert "<@" not in said.text
    read = Said()
    read_rich_text(said.blocks[0], {}, read)


@given(st.text(max_size=80))
def test_whatever_slack_sends_can_be_read(text: str) -> None:
    said = Said()
    read_mrkdwn(text, {}, said)
    assert isinstance(said.text()[0], str)


def test_emoji_have_their_names_and_names_their_emoji() -> None:
    for name, emoji in {
        "+1": "👍",
        "thumbsup": "👍",
        "heart": "❤️",
        "flag-de": "🇩🇪",
        "wave::skin-tone-5": "👋🏾",
        "white_check_mark": "✅",
    }.items():
        assert emoji_of(name) == emoji
    assert name_of("❤") == name_of("❤️") == "heart"
    assert (name_of("👋🏾"), name_of(":own:"), name_of("no")) == ("wave::skin-tone-5", "own", None)
    assert emoji_of("partyparrot") == ":partyparrot:"


def test_the_counterpart_refuses_signs_that_are_not_escaped() -> None:
    with pytest.raises(Refused, match="not_escaped"):
        check_text({"text": "a < b"})
