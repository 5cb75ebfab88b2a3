"""Counting as platforms count."""

import pytest

from hub.contract.measures import graphemes, utf8_bytes, utf16_units, weighted

FAMILY = "👩‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "units", "seen", "weight", "size"),
    [
        ("", 0, 0, 0, 0),
        ("abc é", 5, 5, 5, 6),
        ("日本語", 3, 3, 6, 9),
        (FAMILY, 11, 1, 2, 25),
        ("1️⃣ 🇩🇪 ❤️ ©", 13, 7, 10, 26),
        ("see https://shop.example/a?b=c.", 31, 31, 28, 31),
        ("e\u0301", 2, 1, 1, 3),
    ],
)
def test_each_platform_counts_in_its_own_way(
    text: str, units: int, seen: int, weight: int, size: int
) -> None:
    assert (utf16_units(text), graphemes(text), weighted(text), utf8_bytes(text)) == (
        units,
        seen,
        weight,
        size,
    )
