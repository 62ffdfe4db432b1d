"""RTF → lines of text; what is marked as hidden or struck in it is taken out before `striprtf` reads it."""

import re

from striprtf.striprtf import rtf_to_text

from documents.decoding import LARGEST_BYTES, Unreadable
from documents.extracts import Extract, lines_of
from documents.visibility import WHITE, Look, grey
from domain.evidence.resume import Remark

MEDIA_TYPE = "application/rtf"
_TOKEN = re.compile(r"\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\'[0-9a-fA-F]{2}|\\[^a-z]|[{}]|[\r\n]+|[^\\{}\r\n]+|\\", re.I)
_COLOURS = re.compile(r"\{\\colortbl([^{}]{0,20000})\}")
_PART = re.compile(r"\\(red|green|blue)(\d{1,3})")
_MOST_DEEP = 1_000
_SAYS_A_LETTER = frozenset(
    {"u", "emdash", "endash", "bullet", "lquote", "rquote", "ldblquote", "rdblquote", "emspace", "enspace"}
)
_ENCODING = re.compile(rb"\\ansicpg(125\d)(?!\d)")
_SYSTEM = re.compile(r"\{\\rtf\d?\s?\\(mac|pca?)\b")
_OF_SYSTEMS = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_FONT_WITHOUT_CHARSET = re.compile(r"(\{\\f\d{1,5})(?=[ \\][^{}]{0,300}\})(?![^{}]*\\fcharset)")
_ABOVE_OR_IN_A_BOX = re.compile(r"(?<=\{)\\(?:header[lrf]?|shptxt)(?![a-z])")
_AROUND_A_BOX = re.compile(r"(?<=\{)\\(?:shp|\*\\shpinst)(?![a-z])")
"""Headers and boxes have words in them that a reader sees."""
_NO_TEXT = re.compile(r"\{\\\*|\{\\(?:fonttbl|colortbl|stylesheet|info|pict|object)")


def read_rich_text(data: bytes, file: str) -> Extract:
    """Read an RTF document; raises Unreadable for one that is too large, cut off or holds no words."""
    if len(data) > LARGEST_BYTES:
        raise Unreadable(f"{file} is larger than {LARGEST_BYTES // 1024**2} MB. Upload it as PDF, or the text alone.")
    source = _FONT_WITHOUT_CHARSET.sub(r"\1\\fcharset1 ", _source(data).rstrip("\0 \r\n"))
    source = _ABOVE_OR_IN_A_BOX.sub(r"\\par ", _AROUND_A_BOX.sub("", source))
    seen, hidden, open_groups = _what_is_seen(source)
    if open_groups > 0:
        raise Unreadable(f"{file} is cut off or damaged: its end is missing. Save it again.")
    try:
        text: str = rtf_to_text(seen, _usual_encoding(seen), errors="replace")  # type: ignore[no-untyped-call]
    except (ValueError, IndexError, KeyError, LookupError):
        raise Unreadable(f"{file} is damaged. Save it again, or upload it as PDF.") from None
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    lines = lines_of(text.replace("|", " ") if r"\cell" in seen else text)
    if not lines:
        raise Unreadable(f"{file} shows no words that can be read. Upload the text, or a PDF.")
    return Extract(MEDIA_TYPE, lines, remarks=(Remark("hidden_text", hidden),) if hidden else ())


def _source(data: bytes) -> str:
    """The file as text. It should be plain ASCII; where it is not, programs wrote UTF-8, or the encoding it names."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        named = _ENCODING.search(data[:1_000])
        return data.decode(f"cp{named[1].decode()}" if named else "latin-1", "replace")


def _usual_encoding(source: str) -> str:
    """What letters are written in where neither their font nor the file's code page says so."""
    system = _SYSTEM.match(source[:200])
    return _OF_SYSTEMS[system[1]] if system else "cp1252"


def _what_is_seen(source: str) -> tuple[str, int, int]:
    """Return the file without the words nobody sees, how many letters those have, and how many groups stay open."""
    table = _COLOURS.search(source)
    inks = [_ink(part) for part in table[1].split(";")] if table else []
    kept: list[str] = []
    outer: list[tuple[Look, bool, bool]] = []
    look, struck, words = Look.usual(), False, True
    hidden = 0
    for token in _TOKEN.finditer(source):
        was, name, number = token.group(), (token[1] or "").lower(), token[2]
        says = words and (not (was.startswith("\\") and not was.startswith("\\'")) or name in _SAYS_A_LETTER)
        if was == "{":
            outer.append((look, struck, words))
            if len(outer) > _MOST_DEEP:
                return "", hidden, len(outer)
            words = words and _NO_TEXT.match(source, token.start()) is None
        elif was == "}":
            look, struck, words = outer.pop() if outer else (Look.usual(), False, True)
        elif says and (look.unseen or struck):
            hidden += 0 if struck else (1 if was.startswith("\\") else sum(not letter.isspace() for letter in was))
            continue
        elif name in ("v", "deleted"):
            struck = number != "0" if name == "deleted" else struck
            look = Look(vanish=number != "0").over(look) if name == "v" else look
            continue
        elif name == "plain":
            look = Look(shade=look.shade)
        elif name == "cf":
            at = int(number or 0)
            look = look._replace(grey=inks[at] if at < len(inks) else None)
        elif name == "fs":
            look = look._replace(points=int(number or 24) / 2)
        elif name in ("highlight", "cb", "chcbpat", "clcbpat", "cbpat"):
            at = int(number or 0)
            shade = inks[at] if 0 < at < len(inks) else None
            look = look._replace(shade=WHITE if shade is None else shade)
        kept.append(was)
    return "".join(kept), hidden, len(outer)


def _ink(colour: str) -> int | None:
    parts = {name: min(255, int(number)) for name, number in _PART.findall(colour)}
    return grey(parts.get("red", 0), parts.get("green", 0), parts.get("blue", 0)) if parts else None
