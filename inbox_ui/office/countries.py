"""Countries by their names in the reader's language."""

from collections.abc import Iterable

from inbox_ui.words import Words


def country_names(codes: Iterable[str], words: Words) -> list[tuple[str, str]]:
    """Code and name, by name."""
    named = [(each, str(words.locale.territories.get(each, each))) for each in codes]
    return sorted(named, key=lambda each: each[1].casefold())
