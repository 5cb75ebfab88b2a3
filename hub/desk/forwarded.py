"""How a forwarded message is written below the words of whoever forwards it. Pure."""

from hub.model.inbox import Conversation, Message

QUOTED_BELOW = "---------- Forwarded message ----------"


def forwarded_subject(message: Message, conversation: Conversation) -> str:
    subject = message.content.subject or conversation.subject
    return subject if subject.casefold().startswith(("fwd:", "fw:")) else f"Fwd: {subject}"


def quoted(message: Message, conversation: Conversation) -> str:
    """What stands below the words of whoever forwards it: the message, and what it quoted itself."""
    content = message.content
    head = f"{QUOTED_BELOW}\nFrom: {message.author_name}\nDate: {message.at:%Y-%m-%d %H:%M} UTC\n"
    rest = f"\n\n{content.rest}" if content.rest else ""
    return f"{head}Subject: {content.subject or conversation.subject}\n\n{content.text}{rest}"


def own_words(text: str) -> str:
    """What somebody wrote above what they forwarded."""
    return text.partition(QUOTED_BELOW)[0].rstrip()
