"""Whether an answer to a resolution only says thanks: it is kept and reopens nothing. Pure.

Better once too often open than once shut in a person's face: every word must be one of courtesy.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_LONGEST: Final = 160
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
#: Longer ones first where one begins as another does; each is courtesy by itself.
_PHRASES: Final = (
    "thank you", "many thanks", "thanks", "thank u", "thx", "ty", "cheers", "much appreciated",
    "appreciate it", "that solved it", "problem solved", "works now", "it works", "all good",
    "working now", "works again", "works fine",
    "vielen dank", "herzlichen dank", "besten dank", "danke schön", "dankeschön", "danke",
    "funktioniert wieder", "funktioniert jetzt", "funktioniert", "geht wieder", "geht jetzt",
    "hat geklappt",
    "정말 감사합니다", "감사합니다", "감사드립니다", "감사해요", "고맙습니다", "고마워요",
    "잘 됩니다", "잘됩니다", "해결됐습니다", "해결되었습니다", "수고하셨습니다", "수고하세요",
    "merci beaucoup", "merci", "muchas gracias", "gracias", "grazie mille", "grazie",
    "obrigado", "obrigada", "dank je", "dank u", "bedankt", "dziękuję", "спасибо", "tack",
    "ありがとうございます", "ありがとうございました", "谢谢", "謝謝",
)  # fmt: skip
_COURTESY_WORDS: Final = (
    "hi hello dear all team everyone so much very a lot again for your the quick fast great help "
    "support answer reply perfect super excellent awesome wonderful nice good ok okay yes it is "
    "that this was and best kind regards sincerely now fine everything you guys have day weekend "
    "hallo liebe lieber liebes für die das ihre eure schnelle gute hilfe antwort perfekt prima "
    "klasse sehr gut und mit freundlichen grüßen viele grüße lg mfg alles jetzt wieder ihnen euch "
    "안녕하세요 빠른 답변 처리 도움 덕분에 네 예 좋은 하루 되세요 이제 정말"
)
_COURTESY: Final = frozenset(_COURTESY_WORDS.split())
#: Courtesy that needs no thanks beside it.
_NEEDED: Final = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in _PHRASES))


def is_thanks(text: str, names: Collection[str] = ()) -> bool:
    """True for a short text that thanks, asks nothing, and says nothing else.

    ``names`` are those that may stand in it: of the people whom it is from and to.
    """
    folded = " ".join(text.casefold().split())
    if not folded or len(folded) > _LONGEST or any(mark in folded for mark in "?？¿"):
        return False
    rest, found = _NEEDED.subn(" ", folded)
    known = {part for name in names for part in name.casefold().split()}
    return bool(found) and all(word in _COURTESY or word in known for word in _WORD.findall(rest))
