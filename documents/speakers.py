"""Speaker labels: which words at the beginning of a line say who speaks, told by how they recur in the file.

The shape of a name says nothing: a telephone number, a device, a title in brackets, a name in small letters speak too.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from domain.core.name_matching import bears

Verdict = Literal["speaker", "asked", "words"]

LONGEST_LABEL = 120
"""Characters. A minister's title in brackets is long."""

_MOST_WORDS = 8
_ENOUGH_TURNS = 8
_SENTENCES_THAT_ARE_NAMES = 3
"""So often does the beginning of a sentence come again before it has to be asked about."""
_OPENING, _CLOSING = "([{\uff08\u3010", ")]}\uff09\u3011"
_MARKS = re.compile(r"(?:[-\u2013\u2014\u2022*]\s+|>>+\s*|>\s+|#{1,6}\s+|\d{1,4}[.)]\s+(?=\D))+")
_SOMEONE_ELSE = re.compile(r"(?:[-\u2013\u2014]\s+|>>+\s*)(?=\S)")
_BOLD = re.compile(r"\*\*|__|[*_]")
_IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\uff08[^\uff08\uff09]*\uff09|\u3010[^\u3010\u3011]*\u3011")
_PRONOUN = r"(?:she|he|they|her|him|hers|his|them|theirs|xe|ze|zir|any|ella|él|elle|il|sie|er)"
_PRONOUNS = re.compile(rf"[(\[]\s*{_PRONOUN}(?:\s*[/,|]\s*{_PRONOUN})*\s*[)\]]|\b{_PRONOUN}(?:/{_PRONOUN})+\b", re.I)
_TELEPHONE = re.compile(r"\+?[\d\s().*/-]{7,}")
_DIGITS_THAT_TELL = 9
_NO_LABEL = re.compile(r"[?!;\u201c\u201d<>{}=\\\u3002\uff1f\uff01]|://|[^\W\d]{3,}\.\s")
_ABBREVIATIONS = re.compile(
    r"\b(?:prof|mrs|hon|rev|sra|srta|dott|mme|mlle|ing|dipl|mag|univ|capt|col|gen|sgt|maj|gov|sen|rep|amb|pres|asst|assoc"
    r"|dir|mgr|exec|eng|arch|adv|lic|mudr|inc|ltd|corp|esq|dept|dra)\.",
    re.I,
)
_BYNAME = re.compile(r"(?<=\s)\u201c[^\s\u201c\u201d]{1,20}\u201d(?=\s)|(?<=\s)<[^\s<>@]{1,64}@[^\s<>@]{1,64}>")
"""Inside a name: what somebody is called by friends, and their address."""
_NUMBER = re.compile(r"[\d\s.#)(]+")

# Codes and roles: they stand for somebody whom they do not name.
_NAMELESS = re.compile(
    r"(?:speaker|spk|spkr|sprecher(?:in)?|locuteur|locutrice|intervenant|interlocuteur|hablante|orador|falante|locutore?"
    r"|interlocutore?|parlante|spreker|talare|mówca|mluvčí|konuşmac\u0131|спикер|говорящий|докладчик|участник|説話人|说话人|說話者"
    r"|发言人|發言人|講者|讲者|話者|화자|참석자|المتحدث|דובר|participante?|participant|person|user|guest|caller|voice|channel"
    r"|ch|teilnehmer(?:in)?|interviewer|interviewee|candidate|kandidat(?:in)?|bewerber(?:in)?|candidat[eo]?|applicant|host"
    r"|recruiter|moderator|hiring manager|panell?ist|attendee|agent|customer|client|unknown|unknown user"
    r"|unknown speaker|unidentified(?: speaker)?|anonymous|me|you|them|they|others?|i|ich|moi|yo|q|a|question|answer"
    r"|(?:the )?(?:meeting|conference) room"
    r"|room|phone|mobile|dial[- ]?in|call[- ]?in user|telephone)[\s_#-]*(?:\d{1,4}|[a-z])?"
    r"|[a-z]|[spu]?\d{1,4}"
    r"|.*\b(?:iphone|ipad|macbook|imac|android|galaxy|pixel|laptop|desktop|phone|tablet|pc)\b.*",
    re.I,
)
_CODE = re.compile(r"(?:speaker|spk|spkr|channel|ch)[\s_-]*(?:\d{1,4}|[a-z])", re.I)
# Words that head a line of a preamble, a mail, or an ordinary sentence far more often than they name a speaker.
_HEADINGS = re.compile(
    "actually|address|agenda|also|and|attendees|basically|bcc|but|cc|certifications|conclusion|cons|context|date|"
    "duration|edit|education|email|employment|example|experience|fact|finally|first|from|github|goal|idea|interests|"
    "invitees|languages|lesson|linkedin|location|mail|meeting|mobile|name|next|no|note|notes|ok|okay|outcome|"
    "participants|phone|place|point|position|present|problem|profile|projects|pros|recorded|references|remember|reply|"
    "result|results|right|role|second|sent|skills|so|solution|speakers|subject|summary|tel|then|third|time|title|to|"
    "topic|transcript|update|url|website|well|yes",
    re.I,
)
_DIARISED = re.compile(r"(?:speaker|spk)_\d{1,3}", re.I)
_CODED = re.compile(r"(?P<code>(?:speaker|spk)_\d{1,3})\s+(?=\S)", re.I)
# A label with one of these is the beginning of a sentence, unless it comes again.
_IN_SENTENCES = frozenset(
    re.findall(
        r"\S+",
        "i we he she it they is was are were am be been what that this these those here there so and but because "
        "if when which who how why where do does did have has had will would can could should not don't think said "
        "say mean means ich wir er es sie ist war sind und aber wie warum je nous il est sont et mais que qui pero "
        "porque ",
    )
)


