"""Addresses in the one form that they are kept, compared and looked up in. Pure.

What is normalised here is the same for certain: case, Unicode forms, punycode. What is only likely the same
(dots and plus signs that a provider ignores) is `base_email`, which is good for suggestions and nothing else.
"""

import re
import unicodedata

import idna
import phonenumbers

PHONE_COUNTRIES = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))

_ROLES = """
    abuse accounting accounts admin administration anfrage anfragen auftrag bestellung bestellungen
    billing booking bookings bewerbung buchhaltung buero careers contact customerservice datenschutz
    empfang einkauf enquiries finance hello help helpdesk hi hr info infos it jobs kanzlei kontakt
    kundenservice mail mailer-daemon marketing newsletter no-reply noreply office order orders post
    postmaster praxis presse press privacy rechnung rechnungen reception reservations reservierung
    sales sekretariat service services shop sprechstunde support team verkauf vertrieb verwaltung
    webmaster zentrale
"""
_FREE_MAIL = """
    126.com 139.com 163.com aliyun.com aol.com arcor.de bluewin.ch btinternet.com comcast.net
    fastmail.com foxmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net
    googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr icloud.com inbox.ru
    kabelmail.de laposte.net libero.it list.ru live.com live.de mac.com mail.com mail.de mail.ru
    me.com msn.com naver.com online.de orange.fr outlook.at outlook.com outlook.de outlook.sa pm.me
    posteo.de proton.me protonmail.com qq.com rocketmail.com sina.com sohu.com t-online.de
    tutanota.com tuta.io vodafone.de wanadoo.fr web.de yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de
    yandex.com yandex.ru yeah.net ymail.com zoho.com
"""
ROLES = frozenset(_ROLES.split())
FREE_MAIL = frozenset(_FREE_MAIL.split())
# Which part of a mailbox's name providers ignore.
_DOTLESS = frozenset({"gmail.com", "proton.me", "protonmail.com", "pm.me"})
_PLUS = _DOTLESS | {
    "fastmail.com",
    "hey.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mac.com",
    "me.com",
    "outlook.com",
    "outlook.de",
    "posteo.de",
    "yandex.com",
    "yandex.ru",
    "zoho.com",
}
_SAME_DOMAIN = {
    "googlemail.com": "gmail.com", "mac.com": "icloud.com", "me.com": "icloud.com", "pm.me": "proton.me",
    "protonmail.com": "proton.me",
}  # fmt: skip
# No part longer than RFC 5321 allows: else a long text without spaces is tried from each of its letters.
EMAIL = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}\.[^\s<>()\[\],;:\"@.]{2,63}")
_SHORTEST_NUMBER = 8  # digits; shorter ones are extensions and order numbers


def normal_email(text: str) -> str | None:
    """`Ana@BÜCHER.example` and `ana@xn--bcher-kva.example` are one. None: it is no address."""
    local, at, domain = unicodedata.normalize("NFC", text.strip()).rpartition("@")
    if not at or not local or not domain or any(each.isspace() for each in local + domain):
        return None
    return f"{local.lower()}@{normal_domain(domain)}"


def normal_domain(domain: str) -> str:
    """In small letters, and as people write it rather than in punycode."""
    domain = domain.strip().rstrip(".").lower()
    try:
        return idna.decode(domain, uts46=True) if "xn--" in domain or not domain.isascii() else domain
    except (idna.IDNAError, UnicodeError):
        return domain


def base_email(email: str) -> str:
    """The mailbox that a provider most likely delivers to. For suggestions only: rules like these change."""
    local, _, domain = email.rpartition("@")
    domain = _SAME_DOMAIN.get(domain, domain)
    if domain in _PLUS:
        local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local = local.replace(".", "") or local
    return f"{local}@{domain}"


def normal_phone(text: str, country: str = "") -> str | None:
    """E.164. `country`: where numbers without an international prefix are meant to be, such as DE."""
    if sum(each.isdecimal() for each in text) < _SHORTEST_NUMBER:
        return None
    try:
        number = phonenumbers.parse(text, country.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_countries() -> frozenset[str]:
    """Those whose numbers are known, such as DE."""
    return frozenset(phonenumbers.SUPPORTED_REGIONS)


def normal_handle(handle: str, instance: str = "") -> str:
    """`@Ana` on social.example is `ana@social.example`; where there are no instances, `ana`."""
    name = unicodedata.normalize("NFKC", handle.strip()).removeprefix("@").lower()
    return f"{name}@{normal_domain(instance)}" if instance and "@" not in name else name


def normal_key(platform: str, key: str) -> str:
    """The key of an identity, however a connector or a person writes it."""
    if platform == "email":
        return normal_email(key) or key.lower()
    return key


def is_role(email: str) -> bool:
    """Whether several people read it, as its name says: info@, support@."""
    local = email.partition("@")[0].partition("+")[0]
    return local in ROLES or local.rstrip("0123456789") in ROLES or local.split("-")[0] in ROLES


def company_domain(email: str) -> str | None:
    """The domain of whoever employs them; None for a provider of mailboxes."""
    domain = email.rpartition("@")[2]
    return None if domain in FREE_MAIL or "." not in domain else domain


def addresses_in(text: str) -> list[str]:
    """E-mail addresses that a text names, each once."""
    found = (normal_email(each.strip(".'")) for each in EMAIL.findall(text))
    return list(dict.fromkeys(each for each in found if each))


def numbers_in(text: str, country: str = "") -> list[str]:
    """Phone numbers that a text names, each once."""
    found = phonenumbers.PhoneNumberMatcher(text, country.upper() or None)
    numbers = [phonenumbers.format_number(each.number, phonenumbers.PhoneNumberFormat.E164) for each in found]
    return list(dict.fromkeys(numbers))
