"""For everyone: axe finds nothing in either theme, colours are strong enough, the first load is small."""

import re
from itertools import product

import pytest
from playwright.async_api import expect

from tests.house.tree import TOP
from tests.inbox_ui.conftest import NewWindow, Site
from tests.inbox_ui.test_a_day import arrive

LARGEST_FIRST_LOAD = 150_000  # bytes over the wire
TOKENS = (TOP / "inbox_ui" / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
# What is written on what; every pair at least 4.5 : 1.
ON_EVERY_GROUND = ("text", "text-quiet", "text-faint")
PAIRS = [
    *product(ON_EVERY_GROUND, ("page", "surface", "sunk", "note", "accent-soft")),
    ("accent-strong", "accent-soft"),
    ("accent-strong", "surface"),
    ("accent-strong", "page"),
    ("on-accent", "accent"),
    ("public", "public-soft"),
    ("public", "surface"),
    ("public", "page"),
    ("on-public", "public"),
    ("danger", "danger-soft"),
    ("danger", "surface"),
    ("danger", "page"),
    ("note-text", "note"),
    ("note-text", "page"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (390, 844)], ids=["wide", "middle", "phone"])
async def test_axe_finds_nothing(
    new_window: NewWindow, site: Site, scheme: str, size: tuple[int, int]
) -> None:
    await arrive(site, "See https://example.org/a?b=c")
    window = await new_window(*size, scheme=scheme)
    await window.page.goto(f"{site.url}/desk/sign-in")
    assert await window.findings() == []
    await window.sign_in(site.ana)
    assert await window.findings() == []
    await window.open("Tomás")
    await window.page.keyboard.press("n")
    await window.page.keyboard.type("The hall is booked.")
    await window.page.keyboard.press("Control+Enter")
    await expect(window.page.locator("#timeline .note")).to_be_visible()
    assert await window.findings() == []
    await window.page.keyboard.press("Escape")
    for key, place in (("a", "#assign-menu"), ("Control+k", "#palette"), ("?", "#keys")):
        await window.page.keyboard.press(key)
        await expect(window.page.locator(place)).to_be_visible()
        assert await window.findings() == []
        await window.page.keyboard.press("Escape")


async def test_the_first_load_is_small_and_the_second_smaller(new_window: NewWindow, site: Site) -> None:
    for number in range(50):
        site.office.platform.write(
            site.office.world.person(f"person{number}", name=f"Person {number}"),
            f"Message {number}: is the workshop in Lisbon still on for the fourth, and may my sister come?",
        )
    await site.office.conversation(50)
    window = await new_window()
    await window.page.goto(f"{site.url}/desk/sign-in")
    session = await window.context.new_cdp_session(window.page)
    await session.send("Network.enable")
    bytes_in: list[float] = []
    session.on("Network.loadingFinished", lambda event: bytes_in.append(event["encodedDataLength"]))
    await window.sign_in(site.ana)
    await window.live()
    first = sum(bytes_in)
    assert first < LARGEST_FIRST_LOAD
    bytes_in.clear()
    await window.page.reload()
    await window.live()
    assert sum(bytes_in) < first / 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_pair_of_colours_is_strong_enough(theme: str) -> None:
    colours = resolved(theme)
    weak = {
        f"{text} on {ground}": round(contrast(colours[text], colours[ground]), 2)
        for text, ground in PAIRS
        if contrast(colours[text], colours[ground]) < 4.5
    }
    assert weak == {}


def test_both_ways_to_dark_are_the_same() -> None:
    by_system, by_choice = (
        block(start) for start in (':not([data-theme="light"]) {', ':root[data-theme="dark"] {')
    )
    assert by_system == by_choice


def block(start: str) -> dict[str, str]:
    inside = TOKENS[TOKENS.index(start) + len(start) :].split("}")[0]
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", inside))


def resolved(theme: str) -> dict[str, str]:
    values = block(":root {")
    if theme == "dark":
        values |= block(':root[data-theme="dark"] {')
    meanings = dict(re.findall(r"--([\w-]+): var\(--([\w-]+)\);", TOKENS))
    return values | {name: values[value] for name, value in meanings.items()}


def contrast(one: str, other: str) -> float:
    """As WCAG computes it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
