"""Draws templates, each with the words of its reader."""

from collections import OrderedDict
from collections.abc import Hashable
from contextvars import ContextVar
from datetime import datetime
from functools import cache, partial

import jinja2
from markupsafe import Markup

from inbox_ui.assets import Assets, load_assets
from inbox_ui.compiling import Environment, Fixed
from inbox_ui.marked import shown
from inbox_ui.row import Row
from inbox_ui.text import initials, linked
from inbox_ui.words import Words, catalogue

ROWS_KEPT = 4_000  # some 1.5 kB each

_WORDS: ContextVar[Words] = ContextVar("words")


class Drawing:
    """Renders templates. `draw` is synchronous: nobody else's words can come in between."""

    def __init__(self, assets: Assets, loader: jinja2.BaseLoader | None = None) -> None:
        self._assets = assets
        self._loader = loader or jinja2.PackageLoader("inbox_ui")
        self._environments: dict[str, Environment] = {}
        self._rows: OrderedDict[Hashable, Markup] = OrderedDict()

    def draw(self, template: str, words: Words, /, **values: object) -> str:
        environment = self._environments.get(words.language) or self._environment(words.language)
        token = _WORDS.set(words)
        try:
            return environment.get_template(template).render(words=words, **values)
        finally:
            _WORDS.reset(token)

    def _environment(self, language: str) -> Environment:
        assets = self._assets

        @cache
        def icon(name: str, title: str = "") -> Markup:
            use = Markup('<use href="{}#{}"/>').format(assets.url("icons.svg"), name)
            if title:
                return Markup('<svg class="icon" role="img" aria-label="{}">{}</svg>').format(title, use)
            return Markup('<svg class="icon" aria-hidden="true">{}</svg>').format(use)

        fixed: Fixed = {"_": partial(_sentence, language), "icon": icon}
        made = self._environments[language] = Environment(self._loader, fixed)
        # Our own, not jinja2's extension: most sentences are always the same.
        made.globals.update(_=_said, ngettext=_counted, drawn_row=self._drawn_row)
        made.globals.update(assets=assets, modules=assets.modules)
        made.filters.update(initials=initials, linked=linked, shown=shown, machine=datetime.isoformat)
        return made

    def row(
        self, row: Row, words: Words, now: datetime, view: str, query: str, *, current: bool = False
    ) -> Markup:
        """A row of a list: drawn anew only where it shows something else than before, whoever asked.

        `view`, `query`: the list it leads to; `current`: its conversation is open.
        """
        key = (row, words, view, query, current, row.by_now(words, now))
        drawn = self._rows.get(key)
        if drawn is None:
            values = {"row": row, "view": view, "query": query, "current": current, "now": now}
            drawn = self._rows[key] = Markup(self.draw("row.html", words, **values))  # noqa: S704 our own template
            if len(self._rows) > ROWS_KEPT:
                self._rows.popitem(last=False)
        else:
            self._rows.move_to_end(key)
        return drawn

    @jinja2.pass_context
    def _drawn_row(self, context: jinja2.runtime.Context, row: Row) -> Markup:
        current = bool(context["talk"]) and context["talk"].id == row.id
        return self.row(
            row, context["words"], context["now"], context["view"], context["query"], current=current
        )


@cache
def drawing() -> Drawing:
    """The one of this process: a template is compiled once a language, which takes longer than drawing it."""
    return Drawing(load_assets())


def _said(text: str, /, **values: object) -> Markup:
    """In the words of the reader; values are put in, and escaped, after the translation."""
    words = _WORDS.get()
    return _pattern(words.language, text) % values if values else _sentence(words.language, text)


def _counted(one: str, many: str, count: int, /, **values: object) -> Markup:
    text = catalogue(_WORDS.get().language).ngettext(one, many, count)
    return Markup(text) % {"num": count, **values}  # noqa: S704 our own sentence


@cache
def _pattern(language: str, text: str) -> Markup:
    return Markup(catalogue(language).gettext(text))  # noqa: S704 our own sentence


@cache
def _sentence(language: str, text: str) -> Markup:
    return _pattern(language, text) % {}  # "100 %%" says "100 %"
