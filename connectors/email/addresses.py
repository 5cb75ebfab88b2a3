"""Address lists as people and programs write them, read without ever refusing one.

One pass over the text cuts it into tokens; names are decoded last, so a comma inside a quoted or encoded name
never cuts an address in two.
"""

import re

import idna

from connectors.email.mail import Address
from connectors.email.words import decode_words

MAX_ADDRESSES = 2000
MAX_TEXT = 256 * 1024
MAX_NAME = 2000  # characters; what is searched for an address where no bracket marks it
_TOKEN = re.compile(r'"(?:[^"\\]|\\.){0,1000}"|<[^<>]*>?|[(),;:]|[^"<>(),;:]+|["<>]', re.S)
_LOOKS_LIKE = re.compile(r"[^\s@<>(),;:\"\[\]]{1,128}@(?:\[[^\]\s]{1,64}\]|[^\s@<>(),;:\"\[\]]{1,255})")
_QUOTED_LOCAL = re.compile(r'^"((?:[^"\\]|\\.){1,200})"@(\S{1,255})$')


def read_addresses(text: str, hint: str = "") -> tuple[Address, ...]:
    """Every mailbox in an address field, groups opened; what holds no address is dropped."""
    text = text[:MAX_TEXT].strip()
    if not text:
        return ()
    if text.count("\\") > MAX_NAME:  # no name needs so many, and each keeps a quotation from ending
        text = text.replace("\\", "")
    found = _read(text, hint)
    if not found and "=?" in text:  # the address was encoded along with the name
        found = _read(decode_words(text, hint), hint)
    return tuple(found)


def read_address(text: str, hint: str = "") -> Address:
    """The first mailbox of a field; if it holds none, its text is kept as the name."""
    found = read_addresses(text, hint)
    return found[0] if found else Address(_tidy(decode_words(text[:500], hint)), "")


def clean_address(text: str) -> str:
    """`local@domain`, the domain in lower case and Unicode; "" if this is no address."""
    text = text.strip().strip("<>'`").strip()
    text = re.sub(r"^(?:mailto|smtp):", "", text, flags=re.I)
    if text.startswith("@") and ":" in text:  # a source route
        text = text.rpartition(":")[2]
    quoted = _QUOTED_LOCAL.match(text)
    local, _, domain = (quoted[1], "@", quoted[2]) if quoted else text.rpartition("@")
    local = local if quoted else "".join(local.split()).strip('"')
    domain = "".join(domain.split()).strip(".'\"").lower()
    if not local or not domain or len(domain) > 255 or len(local) > 255:
        return ""
    if "xn--" in domain:
        try:
            domain = idna.decode(domain)
        except (idna.IDNAError, UnicodeError):
            pass
    return f"{local}@{domain}".replace("\0", "")


def _read(text: str, hint: str) -> list[Address]:
    out: list[Address] = []
    name: list[str] = []
    comment: list[str] = []
    angle: str | None = None
    depth = 0
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if depth or piece == "(":
            depth += (piece == "(") - (piece == ")")
            if depth and not (piece == "(" and depth == 1):
                comment.append(piece)
            depth = max(depth, 0)
        elif piece in (",", ";"):
            name = _end(out, name, comment, angle, hint, piece)
            comment, angle = [], None
            if len(out) >= MAX_ADDRESSES:
                return out
        elif piece == ":" and angle is None and not _is_scheme(name):
            name = []  # what came before it named a group
        elif piece.startswith("<") and angle is None and (len(piece) > 2 or piece == "<"):
            angle = piece.strip("<>")
        elif piece != ")":
            name.append(piece)
    _end(out, name, comment, angle, hint, ";")
    return out


def _end(
    out: list[Address], name: list[str], comment: list[str], angle: str | None, hint: str, by: str
) -> list[str]:
    """Close one address. What is left over belongs to the next: an unquoted "Doe, John <john@...>"."""
    words = "".join(name).strip()[-MAX_NAME:]
    if angle is not None and not _LOOKS_LIKE.search(angle) and "@" not in angle and _LOOKS_LIKE.search(words):
        words, angle = words.replace(angle, ""), None
    if angle is None:
        mailbox = _QUOTED_LOCAL.match(words) or _LOOKS_LIKE.search(words)
        if mailbox is None:
            return [words, ", "] if words and by == "," else []
        angle = mailbox[0]
        words = (words[: mailbox.start()] + words[mailbox.end() :]).strip()
    address = clean_address(decode_words(angle, hint) if "=?" in angle else angle)
    spoken = _tidy(decode_words(_unquoted(words), hint)) or _tidy(decode_words("".join(comment), hint))
    if address:
        out.append(Address("" if spoken.lower() == address.lower() else spoken, address))
    return []


def _unquoted(words: str) -> str:
    return re.sub(r'"((?:[^"\\]|\\.){0,1000})"', lambda match: re.sub(r"\\(.)", r"\1", match[1]), words)


def _tidy(name: str) -> str:
    name = " ".join(name.split()).strip(" ,;<>[]").removesuffix("mailto:").rstrip()
    for quote in ('"', "'"):
        if len(name) > 1 and name[0] == name[-1] == quote:
            name = name[1:-1].strip()
    return name.removeprefix('"').removesuffix('"') if name.count('"') == 1 else name


def _is_scheme(name: list[str]) -> bool:
    return "".join(name).strip().lower() in ("mailto", "smtp")
