"""From nothing to a connected mailbox: what to do at the provider, in order. Pure data."""

from connectors.email.config import EmailConfig
from hub.contract.steps import Step

STEPS = (
    Step(
        name="address",
        title="Say which mailbox it is",
        words="Best a mailbox of its own for the team, such as support@. Checking looks for its servers, and "
        "says what its provider asks of you.",
        asks=("address", "name"),
        further=(
            *("imap_host", "imap_port", "imap_security"),
            *("smtp_host", "smtp_port", "smtp_security", "ca_file"),
        ),
    ),
    Step(
        name="receiving",
        title="Let Hubbub read it",
        words="Where the provider asks for an app password, make one in the security settings of the "
        "account; where IMAP is off, switch it on in the settings of the mailbox. Then enter the password.",
        asks=("password",),
        further=("auth", "token_url", "client_id", "client_secret", "refresh_token", "user"),
    ),
    Step(
        name="sending",
        title="Let Hubbub send",
        words="Nothing is sent yet: Hubbub signs in to the server for outgoing mail, with the same password.",
        further=("copy_to_sent", "sent_folder"),
    ),
    Step(
        name="start",
        title="Choose where to begin",
        words="Old mail can come in, too: all that is unread, or all since a day.",
        asks=("start",),
        further=("after", "folders"),
    ),
)


def beginning(config: EmailConfig, mails: int) -> str:
    """Which mail will come in."""
    folder = config.imap.folders[0]
    if config.start == "now":
        return f"Mail that arrives from now on; the {mails} mails in {folder} stay where they are."
    if config.start == "unread":
        return f"The unread ones of the {mails} mails in {folder}, and all that arrives from now on."
    return f"Of the {mails} mails in {folder} those {config.start.replace(':', ' ')}, and all that arrives."
