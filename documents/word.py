"""Word (docx) → lines of text, as a reader sees them: text boxes, tables, headers, footers and notes included.

Only the XML is read: no macro runs and no relation outside the file is followed. Words that nobody sees (hidden, in the
colour of what is behind them, under 4 points) and words that were struck in a revision are left out.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from documents.archives import Archive, Element
from documents.decoding import Unreadable
from documents.extracts import Extract, lines_of
from documents.visibility import INK, SOME_COLOUR, WHITE, Look, grey
from domain.evidence.resume import Remark

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_WORDS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MOST_STYLES_DEEP = 20
_PAGE_NUMBER = re.compile(r"\W*(?:\w{1,9}\.? )?\d{0,3}(?: ?(?:/|\w{2,3}) ?\d{0,3})?\W*")
_TURNED_OFF = frozenset({"0", "false", "off", "none"})
_NOT_READ = frozenset(
    {"del", "moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr", "tblPr", "tcPr", "trPr", "sectPr",
     "tblGrid", "sdtPr", "sdtEndPr", "commentReference", "annotationRef"}
)  # fmt: skip
_HEADER = re.compile(r"word/header\d*\.xml")
_FOOTER = re.compile(r"word/footer\d*\.xml")


class _Seen:
    """Gathers text; counts the letters nobody sees."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.hidden = 0


class WordText(NamedTuple):
    """What stands in a Word document: above, in its body, in notes and below; and how many letters nobody sees."""

    heads: list[str]
    body: str
    notes: list[str]
    feet: list[str]
    hidden: int


def word_text(data: bytes, file: str, apart: bool = False) -> WordText:
    """Read a Word document; raises Unreadable for one that is damaged, locked or has macros.

    Short cells of a row are one line, as in a list. `apart`, each is one of its own, and there is a blank line between
    paragraphs.
    """
    archive = Archive(data, file)
    main = _main_part(archive, file)
    seen = _Seen()
    walk = _Walk(_Styles(archive), seen, apart)
    heads = _around(archive, walk, _HEADER)
    body = walk.text_of(archive.xml(main))
    notes = [walk.text_of(archive.xml(name)) for name in _notes(archive)]
    return WordText(heads, body, notes, _around(archive, walk, _FOOTER), seen.hidden)


def read_word(data: bytes, file: str) -> Extract:
    """Read a Word document as its reader does; raises Unreadable also for one that holds no words."""
    found = word_text(data, file)
    text = "\n\n".join(part for part in (*found.heads, found.body, *found.notes, *found.feet) if part.strip())
    lines = lines_of(text)
    if not lines:
        raise Unreadable(f"{file} shows no words that can be read. Upload the text, or a PDF.")
    remarks = (Remark("hidden_text", found.hidden),) if found.hidden else ()
    return Extract(MEDIA_TYPE, lines, remarks=remarks)


def _main_part(archive: Archive, file: str) -> str:
    """The name of the part that holds the text: programs call it differently."""
    if "word/vbaProject.bin" in archive.names:
        raise Unreadable(f"{file} has macros in it. Save it as a document without macros, or as PDF.")
    for element in archive.xml("[Content_Types].xml"):
        if str(element.get("ContentType")).endswith("wordprocessingml.document.main+xml"):
            name = str(element.get("PartName")).lstrip("/")
            if name in archive.names:
                return name
    raise Unreadable(f"{file} is cut off or damaged: it has no text in it. Save it again.")


def _around(archive: Archive, walk: "_Walk", which: re.Pattern[str]) -> list[str]:
    """Headers or footers, each once, without page numbers."""
    texts = [walk.text_of(archive.xml(name)).strip() for name in sorted(archive.names) if which.fullmatch(name)]
    return [text for text in dict.fromkeys(texts) if not _PAGE_NUMBER.fullmatch(" ".join(text.split()))]


def _notes(archive: Archive) -> list[str]:
    return [name for name in ("word/footnotes.xml", "word/endnotes.xml") if name in archive.names]


