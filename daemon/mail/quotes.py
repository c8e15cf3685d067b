"""How mail programs, in many languages, announce what they quote. Patterns, all linear."""

from __future__ import annotations

import re
from typing import Final

QUOTED: Final = re.compile(r"\s{0,3}(?:>|\|\s?>)")

_VERBS: Final = frozenset(
    " ".join(
        (
            # English, German, Dutch, Scandinavian, Finnish, Estonian
            "wrote writes said sent schrieb schrieben geschrieben schreef geschreven skrev",
            "skrifaði kirjoitti kirjutas geskryf scríobh ysgrifennodd",
            # Romance
            "écrit ecrit escribió escribio escribiu escribe escreveu escriure escrit missatge",
            "scritto scrisse scris scripsit skribis",
            # Slavic and Baltic
            "napisał napisała napisal napsal napsala napísal pisze napisana napisane napisao",
            "napisala oseba пише написа написал написала написао написав пишет писал писала",
            "писали напиша жазды бичсэн rakstīja rašo rašė parašė",
            # Hungarian, Turkish, Greek, Basque, Albanian, Hebrew, Arabic, Persian, Urdu, Georgian,
            # Armenian, South-East Asian, Swahili
            "írta yazdı yazıb έγραψε idatzi shkroi shkruajti כתב כתבה כתבו מאת كتب كتابة نوشت لکھا",
            "დაწერა գրել գրեց viết menulis isinulat aliandika",
        )
    ).split()
)
#: Where words are not set off by blanks.
_VERB_SIGNS: Final = re.compile(
    "작성|쓴 글|쓰신 글|님이 쓴|보낸 메일|님의 말|写道|寫道|撰写|撰寫|写信|"
    "のメール|書きました|のメッセージ|からのメール|เขียน|लिखा|लिहिले|"
    "লিখেছেন|எழுதியது|రాశారు|લખ્યું|ਲਿਖਿਆ|എഴുതി|ಬರೆದಿದ್ದಾರೆ"
)
_WORDS: Final = re.compile(r"[^\W\d_]+")


def tells_who_wrote(line: str) -> bool:
    """True when the line has a verb with which some program announces a quotation."""
    if not _VERBS.isdisjoint(_WORDS.findall(line.lower())):
        return True
    return not line.isascii() and bool(_VERB_SIGNS.search(line))


def ends_in_verb(line: str) -> bool:
    """True when such a verb is the line's last word, as in "On 1 January 2024, Jane wrote:"."""
    words = _WORDS.findall(line.lower())
    return bool(words) and words[-1] in _VERBS


#: What announces a quotation by a noun or in front: "Quoting Jane <jane@example.com>:".
QUOTING: Final = re.compile(
    r"[\s*]{0,4}(?:quoting|zitat von|citando(?: a)?|citeren|citerar|citat|cytowanie|цитирование|"
    r"excerpts from|auszüge aus) \S",
    re.IGNORECASE,
)
#: "On Mon, 1 Jan 2024 10:00, Jane wrote", its colon lost.
UNCOLONED: Final = re.compile(r"[\s*>-]{0,6}On [^\n]{0,40}\d[^\n]{5,300} wrote[\s*-]{0,4}")
#: The first words of an attribution whose verb is on a later line.
OPENING: Final = re.compile(
    r"[\s*]{0,4}(?:On|At|In|Am|Le|El|Il|Em|No dia|Às|Op|Den|Dnia|W dniu|Wiadomość|Dne|Dňa|På|Pada|"
    r"Vào|În|Pe|Στις|В|На|Il giorno|Kirj\.|tir\.|man\.|ons\.|tor\.|fre\.|Þann|Kuupäev|Missatge|"
    r"בתאריך|في|بتاريخ|در تاریخ|ในวันที่|在|于|於)[\s\d]",
)
NUMBER: Final = re.compile(r"\d")
DATE: Final = re.compile(
    r"\b\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{1,4}|\b(?:19|20)\d\d\b|(?<!\d)25[5-9]\d(?!\d)|"
    r"[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef]{4}|\d{4}\s?[年년]|\d\s?[月월]"
)
LEADING_DATE: Final = re.compile(
    r"[\s*-]{0,4}(?:\d{4}\s?[年년./-]|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4})"
)
#: "1 January 2024" in whatever language.
DAY_FIRST: Final = re.compile(r"[\s*]{0,4}\d{1,2}\.? [^\W\d_]{3,15}\.?,? (?:19|20)\d\d\b")
#: A day of the week before a date, in whatever language.
WEEKDAY: Final = re.compile(
    r"[\s*\u202a-\u202e]{0,4}[^\W\d_]{1,15}(?:[.,]{1,2}| ?-)\s?\d|\s?[^\W\d_]{1,3} \d"
)
TIME: Final = re.compile(r"\d{1,2}[:.h]\d{2}|\d\s?[時시点點]|\d\s?[ap]\.?m\b", re.IGNORECASE)
ADDRESS: Final = re.compile(r"[\w.+%=-]{1,64}@[\w.-]{1,100}", re.ASCII)
#: An address as programs write it; people seldom put it into angles.
IN_ANGLES: Final = re.compile(
    r"[<(\[][<(]?\s?[\u202a-\u202e]?(?:mailto:)?[\w.+%=-]{1,64}@[\w.-]{1,100}"
    r"[\u200e\u200f\u202a-\u202e]{0,3}[>)\]]",
    re.ASCII,
)
COLON: Final = re.compile(r"[:：]\s*\*?\s*>?[\u200e\u200f\u202a-\u202e]*$")
#: The end of a sentence within a line: no program writes it into an attribution.
SENTENCES: Final = re.compile(r"[^\W\d_]{3,}[.!?]\s+[^\W\d_]{2,}\s")

