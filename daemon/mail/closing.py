"""What stands at the end of a mail and is no answer: signature, device, legal notice. Pure."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail import heads

SIGNATURE: Final = re.compile(r"(?:-- ?|__|—|–)\s*$")
#: Web addresses behind a word, as HTML or Markdown had them.
_LINK: Final = re.compile(r"\s?<(?:https?|mailto):[^>\s]{1,300}>|\]\(https?:[^)\s]{1,300}\)|\[")
#: What is said in excuse of a small keyboard.
_EXCUSE: Final = re.compile(
    r"(?:please |kindly )?(?:excuse|pardon|forgive) (?:\w+ ){0,6}(?:typos?|brevity|errors?|"
    r"mistakes?|misspellings|autocorrect|terseness)\b[^.]{0,40}\.?|veuillez excuser ma brièveté\.?|"
    r"bitte entschuldigen sie (?:die kürze|meine kürze)[^.]{0,40}\.?",
    re.IGNORECASE,
)
_KEYBOARD: Final = re.compile(r"typo|brevity|autocorrect|brièveté|kürze", re.IGNORECASE)
_DECORATION: Final = " \t-_*~<>()[]|,.。\u200b"
_NAME: Final = r"[\w.+()'’®™&/-]+"
_THING: Final = r"[\w .'’®™&/-]{2,40}"
_DEVICE: Final = re.compile(
    rf"(?:sent (?:from|via|using|with) (?:my |the |a )?{_NAME}(?: ?,? {_NAME}){{0,9}}|"
    r"sent by (?:my )?(?:i(?:phone|pad)|android|galaxy)|"
    r"from my (?:i(?:phone|pad)|android|mobile|phone|cell|galaxy|blackberry)[\w .]{0,20}|"
    r"(?:get|download) (?:outlook|bluemail|typeapp|spark|aquamail) for \w+|"
    r"(?:télécharger|obtenir|holen sie sich|laden sie|obtener|obtén|obter(?: o)?|obtenha o|scarica|"
    r"ottieni|pobierz(?: program)?|hämta|skaffa|hent|hanki|获取|取得|скачать|получить) ?outlook"
    r"[\w .]{2,40}|"
    r"outlook (?:für|voor) \w+ (?:beziehen|herunterladen|downloaden)|"
    r"(?:ios|android)용 outlook 받기|outlook for \w+ ?を入手|"
    r"(?:ios|android) için outlook['’]?u edinin|"
    rf"von (?:meinem |meiner )?{_THING} gesendet|gesendet (?:von|mit|über) {_THING}|"
    r"diese nachricht wurde von meinem [\w .-]{2,60} gesendet|"
    rf"envoy[ée] (?:de|depuis|avec|à partir d(?:e|u|['’])) ?(?:mon|ma|un)? ?{_THING}|"
    rf"enviad[oa] (?:desde|con|do|de|a partir do|pelo) (?:mi |meu )?{_THING}|"
    rf"enviat des (?:de|d){_THING}|inviato da(?:l mio|lla mia)? {_THING}|"
    rf"(?:verzonden|verstuurd|gestuurd) (?:vanaf|vanuit|met|via) {_THING}|"
    rf"(?:skickat|skickades) (?:från|med) {_THING}|send(?:t|e) fra {_THING}|"
    rf"lähetetty {_THING}|saadetud minu {_THING}|"
    rf"wysłan[eoya] (?:z|ze) {_THING}|(?:odesláno|odoslané|poslano) (?:s|z|iz) {_THING}|"
    rf"отправлено (?:с|из|от) {_THING}|надіслано (?:з|із) {_THING}|изпратено от {_THING}|"
    r"[\w .'’-]{2,30}(?:dan|den|tan|ten) gönderildi|(?:el)?küldve [\w .-]{2,40}|"
    rf"trimis de pe {_THING}|στάλθηκε από {_THING}|נשלח מ{_THING}|"
    r"(?:أ?ُ?رسلت?|تم الإرسال) من [\w .-]{2,40}|از [\w .]{2,30} (?:فرستاده|ارسال) شده?|"
    r"(?:được )?gửi từ [\w .-]{2,40}|ส่งจาก[\w ฀-๿.-]{2,40}|"
    r"dikirim dari [\w .-]{2,40}|dihantar dari(?:pada)? [\w .-]{2,40}|"
    r"(?:나의|내)? ?[\w ]{2,20}에서 (?:보냄|전송됨|보낸 (?:이?메일|메시지))|"
    r"[\w .]{2,30} ?から送信(?:されました)?|発信元[:：] ?[\w .]{2,30}|"
    r"(?:发|發)自我的 ?[\w ]{2,20}|(?:从|從) ?(?:我的 ?)?[\w ]{2,30}(?:傳送|发送|發送)|"
    r"(?:发|發|来|來)自(?:我的)?[\w ]{0,12}"
    r"(?:邮箱|信箱|手机|手機|iphone|ipad|android|outlook)[\w ]{0,12}|"
    r"发送自[\w ]{2,20})$",
    re.IGNORECASE,
)
#: Words that make a device line a sentence.
_SENTENCE: Final = re.compile(
    r",(?! (?:an? |encrypted))|\b(?:is|was|and|because|which|desk|office|home|account|"
    r"address|so|but|that|it)\b",
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
    """Without last lines that only name the device, and the rule above them."""
    end = _last(lines, len(lines))
    while end and _names_device(lines[end - 1]):
        end = _last(lines, end - 1)
        if end and not lines[end - 1].strip(_DECORATION):
            end = _last(lines, end - 1)
    return lines[:end] if end else lines


def _names_device(line: str) -> bool:
    if len(line) > _DEVICE_CHARACTERS + line.count("://") * _DEVICE_CHARACTERS:
        return False
    bare = _EXCUSE.sub("", _LINK.sub("", line)).strip(_DECORATION)
    if not bare:
        return bool(_KEYBOARD.search(line))
    return bool(_DEVICE.match(bare)) and not _SENTENCE.search(bare)


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
