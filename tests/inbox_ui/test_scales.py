"""Sizes of type and spaces come from the scales in tokens.css, so that a page cannot bring one of its own."""

import re
from pathlib import Path

import inbox_ui

STYLES = Path(inbox_ui.__path__[0]) / "static" / "css"


def test_every_size_of_type_is_one_of_the_scale() -> None:
    known = set(re.findall(r"--size-[a-z]+(?=:)", (STYLES / "tokens.css").read_text("utf-8")))
    assert len(known) == 7
    allowed = {f"var({each})" for each in known} | {"inherit", "0"}  # 0: the icon alone is shown
    strange = [
        f"{path.name}: {size}"
        for path in sorted(STYLES.glob("*.css"))
        for size in re.findall(r"font-size:\s*([^;}]+)", path.read_text("utf-8"))
        if size.strip() not in allowed
    ]
    assert strange == []


def test_what_is_a_space_of_the_scale_is_called_so() -> None:
    tokens = (STYLES / "tokens.css").read_text("utf-8")
    scale = set(re.findall(r"--space-\d: ([\d.]+rem)", tokens))
    assert len(scale) == 6
    named = re.compile(r"(?<![\w-])(?:padding|margin|gap|row-gap|column-gap)[a-z-]*:([^;}]*)")
    raw = [
        f"{path.name}: {space}"
        for path in sorted(STYLES.glob("*.css"))
        for spaces in named.findall(path.read_text("utf-8"))
        for space in re.findall(r"(?<![\d.\w-])[\d.]+rem", spaces)
        if space in scale
    ]
    assert raw == []
