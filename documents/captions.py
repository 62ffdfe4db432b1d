"""Captions, WebVTT and SubRip, as tools really write them → stretches of speech.

A cue ends where the next one's times begin, whatever stands between: blank lines, arrows, numbers run into the words.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from documents.attribution import Account, Stretch, written
from documents.decoding import Unreadable
from documents.speakers import Head, bare, is_sentence, labelled, may_be_label, someone_else

_SEPARATES = "[,.:\uff0c\uff0e\u3002\uff1a]"
_TIME = rf"(?:\d{{1,9}}:\d{{1,9}}:\d{{1,2}}|\d{{1,9}}:\d{{2}})(?:{_SEPARATES}\d{{1,9}})?"
_TIMES = re.compile(rf"(?P<start>{_TIME})\s?-[ -]?\s?>\s?(?P<end>{_TIME})(?![\d:.,])(?P<settings>.*)")
_LIKE_TIMES = re.compile(r"(?:[\d.,]*:[\d:.,]*\s?-[ -]?\s?>|[\d:.,]+\s?-[ -]?\s?>\s?\d*:)")
_SETTING = re.compile(r"[a-zA-Z]+[12]?:\S+")
_PARTS = re.compile(r"\d+")
_CUT_OFF_TIMES = re.compile(r"\d{1,3}:\d{0,2}(?::\d{0,2})?(?:[.,]\d{0,3})?\s?-{0,2}>?")
_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_NUMBERED_NAME = re.compile(
    r"(?:\d+\s+)?\"(?P<name>[^\"]+)\"(?:\s*\(\d+\))?|\[(?P<code>[^\[\]]+)\]|(?P<other>.*[^\W\d_].*)"
)
_IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{9,}(?:/[\d-]+)?|[\d-]+", re.I)
_NUMBER_OF_CUE = re.compile(r"^\d+[\s.:-]+|\s*\(\d+\)$|\s+[-\u2013]\s+\d+$|:$")
_FULL_NAME = re.compile(r"[^\W\d_a-z]\S*(?:\s[^\W\d_]\S*){0,2}\s[^\W\d_a-z]\S*")
_CUT_OFF_TAG = re.compile(r"</?(?:v[^<>]*)?\Z")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?(?:\s++([^<>]*+))?>|(</v>)", re.I)
_LONG_REFERENCE = re.compile(r"&#[0-9]{20,};?")  # to no character there is, and too long to be read as a number
_LINE_BREAK = re.compile(r"<br\s?/?>", re.I)
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>|<\d[\d:.]*>|\{\\[^{}\n]{1,40}\}")
_SHORTEST_MS = 100
"""Cues shorter than this show nobody anything: they are how captions roll."""
_GAP_MS = 1_000


class Cue(NamedTuple):
    """A cue: its times, identifier and lines."""

    start_ms: int
    end_ms: int
    identifier: str
    lines: list[str]
    after_note: bool = False


class _Times(NamedTuple):
    line: int
    start_ms: int
    end_ms: int
    named: str
    """What follows the times and is no setting: who speaks, as some tools write it."""


def looks_like_captions(text: str) -> bool:
    """Whether a file begins as WebVTT does, or has times with an arrow near its beginning."""
    if _begins_as_webvtt(text):
        return True
    return any(_TIMES.match(line) or _LIKE_TIMES.match(line) for line in text[:2_000].split("\n"))


def _begins_as_webvtt(text: str) -> bool:
    return text[:6].upper() == "WEBVTT"


def stretches(text: str, file: str, account: Account) -> tuple[list[Stretch], str]:
    """Return what is said in each cue, in the order it began, and how the file was read."""
    webvtt = _begins_as_webvtt(text)
    cues, stray = _cues(text, file, webvtt, account)
    if not cues:
        raise Unreadable(f"{file} holds no words: it has no cue.")
    _check_end(cues, file)
    found = [Stretch(None, line, line, odd=True) for line in stray]
    by_name = _names_in_identifiers(cues)
    for cue in cues:
        if by_name or not cue.identifier:
            continue
        account.leaves_out("furniture", written(cue.identifier))
    named_lines = _names_on_lines(cues)
    plain = [_plain("\n".join(cue.lines)) for cue in cues]
    repeated = _repeated(cues, plain, [_who(cue, by_name) for cue in cues])
    for n, cue in enumerate(cues):
        raw = "\n".join(cue.lines)
        found.extend(_heard(n + 1, cue, raw, plain[n], repeated.get(n), by_name, named_lines, account))
    return found, _tool(cues, webvtt, bool(by_name))


def _tool(cues: list[Cue], webvtt: bool, by_name: bool) -> str:
    form = "WebVTT" if webvtt else "SubRip"
    if not webvtt:
        return form
    first = cues[0]
    text = "\n".join(first.lines)
    if by_name:
        return f"Webex, {form}"
    if text.startswith("{"):
        return f"Microsoft Graph, {form}"
    if "<v" in text:
        return f"Teams, {form}" if "/" in first.identifier else form
    return f"Zoom, {form}" if first.identifier.isdigit() and labelled(text) else form


def _cues(text: str, file: str, webvtt: bool, account: Account) -> tuple[list[Cue], list[str]]:
    lines = text.split("\n")
    times = list(_all_times(lines, file))
    for one in times:
        account.leaves_out("time", written(lines[one.line]) - written(one.named))
    if not times:
        return [], []
    begins = 0
    if webvtt:
        begins = next((n for n, line in enumerate(lines) if not line or n == times[0].line), len(lines))
        if begins == times[0].line and begins > 1:
            begins -= 1
        account.leaves_out("furniture", written("".join(lines[:begins])))
    identifiers = _identifiers(lines, times, begins)
    numbers = [int(ident) for ident in identifiers if ident.isdigit() and len(ident) < 10]
    numbered = len(numbers) * 2 > len(times)
    stray: list[str] = []
    first = times[0].line - bool(identifiers[0])
    stray.extend(line for line in _without_blocks(lines[begins:first], webvtt, account, stray) if line)
    cues: list[Cue] = []
    for n, one in enumerate(times):
        last = n + 1 == len(times)
        ends = len(lines) if last else times[n + 1].line - bool(identifiers[n + 1])
        body = _without_blocks(lines[one.line + 1 : ends], webvtt, account, stray)
        while body and not body[-1]:
            body.pop()
        while body and not body[0]:
            body.pop(0)
        if last and numbered and numbers and len(body) > 1 and not body[-2] and body[-1] == str(numbers[-1] + 1):
            raise Unreadable(f"{file} is cut off inside its last cue. Export it again.")
        if numbered and not last and not identifiers[n + 1] and body and identifiers[n].isdigit():
            # The next cue's number stands at the end of these words, with nothing between.
            number = str(int(identifiers[n][:9]) + 1)
            following = identifiers[n + 2] if n + 2 < len(times) else ""
            if body[-1].endswith(number) and following in ("", str(int(number) + 1)):
                body[-1] = body[-1].removesuffix(number).rstrip()
                account.leaves_out("furniture", len(number))
        if one.named:
            account.leaves_out("furniture", written(identifiers[n]))
        cues.append(Cue(one.start_ms, one.end_ms, one.named or identifiers[n], body))
    if numbered and cues[-1].lines and len(cues) == 1 and cues[-1].lines[-1:] == [str(numbers[-1] + 1)]:
        raise Unreadable(f"{file} is cut off inside its last cue. Export it again.")
    return sorted(cues, key=lambda cue: cue.start_ms), stray


def _all_times(lines: list[str], file: str) -> Iterator[_Times]:
    last = max((n for n, line in enumerate(lines) if line), default=0)
    for n, line in enumerate(lines):
        if "->" not in line and "- >" not in line and "-- >" not in line:
            if n == last and n > 1 and _CUT_OFF_TIMES.fullmatch(line) and not lines[n - 2] and lines[n - 1].isdigit():
                raise Unreadable(f"{file} is cut off inside its last cue. Export it again.")
            continue
        found = _TIMES.match(line)
        if found is None:
            if _LIKE_TIMES.match(line):
                raise Unreadable(f"{file} is cut off or damaged: a cue's times cannot be read. Export it again.")
            continue
        if n == last and len(_PARTS.findall(found["start"])) > len(_PARTS.findall(found["end"])):
            raise Unreadable(f"{file} is cut off inside its last cue's times. Export it again.")
        yield _Times(
            n, _milliseconds(found["start"], file), _milliseconds(found["end"], file), _named(found["settings"])
        )


def _named(settings: str) -> str:
    if all(map(_SETTING.fullmatch, settings.split())) or not may_be_label(bare(settings)):
        return ""
    return settings.strip()


def _milliseconds(time: str, file: str) -> int:
    """What "01:02:03,004" is, in milliseconds; hours and thousandths may be left out."""
    parts = _PARTS.findall(time)
    thousandths = 0
    if time.count(":") < len(parts) - 1 or len(parts) == 4:
        thousandths = int(parts.pop().ljust(3, "0")[:3])
    hours, minutes, seconds = (int(part) for part in (["0", *parts] if len(parts) == 2 else parts))
    if seconds > 60 or (minutes > 60 and len(parts) == 3):
        raise Unreadable(f"{file} is damaged: a cue's times cannot be read. Export it again.")
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _identifiers(lines: list[str], times: list[_Times], begins: int) -> list[str]:
    """The line before each time, where it is the cue's identifier and not the last words of the cue before."""
    before: list[tuple[str, bool]] = []
    edge = begins - 1
    separate = 0
    for one in times:
        at = one.line - 1
        line = lines[at] if at > edge and at >= 0 else ""
        before.append((line, at - 1 <= edge or not lines[at - 1]))
        edge = one.line
        # Right below the times before are words, unless other cues have identifiers apart from their words.
        separate += bool(line) and (at - 1 < begins or not lines[at - 1])
    numbers = sum(line.isdigit() for line, _ in before)
    uses = separate * 2 > len(times)
    numbered = numbers * 2 > len(times)
    return [line if (line.isdigit() if numbered else uses and alone) else "" for line, alone in before]


