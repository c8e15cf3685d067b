"""An agreement as people read it: who promised what to whom, as text and as HTML. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from workers.sla.agreement import MAJOR, METRICS, Agreement, Scope
from workers.sla.explain import length
from workers.sla.hours import Hours
from workers.sla.ladder import BREACH, length_after
from workers.sla.week import DAY, DAYS, Window

_KINDS = {
    "sla": "Service level agreement",
    "ola": "Operational level agreement, within the organisation",
    "uc": "Underpinning contract, with a supplier",
}
_WIDTH = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Targets by priority: the first row is the heading."""

    rows: tuple[tuple[str, ...], ...]


Part = tuple[str, str] | Table


def document(agreement: Agreement) -> tuple[str, tuple[Part, ...]]:
    """Its title and its parts in the order in which they are read."""
    return f"{_KINDS[agreement.kind]}: {agreement.name}", tuple(_parts(agreement))


def _parts(agreement: Agreement) -> Iterator[Part]:
    for name, text in (
        ("Between", agreement.parties),
        ("Answers for it", agreement.owner),
        ("Covers", _scope(agreement.scope)),
        ("Does not cover", agreement.exclusions),
        ("In force", _validity(agreement)),
        ("Hours", _hours(agreement)),
    ):
        if text:
            yield name, text
    yield _targets(agreement)
    yield from _measures(agreement)
    for rung in agreement.ladder.rungs:
        yield _rung_name(rung.rank), _to(rung.to) + (", who say why" if rung.asks else "")
    if again := agreement.ladder.again:
        yield f"then every {length(again.every)}", _to(again.to)
    if agreement.objective:
        yield "Objective", f"{agreement.objective}% of the targets are met"
    if agreement.review_every:
        yield "Reviewed", f"every {agreement.review_every}"


def _scope(scope: Scope) -> str:
    named = (
        ("organisations", scope.organisations),
        ("services", scope.services),
        ("teams", scope.teams),
        ("types", scope.types),
    )
    return "; ".join(f"{word} {', '.join(sorted(names))}" for word, names in named if names) or (
        "every ticket that no other agreement covers"
    )


def _validity(agreement: Agreement) -> str:
    begin, end = agreement.valid_from, agreement.valid_to
    return " ".join(
        part for part in (f"from {begin}" if begin else "", f"to {end}" if end else "") if part
    )


def _hours(agreement: Agreement) -> str:
    calendar = agreement.calendar
    if not isinstance(calendar, Hours):
        return "around the clock, every day"
    week = calendar.week
    days = [
        f"{name.capitalize()} {', '.join(map(_span, windows))}"
        for name, windows in zip(DAYS, week.windows, strict=True)
        if windows
    ]
    free = f"; {len(week.holidays)} holidays" if week.holidays else ""
    return f"{'; '.join(days)} ({week.zone}{free})"


def _span(window: Window) -> str:
    return f"{_time(window.begin)}-{_time(window.end if window.end <= DAY else window.end - DAY)}"


def _time(since_midnight: timedelta) -> str:
    minutes = since_midnight // timedelta(minutes=1)
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _targets(agreement: Agreement) -> Table:
    metrics = [
        metric
        for metric in METRICS
        if any(target.metric == metric for row in agreement.targets.values() for target in row)
    ]
    rows = [("Priority", *(METRICS[metric] for metric in metrics))]
    for priority, targets in agreement.targets.items():
        within = {target.metric: length(target.within) for target in targets}
        name = "major incident" if priority == MAJOR else priority
        rows.append((name, *(within.get(metric, "-") for metric in metrics)))
    return Table(rows=tuple(rows))


def _measures(agreement: Agreement) -> Iterator[Part]:
    if agreement.pauses:
        yield "Stands still", f"while waiting for: {', '.join(sorted(agreement.pauses))}"
    yield "Reopened", "begins afresh" if agreement.restarts else "goes on where it stood"
    yield (
        "Another target",
        "counts the time used so far" if agreement.carries else "counts from the change",
    )
    if agreement.responds_on_assign:
        yield "Answered", "when somebody takes it"


def _rung_name(rank: int) -> str:
    if rank < BREACH:
        return f"At {rank}%"
    return "When missed" if rank == BREACH else f"{length(length_after(rank))} later"


def _to(to: Sequence[Sequence[str]]) -> str:
    return "tells " + ", ".join(" or else ".join(names) for names in to) if to else "tells the team"


def as_text(agreement: Agreement) -> str:
    """For a terminal or a mail."""
    title, parts = document(agreement)
    lines = [title, "=" * len(title), ""]
    for part in parts:
        if isinstance(part, Table):
            widths = [max(map(len, column)) for column in zip(*part.rows, strict=True)]
            rows = (
                "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
                for row in part.rows
            )
            lines += ["", *(f"  {row.rstrip()}" for row in rows), ""]
        else:
            lines.append(f"{part[0]:<{_WIDTH}}  {part[1]}")
    return "\n".join(lines) + "\n"


def as_html(agreements: Sequence[Agreement]) -> str:
    """One page; every word of the rules is text in it."""
    body = "\n".join(_article(agreement) for agreement in agreements)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Agreements</title>'
        "<style>body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}"
        "table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #bbb;padding:.3em .7em;"
        "text-align:left}dt{font-weight:600}dd{margin:0 0 .5em}</style></head><body>\n"
        f"{body}\n</body></html>\n"
    )


def _article(agreement: Agreement) -> str:
    title, parts = document(agreement)
    return "\n".join([f"<h1>{escape(title)}</h1>", *map(_html, parts)])


def _html(part: Part) -> str:
    if not isinstance(part, Table):
        return f"<dl><dt>{escape(part[0])}</dt><dd>{escape(part[1])}</dd></dl>"
    heading, *rows = part.rows
    cells = ["".join(f"<th>{escape(cell)}</th>" for cell in heading)]
    cells += ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"
