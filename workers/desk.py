"""What the workers share: the daemon's context, the rules in force, and the notices' writer."""

from __future__ import annotations

from dataclasses import dataclass, field

from daemon.context import Context
from daemon.resolver import Resolver
from daemon.store.search import Similar
from workers.calendars import Calendars
from workers.crew import Crew
from workers.faults import Faults
from workers.notices.compose import compose
from workers.notices.identity import DeskIdentity
from workers.notices.notice import Composed, Notice
from workers.notices.render import Renderer
from workers.parsing.pool import Parsers
from workers.rules.source import RuleSource
from workers.scanner import Scanner
from workers.staff import Staff

#: How many calls to web servers a process makes at a time.
CALLERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Collaborators of the workers, made once by the composition root."""

    ctx: Context
    rules: RuleSource
    renderer: Renderer
    identity: DeskIdentity
    staff: Staff
    calendars: Calendars
    parsers: Parsers
    scanner: Scanner
    resolver: Resolver
    #: While one writes, the other reads mails: tickets are numbered one after the other anyway.
    intake: Crew = field(default_factory=lambda: Crew(2))
    #: A server that hangs keeps no more threads than these from other work.
    callers: Crew = field(default_factory=lambda: Crew(CALLERS))
    similar: Similar = field(default_factory=Similar)
    #: Templates that could not be used, until an admin has been told.
    faults: Faults = field(default_factory=Faults)

    def introduce(self) -> None:
        """See to it that the store knows the agents and calendars of the rules in force.

        To be called outside of any transaction, before one that may tell an agent or begin a clock.
        """
        rules = self.rules.current()
        self.staff.introduce(rules.directory, self.ctx.clock.now())
        self.calendars.introduce(rules.agreements)

    def reload(self) -> None:
        """Read rules and templates again; what is wrong in them is reported, not used."""
        self.renderer.reload()
        self.rules.reload()
        self.rules.current()

    def write(self, notice: Notice) -> Composed:
        """The notice as a finished mail. Raises MailError or PostdeskError where it can be none."""
        return compose(notice, self.renderer.render(notice), self.identity)
