"""Deeds of the audit log in the words of the reader; a deed we have no words for, as it was written down."""

from collections.abc import Mapping

from hub.model.sign_ins import AuditEntry
from inbox_ui.browsers import browser_words
from inbox_ui.words import Words


def deed_words(deed: str, words: Words) -> str:
    return _known(words).get(deed) or deed.replace("_", " ").capitalize()


def known_deeds(words: Words) -> list[tuple[str, str]]:
    return sorted(_known(words).items(), key=lambda each: each[1].casefold())


def _known(words: Words) -> dict[str, str]:
    known = {**_of_signing_in(words), **_of_the_office(words), **_of_channels(words)}
    return {**known, **_of_routing(words), **_of_customers(words), **_of_privacy(words)}


def _of_privacy(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "person_export_asked": _("Asked for the export of a person"),
        "person_export_done": _("Took a person out"),
        "person_export_taken": _("Downloaded the export of a person"),
        "person_export_removed": _("Removed the export of a person"),
        "person_erasure_asked": _("Asked for the erasure of a person"),
        "person_erasure_done": _("Erased a person"),
        "person_job_resumed": _("Went on with a job on a person"),
        "retention_changed": _("Changed how long something is kept"),
    }


def _of_signing_in(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "signed_in": _("Signed in"),
        "sign_in_failed": _("Failed to sign in, again and again"),
        "first_admin_made": _("Made the first admin"),
        "password_set": _("Set a password"),
        "password_changed": _("Changed the password"),
        "second_factor_added": _("Turned on the second factor"),
        "second_factor_removed": _("Turned off the second factor"),
        "second_factor_reset": _("Reset the second factor"),
        "recovery_codes_renewed": _("Renewed the recovery codes"),
        "sessions_ended": _("Signed out everywhere"),
        "token_created": _("Made a token"),
        "token_revoked": _("Revoked a token"),
        "unlinked": _("Unlinked from single sign-on"),
    }


def _of_the_office(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "agent_added": _("Added an agent"),
        "agent_changed": _("Changed an agent"),
        "agent_disabled": _("Kept an agent out"),
        "agent_enabled": _("Let an agent in again"),
        "name_changed": _("Changed the name"),
        "role_changed": _("Changed the role"),
        "invited": _("Made an invitation"),
        "team_added": _("Made a team"),
        "team_renamed": _("Renamed a team"),
        "team_members_changed": _("Changed the members of a team"),
        "team_channels_changed": _("Changed the channels of a team"),
        "tag_made": _("Made a tag"),
        "tag_renamed": _("Renamed a tag"),
        "tag_removed": _("Removed a tag"),
        "tags_merged": _("Merged tags"),
        "field_made": _("Made a field"),
        "field_changed": _("Changed a field"),
        "field_removed": _("Removed a field"),
        "hook_added": _("Made a webhook"),
        "hook_changed": _("Changed a webhook"),
        "hook_enabled": _("Switched a webhook on"),
        "hook_disabled": _("Switched a webhook off"),
        "hook_secret_changed": _("Gave a webhook a new secret"),
        "hook_tested": _("Tried a webhook out"),
        "hook_redelivered": _("Had webhooks sent again"),
        "hook_removed": _("Removed a webhook"),
        "conversation_deleted": _("Deleted a conversation"),
        "message_deleted": _("Deleted a message on its platform"),
        "audit_exported": _("Exported the audit log"),
    }


def _of_customers(words: Words) -> dict[str, str]:
    """Of customers, and of the lists that are kept for others."""
    _ = words.gettext
    return {
        "company_changed": _("Changed a company"),
        "customers_imported": _("Brought in customers"),
        "customers_exported": _("Took all customers out"),
        "import_uploaded": _("Uploaded a file of customers"),
        "import_begun": _("Had a file of customers brought in"),
        "import_resumed": _("Went on with a file of customers"),
        "import_undone": _("Undid an import of customers"),
        "import_discarded": _("Forgot a file of customers"),
        "consent_recorded": _("Wrote down a consent"),
        "customer_changed": _("Changed a customer"),
        "event_type_saved": _("Described what other programs tell"),
        "event_type_removed": _("Removed what other programs tell"),
        "view_saved": _("Made a view for others"),
        "view_changed": _("Changed a view for others"),
        "view_removed": _("Removed a view for others"),
    }


