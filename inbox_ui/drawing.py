"""Templates: one environment for all languages, each page drawn with the words of its reader."""

from contextvars import ContextVar
from datetime import datetime
from functools import cache

import jinja2
from markupsafe import Markup

from inbox_ui.assets import Assets, load_assets
from inbox_ui.marked import shown
from inbox_ui.text import initials, linked
from inbox_ui.words import Words, catalogue

_WORDS: ContextVar[Words] = ContextVar("words")


class Drawing:
    """Renders templates. `draw` is synchronous: nobody else's words can come in between."""

    def __init__(self, assets: Assets) -> None:
        self.environment = jinja2.Environment(
            loader=jinja2.PackageLoader("inbox_ui"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

        @cache
        def icon(name: str, title: str = "") -> Markup:
            use = Markup('<use href="{}#{}"/>').format(assets.url("icons.svg"), name)
            if title:
                return Markup('<svg class="icon" role="img" aria-label="{}">{}</svg>').format(title, use)
            return Markup('<svg class="icon" aria-hidden="true">{}</svg>').format(use)

        self.environment.globals.update(icon=icon, assets=assets, modules=assets.modules)
        # Our own, not jinja2's extension: a page says a thousand sentences, most of them always the same.
        self.environment.globals.update(_=_said, ngettext=_counted)
        self.environment.filters.update(initials=initials, linked=linked, shown=shown)
        self.environment.filters.update(machine=datetime.isoformat)

    def draw(self, template: str, words: Words, /, **values: object) -> str:
        token = _WORDS.set(words)
        try:
            return self.environment.get_template(template).render(words=words, **values)
        finally:
            _WORDS.reset(token)


@cache
def drawing() -> Drawing:
    """The one of this process: every template is compiled once, which takes longer than drawing it."""
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
