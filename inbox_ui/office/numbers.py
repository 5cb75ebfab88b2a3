"""Numbers as people fill them in, each with what is wrong beside its field. Pure."""

from collections.abc import Mapping

from inbox_ui.words import Words


class Numbers:
    """Reads a form; what is wrong is in `problems` afterwards."""

    def __init__(self, form: Mapping[str, str], words: Words) -> None:
        self.form, self.words = form, words
        self.problems: dict[str, str] = {}

    def read(self, name: str, most: int, least: int = 0) -> int | None:
        """None: nothing was filled in, or something that is no such number."""
        text = self.form.get(name, "").strip()
        if not text:
            return None
        if text.isascii() and text.isdecimal() and least <= int(text) <= most:
            return int(text)
        said = self.words.gettext(
            "A whole number between %(least)s and %(most)s, or nothing.", least=least, most=most
        )
        self.problems[name] = said
        return None