def _without_blocks(lines: list[str], webvtt: bool, account: Account, stray: list[str]) -> list[str]:
    """Lines without WebVTT's comments, styles and regions; what follows one without times belongs to no cue."""
    if not webvtt:
        return lines
    kept: list[str] = []
    inside = after = False
    for n, line in enumerate(lines):
        if not line:
            inside = False
        elif not inside and _BLOCK.match(line) and (n == 0 or not lines[n - 1]):
            inside = after = True
        if inside:
            account.leaves_out("furniture", written(line))
        elif after and line:
            stray.append(line)
        else:
            kept.append(line)
    return kept


def _check_end(cues: list[Cue], file: str) -> None:
    last = max(cues, key=lambda cue: cue.start_ms).lines
    text = "\n".join(last)
    closes_tags = sum("</v>" in line for cue in cues for line in cue.lines) > 1
    left_open = closes_tags and text.count("<v") > text.count("</v>")
    if _CUT_OFF_TAG.search(text) or left_open:
        raise Unreadable(f"{file} is cut off inside its last cue. Export it again.")


def _names_in_identifiers(cues: list[Cue]) -> dict[str, str]:
    """Speakers that a tool writes into its cues' identifiers, by identifier: quoted, or names.

    Names are what comes again, and whatever stands beside that; none that comes again are names if all look like one.
    Where tags or labels say who speaks, identifiers do not.
    """
    if any(_VOICE.search(line) for cue in cues for line in cue.lines):
        return {}
    found: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for cue in cues:
        if not cue.identifier or _IDENTIFIER.fullmatch(cue.identifier):
            continue
        parts = _NUMBERED_NAME.fullmatch(cue.identifier)
        if parts and (parts["name"] or parts["code"]):
            found[cue.identifier] = bare(parts["name"] or parts["code"])
        elif parts and may_be_label(cue.identifier):
            name = bare(_NUMBER_OF_CUE.sub("", cue.identifier))
            found[cue.identifier] = name
            counts[name] += bool(name)
    labelled_cues = sum(bool(cue.lines) and labelled(_plain(cue.lines[0])) is not None for cue in cues)
    again = sum(count for count in counts.values() if count > 1)
    if labelled_cues * 2 > len(cues):
        counts.clear()
    elif again * 2 <= len(cues) and not (len(counts) == len(cues) and all(map(_FULL_NAME.fullmatch, counts))):
        counts = Counter({name: count for name, count in counts.items() if count > 1})
    quoted = {ident for ident in found if (parts := _NUMBERED_NAME.fullmatch(ident)) and not parts["other"]}
    return {ident: name for ident, name in found.items() if name and (ident in quoted or name in counts)}


