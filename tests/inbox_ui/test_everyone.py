"""For everyone: colours are strong enough, the first load is small (axe: test_every_page.py)."""

import re
from itertools import product

import pytest
from playwright.async_api import expect

from hub.auth.sessions import start_session
from inbox_ui.visitor import SESSION_COOKIE
from tests.house.tree import TOP
from tests.inbox_ui.conftest import NewWindow, Site

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


async def test_the_first_load_is_small_and_the_second_smaller(new_window: NewWindow, site: Site) -> None:
    for number in range(50):
        site.office.platform.write(
            site.office.world.person(f"person{number}", name=f"Person {number}"),
            f"Message {number}: is the workshop in Lisbon still on for the fourth, and may my sister come?",
        )
    await site.office.conversation(50)
    window = await new_window()  # it knows nothing but who is signed in: all of it comes over the wire
    entered = await start_session(site.auth, site.ana, "password", address="127.0.0.1", browser="")
    await window.context.add_cookies(
        [{"name": SESSION_COOKIE, "value": entered.token or "", "url": f"{site.url}/desk"}]
    )
    session = await window.context.new_cdp_session(window.page)
    await session.send("Network.enable")
    bytes_in: list[float] = []
    session.on("Network.loadingFinished", lambda event: bytes_in.append(event["encodedDataLength"]))
    await window.page.goto(f"{site.url}/desk/inbox/open")
    await window.live()
    await expect(window.page.locator("#rows > li")).to_have_count(50)
    assert len([url for url in window.asked if "/style.css" in url]) == 1
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