_ORIGINAL: Final = "|".join(
    (
        r"original (?:message|email|mail|appointment)|repl(?:y|ied) message",
        r"forwarded (?:message|by)",
        r"urspr[üu]ngliche (?:nachricht|e-?mail)|original-?nachricht|weitergeleitete nachricht",
        r"(?:mail|e-?mail|courrier|courriel) original",
        r"message (?:d['’]origine|transf[ée]r[ée]|initial|original)",
        r"mensaje (?:original|reenviado)|missatge original",
        r"mensagem (?:original|encaminhada)|messaggio (?:originale|inoltrato)",
        r"oorspronkelijk bericht|origineel bericht|doorgestuurd bericht",
        r"ursprungligt meddelande|vidarebefordrat meddelande|oprindelig (?:meddelelse|besked)",
        r"opprinnelig melding|videresend(?:t|e) (?:meddelelse|melding)|upprunalegt",
        r"alkuperäinen viesti|edelleenlähetetty viesti|algne sõnum",
        r"wiadomość oryginalna|oryginalna wiadomość|wiadomość przekazana",
        r"původní (?:zpráva|e-?mail)",
        r"pôvodná správa|izvorna poruka|originalno sporočilo|mesaj(?:ul)? (?:original|inițial)",
        r"исходное сообщение|пересылаемое сообщение|оригинальное сообщение|вихідне повідомлення",
        r"оригінальне повідомлення|переслане повідомлення",
        r"оригинално съобщение|eredeti üzenet|(?:orijinal|özgün) (?:mesaj|ileti)",
        r"αρχικό μήνυμα|הודעה מקורית|الرسالة الأصلية|رسالة أصلية|tin nhắn gốc|thư gốc|pesan asli",
        r"ข้อความ(?:เดิม|ต้นฉบับ)",
        r"원본 (?:메일|메시지|내용|이메일)|전달된 메시지|원문",
        r"(?:回复的)?原(?:始)?邮件|原始郵件|转发(?:的)?邮件|轉寄的?郵件|原始訊息|原始信件|邮件原件",
        r"元のメッセージ|オリジナルメッセージ|転送メッセージ",
    )
)
#: Some programs write real dashes, some forget to undo the entities of HTML.
ORIGINAL: Final = re.compile(
    rf"[\s*>_]{{0,4}}[-_=\u2010-\u2015]{{2,40}}(?:\s|&nbsp;){{0,2}}(?:{_ORIGINAL})", re.IGNORECASE
)
#: What of them says that the sender sends on.
SENT_ON: Final = re.compile(
    r"forward|weitergeleitet|transf[ée]r|réexpéd|reenviad|encaminhad|inoltrat|doorgestuurd|"
    r"vidarebef|"
    r"videresend|edelleen|przekaz|пере(?:сыл|адрес)|전달|转发|轉寄|転送",
    re.IGNORECASE,
)
#: The same right behind the last word.
ATTACHED: Final = re.compile(
    rf"(?<=[^\s>*_=-])[ ]{{0,3}}(?=-{{4,40}} ?(?:{_ORIGINAL}) ?-{{4,40}})", re.IGNORECASE
)
#: "---- On Monday, Jane wrote ----"
FENCED: Final = re.compile(r"[\s*>]{0,4}-{2,40}([^\n]{1,300}?)-{2,40}\s*$")
FORWARD: Final = re.compile(
    r"(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|"
    r"début du message (?:réexpédié|transféré)|inizio messaggio inoltrato|"
    r"inicio del mensaje reenviado|início da mensagem (?:reencaminhada|encaminhada)|"
    r"begin doorgestuurd bericht|vidarebefordrat brev|początek przekazywanej wiadomości|"
    r"начало переадресованного сообщения|전달된 메시지 시작|転送されたメッセージ|"
    r"下面是被转发的邮件|以下是轉寄的郵件)\s?[:：]",
    re.IGNORECASE,
)
#: The markers of other desks: what stands above is the answer.
ABOVE: Final = re.compile(
    r"^[ \t>]{0,6}[^\w\n]{0,12}_{0,12}(?:please |bitte |veuillez )?(?:(?:type|write|enter|add|"
    r"put) (?:your )?"
    r"(?:reply|response|answer|comment)s? above this line|reply above this line|"
    r"(?:antworten|schreiben|antwort)[^\n]{0,30} oberhalb dieser (?:zeile|linie)|"
    r"(?:répondre|répondez|écri[^\n]{0,20}) au[- ]dessus de cette ligne|"
    r"(?:escrib[^\n]{0,20}|respond[^\n]{0,20}) (?:por encima de|acima d)esta l[íi]n[he]{1,2}a|"
    r"rispond[^\n]{0,20} sopra questa (?:riga|linea)|이 (?:줄|라인) 위에)",
    re.IGNORECASE | re.MULTILINE,
)
#: A cheap look for any of them.
_ABOVE_SIGNS: Final = (
    "above this line",
    "dieser zeile",
    "dieser linie",
    "dessus de cette",
    "esta l",
    "sopra questa",
)
_WIDE_ABOVE_SIGNS: Final = ("줄 위에", "라인 위에")


def other_marker(text: str) -> re.Match[str] | None:
    """Another desk's marker line, if there is one."""
    lower = text.lower()
    signs = _ABOVE_SIGNS if text.isascii() else _ABOVE_SIGNS + _WIDE_ABOVE_SIGNS
    return ABOVE.search(text) if any(sign in lower for sign in signs) else None
