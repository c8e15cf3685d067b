"""What ``postdesk check`` asks others: database, broker, mailboxes, smarthost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import structlog

from daemon.clock import SystemClock
from daemon.errors import PostdeskError, SettingsError, StoreError
from daemon.imap import check as check_mailbox
from daemon.settings import Settings
from daemon.store import migrate
from daemon.store.engine import Store
from scripts.verdict import Verdict, ok, problem, warning
from workers import broker as brokers
from workers.smarthost import Smarthost


def database(settings: Settings) -> Iterator[Verdict]:
    """The database answers and has our schema."""
    store = Store(settings.store_url)
    shown = store.url.render_as_string(hide_password=True)
    try:
        if store.is_sqlite and not Path(str(store.url.database)).exists():
            yield ok("database", f"{shown} will be made at the first start")
            return
        found, wanted = migrate.versions(store)
    except StoreError as err:
        yield problem("database", f"{shown}: {err}", "see database_url; is the server running?")
        return
    finally:
        store.close()
    if found == wanted:
        yield ok("database", f"{shown} is of version {found}")
    elif found is None:
        yield ok("database", f"{shown} is empty: its tables are made at the first start")
    else:
        yield warning(
            "database",
            f"{shown} is of version {found}, and this Postdesk wants {wanted}",
            "the next start upgrades it, or: postdesk db upgrade; make a backup first",
        )


def broker(settings: Settings) -> Iterator[Verdict]:
    """The broker takes a ring, which wakes workers to find nothing."""
    url = settings.broker_url
    if settings.has_local_broker:
        yield ok("broker", "inside the process")
        return
    shown = _without_password(url)
    try:
        made = brokers.make(url, structlog.get_logger())
        brokers.enqueue(made, "take_in", 0)
        made.close()
    except SettingsError as err:
        yield problem("broker", str(err))
    except Exception as err:  # noqa: BLE001  any broker's any error, in a diagnosis
        reason = f"{type(err).__name__}: {err}"
        yield problem("broker", f"{shown}: {reason}", "see broker_url; is the server running?")
    else:
        yield ok("broker", f"{shown} takes rings")


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def mailboxes(settings: Settings) -> Iterator[Verdict]:
    """Each mailbox can be logged in to, and has its folders."""
    for mailbox in settings.mailboxes:
        found = check_mailbox(mailbox, settings)
        for each in found:
            yield problem("mailbox", each)
        if not found:
            yield ok("mailbox", f"{mailbox.name}: {mailbox.user} at {mailbox.host}")


def smarthost(settings: Settings) -> Iterator[Verdict]:
    """The smarthost answers and takes our log-in; or the Maildir can be written to."""
    delivery = settings.delivery
    if not delivery.smarthost:
        yield _maildir(delivery.maildir or settings.data_dir / "outgoing")
        return
    shown = _without_password(delivery.smarthost)
    try:
        out = Smarthost(delivery, SystemClock(), settings.address.rpartition("@")[2])
        out.open()
        out.close()
    except SettingsError as err:
        yield problem("smarthost", str(err))
    except PostdeskError as err:
        advice = "see delivery.smarthost, delivery.user and delivery.password"
        yield problem("smarthost", f"{shown}: {err}", advice)
    else:
        as_whom = f", logged in as {delivery.user}" if delivery.user else ""
        yield ok("smarthost", f"{shown} answers{as_whom}")


def _maildir(path: Path) -> Verdict:
    above = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not os.access(above, os.W_OK | os.X_OK):
        return problem("smarthost", f"there is none, and {path} cannot be written to")
    return warning(
        "smarthost",
        f"there is none: answers are put into {path} and nobody gets them",
        "set delivery.smarthost, as smtp://localhost:25",
    )
