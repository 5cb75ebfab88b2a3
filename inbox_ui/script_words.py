"""The sentences our scripts say, in the reader's language; what stands in braces is filled in there."""

from inbox_ui.words import Words


def script_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "now": _("now"),
        "minutes": _("%(num)d min").replace("%(num)d", "{num}"),
        "hours": _("%(num)d h").replace("%(num)d", "{num}"),
        "gone": _("This conversation is not here any more."),
        "failed": _("That did not work. Nothing was changed."),
        "offline": _("No connection. What you wrote is kept here; try again in a moment."),
        "lost": _("Connection lost, trying again. What you write is kept."),
        "live": _("Live: what happens elsewhere appears by itself"),
        "undo": _("Undo"),
        "nothingToUndo": _("There is nothing to undo."),
        "wrote": _("{who} has written"),
        "left": _("{count} characters left"),
        "over": _("{count} characters too many"),
        "assignTo": _("Assign to {who}"),
        "notices": _("Notices"),
        "noticesCount": _("Notices: {count} new"),
        "close": _("Close"),
        "nothingFound": _("Nothing found"),
    }