def _of_routing(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "rule_added": _("Made a rule"),
        "rule_changed": _("Changed a rule"),
        "rule_removed": _("Removed a rule"),
        "rules_ordered": _("Put the rules into another order"),
        "rules_reading": _("Changed how far rules are read"),
        "segment_added": _("Made a segment"),
        "segment_changed": _("Changed a segment"),
        "segment_removed": _("Removed a segment"),
        "hours_saved": _("Saved working hours"),
        "hours_removed": _("Removed working hours"),
        "level_saved": _("Saved a service level"),
        "level_removed": _("Removed a service level"),
        "team_plan_saved": _("Changed how a team hands out its work"),
        "agent_plan_saved": _("Changed what an agent can take"),
        "rating_plan_saved": _("Changed how customers are asked how content they are"),
        "workplace_saved": _("Changed what conversations weigh, or when somebody is away"),
    }


def _of_channels(words: Words) -> dict[str, str]:
    """Of channels, and of what goes through them."""
    _ = words.gettext
    return {
        "channel_connected": _("Connected a channel"),
        "channel_changed": _("Changed a channel"),
        "channel_paused": _("Paused a channel"),
        "channel_resumed": _("Resumed a channel"),
        "channel_removed": _("Removed a channel"),
        "channel_tested": _("Tested a channel"),
        "room_linked": _("Linked a room where agents answer"),
        "room_unlinked": _("Unlinked a room where agents answer"),
        "channel_reauthenticated": _("Gave a channel new credentials"),
        "channel_compared": _("Compared a channel with its platform"),
        "missing_taken": _("Took in what was missing"),
        "arrivals_replayed": _("Had arrivals read again"),
        "original_taken": _("Downloaded the original of an arrival"),
        "saved_reply_made": _("Made a saved reply"),
        "saved_reply_changed": _("Changed a saved reply"),
        "saved_reply_removed": _("Removed a saved reply"),
        "delivery_retried": _("Sent a message again"),
        "deliveries_retried": _("Sent again what had failed"),
        "delivery_confirmed": _("Marked a message as arrived"),
    }


def detail_words(entry: AuditEntry, names: Mapping[str, str], words: Words) -> str:
    """What else was written down: from what to what, how, with which browser."""
    details = dict(entry.details)
    parts = []
    was, now = (details.pop(new, details.pop(old, "")) for new, old in (("was", "from"), ("now", "to")))
    if was or now:
        parts.append(f"{was} → {now}" if was else now)
    for key, value in details.items():
        if key == "browser":
            value = browser_words(value, words)
        elif key == "of":
            value = names.get(value, value)
        parts.append(_value(key, value, words))
    return " · ".join(each for each in parts if each)


def _value(key: str, value: str, words: Words) -> str:
    _ = words.gettext
    known = {
        ("how", "password"): _("by password"),
        ("how", "oidc"): _("by single sign-on"),
        ("how", "link"): _("by link"),
        ("second_factor", "app"): _("with the app’s code"),
        ("second_factor", "recovery"): _("with a recovery code"),
        ("wrong", "password"): _("wrong password"),
        ("wrong", "code"): _("wrong code"),
    }
    if key == "count" and value.isdecimal():
        return words.ngettext("%(num)d time", "%(num)d times", int(value))
    if key == "missing" and value.isdecimal():
        return words.ngettext("%(num)d missing", "%(num)d missing", int(value))
    if key == "messages" and value.isdecimal():
        return words.ngettext("%(num)d message", "%(num)d messages", int(value))
    return known.get((key, value), value)
