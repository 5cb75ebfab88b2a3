"""Jobs on people and retention rules in the words of the reader."""

from collections.abc import Mapping

from hub.model.privacy import JobKind, JobState, Kept
from inbox_ui.words import Words


def kind_words(kind: JobKind | Kept, words: Words) -> str:
    _ = words.gettext
    known: dict[str, str] = {
        JobKind.EXPORT: _("Export of a person"),
        JobKind.ERASURE: _("Erasure of a person"),
        Kept.RESOLVED: _("Resolved conversations"),
        Kept.SPAM: _("Spam"),
        Kept.JOURNAL: _("Originals in the journal"),
        Kept.ARRIVALS: _("Webhook bodies"),
        Kept.FILES: _("Files from customers"),
        Kept.VISITS: _("Page visits"),
        Kept.HAPPENINGS: _("Events from other programs"),
        Kept.EXPORTS: _("Exports of people"),
    }
    return known[kind]


def state_words(state: JobState, words: Words) -> str:
    _ = words.gettext
    return {
        JobState.WAITING: _("Waiting"),
        JobState.RUNNING: _("Under way"),
        JobState.DONE: _("Done"),
        JobState.FAILED: _("Failed"),
    }[state]


def counted_words(counts: Mapping[str, int], words: Words) -> list[tuple[str, str]]:
    """How many of what."""
    _ = words.gettext
    known = {
        "customers": _("customers who are this person"),
        "identities": _("addresses"),
        "conversations": _("conversations"),
        "entries": _("messages, notes and facts in them"),
        "emptied": _("messages emptied in conversations with others"),
        "named": _("messages of others that named them as a recipient"),
        "files": _("files"),
        "originals": _("raw originals"),
        "arrivals": _("webhook bodies"),
        "decisions": _("decisions of rules"),
        "drafts": _("drafts"),
        "notices": _("notices to agents"),
        "webhook_deliveries": _("deliveries of webhooks"),
        "ratings": _("answers to how content they are"),
        "joins": _("suggestions what may be one matter"),
        "chat_lines": _("lines of the web chat"),
        "visitors": _("visitors of the web chat"),
        "undo_steps": _("steps that could be undone"),
        "events": _("events from other programs"),
        "consents": _("consents"),
        "links": _("records of merges"),
        "suggestions": _("suggestions who they may be"),
        "audit": _("entries of the audit log that lost names and values"),
        "exports": _("exports"),
    }
    return [(words.number(counts[name]), text) for name, text in known.items() if counts.get(name)]


def kept_words(kept: Mapping[str, int], words: Words) -> list[str]:
    """What stays, and why."""
    _ = words.gettext
    known = {
        "others_words": _(
            "What others and we said in conversations with several people: it is not theirs alone."
        ),
        "shared_files": _("Files of which somebody else has the same bytes: they are theirs as well."),
        "proofs": _(
            "That a consent was given or taken back, and when: to be able to prove it. Only whoever knows "
            "the address finds it."
        ),
        "audit": _("The audit log: who did what and when. Names and values are taken out."),
        "journal": _("That something arrived, when and on which channel: to know that nothing was missed."),
        "tombstones": _(
            "Fingerprints of addresses and messages, useless without our key: so that nothing comes back."
        ),
        "elsewhere": _(
            "What platforms, mail servers, receivers of webhooks, downloaded files and backups hold is out "
            "of our reach."
        ),
    }
    return [text for name, text in known.items() if name in kept]
