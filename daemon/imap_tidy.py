"""What happens in the mailbox to messages whose rows are committed: moved, flagged or deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from daemon.imap_errors import Refused
from daemon.imap_memory import Memory
from daemon.imap_session import Listing, Session
from daemon.settings import Mailbox


class Tidy:
    """The after-commit action of one round; what the server refuses is tried again next time."""

    def __init__(self, mailbox: Mailbox, session: Session, memory: Memory) -> None:
        self._mailbox, self._session, self._memory = mailbox, session, memory
        #: How many messages the folder lost.
        self.removed = 0
        #: Messages that stay although they should not, and why.
        self.refused: dict[int, str] = {}

    def away(
        self,
        uids: Sequence[int],
        listed: Mapping[int, Listing],
        message_ids: Mapping[int, str] | None = None,
    ) -> None:
        """Do it to exactly these; ``message_ids`` when an earlier round may have begun it."""
        if not uids:
            return
        try:
            self._act(list(uids), listed, message_ids)
        except Refused as err:
            if len(uids) == 1:
                self.refused[uids[0]] = f"{self._wish}: {err}"
                return
            for uid in uids:
                self.away([uid], listed, message_ids)
        else:
            self._memory.settled.update(uids)
            self.removed += 0 if self._mailbox.after == "flag" else len(uids)

    @property
    def _wish(self) -> str:
        if self._mailbox.after == "move":
            return f"it cannot be moved to {self._mailbox.move_to}"
        return f"it cannot be {'flagged' if self._mailbox.after == 'flag' else 'deleted'}"

    def _act(
        self,
        uids: list[int],
        listed: Mapping[int, Listing],
        message_ids: Mapping[int, str] | None,
    ) -> None:
        match self._mailbox.after:
            case "move":
                self._move(uids, listed, message_ids)
            case "delete":
                self._session.delete(uids)
            case "flag":
                if unflagged := [uid for uid in uids if not listed[uid].is_flagged]:
                    self._session.flag(unflagged)

    def _move(
        self,
        uids: list[int],
        listed: Mapping[int, Listing],
        message_ids: Mapping[int, str] | None,
    ) -> None:
        if message_ids is not None and not self._session.moves_at_once:
            copied = self._copied(uids, listed, message_ids)
            if copied:
                self._session.delete(copied)
            uids = [uid for uid in uids if uid not in copied]
        if not uids:
            return
        try:
            self._session.move(uids, self._mailbox.move_to)
        except Refused:
            # RFC 9051 §6.4.7: [TRYCREATE]; somebody may have removed the folder meanwhile.
            self._session.make_folder(self._mailbox.move_to)
            self._session.move(uids, self._mailbox.move_to)

    def _copied(
        self, uids: list[int], listed: Mapping[int, Listing], message_ids: Mapping[int, str]
    ) -> list[int]:
        """Messages that a broken connection left half moved: one copy is enough."""
        target = self._mailbox.move_to
        copied = []
        for uid in uids:
            message_id, size = message_ids.get(uid, ""), listed[uid].size
            if listed[uid].is_marked_deleted or (
                message_id and self._session.find_copy(target, message_id, size)
            ):
                copied.append(uid)
        self._session.select_again()
        return copied