class Head(NamedTuple):
    """What may say who speaks: a label, and what speaks for its being one."""

    label: str
    sure: bool = False
    """It stands in a place that the tool keeps for the speaker."""
    tight: bool = False
    """No space follows the colon."""
    again: bool = False
    """It was shown again with words that were on the screen before: nobody's turn."""
    inside: bool = False
    """Other words stand above it in the same cue, or in the same block between blank lines."""


class Heard(NamedTuple):
    """A head in its place: what was last said before it ends in a question mark, or not."""

    head: Head
    after_question: bool


def labelled(line: str) -> tuple[Head, str] | None:
    """Split "Name: words" into the label and the words; None if the line has no such beginning."""
    marks = _MARKS.match(line)
    said = line[marks.end() :] if marks else line
    depth = 0
    for at, character in enumerate(said[:LONGEST_LABEL]):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif character in ":\uff1a" and not depth:
            rest = said[at + 1 :]
            if rest.startswith("//"):
                return None
            if rest[:1].isdigit() and said[at - 1 : at].isdigit() and character == ":":
                continue
            bold = _BOLD.match(said)
            if bold and bold.group() not in said[bold.end() : at]:
                if not rest.startswith(bold.group()):
                    return None
                rest = rest.removeprefix(bold.group())
            elif not bold:
                rest = rest.removeprefix("**")
            label = bare(said[:at])
            tight = character == ":" and bool(rest) and not rest[0].isspace()
            return (Head(label, tight=tight), rest.strip()) if may_be_label(label) else None
    coded = _CODED.match(said[:LONGEST_LABEL])
    return (Head(coded["code"]), said[coded.end() :].strip()) if coded else None


def bare(label: str) -> str:
    """A label without the marks around it: bold, quotation marks, brackets around the whole."""
    label = " ".join(label.split())
    while True:
        inner = label.strip("*_#\"\u201c\u201d'` ") if label[:1] in '*_#"\u201c`' else label.rstrip("* ")
        for opening, closing in zip(_OPENING, _CLOSING, strict=True):
            if inner.startswith(opening) and inner.endswith(closing) and opening not in inner[1:]:
                inner = inner[1:-1].strip()
        if inner == label:
            return label
        label = inner


def may_be_label(label: str) -> bool:
    """Whether anybody could be called so."""
    outside = _BYNAME.sub(" ", _IN_BRACKETS.sub(" ", label))
    return (
        0 < len(label) <= LONGEST_LABEL
        and any(character.isalnum() for character in label)
        and len(outside.split()) <= _MOST_WORDS
        and not _NO_LABEL.search(_ABBREVIATIONS.sub(" ", outside))
    )


def is_sentence(label: str) -> bool:
    """Whether these words begin a sentence of ordinary speech, rather than name somebody."""
    words = _IN_BRACKETS.sub(" ", label).casefold().replace("\u2019", "'").split()
    return len(words) > 1 and any(word.split("'")[0].strip(",.") in _IN_SENTENCES for word in words)


def is_seldom_a_name(label: str) -> bool:
    """Whether these words head a line, number it, or begin a sentence far more often than they name a speaker."""
    return is_sentence(label) or bool(_HEADINGS.fullmatch(label))


def _is_number(label: str) -> bool:
    return bool(_NUMBER.fullmatch(label)) and not _TELEPHONE.fullmatch(label)


def someone_else(line: str) -> bool:
    """Whether the line begins as captions mark a change of speaker without a name: a dash, or ">>"."""
    return bool(_SOMEONE_ELSE.match(line))


def key(label: str) -> str:
    """What two labels of one speaker in one file have in common."""
    if _TELEPHONE.fullmatch(label) and "*" not in label:
        digits = re.sub(r"\D", "", label)
        if len(digits) >= 7:
            return "tel:" + digits[-_DIGITS_THAT_TELL:]
    return " ".join(_PRONOUNS.sub(" ", label).casefold().split()) or label


def is_nameless(label: str) -> bool:
    """Whether a label names nobody one could know: a code, a role, a number, an address, a device."""
    plain = _IN_BRACKETS.sub(" ", label).strip() or label
    return bool(_NAMELESS.fullmatch(plain) or _TELEPHONE.fullmatch(plain)) or "@" in plain


