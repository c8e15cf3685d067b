"""The words of answers in the languages of those who ask. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_EN: Final = {
    "mine": "Your open tickets", "none": "There is none.", "ticket": "Ticket", "state": "State",
    "subject": "Subject", "with": "With", "since": "Since", "due": "Promised for",
    "priority": "Priority", "history": "What happened", "when": "When", "who": "Who",
    "what": "What", "queue": "To be done", "links": "Hangs together with", "tasks": "Tasks",
    "messages": "Messages", "found": "Found", "help": "What you can write", "also": "Also",
    "new": "new", "approval": "waits for approval", "open": "in work", "waiting": "waiting",
    "resolved": "resolved", "closed": "closed", "rejected": "rejected",
    "cancelled": "cancelled", "away": "away", "internal": "internal", "public": "public",
    "fields": "Ticket", "undone": "taken back", "sent": "Mails that were sent stay sent.",
    "is away": "{owner} is away until {back}",
    "his now": "#{number} is {owner}'s now. Until he is back, his team is told with him.",
}  # fmt: skip
_DE: Final = {
    "mine": "Ihre offenen Tickets", "none": "Es gibt keine.", "ticket": "Ticket",
    "state": "Stand", "subject": "Betreff", "with": "Bei", "since": "Seit",
    "due": "Zugesagt für", "priority": "Priorität", "history": "Was geschah", "when": "Wann",
    "who": "Wer", "what": "Was", "queue": "Zu tun", "links": "Hängt zusammen mit",
    "tasks": "Aufgaben", "messages": "Nachrichten", "found": "Gefunden",
    "help": "Was Sie schreiben können", "also": "Auch", "new": "neu",
    "approval": "wartet auf Genehmigung", "open": "in Arbeit", "waiting": "wartet",
    "resolved": "gelöst", "closed": "geschlossen", "rejected": "abgelehnt",
    "cancelled": "abgebrochen", "away": "abwesend", "internal": "intern", "public": "öffentlich",
    "fields": "Ticket", "undone": "zurückgenommen",
    "sent": "Gesendete Mails bleiben gesendet.",
    "is away": "{owner} ist abwesend bis {back}",
    "his now": "#{number} liegt jetzt bei {owner}. Bis zur Rückkehr wird das Team mit informiert.",
}  # fmt: skip
_KO: Final = {
    "mine": "진행 중인 요청", "none": "없습니다.", "ticket": "티켓", "state": "상태",
    "subject": "제목", "with": "담당", "since": "접수", "due": "약속 기한",
    "priority": "우선순위", "history": "이력", "when": "시각", "who": "누가", "what": "내용",
    "queue": "할 일", "links": "연결된 티켓", "tasks": "작업", "messages": "메시지",
    "found": "찾은 티켓", "help": "쓸 수 있는 명령", "also": "다른 이름", "new": "접수",
    "approval": "승인 대기", "open": "처리 중", "waiting": "대기", "resolved": "해결됨",
    "closed": "종료", "rejected": "반려", "cancelled": "취소됨", "away": "부재 중",
    "internal": "내부",
    "public": "공개", "fields": "티켓", "undone": "되돌렸습니다",
    "sent": "이미 보낸 메일은 되돌릴 수 없습니다.",
    "is away": "{owner}: {back}까지 부재 중",
    "his now": "#{number}의 담당은 이제 {owner}입니다. 돌아올 때까지 팀에도 함께 알립니다.",
}  # fmt: skip

PHRASES: Final[Mapping[str, Mapping[str, str]]] = {"en": _EN, "de": _DE, "ko": _KO}


def phrase(name: str, language: str) -> str:
    """A word of an answer in a language, else in English."""
    return PHRASES.get(language, _EN)[name]
