"""File names that are safe to show, to store and to download. Pure.

Whatever a stranger calls a file becomes one name without a path, that looks like what it is: nothing in it is
invisible, reverses the text around it, or pushes its true extension out of sight.
"""

import mimetypes
import re
import unicodedata
from collections.abc import Mapping

LONGEST = 120  # characters
LONGEST_BYTES = 200  # in UTF-8; file systems end at 255, and a downloading browser adds its own " (1)"
LONGEST_EXTENSION = 16  # characters; what follows a dot for longer than that is not an extension

RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\.|$)", re.IGNORECASE)
FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))  # by Windows
INVISIBLE = (
    "Cc",
    "Cf",
    "Cs",
    "Co",
)  # control, format (bidirectional overrides among them), surrogate, private
JOINERS = "\u200c\u200d"  # invisible too, but part of many emoji and of Persian and Indian words
STRAY_JOINERS = re.compile(r"(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])")
EXTENSIONS: Mapping[str, str] = {
    "application/octet-stream": ".bin",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "image/heic": ".heic",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "video/webm": ".webm",
}
_registered = mimetypes.MimeTypes()  # the built-in table alone: the same answer on every machine


def safe_file_name(name: str, mime: str) -> str:
    """The name to use for a file that was sent as `name` (decoded already) and is of type `mime`.

    At most 120 characters and 200 bytes, in NFC. Shortening keeps the extension; a safe name stays as it is.
    """
    last_part = re.split(r"[/\\]", _visible(name).rstrip(" ./\\"))[-1]
    safe = unicodedata.normalize("NFC", last_part.translate(FORBIDDEN)).strip(" .")
    if not safe:
        return "attachment" + extension_of(mime)
    if RESERVED.match(safe):
        safe = "_" + safe
    return _shortened(safe)


def extension_of(mime: str) -> str:
    """The usual extension of a media type, with its dot; `.bin` if there is none."""
    kind = mime.partition(";")[0].strip().lower()
    return EXTENSIONS.get(kind) or _registered.guess_extension(kind) or ".bin"


def _visible(name: str) -> str:
    kept = []
    for character in unicodedata.normalize("NFC", name):
        category = unicodedata.category(character)
        if category.startswith("Z") or character in "\t\n\v\f\r":
            kept.append(" ")
        elif character in JOINERS or (category not in INVISIBLE and ord(character) & 0xFFFE != 0xFFFE):
            kept.append(character)
    return re.sub(" +", " ", STRAY_JOINERS.sub("", "".join(kept)))


def _shortened(name: str) -> str:
    if len(name) <= LONGEST and len(name.encode()) <= LONGEST_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > LONGEST_EXTENSION:
        stem, dot, extension = name, "", ""
    end = "…" + dot + extension
    stem = stem[: LONGEST - len(end)]
    while len((stem + end).encode()) > LONGEST_BYTES:
        stem = stem[:-1]
    return stem.rstrip(" ." + JOINERS) + end
