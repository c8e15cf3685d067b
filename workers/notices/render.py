"""A notice in words: templates of the admin's folder, else the shipped ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple

import jinja2
from jinja2 import Template, TemplateSyntaxError
from jinja2.runtime import Context

from daemon import shipped
from daemon.errors import TemplateError
from daemon.settings import Settings
from workers.notices.bound import bounded
from workers.notices.catalogue import Catalogues, Words
from workers.notices.compose import Rendered
from workers.notices.environment import Environment
from workers.notices.identity import DeskIdentity
from workers.notices.notice import Kind, Notice
from workers.notices.overrides import HTML, LAYOUT, TEXT, strays
from workers.notices.sample import samples
from workers.notices.shown import shown
from workers.notices.when import Times

#: What a part may have beyond the people's words in it, in bytes (security.md F12).
_OUTPUT: Final = 256 * 1024
#: Bytes that one character of a value may become: ``&#34;``, or ``<br>`` and a line end.
_GROWTH: Final = 6
#: Blocks of the text that the HTML shows, too, unless its template says otherwise.
_SHARED: Final = ("title", "body", "quoted", "quote", "after")
#: A template's pieces as one text.
_Joined = Callable[[Iterable[str]], str]
#: What an expression in a template can raise.
_FAULTS: Final = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Renderer:
    """Notices to words, for any number of threads; every file is read once."""

    def __init__(
        self,
        settings: Settings,
        identity: DeskIdentity,
        on_error: Callable[[TemplateError], None],
    ) -> None:
        self._identity, self._on_error = identity, on_error
        self._times = Times(settings.timezone)
        self._told: set[str] = set()
        self._admins = settings.templates_dir
        folder = shipped.folder("templates")
        #: Where templates are looked for, the first first.
        self.folders = (self._admins, folder) if self._admins else (folder,)
        self._shipped = _Templates((folder,), self._times)
        self.reload()

    def reload(self) -> None:
        """Read the admin's files again at the next notice."""
        self._told.clear()
        if self._admins:
            self._used = _Templates(self.folders, self._times)
        else:
            self._used = self._shipped

    def render(self, notice: Notice) -> Rendered:
        """The notice in its recipient's language, else in English.

        An admin's template that fails is reported, each fault once, and the shipped one is used.
        """
        if self._used is self._shipped:
            return self._render(self._shipped, notice, notice.to.language)
        try:
            return self._render(self._used, notice, notice.to.language)
        except TemplateError as err:
            if str(err) not in self._told:
                self._told.add(str(err))
                self._on_error(err)
            return self._render(self._shipped, notice, notice.to.language)

    def say(self, language: str, text: str, /, **values: object) -> str:
        """A sentence of ours in a language, with what is in its places; else in English."""
        for templates in (self._used, self._shipped):
            try:
                said = str(_words(templates, language).text(text))
                return said % values if values else said
            except (TemplateError, *_FAULTS):
                continue  # an admin's catalogue, which `templates check` complains of
        return text % values if values else text

    def brief(self, language: str, local: datetime) -> str:
        """An instant for a list, in a language, on the clocks that it was given by."""
        try:
            return _words(self._used, language).brief(local)
        except (TemplateError, *_FAULTS):  # an admin's catalogue, as in say()
            return _words(self._shipped, language).brief(local)

    def languages(self) -> tuple[str, ...]:
        """Those that there are catalogues of."""
        return self._used.catalogues.languages()

    def check(self) -> tuple[TemplateError, ...]:
        """Every fault in the templates that are used, found by rendering samples with each."""
        found: dict[str, TemplateError] = {}
        if self._admins:
            for err in (*strays(self._admins), *self._used.catalogues.check()):
                found.setdefault(str(err), err)
        for language in self.languages():
            for notice in samples(language):
                try:
                    self._render(self._used, notice, language)
                except TemplateError as err:
                    found.setdefault(str(err), err)
        return tuple(found.values())

    def _render(self, templates: _Templates, notice: Notice, language: str) -> Rendered:
        best = templates.catalogues.best(language)
        values = shown(notice, templates.catalogues.of(best), self._identity)
        if templates is self._shipped:
            return templates.render(notice.kind, best, values, "".join)
        most = _OUTPUT + _GROWTH * _length(values)
        with bounded():
            return templates.render(notice.kind, best, values, partial(_bounded, most=most))


