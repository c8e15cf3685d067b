"""What stands at the end of a mail and is no answer: signature, device, legal notice. Pure."""

from __future__ import annotations

from typing import Final

from daemon.mail import quotes

_DEVICE_CHARACTERS: Final = 160
_NOTICE_LINES: Final = 60
_DASHES: Final = frozenset("-_—–")
_TRACKERS: Final = frozenset({"ᐧ", "\ufeff", "\u200b"})


def without(kept: list[str | None]) -> list[str]:
    """The lines without any of these; None stands where a quotation was."""
    return _without_notice(_without_device(_without_signature(kept)))


def _without_signature(kept: list[str | None]) -> list[str]:
    """Without signatures: from ``-- `` to the next quotation or the end."""
    out: list[str] = []
    skipping = has_own = False
    for line in kept:
        if line is None:
            skipping = False
        elif has_own and line[:1] in _DASHES and quotes.SIGNATURE.match(line):
            skipping = True
        elif not skipping and (line.isascii() or line.strip() not in _TRACKERS):
            has_own = has_own or bool(line.strip())
            out.append(line)
    return out


def _without_device(lines: list[str]) -> list[str]:
    """Without a last line that only names the device."""
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at].strip()
        if not line:
            continue
        if (
            len(line) < _DEVICE_CHARACTERS
            and quotes.DEVICE.match(line)
            and not quotes.SENTENCE.search(line)
        ):
            rest = lines[:at]
            return rest if any(other.strip() for other in rest) else lines
        return lines
    return lines


def _without_notice(lines: list[str]) -> list[str]:
    """Without the legal notices at the end, and the line that sets them off."""
    end = _last(lines, len(lines))
    while end:
        start = end
        while start and end - start < _NOTICE_LINES and lines[start - 1].strip():
            start -= 1
        paragraph = list(lines[start:end])
        if paragraph and quotes.RULE.match(paragraph[0]):
            paragraph = paragraph[1:]
        if not _is_notice("\n".join(paragraph)):
            break
        end = _last(lines, start)
        if end and quotes.RULE.match(lines[end - 1]):
            end = _last(lines, end - 1)
    return lines[:end] if end else lines


def _last(lines: list[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _is_notice(paragraph: str) -> bool:
    if quotes.PRINTING.match(paragraph):
        return True
    return bool(quotes.NOTICE.match(paragraph) and quotes.NOTICE_SAYS.search(paragraph))
