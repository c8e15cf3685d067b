"""The error tree: what went wrong, whether trying again helps, and whose fault it is."""

from __future__ import annotations

from typing import ClassVar, Literal

Fault = Literal["admin", "sender", "remote", "ours"]


class PostdeskError(Exception):
    """Base of all our errors; ``str()`` is for a human, never for a protocol's client."""

    permanent: ClassVar[bool] = False
    fault: ClassVar[Fault] = "ours"


class ConfigError(PostdeskError):
    """An admin's file is wrong: says where, what, and what was expected."""

    permanent = True
    fault = "admin"

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        line: int = 0,
        column: int = 0,
        hint: str = "",
    ) -> None:
        self.message, self.path, self.line, self.column = message, path, line, column
        self.hint = hint
        super().__init__(message)

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.path, self.line, self.column) if part)
        text = f"{where}: {self.message}" if where else self.message
        return f"{text} ({self.hint})" if self.hint else text


class SettingsError(ConfigError):
    """The configuration file or an environment variable is wrong; start is refused."""


class RuleError(ConfigError):
    """A rule file is wrong; the last good set stays in force."""


class TemplateError(ConfigError):
    """A template is wrong; the shipped one is used instead."""


class MailError(PostdeskError):
    """Something about one mail."""

    fault = "sender"


class TooLarge(MailError):
    """The mail is larger than the desk takes: 552."""

    permanent = True


class NotAccepted(MailError):
    """The mail is not for us: 550."""

    permanent = True


class NotUnderstood(MailError):
    """What was handed to ``postdesk intake`` is no mail: names the key and what was expected."""

    permanent = True


class Unparsable(MailError):
    """Reading the mail failed, or took more than a mail may: it is held, nothing else waits."""

    permanent = True


class ScannerAway(MailError):
    """Nobody can say whether the mail is harmless, and it is to wait until somebody can."""


class TicketError(PostdeskError):
    """Something about one command on a ticket; answered to its sender in words.

    A text with ``%(places)s`` and what is in them stay apart, for a catalogue to translate.
    """

    permanent = True
    fault = "sender"

    def __init__(self, text: str, /, **values: object) -> None:
        self.text, self.values = text, values
        super().__init__(text % values if values else text)


class UnknownTicket(TicketError):
    """There is no ticket of that number."""


class UnknownPerson(TicketError):
    """Nobody is known at that address."""


class IllegalMove(TicketError):
    """The ticket's state does not allow it; the text names the legal moves."""


class BadWords(TicketError):
    """A command's words cannot be read; has the line that may have been meant, or none."""

    def __init__(self, text: str, /, *, instead: str = "", **values: object) -> None:
        self.instead = " ".join(instead.split())
        super().__init__(text, **values)


class NotAllowed(TicketError):
    """The person may not; the text names who may."""


class StoreError(PostdeskError):
    """The database did not do what was asked."""


class StoreBusy(StoreError):
    """The database is away or locked: try again (451)."""


class StoreFull(StoreError):
    """There is no space left: try again when there is (452)."""


class StoreBroken(StoreError):
    """The database is damaged or of another version: a person is needed."""


class MailboxError(PostdeskError):
    """An IMAP mailbox cannot be read now: says what is wrong and what a person can do."""

    fault = "remote"

    def __init__(self, kind: str, reason: str, advice: str = "") -> None:
        #: What changes when the trouble becomes another one: connect, tls, login, folder, …
        self.kind, self.reason, self.advice = kind, reason, advice
        super().__init__(f"{reason}; {advice}" if advice else reason)


class LookupFailed(PostdeskError):
    """The DNS could not be asked: what hangs on its answer is not proven."""

    fault = "remote"


class DeliveryError(PostdeskError):
    """The smarthost did not take a mail."""

    fault = "remote"

    def __init__(self, reply: str) -> None:
        self.reply = reply
        super().__init__(reply)


class TemporaryFailure(DeliveryError):
    """4yz, or no answer: the row says when to try again."""


class PermanentFailure(DeliveryError):
    """5yz: not tried again, the agent is told."""

    permanent = True


class Unreachable(TemporaryFailure):
    """Nobody there, or nobody who would talk: it is not about one mail."""


class Lost(TemporaryFailure):
    """The connection broke under one mail: nobody knows whether it was taken."""
