"""``postdesk``: the command. Sub-commands are imported when they are called, to start quickly."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click

from daemon.errors import ConfigError, PostdeskError

#: Where each sub-command lives, and what ``--help`` says of it.
COMMANDS = {
    "run": (
        "scripts.supervise:command",
        "The whole desk on this machine: listeners, pollers, workers.",
    ),
    "smtp": ("scripts.accepting:smtp", "Only the SMTP and LMTP listeners."),
    "imap": ("scripts.accepting:imap", "Only the IMAP pollers."),
    "relay": ("scripts.working:relay", "Only the relay that rings for due rows."),
    "work": ("scripts.working:work", "Only the workers."),
    "intake": ("scripts.intake:command", "One JSON object on standard input becomes a mail."),
    "ticket": ("scripts.ticket:command", "Tickets: list, show, history."),
    "inbox": ("scripts.inbox:command", "Every arrival and what became of it."),
    "outbox": ("scripts.outbox:command", "Every mail that the desk decided to send."),
    "parse": ("scripts.parse:command", "Read mails and print them as JSON."),
    "rules": ("scripts.rules:command", "Check the rule files."),
    "templates": ("scripts.templates:command", "Check and show the templates of the notices."),
    "sla": ("scripts.sla:command", "Agreements and clocks."),
    "check": ("scripts.check:command", "Is everything set up right? A verdict each."),
    "top": ("scripts.top:command", "The desk's pulse on a terminal, live."),
    "revoke": (
        "scripts.revoke:command",
        "Make signed addresses worthless that somebody has who should not.",
    ),
    "password": (
        "scripts.password:command",
        "A line for an agent's log-in at the submission port.",
    ),
    "init": (
        "scripts.init:command",
        "Write a commented configuration, rules and templates to edit.",
    ),
    "db": ("scripts.db:command", "The database: upgrade, backup, restore."),
    "demo": ("scripts.demo:command", "Sample mails through a desk of its own; ends by itself."),
    "accept-process": ("scripts.accepting:accept_process", ""),
    "work-process": ("scripts.working:work_process", ""),
    "send-process": ("scripts.working:send_process", ""),
}
_HIDDEN = {"accept-process", "work-process", "send-process"}
#: sysexits.h: the configuration is wrong; a passing failure.
_EX_CONFIG, _EX_TEMPFAIL = 78, 75


class _Lazy(click.Group):
    """A group that imports a sub-command only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if name not in _HIDDEN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, text) for name, (_, text) in COMMANDS.items() if name not in _HIDDEN]
            )


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="POSTDESK_CONFIG",
    help="The configuration; default /etc/postdesk/postdesk.toml, else built-in defaults.",
)
@click.version_option(package_name="postdesk")
@click.pass_context
def cli(ctx: click.Context, config: Path | None) -> None:
    """An IT service desk that lives in the mail system."""
    ctx.obj = config


def main() -> None:
    """Run the command line; our errors become one line and an exit code."""
    try:
        cli(prog_name="postdesk")
    except ConfigError as err:
        _die(err, _EX_CONFIG)
    except PostdeskError as err:
        _die(err, 1 if err.permanent else _EX_TEMPFAIL)


def _die(err: PostdeskError, code: int) -> None:
    print(f"postdesk: {err}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
