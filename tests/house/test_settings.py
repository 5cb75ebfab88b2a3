"""A setting exists because some code reads it."""

import re

from config.settings import list_leaves
from tests.house.tree import TOP, list_files


def test_every_setting_is_read_by_the_program() -> None:
    """If this fails: wire the setting where its value is used, or delete it."""
    code = "\n".join(
        (TOP / path).read_text(encoding="utf-8") for path in list_files(".py") if path.parts[0] == "hub"
    )
    unread = [name for name in list_leaves() if not re.search(rf"\.{re.escape(name.split('.')[1])}\b", code)]
    assert unread == []
