"""How mail programs, in many languages, announce what they quote. Patterns, all linear."""

from __future__ import annotations

import re
from typing import Final

QUOTED: Final = re.compile(r"\s{0,3}(?:>|\|\s?>)")

_VERBS: Final = frozenset(
    " ".join(
        (
            # English, German, Dutch, Scandinavian, Finnish, Estonian
            "wrote writes said sent schrieb geschrieben schreef geschreven skrev skrifaði",
            "kirjoitti kirjutas",
            # Romance
            "écrit ecrit escribió escribio escribiu escribe escreveu escriure escrit missatge",
            "scritto scrisse scris",
            # Slavic and Baltic
            "napisał napisała napisal napsal napsala napísal pisze napisana napisane napisao",
            "napisala oseba пише написа написал написала написао написав пишет писал писала",
            "писали rakstīja rašo rašė parašė",
            # Hungarian, Turkish, Greek, Hebrew, Arabic, Persian, South-East Asian
            "írta yazdı έγραψε כתב כתבה כתבו מאת كتب كتابة نوشت viết menulis",
        )
    ).split()
)
#: Where words are not set off by blanks.
_VERB_SIGNS: Final = re.compile(
    "작성|쓴 글|님이 쓴|보낸 메일|님의 말|写道|寫道|撰写|撰寫|写信|"
    "のメール|書きました|のメッセージ|からのメール|เขียน|लिखा"
)
_WORDS: Final = re.compile(r"[^\W\d_]+")


def tells_who_wrote(line: str) -> bool:
    """True when the line has a verb with which some program announces a quotation."""
    if not _VERBS.isdisjoint(_WORDS.findall(line.lower())):
        return True
    return not line.isascii() and bool(_VERB_SIGNS.search(line))


#: The first words of an attribution whose verb is on a later line.
OPENING: Final = re.compile(
    r"[\s*]{0,4}(?:On|At|In|Am|Le|El|Il|Em|No dia|Às|Op|Den|Dnia|W dniu|Wiadomość|Dne|Dňa|På|Pada|"
    r"Vào|În|Pe|Στις|В|На|Il giorno|Kirj\.|tir\.|man\.|ons\.|tor\.|fre\.|Þann|Kuupäev|Missatge|"
    r"בתאריך|في|بتاريخ|در تاریخ|ในวันที่|在|于|於)[\s\d]",
)
NUMBER: Final = re.compile(r"\d")
DATE: Final = re.compile(
    r"\b\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{1,4}|\b(?:19|20)\d\d\b|(?<!\d)25[5-9]\d(?!\d)|"
    r"[\u0660-\u0669\u06f0-\u06f9]{4}|\d{4}\s?[年년]|\d\s?[月월]"
)
LEADING_DATE: Final = re.compile(
    r"[\s*]{0,4}(?:\d{4}\s?[年년./-]|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4})"
)
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
        r"original (?:message|email|mail|appointment)|reply message|forwarded (?:message|by)",
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
        r"оригинално съобщение|eredeti üzenet|(?:orijinal|özgün) (?:mesaj|ileti)",
        r"αρχικό μήνυμα|הודעה מקורית|الرسالة الأصلية|رسالة أصلية|tin nhắn gốc|thư gốc|pesan asli",
        r"ข้อความ(?:เดิม|ต้นฉบับ)",
        r"원본 (?:메일|메시지|내용|이메일)|전달된 메시지|원문",
        r"原始邮件|原始郵件|原邮件|转发(?:的)?邮件|轉寄的?郵件|原始訊息|原始信件|邮件原件",
        r"元のメッセージ|オリジナルメッセージ|転送メッセージ",
    )
)
ORIGINAL: Final = re.compile(rf"[\s*>_]{{0,4}}[-_=]{{2,40}}\s?(?:{_ORIGINAL})", re.IGNORECASE)
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


