"""New credentials for a mailbox that is set up already: what to ask, and the configuration with them."""

from collections.abc import Mapping

from pydantic import SecretStr

from connectors.email.config import EmailConfig, Password
from connectors.email.questions import QUESTIONS
from hub.contract.connector import Question
from hub.contract.errors import Rejected, RejectReason


def renewal_questions(config: EmailConfig) -> tuple[Question, ...]:
    """The password; with OAuth, what it signs in with instead."""
    wanted = ("password",) if isinstance(config.auth, Password) else ("refresh_token", "client_secret")
    return tuple(each for each in QUESTIONS if each.name in wanted)


def renewed_config(config: EmailConfig, answers: Mapping[str, str]) -> EmailConfig:
    """What is not answered stays as it is."""
    wanted = {each.name for each in renewal_questions(config)}
    given = {name: SecretStr(answers[name]) for name in wanted if answers.get(name)}
    if not given:
        raise Rejected("Enter the new password.", reason=RejectReason.OTHER)
    return config.model_copy(update={"auth": config.auth.model_copy(update=given)})
