"""Where settings come from, and what to say when one of them is wrong.

Beside each value we keep where it was read: somebody who is told "mongo.url must begin with mongodb://"
should not have to search three files and an environment for it.
"""

import difflib
import json
import re
import tomllib
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

PREFIX = "HUBBUB_"
POINTER = "HUBBUB_CONFIG"
PLACES = (Path("hubbub.toml"), Path("/etc/hubbub/hubbub.toml"))
WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class SettingsError(Exception):
    """One sentence for the person at the keyboard: the setting, where it was read, how to mend it."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One setting, as far as reading it needs to know."""

    kind: type
    is_list: bool
    is_secret: bool
    choices: tuple[str, ...]
    default: Any
    description: str
    unit: str
    example: str

    @classmethod
    def of(cls, info: FieldInfo) -> Self:
        kind = _plain(info.annotation)
        is_list = get_origin(kind) is list
        inner = _plain(get_args(kind)[0]) if is_list else kind
        choices = get_args(inner) if get_origin(inner) is Literal else ()
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        return cls(
            kind=str if choices else inner,
            is_list=is_list,
            is_secret=inner is SecretStr,
            choices=choices,
            default=info.default,
            description=info.description or "",
            unit=str(extra.get("unit", "")),
            example=str(extra.get("example", "")),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Values by group and name, and for each full name the words that say where it was read."""

    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, value: Any, place: str) -> None:
        group, key = name.split(".")
        self.values.setdefault(group, {})[key] = value
        self.places[name] = place


def find_file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    if path is not None:
        if not path.is_file():
            raise SettingsError(
                f"There is no settings file {path}: give --config the path of one, or leave it out."
            )
        return path
    if pointed := environ.get(POINTER):
        if not Path(pointed).is_file():
            raise SettingsError(
                f"There is no settings file {pointed}, named by {POINTER}: correct or unset that variable."
            )
        return Path(pointed)
    return next((place for place in PLACES if place.is_file()), None)


def collect(leaves: Mapping[str, Leaf], path: Path | None, environ: Mapping[str, str]) -> Found:
    """All values that were given, the environment over the file. SettingsError for what is no setting."""
    found = Found()
    for name, leaf in leaves.items():
        if leaf.kind is Path and leaf.default is not None:
            found.put(name, leaf.default.expanduser(), "the defaults")
    if path is not None:
        _read_file(leaves, path, found)
    _read_environment(leaves, environ, found)
    return found


def variable_of(name: str) -> str:
    """The environment variable of a setting: "mongo.url" -> "HUBBUB_MONGO__URL"."""
    return PREFIX + name.replace(".", "__").upper()


def explain(error: Mapping[str, Any], leaves: Mapping[str, Leaf], found: Found) -> str:
    """One sentence from pydantic's first error."""
    name = ".".join(str(part) for part in error["loc"][:2])
    leaf = leaves[name]
    place = found.places.get(name, "the settings")
    reason = _reason(error, leaf)
    given = "" if leaf.is_secret else f", not {_quoted(error['input'])}"
    return f"{name} ({place}) {reason}{given}: correct it, or remove it {_default(leaf)}."


# ---------------------------------------------------------------- the file


def _read_file(leaves: Mapping[str, Leaf], path: Path, found: Found) -> None:
    try:
        text = path.read_text(encoding="utf-8-sig")
        tables = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError(f"The settings file {path} cannot be read: {problem}.") from problem
    except tomllib.TOMLDecodeError as problem:
        raise SettingsError(f"The settings file {path} is not valid TOML: {problem}.") from problem
    groups = list(dict.fromkeys(name.split(".")[0] for name in leaves))
    for group, table in tables.items():
        if group not in groups:
            hint = _did_you_mean(f"[{group}]", [f"[{known}]" for known in groups])
            place = f"{path}{_line(text, group, '')}"
            raise SettingsError(f"There is no group of settings [{group}] ({place}): {hint}")
        if not isinstance(table, dict):
            raise SettingsError(
                f"{group} ({path}{_line(text, '', group)}) is a group: write [{group}], its settings below."
            )
        for key, value in table.items():
            name, place = f"{group}.{key}", f"{path}{_line(text, group, key)}"
            if name not in leaves:
                raise SettingsError(f"There is no setting {name} ({place}): {_similar(name, leaves)}")
            found.put(name, _from_toml(leaves[name], value, path.absolute().parent), place)


def _from_toml(leaf: Leaf, value: Any, folder: Path) -> Any:
    if leaf.kind is Path and isinstance(value, str):
        return folder / Path(value).expanduser()
    if leaf.is_secret and isinstance(value, list):
        return [SecretStr(item) if isinstance(item, str) else item for item in value]
    return value


def _line(text: str, group: str, key: str) -> str:
    """Where `key` of `group` stands, as ", line 3": tomllib does not tell. Knows the common spellings."""
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line):
            table = header[1].strip("\"'")
            if not key and table == group:
                return f", line {number}"
        elif entry := re.match(r"\s*([A-Za-z0-9_.\"' -]+?)\s*=", line):
            written = re.sub(r"[\"' ]", "", entry[1])
            full = f"{table}.{written}" if table else written
            if full in {f"{group}.{key}", group, key if not group else ""} or (
                not key and full.startswith(f"{group}.")
            ):
                return f", line {number}"
    return ""