_FROM: Final = (
    r"from|von|de|da|van|från|fra|od|lähettäjä|от|від|feladó|kimden|gönderen|nadawca|desde|de la|"
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
SIGNATURE: Final = re.compile(r"(?:-- ?|__|—|–)\s*$")
_LINK: Final = r"(?:\s?<https?://[^>\s]{1,300}>)?"
_NAME: Final = r"[\w.+()'’®™-]+"
DEVICE: Final = re.compile(
    rf"(?:sent (?:from|via|using|with) (?:my |the |a )?{_NAME}{_LINK}(?: {_NAME}{_LINK}){{0,7}}|"
    rf"(?:get|download) outlook for \w+{_LINK}|"
    r"von (?:meinem|meiner) [\w -]{2,30} gesendet|gesendet (?:von|mit|über) [\w .-]{2,40}|"
    r"diese nachricht wurde von meinem [\w .-]{2,60} gesendet|"
    r"envoy[ée] (?:de|depuis|avec|à partir de) (?:mon|ma|d['’]un)? ?[\w .'’-]{2,40}|"
    r"enviado (?:desde|con) (?:mi )?[\w .-]{2,40}|enviat des (?:de|d)[\w .'’-]{2,40}|"
    r"enviado (?:do|de|a partir do|pelo) (?:meu )?[\w .-]{2,40}|inviato da(?:l mio)? [\w .-]{2,40}|"
    r"(?:verzonden|verstuurd) (?:vanaf|met|via) [\w .-]{2,40}|skickat (?:från|med) [\w .-]{2,40}|"
    r"send(?:t|e) fra [\w .-]{2,40}|lähetetty [\w .-]{2,40}|saadetud minu [\w .-]{2,40}|"
    r"wysłan[eoya] (?:z|ze) [\w .'’-]{2,40}|odesláno z [\w .-]{2,40}|odoslané z [\w .-]{2,40}|"
    r"poslano (?:s|z|iz) [\w .-]{2,40}|отправлено (?:с|из|от) [\w .-]{2,40}|"
    r"надіслано (?:з|із) [\w .-]{2,40}|изпратено от [\w .-]{2,40}|"
    r"[\w .'’-]{2,30}(?:dan|den|tan|ten) gönderildi|elküldve [\w .-]{2,40}|küldve [\w .-]{2,40}|"
    r"trimis de pe [\w .-]{2,40}|στάλθηκε από [\w .-]{2,40}|נשלח מ[\w .-]{2,40}|"
    r"أ?ُ?رسلت? من [\w .-]{2,40}|được gửi từ [\w .-]{2,40}|ส่งจาก[\w ฀-๿.-]{2,40}|"
    r"dikirim dari [\w .-]{2,40}|dihantar dari(?:pada)? [\w .-]{2,40}|"
    r"(?:나의|내)? ?[\w ]{2,20}에서 (?:보냄|전송됨|보낸 메일)|[\w ]{2,20}에서 보낸 메일|"
    r"(?:\w{2,20})から送信(?:されました)?|发自我的 ?[\w ]{2,20}|從我的 ?[\w ]{2,20}傳送|"
    r"發自我的 ?[\w ]{2,20}|发送自[\w ]{2,20})\s?\.?$",
    re.IGNORECASE,
)
#: Words that make a device line a sentence.
SENTENCE: Final = re.compile(
    r",|\b(?:is|was|and|because|which|desk|office|home|account|address|so|but|that|it)\b",
    re.IGNORECASE,
)
#: How a legal notice begins, and what else it says: both, for people write of secrets, too.
NOTICE: Final = re.compile(
    r"[\W_]{0,12}(?:(?:this|the information (?:contained )?in this|"
    r"the contents? of this)\s(?:\w+\s)?"
    r"(?:e-?mail|message|communication|transmission)|confidential(?:ity)?\b|disclaimer\b|"
    r"legal notice|important notice|privileged|"
    r"(?:diese|der inhalt dieser) (?:e-?mail|nachricht)|vertraulich|"
    r"(?:ce|cet|le contenu de ce) (?:message|courriel|e-?mail)|"
    r"(?:este|el contenido de este) (?:mensaje|correo)|aviso (?:legal|de confiden)|"
    r"(?:esta|o conteúdo desta) mensagem|(?:questo|il presente) (?:messaggio|e-?mail)|"
    r"(?:dit|de informatie in dit) (?:e-?mail|bericht)|denn[ae] (?:e-?mail|e-?post|mail)|"
    r"(?:ta|niniejsza) wiadomość|(?:это|данное) (?:сообщение|письмо)|"
    r"본 (?:메일|이메일|메시지|전자우편)|この(?:電子)?(?:メール|Eメール)|本(?:邮件|郵件|メール))",
    re.IGNORECASE,
)
NOTICE_SAYS: Final = re.compile(
    r"intended (?:only |solely |exclusively |recipient)|addressee|confidential.{0,200}(?:delete|"
    r"privileged|prohibited|disclos)|prohibited|unauthori[sz]ed|"
    r"vertraulich.{0,300}(?:adressat|empfänger|absender|unbefugt)|confidenti.{0,300}(?:destinat|"
    r"autoris|expéditeur|prohib)|vertrouwelijk|riservat|poufn|конфиденциальн|fortroli|konfidenti|"
    r"수신인|비밀|機密|誤って|保密|机密",
    re.IGNORECASE | re.DOTALL,
)
PRINTING: Final = re.compile(
    r"\W{0,6}(?:p )?(?:please )?(?:consider|think of) (?:the|our) environment before printing|"
    r"\W{0,6}(?:before you print|avant d['’]imprimer|antes de imprimir|prima di stampare)",
    re.IGNORECASE,
)