class _Pair(NamedTuple):
    """One notice in one language."""

    text: Template
    html: Template


class _Templates:
    """One search path; what is wrong in it comes as TemplateError with file and line."""

    def __init__(self, folders: Sequence[Path], times: Times) -> None:
        self.catalogues = Catalogues(folders, times)
        self._folders = folders
        self._environments: dict[str, Environment] = {}
        self._pairs: dict[tuple[Kind, str], _Pair] = {}

    def render(
        self, kind: Kind, language: str, values: dict[str, Any], joined: _Joined
    ) -> Rendered:
        """The three parts of a notice."""
        try:
            text, html = self._pair(kind, language)
            known = {**text.globals, **values}
            context = text.new_context(known, shared=True)
            whole = joined(text.root_render_func(context))
            subject = _block(context, "subject", joined)
            shared = {name: _block(context, name, joined) for name in _SHARED}
            markup = html.root_render_func(html.new_context(known | shared, shared=True))
            return Rendered(subject=subject, text=whole, html=joined(markup))
        except _FAULTS as err:
            raise _explained(err, kind.value) from err

    def _pair(self, kind: Kind, language: str) -> _Pair:
        key = (kind, language)
        if key not in self._pairs:
            env = self._environment(language)
            html = env.select_template([f"{kind.value}{HTML}", f"{LAYOUT}{HTML}"])
            self._pairs[key] = _Pair(env.get_template(f"{kind.value}{TEXT}"), html)
        return self._pairs[key]

    def _environment(self, language: str) -> Environment:
        if language not in self._environments:
            words = self.catalogues.of(language)
            self._environments[language] = Environment.over(self._folders, words)
        return self._environments[language]


def _words(templates: _Templates, language: str) -> Words:
    """Those of a language, else of English."""
    return templates.catalogues.of(templates.catalogues.best(language))


def _block(context: Context, name: str, joined: _Joined) -> str:
    """What a block of the innermost template that has it says."""
    if name in context.vars:  # the layout kept it
        return str(context.vars[name]).strip()
    return joined(context.blocks[name][0](context)).strip()


def _length(values: dict[str, Any]) -> int:
    """How many characters of people's words the values hold."""
    count = len(values["text"]) + sum(map(len, values["details"]))
    for block in values["blocks"]:
        count += sum(map(len, block.lines)) + 200 * len(block.rows)
        count += sum(len(cell) for row in block.rows for cell in row)
    return count + sum(len(each.text) + 200 for each in values["news"])


def _bounded(pieces: Iterable[str], most: int) -> str:
    """The output, refused as soon as it is too long."""
    out, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            break
        out.append(piece)
    text = "".join(out)
    if size > most or len(text.encode("utf-8", "replace")) > most:
        raise ValueError(f"writes more than {_OUTPUT // 1024} KB")
    return text


def _explained(err: BaseException, name: str) -> TemplateError:
    """The fault in an admin's terms: which file, which line, what."""
    if isinstance(err, TemplateSyntaxError):
        return TemplateError(
            err.message or "wrong syntax", path=err.filename or err.name or name, line=err.lineno
        )
    path, line = _place(err.__traceback__)
    if isinstance(err, jinja2.TemplateNotFound):
        return TemplateError(f"there is no template {err.message}", path=path or name, line=line)
    if isinstance(err, KeyError) and not path:
        return TemplateError(f"has no block {err}", path=f"{name}{TEXT}")
    words = str(err) or type(err).__name__
    return TemplateError(words, path=path or name, line=line)


def _place(trace: TracebackType | None) -> tuple[str, int]:
    """File and line of the innermost template in a traceback."""
    path, line = "", 0
    while trace:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            path = template.filename or template.name or ""
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return path, line
