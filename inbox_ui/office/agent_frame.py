"""What the pages about agents share."""

from inbox_ui.office.frame import ADMINS, Place

PLACE = Place(
    key="agents", group="company", icon="agents", title=lambda words: words.gettext("Agents"), roles=ADMINS
)