class _Styles:
    """What the document's styles say of how words look."""

    def __init__(self, archive: Archive) -> None:
        self._own: dict[str, tuple[Look, str | None]] = {}
        self._known: dict[str, Look] = {}
        self.usual = Look()
        self._usual_paragraph: str | None = None
        if "word/styles.xml" not in archive.names:
            return
        for element in archive.xml("word/styles.xml"):
            name = _name(element)
            if name == "docDefaults":
                self.usual = next((_look(each) for each in element.iter() if _name(each) == "rPr"), Look())
            elif name == "style" and (id := _value(element, "styleId")):
                parts = {_name(each): each for each in element}
                look = _look(parts["rPr"]) if "rPr" in parts else Look()
                if "pPr" in parts:
                    look = look.over(_shaded(parts["pPr"]))
                self._own[id] = (look, _value(parts["basedOn"]) if "basedOn" in parts else None)
                if _value(element, "type") == "paragraph" and _value(element, "default") in ("1", "true"):
                    self._usual_paragraph = id

    def of(self, id: str | None) -> Look:
        """What a style says, with those it is based on."""
        id = id or self._usual_paragraph
        if id is None:
            return Look()
        if id not in self._known:
            look, at, deep = Look(), id, 0
            while at in self._own and deep < _MOST_STYLES_DEEP:
                own, based_on = self._own[at]
                look, at, deep = look.over(own), based_on or "", deep + 1
            self._known[id] = look
        return self._known[id]


class _Walk:
    """Reads the text of a part, paragraph by paragraph."""

    def __init__(self, styles: _Styles, seen: _Seen, apart: bool) -> None:
        self._styles, self._seen, self._apart = styles, seen, apart

    def text_of(self, root: Element) -> str:
        """The text of a part, a paragraph a line."""
        return "\n".join(self._blocks(root, Look.usual()))

    def _blocks(self, parent: Element, around: Look) -> Iterator[str]:
        for element in parent:
            name = _name(element)
            if name == "p":
                yield from self._paragraph(element, around)
                if self._apart:
                    yield ""
            elif name == "tbl":
                yield from self._table(element, around)
            elif name == "footnote" or name == "endnote":
                if _value(element, "type") not in ("separator", "continuationSeparator", "continuationNotice"):
                    yield from self._blocks(element, around)
            elif name not in _NOT_READ:
                yield from self._blocks(element, around)

    def _table(self, table: Element, around: Look) -> Iterator[str]:
        """Row by row: short cells in one line, as in a list; cells with several paragraphs one after the other."""
        shade = next((_shaded(each) for each in table if _name(each) == "tblPr"), Look()).over(around)
        for row in _named(table, "tr"):
            cells = [list(self._cell(cell, shade)) for cell in _named(row, "tc")]
            filled = [cell for cell in cells if any(line.strip() for line in cell)]
            if not self._apart and all(sum(bool(line.strip()) for line in cell) == 1 for cell in filled):
                yield " ".join(line.strip() for cell in filled for line in cell if line.strip())
            else:
                for cell in filled:
                    yield ""
                    yield from cell
                yield ""

    def _cell(self, cell: Element, around: Look) -> Iterator[str]:
        look = next((_shaded(each) for each in cell if _name(each) == "tcPr"), Look()).over(around)
        yield from self._blocks(cell, look)

    def _paragraph(self, paragraph: Element, around: Look) -> Iterator[str]:
        mark = next((each for each in paragraph if _name(each) == "pPr"), None)
        own, style = Look(), None
        if mark is not None:
            own = _shaded(mark)
            style = next((_value(each) for each in mark if _name(each) == "pStyle"), None)
        look = own.over(self._styles.of(style)).over(self._styles.usual).over(around)
        words: list[str] = []
        boxes: list[str] = []
        self._runs(paragraph, look, words, boxes)
        yield from "".join(words).split("\n")
        for box in boxes:
            yield ""
            yield box
            yield ""

    def _runs(self, parent: Element, look: Look, words: list[str], boxes: list[str]) -> None:
        for element in parent:
            name = _name(element)
            if name == "r":
                mark = next((each for each in element if _name(each) == "rPr"), None)
                self._runs(element, self._run_look(mark, look), words, boxes)
            elif name == "t":
                self._say(element.text or "", look, words)
            elif name in ("tab", "ptab"):
                words.append(" ")
            elif name in ("br", "cr"):
                words.append("\n")
            elif name == "noBreakHyphen":
                words.append("-")
            elif name == "AlternateContent":
                # The same twice, for newer and older programs: the first that holds words is read.
                choices = [each for each in element if len(each) and _name(each) in ("Choice", "Fallback")]
                choice = next((each for each in choices if _has_words(each)), None)
                if choice is not None:
                    self._runs(choice, look, words, boxes)
            elif name == "txbxContent":
                boxes.append("\n".join(self._blocks(element, Look(shade=look.shade))))
            elif name in ("drawing", "pict", "object", "wsp", "shape", "rect", "roundrect", "textbox", "txbx"):
                self._runs(element, _filled(element).over(look), words, boxes)
            elif name not in _NOT_READ:
                self._runs(element, look, words, boxes)

    def _run_look(self, mark: Element | None, around: Look) -> Look:
        if mark is None:
            return around
        style = next((_value(each) for each in mark if _name(each) == "rStyle"), None)
        own = _look(mark)
        return own.over(self._styles.of(style) if style else Look()).over(around)

    def _say(self, text: str, look: Look, words: list[str]) -> None:
        if look.unseen:
            self._seen.hidden += sum(not letter.isspace() for letter in text)
        else:
            words.append(text)


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _has_words(element: Element) -> bool:
    return any(_name(each) == "t" and each.text for each in element.iter())


