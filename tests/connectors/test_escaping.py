"""Whatever somebody wrote is read as that, and marks nothing."""

from hypothesis import example, given
from hypothesis import strategies as st

from hub.contract.escaping import escaped
from tests.connectors.rendered import rendered


@given(st.text("ab #>-+=*_~`[]()<>&.!1;\\\n|é", max_size=40))
@example("1. one\n2) two\n---\n===\n    four\n&amp; <https://x.example> ![a](b)")
def test_no_sign_means_anything_any_more(text: str) -> None:
    assert rendered(escaped(text)) == [(sign, set()) for sign in text if not sign.isspace()]


@given(st.text("a #>-+1.)", max_size=6), st.text("a #>-+1.)", max_size=6))
def test_a_line_may_be_written_in_pieces(first: str, second: str) -> None:
    shown = rendered(escaped(first) + escaped(second, first))
    assert "".join(sign for sign, _ in shown) == "".join((first + second).split())
    assert all(not marks for _, marks in shown)


def test_words_stay_readable() -> None:
    assert escaped("5 - 3 > 1, a_b, R&D, 1.5 (or #4)!") == "5 - 3 > 1, a_b, R&D, 1.5 (or #4)!"
