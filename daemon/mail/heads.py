"""The heads of messages that are put below an answer: From, Sent, To, Subject. Pure, linear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from daemon.mail import quotes

_FROM: Final = (
    r"from|von|de|da|від кого|от кого|"
    r"van|från|fra|od|lähettäjä|от|від|feladó|kimden|gönderen|nadawca|desde|de la|"
    r"expéditeur|remitente|remetente|mittente|afzender|avsändare|από|từ|người gửi|من|מאת|จาก|dari|"
    r"nuo|no|saatja|frá|از|प्रेषक|daripada|şöbədən|"
    r"보낸\s?사람|보낸\s?이|발신(?:자|인)?|发件人|寄件者|寄件人|發件人|差出人|送信者|发送者"
)
_WHEN: Final = (
    r"sent|date|gesendet(?: am)?|datum|envoyé(?: le)?|enviado(?: el)?|enviada(?: em)?|"
    r"enviat(?: el)?|"
    r"fecha|data|inviato|verzonden|skickat|sendt|dato|wysłano|odesláno|odoslané|отправлено|дата|"
    r"надіслано|изпратено|lähetetty|päiväys|elküldve|dátum|tarih|gönderildi|trimis|σ?τάλθηκε|"
    r"ημερομηνία|đã gửi|ngày|تاريخ(?: الإرسال)?|التاريخ|تم الإرسال|נשלח|תאריך|ส่ง|วันที่|dikirim|"
    r"tanggal|"
    r"poslano|išsiųsta|nosūtīts|saadetud|kuupäev|sent|تاریخ|message du|"
    r"보낸\s?(?:날짜|시간|일시)|날짜|일시|발신일|"
    r"发送时间|發送時間|日期|寄件日期|送信日時|日時|时间"
)
_TO: Final = (
    r"to|an|à|a|para|aan|till|til|do|кому|до|vastaanottaja|címzett|kime|alıcı|cc|kopie|copie|"
    r"copie à|"
    r"către|προς|κοιν|tới|đến|người nhận|إلى|אל|ถึง|kepada|per a|za|kam|adressaat|komu|kopia|копия|"
    r"به|cci|"
    r"받[는은]\s?사람|받는\s?이|수신(?:자|인)?|참조|收件人|收件者|抄送|副本|宛先|送信先|bcc"
)
_ABOUT: Final = (
    r"subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|předmět|predmet|тема|"
    r"aihe|tárgy|konu|sujet|re|subiect|θέμα|chủ đề|tiêu đề|الموضوع|נושא|เรื่อง|หัวข้อ|perihal|"
    r"subjek|"
    r"assumpte|относно|zadeva|tema|tēma|teema|efni|موضوع|"
    r"제목|主题|主題|主旨|件名"
)
_LABELS: Final = rf"(?P<from>{_FROM})|(?P<when>{_WHEN})|(?P<to>{_TO})|(?P<about>{_ABOUT})"
LABEL: Final = re.compile(rf"[\s*>|_]{{0,6}}(?:{_LABELS})\s?\*{{0,2}}\s?[:：]", re.IGNORECASE)

RULE: Final = re.compile(r"\s{0,4}[_=-]{5,}\s*$")
#: A label of whatever language: it counts only below a rule.
ANY_LABEL: Final = re.compile(r"[\s*>]{0,4}[^\s:：][^:：\n]{0,30}[:：]\*?\s\s{0,8}\S")
_RULED: Final = frozenset("-_=*>|\u2010\u2011\u2012\u2013\u2014\u2015")
_LINES: Final = 10
_COLUMNS: Final = 1000
_KINDS: Final = 4
#: A label in the middle of a line, as where a program has lost the line breaks of an HTML head.
_INNER_LABEL: Final = re.compile(rf"\s\*?(?:{_LABELS})\s?\*?[:：]", re.IGNORECASE)
#: The upper edge of the box that Notes draws around each label.
_BOX: Final = re.compile(r"\s{0,4}\|-{6,60}>?\s{0,40}$")
#: A label that stands alone above its value.
_STACKED_TO: Final = frozenset(
    {"to", "an", "à", "a", "para", "aan", "till", "til", "宛先", "收件人"}
)
_STACKED_SUBJECT: Final = re.compile(
    r"\n[ \t]*(?:Subject|Betreff|Thema|Objet|Oggetto|Asunto|Assunto|Onderwerp|件名|主题)[ \t]*\n"
)


def length(lines: Sequence[str], at: int) -> int:
    """How many lines from here are the head of a message put below, or 0."""
    line = lines[at]
    if ":" not in line and "：" not in line and line.lstrip()[:1] not in _RULED:
        return 0
    if quotes.ORIGINAL.match(line) or quotes.FORWARD.match(line.strip()):
        return 1 + _labelled(lines, at + 1)
    fenced = quotes.FENCED.match(line)
    if fenced and quotes.tells_who_wrote(fenced[1]):
        return 1
    if _BOX.match(line):
        return 2 if LABEL.match("".join(lines[at + 1 : at + 2])) else 0
    if RULE.match(line):
        below = _labelled(lines, at + 1) or _labelled_unknown(lines, at + 1)
        return 1 + below if below else 0
    if not LABEL.match(line):
        return 0
    return _labelled(lines, at) or _joined(lines[at : at + 4])


def _joined(lines: Sequence[str]) -> int:
    """How many lines hold a head without line breaks of its own, or 0."""
    text = "\n" + "\n".join(lines).lstrip()[:_COLUMNS]
    kinds: set[str] = set()
    for found in _INNER_LABEL.finditer(text):
        kinds.add(found.lastgroup or "")
        if "from" not in kinds:
            return 0
        if len(kinds) == _KINDS:
            return text.count("\n", 0, found.end())
    return 0


def stacked(text: str, lines: Sequence[str]) -> dict[int, int]:
    """Heads whose labels stand alone above their values, as Notes writes: first line -> length."""
    out = {}
    line = at = 0
    for found in _STACKED_SUBJECT.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        last = line + 2
        first = _stacked_above(lines, last - 1)
        if first >= 0:
            out[first] = last + 1 - first
    return out


def _stacked_above(lines: Sequence[str], at: int) -> int:
    """Where the head begins whose subject's label is here: name, date, then "To"; or -1."""
    near = range(at - 1, max(-1, at - _LINES), -1)
    to = next((i for i in near if lines[i].strip().lower() in _STACKED_TO), -1)
    above = [i for i in range(to - 1, max(-1, to - 6), -1) if lines[i].strip()][:2]
    if to < 0 or len(above) < 2 or not quotes.DATE.search(lines[above[0]]):
        return -1
    return above[1]


def _labelled(lines: Sequence[str], at: int) -> int:
    """How many lines from here are a block of From, Sent, To, Subject: three kinds of four."""
    kinds: set[str] = set()
    last = 0
    for number, line in enumerate(lines[at : at + _LINES], 1):
        found = LABEL.match(line)
        if found and found.lastgroup:
            kinds.add(found.lastgroup)
            last = number
        elif line.strip() and number - last > 2:
            break
    has_head = {"from", "when"} <= kinds or {"from", "about"} <= kinds
    return last if len(kinds) >= 3 and has_head else 0


def _labelled_unknown(lines: Sequence[str], at: int) -> int:
    """The same in a language that nobody told us: label after label, an address or a date."""
    block = [line for line in lines[at : at + 7] if line.strip()][:6]
    labelled = [line for line in block if ANY_LABEL.match(line)]
    is_head = block[:3] == labelled[:3] and len(labelled) >= 3
    told = any(quotes.ADDRESS.search(line) or quotes.DATE.search(line) for line in labelled)
    return len(labelled) if is_head and told else 0
