"""postdesk rules: check, try and explain what admins wrote, before and after the desk reads it."""

from __future__ import annotations

import click

from scripts.rules_check import check
from scripts.rules_explain import explain
from scripts.rules_replay import replay
from scripts.rules_schema import schema
from scripts.rules_test import test


@click.group(name="rules")
def command() -> None:
    """Check, test, explain and replay the rules; schemas for editors."""


for _each in (check, test, explain, replay, schema):
    command.add_command(_each)
