"""What the widget says, in the languages it speaks. Every text may be said otherwise by the settings."""

import tomllib
from collections.abc import Mapping
from importlib import resources

LANGUAGES = ("en", "de")


def _read(language: str) -> Mapping[str, str]:
    text = (resources.files("connectors.webchat.texts") / f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


TEXTS: Mapping[str, Mapping[str, str]] = {language: _read(language) for language in LANGUAGES}


def chosen_language(wanted: str, asked: str) -> str:
    """`wanted` by the settings, or else the first that the visitor's page and browser ask for."""
    if wanted in LANGUAGES:
        return wanted
    for each in asked.lower().split(","):
        if (found := each.strip().partition("-")[0]) in LANGUAGES:
            return found
    return LANGUAGES[0]


def filled(text: str, blanks: Mapping[str, str]) -> str:
    """With {name} replaced where it is known; other braces stay."""
    for name, value in blanks.items():
        text = text.replace(f"{{{name}}}", value)
    return text
