"""The settings of an e-mail channel for a mailbox on the test mail server."""

from typing import Any

from pydantic import SecretStr

from connectors.email.config import EmailConfig, ImapServer, Password, Security, Server
from tests.mailserver import MailAccount, MailServer


def email_config(server: MailServer, account: MailAccount, **more: Any) -> EmailConfig:
    settings: dict[str, Any] = {
        "address": account.address,
        "name": "Linden Shop",
        "imap": ImapServer(host=server.host, port=server.ports.imaps, security=Security.TLS),
        "smtp": Server(host=server.host, port=server.ports.submission, security=Security.STARTTLS),
        "auth": Password(password=SecretStr(account.password)),
        "signing_key": SecretStr("0123456789abcdef0123456789abcdef"),
        "ca_file": str(server.ca_file),
    }
    return EmailConfig(**{**settings, **more})
