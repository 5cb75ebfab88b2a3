"""From an address and a password to a channel that works, or to a sentence that says what to do."""

import ssl
from collections.abc import Sequence

import aiohttp
import pytest

from connectors.email.config import EmailConfig, Security
from connectors.email.connector import EmailConnector
from connectors.email.discover import candidates_for, first_that_greets
from connectors.email.providers import PROVIDERS, Place, provider_by_server, provider_of
from connectors.email.sent import sent_among
from connectors.email.setup import draft, step
from hub.contract.errors import AuthBroken, Rejected, Unavailable
from tests.conformance import kit_for
from tests.mailserver import MailAccount, MailServer


def answers(server: MailServer, account: MailAccount, **changes: str) -> dict[str, str]:
    return {
        "address": account.address,
        "password": account.password,
        "name": "Muster GmbH",
        "imap_host": server.host,
        "imap_port": str(server.ports.imaps),
        "smtp_host": server.host,
        "smtp_port": str(server.ports.smtps),
        "ca_file": str(server.ca_file),
        **changes,
    }


async def test_a_mailbox_is_set_up_and_proven(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    found = await EmailConnector.set_up(answers(mail_server, support), kit_for(http))
    config = found.config
    assert isinstance(config, EmailConfig)
    assert found.account.key == support.address
    assert config.sent_folder == "Sent"
    assert len(config.signing_key.get_secret_value()) >= 32
    told = " ".join(found.found)
    for words in ("IMAP: localhost", "SMTP: localhost", "receiving and for sending", "IDLE", "kept in Sent"):
        assert words in told
    assert support.password not in told
    connector = EmailConnector(config, kit_for(http))
    await connector.connect()
    await connector.close()


async def test_starttls_works_as_well(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    plain = {
        "imap_port": str(mail_server.ports.imap),
        "imap_security": "starttls",
        "smtp_port": str(mail_server.ports.submission),
        "smtp_security": "starttls",
    }
    found = await EmailConnector.set_up(answers(mail_server, support, **plain), kit_for(http))
    assert found.account.name == "Muster GmbH"


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"password": "wrong"}, AuthBroken, r"Receiving \(IMAP\): .* Authentication failed"),
        ({"imap_port": "1"}, Unavailable, r"Receiving \(IMAP\): Cannot connect"),
        ({"smtp_port": "1"}, Unavailable, r"Sending \(SMTP\): Cannot connect"),
        ({"address": "nobody"}, Rejected, "not an e-mail address"),
        ({"password": ""}, Rejected, "A password is needed"),
        ({"start": "yesterday"}, Rejected, "start is now, unread or since"),
        ({"after": "burn"}, Rejected, "after is leave, seen or move"),
        ({"imap_port": "many"}, Rejected, r"imap\.port"),
        ({"imap_security": "some"}, Rejected, "imap_security is one of tls, starttls, none"),
        ({"auth": "google"}, Rejected, "needs a refresh token"),
        ({"auth": "custom", "refresh_token": "r"}, Rejected, "answer token_url"),
        (
            {"auth": "custom", "refresh_token": "r", "token_url": "http://idp.example/"},
            Rejected,
            "https address",
        ),
        ({"ca_file": "/nowhere.pem"}, Unavailable, "cannot be read"),
    ],
)
async def test_what_does_not_work_is_told_with_the_step_and_the_words(
    changes: dict[str, str],
    error: type[Exception],
    words: str,
    mail_server: MailServer,
    support: MailAccount,
    http: aiohttp.ClientSession,
) -> None:
    with pytest.raises(error, match=words):
        await EmailConnector.set_up(answers(mail_server, support, **changes), kit_for(http))


async def test_each_step_is_looked_at_by_itself(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    given = answers(mail_server, support)
    found = {
        each.name: " ".join(await EmailConnector.check_step(each.name, given, kit_for(http)))
        for each in EmailConnector.manifest.steps
    }
    assert "IMAP: localhost" in found["address"]
    assert "announced at once" in found["receiving"]
    assert "the login works" in found["sending"]
    assert "stay where they are" in found["start"]
    with pytest.raises(AuthBroken, match=r"Sending \(SMTP\).*535"):
        await EmailConnector.check_step("sending", {**given, "password": "wrong"}, kit_for(http))


async def test_folders_that_are_not_there_are_named(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    changes = {"folders": "INBOX, Sales"}
    found = await EmailConnector.set_up(answers(mail_server, support, **changes), kit_for(http))
    assert any("Not found, and so not read: Sales" in sentence for sentence in found.found)


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ([((), b"/", "Sent"), ((b"\\Sent",), b"/", "Kept")], "Kept"),
        ([((), b"/", "INBOX"), ((), b".", "INBOX.Gesendete Elemente")], "INBOX.Gesendete Elemente"),
        ([((), None, "送信済みアイテム")], "送信済みアイテム"),
        ([((), b"/", "INBOX"), ((), b"/", "Sentinel")], None),
    ],
)
def test_the_folder_for_sent_mail_is_found_by_what_the_server_says_or_its_usual_name(
    listed: list[tuple[tuple[bytes, ...], bytes | None, str]], found: str | None
) -> None:
    assert sent_among(listed) == found


