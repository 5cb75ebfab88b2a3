"""Foreign text on the page: initials for a face, addresses to be clicked; all else is escaped."""

import re

from markupsafe import Markup, escape

ADDRESS = re.compile(r"https?://[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
TRAILING = ".,;:!?)]}…»”’"
LONGEST_ADDRESS = 2000


def initials(name: str) -> str:
    """Two letters for a face; the sign of a handle stays a sign."""
    if name.startswith(("@", "#")):
        return name[0]
    letters: list[str] = [word[0] for word in re.findall(r"\w+", name) if word[0].isalnum()]
    if not letters:
        return "·"
    return (letters[0] + (letters[-1] if len(letters) > 1 else "")).upper()


def linked(text: str) -> Markup:
    """Escaped, with web addresses as links."""
    parts: list[Markup] = []
    done = 0
    for match in ADDRESS.finditer(text):
        address = match[0].rstrip(TRAILING)
        if match[0][len(address) :].startswith(")") and "(" in address:
            address += ")"
        if len(address) > LONGEST_ADDRESS:
            continue
        parts.append(escape(text[done : match.start()]))
        parts.append(
            Markup('<a href="{}" target="_blank" rel="noopener noreferrer nofollow ugc">{}</a>').format(
                address, address
            )
        )
        done = match.start() + len(address)
    parts.append(escape(text[done:]))
    return Markup("").join(parts)
