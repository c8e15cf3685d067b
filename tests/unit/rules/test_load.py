"""What a folder of rule files becomes, and which file wins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from daemon import shipped
from tests.unit.rules.conftest import Write
from workers.rules import people
from workers.rules.load import RuleSet, load

Rules = Callable[..., RuleSet]


def test_shipped_rules_load_and_mail_nobody() -> None:
    rules = load(None)

    assert rules.files == tuple(
        shipped.folder("rules") / f"{name}.yaml"
        for name in ("people", "routing", "priority", "escalation", "notices")
    )
    assert rules.directory.agents == ()
    assert rules.directory.default_team == "support"
    assert rules.directory.members("support") == ()


def test_samples_in_the_comments_of_people_yaml_are_right(rules: Rules) -> None:
    lines = (shipped.folder("rules") / "people.yaml").read_text().splitlines()
    samples = "\n".join(line.removeprefix("# ") for line in lines if _is_sample(line))

    directory = rules(people=samples).directory

    assert {agent.name for agent in directory.agents} == {"ann", "minjun"}
    assert directory.organisation_of("x@sub.example.com") is not None
    assert directory.vips == {"director@example.com"}
    assert directory.same_as("dora@home.example")[0] == "director@example.com"
    assert directory.is_form("webform@example.com")
    assert directory.is_list("x@lists.example.com")
    assert directory.plus_domains == {"example.com"}


def _is_sample(line: str) -> bool:
    keys = (f"# {key}:" for key in people.KEYS)
    return line.startswith(("#   ", *keys))


def test_own_file_replaces_the_shipped_one_of_its_name(write: Write) -> None:
    folder = write(routing="rules: []")

    rules = load(folder)

    defaults = shipped.folder("rules")
    assert rules.files == (
        folder / "people.yaml",
        folder / "routing.yaml",
        defaults / "priority.yaml",
        defaults / "escalation.yaml",
        defaults / "notices.yaml",
    )
    assert rules.routing.rules == ()


def test_feature_is_on_if_its_file_is_there(rules: Rules) -> None:
    assert rules().services.names == ()

    on = rules(
        routing="rules: []",
        services="services: {VPN: {owner: ann, team: Network, criticality: high}}",
    )

    service = on.services.named("vpn")
    assert service is not None
    assert (service.owner, service.team, service.criticality) == ("ann", "network", "high")
    assert str(service.ref) == "services.yaml:1"


def test_cases_beside_the_rules_are_no_rules(write: Write) -> None:
    folder = write()
    (folder / "vpn.test.yaml").write_text("- nothing of ours")

    assert load(folder).routing.rules


def test_version_changes_with_the_contents_alone(write: Write, tmp_path: Path) -> None:
    first = load(write(routing="rules: []")).version
    again = load(write(routing="rules: []")).version
    other = load(write(routing="rules: []\n# more\n")).version

    assert first == again != other
    assert load(None).version == load(None).version != first


def test_directory_is_that_of_people_yaml(rules: Rules) -> None:
    directory = rules().directory

    ann = directory.agent_at("ANN@example.com")
    assert ann is not None
    assert (ann.name, ann.full_name, ann.language) == ("ann", "Ann Lee", "en")
    assert ann.addresses == ("ann@example.com", "ann.lee@example.com")
    assert [agent.name for agent in directory.members("Support")] == ["ann", "minjun"]
    assert directory.vips == {"boss@acme.example"}
    assert directory.names["minjun@example.com"] == "김민준"
    organisation = directory.organisation_of("x@sub.acme.example")
    assert organisation is not None
    assert organisation.language == "ko"


def test_an_agent_can_have_receipts_for_what_was_done(rules: Rules) -> None:
    people = "agents:\n  ann: {full_name: A, addresses: a@b.c, receipts: always}\n"
    eve = "  eve: {full_name: E, addresses: e@b.c}\n"

    directory = rules(people=people + eve, routing="rules: []").directory

    assert [agent.receipts for agent in directory.agents] == ["always", "errors"]


def test_shipped_targets_are_the_agreed_ones() -> None:
    [agreement] = load(None).agreements

    hours = {
        priority: [(each.metric, each.within // timedelta(hours=1)) for each in targets]
        for priority, targets in agreement.targets.items()
    }
    assert hours == {
        "P1": [("respond", 1), ("resolve", 4)],
        "P2": [("respond", 4), ("resolve", 8)],
        "P3": [("respond", 8), ("resolve", 24)],
        "P4": [("respond", 24), ("resolve", 72)],
    }


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("1", 60),
        ("1.5", 90),
        ("90m", 90),
        ("4h", 240),
        ("1h30m", 90),
        ("1h 30m", 90),
        ("'2'", None),
        ("0.25", 15),
    ],
)
def test_target_is_hours_or_says_its_unit(rules: Rules, written: str, minutes: int | None) -> None:
    text = f"agreements: [{{name: a, targets: {{P1: {{respond: {written}}}}}}}]"
    if minutes is None:
        with pytest.raises(Exception, match="not a length of time"):
            rules(escalation=text)
        return

    [agreement] = rules(escalation=text).agreements

    assert agreement.targets["P1"][0].within == timedelta(minutes=minutes)
