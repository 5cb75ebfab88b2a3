"""The widget as it is served: its modules and its style, joined into one script, compressed once.

The modules stay what they are, ES modules that an editor understands; joined, each is a function of its own
that gets what it imports. No build step, no tool: the order below is the order they are needed in.
"""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

# Each after those it imports.
MODULES = ("dom", "icons", "store", "wire", "stream", "markup", "emoji", "sound", "times", "state", "compose",
           "acts", "talk", "asks", "panel", "rules", "api", "main")  # fmt: skip
STYLES = ("base", "talk", "compose")

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (async function|function|const|class) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(//[^\n]*|/\*\*[^\n]*\*/)\n", re.MULTILINE)
_BLANK = re.compile(r"\n\s*\n+|\n +")


@dataclass(frozen=True, slots=True)
class Script:
    content: bytes
    packed: bytes  # gzip
    tag: str  # changes with the content


@cache
def widget() -> Script:
    folder = resources.files("connectors.webchat") / "widget"
    style = "".join(_squeezed((folder / f"{name}.css").read_text(encoding="utf-8")) for name in STYLES)
    parts = ["(()=>{'use strict';const $={};", f"const STYLE={json.dumps(style, ensure_ascii=False)};\n"]
    for name in MODULES:
        parts.append(_wrapped(name, (folder / f"{name}.js").read_text(encoding="utf-8")))
    parts.append("})();\n")
    content = "".join(parts).encode()
    return Script(
        content, gzip.compress(content, 9, mtime=0), hashlib.blake2b(content, digest_size=8).hexdigest()
    )


def _wrapped(name: str, text: str) -> str:
    exported = [match[2] for match in _EXPORT.finditer(text)]
    text = _IMPORT.sub(lambda match: f"const {{{match[1]}}}=$.{match[2]};\n", text)
    text = _EXPORT.sub(lambda match: f"{match[1]} {match[2]}", text)
    text = _BLANK.sub("\n", _COMMENT.sub("", text))
    return f"$.{name}=(()=>{{{text}return {{{','.join(exported)}}}}})();\n"


def _squeezed(style: str) -> str:
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", style))