def is_diarised(label: str) -> bool:
    """Whether a tool that only tells voices apart made this label: "SPEAKER_00"."""
    return bool(_DIARISED.fullmatch(label))


def judged(heard: Sequence[Heard], participants: Iterable[str]) -> dict[str, Verdict]:
    """Say of each label of a file, by its key, whether it is a speaker, plain words, or has to be asked about."""
    people = tuple(participants)
    counts = Counter(key(one.head.label) for one in heard)
    labels: dict[str, str] = {}
    before: dict[str, set[str]] = defaultdict(set)
    answered: set[str] = set()
    verdicts: dict[str, Verdict] = {}
    last = ""
    turns = [one for one in heard if not one.head.again]
    for head, after_question in turns:
        name = key(head.label)
        labels.setdefault(name, head.label)
        if head.sure:
            verdicts[name] = "speaker"
        if last and last != name:
            before[name].add(last)
            if after_question:
                answered.add(name)
        last = name
    tight = {key(one.head.label) for one in heard if one.head.tight}
    for name, label in labels.items():
        if name in verdicts:
            continue
        if _CODE.fullmatch(label) or any(bears(label, person) for person in people):
            verdicts[name] = "speaker"
        elif _is_words(label, counts[name], name in tight):
            verdicts[name] = "words"
    verdicts |= dict.fromkeys(_only_inside(turns) - verdicts.keys(), "asked")
    open_ = [name for name in labels if name not in verdicts and not is_seldom_a_name(labels[name])]
    answered |= _between(turns)
    for name in _who_recur(open_, counts, before, answered, verdicts):
        verdicts[name] = "speaker"
    _say_of_the_rest(turns, labels, counts, answered, verdicts)
    return verdicts


def _is_words(label: str, times: int, tight: bool) -> bool:
    if is_sentence(label):
        return times < _SENTENCES_THAT_ARE_NAMES
    if times > 1:
        return False
    return tight or bool(_HEADINGS.fullmatch(label))


def _only_inside(heard: Sequence[Heard]) -> set[str]:
    """Labels that only stand below other words, where those at the top of what is said are a conversation already."""
    inside = [key(one.head.label) for one in heard if one.head.inside]
    top = {key(one.head.label) for one in heard if not one.head.inside}
    return set(inside) - top if len(inside) * 2 <= len(heard) and len(top) > 1 else set()


def _who_recur(
    open_: list[str],
    counts: Counter[str],
    before: dict[str, set[str]],
    answered: set[str],
    verdicts: dict[str, Verdict],
) -> list[str]:
    """Of labels that come again: the only two there are; else the first of the file, and who comes a third time.

    Of the latter those who answer, or speak after several others: what somebody says before a colon comes again too.
    """
    recurring = [name for name in open_ if counts[name] > 1]
    alone = "speaker" not in verdicts.values()
    if alone and (len(open_) <= 2 or recurring == open_[:2]):
        return recurring
    first = [name for name in recurring[:1] if alone and name == open_[0]]
    return first + [
        name
        for name in recurring
        if counts[name] > 2
        and name not in first
        and (len(before[name]) > 1 or name in answered or counts[name] * 3 >= max(counts.values()))
    ]


def _between(heard: Sequence[Heard]) -> set[str]:
    """Labels that stand between two lines of one other, in a file that never labels two lines of one in a row.

    They part what would be one speech otherwise.
    """
    names = [key(one.head.label) for one in heard]
    if len(names) < _ENOUGH_TURNS or any(one == other for one, other in pairwise(names)):
        return set()
    return {names[n] for n in range(1, len(names) - 1) if names[n - 1] == names[n + 1]}


def _say_of_the_rest(
    heard: Sequence[Heard],
    labels: dict[str, str],
    counts: Counter[str],
    answered: set[str],
    verdicts: dict[str, Verdict],
) -> None:
    open_ = [name for name in labels if name not in verdicts]
    if not open_:
        return
    speaking = [name for name in labels if verdicts.get(name, "speaker") == "speaker"]
    if len(speaking) == 2 and not any(is_seldom_a_name(labels[name]) or _is_number(labels[name]) for name in open_):
        # Two labels and no third: a conversation, if they take turns.
        turns = [name for one in heard if (name := key(one.head.label)) in speaking]
        if all(one != other for one, other in pairwise(turns)):
            verdicts.update(dict.fromkeys(open_, "speaker"))
            return
    sure = [name for name in labels if verdicts.get(name) == "speaker"]
    replies = [
        name
        for name in open_
        if name in answered and not is_seldom_a_name(labels[name]) and not _is_number(labels[name])
    ]
    if len(sure) == 1 and len(replies) == 1:
        # Somebody answers the only one who is known to speak.
        verdicts[replies[0]] = "speaker"
    known = [labels[name] for name in sure]
    for name in open_:
        if name not in verdicts and "'" not in labels[name] and any(bears(labels[name], other) for other in known):
            verdicts[name] = "speaker"  # "Nate" and "Nate Silverhorne"
        verdicts.setdefault(name, "asked")
