"""HTML → lines of text, as a reader sees them; scripts and what a style hides are left out."""

import re
from collections.abc import Iterator

from lxml import etree, html

from documents.archives import Element
from documents.decoding import LARGEST_BYTES, Unreadable, decoded
from documents.extracts import Extract, lines_of
from documents.visibility import Look, grey_of, points_of
from domain.evidence.resume import Remark

MEDIA_TYPE = "text/html"
_NOT_READ = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "select",
        "textarea",
    }
)
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "label",
     "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
     "img"}
)  # fmt: skip
_CELLS = frozenset({"td", "th"})
_PARTED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "section", "article"})
_DECLARES = re.compile(rb"charset\s*=|^\s*<\?xml[^>]{0,100}encoding", re.I)
_RULE = re.compile(r"([^{}@]{1,300})\{([^{}]{0,2000})\}")
_COMMENT = re.compile(r"/\*[^*]*(?:\*(?!/)[^*]*)*\*/")
_SELECTOR = re.compile(r"([a-z][\w-]*)?((?:[.#][\w-]+)*)", re.I)
_OUTSIDE = re.compile(r"-\s*\d{3,}")
_NOTHING = re.compile(r"0*\.?0*")
_MOST_RULES = 2_000
_MOST_DEEP = 200


def read_html(data: bytes, file: str, encoding: str | None = None) -> Extract:
    """Read a page; raises Unreadable for one that is too large, damaged or shows no words.

    `encoding` is what the page came in says of it; without one, the page says so itself, or its letters do.
    """
    if len(data) > LARGEST_BYTES:
        raise Unreadable(f"{file} is larger than {LARGEST_BYTES // 1024**2} MB. Upload the text alone.")
    try:
        parser = html.HTMLParser(
            no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, encoding=encoding
        )
        source = data if encoding or _DECLARES.search(data[:2_000]) else decoded(data, file)
        root = html.document_fromstring(source, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, LookupError):
        raise Unreadable(f"{file} is cut off or damaged: it is no whole page. Save it again.") from None
    reader = _Reader(root)
    lines = lines_of("".join(reader.text(root, Look.usual(), 0)))
    if not lines:
        raise Unreadable(f"{file} shows no words that can be read. Upload the text, or a PDF.")
    return Extract(MEDIA_TYPE, lines, remarks=(Remark("hidden_text", reader.hidden),) if reader.hidden else ())


class _Reader:
    """Reads the text of a page; counts the letters nobody sees."""

    def __init__(self, root: Element) -> None:
        self.hidden = 0
        self._rules: dict[str, list[tuple[frozenset[str], Look]]] = {}
        sheet = "\n".join("".join(each.itertext()) for each in root.iter("style"))
        for selectors, declared in _RULE.findall(_COMMENT.sub("", sheet))[:_MOST_RULES]:
            look = _declared(declared)
            for selector in selectors.split(","):
                found = _SELECTOR.fullmatch(selector.strip())
                if look != Look() and found and found.group():
                    marks = frozenset(re.findall(r"[.#][\w-]+", found[2]))
                    needed = marks | ({found[1].lower()} if found[1] else frozenset())
                    self._rules.setdefault(min(needed), []).append((needed, look))

    def text(self, element: Element, around: Look, deep: int) -> Iterator[str]:
        """The text of an element: a line for each block, a blank line between paragraphs."""
        tag = str(element.tag).lower()
        if tag in _NOT_READ or deep > _MOST_DEEP:
            return
        if tag == "br":
            yield "\n"
        look = self._look(element, tag).over(around)
        block = tag not in _INLINE and tag != "br"
        if tag in _CELLS:
            yield "\n" if _is_layout(element) else " "
        elif block:
            yield "\n\n" if tag in _PARTED else "\n"
        yield self._said(element.text, look)
        for each in element:
            if isinstance(each.tag, str):
                yield from self.text(each, look, deep + 1)
            yield self._said(each.tail, look)
        if block and tag not in _CELLS:
            yield "\n\n" if tag in _PARTED else "\n"

    def _said(self, text: str | None, look: Look) -> str:
        if not text:
            return ""
        if look.unseen:
            self.hidden += sum(not letter.isspace() for letter in text)
            return ""
        return re.sub(r"\s+", " ", text)

    def _look(self, element: Element, tag: str) -> Look:
        look = _declared(element.get("style", ""))
        if element.get("hidden") is not None or (tag == "input" and element.get("type") == "hidden"):
            look = Look(vanish=True).over(look)
        look = look.over(Look(grey=grey_of(element.get("color")), shade=grey_of(element.get("bgcolor"))))
        classes = {f".{name}" for name in (element.get("class") or "").split()[:50]}
        marks = {tag, *classes, *({f"#{element.get('id')}"} if element.get("id") else ())}
        for mark in sorted(marks, reverse=True):
            for needed, ruled in self._rules.get(mark, ()):
                if needed <= marks:
                    look = look.over(ruled)
        return look


def _is_layout(cell: Element) -> bool:
    """Whether a cell holds more than a short text: then its table is there to lay things out."""
    return any(str(each.tag).lower() not in _INLINE for each in cell)


def _declared(style: str) -> Look:
    """What declarations of a style sheet say of how words look."""
    said: dict[str, str] = {}
    for declaration in style.split(";")[:200]:
        name, _, value = declaration.partition(":")
        said[name.strip().lower()] = value.replace("!important", "").strip().lower()
    vanish = (
        said.get("display") == "none"
        or said.get("visibility") in ("hidden", "collapse")
        or ("opacity" in said and _NOTHING.fullmatch(said["opacity"].rstrip("%")) is not None)
        or said.get("clip", "").startswith("rect(0")
        or any(_OUTSIDE.match(said.get(name, "")) for name in ("left", "top", "right", "text-indent", "margin-left"))
    )
    shade = grey_of(said.get("background-color"))
    if shade is None and (background := said.get("background")):
        shade = grey_of(background.split(" ")[0] if not background.startswith("rgb") else background)
    return Look(vanish or None, grey_of(said.get("color")), points_of(said.get("font-size")), shade)
