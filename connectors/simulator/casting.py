"""Who plays: names from many places, and the words for the blanks of a scene. Repeatable by its random."""

import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from connectors.simulator.screenplay import Matter
from connectors.simulator.society import Persona

_PLAIN = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i", "ł": "l", "đ": "d", "ø": "o"}
    # Ukrainian, as in passports
    | {"а": "a", "б": "b", "в": "v", "г": "h", "д": "d", "е": "e", "є": "ie", "ж": "zh", "з": "z", "и": "y"}
    | {"і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r"}
    | {"с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch"}
    | {"ь": "", "ю": "iu", "я": "ia"}
)
_GENDERS = {  # German articles of the product
    "m": {"der": "der", "den": "den", "dem": "dem", "ein": "ein", "einen": "einen"},
    "f": {"der": "die", "den": "die", "dem": "der", "ein": "eine", "einen": "eine"},
    "n": {"der": "das", "den": "das", "dem": "dem", "ein": "ein", "einen": "ein"},
}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Names, products and places to choose from."""

    lists: dict[str, Any]

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(self.lists["agents"])

    @property
    def shop(self) -> str:
        return str(self.lists["shop"])


def load_catalogue(folder: Path) -> Catalogue:
    return Catalogue(tomllib.loads((folder / "catalogue.toml").read_text("utf-8")))


def cast(catalogue: Catalogue, matter: Matter, random: Random, number: int) -> tuple[Persona, str | None]:
    """Somebody new who could write about this matter, and their company if they write for one."""
    groups = catalogue.lists["names"]
    group = random.choices(groups, [each[matter.language] for each in groups])[0]
    first, last = random.choice(group["first"]), random.choice(group["last"])
    name = f"{first} {last}"
    local = f"{plain(first)}.{plain(last)}".replace(" ", "")
    company = random.choice(catalogue.lists[f"companies_{matter.language}"]) if matter.company else None
    if company:
        domain = f"{plain(company).replace(' ', '-').replace('&', 'and')}.example"
    else:
        domain = random.choice(catalogue.lists["domains"])
        local += random.choice(("", "", str(random.randrange(61, 99)), str(number)))
    persona = Persona(
        key=f"p{number:04d}-{plain(first).replace(' ', '')}",
        name=name,
        email=f"{local}@{domain}",
        phone=f"+49170{random.randrange(1_000_000, 9_999_999)}",
        handle=f"@{plain(first)}_{plain(last)[:6]}{random.randrange(2, 99)}".replace(" ", "").replace(
            "-", ""
        ),
        locale=matter.language,
        bounces=matter.bounces,
    )
    return persona, company


def plain(text: str) -> str:
    """Lower case and ASCII, for addresses."""
    letters = text.casefold().translate(_PLAIN)
    decomposed = unicodedata.normalize("NFKD", letters)
    return "".join(
        letter for letter in decomposed if letter.isascii() and (letter.isalnum() or letter in " &-")
    )


def blanks(
    catalogue: Catalogue, matter: Matter, persona: Persona, company: str | None, agent: str, random: Random
) -> dict[str, str]:
    """The words for the blanks of a scene; the same throughout one conversation."""
    language = matter.language
    fitting = [each for each in catalogue.lists["product"] if matter.products in (None, each["kind"])]
    product = random.choice(fitting)
    amount = f"{product['price']},00 €" if language == "de" else f"£{product['price']}.00"
    first, _, last = persona.name.partition(" ")
    return {
        "name": persona.name,
        "first": first,
        "last": last or first,
        "agent": agent.split()[0],
        "order": f"LC-{random.randrange(20_000, 99_999)}",
        "number": str(random.randrange(12, 98)),
        "tracking": f"00340{random.randrange(10**9, 10**10)}",
        "product": product[language],
        "amount": amount,
        "size": random.choice(("S", "M", "XL", "XXL")),
        "qty": str(random.choice((30, 40, 45, 48, 60, 80))),
        "city": random.choice(_cities(catalogue, language)),
        "street": random.choice(catalogue.lists[f"streets_{language}"]),
        "company": company or random.choice(catalogue.lists[f"companies_{language}"]),
        **_GENDERS[product["gender"]],
    }


def _cities(catalogue: Catalogue, language: str) -> list[str]:
    cities: list[str] = catalogue.lists["cities"]
    return cities[:9] if language == "de" else cities[9:]
