"""Words as search knows them: casefolded, without accents; scripts without spaces in pairs of signs. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from hub.model.inbox import Entry, Message, Note, Side
from hub.model.people import Identity

LONGEST = 40
# Of one entry. No real mail has as many different words; made-up ones must not fill a document of the index.
MOST = 10_000
LETTERS = 80_000
ADDRESS = 100  # characters by which a whole address is found
ADDRESSES = 100  # of one message
_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)
# So frequent that they narrow nothing: passed over, when read and when asked for.
PASSED_OVER = frozenset(
    """
    a about all also am an and any are as at be been but by can could did do does for from had has have he her
    his how i if in into is it its just me my no not of on or our out she so some than thank that the their
    them then there they this to up us was we were what when which who will with would you your
    aber als auch auf aus bei bin bis da dann das dass dem den der des die dir doch du ein eine einem einen
    einer er es fur haben hat hatte ich ihr ihre im ist ja kann kein keine konnen man mehr mein meine mich mir
    mit nach nicht noch nur oder schon sehr sich sie sind uber um und uns von vor war wenn werden wie wir wird
    zu zum zur
    """.split()  # noqa: SIM905 a list of two hundred quoted words reads worse
)


def plain(text: str) -> str:
    """Casefolded, without accents."""
    if text.isascii():
        return text.lower()
    # Casefolded again behind the decomposition: 𝕊 becomes S there. Then once more, until nothing changes.
    folded = text.casefold()
    while (again := _without_marks(unicodedata.normalize("NFKD", folded)).casefold()) != folded:
        folded = again
    return folded


@lru_cache(maxsize=4096)
def _known(part: str) -> str:
    return plain(part)


def _without_marks(text: str) -> str:
    return "".join(sign for sign in text if not unicodedata.combining(sign))


def words_of(text: str) -> Iterator[str]:
    """Every word in its search form, in the order of the text."""
    for word in _WORD.findall(_plain_parts(text)):
        if word.isascii():
            yield word[:LONGEST]
        else:
            yield from _pieces(word)


def _plain_parts(text: str) -> str:
    """As `plain`, three times as fast: most parts are ASCII, most of the others have been seen before."""
    if text.isascii():
        return text.lower()
    return " ".join(
        part.lower() if part.isascii() else _known(part) if len(part) <= LONGEST else plain(part)
        for part in text.split()
    )


def terms_of(entry: Entry, author: Identity | None = None) -> list[str]:
    """What an entry is found by: its words; `@` before those of its author, `#` before facts of it.

    `author`: who wrote it, if that is known; found by their addresses, too.
    """
    terms: dict[str, None] = {}
    if isinstance(entry, Message):
        channels = (entry.channel, *(copy.channel for copy in entry.copies))
        terms.update(dict.fromkeys(f"#channel:{each}" for each in channels))
        if entry.content.attachments:
            terms["#has:attachment"] = None
        terms.update(_of_addresses(entry, author))
        names = [attachment.name for attachment in entry.content.attachments]
        texts = [entry.content.subject or "", entry.author_name, *names, entry.content.text]
    elif isinstance(entry, Note):
        texts = [entry.author_name, entry.text]
    else:
        return []
    terms.update(dict.fromkeys(f"@{word}" for word in words_of(entry.author_name)))
    return _with_words(terms, texts)


def _with_words(terms: dict[str, None], texts: Iterable[str]) -> list[str]:
    letters = 0
    for text in texts:
        for word in words_of(text):
            if word not in PASSED_OVER and word not in terms:
                terms[word] = None
                letters += len(word)
                if len(terms) >= MOST or letters >= LETTERS:
                    return list(terms)
    return list(terms)


def _of_addresses(message: Message, author: Identity | None) -> dict[str, None]:
    """Who wrote it, whole and in words; whom it was for, in words."""
    terms: dict[str, None] = {}
    if author is not None and message.side is Side.CUSTOMER:
        own = (author.key, author.handle, author.email, author.phone, *author.claimed)
        for address in [each for each in own if each][:ADDRESSES]:
            if whole := whole_address(address):
                terms[whole] = None
            for word in words_of(address[:ADDRESS]):
                terms |= {f"@{word}": None, word: None}
    sent = message.delivery
    others = [*(each.key for each in message.people), *((*sent.to, *sent.cc, *sent.bcc) if sent else ())]
    for address in others[:ADDRESSES]:
        terms.update(dict.fromkeys(words_of(address[:ADDRESS])))
    return terms


def whole_address(text: str) -> str | None:
    """How an address is found as a whole, or by its beginning: `@cora@shop.example`. None: it is none."""
    address = "".join(plain(text).split()).strip("@<>\"'(),;")
    return f"@{address[:ADDRESS]}" if "@" in address else None


def hits_in(
    text: str, words: Iterable[str], prefix: str | None, reach: int | None = None
) -> list[tuple[int, int]]:
    """Where words stand in a text as it was written; `prefix`: the beginning of a word.

    `reach`: only up to so many signs behind the first.
    """
    wanted = set(words)
    found: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        if found and reach is not None and match.start() > found[0][0] + reach:
            break
        word = match.group()
        if word.isascii():
            word = word.lower()[:LONGEST]
            if word in wanted or (prefix and word.startswith(prefix)):
                found.append(match.span())
            continue
        word = plain(word)
        pieces = set(_pieces(word))
        if pieces & wanted or (prefix and any(each.startswith(prefix) for each in pieces)):
            found.append(_within(match, word, pieces & wanted))
    return found


def _within(match: re.Match[str], word: str, pieces: set[str]) -> tuple[int, int]:
    """The whole word; of a long run without spaces, the signs that were asked for."""
    start, end = match.span()
    if not _CJK.search(word) or len(word) != end - start or not pieces:
        return start, end
    places = [(word.find(piece), len(piece)) for piece in pieces if piece in word]
    return start + min(at for at, _ in places), start + max(at + length for at, length in places)


def _pieces(word: str) -> Iterator[str]:
    at = 0
    for run in _CJK.finditer(word):
        if run.start() > at:
            yield word[at : run.start()][:LONGEST]
        signs = run.group()
        if len(signs) == 1:
            yield signs
        yield from (signs[index : index + 2] for index in range(len(signs) - 1))
        at = run.end()
    if at < len(word):
        yield word[at:][:LONGEST]
