"""How a receiver knows that it was us: HMAC-SHA256 over id, time and body.

Source: Standard Webhooks specification 1.0.0, "Signature scheme" and "Webhook headers", checked 2026-11-23.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
BYTES = 32  # the specification asks for 24 to 64


def new_secret() -> str:
    """As receivers enter it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode("ascii")


def headers_of(message: str, at: datetime, body: bytes, signing: Sequence[str]) -> dict[str, str]:
    """The three headers. Each secret signs: a receiver takes what fits the one it knows."""
    moment = str(int(at.timestamp()))
    signed = f"{message}.{moment}.".encode() + body
    signatures = [f"v1,{_signature(each, signed)}" for each in signing]
    return {
        "webhook-id": message,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode("ascii")
