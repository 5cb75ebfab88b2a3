"""Templates: one environment for all languages, each page drawn with the words of its reader."""

from contextvars import ContextVar
from datetime import datetime

import jinja2
from markupsafe import Markup

from inbox_ui.assets import Assets
from inbox_ui.text import initials, linked
from inbox_ui.words import Words

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
            extensions=["jinja2.ext.i18n"],
            auto_reload=False,
        )
        # newstyle: values are put in, and escaped, after the translation.
        self.environment.install_gettext_callables(  # type: ignore[attr-defined]  # made by the extension
            lambda text: _WORDS.get().gettext(text),
            lambda one, many, count: _WORDS.get().ngettext(one, many, count),
            newstyle=True,
        )

        def icon(name: str, title: str = "") -> Markup:
            use = Markup('<use href="{}#{}"/>').format(assets.url("icons.svg"), name)
            if title:
                return Markup('<svg class="icon" role="img" aria-label="{}">{}</svg>').format(title, use)
            return Markup('<svg class="icon" aria-hidden="true">{}</svg>').format(use)

        self.environment.globals.update(icon=icon, assets=assets, modules=assets.modules)
        self.environment.filters.update(initials=initials, linked=linked, machine=datetime.isoformat)

    def draw(self, template: str, words: Words, /, **values: object) -> str:
        token = _WORDS.set(words)
        try:
            return self.environment.get_template(template).render(words=words, **values)
        finally:
            _WORDS.reset(token)
