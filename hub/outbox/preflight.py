"""What can be known to fail before anything is sent. Pure."""

import fnmatch
from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.contract.capabilities import Capabilities, Visibility
from hub.model.content import Attachment, Content
from hub.model.sentences import Refusal


class NotSendable(Refusal):
    """This content cannot go this way; the text tells the writer why and what would help."""


def check_content(content: Content, limits: Capabilities) -> None:
    """Raises NotSendable."""
    if not content.text.strip() and not content.attachments:
        raise NotSendable("nothing_to_send")
    length = limits.text.measure(content.text)
    if length > limits.text.longest:
        over = length - limits.text.longest
        raise NotSendable("text_too_long", over=over, longest=limits.text.longest)
    _check_files(content.attachments, limits)
    _check_choices(content, limits)


def check_window(
    limits: Capabilities,
    visibility: Visibility,
    last_from_customer: datetime | None,
    now: datetime,
    *,
    automated: bool,
) -> None:
    """Raises NotSendable where the platform's time for answering is over."""
    rule = limits.replies.get(visibility)
    if rule is None:
        raise NotSendable("no_public_answer" if visibility is Visibility.PUBLIC else "no_private_answer")
    if last_from_customer is None:
        if not limits.initiates:
            raise NotSendable("customer_first")
        return
    window = rule.free if automated else rule.human or rule.free
    if window is not None and now - last_from_customer > window:
        hours = round(window.total_seconds() / 3600)
        raise NotSendable("window_over", hours=hours)


def _check_choices(content: Content, limits: Capabilities) -> None:
    if not content.choices:
        return
    if limits.choices is None:
        raise NotSendable("no_choices")
    files = len(content.attachments)
    if not content.text.strip() or files > (1 if limits.choices.beside_file else 0):
        raise NotSendable("choices_one_file" if limits.choices.beside_file else "choices_alone")
    if len(content.choices) > limits.choices.most:
        raise NotSendable("choices_many", most=limits.choices.most)
    for choice in content.choices:
        if (over := limits.choices.measure(choice) - limits.choices.longest) > 0:
            raise NotSendable("choice_long", choice=choice, over=over)


def _check_files(attachments: Sequence[Attachment], limits: Capabilities) -> None:
    if not attachments:
        return
    if limits.media is None:
        raise NotSendable("no_files")
    if len(attachments) > limits.media.most:
        raise NotSendable("files_many", most=limits.media.most)
    for attachment in attachments:
        largest = largest_of(attachment.mime, limits.media.largest)
        if largest is None:
            raise NotSendable("file_kind", name=attachment.name, mime=attachment.mime)
        if (attachment.size or 0) > largest:
            raise NotSendable("file_large", name=attachment.name, most=largest // 1_048_576)


def largest_of(mime: str, largest: Mapping[str, int]) -> int | None:
    """Bytes a file of this type may have: by the pattern that says most about it. None: no such file."""
    fitting = [pattern for pattern in largest if fnmatch.fnmatch(mime, pattern)]
    return largest[min(fitting, key=lambda pattern: pattern.count("*"))] if fitting else None
