"""What an S/MIME message says that is signed but not encrypted (RFC 8551 §3.5.2). Pure, bounded.

The signature is not looked at: the words are shown as any others, and prove nothing. Enough of BER
(X.690 §8.1) to find one value; both forms of length, for programs that stream write without one.
"""

from __future__ import annotations

from typing import Final

_TYPES: Final = ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/octet-stream")
_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _OCTETS, _OCTETS_IN_PIECES, _CONTENT = 0x30, 0x04, 0x24, 0xA0
_DEPTH: Final = 20
_ELEMENTS: Final = 100_000


def may_be(content_type: str, name: str) -> bool:
    """True for a part that may hold such a message."""
    named = name.lower().endswith(".p7m")
    return content_type in _TYPES and (named or content_type != "application/octet-stream")


def content(data: bytes) -> bytes:
    """The MIME entity that was signed; nothing where there is none to be found."""
    try:
        return _Reader(data).signed()
    except (ValueError, IndexError):
        return b""


class _Reader:
    """Finds its way down to one value; a step too many, and it gives up."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.left = _ELEMENTS

    def signed(self) -> bytes:
        """ContentInfo, SignedData, EncapsulatedContentInfo, and its octets (RFC 5652 §5.1)."""
        kind, explicit = self.inside((0, len(self.data)), _SEQUENCE)[:2]
        if self.data[kind[1] : kind[2]] != _SIGNED_DATA or explicit[0] != _CONTENT:
            return b""
        parts = self.inside(explicit[1:], _SEQUENCE)
        entity = [part for part in parts if part[0] == _SEQUENCE][:1]
        wrapped = [self.children(part[1], part[2]) for part in entity]
        return b"".join(
            self.octets(octets)
            for each in wrapped
            for part in each[1:2]
            for octets in self.children(part[1], part[2])[:1]
        )

    def inside(self, within: tuple[int, int], tag: int) -> list[tuple[int, int, int]]:
        """The children of the first element within, which must be of that tag."""
        found, start, end, _ = self.element(within[0], 0)
        if found != tag:
            raise ValueError("another element")
        return self.children(start, min(end, within[1]))

    def children(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Tag, beginning and end of each element between two places."""
        out = []
        while start < end:
            tag, inner, stop, start = self.element(start, 0)
            out.append((tag, inner, stop))
        return out

    def octets(self, element: tuple[int, int, int]) -> bytes:
        """A string of octets, in one piece or in several."""
        tag, start, end = element
        if tag == _OCTETS:
            return self.data[start:end]
        if tag != _OCTETS_IN_PIECES:
            return b""
        pieces = self.children(start, end)
        return b"".join(self.data[a:b] for kind, a, b in pieces if kind == _OCTETS)

    def element(self, at: int, depth: int) -> tuple[int, int, int, int]:
        """Tag, beginning and end of the element's content, and where the next one begins."""
        self.left -= 1
        if self.left < 0 or depth > _DEPTH:
            raise ValueError("too many elements")
        tag, length, at = self.data[at], self.data[at + 1], at + 2
        if length == 0x80:
            end = at
            while self.data[end : end + 2] != b"\0\0":
                end = self.element(end, depth + 1)[3]
            return tag, at, end, end + 2
        if length > 0x80:
            count = length & 0x7F
            length = int.from_bytes(self.data[at : at + count], "big")
            at += count
        if at + length > len(self.data):
            raise ValueError("cut off")
        return tag, at, at + length, at + length
