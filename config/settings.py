"""What the people who run Hubbub may choose: typed, with a default each, checked once at the start.

A setting stands in the settings file (TOML) or in the environment, which wins: `mongo.url` is
HUBBUB_MONGO__URL. Every group below is a table of the file; `python -m config.example` prints an example.
"""

import base64
import binascii
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.config import JsonDict

from config.sources import Leaf, SettingsError, collect, explain, find_file

__all__ = ["Settings", "SettingsError", "load_settings"]

KEY_BYTES = 32


def _setting(default: Any, description: str, *, unit: str = "", example: str = "", **limits: Any) -> Any:
    extra: JsonDict = {name: text for name, text in (("unit", unit), ("example", example)) if text}
    return Field(default, description=description, json_schema_extra=extra, **limits)


def _mongo_url(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(("mongodb://", "mongodb+srv://")):
        raise ValueError("must begin with mongodb:// or mongodb+srv://")
    return url


def _public_url(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise ValueError("must begin with https:// or http://")
    return url.rstrip("/")


def _network(text: str) -> str:
    ip_network(text, strict=False)
    return text


def _key(key: SecretStr) -> SecretStr:
    try:
        length = len(base64.b64decode(key.get_secret_value(), validate=True))
    except binascii.Error:
        length = -1
    if length != KEY_BYTES:
        raise ValueError(
            f"must be {KEY_BYTES} random bytes in base64: `openssl rand -base64 {KEY_BYTES}` makes one"
        )
    return key


def _address(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if not local or not domain or any(each.isspace() or each in "<>," for each in text):
        raise ValueError("must be like hubbub@example.com")
    return text


def _group_role(text: str) -> str:
    group, equals, role = text.rpartition("=")
    if not group.strip() or not equals or role.strip() not in ("admin", "supervisor", "agent"):
        raise ValueError("must be like support-leads=supervisor, with the role admin, supervisor or agent")
    return text


class Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Mongo(Group):
    """The database. Without a `url` an embedded one is started, for trials, its files in the data folder."""

    url: Annotated[SecretStr, AfterValidator(_mongo_url)] | None = _setting(
        None,
        "MongoDB 8, a replica set or a sharded cluster.",
        example="mongodb://db.example:27017/?replicaSet=rs0",
    )
    database: str = _setting("hubbub", "Name of the database.", pattern=r"^[A-Za-z0-9_-]{1,38}$")


class Data(Group):
    """What is kept outside the database: the key file and the files of the embedded database."""

    folder: Path = _setting(
        Path("~/.local/share/hubbub"), "Made at the first start, readable by its owner alone."
    )


class Web(Group):
    """The web server: pages, API and webhooks."""

    host: str = _setting("127.0.0.1", "Address to listen on; 0.0.0.0 for every interface.", min_length=1)
    port: int = _setting(8420, "Port to listen on; 0 for any free one.", ge=0, le=65535)
    public_url: Annotated[str, AfterValidator(_public_url)] | None = _setting(
        None, "The address people and platforms reach us by.", example="https://hub.example.com"
    )
    trusted_proxies: list[Annotated[str, AfterValidator(_network)]] = _setting(
        [], "Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."
    )


class Secrets(Group):
    """The key that seals the channels' passwords and tokens. Who loses it enters them again: keep a copy."""

    key: Annotated[SecretStr, AfterValidator(_key)] | None = _setting(
        None,
        "The key itself, 32 bytes in base64. Without it, `key_file` is read.",
        example="openssl rand -base64 32",
    )
    key_file: Path | None = _setting(
        None,
        "File with the key, mode 0600. Default: `key` in the data folder, made there at the first start.",
        example="/etc/hubbub/key",
    )
    old_keys: list[Annotated[SecretStr, AfterValidator(_key)]] = _setting(
        [],
        "Former keys: what they sealed can be opened; what is saved is sealed with the present one.",
    )


class SignIn(Group):
    """Sessions of those who are signed in."""

    idle_hours: int = _setting(72, "A session that is not used ends after so long.", unit="hours", ge=1)
    longest_days: int = _setting(
        30, "However much it is used, a session ends after so long.", unit="days", ge=1, le=366
    )


class Oidc(Group):
    """Single sign-on by OpenID Connect. The provider must know /desk/sign-in/oidc of our public URL."""

    issuer: Annotated[str, AfterValidator(_public_url)] | None = _setting(
        None,
        "The provider's address, below which is /.well-known/openid-configuration. Without it there is no "
        "single sign-on.",
        example="https://sso.example.com/realms/main",
    )
    client_id: str = _setting("hubbub", "What the provider knows us by.", min_length=1)
    client_secret: SecretStr | None = _setting(
        None,
        "The secret it gave us. Not needed where it knows us as a public client.",
        example="from the provider",
    )
    title: str = _setting("single sign-on", "The words on the button: Sign in with ...", min_length=1)
    scopes: list[str] = _setting(["openid", "email", "profile"], "What we ask the provider for.")
    groups_claim: str = _setting(
        "groups", "Where it says in which groups somebody is, by name or path (realm_access.roles)."
    )
    group_roles: list[Annotated[str, AfterValidator(_group_role)]] = _setting(
        [],
        "Who gets which role: group=admin, group=supervisor or group=agent. The highest counts, at every "
        "sign-in. Who is in none of the groups is kept out. Empty: groups decide nothing.",
    )
    create_agents: bool = _setting(
        False,
        "Whoever the provider knows is made an agent at the first sign-in; else an admin adds them first.",
    )
    trust_email: bool = _setting(
        False,
        "Believe addresses that the provider does not mark as verified. Only where nobody there can choose "
        "their own.",
    )


class Log(Group):
    """One line per thing that happened, never with message texts, addresses or secrets."""

    format: Literal["console", "json"] = _setting("console", "`console` for people, `json` for machines.")
    level: Literal["debug", "info", "warning", "error"] = _setting("info", "The least that is written.")


class Media(Group):
    """Attachments and pictures."""

    largest_file_bytes: int = _setting(25 * 1024 * 1024, "Larger files are refused.", unit="bytes", ge=1024)
    fetch_private_addresses: bool = _setting(
        False,
        "May files be fetched from the own network? Leave it off: customers choose the addresses.",
    )


class Ingest(Group):
    """The way in."""

    reopen_within_days: int = _setting(
        14,
        "A new message reopens a conversation resolved no longer ago than this; later it opens a new one. "
        "A channel takes it over when it is connected.",
        unit="days",
        ge=0,
    )


class Outbox(Group):
    """The way out."""

    undo_seconds: int = _setting(
        10, "A reply waits so long before it leaves, and can be taken back.", unit="seconds", ge=0, le=120
    )
    give_up_after_hours: int = _setting(
        24, "A platform out of reach is tried again for so long.", unit="hours", ge=1
    )


class Mail(Group):
    """Mails of Hubbub's own to those who answer: digests of what they have not seen. Customers' mail goes
    through channels.
    """

    host: str | None = _setting(
        None, "The server that takes them. Without it there are no digests.", example="smtp.example.com"
    )
    port: int = _setting(587, "Its port.", ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = _setting("starttls", "How the connection is encrypted.")
    user: str = _setting("", "The name to sign in with. Empty: without signing in.")
    password: SecretStr | None = _setting(None, "Its password.", example="from the provider")
    sender: Annotated[str, AfterValidator(_address)] = _setting(
        "hubbub@localhost", "The address they come from. Best one that nobody reads."
    )
    ca_file: Path | None = _setting(
        None,
        "Certificates to trust, where the server's is not signed by a public authority.",
        example="/etc/hubbub/ca.pem",
    )


class Webhooks(Group):
    """Outgoing webhooks: other programs are told what happens here."""

    private_addresses: bool = _setting(
        False, "May they go into the own network, and be plain http? Admins choose the addresses."
    )
    disable_after_days: int = _setting(
        5, "A webhook that does nothing but fail is switched off after so long.", unit="days", ge=1, le=60
    )
    log_days: int = _setting(
        30, "What was sent, and what was answered, is kept for so long.", unit="days", ge=1, le=366
    )


class Embedded(Group):
    """The embedded database, for trials and demos. Beyond a few thousand conversations use MongoDB."""

    program: str = _setting("secantusd-py", "The program to start.", min_length=1)
    cache_mb: int = _setting(64, "Memory for its cache.", unit="MiB", ge=16)


class Settings(Group):
    """All of it, as the rest of the program gets it."""

    mongo: Mongo = Mongo()
    data: Data = Data()
    web: Web = Web()
    secrets: Secrets = Secrets()
    sign_in: SignIn = SignIn()
    oidc: Oidc = Oidc()
    log: Log = Log()
    media: Media = Media()
    ingest: Ingest = Ingest()
    outbox: Outbox = Outbox()
    mail: Mail = Mail()
    webhooks: Webhooks = Webhooks()
    embedded: Embedded = Embedded()

    @property
    def key_file(self) -> Path:
        """Where the key is, or is made at the first start, if `secrets.key` does not give it."""
        return self.secrets.key_file or self.data.folder / "key"


def list_leaves() -> dict[str, Leaf]:
    """Every setting by its full name, in the order of the file: "mongo.url" and so on."""
    return {
        f"{group}.{name}": Leaf.of(field)
        for group, table in Settings.model_fields.items()
        for name, field in table.default.__class__.model_fields.items()
    }


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings from the file and the environment, every path in them absolute.

    `path` is what `--config` said; else HUBBUB_CONFIG, ./hubbub.toml, /etc/hubbub/hubbub.toml, or no file.
    Raises SettingsError: one sentence with the setting, where it was read and how to mend it.
    """
    leaves = list_leaves()
    found = collect(leaves, find_file(path, environ), environ)
    try:
        return Settings.model_validate(found.values)
    except ValidationError as problem:
        raise SettingsError(explain(problem.errors()[0], leaves, found)) from None