async def test_copies_of_what_is_sent_can_be_chosen(
    mail_server: MailServer, support: MailAccount, http: aiohttp.ClientSession
) -> None:
    given = answers(mail_server, support, copy_to_sent="no", sent_folder="Junk")
    config = (await EmailConnector.set_up(given, kit_for(http))).config
    assert isinstance(config, EmailConfig)
    assert (config.copy_to_sent, config.sent_folder) == (False, "Junk")
    with pytest.raises(Rejected, match="There is no folder Nowhere for sent mail"):
        await EmailConnector.set_up({**given, "sent_folder": "Nowhere"}, kit_for(http))


def test_the_table_of_providers_is_sane() -> None:
    domains = [domain for provider in PROVIDERS for domain in provider.domains]
    assert len(domains) == len(set(domains))
    assert len(PROVIDERS) >= 25
    for provider in PROVIDERS:
        assert provider.imap.security is Security.TLS
        assert provider.smtp.security is not Security.NONE
        assert (provider.smtp.port == 465) == (provider.smtp.security is Security.TLS)
    for domain in ("gmx.de", "web.de", "T-Online.de", "gmail.com", "firma.onmicrosoft.com"):
        assert provider_of(domain) is not None
    assert provider_of("notgmail.com") is None
    google = provider_by_server("ASPMX.L.GOOGLE.COM.")
    assert google is not None
    assert google.name == "Gmail"


async def test_a_companys_own_domain_is_found_by_its_records() -> None:
    records: dict[tuple[str, str], Sequence[str]] = {
        ("muster.example", "MX"): ["10 muster-example.mail.protection.outlook.com."],
        ("_imaps._tcp.firma.example", "SRV"): ["10 0 993 b.firma.example.", "0 0 9933 a.firma.example."],
        ("_submission._tcp.firma.example", "SRV"): ["0 0 587 smtp.firma.example."],
        ("_imap._tcp.firma.example", "SRV"): ["0 0 0 ."],
    }

    async def ask(name: str, kind: str) -> Sequence[str]:
        return records.get((name, kind), ())

    hosted = await candidates_for("muster.example", ask)
    assert hosted.provider is not None
    assert hosted.provider.name == "Microsoft 365"
    told = await candidates_for("firma.example", ask)
    assert told.imap[:2] == (
        Place("a.firma.example", 9933, Security.TLS),
        Place("b.firma.example", 993, Security.TLS),
    )
    assert told.smtp[0] == Place("smtp.firma.example", 587, Security.STARTTLS)
    guessed = await candidates_for("unknown.example", ask)
    assert guessed.imap[0] == Place("imap.unknown.example", 993, Security.TLS)


async def test_the_first_place_that_greets_rightly_is_taken(mail_server: MailServer) -> None:
    trusting = ssl.create_default_context(cafile=str(mail_server.ca_file))
    ports = mail_server.ports
    places = (
        Place("nowhere.invalid", 993, Security.TLS),
        Place("127.0.0.1", ports.submission, Security.STARTTLS),
        Place("127.0.0.1", ports.imaps, Security.TLS),
        Place("127.0.0.1", ports.imap, Security.STARTTLS),
    )
    assert await first_that_greets(places, b"* ", trusting) == places[2]
    assert await first_that_greets(places, b"220", trusting) == places[1]
    assert await first_that_greets(places[:1], b"* ", trusting) is None


async def test_a_refused_login_at_a_known_provider_says_what_helps() -> None:
    gmail = provider_of("gmail.com")

    async def refuse() -> None:
        raise AuthBroken("The server refused the login: Invalid credentials.")

    with pytest.raises(AuthBroken, match=r"Receiving: The server .* app password"):
        await step("Receiving", gmail, refuse())
    said = {"address": "shop@gmail.com", "imap_host": "127.0.0.1", "smtp_host": "127.0.0.1"}
    with pytest.raises(Rejected, match="app password"):
        await draft(said, ssl.create_default_context())
