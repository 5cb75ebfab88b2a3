"""Prints hubbub.example.toml from the settings' models: every setting, its default, unit and purpose."""

import json
import textwrap

from config.settings import Settings, list_leaves
from config.sources import Leaf, variable_of

WIDTH = 110
HEAD = """\
# Hubbub's settings. Copy this file to hubbub.toml, or name yours with --config or HUBBUB_CONFIG. Everything
# has a default: write only what you want to be different. A variable of the environment wins over this file:
# mongo.url is HUBBUB_MONGO__URL. A secret may also be in a file of its own, named by HUBBUB_MONGO__URL_FILE.
#
# This file is generated: python -m config.example > config/hubbub.example.toml
"""


def write_example() -> str:
    parts = [HEAD]
    leaves = list_leaves()
    for group, table in Settings.model_fields.items():
        parts.append("\n" + _comment((table.default.__class__.__doc__ or "").strip()) + f"[{group}]\n")
        parts += [_entry(name, leaf) for name, leaf in leaves.items() if name.startswith(f"{group}.")]
    return "".join(parts)


def _entry(name: str, leaf: Leaf) -> str:
    unit = f" Unit: {leaf.unit}." if leaf.unit else ""
    choices = f" One of: {', '.join(leaf.choices)}." if leaf.choices else ""
    unset = " Not set by default." if leaf.default is None else ""
    # Without a default there is nothing true to write, so an example stands there.
    value = json.dumps(leaf.example if leaf.default is None else leaf.default, default=str)
    text = f"{leaf.description}{unit}{choices}{unset} {variable_of(name)}"
    return f"{_comment(text)}#{name.split('.')[1]} = {value}\n"


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in textwrap.wrap(text, WIDTH - 2, break_on_hyphens=False))


if __name__ == "__main__":
    print(write_example(), end="")
