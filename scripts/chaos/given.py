"""What was handed to the desk: the other side's own books, to be compared with the desk's."""

from __future__ import annotations

from dataclasses import dataclass, field

from scripts.bench.mails import Mail


@dataclass(slots=True, kw_only=True)
class Given:
    """One mail and how it went to the desk."""

    mail: Mail
    #: Message-IDs of the mails before it in its thread and its own, oldest first.
    thread: tuple[str, ...]
    by_smtp: bool
    by_imap: bool
    #: Times that it was offered by SMTP; more than one when an answer was lost or temporary.
    offers: int = 0
    #: When its 250 came.
    accepted_at: float | None = None
    is_in_mailbox: bool = False

    @property
    def opener(self) -> str:
        """The Message-ID of the mail that its thread began with."""
        return self.thread[0]

    @property
    def is_promised(self) -> bool:
        """Whether the desk answers for it now."""
        return self.accepted_at is not None or self.is_in_mailbox


@dataclass(slots=True)
class Books:
    """Every mail that was given, and what the desk should not have said."""

    given: list[Given] = field(default_factory=list)
    #: Permanent refusals, and mails that were never taken.
    wrongs: list[str] = field(default_factory=list)

    @property
    def acceptances(self) -> list[float]:
        """The instants of every 250, in their order."""
        return sorted(one.accepted_at for one in self.given if one.accepted_at is not None)

    @property
    def threads(self) -> set[str]:
        """First mails: each must be one ticket."""
        return {one.opener for one in self.given}
