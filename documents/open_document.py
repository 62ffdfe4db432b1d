"""OpenDocument text (odt) → lines of text, as a reader sees them."""

from collections.abc import Iterator
from typing import NamedTuple

from documents.archives import Archive, Element
from documents.decoding import Unreadable
from documents.extracts import Extract, lines_of
from documents.visibility import Look, grey_of, points_of
from domain.evidence.resume import Remark

MEDIA_TYPE = "application/vnd.oasis.opendocument.text"
_NOT_READ = frozenset(
    {"tracked-changes", "annotation", "annotation-end", "forms", "hidden-text", "hidden-paragraph", "sequence-decls",
     "scripts", "page-number", "page-count", "note-citation"}
)  # fmt: skip
_HIDDEN = frozenset({"hidden-text", "hidden-paragraph"})
_BLOCKS = frozenset({"p", "h"})
_MOST_STYLES_DEEP = 20


class _Style(NamedTuple):
    own: Look
    parent: str | None


class _Reader:
    """Reads the text of content and styles; counts the letters nobody sees."""

    def __init__(self, roots: list[Element]) -> None:
        self.hidden = 0
        self._styles: dict[str, _Style] = {}
        for element in (each for root in roots for each in root.iter()):
            if _name(element) == "style" and (name := _attribute(element, "name")):
                self._styles[name] = _Style(_look(element), _attribute(element, "parent-style-name"))

    def blocks(self, parent: Element, around: Look) -> Iterator[str]:
        """Each paragraph, in order; the cells of a row in one line where each is short."""
        for element in parent:
            name = _name(element)
            if name in _BLOCKS:
                words: list[str] = []
                boxes: list[str] = []
                self._words(element, self._styled(element, around), words, boxes)
                yield from "".join(words).split("\n")
                for box in boxes:
                    yield from ("", box, "")
            elif name == "table-row":
                yield from self._row(element, self._styled(element, around))
            elif name == "section" and _is_hidden(element):
                self._hide(element)
            elif name not in _NOT_READ:
                yield from self.blocks(element, self._styled(element, around))

    def _row(self, row: Element, around: Look) -> Iterator[str]:
        cells = [
            [line for line in self.blocks(cell, self._styled(cell, around)) if line.strip()]
            for cell in row
            if _name(cell) == "table-cell"
        ]
        filled = [cell for cell in cells if cell]
        if all(len(cell) == 1 for cell in filled):
            yield " ".join(cell[0].strip() for cell in filled)
            return
        for cell in filled:
            yield from ("", *cell)
        yield ""

    def _words(self, element: Element, look: Look, words: list[str], boxes: list[str]) -> None:
        self._say(element.text, look, words)
        for each in element:
            name = _name(each)
            if name in _HIDDEN:
                self._hide(each)
            elif name in ("tab", "s"):
                words.append(" ")
            elif name == "line-break":
                words.append("\n")
            elif name in ("text-box", "note-body"):
                boxes.append("\n".join(self.blocks(each, Look(shade=look.shade))))
            elif name not in _NOT_READ:
                self._words(each, self._styled(each, look), words, boxes)
            self._say(each.tail, look, words)

    def _hide(self, element: Element) -> None:
        self.hidden += sum(not letter.isspace() for letter in "".join(element.itertext()))

    def _say(self, text: str | None, look: Look, words: list[str]) -> None:
        if text and look.unseen:
            self.hidden += sum(not letter.isspace() for letter in text)
        elif text:
            words.append(" ".join(text.split("\n")))

    def _styled(self, element: Element, around: Look) -> Look:
        name = _attribute(element, "style-name")
        look, deep = Look(), 0
        while name in self._styles and deep < _MOST_STYLES_DEEP:
            own, name = self._styles[name]
            look, deep = look.over(own), deep + 1
        return look.over(around)


def read_open_document(data: bytes, file: str) -> Extract:
    """Read an OpenDocument text; raises Unreadable for one that is damaged, locked, or holds no words."""
    archive = Archive(data, file)
    if "META-INF/manifest.xml" in archive.names:
        entries = (_name(each) for each in archive.xml("META-INF/manifest.xml").iter())
        if "encryption-data" in entries:
            raise Unreadable(f"{file} is locked with a password. Save it without one and upload that.")
    if "content.xml" not in archive.names:
        raise Unreadable(f"{file} is cut off or damaged: it has no text in it. Save it again.")
    content = archive.xml("content.xml")
    styles = archive.xml("styles.xml") if "styles.xml" in archive.names else None
    reader = _Reader([root for root in (styles, content) if root is not None])
    heads = [] if styles is None else [each for each in styles.iter() if _name(each) == "header"]
    feet = [] if styles is None else [each for each in styles.iter() if _name(each) == "footer"]
    body = next((each for each in content.iter() if _name(each) == "body"), content)
    texts = ["\n".join(reader.blocks(part, Look.usual())) for part in (*heads, body, *feet)]
    lines = lines_of("\n\n".join(text for text in dict.fromkeys(texts) if text.strip()))
    if not lines:
        raise Unreadable(f"{file} shows no words that can be read. Upload the text, or a PDF.")
    return Extract(MEDIA_TYPE, lines, remarks=(Remark("hidden_text", reader.hidden),) if reader.hidden else ())


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _is_hidden(section: Element) -> bool:
    """Whether a section is not shown: never, or as long as a condition holds that held when it was saved."""
    display = _attribute(section, "display")
    return display == "none" or (display == "condition" and _attribute(section, "is-hidden") == "true")


def _attribute(element: Element, name: str) -> str | None:
    return next((value for key, value in element.attrib.items() if str(key).rpartition("}")[2] == name), None)


def _look(style: Element) -> Look:
    """What a style says of how words look."""
    look = Look()
    for each in style:
        points, display = points_of(_attribute(each, "font-size")), _attribute(each, "display")
        look = Look(
            vanish=True if display == "none" else None,
            grey=grey_of(_attribute(each, "color")),
            points=points,
            shade=grey_of(_attribute(each, "background-color")),
        ).over(look)
    return look
