"""The schema: every row that the desk keeps. The migrations lead here; a test compares them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: A row's id: 64 bits on PostgreSQL, the rowid on SQLite.
Key = BigInteger().with_variant(Integer(), "sqlite")


class Utc(TypeDecorator[datetime]):
    """An instant, as microseconds since 1970: exact, ordered, and the same on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1_000_000, UTC)


def micros(at: datetime) -> int:
    """An instant as it is kept. Raises ValueError for one without a time zone."""
    if at.tzinfo is None:
        raise ValueError(f"an instant without a time zone: {at!r}")
    since = at.astimezone(UTC) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _key() -> Column[int]:
    return Column("id", Key, primary_key=True, autoincrement=True)


#: The ledger: every arrival has one row and one fate.
inbox = Table(
    "inbox",
    metadata,
    _key(),
    Column("source", String(8), nullable=False),
    Column("source_key", String(512), nullable=False, unique=True),
    Column("received_at", Utc, nullable=False),
    Column("sender", Text, nullable=False),
    Column("recipients", JSON, nullable=False),
    Column("peer", Text, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("login", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    #: Read from the head at the door by a bounded scan, so that a reply can wait for its parent.
    Column("message_id", Text, nullable=False),
    #: received, done, held, dropped
    Column("state", String(8), nullable=False),
    #: When a worker may take it; moves into the future by back-off and leases. NULL when settled.
    Column("due_at", Utc),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    #: What became of it: ``inbox.Settled`` has the words.
    Column("fate", String(16)),
    Column("ticket", Key, ForeignKey("tickets.number")),
    Column("duplicate_of", Key),
    Column("authority", String(16)),
    Column("from_address", Text),
    Column("subject", Text),
    Index("ix_inbox_due", "due_at", sqlite_where=Column("due_at").isnot(None)),
    Index("ix_inbox_message_id", "message_id"),
    sqlite_autoincrement=True,
)

#: The bytes as they came, never changed; apart, so that the ledger's rows stay small.
inbox_raw = Table(
    "inbox_raw",
    metadata,
    Column("inbox_id", Key, ForeignKey("inbox.id"), primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
)

people = Table(
    "people",
    metadata,
    _key(),
    Column("name", Text, nullable=False),
    #: Folded: where mail to him goes.
    Column("address", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("organisation", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    #: Nobody is to wait for him before then.
    Column("away_until", Utc),
    #: Whether he wants the daily mail of what is to be done.
    Column("digest", Boolean, nullable=False, default=True),
    #: Whether the rules in force name him as an agent.
    Column("is_agent", Boolean, nullable=False, default=False),
    #: When they ceased to: what he watched until then he watches no more.
    Column("left_at", Utc),
    #: Raised to make every signed address worthless that was ever given to him.
    Column("generation", Integer, nullable=False, default=0),
    #: Who this person turned out to be, when two rows were one person (people.yaml).
    Column("same_as", Key, ForeignKey("people.id")),
)

addresses = Table(
    "addresses",
    metadata,
    #: Folded: both halves in lower case.
    Column("address", Text, primary_key=True),
    Column("person", Key, ForeignKey("people.id"), nullable=False, index=True),
)

tickets = Table(
    "tickets",
    metadata,
    #: Gap-free from 1, never reused.
    Column("number", Key, primary_key=True, autoincrement=False),
    Column("type", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("subject", Text, nullable=False),
    Column("requester", Key, ForeignKey("people.id"), nullable=False),
    Column("organisation", Text, nullable=False),
    Column("via", String(16), nullable=False),
    Column("team", Text, nullable=False),
    #: An agent's name in people.yaml, or empty.
    Column("owner", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("impact", String(16), nullable=False),
    Column("urgency", String(16), nullable=False),
    Column("priority", String(4), nullable=False),
    Column("priority_reason", Text, nullable=False),
    Column("major", Boolean, nullable=False),
    Column("language", String(8), nullable=False),
    Column("site", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    #: customer, vendor, change, or empty
    Column("wait_reason", String(16), nullable=False),
    Column("wait_until", Utc),
    Column("due_at", Utc),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("first_response_at", Utc),
    Column("resolved_at", Utc),
    Column("closed_at", Utc),
    Column("resolution_code", Text, nullable=False),
    Column("resolution", Text, nullable=False),
    Column("cause_code", Text, nullable=False),
    Column("breach_reason", Text, nullable=False),
    Column("reopen_count", Integer, nullable=False),
    Column("reassign_count", Integer, nullable=False),
    Column("spent_minutes", Integer, nullable=False),
    Column("csat", Integer),
    Column("csat_comment", Text, nullable=False),
    Column("parent", Key, ForeignKey("tickets.number"), index=True),
    #: The ticket that goes on in its place; chains are followed to their end.
    Column("merged_into", Key, ForeignKey("tickets.number")),
    #: Sequence of the last event; a compare-and-set on it serialises writers.
    Column("last_event", Integer, nullable=False),
    #: Chains the events: each is digested together with the seal before it.
    Column("seal", String(64), nullable=False, default=""),
    Index("ix_tickets_requester_state", "requester", "state"),
    Index("ix_tickets_state", "state"),
)

#: How tickets hang together, but for parent and child, which ``tickets.parent`` has.
links = Table(
    "links",
    metadata,
    Column("a", Key, ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    #: duplicate-of, follow-up-of, blocks, relates, possibly-about: ``a kind b``
    Column("kind", String(16), primary_key=True),
    Column("b", Key, ForeignKey("tickets.number"), primary_key=True, autoincrement=False),
    Index("ix_links_b", "b"),
)

#: Pieces of work within a ticket, numbered from 1 in each.
tasks = Table(
    "tasks",
    metadata,
    Column(
        "ticket",
        Key,
        ForeignKey("tickets.number"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    #: An agent's name in people.yaml, or empty.
    Column("owner", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("due_at", Utc),
    #: open, done, skipped
    Column("state", String(8), nullable=False),
    Column("spent_minutes", Integer, nullable=False),
    Column("depends_on", Integer),
)

watchers = Table(
    "watchers",
    metadata,
    Column(
        "ticket",
        Key,
        ForeignKey("tickets.number"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("person", Key, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    #: watching; proposed: an agent has to agree; removed
    Column("state", String(16), nullable=False),
    #: What became public before this instant is not his to see.
    Column("since", Utc, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    _key(),
    Column("ticket", Key, ForeignKey("tickets.number"), nullable=False, index=True),
    Column("inbox_id", Key, ForeignKey("inbox.id")),
    #: in, out
    Column("direction", String(4), nullable=False),
    #: public, internal
    Column("visibility", String(8), nullable=False),
    Column("person", Key, ForeignKey("people.id")),
    #: The agent who wrote it, or empty.
    Column("agent", Text, nullable=False),
    Column("from_address", Text, nullable=False),
    Column("from_name", Text, nullable=False),
    Column("message_id", Text, nullable=False, index=True),
    #: The root of Outlook's Thread-Index in hexadecimal digits, where the mail has one.
    Column("conversation", String(44), index=True),
    #: Unique: the same mail by two roads is one message.
    Column("content_key", String(64), unique=True),
    Column("at", Utc, nullable=False),
    Column("text", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("html", Text),
    Column("automatic", String(16)),
    #: Does not say that it is automatic, and behaves so: its answers are counted by the brakes.
    Column("is_robotic", Boolean, nullable=False),
    Column("authority", String(16), nullable=False),
    #: How its author was proven, or what was missing.
    Column("proof", Text, nullable=False),
    Column("unverified", Boolean, nullable=False),
    #: Folded addresses in its To and Cc: who else may answer in this thread.
    Column("recipients", JSON, nullable=False),
    Column("attachments", JSON, nullable=False),
)

#: The words of messages, to be found by: a virtual table of FTS5 on SQLite, on PostgreSQL a table
#: with a column ``vector`` made from these. Made by the migration alone, which knows both.
search = Table(
    "search",
    MetaData(),
    Column("ticket", BigInteger, nullable=False),
    #: As ``desk/words.py`` cuts them, with blanks between.
    Column("tokens", Text, nullable=False),
)

#: Questions to agents whether they wrote a mail; an answer lets the mail be taken in.
confirmations = Table(
    "confirmations",
    metadata,
    _key(),
    Column("inbox_id", Key, ForeignKey("inbox.id"), nullable=False, index=True),
    Column("ticket", Key, ForeignKey("tickets.number")),
    Column("agent", Text, nullable=False),
    #: The road that the mail came by, which a yes makes known; empty when it is everybody's.
    Column("path", Text, nullable=False),
    #: identity, act: who wrote it, or also that he means what cannot be undone.
    Column("kind", String(16), nullable=False),
    Column("asked_at", Utc, nullable=False),
    #: waiting, yes, no
    Column("state", String(8), nullable=False),
    Column("answered_at", Utc),
    Index("ix_confirmations_agent_asked", "agent", "asked_at"),
)

#: Signed addresses of a ticket that were taken back from a person: all up to a generation.
revoked = Table(
    "revoked",
    metadata,
    Column(
        "ticket",
        Key,
        ForeignKey("tickets.number"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("person", Key, ForeignKey("people.id"), primary_key=True, autoincrement=False),
    #: The first one that is good again.
    Column("generation", Integer, nullable=False),
)

#: Pictures within mails, by who sends them: one that comes again belongs to a signature.
pictures = Table(
    "pictures",
    metadata,
    #: Folded.
    Column("address", Text, primary_key=True),
    Column("sha256", String(64), primary_key=True),
)

#: Message-IDs that a message of ours refers to but that we have not seen: an early reply's parents.
awaited = Table(
    "awaited",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column(
        "ticket",
        Key,
        ForeignKey("tickets.number"),
        primary_key=True,
        autoincrement=False,
    ),
)

#: Append-only: the truth for clocks, audit and reports.
events = Table(
    "events",
    metadata,
    Column(
        "ticket",
        Key,
        ForeignKey("tickets.number"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    #: ``agent:ann``, ``person:17``, ``rule:routing.yaml:12``, ``clock:respond``, ``desk``.
    Column("actor", Text, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("data", JSON, nullable=False),
    Column("inbox_id", Key),
)

#: Every calendar that a clock was ever started with, as it was: its times stay what was promised.
calendars = Table(
    "calendars",
    metadata,
    Column("version", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("week", JSON, nullable=False),
)

clocks = Table(
    "clocks",
    metadata,
    _key(),
    Column("ticket", Key, ForeignKey("tickets.number"), nullable=False),
    #: respond, next, update, resolve, own, …
    Column("metric", String(16), nullable=False),
    #: Counts the clocks of this metric on the ticket.
    Column("serial", Integer, nullable=False),
    #: Of which task or step of an approval.
    Column("subject", Text, nullable=False),
    #: What was agreed, frozen: agreement, version of the calendar, target, pauses, …
    Column("terms", JSON, nullable=False),
    #: running, paused, stopped, cancelled
    Column("state", String(16), nullable=False),
    Column("started_at", Utc, nullable=False),
    #: Up to here ``consumed`` (microseconds) is counted.
    Column("since", Utc, nullable=False),
    Column("consumed", BigInteger, nullable=False),
    #: NULL while it is paused.
    Column("due_at", Utc),
    Column("stopped_at", Utc),
    Column("breached_at", Utc),
    Column("is_retargeted", Boolean, nullable=False),
    Column("is_reopened", Boolean, nullable=False),
    Column("generation", Integer, nullable=False),
    #: The highest rank of the ladder that somebody was told of.
    Column("told", Integer, nullable=False),
    Column("quiet_until", Utc),
    UniqueConstraint("ticket", "metric", "serial"),
)

#: Every deadline: a row that is due at an instant and fires once.
timers = Table(
    "timers",
    metadata,
    _key(),
    Column("key", String(128), nullable=False, unique=True),
    Column("kind", String(24), nullable=False),
    Column("ticket", Key, ForeignKey("tickets.number"), index=True),
    Column("at", Utc, nullable=False),
    Column("data", JSON, nullable=False),
    #: waiting, done, cancelled, held
    Column("state", String(16), nullable=False),
    Column("due_at", Utc),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Index("ix_timers_due", "due_at", sqlite_where=Column("due_at").isnot(None)),
)

#: Every mail that the desk decided to send.
outbox = Table(
    "outbox",
    metadata,
    _key(),
    Column("created_at", Utc, nullable=False),
    #: Which notice: acknowledgement, public_reply, …
    Column("kind", String(24), nullable=False),
    #: Decided once: a second notice with the same key is the same notice.
    Column("unique_key", String(160), unique=True),
    Column("ticket", Key, ForeignKey("tickets.number"), index=True),
    Column("message_id", Text, nullable=False, index=True),
    Column("recipient", Text, nullable=False),
    #: Reverse-path; empty for the null sender.
    Column("sender", Text, nullable=False),
    #: True for an answer that a machine gave to a mail: counted by the brakes.
    Column("is_automatic", Boolean, nullable=False),
    #: queued, sending, sent, failed, dropped
    Column("state", String(8), nullable=False),
    Column("due_at", Utc),
    Column("attempts", Integer, nullable=False),
    #: How often it was leased since it was last begun or given back.
    Column("leases", Integer, nullable=False),
    Column("last_reply", Text),
    Column("sent_at", Utc),
    #: Not before then; empty: at once. ``due_at`` moves with leases, this does not.
    Column("send_at", Utc),
    #: Until when it waits for more to tell in the same mail.
    Column("gathers_until", Utc),
    #: The notice in JSON until it is worded; then the final bytes, from before it can have left.
    Column("notice", Text),
    Column("raw", LargeBinary),
    Index("ix_outbox_due", "due_at", sqlite_where=Column("due_at").isnot(None)),
    Index("ix_outbox_recipient_created", "recipient", "created_at"),
    Index("ix_outbox_created", "created_at"),
)

#: Who was asked how content he was: once a ticket.
surveys = Table(
    "surveys",
    metadata,
    Column(
        "ticket",
        Key,
        ForeignKey("tickets.number"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("person", Key, ForeignKey("people.id"), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Index("ix_surveys_person_asked", "person", "asked_at"),
)

#: Every web server that a rule decided to tell: tried again like mail, until it says 2xx.
calls = Table(
    "calls",
    metadata,
    _key(),
    Column("created_at", Utc, nullable=False),
    #: Decided once: a second call with the same key is the same call.
    Column("unique_key", String(160), nullable=False, unique=True),
    Column("ticket", Key, ForeignKey("tickets.number"), index=True),
    Column("url", Text, nullable=False),
    #: Where the key is that signs it, or empty. The key itself is never in the database.
    Column("secret_file", Text, nullable=False),
    #: Final: what is signed is what was decided.
    Column("body", LargeBinary, nullable=False),
    #: queued, done, failed
    Column("state", String(8), nullable=False),
    Column("due_at", Utc),
    Column("attempts", Integer, nullable=False),
    Column("last_reply", Text),
    Index("ix_calls_due", "due_at", sqlite_where=Column("due_at").isnot(None)),
)

#: Every set of rules that was ever in force, so that a decision can be explained as it was made.
rule_sets = Table(
    "rule_sets",
    metadata,
    #: From the contents of the files.
    Column("version", String(16), primary_key=True),
    #: The one that came into force last is in force, in every process.
    Column("in_force_at", Utc, nullable=False),
    #: What each file says, by its name.
    Column("files", JSON, nullable=False),
)

#: Where each IMAP folder was left, and what it held: the daily reconciliation's one side.
mailboxes = Table(
    "mailboxes",
    metadata,
    #: ``name/folder``
    Column("name", Text, primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    #: Every UID below it has a row in the inbox.
    Column("next_uid", BigInteger, nullable=False),
    #: As the server last told.
    Column("server_uidnext", BigInteger, nullable=False),
    Column("server_messages", BigInteger, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("error", Text),
    Column("error_since", Utc),
)

#: Gap-free numbers: one row a counter, locked until the commit.
counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
