"""The sandbox that templates run in: where they are read from, what they may do. Home of jinja2.

Templates come from files only; what people wrote is a value in them and never compiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any, Final

import jinja2
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.nodes import Template
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from workers.notices import lines
from workers.notices.catalogue import Words
from workers.notices.offers import Offer
from workers.notices.sentences import Translated
from workers.notices.shown import Fact, Table, Told

#: The name before a shipped template, for an admin's that changes only some of its blocks.
SHIPPED: Final = "shipped"
#: Nothing can be changed or called through these.
_INERT: Final = frozenset({Fact, LoopContext, Offer, Table, Told})
_MISSING: Final = object()
_STRONG: Final = re.compile(f"{lines.STRONG}([^{lines.WEAK}]*){lines.WEAK}")


class Environment(ImmutableSandboxedEnvironment):
    """The sandbox, and no products that fill the memory (security.md F12)."""

    intercepted_binops = frozenset({"*", "**"})

    @classmethod
    def over(cls, folders: Sequence[Path], words: Words) -> Environment:
        """An environment of one language that reads from these folders, the first first."""
        shipped = FileSystemLoader(folders[-1])
        env = cls(
            loader=ChoiceLoader([FileSystemLoader(folders), PrefixLoader({SHIPPED: shipped})]),
            undefined=StrictUndefined,
            # All but plain text is escaped: a macro's output counts as escaped when its caller
            # escapes, so that a file shared by both would be a hole.
            autoescape=jinja2.select_autoescape((), ("txt.j2",), default=True),
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            cache_size=-1,
            extensions=["jinja2.ext.i18n"],
        )
        env.newstyle_gettext = True  # type: ignore[attr-defined]
        env._text = words.text
        ours = _functions(words)
        env.globals |= ours
        env.filters |= {**_FILTERS, "word": lambda key, context: words.word(context, key)}
        env._ours = frozenset(ours.values())
        return env

    #: What we gave the templates to call.
    _ours: frozenset[Callable[..., Any]] = frozenset()
    #: A sentence in this language.
    _text: Callable[[str], str]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What every template sees, as one dictionary: nothing is added to it later."""
        return {**self.globals, **(d or {})}

    def _generate(
        self, source: Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        """Jinja's hook before a template becomes code."""
        spoken = Translated(self._text).visit(source)
        return super()._generate(spoken, name, filename, defer_init)

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """As the sandbox does, without its questions about our functions and templates' macros."""
        is_ours = type(obj) is FunctionType and obj in self._ours
        if is_ours or type(obj) is Macro:
            # What Jinja tells its own call() of a loop's or a block's variables.
            kwargs.pop("_loop_vars", None)
            kwargs.pop("_block_vars", None)
        if is_ours:
            return obj(context, *args, **kwargs)
        if type(obj) is Macro:
            return obj(context.eval_ctx, *args, **kwargs)
        return super().call(context, obj, *args, **kwargs)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """As the sandbox does, without its thirty questions about our own inert values."""
        if type(obj) in _INERT and not attribute.startswith("_"):
            found = getattr(obj, attribute, _MISSING)
            return super().getattr(obj, attribute) if found is _MISSING else found
        return super().getattr(obj, attribute)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Numbers only, of a modest size."""
        is_small = all(
            isinstance(value, int | float) and abs(value) < 1_000_000 for value in (left, right)
        )
        if not is_small or (operator == "**" and abs(right) > 64):
            raise jinja2.exceptions.SecurityError(f"{operator} is for small numbers only")
        return super().call_binop(context, operator, left, right)


def _functions(words: Words) -> dict[str, Callable[..., Any]]:
    """What a template calls: the names that Jinja's ``{% trans %}`` uses, too."""

    @pass_context
    def gettext(context: Context, text: str, /, **values: Any) -> str:
        return _completed(context, words.text(text), values)

    @pass_context
    def ngettext(context: Context, one: str, many: str, num: int, /, **values: Any) -> str:
        found = words.translations.ngettext(one, many, num)
        return _completed(context, found, {"num": num, **values})

    @pass_context
    def count(context: Context, key: str, number: int, /) -> str:
        return _completed(context, words.count(key, number), None)

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext, "count": count}


def _completed(context: Context, text: str, values: dict[str, Any] | None) -> str:
    """A text with its values; in HTML it is markup of ours, and they are escaped."""
    if context.eval_ctx.autoescape:
        text = Markup(text)  # noqa: S704  from a template or a catalogue
    return text if values is None else text % values


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    return lines.aligned([row[:2] if isinstance(row, Fact) else row for row in rows])


def _lines(text: str) -> Markup:
    """People's words in HTML: their line ends and indents, whatever the client thinks of CSS."""
    safe = str(escape(text)).replace("  ", "&nbsp; ").replace("\n", "<br>\n")
    return Markup(safe)  # noqa: S704  escaped one line above


def _marked(text: str) -> Markup:
    """One of our own sentences in HTML, with what stands out in it."""
    safe = escape(text)
    if not lines.is_marked(safe):  # most
        return safe
    bold = _STRONG.sub(r"<b>\1</b>", str(safe))
    return Markup(lines.unmarked(bold).replace(lines.GLUE, "&nbsp;"))  # noqa: S704  escaped above


def _paragraphs(text: str) -> Markup:
    """Our own sentences in HTML: an empty line ends a paragraph."""
    found = [part.strip("\n") for part in str(_marked(text)).split("\n\n") if part.strip()]
    whole = "</p>\n<p>".join([part.replace("\n", "<br>\n") for part in found])
    return Markup(f"<p>{whole}</p>" if found else "")  # noqa: S704  escaped above


@lru_cache(maxsize=256)  # what agents may do is the same for all tickets of a state
def _written(rows: tuple[tuple[str, str], ...]) -> str:
    return lines.aligned(rows)


_FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "strong": lambda text: f"{lines.STRONG}{text}{lines.WEAK}",
    "fill": lines.filled,
    "whole": lines.whole,
    "apart": lines.apart,
    "aligned": _aligned,
    "stacked": lines.stacked,
    "written": lambda offers: _written(tuple([(each.line, each.meaning) for each in offers])),
    "commands": lambda offers: ", ".join([lines.whole(each.line) for each in offers]),
    "sentences": lambda parts: " ".join(part for part in parts if part),
    "flat": lambda text: " ".join(lines.plain(text).split()),
    "lines": _lines,
    "paragraphs": _paragraphs,
    "marked": _marked,
}
