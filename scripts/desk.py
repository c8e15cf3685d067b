"""From a context to a desk: what the workers' process needs beyond it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from daemon.context import Context
from daemon.errors import TemplateError
from daemon.resolver import Resolver
from daemon.store.writes import Writes
from workers.calendars import Calendars
from workers.desk import Desk
from workers.faults import Faults
from workers.notices.identity import DeskIdentity
from workers.notices.render import Renderer
from workers.parsing.pool import Parsers
from workers.rulebook import Rulebook
from workers.rules.ruleset import RulesInvalid
from workers.rules.source import RuleSource
from workers.scanner import Scanner
from workers.staff import Staff
from workers.tell import Teller


def make_desk(ctx: Context, parsers: Parsers | None = None) -> Desk:
    """The workers' collaborators. Raises RulesInvalid when the rules are wrong at start."""
    settings = ctx.settings
    made = threading.Event()
    faults = Faults()

    def on_template(err: TemplateError) -> None:
        ctx.log.error("template_invalid", error=str(err))
        faults.add(err)

    def on_rules(err: RulesInvalid) -> None:
        made.wait()  # the rules may be found bad while the desk is being made
        now = ctx.clock.now()
        lines = "\n".join(str(each) for each in err.errors)
        with ctx.store.begin() as tx:
            writes = Writes(tx)
            Teller(writes, desk, now).to_admins(
                f"rules-{err.version}",
                title="The rules have a mistake; the last good ones stay in force",
                details=lines,
            )
            writes.flush()
        ctx.ring("deliver", 0)

    identity = DeskIdentity.of(settings, ctx.keys)
    desk = Desk(
        ctx=ctx,
        rules=_rules(ctx, on_rules),
        renderer=Renderer(settings, identity, on_template),
        identity=identity,
        staff=Staff(ctx.store),
        calendars=Calendars(ctx.store),
        scanner=Scanner(settings.attachments, ctx.clock),
        parsers=parsers or Parsers(settings.limits, settings.work.threads),
        resolver=Resolver(settings.authority.resolver),
        faults=faults,
    )
    made.set()
    return desk


def _rules(ctx: Context, on_bad: Callable[[RulesInvalid], None]) -> RuleSource:
    return RuleSource(
        ctx.settings.rules_dir,
        ctx.log,
        on_bad,
        clock=ctx.clock,
        kept=ctx.settings.data_dir / "rules.last-good",
        register=Rulebook(ctx.store, ctx.clock),
    )
