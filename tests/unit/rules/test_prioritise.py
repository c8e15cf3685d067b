"""The matrix, and what modifies its word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from workers.rules.load import RuleSet
from workers.rules.prioritise import prioritise

Rules = Callable[..., RuleSet]


@pytest.mark.parametrize(
    ("urgency", "row"),
    [
        ("critical", "P1 P1 P2 P3"),
        ("high", "P1 P2 P3 P3"),
        ("normal", "P2 P3 P3 P4"),
        ("low", "P3 P4 P4 P4"),
    ],
)
def test_shipped_matrix_is_the_agreed_one(rules: Rules, urgency: str, row: str) -> None:
    loaded = rules()

    for impact, value in zip(("org", "site", "team", "person"), row.split(), strict=True):
        found = prioritise(loaded, impact, urgency, "")
        assert found[-1].value == value
        assert [str(each.ref)[:13] for each in found] == ["priority.yaml"]


def test_priority_of_nothing_said_is_that_of_the_defaults(rules: Rules) -> None:
    found = prioritise(rules(), "", "", "")

    assert found[-1].value == "P4"
    assert found[0].ref.name == "matrix: normal, person"


@pytest.mark.parametrize(
    ("impact", "urgency", "value"),
    [
        ("person", "normal", "P3"),
        ("team", "normal", "P2"),
        ("site", "high", "P2"),
        ("org", "high", "P1"),
    ],
)
def test_vip_raises_one_step_and_never_to_p1(
    rules: Rules, impact: str, urgency: str, value: str
) -> None:
    assert prioritise(rules(), impact, urgency, "", is_vip=True)[-1].value == value


def test_vip_without_modifier_is_like_everybody(rules: Rules) -> None:
    matrix = (rules().files[2]).read_text().partition("modifiers:")[0]

    assert prioritise(rules(priority=matrix), "", "", "", is_vip=True)[-1].value == "P4"


@pytest.mark.parametrize(
    ("service", "impact", "is_vip", "values"),
    [
        ("ERP", "person", False, ["P4", "P3"]),
        ("erp", "person", True, ["P4", "P3", "P2"]),
        ("erp", "team", False, ["P3"]),
        ("erp", "site", False, ["P3", "P2"]),
        ("erp", "org", True, ["P2"]),
        ("other", "person", False, ["P4"]),
    ],
)
def test_critical_service_counts_one_impact_wider(
    rules: Rules, service: str, impact: str, is_vip: bool, values: list[str]
) -> None:
    shipped = (rules().files[2]).read_text()
    loaded = rules(
        priority=shipped.replace("critical_services: []", "critical_services: [mail, Erp]")
    )

    found = prioritise(loaded, impact, "normal", service, is_vip=is_vip)

    assert [each.value for each in found] == values
    assert found[-1].value == values[-1]
    assert all(str(each.ref).startswith("priority.yaml:") for each in found)
