"""``postdesk password LOGIN``: the line that lets an agent log in at the submission port."""

from __future__ import annotations

import sys

import click

from daemon.passwords import hashed

_LEAST = 10


@click.command("password")
@click.argument("login")
def command(login: str) -> None:
    """Ask for a password and print its line for submission.passwords_file.

    Without a terminal the password is the first line of standard input.
    """
    if ":" in login or not login.strip():
        raise click.BadParameter("a login has no colon", param_hint="LOGIN")
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < _LEAST:
        raise click.UsageError(f"a password has {_LEAST} characters at least")
    click.echo(f"{login.strip().lower()}:{hashed(password)}")
