"""Sealed secrets: useless without the key, useless elsewhere, and still good after a change of keys."""

import stat
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, SecretStr

from hub.auth.seal import (
    Sealer,
    SealError,
    config_needs_resealing,
    load_or_create_key_file,
    open_config,
    seal_config,
)

OLD, NEW = b"o" * 32, b"n" * 32


class Login(BaseModel):
    user: str
    password: SecretStr


class MailConfig(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    host: str
    port: int = 993
    security: Literal["tls", "starttls"] = "tls"
    folder: Path = Path("INBOX")
    login: Login
    tokens: tuple[SecretStr, ...] = ()
    by_name: dict[str, SecretStr] = {}
    optional: SecretStr | None = None


CONFIG = MailConfig(
    host="imap.example.org",
    login=Login(user="ana", password=SecretStr("pässword")),
    tokens=(SecretStr("first"), SecretStr("second")),
    by_name={"app": SecretStr("third")},
)


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_what_was_sealed_opens_in_its_place(secret: str, context: str) -> None:
    sealer = Sealer([NEW])
    assert sealer.open(sealer.seal(secret, context), context) == secret


def test_the_same_secret_never_looks_the_same_twice() -> None:
    sealer = Sealer([NEW])
    assert sealer.seal("secret", "a.token") != sealer.seal("secret", "a.token")


def test_a_secret_moved_to_another_channel_or_field_does_not_open() -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal("secret", "channel1.token")
    for context in ("channel2.token", "channel1.url", ""):
        with pytest.raises(SealError, match="belongs elsewhere"):
            sealer.open(sealed, context)


def test_a_changed_secret_does_not_open() -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal("secret", "a")
    version, key, nonce, text = sealed.split(":")
    flipped = ("B" if text[0] == "A" else "A") + text[1:]
    for damaged in (
        "",
        "v1",
        sealed[:-4],
        ":".join((version, key, nonce, flipped)),
        ":".join((version, key, "", text)),
        ":".join((version, key, nonce, "ü")),
        "v2" + sealed[2:],
        sealed + ":",
    ):
        with pytest.raises(SealError, match="Enter the channel's credentials again"):
            sealer.open(damaged, "a")


def test_former_keys_still_open_and_what_they_sealed_is_known() -> None:
    sealed = Sealer([OLD]).seal("secret", "a")
    sealer = Sealer([NEW, OLD])
    assert sealer.open(sealed, "a") == "secret"
    assert sealer.needs_resealing(sealed)
    assert not sealer.needs_resealing(sealer.seal("secret", "a"))


def test_a_key_that_is_gone_is_named() -> None:
    sealed = Sealer([OLD]).seal("secret", "a")
    with pytest.raises(SealError, match=sealed.split(":")[1]):
        Sealer([NEW]).open(sealed, "a")


def test_a_key_of_a_wrong_length_is_refused() -> None:
    for keys in ([], [b"short"], [NEW, b"short"]):
        with pytest.raises(SealError):
            Sealer(keys)


def test_exactly_the_secret_fields_of_a_config_are_sealed() -> None:
    sealer = Sealer([NEW])
    document = seal_config(CONFIG, sealer, "channel1")
    assert document["host"] == "imap.example.org"
    assert document["folder"] == "INBOX"
    assert document["login"]["user"] == "ana"
    assert document["optional"] is None
    for sealed in (document["login"]["password"], *document["tokens"], document["by_name"]["app"]):
        assert set(sealed) == {"sealed"}
    for secret in ("pässword", "first", "second", "third"):
        assert secret not in str(document)
    assert open_config(MailConfig, document, sealer, "channel1") == CONFIG


def test_a_config_copied_to_another_channel_does_not_open() -> None:
    sealer = Sealer([NEW])
    with pytest.raises(SealError):
        open_config(MailConfig, seal_config(CONFIG, sealer, "channel1"), sealer, "channel2")


def test_secrets_exchanged_within_a_config_do_not_open() -> None:
    sealer = Sealer([NEW])
    document = seal_config(CONFIG, sealer, "channel1")
    document["tokens"].reverse()
    with pytest.raises(SealError):
        open_config(MailConfig, document, sealer, "channel1")


def test_a_config_sealed_with_a_former_key_asks_to_be_sealed_anew() -> None:
    both = Sealer([NEW, OLD])
    assert config_needs_resealing(seal_config(CONFIG, Sealer([OLD]), "channel1"), both)
    assert not config_needs_resealing(seal_config(CONFIG, both, "channel1"), both)


def test_the_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "key"
    key = load_or_create_key_file(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load_or_create_key_file(path) == key
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    load_or_create_key_file(path)
    path.chmod(mode)
    with pytest.raises(SealError, match="chmod 600"):
        load_or_create_key_file(path)


def test_a_damaged_key_file_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "key"
    for content in ("", "c2hvcnQ=", "not base64!"):
        path.write_text(content)
        path.chmod(0o600)
        with pytest.raises(SealError, match="Restore it from your copy"):
            load_or_create_key_file(path)
        assert path.read_text() == content


def test_a_key_file_that_cannot_be_reached_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SealError, match="cannot be used"):
        load_or_create_key_file(tmp_path / "file" / "key")
