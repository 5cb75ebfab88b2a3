"""Everything about one person taken out, one person erased, and nothing kept for longer than is set.

jobs        asking for it, and what became of it: what pages, API and commands call
looking     what there is about a person, and in which conversations others write too
erasing     the steps of an erasure, each of which can be repeated
exporting   the parts of an export, written as they are read
zipping     a zip made while it is stored
receipts    what was done, signed
retention   rules by which things go after some days
working     who does all that in the background
"""

from dataclasses import dataclass

from hub.desk.replying import Desk
from hub.model.privacy import Secrecy
from hub.privacy.receipts import Signing

__all__ = ["Privacy", "build_privacy"]


@dataclass(frozen=True, slots=True, repr=False)
class Privacy:
    desk: Desk
    secrecy: Secrecy
    signing: Signing


def build_privacy(desk: Desk) -> Privacy:
    sealer = desk.registry.sealer
    return Privacy(
        desk, Secrecy(sealer.derive_all("erased people")), Signing(sealer.derive_all("privacy receipts"))
    )
