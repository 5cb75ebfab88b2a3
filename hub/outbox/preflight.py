"""What can be known to fail before anything is sent. Pure."""

import fnmatch
from collections.abc import Sequence
from datetime import datetime

from hub.contract.capabilities import Capabilities, Visibility
from hub.model.content import Attachment, Content


class NotSendable(Exception):
    """This content cannot go this way; the text tells the writer why and what would help."""


def check_content(content: Content, limits: Capabilities) -> None:
    """Raises NotSendable."""
    if not content.text.strip() and not content.attachments:
        raise NotSendable("There is nothing to send: write something, or attach a file.")
    length = limits.text.measure(content.text)
    if length > limits.text.longest:
        over = length - limits.text.longest
        raise NotSendable(f"{over} characters too long: at most {limits.text.longest} can be sent here.")
    _check_files(content.attachments, limits)


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
        raise NotSendable(f"A {visibility} answer is not possible here.")
    if last_from_customer is None:
        if not limits.initiates:
            raise NotSendable("The customer has to write first on this channel.")
        return
    window = rule.free if automated else rule.human or rule.free
    if window is not None and now - last_from_customer > window:
        hours = round(window.total_seconds() / 3600)
        raise NotSendable(
            f"The platform allows answers for {hours} hours after the customer's last message; "
            "that time is over."
        )


def _check_files(attachments: Sequence[Attachment], limits: Capabilities) -> None:
    if not attachments:
        return
    if limits.media is None:
        raise NotSendable("Files cannot be sent on this channel.")
    if len(attachments) > limits.media.most:
        raise NotSendable(f"At most {limits.media.most} files can be sent in one message here.")
    for attachment in attachments:
        largest = [
            size
            for pattern, size in limits.media.largest.items()
            if fnmatch.fnmatch(attachment.mime, pattern)
        ]
        if not largest:
            raise NotSendable(f"{attachment.name}: files of type {attachment.mime} cannot be sent here.")
        if (attachment.size or 0) > max(largest):
            most = max(largest) // 1_048_576
            raise NotSendable(f"{attachment.name} is too large: at most {most} MiB can be sent here.")
