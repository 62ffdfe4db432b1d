"""Contact guesses: the name, mail address and telephone number that stand in a résumé, and what is not sure of them.

Nothing of it counts before a person, or what they filled in, says so: a guess that nothing else bears out is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePath
from typing import NamedTuple

import phonenumbers

from documents.section_headings import section_of

LOOKED_THROUGH = 20_000
"""Characters of a text in which somebody says how to reach them; what comes after them is not looked through."""

_ADDRESS = re.compile(
    r"(?<![\w.+%-])[\w+%-]{1,64}(?:\.[\w+%-]{1,64}){0,5}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.[^\W\d_]{2,20}(?![\w-])"
)
_BETWEEN = re.compile(r"[|•·,;\t]|\s[-\u2013\u2014]\s| {3,}")
_TITLES = re.compile(
    r"(?:curriculum vitae|lebenslauf|résumé|resume|cv|name)\b(?:\s+(?:of|for|von|de)\b)?[\s:\u2013\u2014-]*", re.I
)
_LETTERS = re.compile(r"[^\W\d_]+")
_GREETINGS = re.compile(
    r"(?:dear|hello|hi|to whom|sehr geehrte\w*|liebe\w?|guten tag|madame|monsieur|ch[eè]r\w*|estimad\w+|gentile)\b",
    re.I,
)
"""How a letter begins: what stands there is the name of whoever reads it."""
_NO_NAME_OF_A_FILE = re.compile(
    "application|applicant|bewerbung|copy|curriculum|cv|cover|developer|document|draft|engineer|english|final|for|form"
    "|job|junior|letter|lebenslauf|linkedin|manager|my|new|of|old|pdf|product|profile|resume|scan|senior|signed|the"
    "|updated|version|vita|vitae",
    re.I,
)
_LONGEST_NAME, _MOST_WORDS, _LINES = 60, 5, 6
_MOST_WORDS_OF_A_FILE = 3
"""A file that is called by more words than this is called by something else than a name."""
_NUMERALS = frozenset({"II", "III", "IV"})
_SPACELESS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2,6}")

NO_NAME, NAME, OTHER_NAME, NO_ADDRESS, ADDRESSES, OCR = (
    "No name was found in it: whose is it?",
    "Is this their name? Nothing else in the file bears it out.",
    "The file is called by another name than stands in it: whose is it?",
    "No mail address was found in it.",
    "There are several mail addresses in it: is this theirs?",
    "It was read by OCR: look at every letter of name, address and number.",
)
"""What is asked."""


class ContactGuess(NamedTuple):
    """What was found; empty where nothing was. `asks` are sentences about what is not sure."""

    name: str = ""
    email: str = ""
    phone: str = ""
    asks: tuple[str, ...] = ()


def contact_in(text: str, file: str, country: str | None = None, by_ocr: bool = False) -> ContactGuess:
    """What a résumé says of whose it is. `country` (ISO 3166-1) is where a number is that does not say its own."""
    begins = text[:LOOKED_THROUGH]
    addresses = list(dict.fromkeys(found.group().lower() for found in _ADDRESS.finditer(begins)))
    name = _name_in(begins)
    if not any(_alike(name, one.partition("@")[0]) for one in addresses):
        name = _name_by_address(begins, addresses) or name
    address = next((one for one in addresses if _alike(name, one.partition("@")[0])), next(iter(addresses), ""))
    asks = []
    on_paper = bool(name)
    name = name or _name_of_file(file)
    if not name:
        asks.append(NO_NAME)
    elif not (_alike(name, address.partition("@")[0]) or (on_paper and _alike(name, PurePath(file).stem))):
        asks.append(NAME)
    elif on_paper and _is_of_another(file, name):
        asks.append(OTHER_NAME)
    if not address:
        asks.append(NO_ADDRESS)
    elif len(addresses) > 1:
        asks.append(ADDRESSES)
    if by_ocr:
        asks.append(OCR)
    return ContactGuess(name, address, _number_in(begins, country), tuple(asks))


def _name_in(text: str) -> str:
    """The first line that can be a name, among the first few."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in lines[:_LINES]:
        part = _first_part(line)
        if _may_be_name(part):
            return _cased(part)
        if section_of(line) is not None:
            return ""
    return ""


def _name_by_address(text: str, addresses: Sequence[str]) -> str:
    """The first line anywhere that can be a name of which an address is made, as where contacts stand at the side."""
    mailboxes = [_plain(address.partition("@")[0]) for address in addresses]
    for part in map(_first_part, text.split("\n")):
        words = list(map(_plain, _words(part)))
        if _may_be_name(part) and any(all(word in mailbox for word in words) for mailbox in mailboxes):
            return _cased(part)
    return ""


def _first_part(line: str) -> str:
    return _BETWEEN.split(_TITLES.sub("", line.strip(), count=1))[0].strip(" .:*#_")


def _is_of_another(file: str, name: str) -> bool:
    """Whether a file is called by a name that is not this one."""
    other = _name_of_file(file)
    return bool(other) and len(other.split()) <= _MOST_WORDS_OF_A_FILE and not _alike(name, other)


def _may_be_name(part: str) -> bool:
    words = part.split()
    if _GREETINGS.match(part):
        return False
    if _SPACELESS.fullmatch(part):
        return True
    if len(part) > _LONGEST_NAME or not 2 <= len(words) <= _MOST_WORDS or section_of(part) is not None:
        return False
    if not all(
        character.isalpha() or unicodedata.combining(character) or character in " .'\u2019-" for character in part
    ):
        return False
    cased = [word for word in words if word[0].isupper() or not word[0].islower()]
    return len(cased) >= 2 and words[0] in cased and not part.endswith(".")


def _cased(name: str) -> str:
    """ADA LIN III as Ada Lin III; anything else as it stands."""
    return " ".join(w if w in _NUMERALS else w.title() for w in name.split()) if name.isupper() else name


def _name_of_file(file: str) -> str:
    """What a file's name leaves once everything is taken out that no name has."""
    words = [word for word in _LETTERS.findall(PurePath(file).stem) if not _NO_NAME_OF_A_FILE.fullmatch(word)]
    name = " ".join(word.capitalize() if word.islower() or word.isupper() else word for word in words)
    return name if len(words) > 1 and _may_be_name(name) else ""


def _alike(name: str, other: str) -> bool:
    """Whether a word of the name, of three letters or more, stands in the other as well."""
    bare = _plain(other)
    return any(len(word) >= 3 and word in bare for word in map(_plain, _words(name)))


def _words(name: str) -> Sequence[str]:
    return _LETTERS.findall(unicodedata.normalize("NFC", name))


def _plain(words: str) -> str:
    letters = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _number_in(text: str, country: str | None) -> str:
    found = phonenumbers.PhoneNumberMatcher(text, country, max_tries=200)
    return next((match.raw_string for match in found), "")
