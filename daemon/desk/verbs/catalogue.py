"""The one catalogue of the verbs and values in other languages than English. Pure.

Every word is understood from everybody, whatever his language: people mix them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

VERBS: Final[Mapping[str, Mapping[str, str]]] = {
    "de": {
        "take": "nehmen", "assign": "zuweisen", "open": "öffnen", "wait": "warten",
        "resolve": "lösen", "close": "schließen", "cancel": "abbrechen",
        "reopen": "wiederöffnen", "escalate": "eskalieren", "ack": "quittieren",
        "major": "großstörung", "type": "art", "pri": "priorität", "impact": "auswirkung",
        "urgency": "dringlichkeit", "service": "dienst", "category": "kategorie",
        "title": "titel", "tag": "schlagwort", "due": "fällig", "lang": "sprache",
        "macro": "vorlage",
        "note": "notiz", "public": "öffentlich", "cc": "kopie", "watch": "beobachten",
        "mute": "stumm", "for": "für", "via": "über", "at": "um",
        "spent": "aufwand", "merge": "zusammenführen", "dup": "duplikat", "split": "teilen",
        "link": "verknüpfen", "unlink": "trennen", "parent": "übergeordnet",
        "task": "aufgabe", "done": "erledigt", "skip": "überspringen", "mine": "meine",
        "status": "stand", "rate": "bewerten", "away": "abwesend", "show": "zeigen",
        "history": "verlauf", "queue": "schlange", "find": "suchen", "digest": "überblick",
        "why": "warum", "undo": "rückgängig", "ok": "bestätigen", "help": "hilfe",
    },
    "ko": {
        "take": "맡기", "assign": "배정", "open": "진행", "wait": "대기", "resolve": "해결",
        "close": "종료", "cancel": "취소", "reopen": "재개", "escalate": "상향", "ack": "확인함",
        "major": "중대장애", "type": "유형", "pri": "우선순위", "impact": "영향",
        "urgency": "긴급도", "service": "서비스", "category": "분류", "title": "제목",
        "tag": "태그", "due": "기한", "lang": "언어", "note": "메모", "public": "공개",
        "macro": "상용구",
        "cc": "참조", "watch": "지켜보기", "mute": "알림끄기", "for": "요청자",
        "via": "경로", "at": "시각", "spent": "소요", "merge": "병합", "dup": "중복",
        "split": "분리", "link": "연결", "unlink": "연결해제", "parent": "상위", "task": "작업",
        "done": "완료", "skip": "건너뛰기", "mine": "내요청", "status": "상태", "rate": "평가",
        "away": "부재", "show": "보기", "history": "이력", "queue": "대기열", "find": "찾기",
        "digest": "요약", "why": "이유", "undo": "되돌리기", "ok": "확인", "help": "도움말",
    },
}  # fmt: skip

VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "de": {
        "incident": "störung", "request": "anfrage", "org": "organisation", "site": "standort",
        "person": "einzelne", "critical": "kritisch", "high": "hoch", "normal": "mittel",
        "low": "niedrig", "customer": "kunde", "vendor": "lieferant", "change": "änderung",
        "until": "bis", "none": "niemand", "back": "zurück", "end": "ende", "on": "an",
        "off": "aus", "phone": "telefon", "walkin": "schalter", "fixed": "behoben",
        "workaround": "umgehung", "duplicate": "doppelt", "spam": "werbung",
        "withdrawn": "zurückgezogen", "declined": "abgelehnt", "not-ours": "nicht-unser",
        "tomorrow": "morgen", "today": "heute", "auto": "automatisch", "all": "alle",
        "blocks": "blockiert", "relates": "verwandt",
    },
    "ko": {
        "incident": "장애", "request": "요청", "team": "팀", "org": "전사", "site": "사업장",
        "person": "개인", "critical": "심각", "high": "높음", "normal": "보통", "low": "낮음",
        "customer": "고객", "vendor": "업체", "change": "변경", "until": "까지", "none": "없음",
        "back": "반려", "end": "끝", "on": "켜기", "off": "끄기", "phone": "전화",
        "walkin": "방문", "chat": "채팅", "fixed": "고침", "workaround": "우회",
        "duplicate": "중복", "spam": "스팸", "withdrawn": "철회", "declined": "거절",
        "not-ours": "소관아님", "tomorrow": "내일", "today": "오늘", "auto": "자동",
        "all": "전체", "blocks": "차단", "relates": "관련",
    },
}  # fmt: skip

#: Monday first.
WEEKDAYS: Final = (
    ("mon", "monday", "mo", "montag", "월", "월요일"),
    ("tue", "tuesday", "di", "dienstag", "화", "화요일"),
    ("wed", "wednesday", "mi", "mittwoch", "수", "수요일"),
    ("thu", "thursday", "do", "donnerstag", "목", "목요일"),
    ("fri", "friday", "fr", "freitag", "금", "금요일"),
    ("sat", "saturday", "sa", "samstag", "토", "토요일"),
    ("sun", "sunday", "so", "sonntag", "일요일"),
)
#: Units of a duration and their seconds.
UNITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("w", "week", "weeks", "woche", "wochen", "주"), 604_800),
    **dict.fromkeys(("d", "day", "days", "t", "tag", "tage", "일"), 86_400),
    **dict.fromkeys(("h", "hour", "hours", "std", "stunde", "stunden", "시간"), 3_600),
    **dict.fromkeys(("m", "min", "minute", "minutes", "minuten", "분"), 60),
}


def verb_names(verb: str) -> Iterator[str]:
    """What a verb is called in every language, English first."""
    yield verb
    for names in VERBS.values():
        if verb in names:
            yield names[verb]


def value_names(value: str) -> Iterator[str]:
    """What a value is called in every language, English first."""
    yield value
    for names in VALUES.values():
        if value in names:
            yield names[value]


def value_of(word: str) -> str:
    """The English value that a word stands for; the folded word itself where it is none."""
    folded = word.casefold()
    for names in VALUES.values():
        for value, name in names.items():
            if name == folded:
                return value
    return folded
