"""Words in a source that address a machine instead of a reader. No drafter reads them, and their place is on record.

People do not tell each other in a call which verdict to write down, nor to forget their instructions. So a sentence
that does is taken out before anything is indexed or sent: what is then drafted is what would have been drafted had the
sentence not been there. Of one turn or paragraph everything between the first and the last such sentence goes, and all
of it if that is more than half.

This is one fence of several, and made to be wrong seldom: what it lets through still commands nothing, because no
output has a recipient, an action or a rating in it, and every statement rests on words that are shown.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from importlib import resources
from itertools import islice, pairwise

from domain.core.source_text import SourceText, in_form
from domain.evidence.drafts import Passage
from domain.evidence.transcript import Transcript

Place = tuple[int, int]

_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u0410\u0412\u0415\u041a\u041c\u041d\u041e"
    "\u0420\u0421\u0422\u0425\u0406\u03bf\u03b1\u03b5\u03b9\u03bd\u0391\u0392\u0395\u0399\u039a\u039c\u039d\u039f\u03a1"
    "\u03a4\u03a7\u0131",
    "aeopcyxijsdhABEKMHOPCTXIoaeivABEIKMNOPTXi",
)
_PHRASES = re.compile("[\ufdfa\ufdfb]")  # Single characters that stand for up to eighteen, and order nothing.
_HYPHENATED = re.compile(r"(?<!\w)(?:\w[.\-_*])+\w(?!\w)")
_SPELT_OUT = re.compile(r"(?<!\w)(?:\w[ .\-_*]){4,}\w(?!\w)")
_NAMED = re.compile(r"@([A-Z_]+)@")
_DEFINES = re.compile(r"([A-Z_]+) = ")


def _patterns(written: str) -> re.Pattern[str]:
    named: dict[str, str] = {}
    patterns = []
    for line in written.splitlines():
        if not line or line.startswith("# "):
            continue
        line = _NAMED.sub(lambda name: named[name[1]], line)
        if defined := _DEFINES.match(line):
            named[defined[1]] = line[defined.end() :]
        else:
            patterns.append(line)
    return re.compile("|".join(patterns), re.I)


_ADDRESSES = _patterns((resources.files("language") / "injection_filter.patterns").read_text("utf-8"))
_SENTENCE_END = re.compile(r"(?<=[.!?\u3002\uff01\uff1f\u061f])[\"'\u201d\u2019)\]]*\s+|(?<=[\u3002\uff01\uff1f])|\n")
_SHORT_TURN = 12
_PARAGRAPH = re.compile(r"\n\n+")


def addresses_a_machine(text: str) -> bool:
    """Whether `text` tells a machine what to write, think or do."""
    plain = in_form("NFKC", _PHRASES.sub(" ", text)).replace("\u2019", "'")
    for form in dict.fromkeys((plain, plain.translate(_LOOKALIKES), _joined(plain), _without_accents(plain))):
        if _ADDRESSES.search(form):
            return True
    return False


def prompt_injections(source: SourceText) -> tuple[Place, ...]:
    """Return the places of `source` that no drafter reads, in order, as characters `start` up to `end`."""
    places = [place for start, end in _units(source) for place in _within(source.text, start, end)]
    if isinstance(source, Transcript):
        places += _over_turns(source, frozenset(places))
    return tuple(sorted(set(places)))


def readable_line(passage: Passage) -> Passage | None:
    """Return what may be read of a line that somebody wrote, or of a quote on its own: what stands before an order.

    A line is short, and what follows an order in it belongs to it. None if nothing is left.
    """
    words, span = passage.words, passage.span
    begins = next((start for start, _ in _within(words, 0, len(words))), None)
    if begins is None:
        return passage
    left = words[:begins].rstrip()
    if not left:
        return None
    cut = span.model_copy(update={"end": span.start + len(left)})
    return passage.model_copy(update={"span": cut, "words": left})


def readable(start: int, end: int, places: Sequence[Place]) -> Iterator[Place]:
    """Yield what is left of characters `start` up to `end` without `places`, which are in order."""
    at = start
    nearest = bisect_left(places, (start, start))
    while nearest and places[nearest - 1][1] > start:
        nearest -= 1
    for first, last in islice(places, nearest, None):
        if first >= end:
            break
        if last <= at:
            continue
        if first > at:
            yield at, first
        at = max(at, last)
    if at < end:
        yield at, end


def _units(source: SourceText) -> Iterator[Place]:
    if isinstance(source, Transcript):
        yield from ((turn.start, turn.end) for turn in source.turns)
        return
    at = 0
    for wall in _PARAGRAPH.finditer(source.text):
        yield at, wall.start()
        at = wall.end()
    yield at, len(source.text)


def _within(text: str, start: int, end: int) -> Iterator[Place]:
    if not addresses_a_machine(text[start:end]):
        return
    edges = [start, *(match.end() for match in _SENTENCE_END.finditer(text, start, end)), end]
    sentences = [(first, last) for first, last in pairwise(edges) if text[first:last].strip()]
    flagged = [n for n, (first, last) in enumerate(sentences) if addresses_a_machine(text[first:last])]
    if not flagged:  # it takes two sentences together to say so
        yield start, end
        return
    first, last = flagged[0], flagged[-1]
    if 2 * (last - first + 1) > len(sentences):
        yield start, end
    else:
        yield sentences[first][0], sentences[last][1]


def _over_turns(transcript: Transcript, known: frozenset[Place]) -> Iterator[Place]:
    """Short turns of one speaker, one after the other, that say so only together."""
    before: dict[str, Place] = {}
    for turn in transcript.turns:
        place, earlier = (turn.start, turn.end), before.get(turn.speaker)
        if place in known or len(transcript.text[turn.start : turn.end].split()) > _SHORT_TURN:
            continue
        if earlier and addresses_a_machine(f"{transcript.text[slice(*earlier)]} {transcript.text[slice(*place)]}"):
            yield earlier
            yield place
        before[turn.speaker] = place


def _joined(text: str) -> str:
    """Words that are spelt out, put together: first those with a sign between the letters, then those with a space."""
    text = _HYPHENATED.sub(lambda spelt: re.sub(r"[.\-_*]", "", spelt.group()), text)
    return _SPELT_OUT.sub(lambda spelt: re.sub(r"[ .\-_*]", "", spelt.group()), text)


def _without_accents(text: str) -> str:
    return "".join(each for each in in_form("NFD", text) if not unicodedata.combining(each))
