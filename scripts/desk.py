"""From a context to a desk: what the workers' process needs beyond it."""

from __future__ import annotations

from daemon.context import Context
from daemon.errors import TemplateError
from workers.desk import Desk
from workers.notices.identity import DeskIdentity
from workers.notices.render import Renderer
from workers.rules.load import RulesInvalid
from workers.rules.source import RuleSource
from workers.staff import Staff
from workers.tell import Teller


def make_desk(ctx: Context) -> Desk:
    """The workers' collaborators. Raises RulesInvalid when the rules are wrong at start."""
    settings = ctx.settings

    def on_template(err: TemplateError) -> None:
        ctx.log.error("template_invalid", error=str(err))

    def on_rules(err: RulesInvalid) -> None:
        now = ctx.clock.now()
        lines = "\n".join(str(each) for each in err.errors)
        with ctx.store.begin() as tx:
            teller = Teller(tx, desk, now)
            teller.to_admins(
                f"rules-{err.version}",
                title="The rules have a mistake; the last good ones stay in force",
                details=lines,
            )
            teller.close()
        ctx.ring("deliver", 0)

    identity = DeskIdentity(
        name=settings.name,
        address=settings.address,
        domain=settings.address.rpartition("@")[2],
        key=ctx.key,
        plus_addresses=settings.plus_addresses,
        addresses=settings.addresses,
    )
    desk = Desk(
        ctx=ctx,
        rules=RuleSource(settings.rules_dir, ctx.log, on_rules, clock=ctx.clock),
        renderer=Renderer(settings, identity, on_template),
        identity=identity,
        staff=Staff(ctx.store),
    )
    return desk
