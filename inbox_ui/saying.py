"""What the hub says, in the language of the reader: refusals by their code, reasons by their sentence."""

import re
from datetime import timedelta
from functools import lru_cache

from hub.auth.signing_in import SignInRefused
from hub.model.sentences import SENTENCES, Refusal, reason_in
from inbox_ui.words import Words, templates

_ENDS = re.compile(r"(?<=[.!?]) (?=[A-Z])")


def told(problem: Refusal, words: Words) -> str:
    """Why something was refused, and when to try again where that is known."""
    text = SENTENCES.get(problem.code)
    found = str(problem) if text is None else words.gettext(text, **problem.details)
    if isinstance(problem, SignInRefused) and problem.wait is not None:
        wait = max(problem.wait, timedelta(seconds=1))
        again = words.gettext("The next attempt is possible in %(time)s.", time=words.span(wait))
        return f"{found} {again}"
    return found


@lru_cache(maxsize=4096)  # the same few reasons stand behind most messages
def why(text: str, words: Words) -> str:
    """A reason as it was stored; what nobody translated (a server's own words, a rule's) stays as it is.

    A reason in which another one stands has both translated.
    """
    if found := reason_in(text):
        code, details = found
        said = {name: why(value, words) if name == "problem" else value for name, value in details.items()}
        return words.gettext(SENTENCES[code], **said)
    return _connectors(text, words)


def _connectors(text: str, words: Words) -> str:
    """What a connector said: a sentence, one with values in it, several, or one behind its place."""
    if not text or (whole := words.gettext(text)) != text:
        return whole if text else ""
    for said, pattern in templates(words.language).items():
        if found := pattern.fullmatch(text):
            values = {name: _connectors(value, words) for name, value in found.groupdict("").items()}
            return words.gettext(said, **values)
    pieces = _ENDS.split(text)
    if len(pieces) > 1:
        return " ".join(_connectors(each, words) for each in pieces)
    place, colon, rest = text.partition(": ")
    if colon and (known := words.gettext(place)) != place:  # "Receiving (IMAP): the server …"
        return f"{known}: {_connectors(rest, words)}"
    return text
