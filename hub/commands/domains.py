"""Whether answers to a domain can arrive, and whether others believe mail from it: MX, SPF, DKIM, DMARC.

Looks the records up and judges them; pure but for `look_up`. Sources: RFC 5321 and 7505 (MX), 7208 (SPF),
6376 (DKIM), 7489 (DMARC), 8020 (nothing below a name that does not exist), checked 2026-11-23.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence

import dns.asyncresolver
import dns.exception
import dns.resolver

from hub.commands.findings import Finding, fail, ok, warn

Lookup = Callable[[str, str], Awaitable[list[str] | None]]

LOOK_WITHIN = 5.0  # seconds for one question
# The names under which the large providers and the usual programs publish their keys.
SELECTORS = (
    "google", "selector1", "selector2", "default", "dkim", "mail", "k1", "k2", "s1", "s2", "fm1", "fm2",
    "fm3", "protonmail", "zoho", "mx", "smtp", "20230601",
)  # fmt: skip


class NotLookedUp(Exception):
    """No answer, neither yes nor no; the text says why."""


async def look_up(name: str, kind: str) -> list[str] | None:
    """The records as text; () when there are none of the kind; None when the name itself does not exist."""
    try:
        answer = await dns.asyncresolver.resolve(name, kind, lifetime=LOOK_WITHIN, search=False)
    except dns.resolver.NXDOMAIN:
        return None
    except dns.resolver.NoAnswer:
        return []
    except dns.resolver.NoResolverConfiguration as problem:
        raise NotLookedUp("this machine has no name server") from problem
    except (dns.exception.Timeout, dns.resolver.NoNameservers) as problem:
        raise NotLookedUp("no name server answered") from problem
    except (dns.exception.DNSException, OSError) as problem:
        raise NotLookedUp(type(problem).__name__) from problem
    return [_text(record) for record in answer]


def _text(record: object) -> str:
    """TXT records come in pieces that belong together."""
    if pieces := getattr(record, "strings", None):
        return b"".join(pieces).decode("utf-8", "replace")
    return str(record)


async def check_domain(domain: str, look: Lookup = look_up) -> list[Finding]:
    checks = {"MX": _mx, "SPF": _spf, "DKIM": _dkim, "DMARC": _dmarc}
    return list(
        await asyncio.gather(
            *(_checked(f"{name} of {domain}", check(domain, look)) for name, check in checks.items())
        )
    )


async def _checked(what: str, check: Awaitable[Finding]) -> Finding:
    try:
        return await check
    except NotLookedUp as problem:
        return warn(what, f"could not be looked up: {problem}.", "Try again from a machine with working DNS.")


async def _mx(domain: str, look: Lookup) -> Finding:
    what = f"MX of {domain}"
    records = await look(domain, "MX")
    if records is None:
        return fail(
            what, "The domain does not exist.", "Correct the channel's address, or register the domain."
        )
    if any(record.split()[-1:] == ["."] for record in records):
        return fail(
            what, "The domain says that it takes no mail.", "Point its MX record to your mail server."
        )
    if records:
        return ok(what, ", ".join(sorted(record.split()[-1].rstrip(".") for record in records)))
    if await look(domain, "A") or await look(domain, "AAAA"):
        return warn(
            what, "There is no MX record; mail goes to the address of the domain itself.", "Publish one."
        )
    return fail(what, "Answers cannot arrive: there is no mail server.", "Publish an MX record.")


async def _spf(domain: str, look: Lookup) -> Finding:
    what = f"SPF of {domain}"
    found = [each for each in await look(domain, "TXT") or () if each.lower().split(" ")[0] == "v=spf1"]
    if not found:
        advice = "Publish a TXT record such as `v=spf1 include:… ~all`; your mail provider says which."
        return fail(what, "Nobody is named who may send for this domain: answers land in spam.", advice)
    if len(found) > 1:
        return fail(what, f"There are {len(found)} SPF records, which counts as none.", "Join them into one.")
    if found[0].lower().endswith(("+all", " all")):
        return warn(what, "Everybody may send for this domain.", "End the record with ~all or -all.")
    return ok(what, found[0])


async def _dkim(domain: str, look: Lookup) -> Finding:
    what = f"DKIM of {domain}"
    advice = "Turn DKIM on at your mail provider and publish the key it gives you."
    if await look(f"_domainkey.{domain}", "TXT") is None:
        return warn(what, "No key is published: mail is not signed, and some will land in spam.", advice)
    answers = await asyncio.gather(*(look(f"{each}._domainkey.{domain}", "TXT") for each in SELECTORS))
    known = [name for name, found in zip(SELECTORS, answers, strict=True) if _is_key(found)]
    if known:
        return ok(what, f"a key is published as {', '.join(known)}")
    return warn(
        what,
        "No key under any of the usual names; it may have a name of its own.",
        "Send yourself a mail and look for dkim=pass in its Authentication-Results.",
    )


def _is_key(records: Sequence[str] | None) -> bool:
    """A key without content has been withdrawn."""
    return any(re.search(r"\bp=\s*[^;\s]", record) for record in records or ())


async def _dmarc(domain: str, look: Lookup) -> Finding:
    what = f"DMARC of {domain}"
    labels = domain.split(".")
    # The organisation's record speaks for its subdomains; which one that is, only a list of suffixes knows.
    for place in (".".join(labels[start:]) for start in range(max(len(labels) - 1, 1))):
        for record in await look(f"_dmarc.{place}", "TXT") or ():
            if record.lower().startswith("v=dmarc1"):
                return ok(what, record)
    advice = f"Publish a TXT record at _dmarc.{domain}, to begin with `v=DMARC1; p=none; rua=mailto:…`."
    return warn(what, "There is no policy: Gmail and Yahoo distrust such senders.", advice)
