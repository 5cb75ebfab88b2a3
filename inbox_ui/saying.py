"""What the hub says, in the language of the reader: refusals by their code, reasons by their sentence."""

from datetime import timedelta

from hub.auth.signing_in import SignInRefused
from hub.model.sentences import SENTENCES, Refusal, reason_in
from inbox_ui.words import Words


def told(problem: Refusal, words: Words) -> str:
    """Why something was refused, and when to try again where that is known."""
    text = SENTENCES.get(problem.code)
    found = str(problem) if text is None else words.gettext(text, **problem.details)
    if isinstance(problem, SignInRefused) and problem.wait is not None:
        wait = max(problem.wait, timedelta(seconds=1))
        again = words.gettext("The next attempt is possible in %(time)s.", time=words.span(wait))
        return f"{found} {again}"
    return found


def why(text: str, words: Words) -> str:
    """A reason as it was stored; one that nobody translated (a rule's, a platform's) stays as it is.

    A reason that ends with another one (`problem`) has both translated.
    """
    found = reason_in(text)
    if found is None:
        return words.gettext(text) if text.endswith(".") else text  # a connector's, if it is known
    code, details = found
    said = {name: why(value, words) if name == "problem" else value for name, value in details.items()}
    return words.gettext(SENTENCES[code], **said)
