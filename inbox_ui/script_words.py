"""The sentences our scripts say, in the reader's language; what stands in braces is filled in there."""

import re

from inbox_ui.words import Words

_NUMBER = re.compile(r"%\((\w+)\)[ds]")


def script_words(words: Words) -> dict[str, str]:
    return {
        **_page_words(words),
        **_time_words(words),
        **_palette_words(words),
        **_composer_words(words),
    }


def _page_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "goneKept": _(
            "This conversation is not here any more, or not yours to see. "
            "What you were writing stays here, so that you can copy it."
        ),
        "merged": _("It was merged into this conversation. What you were writing is here."),
        "since": _("New since you last looked"),
        "gone": _("This conversation is not here any more."),
        "stale": _("This form was out of date. Nothing was changed; try again."),
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
        "selected": _("{count} selected"),
        "selectedAll": _("All in this list"),
        "progress": _("{done} of {total}"),
        "doneAll": _("Done for {count}"),
        "doneSome": _("{done} done, {failed} not"),
        "why": _("Why"),
        "chooseOne": _("An answer goes to one conversation at a time: open it first."),
        "allOf": _("All that are in this list, also those not shown? At most 20,000 are done at once."),
    }


def _palette_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "nothingFound": _("Nothing found"),
        "searching": _("Searching …"),
        "searchFailed": _("The search did not work. Try again in a moment."),
        "searchOffline": _("No connection: only what is on this page is found."),
        "handTo": _("Hand to {who}"),
        "snoozeUntil": _("Snooze: {when}"),
        "priorityOf": _("Priority: {name}"),
        "addTag": _("Add a tag"),
        "addTheTag": _("Add the tag {tag}"),
        "newConversation": _("New conversation"),
        "filterList": _("Filter the list"),
        "replyAll": _("Reply to all"),
        "keys": _("Keys"),
    }


def _time_words(words: Words) -> dict[str, str]:
    _ = words.gettext
    return {
        "now": _("now"),
        "minutes": _filled_there(_("%(num)d min")),
        "hours": _filled_there(_("%(num)d h")),
        "days": _filled_there(_("%(num)d d")),
        "replyIn": _filled_there(_("Reply in %(time)s")),
        "resolveIn": _filled_there(_("Resolve in %(time)s")),
        "dueIn": _filled_there(_("Due in %(time)s")),
        "windowFor": _filled_there(_("window %(time)s")),
        "overdue": _filled_there(_("overdue %(time)s")),
        "windowClosed": _("window closed"),
    }


def _composer_words(words: Words) -> dict[str, str]:
    """Long because it lists all that can be said while somebody writes."""
    _ = words.gettext
    return {
        "toFillIn": _("Still to be filled in:"),
        "windowOver": _("The time for answering is over"),
        "windowDays": _filled_there(_("%(days)d d %(hours)d h left")),
        "windowHours": _filled_there(_("%(hours)d h %(minutes)d min left")),
        "windowMinutes": _filled_there(_("%(minutes)d min left")),
        "noFiles": _("Files cannot be sent on this channel."),
        "tooMany": _("At most {count} files can be sent in one message here."),
        "emptyFile": _("{name} is empty."),
        "wrongKind": _("{name}: files of type {kind} cannot be sent here."),
        "tooLarge": _("{name} is too large: at most {size} can be sent here."),
        "uploading": _("{name} is being uploaded"),
        "stop": _("Stop uploading {name}"),
        "attached": _("{name} is attached"),
        "uploadFailed": _("{name} could not be uploaded. Try again, or remove it."),
        "again": _("Upload {name} again"),
        "remove": _("Remove {name}"),
        "notUploaded": _("not uploaded"),
        "waitsForFiles": _("Leaves as soon as the files are there"),
        "notWithout": _("Not sent: {name} has not been uploaded. Try again, or remove it."),
        "kept": _("Draft saved"),
        "keptShared": _("Draft saved, shared"),
        "keptHere": _("Kept in this browser"),
        "keptSignedOut": _("Signed out. What you wrote is kept in this browser."),
        "clash": _("This draft was changed in another window."),
        "clashGone": _("This draft was sent or discarded in another window."),
        "takeOther": _("Take that one"),
        "keepMine": _("Keep this one"),
        "discard": _("Discard"),
        "discarded": _("Draft discarded"),
        "draft": _("Draft"),
        "share": _("Share this draft"),
        "shareNoMore": _("Share no more"),
        "sharedNow": _("The others can read this draft now, and take it over"),
        "sharedNoMore": _("This draft is yours alone"),
        "takenBack": _("Taken back: it is a draft again"),
        "noSnippets": _("No saved reply fits"),
        "withFiles": _("Files: {count}"),
        "missing": _("Without a value, to be filled in: {count}"),
    }


def _filled_there(text: str) -> str:
    return _NUMBER.sub(r"{\1}", text)
