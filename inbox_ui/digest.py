"""The mail with what an agent has not seen, in their language: as text and as HTML."""

import jinja2

from hub.desk.notices import Group
from hub.notifying.digesting import Contents
from hub.notifying.posting import Letter
from inbox_ui.noticing import told
from inbox_ui.words import Words

SHOWN = 30  # conversations in one mail; of more it says how many


class DigestWriter:
    """Draws digests. Mail programs know no style sheets of ours: what they need is in the template."""

    def __init__(self) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("inbox_ui"),
            autoescape=jinja2.select_autoescape(["html"]),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def __call__(self, contents: Contents) -> Letter:
        words = Words(contents.settings.language, contents.settings.zone)
        groups = [told(Group(found, notices), words) for found, notices in contents.groups]
        values = {
            "_": words.gettext,
            "groups": groups[:SHOWN],
            "more": max(0, len(groups) - SHOWN),
            "url": contents.url,
            "unsubscribe": contents.unsubscribe,
            "name": contents.agent.name,
            "words": words,
            "now": contents.at,
        }
        count = len(groups)
        subject = words.ngettext("%(num)d conversation for you", "%(num)d conversations for you", count)
        if count == 1:
            subject = f"{groups[0].title}: {groups[0].lines[0].text}"
        return Letter(
            subject=" ".join(subject.split())[:150],
            text=self._templates.get_template("digest.txt").render(subject=subject, **values),
            html=self._templates.get_template("digest.html").render(subject=subject, **values),
        )
