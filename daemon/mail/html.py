"""HTML to readable text and to harmless HTML, in linear time whatever its nesting.

The two libraries are imported only when a mail has HTML.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daemon.mail import containers
from daemon.mail.limits import HTML_CHARACTERS

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BLOCKS: Final = _names(
    "address article aside blockquote body center dd details dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p pre "
    "section summary table tbody tfoot thead tr ul"
)
_PARAGRAPHS: Final = _names("p h1 h2 h3 h4 h5 h6 ul ol dl pre table blockquote")
_SILENT: Final = _names(
    "head script style title template noscript iframe object svg math select textarea"
)
#: Elements whose end is implied: they cannot nest without another element between.
_IMPLIED: Final = _names(
    "p li dt dd td th tr tbody thead tfoot option area base br col embed hr img input link "
    "meta source track wbr html head body"
)
_RAW_TEXT: Final = frozenset({"script", "style", "title"})
_FORMATTING: Final = _names("a b big code em font i nobr s small strike strong tt u")
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_ANY_TAG: Final = re.compile(r"<(!--|/?[a-zA-Z][a-zA-Z0-9]{0,20}|[/!?])")
#: Every place where a tag may start, with its first hundred attributes (HTML §13.2.5.32 ff.) and
#: whether it ends after them. Nothing is consumed, so that nothing can hide a tag from the count.
_ATTRIBUTES: Final = re.compile(
    r"<(?=([a-zA-Z][^\s/>]*+)"
    r"((?:[\s/]*+=?[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s>\"'][^\s>]*+|(?=>)))?|[\s/]++"
    r"){0,100})(>|\Z)?)"
)
_EMBEDDED: Final = re.compile(r"data:[^\s\"'<>()]{200,}+", re.IGNORECASE)
_SCRIPT: Final = re.compile(r"(?:javascript|vbscript|data|livescript|mocha):", re.IGNORECASE)
_NOT_SHOWN: Final = re.compile(
    "[\x00-\x20\x7f-\xa0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"
)
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
_MANY_LINES: Final = re.compile(r"\n{3,}")
_MANY_TAGS: Final = 100_000
#: The sanitiser joins text at every one of them.
_ENTITIES: Final = 50_000
_SHORT: Final = 16_000
_SCANNED: Final = 8_000_000
_DEPTH: Final = 500
#: Up to these, the worst that a tree can cost is a tenth of a second.
_FEW_TAGS: Final = 1_500
_REBUILT: Final = 200_000


def is_bounded(text: str) -> bool:
    """True when an HTML5 parser will be quick: stack, repairs and attributes can be quadratic."""
    tags = text.count("<")
    if tags > _MANY_TAGS or not _has_few_attributes(text):
        return False
    if tags < _FEW_TAGS:
        return True
    depth = formatting = rebuilt = 0
    for closing, tag in _TAG.findall(text):
        name = tag.lower()
        if name in _FORMATTING:
            formatting = max(0, formatting + (-1 if closing else 1))
        elif name not in _IMPLIED:
            depth = max(0, depth + (-1 if closing else 1))
        if not closing:
            rebuilt += formatting
        if depth + formatting > _DEPTH or rebuilt > _REBUILT:
            return False
    return True


def _has_few_attributes(text: str) -> bool:
    if len(text) < _SHORT:
        return True
    scanned = 0
    for start in _ATTRIBUTES.finditer(text):
        scanned += start.end(2) - start.start(1)
        if not start[3] or scanned > _SCANNED:
            return False
    return True


def readable(text: str) -> str:
    """The text that a reader sees; quotations as ``>`` lines, links with their targets."""
    text = _without_embedded(text[:HTML_CHARACTERS])
    if not is_bounded(text):
        return _stripped(text)
    from selectolax.lexbor import LexborHTMLParser  # only mails with HTML pay

    root = LexborHTMLParser(text).root
    return (
        _Text(
            announced=containers.may_quote(text),
            has_history=containers.may_have_history(text),
        ).walk(root)
        if root is not None
        else ""
    )


def sanitise(text: str) -> str | None:
    """Harmless HTML: no scripts, no forms, nothing fetched from elsewhere; None when too deep."""
    text = _without_embedded(text)
    if len(text) > HTML_CHARACTERS or text.count("&") > _ENTITIES or not is_bounded(text):
        return None
    import nh3  # only mails with HTML pay

    return nh3.clean(
        text,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        attribute_filter=_keep,
        link_rel="noopener noreferrer nofollow",
    )


def _without_embedded(text: str) -> str:
    return _EMBEDDED.sub("data:,", text) if "data:" in text.lower() else text


def _keep(element: str, attribute: str, value: str) -> str | None:
    if _SCRIPT.match(_NOT_SHOWN.sub("", value)):
        return None
    # A remote picture tells its sender who read what, and when.
    remote = attribute in ("src", "srcset", "background", "poster")
    return None if remote and not value.strip().lower().startswith("cid:") else value


def _stripped(text: str) -> str:
    """Text by leaving out the mark-up, for HTML that no parser should see."""
    out: list[str] = []
    at = 0
    while at < len(text):
        tag = _ANY_TAG.search(text, at)
        out.append(text[at : tag.start()] if tag else text[at:])
        if not tag:
            break
        name = tag[1].lower()
        out.append("\n" if name.strip("/") in _BLOCKS or name == "br" else " ")
        ending = "-->" if name == "!--" else f"</{name}" if name in _RAW_TEXT else ">"
        end = text.find(ending, tag.end())
        if end < 0:
            break
        at = end + len(ending)
    lines = (_BLANKS.sub(" ", line).strip() for line in html.unescape("".join(out)).split("\n"))
    return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip()


@dataclass(slots=True)
class _Text:
    """Writes lines while the tree is walked, without recursion."""

    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    #: Whether any quoting mark occurs at all; attributes are dear.
    announced: bool = True
    #: Whether Outlook's history does.
    has_history: bool = True
    quote: int = 0
    #: How deeply the line before was quoted.
    before: int = 0
    preformatted: int = 0
    #: Blank line owed before the next text.
    gap: bool = False

    def walk(self, root: LexborNode) -> str:
        """Every node in document order, entering and leaving."""
        node: LexborNode | None = root
        # Nodes compare by their whole HTML; only their identity is cheap.
        top = root.mem_id
        while node is not None:
            if self.enter(node) and node.first_child is not None:
                node = node.first_child
                continue
            while node is not None:
                self.leave(node)
                if node.mem_id == top:
                    node = None
                elif node.next is not None:
                    node = node.next
                    break
                else:
                    node = node.parent
        self.flush()
        return "\n".join(self.lines).strip("\n")

    def enter(self, node: LexborNode) -> bool:
        """Write a node's beginning; False when its inside is not shown."""
        if node.is_text_node:
            self.write(node.text_content or "")
            return False
        tag = node.tag or ""
        if tag in _SILENT:
            return False
        if tag == "br":
            self.flush(keep=True)
        elif tag in _BLOCKS:
            self.block(tag)
            if tag in ("div", "hr") and self.has_history and containers.heads_history(node):
                self.lines.append("> " * min(self.quote, 20) + containers.RULE)
        elif tag in ("td", "th") and self.line:
            self.line.append(" ")
        self.quote += self.quotes(node, tag)
        self.preformatted += tag == "pre"
        if tag == "li":
            self.line.append("- ")
        return True

    def leave(self, node: LexborNode) -> None:
        """Write a node's end."""
        tag = node.tag or ""
        if tag == "a":
            self.target(node)
        if tag in _BLOCKS:
            self.block(tag)
        self.quote -= self.quotes(node, tag)
        self.preformatted -= tag == "pre"

    def quotes(self, node: LexborNode, tag: str) -> int:
        if tag == "blockquote":
            return 1
        return int(tag == "div" and self.announced and containers.quotes(node))

    def target(self, node: LexborNode) -> None:
        """A link's address, where its text does not already say it."""
        href = (node.attributes.get("href") or "").strip()
        if not href.lower().startswith(("http://", "https://")) or len(href) > 500:
            return
        shown = "".join(self.line[-3:]).strip()
        if shown and href.rstrip("/") not in shown and shown not in href:
            self.line.append(f" <{href}>")

    def write(self, text: str) -> None:
        if self.preformatted:
            *whole, last = text.split("\n")
            for line in whole:
                self.line.append(line)
                self.flush(keep=True)
            self.line.append(last)
            return
        text = _BLANKS.sub(" ", text)
        if not self.line or self.line[-1].endswith(" "):
            text = text.lstrip(" ")
        if text:
            self.line.append(text)

    def block(self, tag: str) -> None:
        self.flush()
        self.gap = self.gap or tag in _PARAGRAPHS

    def flush(self, *, keep: bool = False) -> None:
        """End the line; an empty one is written only for a line break."""
        text = "".join(self.line).replace("\u00a0", " ").rstrip()
        self.line.clear()
        if not text.strip(" -") and not keep:
            return
        prefix = "> " * min(self.quote, 20)
        if self.gap and self.lines and self.lines[-1].strip("> "):
            self.lines.append(("> " * min(self.quote, self.before, 20)).rstrip())
        self.gap = False
        self.before = self.quote
        self.lines.append((prefix + text).rstrip())
