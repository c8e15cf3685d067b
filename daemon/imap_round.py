"""One round over an IMAP folder: what is new is fetched, offered, committed, and then tidied away.

Nothing is flagged, moved or deleted before its row is committed (architecture.md, promise 1). What
is new is decided by the ledger's source keys; the cursor only saves looking at old messages.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

from daemon.arrival import Arrival, Envelope, InboxId, Source
from daemon.errors import StoreBusy, StoreError
from daemon.imap_errors import Refused, words
from daemon.imap_head import recipients, return_path
from daemon.imap_memory import Memory, Why
from daemon.imap_road import Road
from daemon.imap_session import Listing, Session
from daemon.imap_tidy import Tidy
from daemon.mail.head import peek
from daemon.store import mailboxes

_BATCH = 50
_BATCH_BYTES = 16 * 1024 * 1024
#: Fetched alone and in chunks: imaplib holds an answer twice.
_LARGE_BYTES = 5 * 1024 * 1024
_COMMIT_SECONDS = 120


class Round:
    """The work of one pass over the folder, on one connection."""

    def __init__(self, road: Road, session: Session, memory: Memory) -> None:
        self._road, self._session, self._memory = road, session, memory
        self._folder = session.select()
        self._seen = self._load()
        memory.enter(self._folder)
        self._tidy = Tidy(road.mailbox, session, memory)

    def run(self, stop: threading.Event) -> None:
        """Take everything in that is there; raises StoreError when the door refused a mail."""
        first = self._first()
        uids = self._look(first, stop)
        if self._memory.is_restored and first > 1:
            uids = self._look(1, stop)
        self._memory.is_restored = False
        for uid, reason in self._tidy.refused.items():
            self._leave(uid, "after", reason)
        if not stop.is_set():
            self._save(uids)

    def _look(self, first: int, stop: threading.Event) -> list[int]:
        """Take in what there is from a UID on; returns all that is there."""
        uids = self._session.search(first, self._folder)
        for batch in self._memory.batches(uids, _BATCH):
            if stop.is_set():
                break
            self._take(batch)
        return uids

    def _load(self) -> mailboxes.View | None:
        with self._road.store.read() as tx:
            seen = mailboxes.load(tx, self._road.folder)
        return seen if seen and seen.uidvalidity else None

    @property
    def _is_renumbered(self) -> bool:
        """The server gave every message a new UID (RFC 9051 §2.3.1.1): known mail is recognised."""
        return self._seen is not None and self._seen.uidvalidity != self._folder.uidvalidity

    def _first(self) -> int:
        """The UID from which on messages may be unknown."""
        seen, folder = self._seen, self._folder
        if seen is None or self._is_renumbered or self._road.mailbox.after != "flag":
            return 1
        # A mailbox restored from a backup gives UIDs out again that the ledger has seen.
        is_restored = 0 < folder.uidnext < seen.next_uid
        if is_restored:
            return 1
        # The first look of a connection goes back a little, to see whether they are the same mails.
        return seen.next_uid if self._memory.settled else max(seen.next_uid - _BATCH, 1)

    def _take(self, uids: list[int]) -> None:
        """Take a batch in; when the server refuses it, one by one."""
        try:
            self._take_together(uids)
        except Refused as err:
            if len(uids) == 1:
                self._leave(uids[0], "refused", f"the server refuses to hand it over: {err}")
                return
            for uid in uids:
                self._take([uid])

    def _take_together(self, uids: list[int]) -> None:
        with self._memory.in_flight(uids):
            listed = self._session.describe(uids)
        for uid in set(uids) - listed.keys():
            self._leave(uid, "silent", "the server lists it but hands nothing over")
        rows = self._rows(listed)
        done = [uid for uid in rows if _is_same(rows[uid], listed[uid])]
        self._tidy.away(done, listed, {uid: rows[uid].message_id for uid in done})
        fresh = {uid: listed[uid] for uid in sorted(listed.keys() - set(done))}
        for group in self._groups(fresh):
            self._commit(group, listed, rows)

    def _rows(self, uids: Sequence[int] | dict[int, Listing]) -> dict[int, mailboxes.Known]:
        keys = {self._key(uid): uid for uid in uids}
        with self._road.store.read() as tx:
            return {keys[key]: row for key, row in mailboxes.known(tx, list(keys)).items()}

    def _key(self, uid: int) -> str:
        return f"imap:{self._road.folder}:{self._folder.uidvalidity}:{uid}"

    def _groups(self, fresh: dict[int, Listing]) -> Iterator[list[int]]:
        """What is fetched at once: many small messages, or one large one."""
        group: list[int] = []
        size = 0
        for uid, listing in fresh.items():
            if listing.size > self._limit:
                self._leave_large(uid, listing.size)
            elif listing.size > _LARGE_BYTES:
                yield [uid]
            else:
                if group and size + listing.size > _BATCH_BYTES:
                    yield group
                    group, size = [], 0
                group.append(uid)
                size += listing.size
        if group:
            yield group

    @property
    def _limit(self) -> int:
        return self._road.settings.limits.message_bytes

    def _commit(
        self, uids: list[int], listed: dict[int, Listing], rows: dict[int, mailboxes.Known]
    ) -> None:
        """Fetch, offer, wait for the commit; only then away with them."""
        offered: dict[int, Future[InboxId]] = {}
        done: list[int] = []
        for uid, raw in self._fetch(uids, listed).items():
            try:
                arrival = self._arrival(uid, raw, listed[uid], rows.get(uid))
            except StoreError:
                raise
            except Exception as err:  # one mail never stops the next
                self._road.log.exception("mail_not_taken", uid=uid)
                self._leave(uid, "ours", f"it could not be taken in: {words(err)}")
                continue
            if arrival is None:
                done.append(uid)
            else:
                offered[uid] = self._road.door.offer(arrival)
        taken, trouble = _settle(offered)
        self._tidy.away(done + taken, listed)
        if taken:
            self._road.log.info("mails_taken", mails=len(taken))
        if trouble:
            raise trouble

    def _fetch(self, uids: list[int], listed: dict[int, Listing]) -> dict[int, bytes]:
        with self._memory.in_flight(uids):
            if listed[uids[0]].size > _LARGE_BYTES:
                size = listed[uids[0]].size
                raws = {uids[0]: self._session.fetch_large(uids[0], size, self._limit)}
            else:
                raws = self._session.fetch(uids)
        self._memory.came_through(uids)
        for uid in uids:
            raw = raws.get(uid, b"")
            if not raw:
                self._leave(uid, "silent", "the server lists it but hands nothing over")
                raws.pop(uid, None)
            elif len(raw) > self._limit:
                self._leave_large(uid, len(raw))
                del raws[uid]
        return raws

    def _arrival(
        self, uid: int, raw: bytes, listing: Listing, row: mailboxes.Known | None
    ) -> Arrival | None:
        """The message for the door; None when the ledger has it already."""
        digest = hashlib.sha256(raw).hexdigest()
        if (row is not None and row.sha256 == digest) or self._is_copy(raw, digest):
            return None
        key = self._key(uid)
        if row is not None:
            # Another message under a UID that the ledger knows: the mailbox was restored.
            self._memory.is_restored = True
            key = f"{key}:{digest[:16]}"
        return Arrival(
            source=Source.IMAP,
            source_key=key,
            received_at=listing.received_at or self._road.clock.now(),
            envelope=self._envelope(raw),
            raw=raw,
        )

    def _is_copy(self, raw: bytes, digest: str) -> bool:
        if not self._is_renumbered:
            return False
        with self._road.store.read() as tx:
            message_id = peek(raw).message_id
            return mailboxes.known_copy(tx, self._road.mailbox.name, digest, message_id) is not None

    def _envelope(self, raw: bytes) -> Envelope:
        mailbox, settings = self._road.mailbox, self._road.settings
        named = recipients(raw, settings.addresses)
        return Envelope(
            sender=return_path(raw),
            recipients=named or (mailbox.address or settings.address,),
            peer=mailbox.name,
            trusted=mailbox.trusted,
        )

    def _leave_large(self, uid: int, size: int) -> None:
        self._leave(uid, "large", f"{size} bytes, more than limits.message_bytes ({self._limit})")

    def _leave(self, uid: int, why: Why, reason: str) -> None:
        if self._memory.leave(uid, why, reason):
            self._road.log.warning("mail_left_in_mailbox", uid=uid, reason=reason)

    def _save(self, uids: list[int]) -> None:
        unsettled = [uid for uid in uids if uid not in self._memory.settled]
        summary, now = self._memory.summary, self._road.clock.now()
        with self._road.store.begin() as tx:
            if self._is_renumbered and self._memory.has_retries:
                # Until every old message is recognised the row must go on saying that some are.
                if summary:
                    mailboxes.report(tx, self._road.folder, summary, now)
                return
            last = max(uids, default=0)
            view = mailboxes.View(
                name=self._road.folder,
                uidvalidity=self._folder.uidvalidity,
                next_uid=min(unsettled, default=max(self._folder.uidnext, last + 1)),
                server_uidnext=max(self._folder.uidnext, last + 1),
                server_messages=max(self._folder.messages - self._tidy.removed, 0),
                seen_at=now,
                error=summary,
            )
            mailboxes.save(tx, view)


def _is_same(row: mailboxes.Known, listing: Listing) -> bool:
    """Whether a listed message is the one that the ledger has under this UID.

    A mailbox restored from a backup gives UIDs out twice, so the UID alone is no proof; where the
    server is inexact the bytes are fetched and compared.
    """
    is_same_instant = listing.received_at is None or listing.received_at == row.received_at
    return is_same_instant and listing.size == row.size


def _settle(offered: dict[int, Future[InboxId]]) -> tuple[list[int], StoreError | None]:
    """Wait for every commit: the UIDs that are durable, and why others are not."""
    taken: list[int] = []
    trouble: StoreError | None = None
    for uid, future in offered.items():
        try:
            future.result(_COMMIT_SECONDS)
        except StoreError as err:
            trouble = err
        except Exception as err:  # noqa: BLE001  not committed is not committed, whatever the reason
            trouble = StoreBusy(words(err))
        else:
            taken.append(uid)
    return taken, trouble
