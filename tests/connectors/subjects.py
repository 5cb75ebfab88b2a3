"""What every connector reads, recorded: for fuzzing and for measuring. Joining is an entry of SUBJECTS.

A subject makes its connector without any network: `verify`, `parse` and `read` are pure.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from multidict import CIMultiDict
from pydantic import SecretStr

from connectors.email.config import EmailConfig
from connectors.email.connector import EmailConnector
from connectors.simulator.config import SimulatorConfig
from connectors.simulator.connector import SimulatorConnector
from connectors.simulator.signing import sign
from connectors.slack.config import SlackConfig, Workspace
from connectors.slack.connector import EventsSlack
from connectors.telegram.config import TelegramConfig
from connectors.telegram.connector import SECRET_HEADER, TelegramConnector
from connectors.telegram.updates import arrived
from connectors.webchat import wire
from connectors.webchat.config import WebchatConfig
from connectors.webchat.connector import WebchatConnector
from hub.contract.capabilities import Surface
from hub.contract.connector import Connector
from hub.contract.inbound import ArrivedRaw, Thread, WebhookRequest
from tests.conformance import kit_for
from tests.connectors.slack.wire import APP, BOT, SIGNING_SECRET, TEAM, US, signed

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECRET = "a-secret-for-tests-only"
NOBODY: Any = None  # instead of a session: whoever asks the network here is wrong


@dataclass(frozen=True, slots=True)
class Subject:
    """`raw`: bodies as the journal keeps them. `posts`: rightly signed, for those who take webhooks."""

    connector: Connector[Any]
    raw: Sequence[ArrivedRaw] = ()
    posts: Sequence[WebhookRequest] = ()


def _request(body: bytes, headers: Mapping[str, str]) -> WebhookRequest:
    url = "https://hub.example/hooks/one"
    return WebhookRequest("POST", url, CIMultiDict({"Content-Type": "application/json", **headers}), {}, body)


def telegram() -> Subject:
    config = TelegramConfig(
        token=SecretStr("4711:AAtoken"),
        way="webhook",
        webhook_secret=SecretStr(SECRET),
        username="hubbub_bot",
    )
    raw, posts = [], []
    for path in sorted((HERE / "telegram" / "payloads").glob("*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        updates = found if isinstance(found, list) else [found]
        raw += [arrived(each["update_id"], each, NOW) for each in updates]
        posts += [_request(json.dumps(each).encode(), {SECRET_HEADER: SECRET}) for each in updates]
    return Subject(TelegramConnector(config, kit_for(NOBODY, now=lambda: NOW)), raw, posts)


def simulator() -> Subject:
    config = SimulatorConfig(world="fuzzed", way="webhook", webhook_secret=SecretStr(SECRET))
    update = {
        "id": "u1",
        "type": "message",
        "at": NOW.isoformat(),
        "message": {
            "id": "m1",
            "thread": "t1",
            "surface": "direct",
            "text": "Hello",
            "author": {"key": "ana"},
        },
    }
    bodies = [
        json.dumps({"object": "simulator", "entries": [{"account": "shop", "updates": updates}]}).encode()
        for updates in ([update], [update, {**update, "id": "u2", "type": "reaction"}], [])
    ]
    posts = [_request(body, sign(SECRET, NOW, body)) for body in bodies]
    return Subject(SimulatorConnector(config, kit_for(NOBODY, now=lambda: NOW)), (), posts)


def email() -> Subject:
    config = EmailConfig.model_validate(
        {
            "address": "support@hub.test",
            "imap": {"host": "imap.hub.test", "port": 993},
            "smtp": {"host": "smtp.hub.test", "port": 465},
            "auth": {"kind": "password", "password": "secret"},
            "signing_key": SECRET,
        }
    )
    raw = [
        ArrivedRaw(key=f"INBOX:1:{number}", at=NOW, thread=Thread("t", Surface.EMAIL), body=path.read_bytes())
        for number, path in enumerate(sorted((HERE / "email" / "payloads").glob("*.eml")))
    ]
    return Subject(EmailConnector(config, kit_for(NOBODY, now=lambda: NOW)), raw)


def slack() -> Subject:
    config = SlackConfig(
        app=APP,
        way="events",
        signing_secret=SecretStr(SIGNING_SECRET),
        workspaces=(Workspace(team=TEAM, user=US, bot=BOT, token=SecretStr("xoxb-x")),),
    )
    connector = EventsSlack(config, kit_for(NOBODY, now=lambda: NOW))
    posts = []
    for path in sorted((HERE / "slack" / "payloads").glob("*.json")):
        headers, body = signed(json.loads(path.read_text(encoding="utf-8")), at=NOW.timestamp())
        posts.append(_request(body, headers))
    raw = [each for post in posts for each in connector.parse(post) if isinstance(each, ArrivedRaw)]
    return Subject(connector, raw, posts)


def webchat() -> Subject:
    config = WebchatConfig(origins=("https://shop.example",), secret=SecretStr(SECRET * 2))
    bodies = [path.read_bytes() for path in sorted((HERE / "webchat" / "payloads").glob("*.json"))]
    posts = [_request(body, wire.sign(SECRET * 2, body, NOW)) for body in bodies]
    return Subject(WebchatConnector(config, kit_for(NOBODY, now=lambda: NOW)), (), posts)


SUBJECTS: Mapping[str, Callable[[], Subject]] = {
    "email": email,
    "simulator": simulator,
    "slack": slack,
    "telegram": telegram,
    "webchat": webchat,
}
