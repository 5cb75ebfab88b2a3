"""What servers and systems say, as sentences that an agent can read."""

import traceback

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
    text = str(words)
    if text[:2] in ("b'", 'b"'):  # bytes that somebody made into a text
        text = text[2:-1]
    return " ".join(text.split())[:300] or type(problem).__name__


def place_of(problem: BaseException) -> str:
    """What broke and where in our code, for whoever mends it. Not its words: they may quote the mail."""
    frames = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in frames if "connectors" in frame.filename] or frames
    if not own:
        return type(problem).__name__
    at = own[-1]
    file = at.filename.replace("\\", "/").rpartition("/connectors/")[2]
    return f"{type(problem).__name__} in {at.name}, {file}:{at.lineno}"
