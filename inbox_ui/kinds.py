"""What places and states are called and how they are drawn: names of icons, and sentences to translate."""

from collections.abc import Mapping
from datetime import timedelta

from hub.desk.reaching import Place
from hub.model.channels import Channel, Health
from hub.model.inbox import Conversation, DeliveryState, Message, Priority
from inbox_ui.words import Words

BY_PLATFORM = {"email": "mail", "telegram": "send", "slack": "hash", "whatsapp": "phone", "webchat": "globe"}
BY_SURFACE = {
    "email": "mail",
    "direct": "bubble",
    "group": "group",
    "comment": "comment",
    "mention": "globe",
}
STATE_ICONS: Mapping[DeliveryState, str] = {
    DeliveryState.QUEUED: "clock",
    DeliveryState.SENDING: "sending",
    DeliveryState.SENT: "check",
    DeliveryState.DELIVERED: "checks",
    DeliveryState.READ: "checks",
    DeliveryState.FAILED: "failed",
    DeliveryState.UNSURE: "unsure",
}


def via_icon(platform: str, surface: str) -> str:
    return BY_PLATFORM.get(platform) or BY_SURFACE.get(surface, "bubble")


def channel_icon(channel: Channel) -> str:
    return BY_PLATFORM.get(channel.platform, "bubble")


def via_words(each: Conversation | Message | Place, words: Words) -> str:
    """Through what somebody wrote, for those who do not see the icon."""
    _ = words.gettext
    return {
        "email": _("e-mail"),
        "direct": _("direct message"),
        "group": _("group"),
        "comment": _("public comment"),
        "mention": _("public mention"),
    }.get(each.surface, each.surface)


def state_words(state: DeliveryState, words: Words) -> str:
    _ = words.gettext
    return {
        DeliveryState.QUEUED: _("Waiting to be sent"),
        DeliveryState.SENDING: _("Sending"),
        DeliveryState.SENT: _("Sent"),
        DeliveryState.DELIVERED: _("Delivered"),
        DeliveryState.READ: _("Read"),
        DeliveryState.FAILED: _("Not delivered"),
        DeliveryState.UNSURE: _("May have arrived"),
    }[state]


def flag_words(flag: str, words: Words) -> str | None:
    _ = words.gettext
    return {
        "auto_reply": _("Automatic reply"),
        "list": _("Mailing list"),
        "spam": _("Probably spam"),
        "bounce": _("Delivery report"),
        "complaint": _("Complaint"),
    }.get(flag)


def priority_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        Priority.URGENT: _("Urgent"),
        Priority.HIGH: _("High"),
        Priority.NORMAL: _("Normal"),
        Priority.LOW: _("Low"),
    }


def health_words(channel: Channel, words: Words) -> str:
    _ = words.gettext
    if channel.paused:
        return _("paused")
    return {
        Health.NEW: _("not connected yet"),
        Health.CONNECTED: _("connected"),
        Health.RETRYING: _("cannot be reached, trying again"),
        Health.BROKEN: _("needs signing in again"),
    }[channel.health]


def view_words(view: str, title: str, words: Words) -> str:
    _ = words.gettext
    return {
        "open": _("Open"),
        "mine": _("Mine"),
        "unassigned": _("Unassigned"),
        "team": _("My teams"),
        "mentions": _("Mentions"),
        "following": _("Following"),
        "snoozed": _("Snoozed"),
        "resolved": _("Resolved"),
        "failed": _("Not delivered"),
        "spam": _("Spam"),
    }.get(view, title)


VIEW_ICONS = {
    "open": "inbox",
    "mine": "mine",
    "unassigned": "unassigned",
    "team": "team",
    "mentions": "mention",
    "following": "eye",
    "snoozed": "snooze",
    "resolved": "resolved",
    "failed": "trouble",
    "spam": "spam",
}


def status_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "open": _("Open"),
        "snoozed": _("Snoozed"),
        "resolved": _("Resolved"),
        "spam": _("Spam"),
        "any": _("Any but spam"),
    }


def surface_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "email": _("E-mail"),
        "direct": _("Direct message"),
        "group": _("Group"),
        "comment": _("Public comment"),
        "mention": _("Public mention"),
    }


def sort_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "newest": _("Newest"),
        "waiting": _("Waiting longest"),
        "due": _("Due first"),
        "window": _("Window ending first"),
    }


def language_words(code: str, words: Words) -> str:
    if code == "unknown":
        return words.gettext("not known")
    return words.locale.languages.get(code) or code


def filter_words(key: str, value: str, names: Mapping[str, Mapping[str, str]], words: Words) -> str:
    """One thing a list is filtered by, as a chip says it."""
    _ = words.gettext
    named = names.get(key, {}).get(value, value)
    pair = value.replace("=", ": ", 1)
    match key:
        case "status":
            return status_words(words).get(value, value)
        case "awaiting":
            return _("Waits for us") if value == "us" else _("Waits for the customer")
        case "priority":
            return _("Priority: %(name)s", name=priority_words(words).get(value, value))
        case "surface":
            return surface_words(words).get(value, value)
        case "language":
            return _("Language: %(name)s", name=language_words(value, words))
        case "agent":
            return _("Agent: %(name)s", name=named)
        case "team":
            return _("Team: %(name)s", name=named)
        case "older":
            return _("Older than %(time)s", time=hours_words(int(value), words))
        case "due" if value == "over":
            return _("Overdue")
        case "due":
            return _("Due within %(time)s", time=hours_words(int(value), words))
        case "customer":
            return _("Customer: %(field)s", field=pair)
        case "field":
            return _("Field: %(field)s", field=pair)
        case "platform":
            return named.title()
    return named


def hours_words(hours: int, words: Words) -> str:
    return words.span(timedelta(hours=hours))
