"""The questions of a connector in the language of the reader. Unknown ones stay as they were written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from hub.contract.connector import Question
from hub.contract.steps import Step
from inbox_ui.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as it is drawn."""

    name: str
    label: str
    help: str
    value: str
    secret: bool
    required: bool
    advanced: bool
    choices: tuple[tuple[str, str], ...]


def asked(question: Question, prefix: str, answer: str | None, words: Words) -> Asked:
    """A secret that was typed is never drawn again."""
    known = _known(words)
    choices = tuple((each, each) for each in question.choices)
    if choices and not question.default:
        choices = (("", "–"), *choices)
    return Asked(
        name=prefix + question.name,
        label=known.get(question.label) or words.gettext(question.label),
        help=known.get(question.help) or (words.gettext(question.help) if question.help else ""),
        value="" if question.secret else (question.default if answer is None else answer),
        secret=question.secret,
        required=question.required,
        advanced=question.advanced,
        choices=choices,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnStep:
    """A step as it is drawn."""

    name: str
    title: str
    words: str
    link: str
    host: str  # of the link
    copies: str
    optional: bool
    questions: Sequence[Asked]


def drawn_step(step: Step, questions: Sequence[Asked], public_url: str, words: Words) -> DrawnStep:
    return DrawnStep(
        name=step.name,
        title=words.gettext(step.title),
        words=words.gettext(step.words),
        link=step.link,
        host=urlsplit(step.link).hostname or "",
        copies=step.copies.replace("{public_url}", public_url),
        optional=step.optional,
        questions=questions,
    )


def _known(words: Words) -> Mapping[str, str]:
    _ = words.gettext
    return {
        "E-mail address": _("E-mail address"),
        "Password": _("Password"),
        "With Google, Yahoo, iCloud and others: an app password.": _(
            "With Google, Yahoo, iCloud and others: an app password."
        ),
        "Name shown to customers": _("Name shown to customers"),
        'For example "Muster GmbH".': _('For example "Muster GmbH".'),
        "Which mail to begin with": _("Which mail to begin with"),
        "now, unread, or since:2026-01-31": _("now, unread, or since:2026-01-31"),
        "What becomes of mail on the server": _("What becomes of mail on the server"),
        "leave, seen, or move:FOLDER": _("leave, seen, or move:FOLDER"),
        "Folders to read": _("Folders to read"),
        "Separated by commas.": _("Separated by commas."),
        "How to sign in": _("How to sign in"),
        "OAuth client id": _("OAuth client id"),
        "For Google or Microsoft sign-in.": _("For Google or Microsoft sign-in."),
        "OAuth client secret": _("OAuth client secret"),
        "OAuth refresh token": _("OAuth refresh token"),
        "User name": _("User name"),
        "If it is not the address.": _("If it is not the address."),
        "IMAP server": _("IMAP server"),
        "IMAP port": _("IMAP port"),
        "IMAP encryption": _("IMAP encryption"),
        "SMTP server": _("SMTP server"),
        "SMTP port": _("SMTP port"),
        "SMTP encryption": _("SMTP encryption"),
        "Only if it is not found by itself.": _("Only if it is not found by itself."),
        "Signature": _("Signature"),
        "File with certificates to trust": _("File with certificates to trust"),
        "For servers with certificates of the company's own.": _(
            "For servers with certificates of the company's own."
        ),
        "Token": _("Token"),
    }
