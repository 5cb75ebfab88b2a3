"""Settings of a simulated channel, and the questions that lead to them."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from connectors.simulator.imitations import Imitation
from hub.contract.connector import Question
from hub.contract.errors import Rejected, RejectReason
from hub.contract.steps import Step

Way = Literal["poll", "stream", "webhook"]


class SimulatorConfig(BaseModel):
    """Worlds live inside the process and are found by name: a world nobody opened begins empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    world: str = Field(default="demo", min_length=1, max_length=64)
    account: str = Field(default="shop", min_length=1, max_length=64)
    imitates: Imitation = "messenger"
    way: Way = "stream"
    token: SecretStr = SecretStr("simulated")
    webhook_secret: SecretStr | None = None
    batch: int = Field(default=50, ge=1, le=1000)  # events at a time
    from_start: bool = False  # read what the platform still keeps, instead of "from now on"
    reply_hours: int | None = Field(default=None, ge=1)  # how long a direct message may be answered
    dedupes: bool = False  # the platform drops a repeat of our idempotency key
    finds_sent: bool = True  # the platform can be asked what became of a message

    @model_validator(mode="after")
    def _webhooks_are_signed(self) -> Self:
        if self.way == "webhook" and not (self.webhook_secret and self.webhook_secret.get_secret_value()):
            raise ValueError("Webhooks are signed: a channel that takes them needs `webhook_secret`.")
        return self


QUESTIONS = (
    Question(name="world", label="World", help="The name of the simulated network.", default="demo"),
    Question(name="account", label="Account", help="Who we are in that world.", default="shop"),
    Question(
        name="imitates",
        label="Imitates",
        help="Which kind of platform it pretends to be.",
        default="messenger",
        choices=("email", "messenger", "social"),
    ),
    Question(
        name="way",
        label="Way in",
        help="How messages reach Hubbub.",
        default="stream",
        choices=("poll", "stream", "webhook"),
    ),
    Question(
        name="token",
        label="Token",
        help="A simulated platform takes any, unless its world says otherwise.",
        secret=True,
        default="simulated",
    ),
    Question(
        name="webhook_secret",
        label="Webhook secret",
        help="Signs what the platform posts; only webhooks need it.",
        secret=True,
        required=False,
    ),
)

STEPS = (
    Step(
        name="account",
        title="Choose whom to be",
        words="A simulated network lives inside Hubbub, with customers of its own; nothing leaves it.",
        asks=("world", "account", "imitates"),
    ),
    Step(
        name="token",
        title="Show a token",
        words="Real platforms need a token; a simulated one takes any, unless it was told one.",
        asks=("token",),
    ),
    Step(
        name="way",
        title="Choose how messages come in",
        words="Each way is one that real platforms use. What comes by webhook is signed with a secret.",
        asks=("way", "webhook_secret"),
    ),
)


def config_from(answers: Mapping[str, str]) -> SimulatorConfig:
    """Raises Rejected for an answer that cannot be right."""
    try:
        return SimulatorConfig.model_validate(dict(answers))
    except ValidationError as problem:
        words = problem.errors(include_url=False, include_input=False)[0]["msg"].removeprefix("Value error, ")
        raise Rejected(f"{words.rstrip('.')}.", reason=RejectReason.OTHER) from None
