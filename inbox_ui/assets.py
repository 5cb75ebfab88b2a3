"""Style, scripts and icons: read once at the start, compressed once, named by their content.

All files share one name, the hash of them all, as the folder of their address: modules import each other by
relative paths and still come from one version. A browser keeps them for a year.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from inbox_ui.icons import sprite

STYLE = (
    "tokens",
    "base",
    "rail",
    "list",
    "talk",
    "entry",
    "composer",
    "person",
    "overlay",
    "bell",
    "sign_in",
    "narrow",
)
OFFICE = "office"  # begins the names of what only the office loads
TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
SMALLEST = 512  # bytes; less is not worth compressing


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    packed: bytes | None  # gzip
    mime: str


@dataclass(frozen=True, slots=True)
class Assets:
    version: str
    files: Mapping[str, Asset]

    def url(self, name: str) -> str:
        return f"/assets/{self.version}/{name}"

    @property
    def modules(self) -> list[str]:
        """Addresses of the inbox's scripts: a page names all before the first asks for the others."""
        scripts = [name for name in sorted(self.files) if name.endswith(".js")]
        return [self.url(name) for name in scripts if not name.startswith(OFFICE)]


@cache
def load_assets() -> Assets:
    """Read once per process."""
    folder = resources.files("inbox_ui") / "static"
    contents = {
        "style.css": "\n".join(
            (folder / "css" / f"{part}.css").read_text(encoding="utf-8") for part in STYLE
        ).encode(),
        "office.css": (folder / "css" / "office.css").read_bytes(),
        "icons.svg": sprite().encode(),
        "mark.svg": (folder / "mark.svg").read_bytes(),
    }
    for script in (folder / "js").iterdir():
        if script.name.endswith(".js"):
            contents[script.name] = script.read_bytes()
    version = hashlib.blake2b(digest_size=8)
    for name in sorted(contents):
        version.update(name.encode() + b"\0" + contents[name])
    return Assets(version.hexdigest(), {name: _asset(name, contents[name]) for name in contents})


def _asset(name: str, content: bytes) -> Asset:
    mime = TYPES.get(name.rpartition(".")[2]) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(content, gzip.compress(content, 9, mtime=0) if len(content) > SMALLEST else None, mime)
