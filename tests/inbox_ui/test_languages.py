"""Every sentence of the pages has its translation.

`python -m tests.inbox_ui.test_languages` adds what is new to the catalogues.
"""

import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract
from playwright.async_api import expect

from hub.model.sentences import SENTENCES
from inbox_ui.script_words import script_words
from inbox_ui.words import LANGUAGES, Words
from tests.house.tree import TOP
from tests.inbox_ui.conftest import NewWindow, Site
from tests.inbox_ui.connector_words import connector_sentences, in_source
from tests.inbox_ui.test_a_day import arrive

PAGES = TOP / "inbox_ui"
TRANSLATED = [language for language in LANGUAGES if language != "en"]
# %s, %(name)s, {name}: what a translation must keep.
HEADER = "# Hubbub's pages in another language. `python -m tests.inbox_ui.test_languages` adds what is new."
BLANK = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


def sentences() -> Iterator[tuple[str | tuple[str, ...], str]]:
    """What the sources ask to be translated, with the file it stands in."""
    for path in sorted(PAGES.rglob("*.py")):
        for message in in_source(path):
            yield message, path.name
    for path in sorted(each for each in (PAGES / "templates").rglob("*") if each.suffix in (".html", ".txt")):
        found = babel_extract(
            io.BytesIO(path.read_bytes()), ("_", "gettext", "ngettext"), (), {"trimmed": "true"}
        )
        for _, function, both, _ in found:
            plural = tuple(str(each) for each in both[:2]) if isinstance(both, tuple | list) else ()
            yield (plural if function == "ngettext" else _text(both)), path.name


def _text(message: object) -> str:
    first = message[0] if isinstance(message, tuple | list) else message
    assert isinstance(first, str)
    return first


def hub_sentences() -> Iterator[tuple[str, str]]:
    """What the hub says, with its code."""
    for code, text in SENTENCES.items():
        yield text, code


ASKED = {"inbox_ui.po": sentences, "hub.po": hub_sentences, "connectors.po": connector_sentences}


def catalogue_file(language: str, name: str) -> Path:
    return PAGES / "locale" / language / name


def catalogue(language: str, name: str) -> Catalog:
    with catalogue_file(language, name).open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated_and_none_is_left_over(language: str, name: str) -> None:
    known = {message.id: message for message in catalogue(language, name) if message.id}
    asked = {message for message, _ in ASKED[name]()}
    missing = {message for message in asked if message not in known or not all(_both(known[message].string))}
    assert missing == set()
    assert {message for message in known if message not in asked} == set()
    assert not [message for message in known.values() if message.fuzzy]


def test_what_scripts_say_is_drawn_for_them() -> None:
    sources = [path.read_text(encoding="utf-8") for path in sorted((PAGES / "static" / "js").glob("*.js"))]
    said = {key for source in sources for key in re.findall(r'\bwords\("(\w+)"', source)}
    assert len(said) > 20
    assert said <= script_words(Words("en", "UTC")).keys()


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_the_blanks(language: str, name: str) -> None:
    for message in catalogue(language, name):
        for original, translated in zip(_both(message.id), _both(message.string), strict=False):
            assert sorted(BLANK.findall(original)) == sorted(BLANK.findall(translated)), original


@pytest.mark.parametrize("name", ASKED)
def test_german_says_sie_everywhere(name: str) -> None:
    du = re.compile(r"\b(?:[Dd]u|[Dd]ich|[Dd]ir|[Dd]eine?[mnrs]?|[Ee]uch|[Ee]uere?[mnrs]?)\b")
    told = re.compile(r"(?:^|[.:;,] )(?:[Ww]ähle|[Ll]ies|[Ss]uche|[Vv]ersuche|[Mm]elde|[Nn]imm|[Gg]ib) ")
    said = [text for message in catalogue("de", name) for text in _both(message.string)]
    assert [text for text in said if du.search(text) or told.search(text)] == []


async def test_a_german_reads_german_and_their_own_times(new_window: NewWindow, site: Site) -> None:
    await arrive(site)
    window = await new_window(language="de-DE")
    await window.page.goto(f"{site.url}/desk/sign-in")
    await expect(window.page.locator("html")).to_have_attribute("lang", "de")
    await window.sign_in(site.ana)
    await expect(window.page.locator("#list h1")).to_have_text("Offen")
    await window.open("Tomás")
    await expect(window.page.locator("form.reply [data-send]")).to_contain_text("Senden")
    message = (await site.office.messages((await site.office.conversation()).id, 1))[0]
    expected = Words("de", "Europe/Berlin").clock(message.at)
    await expect(window.page.locator("#timeline .theirs .by time")).to_have_text(expected)


async def test_the_language_is_chosen_at_the_door_and_kept(new_window: NewWindow, site: Site) -> None:
    window = await new_window()
    await window.page.goto(f"{site.url}/desk/sign-in")
    await window.page.click("button:has-text('Deutsch')")
    await expect(window.page.locator("h1")).to_have_text("Bei Hubbub anmelden")
    await window.sign_in(site.ana)
    await expect(window.page.locator("#list h1")).to_have_text("Offen")


def _both(text: object) -> list[str]:
    if isinstance(text, tuple | list):
        return [str(each) for each in text]
    return [str(text)] if text else [""]


def add_what_is_new() -> None:
    """Bring the catalogues up to date; what is new waits for its translation."""
    for language, (name, asked) in itertools.product(TRANSLATED, ASKED.items()):
        path = catalogue_file(language, name)
        fresh = Catalog(locale=language, header_comment=HEADER, project="Hubbub", version="")
        old = catalogue(language, name) if path.exists() else Catalog(locale=language)
        for message, place in asked():
            kept = old.get(message if isinstance(message, str) else message[0])
            fresh.add(message, kept.string if kept else "", locations=[(place, 0)])
        save(fresh, path)


def save(catalogue: Catalog, path: Path) -> None:
    """Without what changes by itself: dates, line numbers, who did it."""
    text = io.BytesIO()
    write_po(text, catalogue, include_lineno=False, sort_output=True, width=110)
    volatile = re.compile(
        rb'^"(?!Language:|Plural-Forms|MIME|Content-T).*\\n"\n|^#, fuzzy\n(?=msgid ""\n)', re.MULTILINE
    )
    path.write_bytes(volatile.sub(b"", text.getvalue()))


if __name__ == "__main__":
    add_what_is_new()
