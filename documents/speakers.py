"""Which words before a colon, or beside a time, are the name of who speaks."""

import re
from collections import Counter
from collections.abc import Iterable

# "Dana Whitfield: text", "- Dana: text", ">> DANA: text"; a full-width colon needs no space after it.
_LABEL = re.compile(
    r"(?:[-\u2013\u2014\u2022*]\s+|>>\s*)?(?P<name>[^\W\d_][^:\uff1a\n]{0,59}?)\s*(?::(?=\s|$)|\uff1a)\s*(?P<words>.*)",
    re.S,
)
_SOMEONE_ELSE = re.compile(r"(?:[-\u2013\u2014]\s+|>>\s*)(?=\S)")
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_NOT_IN_NAMES = re.compile(r"[?!;\"\u201c\u201d<>{}=/\\@]|[^.]\.\s+[a-z]")
_PARTICLES = re.compile(r"(?:al|bin|da|de|del|della|der|di|dos|du|el|ibn|la|le|ten|ter|van|von|y|zu)[.,]?")
# Words that head a line of a call's preamble, of a résumé, of a mail, or of an ordinary sentence far more often than
# they name a speaker. Three lines with one of them make it a speaker after all.
_SELDOM_NAMES = re.compile(
    "actually|address|also|and|answer|attendees|basically|bcc|but|candidate|cc|certifications|date|duration|"
    "edit|education|email|employment|example|experience|fact|finally|first|from|github|host|interests|"
    "interviewer|invitees|languages|linkedin|location|mail|meeting|mobile|name|no|note|ok|okay|participants|"
    "phone|position|present|profile|projects|question|recorded|references|remember|reply|right|role|second|"
    "sent|skills|so|subject|summary|tel|third|time|title|to|topic|transcript|update|url|website|well|yes",
    re.I,
)
_LONGEST_NAME_WORDS = 6


def labelled(line: str) -> tuple[str, str] | None:
    """Split "Name: words" into name and words, or return None if the line has no such beginning."""
    match = _LABEL.match(line)
    return (" ".join(match["name"].split()), match["words"]) if match else None


def someone_else(line: str) -> bool:
    """Whether the line begins as captions mark a change of speaker without a name: a dash, or ">>"."""
    return bool(_SOMEONE_ELSE.match(line))


def names(labels: Iterable[str]) -> frozenset[str]:
    """Return those of a file's labels (one for each line that has one) that name a speaker.

    A name is at most six capitalised words, brackets aside. What is not capitalised, or is a word that seldom is a
    name, counts from the third time on.
    """
    return frozenset(label for label, times in Counter(labels).items() if _is_name(label, times))


def _is_name(label: str, times: int) -> bool:
    words = _IN_BRACKETS.sub(" ", label).split()
    if not words or len(words) > _LONGEST_NAME_WORDS or _NOT_IN_NAMES.search(label):
        return False
    if _SELDOM_NAMES.fullmatch(label):
        return times >= 3
    if all(not word[0].islower() or _PARTICLES.fullmatch(word) for word in words):
        return True
    return len(words) <= 2 and times >= 3
