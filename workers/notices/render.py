"""A notice in words: templates of the admin's folder, else the shipped ones. Home of jinja2.

Templates come from files only; what people wrote is a value in them and never compiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Final, NamedTuple

import jinja2
from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateSyntaxError
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from daemon import shipped
from daemon.errors import TemplateError
from daemon.settings import Settings
from workers.notices.compose import Rendered
from workers.notices.identity import DeskIdentity
from workers.notices.notice import Kind, Notice
from workers.notices.overrides import LANGUAGE, SUFFIXES, strays
from workers.notices.sample import samples
from workers.notices.shown import Target, Verb, shown
from workers.notices.when import Times

FALLBACK: Final = "en"
#: What a part may have beyond the people's words in it, in bytes (security.md F12).
_OUTPUT: Final = 256 * 1024
#: Bytes that one character of a value may become: ``&#34;``, or ``<br>`` and a line end.
_GROWTH: Final = 6
#: Nothing can be changed or called through these: texts, and macros of the templates themselves.
_INERT: Final = frozenset({SimpleNamespace, TemplateModule, Target, Verb})
_TEXT, _HTML = SUFFIXES
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
        self._folder = shipped.folder("templates")
        self._shipped = _Templates((self._folder,))
        self.reload()

    def reload(self) -> None:
        """Read the admin's files again at the next notice."""
        self._told.clear()
        self._used = _Templates((self._admins, self._folder)) if self._admins else self._shipped

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

    def check(self) -> tuple[TemplateError, ...]:
        """Every fault in the templates that are used, found by rendering samples with each."""
        found: dict[str, TemplateError] = {}
        for err in strays(self._admins, self._folder) if self._admins else ():
            found.setdefault(str(err), err)
        for language in self._used.languages():
            for notice in samples(language):
                try:
                    self._render(self._used, notice, language)
                except TemplateError as err:
                    found.setdefault(str(err), err)
        return tuple(found.values())

    def _render(self, templates: _Templates, notice: Notice, language: str) -> Rendered:
        language = templates.language_of(notice.kind, language)
        values = shown(notice, language, self._identity, self._times)
        return templates.render(notice.kind, language, values)


class _Pair(NamedTuple):
    """One notice in one language."""

    text: Template
    html: Template


class _Table(dict[str, str]):
    """Words for the desk's terms; a term that has none stands for itself."""

    def __missing__(self, term: str) -> str:
        return term


class _Templates:
    """One search path; what is wrong in it comes as TemplateError with file and line."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._env = _Environment.over(folders)
        self._pairs: dict[tuple[Kind, str], _Pair] = {}
        self._words: dict[str, SimpleNamespace] = {}
        self._languages: dict[tuple[Kind, str], str] = {}

    def languages(self) -> tuple[str, ...]:
        """The languages that there are folders of."""
        names = {path.name for folder in self._folders for path in _entries(folder)}
        return tuple(sorted(name for name in names if LANGUAGE.fullmatch(name)))

    def language_of(self, kind: Kind, language: str) -> str:
        """The language in which a reader of ``language`` gets this notice: all of it in one."""
        short = re.split("[-_]", language, maxsplit=1)[0].lower()
        key = (kind, short)
        if key not in self._languages:
            is_there = LANGUAGE.fullmatch(short) and all(
                any(
                    (folder / short / f"{kind.value}{suffix}").is_file() for folder in self._folders
                )
                for suffix in SUFFIXES
            )
            self._languages[key] = short if is_there else FALLBACK
        return self._languages[key]

    def render(self, kind: Kind, language: str, values: dict[str, Any]) -> Rendered:
        """The three parts of a notice."""
        try:
            text, html = self._pair(kind, language)
            values["words"] = self._words_of(language)
            context = text.new_context(values)
            most = _OUTPUT + _GROWTH * (len(values["text"]) + sum(map(len, values["details"])))
            return Rendered(
                subject=_joined(text.blocks["subject"](context), most).strip(),
                text=_joined(text.root_render_func(context), most),
                html=_joined(html.root_render_func(html.new_context(values)), most),
            )
        except _FAULTS as err:
            raise _explained(err, f"{language}/{kind.value}") from err

    def _pair(self, kind: Kind, language: str) -> _Pair:
        key = (kind, language)
        if key not in self._pairs:
            stem = f"{language}/{kind.value}"
            get = self._env.get_template
            self._pairs[key] = _Pair(get(f"{stem}{_TEXT}"), get(f"{stem}{_HTML}"))
        return self._pairs[key]

    def _words_of(self, language: str) -> SimpleNamespace:
        """The words that templates of a language share; English where it has none."""
        if language not in self._words:
            words = dict(self._module(FALLBACK))
            own = self._module(language) if language != FALLBACK else {}
            for name, value in own.items():
                both = isinstance(value, dict) and isinstance(words.get(name), dict)
                words[name] = {**words[name], **value} if both else value
            tables = {k: _Table(v) if isinstance(v, dict) else v for k, v in words.items()}
            self._words[language] = SimpleNamespace(**tables)
        return self._words[language]

    def _module(self, language: str) -> dict[str, Any]:
        name = f"{language}/words.j2"
        if not any((folder / name).is_file() for folder in self._folders):
            return {}
        module = self._env.get_template(name).module
        return {key: value for key, value in vars(module).items() if not key.startswith("_")}


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, and no products that fill the memory (security.md F12)."""

    intercepted_binops = frozenset({"*", "**"})

    @classmethod
    def over(cls, folders: Sequence[Path]) -> _Environment:
        """An environment that reads from these folders, the first first."""
        env = cls(
            loader=FileSystemLoader(folders),
            undefined=StrictUndefined,
            # All but plain text is escaped: a macro's output counts as escaped when its caller
            # escapes, so that a file shared by both would be a hole.
            autoescape=jinja2.select_autoescape((), ("txt.j2",), default=True),
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            cache_size=-1,
        )
        env.filters["lines"] = _lines
        return env

    def getattr(self, obj: Any, attribute: str) -> Any:
        """As the sandbox does, without its thirty questions about our own inert values."""
        if type(obj) in _INERT and not attribute.startswith("_"):
            return getattr(obj, attribute, None) or super().getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Numbers only, of a modest size."""
        is_small = all(
            isinstance(value, int | float) and abs(value) < 1_000_000 for value in (left, right)
        )
        if not is_small or (operator == "**" and abs(right) > 64):
            raise jinja2.exceptions.SecurityError(f"{operator} is for small numbers only")
        return super().call_binop(context, operator, left, right)


def _joined(pieces: Iterable[str], most: int) -> str:
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


def _lines(text: str) -> Markup:
    """People's words in HTML: their line ends and indents, whatever the client thinks of CSS."""
    safe = str(escape(text)).replace("  ", "&nbsp; ").replace("\n", "<br>\n")
    return Markup(safe)  # noqa: S704  escaped one line above


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
        return TemplateError(f"has no block {err}", path=f"{name}{_TEXT}")
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


def _entries(folder: Path) -> Iterable[Path]:
    return folder.iterdir() if folder.is_dir() else ()
