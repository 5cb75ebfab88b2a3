"""Why a mail came back, in one sentence: from the status code (RFC 3463) and the server's words."""

import re

# What servers write, in the order in which it decides: the words say more than a bare 5.0.0 or 550.
_WORDS = (
    (
        r"over ?quota|quota (?:exceed|limit)|exceed(?:s|ed)?[^.]{0,40}quota|mailbox (?:is )?full|(?:in"
        r"|out)box (?:is )?full"
        r"|out of (?:storage )?space|insufficient (?:system )?storage|postfach (?:ist )?voll"
        r"|storage allocation"
        r"|邮箱(?:已满|空间不足)|容量|maildir over",
        "Their mailbox is full.",
    ),
    (
        r"user (?:is )?unknown|unknown (?:user|recipient|local part|address)|no such (?:user|recipient"
        r"|mailbox|address|person)"
        r"|(?:user|recipient|mailbox|account|address|alias)[^.\n]{0,60}(?:not (?:be )?found|does(?: not"
        r"|n't) exist|not exist)"
        r"|does(?: not|n't) have an? [^.\n]{0,40}account|invalid (?:recipient|mailbox|user)"
        r"|no mailbox here|unrouteable address"
        r"|address (?:couldn't|could not) be found|wasn't found at|recipient address rejected: (?:user"
        r"|undeliverable)"
        r"|teilnehmer existiert nicht|empfänger unbekannt|不存在|user not (?:found|exist)"
        r"|account (?:is )?unavailable"
        r"|unknown to (?:us|me)|mailbox unavailable|not our customer|no longer (?:valid|available"
        r"|on server|employed)",
        "The address does not exist.",
    ),
    (
        r"host (?:or domain name )?(?:unknown|not found)|domain (?:name )?(?:not found|does not exist"
        r"|couldn't be found)|nxdomain"
        r"|couldn't find any host|name service error|no mx|unrouteable mail domain|unresolvable"
        r"|dns error|bad destination",
        "The part of the address after the @ does not exist.",
    ),
    (
        r"too (?:large|big)|exceeds? (?:the )?(?:maximum|size|limit)|size limit|message size|过大",
        "The mail is too large for them.",
    ),
    (
        r"disabled|inactive|deactivated|suspended|locked|stillgelegt|deaktiviert|冻结",
        "Their mailbox is switched off.",
    ),
    (
        r"spam|block(?:ed|list|ing)|blacklist|reputation|dmarc|\bspf\b|\bdkim\b|unsolicited|spamhaus"
        r"|policy|junk|垃圾"
        r"|content (?:rejected|filter)|virus|malware|banned|not authenticated|sender denied"
        r"|rejected by system",
        "Their server took the mail for spam, or does not accept mail from ours.",
    ),
    (
        r"relay(?:ing)? (?:access )?(?:denied|not permitted)|not (?:permitted|allowed|authori[sz]ed)"
        r"|access denied|refused to accept"
        r"|only accepts mail from|restricted|permission",
        "Their server does not accept mail for this address from us.",
    ),
    (
        r"greylist|try again later|temporar(?:y|ily)|deferred|too many (?:connections|messages)|rate limit",
        "Their server did not take the mail at first.",
    ),
    (
        r"timed? ?out|connection refused|no route|unreachable|could not connect|couldn't connect"
        r"|can ?not connect|unable to connect"
        r"|retry timeout exceeded|expired|not (?:be )?(?:responding|reached)|无法连接|连接",
        "Their server could not be reached.",
    ),
)
_PATTERNS = tuple((re.compile(pattern, re.I), reason) for pattern, reason in _WORDS)
_CODES = {
    "1.0": "The address was refused.",
    "1.1": "The address does not exist.",
    "1.10": "The address does not exist.",
    "1.2": "The part of the address after the @ does not exist.",
    "1.3": "The address is not written as it should be.",
    "1.6": "The person has moved and left no new address.",
    "1.8": "Their server does not accept our sender address.",
    "2.1": "Their mailbox is switched off.",
    "2.2": "Their mailbox is full.",
    "2.3": "The mail is too large for them.",
    "3.4": "The mail is too large for them.",
    "3.1": "Their mailbox is full.",
    "4.1": "Their server could not be reached.",
    "4.4": "The part of the address after the @ does not exist.",
    "4.6": "Their server sends the mail round in circles.",
    "4.7": "Their server could not be reached for so long that we gave up.",
    "7.1": "Their server does not accept mail for this address from us.",
}
_CLASSES = {
    "1": "The address was refused.",
    "2": "Their mailbox could not take the mail.",
    "3": "Their mail system could not take the mail.",
    "4": "Their server could not be reached.",
    "5": "The two servers did not understand each other.",
    "6": "Their server could not handle the content of the mail.",
    "7": "Their server took the mail for spam, or does not accept mail from ours.",
}
NO_REASON = "Their server did not say why."


def reason_in_words(status: str, diagnostic: str) -> str:
    """One sentence. A detailed status code decides; a vague one gives way to the server's words."""
    _, _, detail = status.partition(".")
    if detail in _CODES and detail not in ("1.0", "7.1", "4.7", "4.1"):
        return _CODES[detail]
    for pattern, reason in _PATTERNS:
        if pattern.search(diagnostic[:4000]):
            return reason
    return _CODES.get(detail) or _CLASSES.get(detail.partition(".")[0]) or NO_REASON
