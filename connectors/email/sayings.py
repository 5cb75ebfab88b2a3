"""What servers and systems say, as sentences that an agent can read."""

_LONGEST = 480


def sentence(text: str) -> str:
    """On one line, with a capital at its beginning and a stop at its end, and not longer than one reads."""
    text = " ".join(text.split())[:_LONGEST].rstrip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def in_words(problem: BaseException) -> str:
    """What the server or the system said about it."""
    words = problem.args[0] if problem.args and not isinstance(problem, OSError) else str(problem)
    if isinstance(words, bytes):
        words = words.decode("utf-8", "replace")
    return " ".join(str(words).split())[:300] or type(problem).__name__
