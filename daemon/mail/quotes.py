"""How mail programs, in many languages, announce what they quote. Patterns only, all linear."""

from __future__ import annotations

import re
from typing import Final

QUOTED: Final = re.compile(r"\s{0,3}(?:>|\|\s?>)")

_WROTE: Final = "|".join(
    (
        r"\b(?:wrote|writes|said|sent)\b",
        r"\bschrieb\b|\bgeschrieben\b",
        r"\ba [ée]crit\b|\bécrit\b",
        r"\bescribi[óo]\b|\bescribe\b|\bescreveu\b",
        r"\bha scritto\b|\bscrisse\b|\bscritto\b",
        r"\bschreef\b|\bgeschreven\b",
        r"\bskrev\b|\bkirjoitti\b",
        r"\bnapisał(?:a|\(a\))?\b|\bnapisal\b|\bnapsal(?:a|\(a\))?\b|\bnapísal\b",
        r"\bнаписал(?:а|\(а\))?\b|\bпишет\b|\bпише\b|\bнаписав\b|\bписал\b",
        r"\bírta\b|\byazdı\b|\bscris\b|\bđã viết\b|\bmenulis\b|\bέγραψε\b|\bכתב\b|\bكتب",
        r"작성|쓴 글|님이 쓴|보낸 메일|님의 말",
        r"写道|寫道|撰写|撰寫|写信",
        r"のメール|書きました|のメッセージ|からのメール",
    )
)
WROTE: Final = re.compile(_WROTE, re.IGNORECASE)
#: The first words of an attribution whose verb is on a later line.
OPENING: Final = re.compile(
    r"[\s*]{0,4}(?:On|At|In|Am|Le|El|Il|Em|Op|Den|Dnia|W dniu|Dne|Dňa|På|Pada|Vào|În|Στις|"
    r"В|Am|Il giorno|Il|Le|Kirj\.|tir\.|man\.|ons\.|tor\.|fre\.|在|于|於)[\s\d]",
)
DATE: Final = re.compile(
    r"\b\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{1,4}|\b(?:19|20)\d\d\b|\d{4}\s?[年년]|\d\s?[月월]"
)
LEADING_DATE: Final = re.compile(
    r"[\s*]{0,4}(?:\d{4}\s?[年년./-]|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4})"
)
TIME: Final = re.compile(r"\d{1,2}[:.h]\d{2}|\d\s?[時시点點]|\d\s?[ap]\.?m\b", re.IGNORECASE)
ADDRESS: Final = re.compile(r"[\w.+%=-]{1,64}@[\w.-]{1,100}", re.ASCII)
COLON: Final = re.compile(r"[:：]\s*\*?\s*>?$")

_ORIGINAL: Final = "|".join(
    (
        r"original (?:message|email|mail|appointment)|reply message|forwarded (?:message|by)",
        r"urspr[üu]ngliche nachricht|original-?nachricht|weitergeleitete nachricht",
        r"message (?:d['’]origine|transf[ée]r[ée]|initial)|mensaje original|mensaje reenviado",
        r"mensagem original|messaggio originale|messaggio inoltrato",
        r"oorspronkelijk bericht|origineel bericht|doorgestuurd bericht",
        r"ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding",
        r"alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość|původní zpráva",
        r"исходное сообщение|пересылаемое сообщение|eredeti üzenet|orijinal (?:mesaj|ileti)",
        r"원본 (?:메일|메시지|내용)|전달된 메시지|원문",
        r"原始邮件|原始郵件|原邮件|转发(?:的)?邮件|轉寄的?郵件|原始訊息|邮件原件",
        r"元のメッセージ|オリジナルメッセージ|転送メッセージ",
    )
)
ORIGINAL: Final = re.compile(rf"[\s*>_]{{0,4}}[-_=]{{2,40}}\s?(?:{_ORIGINAL})", re.IGNORECASE)
FORWARD: Final = re.compile(
    r"(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|"
    r"début du message réexpédié|전달된 메시지 시작|転送されたメッセージ|"
    r"下面是被转发的邮件)\s?[:：]",
    re.IGNORECASE,
)

_FROM: Final = (
    r"from|von|de|da|van|från|fra|od|lähettäjä|от|від|feladó|kimden|nadawca|desde|"
    r"보낸\s?사람|보낸\s?이|발신(?:자|인)?|发件人|寄件者|寄件人|發件人|差出人|送信者|发送者"
)
_WHEN: Final = (
    r"sent|date|gesendet|datum|envoyé(?: le)?|enviado(?: el)?|fecha|data|inviato|verzonden|"
    r"skickat|sendt|dato|wysłano|odesláno|отправлено|дата|lähetetty|elküldve|tarih|message du|"
    r"보낸\s?(?:날짜|시간|일시)|날짜|일시|발신일|"
    r"发送时间|發送時間|日期|寄件日期|送信日時|日時|时间"
)
_TO: Final = (
    r"to|an|à|a|para|aan|till|til|do|кому|vastaanottaja|címzett|kime|cc|kopie|copie|copie à|"
    r"받는\s?사람|받는\s?이|수신(?:자|인)?|참조|收件人|收件者|抄送|副本|宛先|送信先|bcc"
)
_ABOUT: Final = (
    r"subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|předmět|тема|"
    r"aihe|tárgy|konu|sujet|re|제목|主题|主題|主旨|件名"
)
_LABELS: Final = rf"(?P<from>{_FROM})|(?P<when>{_WHEN})|(?P<to>{_TO})|(?P<about>{_ABOUT})"
LABEL: Final = re.compile(rf"[\s*>|_]{{0,6}}(?:{_LABELS})\s?\*{{0,2}}\s?[:：]", re.IGNORECASE)

RULE: Final = re.compile(r"\s{0,4}[_=-]{10,}\s*$")
SIGNATURE: Final = re.compile(r"(?:-- ?|__|—|–)\s*$")
DEVICE: Final = re.compile(
    r"(?:sent (?:from|via|using|with) (?:my |the |a )?[\w.+-]+(?: [\w.()+-]+){0,5}|"
    r"get outlook for \w+(?: <https?://[^>\s]+>)?|"
    r"von meinem [\w -]{2,30} gesendet|gesendet (?:von|mit) [\w .-]{2,40}|"
    r"envoy[ée] (?:de|depuis) (?:mon|ma)? ?[\w .-]{2,40}|enviado desde (?:mi )?[\w .-]{2,40}|"
    r"enviado do meu [\w .-]{2,30}|inviato da(?:l mio)? [\w .-]{2,40}|"
    r"verzonden (?:vanaf|met) [\w .-]{2,40}|skickat från [\w .-]{2,40}|"
    r"(?:나의|내)? ?[\w ]{2,20}에서 보냄|[\w ]{2,20}에서 보낸 메일|"
    r"(?:\w{2,20})から送信|发自我的 ?[\w ]{2,20}|從我的 ?[\w ]{2,20}傳送)\s?\.?$",
    re.IGNORECASE,
)
#: Words that make a device line a sentence.
SENTENCE: Final = re.compile(r",|\b(?:is|was|and|because|which|desk|office|home)\b", re.IGNORECASE)
