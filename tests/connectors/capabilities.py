"""What every connector can do, as tables: `python -m tests.connectors.capabilities` writes the README's.

Drawn from the manifests alone, so that they say what the composer and the outbox go by.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from hub.app import CONNECTORS
from hub.contract.capabilities import AfterWindow, Capabilities, ReplyRule, Visibility
from hub.contract.connector import (
    Adjusts,
    Authorizes,
    CatchesUp,
    ChecksSteps,
    ChecksWebhook,
    Connector,
    FetchesMedia,
    FetchesProfiles,
    FindsSent,
    MarksRead,
    Polls,
    Probes,
    Reconciles,
    RegistersWebhooks,
    Renews,
    ShowsTyping,
    Streams,
    TakesWebhooks,
)
from hub.model.content import Markup
from tests.house.tree import TOP

README = TOP / "connectors" / "README.md"
BEGIN, END = "<!-- capabilities: written by `make capabilities` -->\n", "<!-- end of capabilities -->\n"
OFFERS: Mapping[str, type] = {
    "poll": Polls,
    "stream": Streams,
    "webhook": TakesWebhooks,
    "steps": ChecksSteps,
    "sign-in by OAuth": Authorizes,
    "new credentials": Renews,
    "other settings": Adjusts,
    "tells how its calls go": ChecksWebhook,
    "tries itself out": Probes,
    "registers webhooks": RegistersWebhooks,
    "compared with the platform": Reconciles,
    "asks for what was missed": CatchesUp,
    "finds what was sent": FindsSent,
    "fetches files": FetchesMedia,
    "fetches profiles": FetchesProfiles,
    "typing": ShowsTyping,
    "marks read": MarksRead,
}


def tables() -> str:
    surfaces = [
        [kind.manifest.name, str(surface), *_cells(can)]
        for kind in _kinds()
        for surface, can in kind.manifest.surfaces.items()
    ]
    heads = ("Platform", "Surface", "Text", "Files", "Answered", "Edit", "Delete", "Reactions", "Also")
    platforms = [
        [
            kind.manifest.name,
            ", ".join(name for name, protocol in OFFERS.items() if _offers(kind, protocol)),
            f"[{kind.manifest.checked}]({kind.manifest.source})",
        ]
        for kind in _kinds()
    ]
    return "\n".join(
        [*_table(heads, surfaces), "", *_table(("Platform", "Offers", "Limits checked"), platforms), ""]
    )


def _offers(kind: type[Connector[Any]], protocol: type) -> bool:
    """Itself, or one of the kinds it turns into as its settings say."""
    return any(issubclass(each, protocol) for each in (kind, *kind.__subclasses__()))


def _kinds() -> list[type[Connector[Any]]]:
    return sorted(CONNECTORS.values(), key=lambda kind: kind.manifest.platform)


def _cells(can: Capabilities) -> list[str]:
    """Of one surface, in the order of the heads."""
    markup = " with marks" if Markup.MARKDOWN in can.text.markup else ""
    also = {"quotes": can.quotes, "writes first": can.initiates, "subject": can.subject, "Cc": can.recipients}
    also |= {"drops repeats": can.dedupes, "buttons": can.choices is not None}
    return [
        f"{can.text.longest:,}{markup}",
        ", ".join(_media(can)) or "–",
        "; ".join(_rule(visibility, rule) for visibility, rule in can.replies.items()),
        _within(can.edit_within),
        _within(can.delete_within),
        "–" if can.reactions is None else str(len(can.reactions) or "any"),
        ", ".join(
            [
                *(name for name, there in also.items() if there),
                *(f"told when {each}" for each in sorted(can.receipts)),
            ]
        )
        or "–",
    ]


def _media(can: Capabilities) -> Iterator[str]:
    if can.media is None:
        return
    for pattern, most in can.media.largest.items():
        kind = "" if pattern == "*/*" else f"{pattern} "
        millions = most / 1_000_000
        yield f"{kind}{millions:,.0f} MB" if millions >= 100 else f"{kind}{millions:.3g} MB"
    yield f"{can.media.most} at once"


def _rule(visibility: Visibility, rule: ReplyRule) -> str:
    within = "always" if rule.free is None else f"within {_span(rule.free)}"
    if rule.human is not None:
        within += f", by a person {_span(rule.human)}"
    if rule.then is AfterWindow.TEMPLATE:
        within += ", then by template"
    return f"{visibility} {within}" + (", once" if rule.once else "")


def _within(span: timedelta | None) -> str:
    return "–" if span is None else "always" if span > timedelta(days=1000) else _span(span)


def _span(span: timedelta) -> str:
    minutes = span.total_seconds() / 60
    return (
        f"{span.days} d" if span.days > 2 else f"{minutes / 60:g} h" if minutes >= 60 else f"{minutes:g} min"
    )


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    names = list(heads)
    lines = [names, ["---"] * len(names), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def written(text: str) -> str:
    """The README with the tables of today."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
