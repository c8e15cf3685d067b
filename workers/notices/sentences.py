"""A template's own sentences, put into its language when it is compiled and not in every mail.

An environment is of one language, and so what ``_("Hello %(name)s,", name=name)`` says is known
before anybody is written to: what is left for each mail is to fill in the name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

#: What a template calls with a sentence; the second is what ``{% trans %}`` becomes.
SAYING: Final = frozenset({"_", "gettext"})


class Translated(NodeTransformer):
    """Rewrites each call with a constant sentence; others, as of a plural, are left as they are."""

    def __init__(self, text: Callable[[str], str]) -> None:
        self._text = text

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802  as Jinja names it
        """The sentence itself, or the sentence with its values filled in."""
        self.generic_visit(node)
        sentence = _sentence(node)
        if sentence is None:
            return node
        # In HTML it is markup of ours, and the values are escaped.
        ours = nodes.MarkSafeIfAutoescape(nodes.Const(self._text(sentence)), lineno=node.lineno)
        pairs = [nodes.Pair(nodes.Const(each.key), each.value) for each in node.kwargs]
        return nodes.Mod(ours, nodes.Dict(pairs), lineno=node.lineno)


def _sentence(node: nodes.Call) -> str | None:
    """The constant text that is to be said, if the call is no other than that."""
    if not isinstance(node.node, nodes.Name) or node.node.name not in SAYING:
        return None
    if len(node.args) != 1 or node.dyn_args or node.dyn_kwargs:
        return None
    text = node.args[0]
    return text.value if isinstance(text, nodes.Const) and isinstance(text.value, str) else None
