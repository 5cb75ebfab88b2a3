"""Where the mail of well-known providers is, and what they ask of those who connect. Pure data.

From the providers' own help pages; hosts, ports and user names compared with Thunderbird's public provider
database. Checked 2026-11-23.
"""

from dataclasses import dataclass

from connectors.email.config import Security

_APP_ONLY = "It takes an app password, not the one you sign in with: make one in the security settings"


@dataclass(frozen=True, slots=True)
class Place:
    host: str
    port: int
    security: Security


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    name: str
    domains: tuple[str, ...]  # of addresses
    servers: tuple[str, ...] = ()  # how the names of its incoming mail servers (MX) end, for domains it hosts
    imap: Place
    smtp: Place
    local_user: bool = False  # logs in with the part before the @
    saves_sent: bool = False  # puts what is sent into the Sent folder by itself
    plus: bool = False  # delivers name+anything@ to name@
    hint: str = ""  # what to do when the login is refused


def _tls(host: str, port: int = 993) -> Place:
    return Place(host, port, Security.TLS)


def _starttls(host: str, port: int = 587) -> Place:
    return Place(host, port, Security.STARTTLS)


PROVIDERS = (
    Provider(
        name="Gmail",
        domains=("gmail.com", "googlemail.com"),
        servers=("google.com", "googlemail.com"),
        imap=_tls("imap.gmail.com"),
        smtp=_tls("smtp.gmail.com", 465),
        saves_sent=True,
        plus=True,
        hint=f"{_APP_ONLY} of the Google account (with two-step verification), or use Google sign-in.",
    ),
    Provider(
        name="Microsoft 365",
        domains=(
            *("outlook.com", "outlook.de", "outlook.fr", "hotmail.com", "hotmail.de", "hotmail.fr"),
            *("hotmail.co.uk", "live.com", "live.de", "live.fr", "msn.com", "onmicrosoft.com"),
        ),
        servers=("mail.protection.outlook.com", "mx.microsoft", "olc.protection.outlook.com"),
        imap=_tls("outlook.office365.com"),
        smtp=_starttls("smtp.office365.com"),
        saves_sent=True,
        plus=True,
        hint="Microsoft takes no passwords from mail programs any more: use Microsoft sign-in. "
        "An administrator may have to allow authenticated SMTP for this mailbox.",
    ),
    Provider(
        name="Yahoo",
        domains=("yahoo.com", "yahoo.de", "yahoo.fr", "yahoo.co.uk", "yahoo.it", "yahoo.es", "ymail.com"),
        servers=("yahoodns.net",),
        imap=_tls("imap.mail.yahoo.com"),
        smtp=_tls("smtp.mail.yahoo.com", 465),
        saves_sent=True,
        hint=f"{_APP_ONLY} of the Yahoo account.",
    ),
    Provider(
        name="AOL",
        domains=("aol.com", "aol.de", "aim.com"),
        imap=_tls("imap.aol.com"),
        smtp=_tls("smtp.aol.com", 465),
        saves_sent=True,
        hint=f"{_APP_ONLY} of the AOL account.",
    ),
    Provider(
        name="iCloud",
        domains=("icloud.com", "me.com", "mac.com"),
        servers=("mail.icloud.com",),
        imap=_tls("imap.mail.me.com"),
        smtp=_starttls("smtp.mail.me.com"),
        plus=True,
        hint=f"{_APP_ONLY} at account.apple.com.",
    ),
    Provider(
        name="GMX",
        domains=("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.eu", "gmx.org", "gmx.info"),
        imap=_tls("imap.gmx.net"),
        smtp=_tls("mail.gmx.net", 465),
        hint="In GMX allow POP3 and IMAP access first: E-Mail, Settings, POP3/IMAP.",
    ),
    Provider(
        name="GMX",
        domains=("gmx.com", "gmx.us", "gmx.co.uk", "gmx.fr", "gmx.es"),
        imap=_tls("imap.gmx.com"),
        smtp=_tls("mail.gmx.com", 465),
        hint="In GMX allow POP3 and IMAP access first: Mail, Settings, POP3 & IMAP.",
    ),
    Provider(
        name="WEB.DE",
        domains=("web.de", "email.de"),
        imap=_tls("imap.web.de"),
        smtp=_starttls("smtp.web.de"),
        hint="In WEB.DE allow POP3 and IMAP access first: E-Mail, settings, POP3/IMAP.",
    ),
    Provider(
        name="T-Online",
        domains=("t-online.de", "magenta.de"),
        imap=_tls("secureimap.t-online.de"),
        smtp=_tls("securesmtp.t-online.de", 465),
        hint="Telekom asks for an e-mail password of its own: make one in the customer centre.",
    ),
    Provider(
        name="freenet",
        domains=("freenet.de",),
        imap=_tls("mx.freenet.de"),
        smtp=_starttls("mx.freenet.de"),
        hint="Depending on the tariff, IMAP has to be allowed in freenet's mail settings first.",
    ),
    Provider(
        name="IONOS",
        domains=("online.de", "onlinehome.de", "1und1.de", "ionos.de"),
        servers=("kundenserver.de", "ionos.com", "ionos.de", "1and1.com"),
        imap=_tls("imap.ionos.de"),
        smtp=_tls("smtp.ionos.de", 465),
    ),
    Provider(
        name="STRATO",
        domains=("strato.de",),
        servers=("rzone.de",),
        imap=_tls("imap.strato.de"),
        smtp=_tls("smtp.strato.de", 465),
    ),
    Provider(
        name="Vodafone",
        domains=("vodafonemail.de", "arcor.de", "kabelmail.de"),
        imap=_tls("imap.vodafonemail.de"),
        smtp=_tls("smtp.vodafonemail.de", 465),
    ),
    Provider(
        name="Posteo",
        domains=("posteo.de", "posteo.net", "posteo.org", "posteo.eu", "posteo.at", "posteo.ch"),
        imap=_tls("posteo.de"),
        smtp=_tls("posteo.de", 465),
        plus=True,
    ),
    Provider(
        name="mailbox.org",
        domains=("mailbox.org",),
        servers=("mailbox.org",),
        imap=_tls("imap.mailbox.org"),
        smtp=_tls("smtp.mailbox.org", 465),
        plus=True,
    ),
    Provider(
        name="Hetzner",
        domains=("your-server.de",),
        servers=("your-server.de",),
        imap=_tls("mail.your-server.de"),
        smtp=_tls("mail.your-server.de", 465),
    ),
    Provider(
        name="Bluewin",
        domains=("bluewin.ch",),
        imap=_tls("imaps.bluewin.ch"),
        smtp=_tls("smtpauths.bluewin.ch", 465),
    ),
    Provider(
        name="Fastmail",
        domains=("fastmail.com", "fastmail.fm", "sent.com", "messagingengine.com"),
        servers=("messagingengine.com",),
        imap=_tls("imap.fastmail.com"),
        smtp=_tls("smtp.fastmail.com", 465),
        plus=True,
        hint=f"{_APP_ONLY} of the Fastmail account.",
    ),
    Provider(
        name="Zoho (EU)",
        domains=("zohomail.eu",),
        servers=("zoho.eu",),
        imap=_tls("imap.zoho.eu"),
        smtp=_tls("smtp.zoho.eu", 465),
        saves_sent=True,
        plus=True,
        hint="In Zoho allow IMAP access first; with two-factor sign-in it takes an app password.",
    ),
    Provider(
        name="Zoho",
        domains=("zoho.com", "zohomail.com"),
        servers=("zoho.com",),
        imap=_tls("imap.zoho.com"),
        smtp=_tls("smtp.zoho.com", 465),
        saves_sent=True,
        plus=True,
        hint="In Zoho allow IMAP access first; with two-factor sign-in it takes an app password.",
    ),
    Provider(
        name="OVH",
        domains=("ovh.net",),
        servers=("ovh.net",),
        imap=_tls("ssl0.ovh.net"),
        smtp=_tls("ssl0.ovh.net", 465),
    ),
    Provider(
        name="Orange",
        domains=("orange.fr", "wanadoo.fr"),
        imap=_tls("imap.orange.fr"),
        smtp=_tls("smtp.orange.fr", 465),
    ),
    Provider(
        name="Free",
        domains=("free.fr",),
        imap=_tls("imap.free.fr"),
        smtp=_tls("smtp.free.fr", 465),
        local_user=True,
    ),
    Provider(
        name="La Poste",
        domains=("laposte.net",),
        imap=_tls("imap.laposte.net"),
        smtp=_tls("smtp.laposte.net", 465),
    ),
    Provider(
        name="Libero",
        domains=("libero.it", "iol.it", "blu.it", "inwind.it", "giallo.it"),
        imap=_tls("imapmail.libero.it"),
        smtp=_tls("smtp.libero.it", 465),
    ),
    Provider(
        name="Seznam",
        domains=("seznam.cz", "email.cz", "post.cz"),
        servers=("seznam.cz",),
        imap=_tls("imap.seznam.cz"),
        smtp=_tls("smtp.seznam.cz", 465),
        hint="With two-factor sign-in, Seznam takes an app password only.",
    ),
    Provider(
        name="Wirtualna Polska",
        domains=("wp.pl",),
        imap=_tls("imap.wp.pl"),
        smtp=_tls("smtp.wp.pl", 465),
        hint="Allow mail programs first in the mailbox settings of WP.",
    ),
    Provider(
        name="o2",
        domains=("o2.pl", "go2.pl", "tlen.pl"),
        imap=_tls("poczta.o2.pl"),
        smtp=_tls("poczta.o2.pl", 465),
        local_user=True,
        hint="Allow mail programs first in the mailbox settings of o2.",
    ),
    Provider(
        name="Yandex",
        domains=("yandex.ru", "yandex.com", "ya.ru"),
        servers=("yandex.net", "yandex.ru"),
        imap=_tls("imap.yandex.com"),
        smtp=_tls("smtp.yandex.com", 465),
        saves_sent=True,
        plus=True,
        hint=f"{_APP_ONLY} of the Yandex account, and allow IMAP in the mail settings.",
    ),
    Provider(
        name="Mail.ru",
        domains=("mail.ru", "inbox.ru", "list.ru", "bk.ru"),
        servers=("mail.ru",),
        imap=_tls("imap.mail.ru"),
        smtp=_tls("smtp.mail.ru", 465),
        saves_sent=True,
        hint=f"{_APP_ONLY} of the Mail.ru account.",
    ),
    Provider(
        name="QQ",
        domains=("qq.com", "foxmail.com"),
        servers=("qq.com",),
        imap=_tls("imap.qq.com"),
        smtp=_tls("smtp.qq.com", 465),
        hint="QQ asks for an authorisation code instead of the password: switch IMAP on to get one.",
    ),
    Provider(
        name="NetEase",
        domains=("163.com", "126.com", "yeah.net"),
        servers=("netease.com",),
        imap=_tls("imap.163.com"),
        smtp=_tls("smtp.163.com", 465),
        hint="NetEase asks for an authorisation code instead of the password: switch IMAP on to get one.",
    ),
)


def provider_of(domain: str) -> Provider | None:
    """Who keeps the mail of addresses in this domain, as far as the domain itself tells."""
    domain = domain.lower()
    for provider in PROVIDERS:
        if any(domain == each or domain.endswith(f".{each}") for each in provider.domains):
            return provider
    return None


def provider_by_server(name: str) -> Provider | None:
    """Whose incoming mail server this is: for a company's own domain."""
    name = name.lower().rstrip(".")
    for provider in PROVIDERS:
        if any(name == each or name.endswith(f".{each}") for each in provider.servers):
            return provider
    return None
