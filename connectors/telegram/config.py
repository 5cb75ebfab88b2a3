"""What a Telegram channel has to know, and what is asked for it."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    model_validator,
)

from hub.contract.connector import Question
from hub.contract.errors import Rejected, RejectReason

TELEGRAM = "https://api.telegram.org"
Way = Literal["poll", "webhook"]


class Business(BaseModel):
    """A business account whose chats the bot cannot answer, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: int
    name: str
    gone: bool  # disconnected; else connected without the right to reply


class TelegramConfig(BaseModel):
    """`api`: a Bot API server of one's own, which takes larger files; else Telegram's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr = Field(min_length=1)
    way: Way = "poll"
    webhook_secret: SecretStr | None = None
    username: str = ""  # the bot's, without @; tells what in a group is meant for it
    groups: Literal["addressed", "all"] = "addressed"
    start_field: str = Field(default="", pattern=r"^([a-z][a-z0-9_]{0,39})?$")  # key of a customer's field
    api: HttpUrl = HttpUrl(TELEGRAM)
    unanswerable: tuple[Business, ...] = ()  # forgotten when somebody saves the settings
    timeout: float = Field(
        default=20.0, gt=0, le=300
    )  # seconds for one answer; files get three times as long

    @model_validator(mode="after")
    def _have_what_webhooks_need(self) -> "TelegramConfig":
        if self.way == "webhook" and self.webhook_secret is None:
            raise ValueError("webhooks need webhook_secret, which Telegram sends along with each of them")
        return self

    @property
    def bot_id(self) -> str:
        """Every token begins with it."""
        return self.token.get_secret_value().partition(":")[0]

    @property
    def base(self) -> str:
        return str(self.api).rstrip("/")

    @property
    def has_own_server(self) -> bool:
        return self.base != TELEGRAM


def config_from(answers: Mapping[str, str]) -> TelegramConfig:
    """Raises Rejected for an answer that cannot be right."""
    given = {name: text.strip() for name, text in answers.items() if text.strip()}
    secret = secrets.token_urlsafe(32) if given.get("way") == "webhook" else None
    try:
        return TelegramConfig.model_validate({**given, "webhook_secret": secret})
    except ValidationError as problem:
        first = problem.errors()[0]
        words = f"{'.'.join(map(str, first['loc']))}: {first['msg']}."
        raise Rejected(words[0].upper() + words[1:], reason=RejectReason.OTHER) from None


def settings_of(config: TelegramConfig) -> tuple[Question, ...]:
    """All but the token, as they are."""
    return tuple(
        replace(each, default=str(getattr(config, each.name)).rstrip("/"), advanced=False)
        for each in QUESTIONS
        if not each.secret
    )


def adjusted_config(config: TelegramConfig, answers: Mapping[str, str]) -> TelegramConfig:
    """Webhooks keep the secret they have. Raises Rejected for an answer that cannot be right."""
    known = {each.name: each.default for each in settings_of(config)}
    fresh = config_from({**known, **answers, "token": config.token.get_secret_value()})
    kept: dict[str, object] = {"username": config.username, "timeout": config.timeout}
    if config.webhook_secret is not None:
        kept["webhook_secret"] = config.webhook_secret
    return fresh.model_copy(update=kept)


QUESTIONS = (
    Question(
        name="token",
        label="Bot token",
        help="In Telegram, write /newbot to @BotFather and answer its questions; it gives you the token.",
        secret=True,
    ),
    Question(
        name="way",
        label="How messages come in",
        help="poll: Hubbub asks Telegram, which works behind any firewall. webhook: Telegram calls Hubbub.",
        default="poll",
        choices=("poll", "webhook"),
        advanced=True,
    ),
    Question(
        name="groups",
        label="Messages in groups",
        help="addressed: those that name the bot, answer it or begin with a slash. all: every message.",
        default="addressed",
        choices=("addressed", "all"),
        advanced=True,
    ),
    Question(
        name="start_field",
        label="Field for the start parameter",
        help="The key of a customer's custom field. It takes what stands behind ?start= in links to the bot, "
        "such as https://t.me/your_bot?start=spring_fair. Anybody can change a link: it proves nothing.",
        required=False,
        advanced=True,
    ),
    Question(
        name="api",
        label="Bot API server",
        help="Your own Bot API server, if you run one: it takes files of up to 2 GB.",
        default=TELEGRAM,
        advanced=True,
    ),
)
