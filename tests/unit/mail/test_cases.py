"""The open cases of real mail: the score, and that the page names exactly what falls short."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType

from daemon.mail.parse import parse
from scripts.parse import as_json

_ROOT = Path(__file__).parents[3]
#: Beside the repository, or beside the folder of its worktrees: not shipped, other projects' mails.
_FOLDER = next(
    (
        found
        for above in (_ROOT.parent, _ROOT.parent.parent)
        if (found := above / "shared" / "mail-cases").is_dir()
    ),
    None,
)
_PAGE = (_ROOT / "docs" / "mail-cases.md").read_text(encoding="utf-8")
_EXPLAINED = sorted(re.findall(r"^\| `([\w-]+/[^`]+)` \|", _PAGE, re.MULTILINE))
_MANY = 15


def test_each_explained_case_has_its_reasons() -> None:
    rows = re.findall(r"^\| `[^`]+` \|(.*)\|$", _PAGE, re.MULTILINE)

    assert len(rows) == len(set(_EXPLAINED)) > 0
    assert all(len(row.split(" | ")) == 3 and len(row) > 80 for row in rows)


def _scorer(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def _failing(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(every case, those that we read differently)."""
    score = _scorer(folder)
    cases, failing = [], []
    for path in sorted((folder / "cases").glob("*/*.json")):
        name = f"{path.parent.name}/{path.stem}"
        expected = json.loads(path.read_text(encoding="utf-8"))
        if "reply_text" in expected:
            expected["reply_lenient"] = expected["reply_text"]
        message = parse(path.with_suffix(".eml").read_bytes())
        found = score.score_case(expected, json.loads(json.dumps(as_json(message))))
        cases.append(name)
        if not all(right for field, right in found.items() if field not in score.SOFT):
            failing.append(name)
    return tuple(cases), tuple(failing)


if _FOLDER is not None:

    def test_page_names_exactly_the_cases_that_fall_short() -> None:
        assert _FOLDER is not None
        assert list(_failing(_FOLDER)[1]) == _EXPLAINED

    def test_cases_are_read_as_their_projects_expect() -> None:
        assert _FOLDER is not None
        cases, failing = _failing(_FOLDER)
        suites = Counter(name.partition("/")[0] for name in cases)
        wrong = Counter(name.partition("/")[0] for name in failing)

        assert len(failing) <= 0.03 * len(cases)
        assert {
            suite: f"{wrong[suite]} of {total}"
            for suite, total in suites.items()
            if total >= _MANY and wrong[suite] > 0.06 * total
        } == {}
