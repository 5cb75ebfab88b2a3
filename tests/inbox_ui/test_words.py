"""Dates and sentences on the pages: quickly made, and the same as Babel and jinja2 would make them."""

from datetime import UTC, datetime, timedelta

import pytest
from babel.dates import format_datetime, format_time
from jinja2 import DictLoader

from inbox_ui.assets import load_assets
from inbox_ui.drawing import Drawing
from inbox_ui.words import LANGUAGES, Words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns"])
def test_moments_are_written_as_the_language_writes_them(language: str, zone: str) -> None:
    words = Words(language, zone)
    for hours in range(0, 9_000, 83):
        at = datetime(2026, 1, 1, 0, 7, 9, tzinfo=UTC) + timedelta(hours=hours)
        assert words.full(at) == format_datetime(at, "medium", tzinfo=words.tz, locale=words.locale)
        assert words.until(at) == words.full(at).replace(
            f"{at.astimezone(words.tz):%H:%M:%S}", words.clock(at)
        )
        assert words.clock(at) == format_time(at, "HH:mm", tzinfo=words.tz, locale=words.locale)


def test_a_sentence_is_translated_before_values_are_put_in_and_values_are_escaped() -> None:
    sentences = '{{ _("until %(time)s", time="<b>") }}|{{ _("100 %%") }}|{% if 1 %}{{ _("Open") }}{% endif %}'
    icons = (
        '{{ icon("mail") }}{{ icon(name) }}{% macro m() %}{{ icon("mail", "A & B") }}{% endmacro %}{{ m() }}'
    )
    drawing = Drawing(load_assets(), DictLoader({"sentences": sentences, "icons": icons}))
    assert drawing.draw("sentences", Words("de")) == "bis &lt;b&gt;|100 %|Offen"
    assert drawing.draw("sentences", Words("en")) == "until &lt;b&gt;|100 %|Open"
    drawn = drawing.draw("icons", Words("en"), name="mail")
    assert drawn.count('#mail"/></svg>') == 3
    assert drawn.count("<svg") == 3
    assert 'aria-label="A &amp; B"' in drawn
