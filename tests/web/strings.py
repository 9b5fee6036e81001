"""The strings that people read, found in the code itself: what is wrapped for translation there and in templates."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.template import engines
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

PACKAGE = Path(__file__).parents[2] / "entente"
SINGLE = {"_", "gettext", "gettext_lazy"}
PLURAL = {"ngettext", "ngettext_lazy"}


def of_python() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                wanted = 1 if node.func.id in SINGLE else 2 if node.func.id in PLURAL else 0
                for argument in node.args[:wanted]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value, path


def of_templates() -> Iterator[tuple[str, Path]]:
    engine = engines["django"]
    for path in sorted([*PACKAGE.rglob("*.html"), *PACKAGE.rglob("messages/*.txt")]):
        template = engine.from_string(path.read_text())
        for node in _nodes(template.template):
            yield from ((text, path) for text in _said_by(node))


def _nodes(holder: Any) -> Iterator[Any]:
    nodes = getattr(holder, "nodelist", None)
    for node in holder if nodes is None else nodes:
        yield node
        for name in (*getattr(node, "child_nodelists", ()), "nodelist_loop", "nodelist_empty"):
            children = getattr(node, name, None)
            if children:
                yield from _nodes(list(children))
        for _condition, children in getattr(node, "conditions_nodelists", ()):
            yield from _nodes(list(children))


def _said_by(node: Any) -> Iterator[str]:
    if isinstance(node, TranslateNode):
        said = node.filter_expression.var
        yield said if isinstance(said, str) else str(said.literal)
    elif isinstance(node, BlockTranslateNode):
        for tokens in filter(None, (node.singular, node.plural)):
            said, _names = node.render_token_list(tokens)
            yield said
