"""The source tree, as the house rules look at it."""

import os
from functools import cache
from pathlib import Path

TOP = Path(__file__).parents[2]
ROOMS = ("hub", "connectors", "routing", "inbox_ui", "config")
PASSED_OVER = {"__pycache__", "node_modules", "dist", "build", "data"}


@cache
def list_files(*suffixes: str) -> list[Path]:
    """Every file of ours, or those with one of `suffixes`, by its path from the top."""
    found: list[Path] = []
    for folder, folders, names in os.walk(TOP):
        folders[:] = [
            name for name in folders if name not in PASSED_OVER and (name[0] != "." or name == ".ci")
        ]
        found += [Path(folder, name).relative_to(TOP) for name in names]
    return sorted(path for path in found if not suffixes or path.suffix in suffixes)
