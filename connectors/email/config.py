"""What an e-mail channel has to know. Parsed once here; every secret is a SecretStr."""

from datetime import date, datetime
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    field_validator,
    model_validator,
)

MIB = 1024 * 1024


class Security(StrEnum):
    TLS = "tls"  # encrypted from the first byte
    STARTTLS = "starttls"  # encrypted after a plain greeting; refused where the server cannot
    NONE = "none"  # plain text; only to this very machine


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(_Model):
    """Where to connect and how."""

    host: str = Field(min_length=1)
    port: int = Field(gt=0, lt=65536)
    security: Security = Security.TLS
    user: str | None = None  # what to log in with; None: the address

    @model_validator(mode="after")
    def _keep_plain_text_at_home(self) -> "Server":
        if self.security is Security.NONE and not is_loopback(self.host):
            raise ValueError(
                f"security = none is only for a server on this machine; {self.host} needs tls or starttls"
            )
        return self


class ImapServer(Server):
    folders: tuple[str, ...] = Field(default=("INBOX",), min_length=1)  # the first is watched


class Password(_Model):
    kind: Literal["password"] = "password"
    password: SecretStr


class OAuth(_Model):
    """XOAUTH2. Google and Microsoft need no `token_url`; it is known."""

    kind: Literal["xoauth2"] = "xoauth2"
    provider: Literal["google", "microsoft", "custom"]
    token_url: str | None = None
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    refresh_token: SecretStr | None = None
    access_token: SecretStr | None = None
    expires_at: datetime | None = None

    @model_validator(mode="after")
    def _be_able_to_get_a_token(self) -> "OAuth":
        if self.provider == "custom" and self.refresh_token is not None and not self.token_url:
            raise ValueError("a custom provider needs token_url to refresh its tokens")
        if self.refresh_token is None and self.access_token is None:
            raise ValueError("xoauth2 needs a refresh_token or at least an access_token")
        return self


class Timeouts(_Model):
    """Seconds."""

    connect: PositiveFloat = 15
    answer: PositiveFloat = 60  # longest silence of a server we wait for
    send: PositiveFloat = 300  # a whole mail, however large
    idle: float = Field(default=4 * 60, gt=0, lt=29 * 60)  # until IDLE is renewed
    poll: PositiveFloat = 60  # the folders that are not watched; all of them where there is no IDLE
    probe: PositiveFloat = 120


class EmailConfig(_Model):
    address: str
    name: str = ""  # "Muster GmbH": the display name
    from_name: str = "{agent} via {name}"  # the display name where a person answers
    imap: ImapServer
    smtp: Server
    auth: Annotated[Password | OAuth, Field(discriminator="kind")]
    start: str = "now"  # now, unread, since:2026-01-31
    after: str = "leave"  # leave, seen, move:FOLDER
    plus_addressing: bool = False  # the server delivers name+anything@ to name@
    sent_folder: str | None = None  # where sent mail is kept
    copy_to_sent: bool = True  # by us; False where the provider does it
    signature: str = ""  # jinja2: agent, name, address, signature (the agent's own; above it if not named)
    signing_key: SecretStr  # made at set-up; signs Message-IDs and reply addresses
    largest_mail: PositiveInt = 50 * MIB  # what is longer is cut here, and says so
    batch_mails: PositiveInt = 50
    batch_bytes: PositiveInt = 8 * MIB  # a larger mail makes a batch of its own
    reuse_seconds: PositiveFloat = 20  # how long an idle SMTP connection is kept for the next mail
    ca_file: str | None = None  # certificates to trust beside the system's: a company's own authority
    timeouts: Timeouts = Timeouts()

    @field_validator("address")
    @classmethod
    def _look_like_an_address(cls, value: str) -> str:
        value = value.strip()
        local, at, domain = value.rpartition("@")
        if not (local and at and domain) or any(char.isspace() or char in "<>,;" for char in value):
            raise ValueError(f"{value!r} is not an e-mail address")
        return value

    @field_validator("start")
    @classmethod
    def _know_where_to_start(cls, value: str) -> str:
        if value.startswith("since:"):
            date.fromisoformat(value.removeprefix("since:"))
        elif value not in ("now", "unread"):
            raise ValueError("start is now, unread or since:YYYY-MM-DD")
        return value

    @field_validator("after")
    @classmethod
    def _know_what_to_do_after(cls, value: str) -> str:
        moves = value.startswith("move:") and value.removeprefix("move:").strip()
        if value not in ("leave", "seen") and not moves:
            raise ValueError("after is leave, seen or move:FOLDER")
        return value

    @field_validator("signing_key")
    @classmethod
    def _sign_with_something(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 16:
            raise ValueError("signing_key needs at least 16 characters")
        return value

    @property
    def since(self) -> date | None:
        """The day from which old mail is taken, if one was chosen."""
        day = self.start.removeprefix("since:")
        return date.fromisoformat(day) if day != self.start else None

    @property
    def move_to(self) -> str | None:
        return self.after.removeprefix("move:").strip() if self.after.startswith("move:") else None

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