def _names_on_lines(cues: list[Cue]) -> frozenset[str]:
    """Labels on a line of their own above the words of a cue: every cue has one, and they come again."""
    spoken = [cue.lines for cue in cues if cue.lines]
    if not spoken or any(len(lines) < 2 or "<v" in lines[0] or ":" in lines[0] for lines in spoken):
        return frozenset()
    firsts = [lines[0] for lines in spoken]
    named = set(firsts)
    if len(named) * 2 > len(firsts) + 1 or any(line.endswith((".", "?", "!", ",")) for line in named):
        return frozenset()
    return frozenset(named)


def _who(cue: Cue, by_name: dict[str, str]) -> str:
    """Who speaks in a cue, where its tags or its identifier say so."""
    named = by_name.get(cue.identifier, "")
    return named + "|".join(tag[1] or "" for line in cue.lines if "<" in line for tag in _VOICE.finditer(line))


def _repeated(cues: list[Cue], plain: list[str], who: list[str]) -> dict[int, int]:
    """Of cues whose captions roll: how many of their words were shown in the cue before already."""
    shared: dict[int, int] = {}
    certain: set[int] = set()
    grown = pairs = 0
    before: tuple[Cue, list[str], str] | None = None
    for n, cue in enumerate(cues):
        words = plain[n].split()
        if not words:
            continue
        if before is not None and before[2] == who[n] and cue.start_ms - before[0].end_ms <= _GAP_MS:
            pairs += 1
            shown = before[1]
            same = len(shown) if words[: len(shown)] == shown else _rolled(cues, plain, before[0], n, shown)
            if same:
                shared[n] = same
                grown += len(words) > same
                brief = min(cue.end_ms - cue.start_ms, before[0].end_ms - before[0].start_ms) <= _SHORTEST_MS
                if brief or (cue.start_ms == before[0].start_ms and len(words) > same):
                    certain.add(n)
        before = (cue, words, who[n])
    rolls = grown > 0 and len(shared) > 1 and len(shared) * 10 >= pairs * 3
    return shared if rolls else {n: same for n, same in shared.items() if n in certain}


