"""Builds the mails that the tests read."""

from __future__ import annotations

PLAIN = (
    b"From: Jane Doe <jane@example.com>\r\n"
    b"To: help@example.org\r\n"
    b"Subject: Printer\r\n"
    b"Message-ID: <one@example.com>\r\n"
    b"Date: Mon, 1 Jan 2024 10:00:00 +0900\r\n"
)


def plain(text: str, *fields: str, charset: str = "utf-8") -> bytes:
    """A plain mail with these further fields."""
    head = PLAIN + b"".join(field.encode() + b"\r\n" for field in fields)
    kind = f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode()
    return head + kind + text.replace("\n", "\r\n").encode(charset)


def multipart(kind: str, *parts: tuple[str, bytes]) -> bytes:
    """A multipart mail; each part is its header lines and its body."""
    out = PLAIN + f'Content-Type: multipart/{kind}; boundary="=b="\r\n\r\n'.encode()
    for head, body in parts:
        out += b"--=b=\r\n" + head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body + b"\r\n"
    return out + b"--=b=--\r\n"


def nested(depth: int, *, terminated: bool) -> bytes:
    """Multiparts within multiparts."""
    out = [PLAIN, b"Content-Type: multipart/mixed; boundary=B0\r\n\r\n"]
    out += [
        b"--B%d\r\nContent-Type: multipart/mixed; boundary=B%d\r\n\r\n" % (level, level + 1)
        for level in range(depth)
    ]
    out.append(b"--B%d\r\n\r\ndeep\r\n" % depth)
    if terminated:
        out += [b"--B%d--\r\n" % level for level in range(depth, -1, -1)]
    return b"".join(out)
