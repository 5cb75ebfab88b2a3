"""Templates as one language has them: what is always the same in it is put in once, when they are compiled.

A page says a thousand sentences and has hundreds of icons; most of them depend on nothing but the language.
"""

from collections.abc import Callable, Mapping
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

Fixed = Mapping[str, Callable[..., Markup]]


class Environment(jinja2.Environment):
    """`fixed`: functions whose answer depends on nothing but what they are given."""

    def __init__(self, loader: jinja2.BaseLoader, fixed: Fixed) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.fixed = fixed
        self.globals.update(fixed)

    def compile(self, source: str | nodes.Template, *given: Any, **named: Any) -> Any:
        if isinstance(source, str):
            source = _Fixing(self.fixed).visit(self.parse(source, *given[:2]))
        return super().compile(source, *given, **named)


class _Fixing(NodeTransformer):
    def __init__(self, fixed: Fixed) -> None:
        self.fixed = fixed

    def visit_Output(self, node: nodes.Output) -> nodes.Output:  # noqa: N802 as jinja2 names it
        node.nodes = [self._answered(each) for each in node.nodes]
        return node

    def _answered(self, node: nodes.Expr) -> nodes.Expr:
        if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Name):
            return node
        make, given = self.fixed.get(node.node.name), node.args
        always = all(isinstance(each, nodes.Const) for each in given)
        if make is None or not always or node.kwargs or node.dyn_args or node.dyn_kwargs:
            return node
        text = make(*(each.value for each in given if isinstance(each, nodes.Const)))
        return nodes.TemplateData(str(text), lineno=node.lineno)
