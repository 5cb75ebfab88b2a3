"""A mail on the wire: its dots doubled, and never the whole of it worked through in one go."""

import re
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from connectors.email.dots import PIECE, dot_stuffed


@given(
    st.lists(st.sampled_from([b".", b"..", b"a", b"\r\n", b"\r\n.", b"."]), max_size=60), st.integers(0, 3)
)
def test_a_dot_that_begins_a_line_is_doubled_wherever_the_pieces_end(words: list[bytes], shift: int) -> None:
    content = b"x" * (PIECE - 20 - shift) + b"\r\n" + b"".join(words) + b"\r\n"
    assert b"".join(dot_stuffed(content)) == re.sub(rb"(?m)^\.", b"..", content)


def test_what_begins_with_a_dot_and_ends_without_a_line_is_sent_whole() -> None:
    assert b"".join(dot_stuffed(b".")) == b"..\r\n"
    assert b"".join(dot_stuffed(b"")) == b"\r\n"


def test_a_large_mail_is_never_copied_whole() -> None:
    content = b".0123456789\r\n" * 500_000
    tracemalloc.start()
    try:
        written = sum(len(piece) for piece in dot_stuffed(content))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert written == len(content) + 500_000
    assert peak < 1_000_000