def _named(parent: Element, name: str) -> Iterator[Element]:
    """Rows of a table, cells of a row: those in content controls and insertions too, those of tables inside not."""
    for element in parent:
        found = _name(element)
        if found == name:
            yield element
        elif found in ("sdt", "sdtContent", "ins", "customXml", "smartTag"):
            yield from _named(element, name)


def _value(element: Element, attribute: str = "val") -> str | None:
    value: str | None = element.get(_WORDS + attribute) or element.get(_STRICT + attribute)
    return value


def _look(mark: Element) -> Look:
    """What the properties of a run say."""
    vanish = ink = points = shade = None
    for each in mark:
        name, value = _name(each), _value(each)
        if name == "vanish":
            vanish = value not in _TURNED_OFF
        elif name == "color":
            ink = _grey(value, _value(each, "themeColor"))
        elif name == "sz":
            points = float(value) / 2 if value and value.isdigit() else None
        elif name == "highlight" and value != "none":
            shade = SOME_COLOUR
        elif name == "shd":
            shade = _fill(each)
    return Look(vanish, ink, points, shade)


def _shaded(properties: Element) -> Look:
    """What is behind the words of a paragraph, a cell or a table."""
    return Look(shade=next((_fill(each) for each in properties if _name(each) == "shd"), None))


def _fill(shade: Element) -> int | None:
    fill = _value(shade, "fill")
    if fill in (None, "auto"):
        return None if _value(shade, "themeFill") is None else SOME_COLOUR
    return _grey(fill, None)


def _filled(shape: Element) -> Look:
    """What a shape is filled with, where its text stands."""
    colour = (shape.get("fillcolor") or "").split(" ")[0].lstrip("#")
    for each in shape.iter(_DRAWING + "solidFill"):
        inside = next(iter(each), None)
        if _name(each.getparent()) != "spPr" or inside is None:  # of its outline, or of letters
            continue
        if _name(inside) == "srgbClr":
            return Look(shade=_grey(inside.get("val"), None))
        return Look(shade=None if inside.get("val") in ("bg1", "lt1") else SOME_COLOUR)
    if colour:
        return Look(shade=_grey(colour, None) if len(colour) == 6 else (None if colour == "white" else SOME_COLOUR))
    return Look()


def _grey(colour: str | None, theme: str | None) -> int | None:
    if colour == "auto" and theme is None:
        return INK
    if colour and re.fullmatch(r"[0-9A-Fa-f]{6}", colour):
        return grey(*(int(colour[n : n + 2], 16) for n in (0, 2, 4)))
    return WHITE if theme in ("background1", "light1") else None
