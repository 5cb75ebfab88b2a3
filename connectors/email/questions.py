"""What is asked of whoever connects a mailbox. Pure data."""

from connectors.email.config import Security
from hub.contract.connector import Question

_ADVANCED = "Only if it is not found by itself."
OAUTH = ("google", "microsoft", "custom")  # providers of tokens
SECURITIES = tuple(str(each) for each in Security)

QUESTIONS = (
    Question(name="address", label="E-mail address"),
    Question(
        name="password",
        label="Password",
        help="With Google, Yahoo, iCloud and others: an app password.",
        secret=True,
        required=False,
        when=("auth", ("password",)),
    ),
    Question(name="name", label="Name shown to customers", help='For example "Muster GmbH".', required=False),
    Question(
        name="start",
        label="Which mail to begin with",
        help="now, unread, or since:2026-01-31",
        default="now",
        required=False,
    ),
    Question(
        name="after",
        label="What becomes of mail on the server",
        help="leave, seen, or move:FOLDER",
        default="leave",
        required=False,
        advanced=True,
    ),
    Question(
        name="folders",
        label="Folders to read",
        help="Separated by commas.",
        default="INBOX",
        required=False,
        advanced=True,
    ),
    Question(
        name="auth",
        label="How to sign in",
        default="password",
        required=False,
        choices=("password", *OAUTH),
        advanced=True,
    ),
    Question(
        name="token_url",
        label="OAuth token address",
        help="For custom, and for an application of one Microsoft organisation: "
        "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token",
        required=False,
        advanced=True,
        when=("auth", ("microsoft", "custom")),
    ),
    Question(
        name="client_id",
        label="OAuth client id",
        help="For Google or Microsoft sign-in.",
        required=False,
        advanced=True,
        when=("auth", OAUTH),
    ),
    Question(
        name="client_secret",
        label="OAuth client secret",
        secret=True,
        required=False,
        advanced=True,
        when=("auth", OAUTH),
    ),
    Question(
        name="refresh_token",
        label="OAuth refresh token",
        secret=True,
        required=False,
        advanced=True,
        when=("auth", OAUTH),
    ),
    Question(name="user", label="User name", help="If it is not the address.", required=False, advanced=True),
    Question(name="imap_host", label="IMAP server", help=_ADVANCED, required=False, advanced=True),
    Question(name="imap_port", label="IMAP port", help=_ADVANCED, required=False, advanced=True),
    Question(
        name="imap_security",
        label="IMAP encryption",
        default="tls",
        required=False,
        choices=SECURITIES,
        advanced=True,
    ),
    Question(name="smtp_host", label="SMTP server", help=_ADVANCED, required=False, advanced=True),
    Question(name="smtp_port", label="SMTP port", help=_ADVANCED, required=False, advanced=True),
    Question(
        name="smtp_security",
        label="SMTP encryption",
        default="tls",
        required=False,
        choices=SECURITIES,
        advanced=True,
    ),
    Question(
        name="plus_addressing",
        label="Does name+anything@ reach name@?",
        help="Then answers find their conversation even where a mail program drops the thread.",
        required=False,
        choices=("yes", "no"),
        advanced=True,
    ),
    Question(
        name="signature",
        label="Signature",
        help="Markdown; {{ agent }} and {{ name }}.",
        required=False,
        advanced=True,
    ),
    Question(
        name="ca_file",
        label="File with certificates to trust",
        help="For servers with certificates of the company's own.",
        required=False,
        advanced=True,
    ),
    Question(
        name="copy_to_sent",
        label="Keep copies of what is sent?",
        help="In the folder for sent mail; some providers do it themselves.",
        required=False,
        choices=("yes", "no"),
        advanced=True,
    ),
    Question(
        name="sent_folder",
        label="Folder for sent mail",
        help=_ADVANCED,
        required=False,
        advanced=True,
    ),
)
