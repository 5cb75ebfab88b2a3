"""What the e-mail tests share: configurations for the real servers, and messages to send."""

from datetime import UTC, datetime
from typing import Any

import aiohttp

from connectors.email.config import EmailConfig
from connectors.email.connector import EmailConnector
from hub.contract.capabilities import Surface
from hub.contract.inbound import Thread
from hub.contract.outbound import OutboundMessage
from hub.model.content import Content
from tests.conformance import kit_for
from tests.mailserver import MailAccount, MailServer

SIGNING_KEY = "a signing key for tests only"
KEY = "0123456789abcdef01234567"
PATIENT = {"connect": 20, "answer": 20, "send": 40, "probe": 40}  # the machine may be busy


def config_for(server: MailServer, account: MailAccount, **changes: Any) -> EmailConfig:
    """By TLS for receiving, STARTTLS for sending; `imap` and `smtp` are merged, the rest replaces."""
    ports = server.ports
    settings: dict[str, Any] = {
        "address": account.address,
        "name": "Muster GmbH",
        "imap": {"host": server.host, "port": ports.imaps, **changes.pop("imap", {})},
        "smtp": {
            "host": server.host,
            "port": ports.submission,
            "security": "starttls",
            **changes.pop("smtp", {}),
        },
        "auth": {"kind": "password", "password": account.password},
        "signing_key": SIGNING_KEY,
        "ca_file": str(server.ca_file),
        "timeouts": {**PATIENT, **changes.pop("timeouts", {})},
    }
    return EmailConfig.model_validate({**settings, **changes})


def connector_for(
    server: MailServer, account: MailAccount, http: aiohttp.ClientSession, **changes: Any
) -> EmailConnector:
    return EmailConnector(config_for(server, account, **changes), kit_for(http))


def message_to(*recipients: str, key: str = KEY, text: str = "Good day", **changes: Any) -> OutboundMessage:
    settings: dict[str, Any] = {
        "key": key,
        "thread": Thread("first@example.test", Surface.EMAIL),
        "to": recipients,
        "content": Content(text=text, subject="A question"),
        "at": datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
        "agent_name": "Ana",
    }
    return OutboundMessage(**{**settings, **changes})