# ---------------------------------------------------------------- the environment


def _read_environment(leaves: Mapping[str, Leaf], environ: Mapping[str, str], found: Found) -> None:
    names = {variable_of(name): name for name in leaves}
    files = {
        f"{variable}_FILE": name
        for variable, name in names.items()
        if leaves[name].is_secret and variable + "_FILE" not in names
    }
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable == POINTER:
            continue
        place = f"the environment variable {variable}"
        value = environ[variable]
        if variable in names:
            name = names[variable]
        elif variable in files:
            name = files[variable]
            value = _read_secret(name, variable, Path(value))
        else:
            hint = _did_you_mean(variable, [*names, *files, POINTER], common=PREFIX)
            raise SettingsError(f"There is no setting for the environment variable {variable}: {hint}")
        if leaves[name].is_secret and not value.strip():
            raise SettingsError(f"{name} ({place}) is empty: put the secret there, or unset the variable.")
        found.put(name, _from_text(leaves[name], value), place)


def _read_secret(name: str, variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not text"
        raise SettingsError(
            f"{name} should be read from {path}, named by the environment variable {variable}, but cannot be "
            f"({reason}): put the secret into that file, or correct the variable."
        ) from problem


def _from_text(leaf: Leaf, text: str) -> Any:
    """What the file would have held; a text that cannot be read so stays a text, and the model refuses it."""
    if leaf.is_list:
        items = [item for item in re.split(r"[,\s]+", text) if item]
        return [SecretStr(item) for item in items] if leaf.is_secret else items
    if leaf.kind is Path:
        return Path(text).expanduser().absolute()
    if leaf.kind is bool:
        return WORDS.get(text.strip().lower(), text)
    if leaf.kind is int and re.fullmatch(r"-?\d{1,18}", text.strip()):
        return int(text)
    return text


# ---------------------------------------------------------------- words


def _plain(kind: Any) -> Any:
    """The type itself, without `| None` and without what Annotated adds."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return next(_plain(part) for part in get_args(kind) if part is not type(None))
    return kind


def _reason(error: Mapping[str, Any], leaf: Leaf) -> str:
    limits = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            text = str(limits["error"])
            return (
                text
                if text.startswith("must")
                else f"must be an address or a network, like 10.0.0.0/8 ({text})"
            )
        case "literal_error":
            return "must be one of " + ", ".join(leaf.choices)
        case "greater_than_equal":
            return f"must be at least {limits['ge']}{_in(leaf)}"
        case "less_than_equal":
            return f"must be at most {limits['le']}{_in(leaf)}"
        case "string_too_short":
            return "must not be empty"
        case "string_pattern_mismatch":
            return f"must match {limits['pattern']}"
        case "list_type":
            return "must be a list"
    names = {int: "a whole number", bool: "true or false", Path: "a path, in quotation marks"}
    return f"must be {names.get(leaf.kind, 'a text, in quotation marks')}{_in(leaf)}"


def _in(leaf: Leaf) -> str:
    return f" ({leaf.unit})" if leaf.unit else ""


def _default(leaf: Leaf) -> str:
    return (
        "to leave it unset" if leaf.default in (None, []) else f"to get the default, {_quoted(leaf.default)}"
    )


def _quoted(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."


def _similar(name: str, leaves: Mapping[str, Leaf]) -> str:
    group, key = name.split(".", 1)
    elsewhere = [known for known in leaves if known.split(".")[1] == key]
    near = difflib.get_close_matches(
        key, [known.split(".")[1] for known in leaves if known.startswith(f"{group}.")], n=1
    )
    if elsewhere and not near:
        return f"did you mean {elsewhere[0]}?"
    return _did_you_mean(name, [f"{group}.{near[0]}"] if near else leaves)


def _did_you_mean(written: str, known: Iterable[str], *, common: str = "") -> str:
    """A hint in words; what all names have in common at their beginning does not count as likeness."""
    names = [name.removeprefix(common) for name in known]
    near = difflib.get_close_matches(written.removeprefix(common), names, n=1)
    return (
        f"did you mean {common}{near[0]}?"
        if near
        else f"known are {', '.join(common + name for name in names)}."
    )
