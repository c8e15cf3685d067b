"""How long: ``4`` is hours, ``4h``, ``90m`` and ``1h30m`` say it. Pure."""

from __future__ import annotations

import re
from datetime import timedelta

from workers.rules.findings import Findings
from workers.rules.nodes import Node, Scalar

MOST = timedelta(days=3650)

_FORM = re.compile(r"(?:(\d{1,6})h)? ?(?:(\d{1,7})m)?", re.ASCII)


def read(node: Node, found: Findings) -> timedelta:
    """A length of time above zero."""
    value = _parse(node) if isinstance(node, Scalar) else None
    if value is not None and timedelta(0) < value <= MOST:
        return value
    hint = "expected hours, or such as 4h, 90m, 1h30m"
    if value is not None:
        hint = f"expected more than 0 and at most {MOST.days * 24}h"
    elif isinstance(node, Scalar) and re.fullmatch(r"\d+ ?d(ays?)?", node.text):
        hint = "days may be working days: write hours, such as 48h"
    found.add(node.mark, "this is not a length of time", hint)
    return timedelta(hours=1)


def _parse(node: Scalar) -> timedelta | None:
    value = node.value
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        # Beyond the bound timedelta itself would refuse.
        return timedelta(hours=max(min(value, 10**6), -1))
    form = _FORM.fullmatch(value)
    if not form or not any(form.groups()):
        return None
    return timedelta(hours=int(form[1] or 0), minutes=int(form[2] or 0))
