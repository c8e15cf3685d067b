"""The rules of the simulated month."""

from __future__ import annotations

from pathlib import Path

#: Where the calendar of each organisation is; none of them: every minute counts.
ZONES = {"acme": "Asia/Seoul", "globex": "Europe/Paris", "": "UTC"}
#: Minutes to respond and to resolve, by priority.
TARGETS = {"P1": (60, 240), "P2": (240, 480), "P3": (480, 1440), "P4": (1440, 4320)}
MEMBERS = {"desk": ("ann", "bo"), "net": ("cho",)}
LEADS = {"desk": "ann", "net": ""}

_PEOPLE = """
agents:
  ann: {full_name: Ann, addresses: ann@desk.test}
  bo: {full_name: Bo, addresses: bo@desk.test}
  cho: {full_name: Cho, addresses: cho@desk.test}
teams:
  desk: {members: [ann, bo], lead: ann}
  net: {members: [cho]}
organisations:
  acme: {domains: acme.test}
  globex: {domains: globex.test}
default_team: desk
"""
_CALENDARS = """
calendars:
  seoul:
    time_zone: Asia/Seoul
    hours: {mon-fri: [9-12, 13-18]}
    holidays: {dates: [2026-03-16]}
  paris: {time_zone: Europe/Paris, hours: {mon-fri: 8-18}}
"""
_LADDER = """
ladders:
  steep:
    - {at: 50%, to: owner|team}
    - {at: 75%, to: owner|team}
    - {at: 90%, to: owner|team}
    - {at: breach, to: [owner, lead], ask: why}
    - {at: breach+2h, to: lead}
    - {every: 40h, to: 'agent:bo', until: [ack 4h, resolved]}
waiting: {remind: [], resolve: never}
close_after: never
"""


def _escalation() -> str:
    targets = ", ".join(
        f"{priority}: {{respond: {respond}m, resolve: {resolve}m}}"
        for priority, (respond, resolve) in TARGETS.items()
    )
    rows = [
        f"  - {{name: {name}, ladder: steep, targets: {{{targets}}}{rest}}}"
        for name, rest in (
            ("everybody", ""),
            ("acme", ", calendar: seoul, scope: {organisation: acme}"),
            ("globex", ", calendar: paris, scope: {organisation: globex}"),
        )
    ]
    return "\n".join(["agreements:", *rows, _LADDER])


def write(folder: Path) -> None:
    """The files."""
    files = {"people": _PEOPLE, "calendars": _CALENDARS, "escalation": _escalation()}
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
