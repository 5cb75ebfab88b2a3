"""Icons: those we use, taken from the lucide package at the start and joined to one sprite."""

import re
import zipfile
from importlib import resources

import lucide

# What we call it: what lucide calls it.
ICONS = {
    "assign": "user-round-plus", "attach": "paperclip", "back": "chevron-left", "bubble": "message-circle",
    "check": "check", "checks": "check-check", "clock": "clock", "close": "x", "comment": "message-square",
    "choice": "mouse-pointer-click",
    "customer": "panel-right", "delete": "trash-2", "down": "chevron-down", "download": "download",
    "expand": "maximize-2", "forward": "forward", "share": "share-2",
    "everybody": "reply-all", "edited": "pencil", "eye": "eye", "failed": "circle-alert", "file": "file",
    "globe": "globe", "group": "users", "hash": "hash", "help": "keyboard", "image": "image",
    "inbox": "inbox", "joined": "link", "leave": "log-out", "lock": "lock", "mail": "mail",
    "filter": "list-filter", "pin": "bookmark", "right": "chevron-right", "merge": "merge",
    "select": "list-checks", "sort": "arrow-down-wide-narrow", "menu": "menu",
    "mention": "at-sign", "mine": "user-round", "moon": "moon", "more": "ellipsis", "note": "sticky-note",
    "offline": "wifi-off", "open": "arrow-up-right", "phone": "phone", "reopened": "rotate-ccw",
    "reply": "reply", "resolved": "circle-check", "retry": "refresh-cw", "search": "search", "send": "send",
    "sending": "loader-circle", "settings": "settings", "channels": "cable",
    "snippet": "message-square-quote",
    "fields": "text-cursor-input", "rules": "workflow", "segment": "chart-pie",
    "outbox": "mail-warning", "plus": "plus", "pause": "pause", "play": "play",
    "key": "key-round", "agents": "users", "audit": "scroll-text", "webhook": "webhook", "bell": "bell",
    "snooze": "alarm-clock", "spam": "shield-alert", "split": "split", "sun": "sun", "tag": "tag",
    "team": "users-round", "trouble": "triangle-alert", "unassigned": "circle-dashed", "undo": "undo-2",
    "unsure": "circle-question-mark", "promise": "timer", "coffee": "coffee", "workload": "scale",
    "react": "smile-plus", "rated": "smile", "events": "radio-tower", "order": "shopping-bag",
}  # fmt: skip


def sprite() -> str:
    """One SVG of symbols; a page draws one by `<use href="…/icons.svg#name">`."""
    package = resources.files(lucide) / "lucide.zip"
    with resources.as_file(package) as path, zipfile.ZipFile(path) as icons:
        symbols = "".join(_symbol(name, icons.read(f"{file}.svg").decode()) for name, file in ICONS.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>'


def _symbol(name: str, svg: str) -> str:
    found = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    drawing = re.sub(r"\s*\n\s*", "", found[1]) if found else ""
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>'
