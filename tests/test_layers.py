"""The shape of the code: who imports whom, one home per library, purity, sizes, names."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("daemon", "workers", "scripts")
#: Tools of the source tree, not shipped: they may use the tests' servers and any library.
TOOLS = tuple(
    sorted(
        path
        for name in ("bench", "chaos", "fuzz")
        for path in (ROOT / "scripts" / name).rglob("*.py")
    )
)
MODULES = sorted({path for name in PACKAGES for path in (ROOT / name).rglob("*.py")} - {*TOOLS})
TESTS = sorted((ROOT / "tests").rglob("*.py"))

#: What each package may import of ours.
BELOW = {"daemon": (), "workers": ("daemon",), "scripts": ("daemon", "workers")}

#: Every library from outside, and the only modules that may speak to it.
HOMES = {
    "aiosmtpd": ("daemon/smtp*.py", "daemon/lmtp.py"),
    "alembic": ("daemon/store/*",),
    "babel": ("workers/notices/*",),
    "click": ("scripts/*",),
    "dkim": ("daemon/signatures.py",),
    "dns": ("daemon/resolver.py",),
    "dramatiq": (
        "workers/bells.py", "workers/boot.py", "workers/broker.py", "workers/middleware.py",
        "workers/pool.py", "workers/redis_broker.py", "workers/relay.py",
        # The composition root hands one broker to what works and to what rings.
        "scripts/working.py",
    ),
    "holidays": ("workers/sla/country.py",),
    "imapclient": ("daemon/imap*.py",),
    "jinja2": (
        "workers/notices/environment.py", "workers/notices/messages.py",
        "workers/notices/render.py", "workers/notices/sentences.py",
    ),
    "markupsafe": ("workers/notices/environment.py",),
    "nh3": ("daemon/mail/*",),
    "pika": ("workers/broker.py",),
    "psycopg": ("daemon/store/*",),
    "pydantic": (
        "daemon/settings.py", "daemon/configuration.py", "workers/rules/*", "scripts/init.py",
        "workers/notices/packed.py",
    ),
    "re2": ("workers/rules/*",),
    "redis": ("workers/redis_broker.py",),
    "rich": ("scripts/top.py",),
    "selectolax": ("daemon/mail/*",),
    # The demo is a mail client.
    "smtplib": ("workers/deliver*.py", "workers/smarthost.py", "scripts/demo.py"),
    "sqlalchemy": ("daemon/store/*",),
    # The log is passed everywhere; its set-up is in daemon/log.py.
    "structlog": ("*",),
    "uvloop": ("daemon/smtp*.py", "scripts/*"),
    "yaml": ("workers/rules/*",),
}  # fmt: skip

#: Libraries that come with a declared one and are its public face.
WITH = {"markupsafe": "jinja2"}

PURE = ("daemon/mail/*", "daemon/desk/*", "workers/rules/*", "workers/sla/*", "workers/notices/*")
#: In the pure packages, the modules that read files.
LOADERS = (
    "workers/rules/casefiles.py",
    "workers/rules/load.py",
    "workers/rules/source.py",
    "workers/rules/kept.py",
    "workers/notices/catalogue.py",
    "workers/notices/messages.py",
    "workers/notices/render.py",
)
IMPURE = {
    "asyncio", "http", "multiprocessing", "os", "random", "secrets", "select", "shutil", "signal",
    "socket", "sqlite3", "subprocess", "tempfile", "threading", "time",
    "urllib.request", "daemon.clock", "daemon.context", "daemon.inbox", "daemon.store",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today"}

MODULE_LINES = 300
FUNCTION_LINES = 40
#: Modules that are one table or one page of declarations, which a second file would only hide.
LONG = {
    "daemon/store/tables.py": "every table",
    "daemon/store/migrations/versions/*": "a schema as it was, never edited again",
}
#: Words that name nothing.
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "manager", "misc", "common", "base"}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that is imported, at the top or in a function, with its line."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: relative import"
            yield node.module or "", node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_imports_go_one_way_only() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in MODULES
        for module, line in imports(path)
        if (ours := module.partition(".")[0]) in (*PACKAGES, "tests")
        and ours != (package := name_of(path).partition("/")[0])
        and ours not in BELOW[package]
    ]

    assert wrong == []


def test_each_library_stays_in_its_home() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {library}"
        for path in MODULES
        for module, line in imports(path)
        if (library := module.partition(".")[0]) in HOMES
        and not matches(name_of(path), HOMES[library])
    ]

    assert wrong == []


def test_every_library_has_a_home() -> None:
    known = {*sys.stdlib_module_names, *PACKAGES, *HOMES}

    homeless = {
        f"{name_of(path)} imports {module}"
        for path in MODULES
        for module, _ in imports(path)
        if module.partition(".")[0] not in known
    }

    assert homeless == set()


def test_every_library_is_a_declared_dependency() -> None:
    declared = re.findall(r'^    "([A-Za-z0-9-]+)', _pyproject_dependencies(), re.MULTILINE)
    owners = packages_distributions()

    undeclared = {
        library
        for library in HOMES
        if library not in sys.stdlib_module_names
        and library not in WITH
        and not {owner.lower() for owner in owners[library]} & {name.lower() for name in declared}
    }

    assert undeclared == set()


def _pyproject_dependencies() -> str:
    text = (ROOT / "pyproject.toml").read_text()
    return text.partition("\ndependencies = [\n")[2].partition("\n]")[0] + "\n"


def test_pure_packages_touch_nothing_outside() -> None:
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in MODULES
        if matches(name_of(path), PURE) and not matches(name_of(path), LOADERS)
        for module, line in imports(path)
        if any(module == impure or module.startswith(f"{impure}.") for impure in IMPURE)
    ]

    assert wrong == []


def test_pure_packages_read_no_clock() -> None:
    wrong = [
        f"{name_of(path)}:{node.lineno} calls .{node.func.attr}()"
        for path in MODULES
        if matches(name_of(path), PURE)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and ast.unparse(node.func.value) in ("datetime", "date", "datetime.datetime")
    ]

    assert wrong == []


def test_modules_fit_a_reader() -> None:
    long = {
        name_of(path): lines
        for path in MODULES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES
        and not matches(name_of(path), tuple(LONG))
    }

    assert long == {}


def test_functions_fit_a_screen() -> None:
    long = {
        f"{name_of(path)}:{node.lineno} {node.name}": lines
        for path in MODULES
        if not matches(name_of(path), ("daemon/store/migrations/versions/*",))
        for node in functions(path)
        if (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    }

    assert long == {}


@pytest.mark.parametrize("path", [*MODULES, *TOOLS, *TESTS], ids=name_of)
def test_names_say_something(path: Path) -> None:
    defined = [
        node.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]

    empty = [
        name for name in (*path.relative_to(ROOT).parts, *defined) if _words(name) & EMPTY_WORDS
    ]

    assert empty == []


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def test_public_things_say_what_they_do() -> None:
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in MODULES
        if not matches(name_of(path), ("daemon/store/migrations/versions/*",))
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]

    assert silent == []


def test_no_group_is_repeated_possessively() -> None:
    """Python 3.11.2, Debian's, finds nothing where a later one does (``(?:a b)*+``)."""
    repeated = re.compile(r"[^\\]\)(?:[*?+]|\{[0-9,]+\})\+")
    found = [name_of(path) for path in MODULES if repeated.search(path.read_text(encoding="utf-8"))]
    assert found == []
