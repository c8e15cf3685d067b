"""The elements into which mail programs put what they quote, known by their names. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

#: Stands in the text where an element said that history begins.
RULE: Final = "_" * 32
#: Where Outlook and Zimbra put the history: nothing but these say so, in whatever language.
_HISTORY: Final = re.compile(
    r"border:none;\s?border-top:solid #[a-f0-9]{6} 1\.0pt;\s?padding:3\.0pt 0", re.IGNORECASE
)
_HISTORY_IDS: Final = ("divRplyFwdMsg", "zwchr", "stopSpelling")
#: Marks with which programs announce what they quote, or put around all of it.
_QUOTING: Final = (
    "gmail_attr",
    "moz-cite-prefix",
    "gmail_extra_attr",
    "yahoo_quoted",
    "ntes-mailmaster-quote",
    "ms-outlook-mobile-reference-message",
)
_NEAR: Final = 10


def may_quote(text: str) -> bool:
    """False when no element of a page quotes; attributes are dear."""
    return any(mark in text for mark in _QUOTING)


def may_have_history(text: str) -> bool:
    """False when no element of a page is the head of history."""
    return any(mark in text for mark in _HISTORY_IDS) or bool(_HISTORY.search(text))


def quotes(node: LexborNode) -> bool:
    """True for an element that holds a quotation, or what announces one."""
    names = (node.attributes.get("class") or "").split()
    # Yahoo writes a word of its own before the name.
    if not any(name.endswith(_QUOTING) for name in names):
        return False
    # With these signs Gmail announces what is sent on, which is no quotation.
    return not _first_text(node).startswith("-----")


def heads_history(node: LexborNode) -> bool:
    """True for an element that stands at the head of history."""
    names = node.attributes
    style = names.get("style") or ""
    # Outlook writes x_ before the names of what it quotes.
    return (names.get("id") or "").endswith(_HISTORY_IDS) or bool(_HISTORY.match(style.strip()))


def _first_text(node: LexborNode) -> str:
    """The first text within an element, if it stands near."""
    inner = node.first_child
    for _ in range(_NEAR):
        if inner is None:
            break
        if inner.is_text_node and (text := (inner.text_content or "").strip()):
            return text
        inner = inner.next if inner.is_text_node else inner.first_child
    return ""
