"""How mail systems, in many languages, say that a mail did not arrive: patterns, all linear."""

from __future__ import annotations

import re
from typing import Final

#: Who writes reports: a part of the address or of the name. These two read what is in lower case:
#: every mail meets them, and a pattern that must fold each letter takes four times as long.
_SYSTEM: Final = re.compile(
    r"mailer[-_. ]?daemon|post[-_ ]?master|mail[-_. ]?deliver(?:y|er)?\b|mailerdaemon|\bbounces?\b|"
    r"\bmail[-_. ]?system|system administrator|microsoft ?exchange|"
    r"\bdelivery (?:status notif|subsys)|"
    r"returned mail|mail administrator|mdaemon|mail ?marshal|surf ?control|interscan|"
    r"barracuda|mmsc|\bndr\b|전송 ?실패|メール(?:サーバ|配送|配信)|почтов\w+ (?:служб|систем)",
)
#: What their subjects say.
_SUBJECT: Final = re.compile(
    r"undeliver|non[- ]?deliver|not (?:be )?deliver|un?able to (?:deliver|send)|"
    r"(?:returned?|bounced?|rejected|failed|blocked|undelivered|unsent) (?:mail|e-?mail|to sender|"
    r"message)|"
    r"(?:mail|message|delivery)[ -](?:delivery )?(?:fail|error|status|problem|system|delay)|"
    r"(?:delayed|deferred) (?:mail|message|e-?mail)|(?:mail|message) (?:is |was |has been )?"
    r"(?:you sent )?(?:delayed|deferred|returned|rejected|blocked|bounced|dropped)|"
    r"fail(?:ed|ure) (?:notice|notification|mail|to deliver|deliver)|^failure\b|\[bounce\]|"
    r"delivery (?:has )?(?:been )?(?:fail|report|delay|notification|error|aborted|status|"
    r"incomplete)|"
    r"(?:could|can|was|did) ?(?:not|n't) (?:be )?(?:send|sent|deliver|reach)|error sending|"
    r"warning\W{1,3}(?:could not|message|mail)|message status|"
    r"^rejected:|user unknown|no such user|unknown (?:user|recipient|address)|invalid address|"
    # German, Dutch, Scandinavian, Finnish
    r"unzustellbar|unbekannt|nicht zustell|nicht (?:zugestellt|ausgeliefert)|zustell\w*fehl|"
    r"onbestelbaar|niet (?:bezorgd|afgeleverd)|olevererbar|kunde inte levereras|ikke leveres|"
    r"ej levererat|uleveret|kan ikke levere|ei (?:voitu|voida) toimittaa|toimit\w* epäonnistui|"
    r"(?:übermittlungs|zustell|leverans)status|"
    # French, Spanish, Portuguese, Italian, Romanian
    r"état de (?:la )?remise|estado de (?:la )?entrega|stato del? recapito|no s'ha pogut lliurar|"
    r"échec|non remis|non délivr|non distribu|remise impossible|"
    r"retour (?:de|du|à) (?:mail|courrier|l'expéditeur)|"
    r"no (?:se )?(?:ha |ha sido )?(?:puede |pudo |podido )?entreg|no entregad|"
    r"devuelto|imposible entregar|não (?:entregue|foi (?:possível )?entreg)|falha n[ao] entrega|"
    r"devolvid|mancata consegna|non (?:recapitabile|consegnat)|mancato recapito|errore di consegna|"
    r"nelivrat|"
    # Slavic, Hungarian, Turkish, Greek
    r"недоставлен|не\s?(?:может быть )?доставлен|не удалось доставить|невозможно доставить|"
    r"ошибка доставки|не вдалося доставити|niedostarcz|nie dostarczon|zwrot|nedoručiteln|nedoručen|"
    r"kézbesíthetetlen|sikertelen kézbesítés|teslim edilem|iletilem|αδυναμία παράδοσης|"
    r"недоставено|неиспоручен|neisporučen|isporuka nije uspjela|edastamine ebaõnnestus|"
    # Vietnamese, Thai, Indonesian
    r"không (?:gửi|thể gửi|chuyển|thể chuyển)|ไม่สามารถส่ง|ส่งไม่สำเร็จ|gagal (?:di|ter)kirim|"
    r"tidak (?:dapat|terkirim)|"
    # Korean, Chinese, Japanese, Arabic, Hebrew
    r"배달 ?상태|发送状态|傳遞狀態|传递状态|配信状態|"
    r"전송 ?실패|반송|배달.{0,4}실패|배달되지|전달되지|발송 ?실패|수신 ?실패|배달할 수 없|"
    r"退信|退回|退件|"
    r"无法(?:投递|传递|送达)|無法(?:投遞|傳遞|送達)|未能?(?:送达|送達|投递)|传递失败|傳送失敗|"
    r"未(?:送達|配達|配信)|(?:配信|配送|送信)(?:不能|エラー|失敗|できま|に失敗)|エラーメール|"
    r"تعذر (?:ال)?تسليم|لم يتم تسليم|לא ניתן למסירה",
)
#: The prefix of what a person sends on.
FORWARDED: Final = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|enc|vs|i|pd|doorst|转发|轉寄|전달|転送)\s?[:：]", re.IGNORECASE
)
#: What their text says.
PHRASE: Final = re.compile(
    r"\b(?:could|can|was|did|has|have|is|were|wasn|couldn|hasn)\s?(?:not|n't|n’t|'t|’t) "
    r"(?:yet )?(?:be(?:en)? )?(?:able to )?(?:deliver|reach|sent\b|send\b|accepted)|"
    r"has been returned|(?:un|not )able to (?:deliver|send)|undeliver|not delivered|"
    r"deli?very (?:to the|fail|error|problem|has failed|attempt|status)|permanent (?:fatal )?error|"
    r"had (?:delivery )?(?:errors|problems)|fatal errors|failed (?:addresses|recipients)|"
    r"no such user|user unknown|unknown user|returned message|automatically rejected|"
    r"trouble delivering|"
    r"blocked by our|not accepting mail|"
    r"unzustellbar|nicht zugestellt|konnte nicht|n['’]a pas pu|no se ha podido|não pôde|"
    r"non (?:è|e'|può|puo'?) .{0,20}(?:consegnat|recapitat)|не может быть доставлен|"
    r"전송.{0,10}실패|배달하지 못|전달하지 못|발송하지 못|无法(?:投递|送达|发送)|未能投递|"
    r"送(?:信|達|付)(?:でき|に失敗)|配[信送達](?:でき|に失敗)|届け(?:る|ること)",
    re.IGNORECASE,
)
#: What leads to the list of those who were not reached.
LEAD: Final = re.compile(
    r"(?:following|these|some) (?:destination |e-?mail |intended )?"
    r"(?:recipient|address|user|group)[^\n]{0,80}\n|"
    r"(?:undeliver\w+|not delivered|delivered|reach\w*|failed?|deliver) to[^\n@:]{0,40}:[ \t]*\n|"
    r"failed (?:addresses|recipients)[^\n]{0,40}\n|intended recipient:|"
    r"list of (?:failed )?recipients[^\n]{0,20}\n|folgende\w* (?:empfänger|adress)[^\n]{0,80}\n|"
    r"(?:destinataires?|destinatari[oe]s?|adresses?)(?: suivant| seguint| siguiente)[^\n]{0,80}\n|"
    r"следующ\w+ (?:адрес|получател)[^\n]{0,80}\n|"
    r"以下の?(?:メール)?(?:アドレス|宛先|受信者|あて先)[^\n]{0,80}\n|次の(?:宛先|受信者|あて先)[^\n]{0,80}\n|"
    r"(?:以下|下列)(?:收件人|地址|邮箱)[^\n]{0,80}\n",
    re.IGNORECASE,
)
#: Where the report ends and the returned mail begins.
RETURNED: Final = re.compile(
    r"^\W{0,60}(?:this is a copy of|(?:a )?copy of (?:the|your) (?:original )?(?:message|mail)|"
    r"original (?:message|mail)|old message|"
    r"below (?:this|the next)? ?line is (?:a|the) copy|below is (?:a|the) copy|"
    r"(?:the )?(?:original|returned|unsent|undelivered|your) (?:message|mail)(?: headers?)? "
    r"(?:follows|below|attached|reads|text|(?:is|was)\b(?!n['’]t| not))|"
    r"(?:returned|unsent|undelivered) (?:message|mail)|"
    r"message (?:header|text|body)s? (?:follow|is)|(?:the )?headers? and [^\n]{1,40} follow|"
    r"included is a copy|"
    r"start of (?:returned|original) message|here is your returned mail|"
    r"(?:the )?headers? (?:of )?(?:the )?(?:original )?(?:message )?(?:is )?follow|"
    r"元のメール|元のメッセージ|以下は.{0,20}(?:元|メール)|原始邮件|原邮件|원본 ?(?:메일|메시지)|"
    r"исходное (?:письмо|сообщение)|mensaje original|message d['’]origine|"
    r"received: |return-path: )",
    re.IGNORECASE | re.MULTILINE,
)
#: A mail that its carrier has not given up.
DELAYED: Final = re.compile(
    r"warning message only|(?:has|have) not (?:yet )?been delivered|not yet been delivered|"
    r"(?:will|to) (?:be retried|continue to (?:try|be)|keep trying|retry)|(?:has|been) (?:been )?"
    r"(?:delayed|postponed|deferred)|no action is required|just a warning|advisory-only|"
    r"still trying|delivery attempts will|do not need to (?:resend|take any)|"
    r"вручение отложено|noch nicht zugestellt|配信が遅れ|遅延",
    re.IGNORECASE,
)
_ATOM: Final = r"[A-Za-z0-9._%+=#&'/~!$*?^{|}-]{1,64}"
#: An address in prose; its group is the address.
ADDRESS: Final = (
    rf"((?:{_ATOM}|\"[^\"\s@]{{1,64}}\")@[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,188}}[A-Za-z0-9])?)"
)
ANYWHERE: Final = re.compile(ADDRESS)
_OPEN: Final = r"[\"'<(\[*]{0,4}"
_KIND: Final = r"(?:smtp|rfc-?822|e?-?mail)"
#: A line that begins with an address is an entry of a list.
LISTED: Final = re.compile(
    rf"[\s>*•·–—|-]{{0,12}}(?:\d{{1,3}}[.)]\s)?(?:{_KIND}\s?[:;=]\s?)?{_OPEN}"
    rf"(?:expanded from: ?<?)?(?:{_KIND}[:;=]\s?)?{ADDRESS}(?!\s+(?:wrote|writes|schrieb|sent))",
    re.IGNORECASE,
)
#: A label before it says the same.
LABELLED: Final = re.compile(
    r"(?:recipients?|address(?:ee|ed to)?|deliver(?:ed|y)? to|message to|mail to|error-for|users?|"
    r"userid|mailbox|account|expanded from|full|unknown|size|failed|empfänger|destinataires?|"
    r"destinatari[oa]s?|получатель|адрес|宛先|受信者|あて先|アドレス)(?:\s?\([a-z]{1,3}\))?\s?[:：]\s{0,8}"
    rf"{_OPEN}(?:{_KIND}\s?[:;=]\s?)?{ADDRESS}|"
    rf"(?:收件人|邮箱|받는 ?사람|수신자|宛先)\s?[:：]?\s?{_OPEN}{ADDRESS}",
    re.IGNORECASE,
)
#: The plainest label, which also begins a line of the returned header.
ADDRESSED: Final = re.compile(
    rf"[\s>*]{{0,8}}to\s?:\s{{0,8}}[^@\n]{{0,80}}?{ADDRESS}", re.IGNORECASE
)
#: The dialogue with the next server, or a sentence.
TOLD: Final = re.compile(
    rf"rcpt to:\s?{_OPEN}{ADDRESS}|"
    r"\b(?:to|for|reach|recipient|user|address|mailbox|account|an|à|a|para|unknown|invalid)\s"
    rf"(?:the )?(?:user |address |recipient |following )?{_OPEN}{ADDRESS}|"
    rf"[45]\d\d[ -](?:[245]\.\d{{1,3}}\.\d{{1,3}} )?{_OPEN}{ADDRESS}|"
    rf"{_OPEN}{ADDRESS}[\"'>)\]]{{0,3}}\s?(?:\.\.\.|…|: ?(?:unknown|no such|user|host|5\d\d))",
    re.IGNORECASE,
)
#: Lines whose addresses are those of others.
ASIDE: Final = re.compile(
    r"message-?id|\bfrom:|\bfrom [\"'<]{0,2}[\w.+=-]+@|sender|contact|question|assist|help|"
    r"reply to|report this|e-?mail us|for more|mailto:|x-[a-z-]{2,30}:|received:",
    re.IGNORECASE,
)
#: Addresses that are never the lost recipient of a prose report.
NOBODY: Final = re.compile(
    r"(?:mailer-daemon|postmaster|abuse|support|helpdesk|hostmaster)@", re.IGNORECASE
)
STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
REPLY_CODE: Final = re.compile(r"(?<![\d.])([45])\d\d[ -](?=\D)")


def is_system(sender: str) -> bool:
    """True for a sender as mail systems name themselves."""
    return bool(_SYSTEM.search(sender.lower()))


def tells_of_failure(subject: str) -> bool:
    """True for a subject as reports have it."""
    return bool(_SUBJECT.search(subject.lower()))