def _rolled(cues: list[Cue], plain: list[str], before: Cue, n: int, shown: list[str]) -> int:
    """Words of the lines that moved up: the last line of the cue before is the first of this one."""
    lines = [line for line in plain[n].split("\n") if line]
    last = _plain(before.lines[-1]).split() if before.lines else []
    first = lines[0].split() if lines else []
    return len(first) if first == last and len(shown) > len(last) else 0


def _heard(
    number: int,
    cue: Cue,
    raw: str,
    plain: str,
    repeated: int | None,
    by_name: dict[str, str],
    named_lines: frozenset[str],
    account: Account,
) -> Iterator[Stretch]:
    start, end = cue.start_ms, cue.end_ms
    if repeated:
        rest = _lines_after(plain, repeated)
        account.leaves_out("repeated", written(plain) - written("".join(rest)))
        account.leaves_out("furniture", written(raw) - written(plain))
        # The label that was shown again counts as one; cue 0: whoever spoke goes on.
        shown = labelled(plain.split("\n")[0])
        yield Stretch(shown[0]._replace(again=True) if shown else None, rest[0], rest[0], start, end)
        yield from (one._replace(cue=0) for one in _by_label(rest[1:], start, end, number))
        return
    if (spoken := _as_json(raw)) is not None:
        head, words = spoken
        account.leaves_out("furniture", written(raw) - written(words) - written(head.label if head else ""))
        yield Stretch(head, words, (head.label if head else "") + words, start, end, cue=number, goes_on=False)
        return
    if cue.identifier in by_name:
        label = by_name[cue.identifier]
        account.leaves_out("furniture", written(cue.identifier) - written(label) + written(raw) - written(plain))
        yield Stretch(Head(label, sure=True), plain, label + plain, start, end, cue=number)
        return
    if by_name and cue.identifier:
        account.leaves_out("furniture", written(cue.identifier))
    if _VOICE.search(raw):
        account.leaves_out("furniture", written(raw) - _voiced(raw))
        yield from _by_voice_tag(raw, start, end, number)
        return
    account.leaves_out("furniture", written(raw) - written(plain))
    lines = plain.split("\n")
    if lines[0] in named_lines:
        words = " ".join(lines[1:])
        yield Stretch(Head(bare(lines[0]), sure=True), words, lines[0] + words, start, end, cue=number)
        return
    yield from _by_label(lines, start, end, number)


