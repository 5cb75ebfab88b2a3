"""Secrets of channels, sealed: in the database there is only what nobody can use without our key.

AES-256-GCM. A sealed secret is bound to its place (channel and field), so that somebody who can write to the
database but has no key cannot move one to where its plain text would be sent elsewhere. It names the key that
sealed it: after a change of keys the former ones still open, and `needs_resealing` tells what is left to be
sealed anew.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, SecretStr

VERSION = "v1"
KEY_BYTES = 32
NONCE_BYTES = 12
SEALED = "sealed"  # a secret in a channel's config is {"sealed": "v1:..."}

Config = TypeVar("Config", bound=BaseModel)


class SealError(Exception):
    """A secret cannot be sealed or opened. The text is for admins."""


class Sealer:
    """Seals with the first of its keys, opens with any of them."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise SealError("There is no key to seal the channels' secrets with.")
        if any(len(key) != KEY_BYTES for key in keys):
            raise SealError(f"Each key must have {KEY_BYTES} bytes.")
        self._keys = tuple(keys)
        self._current = key_id(keys[0])
        self._ciphers = {key_id(key): AESGCM(key) for key in keys}

    def derive(self, purpose: str) -> bytes:
        """32 bytes for another use of the present key, the same in every process that has it."""
        return self.derive_all(purpose)[0]

    def derive_all(self, purpose: str) -> tuple[bytes, ...]:
        """The same of every key we have, the present one first: what a former one named is known still."""
        return tuple(hmac.digest(key, f"hubbub {purpose}".encode(), "sha256") for key in self._keys)

    def seal(self, secret: str, context: str) -> str:
        """`v1:key id:nonce:ciphertext`, which opens only with the same context."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, secret.encode(), _bound_to(context))
        return ":".join((VERSION, self._current, _text(nonce), _text(sealed)))

    def open(self, sealed: str, context: str) -> str:
        """The secret. Raises SealError."""
        version, _, rest = sealed.partition(":")
        if version != VERSION or rest.count(":") != 2:
            raise SealError("A stored secret is damaged. Enter the channel's credentials again.")
        used, nonce, ciphertext = rest.split(":")
        if used not in self._ciphers:
            raise SealError(
                f"A stored secret was sealed with a key we do not have ({used}). Add that key to "
                "secrets.old_keys, or enter the channel's credentials again."
            )
        try:
            return self._ciphers[used].decrypt(_bytes(nonce), _bytes(ciphertext), _bound_to(context)).decode()
        except (InvalidTag, binascii.Error, ValueError) as problem:
            raise SealError(
                "A stored secret is damaged or belongs elsewhere. Enter the channel's credentials again."
            ) from problem

    def needs_resealing(self, sealed: str) -> bool:
        """Whether a former key sealed it."""
        return not sealed.startswith(f"{VERSION}:{self._current}:")


def key_id(key: bytes) -> str:
    """Eight hex digits that name a key and tell nothing about it."""
    return hashlib.blake2b(key, digest_size=4, person=b"hubbub key id").hexdigest()


def load_or_create_key_file(path: Path) -> bytes:
    """The key in the file at `path`, made there at the first start. Raises SealError."""
    path = path.expanduser()
    try:
        if not path.exists():
            _create_key_file(path)
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            content = file.read(1024)
    except OSError as problem:
        raise SealError(f"The key file {path} cannot be used: {problem.strerror}.") from problem
    if mode & 0o077:
        raise SealError(f"Others may use the key file {path} (mode {mode:04o}): `chmod 600 {path}` mends it.")
    try:
        key = base64.b64decode(content.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise SealError(
            f"The key file {path} must hold {KEY_BYTES} bytes in base64. Restore it from your copy; "
            "a new key cannot open what the former one sealed."
        )
    return key


def _create_key_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(
                fresh
            )  # unlike a renaming, it never replaces the key another process has just made
        except FileExistsError:
            pass
    finally:
        fresh.unlink()


def seal_config(config: BaseModel, sealer: Sealer, channel: str) -> dict[str, Any]:
    """The config as a document; exactly its `SecretStr` fields, at any depth, are sealed for this channel."""

    def sealed(value: Any, plain: Any, place: str) -> Any:
        if isinstance(value, SecretStr):
            return {SEALED: sealer.seal(value.get_secret_value(), _context(channel, place))}
        if isinstance(value, dict):
            pairs = zip(value.values(), plain.items(), strict=True)
            return {name: sealed(each, shown, f"{place}.{name}") for each, (name, shown) in pairs}
        if isinstance(value, list | tuple):
            pairs = zip(value, plain, strict=True)
            return [sealed(each, shown, f"{place}.{at}") for at, (each, shown) in enumerate(pairs)]
        return plain

    document = sealed(config.model_dump(), config.model_dump(mode="json"), "")
    assert isinstance(document, dict)
    return document


def open_config(kind: type[Config], document: dict[str, Any], sealer: Sealer, channel: str) -> Config:
    """The config that `seal_config` made the document of. Raises SealError or ValidationError."""

    def opened(value: Any, place: str) -> Any:
        if _is_sealed(value):
            return sealer.open(value[SEALED], _context(channel, place))
        if isinstance(value, dict):
            return {name: opened(each, f"{place}.{name}") for name, each in value.items()}
        if isinstance(value, list):
            return [opened(each, f"{place}.{at}") for at, each in enumerate(value)]
        return value

    # From JSON, as strict models take a path or a moment from text only there.
    return kind.model_validate_json(json.dumps(opened(document, "")))


def config_needs_resealing(document: Any, sealer: Sealer) -> bool:
    """Whether a former key sealed any secret in it: then open it, seal it anew and save it."""
    if _is_sealed(document):
        return sealer.needs_resealing(document[SEALED])
    parts = (
        document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    )
    return any(config_needs_resealing(part, sealer) for part in parts)


def _is_sealed(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {SEALED} and isinstance(value[SEALED], str)


def _context(channel: str, place: str) -> str:
    return f"{channel}{place}"


def _bound_to(context: str) -> bytes:
    return f"{VERSION}:{context}".encode()


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
