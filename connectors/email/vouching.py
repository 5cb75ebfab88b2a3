"""Whether our own mail server vouches that a mail from our address is from us (RFC 8601). Pure.

Anybody can write `From: support@…`, and an Authentication-Results field too. So only the topmost such field
counts, only if it comes from the receiving side (its name is of the house of the server in the topmost
Received, of the IMAP server, or of our domain), and only what it says of our own domain: SPF may well pass
for somebody else's. A server that writes this field removes forged ones of its own name. One that never
writes it lets a forged one through; nothing in a mail tells the two apart. (Checked 2026-11-23.)
"""

import re
from collections.abc import Iterable, Iterator

from connectors.email.headers import Headers
from connectors.email.message_ids import ascii_domain

_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')  # a sender may write whole results into a quoted local part
_RESULT = re.compile(r"^\s*([a-z-]+)(?:/\d+)?\s*=\s*([a-z]+)", re.I)
_PROPERTY = re.compile(r"\b((?:header|smtp)\.[a-z]+)\s*=\s*([^\s;]+)", re.I)
_BY = re.compile(r"\bby\s+([^\s;()]+)", re.I)
_NAMES = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom",), "dmarc": ("header.from",)}
_ONE_HOUSE = {
    "outlook.com": "office365.com",
    "gmail.com": "google.com",
}  # where IMAP has another name than MX


def is_vouched_for(headers: Headers, domain: str, imap_host: str) -> bool:
    """Whether DMARC, or DKIM or SPF for `domain`, passed at our own server."""
    fields = headers.texts("authentication-results")
    if not fields:
        return False
    said = _COMMENT.sub(" ", _COMMENT.sub(" ", _QUOTED.sub("", fields[0][:5000])))
    server, *results = said.split(";")
    receiver = _house(_received_by(headers))
    if "=" in server:  # Microsoft 365, and only it, does not say its name
        server, results = "", [server, *results]
        houses = {"office365.com"} if receiver == "office365.com" else set()
        named = receiver
    else:
        houses = {receiver, _house(imap_host), _house(domain)} - {""}
        named = _house((server.split() or [""])[0])
    if named not in houses:
        return False
    passed = dict(_passed(results, domain))
    if passed.get("dmarc") is not None:
        return passed["dmarc"]
    return passed.get("dkim", False) or passed.get("spf", False)


def _passed(results: Iterable[str], domain: str) -> Iterator[tuple[str, bool]]:
    """For each method that judged our domain whether it passed; one pass of several is enough."""
    verdicts: dict[str, bool] = {}
    for result in results:
        found = _RESULT.match(result)
        method, verdict = (found[1].lower(), found[2].lower()) if found else ("", "")
        if method not in _NAMES or verdict in ("none", "temperror"):
            continue
        named = [value for name, value in _PROPERTY.findall(result) if name.lower() in _NAMES[method]]
        ours = any(_is_within(each, domain) for each in named) or (method == "dmarc" and not named)
        verdicts[method] = verdicts.get(method, False) or (verdict == "pass" and ours)
    yield from verdicts.items()


def _is_within(named: str, domain: str) -> bool:
    found = ascii_domain(named.rpartition("@")[2])
    return found == domain or found.endswith(f".{domain}")


def _received_by(headers: Headers) -> str:
    fields = headers.texts("received")
    found = _BY.search(_COMMENT.sub(" ", fields[0][:2000])) if fields else None
    return found[1] if found else ""


def _house(host: str) -> str:
    """Whose server it is: the last two labels of its name, three under such as `co.uk`."""
    labels = ascii_domain(host).split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    house = ".".join(labels[-3:] if short else labels[-2:])
    return _ONE_HOUSE.get(house, house)