def _lines_after(plain: str, count: int) -> list[str]:
    """What follows so many words: the rest of their last line, and the lines below it."""
    lines = plain.split("\n")
    while len(lines) > 1 and count >= len(lines[0].split()):
        count -= len(lines.pop(0).split())
        if not count:
            return ["", *lines]
    return [" ".join(lines[0].split()[count:]), *lines[1:]]


def _by_label(lines: list[str], start: int, end: int, number: int) -> Iterator[Stretch]:
    for n, line in enumerate(lines):
        found = labelled(line)
        if found is None:
            found = _in_brackets(line)
        if found is not None and n and is_sentence(found[0].label):
            found = None
        else_ = someone_else(line)
        if found:
            # A dash or ">>" is how captions say that somebody else begins.
            head = found[0]._replace(sure=else_ and not found[0].tight, inside=n > 0 and not else_)
            yield Stretch(head, found[1], line, start, end, cue=number, goes_on=not else_)
        elif line:
            yield Stretch(None, line, line, start, end, cue=number, goes_on=not else_)


_BRACKETED = re.compile(r"\[(?P<label>[^\[\]:]{1,60})\]\s*(?P<words>\S.*)")


def _in_brackets(line: str) -> tuple[Head, str] | None:
    """A speaker as diarising tools put one before the words: "[SPEAKER_00] words"."""
    found = _BRACKETED.match(line)
    if found is None or not may_be_label(found["label"]):
        return None
    return Head(found["label"].strip(), tight=True), found["words"]


def _by_voice_tag(text: str, start: int, end: int, number: int) -> Iterator[Stretch]:
    # One cue may hold several voices; text outside any tag is nobody's.
    speaker = ""
    at = 0
    edges = [(tag.start(), tag.end(), tag[1]) for tag in _VOICE.finditer(text)]
    for begins, ends, voice in [*edges, (len(text), len(text), None)]:
        words = " ".join(_plain(text[at:begins]).split())
        head = Head(speaker, sure=True) if speaker else None
        if words:
            yield Stretch(head, words, speaker + words, start, end, cue=number, goes_on=False)
        speaker = " ".join(_plain(voice or "").split())
        at = ends


def _voiced(text: str) -> int:
    return sum(written(one.whole) for one in _by_voice_tag(text, 0, 0, 0))


def _as_json(raw: str) -> tuple[Head | None, str] | None:
    """A cue as Microsoft Graph gives it with metadata: one object with the speaker's name and the words."""
    if not (raw.startswith("{") and raw.endswith("}") and "spokenText" in raw):
        return None
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    words = content.get("spokenText")
    name = content.get("speakerName")
    if not isinstance(words, str):
        return None
    return (Head(" ".join(name.split()), sure=True) if isinstance(name, str) and name.strip() else None, words)


def _plain(text: str) -> str:
    return html.unescape(_LONG_REFERENCE.sub("\ufffd", _TAG.sub("", _LINE_BREAK.sub("\n", text))))
