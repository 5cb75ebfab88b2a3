"""What places and states are called and how they are drawn: names of icons, and sentences to translate."""

from collections.abc import Mapping

from hub.model.channels import Channel, Health
from hub.model.inbox import Conversation, DeliveryState, Message, Priority
from inbox_ui.words import Words

BY_PLATFORM = {"email": "mail", "telegram": "send", "slack": "hash", "whatsapp": "phone"}
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


def via_words(each: Conversation | Message, words: Words) -> str:
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
