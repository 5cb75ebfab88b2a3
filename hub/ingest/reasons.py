"""Why something that came in could not be worked on, in words that anybody may read."""

from pathlib import Path
from traceback import extract_tb

from hub.contract.errors import ConnectorError
from hub.model.sentences import sentence

OURS = ("hub", "connectors", "routing")


def reason_of(problem: Exception) -> str:
    """A connector's own words; of a mistake, what broke and where.

    What an unforeseen error says itself is left out: it may quote the message or a setting.
    """
    if isinstance(problem, ConnectorError):
        return str(problem)
    return sentence("arrival_unreadable", place=f"{type(problem).__name__}{_where(problem)}")


def _where(problem: Exception) -> str:
    frames = extract_tb(problem.__traceback__)
    for frame in reversed(frames):
        parts = Path(frame.filename).parts
        for room in OURS:
            if room in parts[:-1] and "site-packages" not in parts:
                place = "/".join(parts[len(parts) - 1 - parts[::-1].index(room) :])
                return f" in {place}, line {frame.lineno}"
    return ""
