"""Reading a mail again that an older program took in: its message says what the new one finds.

Only what is read changes: text, answer, HTML, files. What the mail caused is not caused again.
"""

from __future__ import annotations

from typing import Any

from daemon.mail.message import Message
from daemon.settings import Settings
from daemon.store import messages
from daemon.store.engine import Store
from daemon.store.messages import Entry
from workers.enclosing import described


def reread(store: Store, settings: Settings, inbox_id: int, message: Message) -> bool | None:
    """Bring an arrival's message up to date; True when it changed, None when it has none."""
    with store.begin() as tx:
        entry = messages.of_arrival(tx, inbox_id)
        if entry is None:
            return None
        new = _read(entry, message, settings)
        changed = {name: value for name, value in new.items() if getattr(entry, name) != value}
        if changed:
            messages.reread(tx, entry.id, **changed)
        return bool(changed)


def _read(entry: Entry, message: Message, settings: Settings) -> dict[str, Any]:
    kept = {
        "text": message.text,
        "html": message.html,
        "attachments": _attachments(entry, message, settings),
    }
    if not entry.agent:  # an agent's answer is kept without its commands, which were obeyed
        kept["reply"] = message.reply
    return kept


def _attachments(entry: Entry, message: Message, settings: Settings) -> tuple[dict[str, Any], ...]:
    """Marks that came from elsewhere than the mail itself stay."""
    decorations = {each["sha256"] for each in entry.attachments if each.get("decoration")}
    virus = next((each["virus"] for each in entry.attachments if each.get("virus")), "")
    return described(message, frozenset(decorations), virus, settings.attachments)
