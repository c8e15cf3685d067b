"""How mail clients write: a new mail, and an answer to what really came."""

from __future__ import annotations

import base64
import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from itertools import count

from tests.servers.desk import Notice

_POLICY = SMTP.clone(max_line_length=998)
_COUNT = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a person wants written."""

    sender: str
    to: str
    subject: str
    text: str
    at: datetime
    cc: str = ""
    #: What it answers, if anything.
    answers: Notice | None = None


class Client(ABC):
    """What all of them do; each adds what is its own."""

    domain = "client.test"
    prefix = "Re: "
    #: A line below what is written, where the client puts one.
    signature = ""

    def write(self, letter: Letter) -> EmailMessage:
        """The mail as it leaves the client."""
        made = EmailMessage(policy=_POLICY)
        made["From"] = letter.sender
        made["To"] = letter.to
        if letter.cc:
            made["Cc"] = letter.cc
        made["Subject"] = letter.subject
        made["Date"] = format_datetime(letter.at)
        made["Message-ID"] = f"<{next(_COUNT)}.{letter.at:%H%M%S}@{self.domain}>"
        if letter.answers:
            self._thread(made, letter.answers)
        for name, value in self.own(letter).items():
            made[name] = value
        made.set_content(self.plain(letter))
        if html := self.html(letter):
            made.add_alternative(html, subtype="html")
        return made

    def subject_of(self, notice: Notice) -> str:
        """Of an answer."""
        return f"{self.prefix}{notice['Subject']}"

    def _thread(self, made: EmailMessage, notice: Notice) -> None:
        made["In-Reply-To"] = notice["Message-ID"]
        made["References"] = f"{notice['References']} {notice['Message-ID']}".strip()

    @abstractmethod
    def own(self, letter: Letter) -> dict[str, str]:
        """Header fields that only this client writes."""

    def plain(self, letter: Letter) -> str:
        """The text part."""
        written = "\n\n".join(filter(None, (letter.text, self.signature)))
        if letter.answers is None:
            return f"{written}\n"
        return f"{written}\n\n{self.quoted(letter.answers)}\n"

    @abstractmethod
    def quoted(self, notice: Notice) -> str:
        """What is answered, below the answer."""

    @abstractmethod
    def html(self, letter: Letter) -> str:
        """The HTML part; empty where the client makes none."""


class Gmail(Client):
    """In the browser: an answer on top, the history in a quote with an attribution."""

    domain = "mail.gmail.com"

    def own(self, letter: Letter) -> dict[str, str]:
        return {"MIME-Version": "1.0"}

    def quoted(self, notice: Notice) -> str:
        return f"{self._attribution(notice)}\n\n{_marked(notice.text)}"

    def html(self, letter: Letter) -> str:
        own = f'<div dir="ltr">{_divisions(letter.text)}</div>'
        if letter.answers is None:
            return own
        return (
            f'{own}<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
            f'class="gmail_attr">{escape(self._attribution(letter.answers))}<br></div>'
            '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px '
            f'solid rgb(204,204,204);padding-left:1ex">{_inner(letter.answers)}</blockquote></div>'
        )

    def _attribution(self, notice: Notice) -> str:
        at = notice.mail["Date"].datetime
        return f"On {at:%a, %b} {at.day}, {at.year} at {at:%I:%M %p} {notice['From']} wrote:"


class Outlook(Client):
    """On a desktop: the history whole below the answer, with a head and without a mark."""

    domain = "outlook.test"
    prefix = "RE: "

    def own(self, letter: Letter) -> dict[str, str]:
        topic = letter.subject.removeprefix(self.prefix)
        return {
            "Thread-Topic": topic,
            "Thread-Index": self._index(letter),
            "X-Mailer": "Microsoft Outlook 16.0",
            "Content-Language": "en-us",
        }

    def _index(self, letter: Letter) -> str:
        """Six bytes of time and sixteen of a name; five more for each answer."""
        if letter.answers and (there := letter.answers["Thread-Index"]):
            return base64.b64encode(base64.b64decode(there) + b"again").decode()
        name = f"{letter.subject} {letter.sender} {letter.at}"
        digest = hashlib.sha256(name.encode()).digest()
        return base64.b64encode(b"\x01\xdc" + digest[:20]).decode()

    def _head(self, notice: Notice) -> list[tuple[str, str]]:
        at = notice.mail["Date"].datetime
        return [
            ("From", notice["From"]),
            ("Sent", f"{at:%A, %B} {at.day}, {at.year} {at:%I:%M %p}"),
            ("To", notice["To"]),
            ("Subject", notice["Subject"]),
        ]

    def quoted(self, notice: Notice) -> str:
        head = "\n".join(f"{name}: {value}" for name, value in self._head(notice))
        return f"{head}\n\n{notice.text}"

    def html(self, letter: Letter) -> str:
        own = "".join(
            f'<p class="MsoNormal">{escape(line) or "&nbsp;"}<o:p></o:p></p>'
            for line in letter.text.splitlines()
        )
        below = ""
        if letter.answers:
            head = "<br>".join(
                f"<b>{name}:</b> {escape(value)}" for name, value in self._head(letter.answers)
            )
            below = (
                '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in '
                f'0in"><p class="MsoNormal">{head}</p></div></div>{_inner(letter.answers)}'
            )
        return (
            '<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang="EN-US">'
            f'<div class="WordSection1">{own}<p class="MsoNormal">&nbsp;</p>{below}</div>'
            "</body></html>"
        )


class AppleMail(Client):
    """On a Mac: an attribution, then every line marked; HTML with a cited block."""

    domain = "apple.test"

    def own(self, letter: Letter) -> dict[str, str]:
        return {"X-Mailer": "Apple Mail (2.3826.300.87.4.3)"}

    def quoted(self, notice: Notice) -> str:
        return _marked(f"{self._attribution(notice)}\n\n{notice.text}")

    def html(self, letter: Letter) -> str:
        own = f'<body style="overflow-wrap: break-word;">{_divisions(letter.text)}'
        if letter.answers is None:
            return f"<html>{own}</body></html>"
        return (
            f'<html>{own}<br><div><br><blockquote type="cite"><div>'
            f"{escape(self._attribution(letter.answers))}</div><br><div>"
            f"{_inner(letter.answers)}</div></blockquote></div><br></body></html>"
        )

    def _attribution(self, notice: Notice) -> str:
        at = notice.mail["Date"].datetime
        return f"On {at.day} {at:%b} {at.year}, at {at:%H:%M}, {notice['From']} wrote:"


class Mutt(Client):
    """In a terminal: some quoted lines, the answer below them, no HTML; commands above all."""

    domain = "mutt.test"

    def own(self, letter: Letter) -> dict[str, str]:
        return {"User-Agent": "Mutt/2.2.13 (2024-03-09)"}

    def plain(self, letter: Letter) -> str:
        if letter.answers is None:
            return f"{letter.text}\n"
        quoted = self.quoted(letter.answers)
        if letter.text.startswith("/"):
            return f"{letter.text}\n\n{quoted}\n"
        return f"{quoted}\n\n{letter.text}\n"

    def quoted(self, notice: Notice) -> str:
        at = notice.mail["Date"].datetime
        few = "\n".join(notice.text.splitlines()[:4])
        author = notice.mail["From"].addresses[0].display_name
        return f"On {at:%a, %b %d, %Y at %I:%M:%S%p} +0000, {author} wrote:\n{_marked(few)}"

    def html(self, letter: Letter) -> str:
        return ""


class Phone(Client):
    """A phone's own app: a signature of its maker, the history below without a mark."""

    domain = "phone.test"
    signature = "Sent from my Galaxy"

    def own(self, letter: Letter) -> dict[str, str]:
        return {"Importance": "Normal"}

    def quoted(self, notice: Notice) -> str:
        return "\n".join((*self._head(notice), "", notice.text))

    def html(self, letter: Letter) -> str:
        own = (
            f'{_divisions(letter.text)}<div><br></div><div id="composer_signature" dir="auto">'
            f'<div style="font-size:12px;color:#575757" dir="auto">{self.signature}</div></div>'
        )
        below = ""
        if letter.answers:
            head = "</div><div>".join(map(escape, self._head(letter.answers)))
            below = (
                '<div><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000">'
                f"<div>{head}</div><div><br></div></div>{_inner(letter.answers)}"
            )
        return f'<html><body dir="auto">{own}{below}</body></html>'

    def _head(self, notice: Notice) -> list[str]:
        at = notice.mail["Date"].datetime
        return [
            "-------- Original message --------",
            f"From: {notice['From']}",
            f"Date: {at:%d/%m/%Y %H:%M} (GMT+00:00)",
            f"To: {notice['To']}",
            f"Subject: {notice['Subject']}",
        ]


def _marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _divisions(text: str) -> str:
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.splitlines())


def _inner(notice: Notice) -> str:
    """The body of what is answered, as a client puts it into its own."""
    part = notice.mail.get_body(("html",))
    if part is None:
        return f"<pre>{escape(notice.text)}</pre>"
    whole = str(part.get_content())
    return whole.partition("<body")[2].partition(">")[2].partition("</body>")[0]
