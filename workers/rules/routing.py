"""routing.yaml: what a new mail is about. Pure."""

from __future__ import annotations

from workers.rules import rulelist
from workers.rules.nodes import Mapping
from workers.rules.rule import RuleTable
from workers.rules.rulelist import Form
from workers.rules.scope import Scope

FILE = "routing.yaml"
FORM = Form(file=FILE, match="first")


def read(root: Mapping, scope: Scope) -> RuleTable:
    """The rules of the file; mistakes go into the scope's."""
    return rulelist.read(root, FORM, scope)
