"""What stands at the end of a mail and is no answer: signature, device, legal notice. Pure."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail import heads

SIGNATURE: Final = re.compile(r"(?:-- ?|__|—|–)\s*$")
_LINK: Final = r"(?:\s?<https?://[^>\s]{1,300}>)?"
_NAME: Final = r"[\w.+()'’®™-]+"
_DEVICE: Final = re.compile(
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
_SENTENCE: Final = re.compile(
    r",|\b(?:is|was|and|because|which|desk|office|home|account|address|so|but|that|it)\b",
    re.IGNORECASE,
)
#: How a legal notice begins, and what else it says: both, for people write of secrets, too.
_NOTICE: Final = re.compile(
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
_NOTICE_SAYS: Final = re.compile(
    r"intended (?:only |solely |exclusively |recipient)|addressee|confidential.{0,200}(?:delete|"
    r"privileged|prohibited|disclos)|prohibited|unauthori[sz]ed|"
    r"vertraulich.{0,300}(?:adressat|empfänger|absender|unbefugt)|confidenti.{0,300}(?:destinat|"
    r"autoris|expéditeur|prohib)|vertrouwelijk|riservat|poufn|конфиденциальн|fortroli|konfidenti|"
    r"수신인|비밀|機密|誤って|保密|机密",
    re.IGNORECASE | re.DOTALL,
)
_PRINTING: Final = re.compile(
    r"\W{0,6}(?:p )?(?:please )?(?:consider|think of) (?:the|our) environment before printing|"
    r"\W{0,6}(?:before you print|avant d['’]imprimer|antes de imprimir|prima di stampare)",
    re.IGNORECASE,
)
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
        elif has_own and line[:1] in _DASHES and SIGNATURE.match(line):
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
        if len(line) < _DEVICE_CHARACTERS and _DEVICE.match(line) and not _SENTENCE.search(line):
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
        if paragraph and heads.RULE.match(paragraph[0]):
            paragraph = paragraph[1:]
        if not _is_notice("\n".join(paragraph)):
            break
        end = _last(lines, start)
        if end and heads.RULE.match(lines[end - 1]):
            end = _last(lines, end - 1)
    return lines[:end] if end else lines


def _last(lines: list[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _is_notice(paragraph: str) -> bool:
    if _PRINTING.match(paragraph):
        return True
    return bool(_NOTICE.match(paragraph) and _NOTICE_SAYS.search(paragraph))
