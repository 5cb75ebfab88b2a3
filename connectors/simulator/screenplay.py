"""The scenes: matters that customers write about, as screenplays in TOML. Read once, checked, plain data.

A script is a list of turns. Each begins with a line `@who`, perhaps with a delay and files:

    @customer +1d photo:open-parcel.png
    Hello, only one of two arrived.
    %%
    Another way to say the same; one of them is chosen.

`who` is customer, agent, note, edit (the customer's last message now reads so), delete, react, read or
failed. A line that begins with any other @name is part of the text.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from hub.contract.capabilities import Surface

SPEAKERS = frozenset({"customer", "agent", "note"})
DEEDS = frozenset({"edit", "delete", "react", "read", "failed"})
STAGES: dict[str, tuple[str, Surface]] = {  # where a matter comes up: imitation and surface
    "email": ("email", Surface.EMAIL),
    "direct": ("messenger", Surface.DIRECT),
    "group": ("messenger", Surface.GROUP),
    "comment": ("social", Surface.COMMENT),
    "mention": ("social", Surface.MENTION),
    "social_direct": ("social", Surface.DIRECT),
}
_DELAY = re.compile(r"\+(\d+)([mhd])")
_CUE = re.compile(rf"(?m)^@(?=(?:{'|'.join(sorted(SPEAKERS | DEEDS))})\b)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class SceneInvalid(ValueError):
    """A scene that cannot be played; the text names the file or the matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One turn of a script, before names and numbers are filled in."""

    who: str
    texts: tuple[str, ...]
    after: timedelta | None = None
    files: tuple[tuple[str, str], ...] = ()  # kind, name


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    key: str
    language: str
    on: str
    weight: int
    tags: tuple[str, ...]
    subjects: tuple[str, ...]
    flags: tuple[str, ...]
    company: bool
    bounces: bool
    products: str | None  # which kind of product it is about; None: any
    script: tuple[Cue, ...]

    @property
    def imitation(self) -> str:
        return STAGES[self.on][0]

    @property
    def surface(self) -> Surface:
        return STAGES[self.on][1]


def load_matters(folder: Path) -> tuple[Matter, ...]:
    """Every matter in the files of `folder` that are named for their language: en_*.toml, de_*.toml."""
    matters: list[Matter] = []
    for path in sorted(folder.glob("[a-z][a-z]_*.toml")):
        whole = tomllib.loads(path.read_text("utf-8"))
        matters += [matter_of(table, whole["language"]) for table in whole["matter"]]
    keys = [matter.key for matter in matters]
    if not matters or len(keys) != len(set(keys)):
        raise SceneInvalid(f"{folder} holds no matters, or two of the same key.")
    return tuple(matters)


def matter_of(table: dict[str, Any], language: str) -> Matter:
    key = table.get("key", "?")
    try:
        matter = Matter(
            key=key,
            language=language,
            on=table["on"],
            weight=table.get("weight", 1),
            tags=tuple(table["tags"]),
            subjects=tuple(table.get("subjects", ())),
            flags=tuple(table.get("flags", ())),
            company=table.get("company", False),
            bounces=table.get("bounces", False),
            products=table.get("products"),
            script=tuple(cues_of(table["script"])),
        )
    except (KeyError, SceneInvalid) as problem:
        raise SceneInvalid(f"Matter {key}: {problem}") from problem
    if matter.on not in STAGES:
        raise SceneInvalid(f"Matter {key} is on {matter.on!r}, which is no place.")
    if (matter.on == "email") != bool(matter.subjects):
        raise SceneInvalid(f"Matter {key}: mails have subjects, and only mails.")
    if matter.script[0].who != "customer":
        raise SceneInvalid(f"Matter {key} does not begin with the customer.")
    return matter


def cues_of(script: str) -> Sequence[Cue]:
    cues: list[Cue] = []
    for block in _CUE.split(script)[1:]:
        head, _, body = block.partition("\n")
        cues.append(_cue(head.split(), body.strip()))
    if not cues:
        raise SceneInvalid("The script is empty.")
    return cues


def _cue(head: list[str], body: str) -> Cue:
    who, *rest = head
    after: timedelta | None = None
    files: list[tuple[str, str]] = []
    words: list[str] = []
    for word in rest:
        if match := _DELAY.fullmatch(word):
            after = timedelta(**{_UNITS[match[2]]: int(match[1])})
        elif word.startswith(("photo:", "pdf:", "ics:")):
            kind, _, name = word.partition(":")
            files.append((kind, name))
        else:
            words.append(word)
    spoken = " ".join(words)
    if spoken and (body or who not in DEEDS):
        raise SceneInvalid(f"@{who} has words on its own line: {spoken!r}.")
    texts = tuple(part.strip() for part in re.split(r"(?m)^%%$", body)) if body else (spoken,)
    if who in SPEAKERS and not all(texts):
        raise SceneInvalid(f"@{who} says nothing.")
    return Cue(who=who, texts=texts, after=after, files=tuple(files))
