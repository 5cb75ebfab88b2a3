"""What the pages about rules have in common."""

from inbox_ui.office.frame import ADMINS, Place

PLACE = Place(
    key="rules", group="company", icon="rules", title=lambda words: words.gettext("Rules"), roles=ADMINS
)
