"""What a customer says to a reply that the script could not know. Pure but for the random it is given."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from connectors.simulator.files import MIME, png


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    text: str
    files: tuple[tuple[str, str, bytes], ...] = ()


def load_answers(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "answers.toml").read_text("utf-8"))


class Repartee:
    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers

    def fitting(
        self, language: str, reply: str, said: set[str], blanks: dict[str, str], random: Random
    ) -> Said | None:
        """An answer to what `reply` asks or says. `said` remembers what this customer answered already."""
        text = reply.casefold()
        for entry in self._answers["answer"]:
            word = next((word for word in entry["words"] if word in text), None)
            if entry["language"] == language and word is not None and entry["words"][0] not in said:
                said.add(entry["words"][0])
                files = (_photo(entry["photo"]),) if "photo" in entry else ()
                return Said(text=random.choice(entry["say"]).format_map(blanks), files=files)
        return None

    def closing(self, language: str, blanks: dict[str, str], random: Random) -> str:
        """The last thing this customer says."""
        [entry] = [entry for entry in self._answers["closing"] if entry["language"] == language]
        chosen: str = random.choice(entry["say"])
        return chosen.format_map(blanks)


def _photo(name: str) -> tuple[str, str, bytes]:
    return name, MIME["photo"], png(name)
