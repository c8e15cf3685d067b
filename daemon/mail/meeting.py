"""Calendar parts (RFC 5545, RFC 6047): what is to take place, and when. Pure, linear, bounded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from daemon.mail import charset, encoded, zones
from daemon.mail.message import Meeting
from daemon.mail.structure import Part, Structure

_BYTES: Final = 256 * 1024
_TEXT: Final = 500
_TYPES: Final = ("text/calendar", "application/ics", "text/x-vcalendar")
_FOLD: Final = re.compile(r"\r?\n[ \t]")
_LINE: Final = re.compile(
    r"([A-Za-z-]{1,40})((?:;[^:;=\n\"]{1,40}=(?:\"[^\"\n]*\"|[^:;\n\"]*))*):(.*)"
)
_PARAMETER: Final = re.compile(r";([^=]+)=\"?([^\";]*)\"?")
_ESCAPE: Final = re.compile(r"\\([nN,;\\])")
_TIME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?")
_LENGTH: Final = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?"
)
_OFFSET: Final = re.compile(r"([+-])(\d\d)(\d\d)")


@dataclass(frozen=True, slots=True)
class _Property:
    value: str
    parameters: dict[str, str]


class _Calendar:
    """The properties of the calendar, of its first event, and the offsets of its zones."""

    def __init__(self) -> None:
        self.method = self.answer = self.zone = ""
        self.event: dict[str, _Property] = {}
        #: Zone -> its offsets from UTC.
        self.offsets: dict[str, set[str]] = {}
        self.within: list[str] = []

    def read(self, text: str) -> None:
        """Take every line up to the end of the first event."""
        for line in _FOLD.sub("", text).splitlines():
            found = _LINE.fullmatch(line)
            if not found:
                continue
            name, value = found[1].upper(), found[3].strip()
            parameters = {key.upper(): said for key, said in _PARAMETER.findall(found[2])}
            if name == "BEGIN":
                self.within.append(value.upper())
            elif name == "END":
                if self.within and self.within.pop() == "VEVENT":
                    return
            else:
                self.take(name, _Property(value, parameters))

    def take(self, name: str, found: _Property) -> None:
        """Take a property of what is open."""
        component = self.within[-1] if self.within else ""
        if component == "VEVENT":
            if name == "ATTENDEE":
                self.answer = self.answer or found.parameters.get("PARTSTAT", "").upper()[:20]
            self.event.setdefault(name, found)
        elif name == "METHOD":
            self.method = found.value
        elif name == "TZID":
            self.zone = found.value
        elif name == "TZOFFSETTO":
            self.offsets.setdefault(self.zone, set()).add(found.value)


def meeting(read: Structure) -> Meeting | None:
    """The first event of the first calendar part, or None."""
    for index in read.leaves:
        part = read.parts[index]
        if part.content_type in _TYPES:
            return _meeting(part, part.content(read.raw)[:_BYTES])
    return None


def _meeting(part: Part, data: bytes) -> Meeting | None:
    calendar = _Calendar()
    calendar.read(charset.decode(data, part.parameters.get("charset") or "utf-8")[0])
    event = calendar.event
    if not event:
        return None
    starts = event.get("DTSTART")
    starts_at = _instant(starts, calendar)
    ends_at = _instant(event.get("DTEND"), calendar)
    length = event.get("DURATION")
    if starts_at and length and not ends_at:
        ends_at = _after(starts_at, length.value)
    return Meeting(
        method=(calendar.method or part.parameters.get("method")).upper()[:20],
        summary=_text(event, "SUMMARY"),
        starts_at=starts_at,
        ends_at=ends_at,
        zone=encoded.clean(starts.parameters.get("TZID", ""))[:100] if starts else "",
        location=_text(event, "LOCATION"),
        organizer=re.sub("^mailto:", "", _text(event, "ORGANIZER"), flags=re.IGNORECASE),
        answer=calendar.answer,
        repeats=_text(event, "RRULE").upper(),
        uid=_text(event, "UID"),
    )


def _text(event: dict[str, _Property], name: str) -> str:
    found = event.get(name)
    if found is None:
        return ""
    value = _ESCAPE.sub(lambda match: " " if match[1] in "nN" else match[1], found.value)
    return encoded.clean(value)[:_TEXT]


def _instant(found: _Property | None, calendar: _Calendar) -> datetime | None:
    parsed = _TIME.match(found.value) if found else None
    if not parsed or not found:
        return None
    numbers = [int(number or 0) for number in parsed.groups()[:6]]
    zone = UTC if parsed[7] else _zone(found.parameters.get("TZID", ""), calendar)
    try:
        year, month, day, hour, minute, second = numbers
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except ValueError:
        return None


def _zone(name: str, calendar: _Calendar) -> tzinfo | None:
    """The zone by its name, else by the calendar's own table where it has but one offset."""
    if not name:
        return None
    if known := zones.zone(name):
        return known
    offsets = calendar.offsets.get(name, set())
    found = _OFFSET.match(next(iter(offsets))) if len(offsets) == 1 else None
    if not found:
        return None
    length = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-length if found[1] == "-" else length) if length < timedelta(days=1) else None


def _after(start: datetime, length: str) -> datetime | None:
    found = _LENGTH.fullmatch(length)
    if not found:
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
    try:
        return start + timedelta(
            weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds
        )
    except OverflowError:
        return None
