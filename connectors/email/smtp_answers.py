"""What an SMTP server's refusals mean in the contract's words. Pure."""

import re
from datetime import timedelta

from connectors.email.sayings import sentence
from hub.contract.errors import (
    AuthBroken,
    ConnectorError,
    RateLimited,
    Rejected,
    RejectReason,
    Unavailable,
)

SAID_MOST = 1000  # characters of an answer that are read
_PACE = re.compile(  # of a refusal for now
    r"rate.?limit|too much mail|"
    r"too many (?:\w+ ){0,2}(?:connections|sessions|messages|e?-?mails|requests|commands|log-?ins)|"
    r"thrott|slow down|sending limit|quota.{0,20}sen[dt]|submission ?quota|"
    r"exceeded.{0,40}(?:limit|messages|rate)|thread limit|4\.7\.28|5\.4\.5|4\.3\.2",
    re.I,
)
# A full mailbox or disk, a size, a loop, too many recipients in one mail: it is not us who send too much.
_NOT_OF_PACE = ((2, 2), (2, 3), (3, 1), (3, 4), (4, 6), (5, 3))
# A refusal for good ends a message, a pace holds the whole channel: only a quota of what we send is one.
_QUOTA_STATUS = ((4, 5), (7, 28))
_QUOTA = re.compile(
    r"submission ?quota|"
    r"(?=.*\b(?:dai?ly|per day|hourly|per hour|24.?h))(?=.*(?:limit|quota|exceed|maxim|max\b))"
    r"(?=.*(?:sen[dt]|relay|submi|outgoing|outbound|messages|e-?mails))(?!.*(?:receiv|incoming|inbound|size))",
    re.I,
)
_AGAIN_IN = re.compile(r"\b(?:in|after|wait)\s+(\d{1,5})\s*(second|sec|minute|min|hour|s|m|h)", re.I)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours"}
_PATIENCE = timedelta(minutes=1)
_DAILY = timedelta(hours=1)


def refusal(code: int, said: str) -> ConnectorError:
    """The error for a refused mail. `said` is the server's own text, maybe with an enhanced code first."""
    words = " ".join(said.split())[:300]
    kind = _kind(words)
    told = sentence(f"The mail server answered {code} {words}")
    if _is_pace(code, kind, words):
        return RateLimited(told, retry_after=_told_to_wait(words))
    if code in (530, 534, 535, 538):
        return AuthBroken(told)
    if 400 <= code < 500:
        return Unavailable(told)
    return Rejected(told, reason=_reason(code, kind, words.lower()))


def is_for_now(code: int, said: str) -> bool:
    """Whether a recipient may be taken later. One recipient too many will be one too many then, too."""
    words = " ".join(said.split()).lower()
    return code < 500 and _kind(words) != (5, 3) and "too many recipients" not in words


def _kind(words: str) -> tuple[int, int]:
    """The second and third number of an enhanced status (RFC 3463)."""
    status = re.match(r"([245])\.(\d{1,3})\.(\d{1,3})\b", words)
    return (int(status[2]), int(status[3])) if status else (0, 0)


def _is_pace(code: int, kind: tuple[int, int], words: str) -> bool:
    """Whether it is us who send too much, whatever the mail and whoever it is for."""
    if code < 500:
        return kind not in _NOT_OF_PACE and bool(_PACE.search(words))
    if kind in _QUOTA_STATUS:
        return True
    return kind[0] != 1 and kind not in _NOT_OF_PACE and bool(_QUOTA.search(words[:SAID_MOST]))


def _reason(code: int, kind: tuple[int, int], words: str) -> RejectReason:
    """By the enhanced status (RFC 3463) where there is one, else by the words that servers use."""
    if kind in ((3, 4), (2, 3)) or "too large" in words or "message size" in words or "too big" in words:
        return RejectReason.TOO_LONG
    if kind[0] == 7 or "spam" in words or "policy" in words or "blocked" in words or "blacklist" in words:
        return RejectReason.POLICY
    if kind[0] in (1, 2) or code in (551, 552, 553):
        return RejectReason.UNREACHABLE
    if code == 550 and re.search(r"user|mailbox|recipient|address|no such|unknown|does not exist", words):
        return RejectReason.UNREACHABLE
    if code in (555, 504) or kind == (6, 7):
        return RejectReason.UNSUPPORTED
    return RejectReason.OTHER


def _told_to_wait(words: str) -> timedelta:
    found = _AGAIN_IN.search(words)
    if found:
        return timedelta(**{_UNITS[found[2][0].lower()]: int(found[1])})
    return _DAILY if re.search(r"dai?ly|per day|24.?h|5\.4\.5", words, re.I) else _PATIENCE
