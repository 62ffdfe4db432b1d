"""Transcripts made up at random, of every sort: who said what comes back, or a question; no word is lost or moved."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import docx
from hypothesis import assume, example, given
from hypothesis import strategies as st

from documents.attribution import written
from documents.decoding import Unreadable
from documents.document_reader import read_document
from documents.speakers import key
from documents.transcripts import read_transcript
from domain.core.source_text import normalised
from domain.evidence.transcript import UNKNOWN_SPEAKER, Transcript
from tests.documents.test_transcript_quirks import NAMED, NAMELESS

Said = list[tuple[str, str]]
Writer = Callable[[Said], str | bytes]

WORDS = re.findall(
    r"\S+",
    "well we led the launch in nine weeks and it was hard to ship because nobody had asked so I did it again at 10:30 "
    "with forty people costs fell by 12% R&D said no then yes portal budget Priya Monday really honestly fine",
)
ENDS = [".", "?", "!", "", "..."]

sentence = st.builds(
    lambda words, end: " ".join(words) + end,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=12),
    st.sampled_from(ENDS),
)
aside = st.sampled_from(
    ["Here's the thing: he never shipped.", "so it is what it is: hard.", "Portal: it went live.",
     "the flow is draft --> review", "We met at 10:30", "2 of 3 (so to speak)", "[laughs] no", "Yes.", "42",
     "- well, no"]
)  # fmt: skip
line = st.one_of(sentence, sentence, sentence, aside)
speech = st.one_of(line, line, st.builds("{}\n{}".format, line, line))
people = st.lists(
    st.sampled_from(["Mara Okafor", "Hector Salas", "Wes", *NAMED, *NAMELESS]), min_size=2, max_size=4, unique_by=key
)


@st.composite
def dialogues(draw: st.DrawFn) -> Said:
    """Who said what, in order; nobody twice in a row."""
    present = draw(people)
    turns: Said = []
    for _ in range(draw(st.integers(2, 14))):
        turns.append(
            (draw(st.sampled_from([who for who in present if not turns or who != turns[-1][0]])), draw(speech))
        )
    return turns


def _stamp(n: int, point: str = ".") -> str:
    return f"00:{n // 60:02}:{n % 60:02}{point}000"


def _captions(say: Callable[[int, str, str], str], head: str, point: str, number: bool = True) -> Writer:
    def write(turns: Said) -> str:
        return head + "".join(
            (f"{n}\n" if number else "") + f"{_stamp(n, point)} --> {_stamp(n + 1, point)}\n{say(n, who, words)}\n\n"
            for n, (who, words) in enumerate(turns, 1)
        )

    return write


def _lines(form: str) -> Writer:
    return lambda turns: "".join(
        form.format(who=who, words=words, t=f"{n // 60}:{n % 60:02}", long=_stamp(n)[:8], m=n // 60, s=n % 60)
        for n, (who, words) in enumerate(turns, 1)
    )


def _json(row: Callable[[int, str, str], dict[str, Any]], name: str) -> Writer:
    return lambda turns: json.dumps({name: [row(n, who, words) for n, (who, words) in enumerate(turns, 1)]})


def read(data: bytes, participants: Sequence[str] = ()) -> Transcript:
    text = read_document("transcript", data, "call", participants).text
    assert isinstance(text, Transcript)
    return text


def _word(turns: Said) -> bytes:
    document = docx.Document()
    for n, (who, words) in enumerate(turns, 1):
        document.add_paragraph(f"{who}   {n // 60}:{n % 60:02}\n{words}")
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _tagged(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


WRITERS: dict[str, Writer] = {
    "Zoom": _captions(lambda n, who, words: f"{who}: {_tagged(words)}", "WEBVTT\n\n", "."),
    "SubRip": _captions(lambda n, who, words: f"{who}: {_tagged(words)}", "", ","),
    "without numbers": _captions(lambda n, who, words: f"{who}: {_tagged(words)}", "WEBVTT\n\n", ".", number=False),
    "voices": _captions(lambda n, who, words: f"<v {_tagged(who)}>{_tagged(words)}</v>", "WEBVTT\n\n", "."),
    "colons": _lines("{who}: {words}\n"),
    "colons, apart": _lines("{who}: {words}\n\n"),
    "bold": _lines("**{who}:** {words}\n\n"),
    "times before": _lines("[{long}] {who}: {words}\n"),
    "times behind": _lines("{who} ({t}): {words}\n"),
    "Otter": _lines("{who}  {t}\n{words}\n\n"),
    "Fathom": _lines("{t} - {who}\n  {words}\n\n"),
    "Rev": _lines("{who} ({t}):\n{words}\n\n"),
    "lines": _lines("{who}\n{long}\n{words}\n"),
    "Teams' page": _lines("{who}\n{m} minutes {s} seconds\n{words}\n"),
    "segments": _json(lambda n, who, words: {"start": n, "end": n + 0.5, "speaker": who, "text": words}, "segments"),
    "sentences": _json(lambda n, who, words: {"start_time": n, "speaker_name": who, "text": words}, "sentences"),
    "Word": _word,
}
STRICT = {"voices", "segments", "sentences"}
"""Forms in which nothing is left to tell: every field has its place."""

quirk = st.sampled_from(
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace(": ", ":  "),
        lambda text: text.replace("\n\n", "\n \n"),
        lambda text: text + "\n\n\n",
        lambda text: text.replace("\n", "\u200e\n"),
    ]
)


def _flat(words: str) -> str:
    return "".join(words.replace("*", "").split())


def _holds(turns: Said, transcript: Transcript) -> None:
    """Asserts that nobody has words that somebody else said, and that all words are there, in order."""
    asked = {question.speaker for question in transcript.questions if question.kind == "is_a_speaker"}
    whole = [(who, normalised(words)) for who, words in turns]
    # Every character is in its place, but for labels that are asked about, which stand before their words.
    at = 0
    flat = "".join(_flat(words) for _, words in whole)
    owners = [who for who, words in whole for _ in _flat(words)]
    for turn in transcript.turns:
        words = _flat(transcript.text[turn.start : turn.end])
        label = _flat(turn.speaker) + ":"
        while words:
            if turn.speaker in asked and words.startswith(label) and not flat.startswith(label, at):
                words = words[len(label) :]
                continue
            assert at < len(flat), f"{words!r} was never said"
            assert words[0] == flat[at], f"{words[:40]!r} for {flat[at : at + 40]!r}"
            mine = key(turn.speaker) == key(owners[at])
            unsure = turn.speaker == UNKNOWN_SPEAKER or turn.speaker in asked
            assert mine or unsure, f"{turn.speaker!r} says {flat[at : at + 40]!r} of {owners[at]!r}"
            words, at = words[1:], at + 1
    assert at == len(flat), f"{flat[at:]!r} is lost"
    if any(turn.speaker == UNKNOWN_SPEAKER for turn in transcript.turns):
        assert any(question.kind in ("who_spoke", "not_understood") for question in transcript.questions)


HEARD_TWICE = "Well, no.\nPortal: it went live."
IN_BRACKETS = "yes.\n[laughs] no"
A_TIME_SAID = "We met at\n10:30"


def as_it_is(text: str) -> str:
    return text


@given(dialogues(), st.sampled_from(sorted(WRITERS)), quirk, st.booleans())
@example([("Mara Okafor", HEARD_TWICE), ("Hector Salas", HEARD_TWICE)], "Fathom", as_it_is, False)
@example([("Mara Okafor", HEARD_TWICE), ("Hector Salas", HEARD_TWICE)], "Word", as_it_is, False)
@example([("Mara", HEARD_TWICE), ("Hector", "No."), ("Wes", HEARD_TWICE)], "SubRip", as_it_is, False)
@example([("Mara", "So."), ("Wes", HEARD_TWICE), ("Mara", "No."), ("Wes", HEARD_TWICE)], "bold", as_it_is, False)
@example([("Mara", IN_BRACKETS), ("Wes", "So."), ("Mara", "No."), ("Wes", IN_BRACKETS)], "Zoom", as_it_is, True)
@example([("Mara", A_TIME_SAID), ("Wes", "So."), ("Mara", "No."), ("Wes", "Yes.")], "colons, apart", as_it_is, False)
@example([("Mara", A_TIME_SAID), ("Wes", "So."), ("Mara", "No."), ("Wes", "Yes.")], "Teams' page", as_it_is, True)
@example([("Mara", "10:30"), ("Wes", "So.")], "lines", as_it_is, True)
def test_nobody_gets_words_of_another(turns: Said, form: str, odd: Callable[[str], str], known: bool) -> None:
    document = WRITERS[form](turns)
    data = document if isinstance(document, bytes) else (odd(document) if form not in STRICT else document).encode()
    try:
        transcript = read(data, [who for who, _ in turns] if known else [])
    except Unreadable:
        # Too little to tell a label by: each of them once, or few.
        assert form not in STRICT
        assume(False)
        return
    _holds(turns, transcript)


@given(dialogues(), st.sampled_from(["Zoom", "SubRip", "colons", "times before", "Otter", "lines", "Teams' page"]))
def test_every_character_is_accounted_for(turns: Said, form: str) -> None:
    document = WRITERS[form](turns)
    assert isinstance(document, str)
    try:
        transcript = read_transcript(document.encode(), "call")
    except Unreadable:
        assume(False)
        return
    left_out = sum(left.characters for left in transcript.left_out)
    assert written(transcript.text) + left_out == written(normalised(document))


@given(st.lists(line, min_size=12, max_size=30), st.sampled_from(sorted(WRITERS)))
def test_two_who_take_turns_are_never_asked_about(words: list[str], form: str) -> None:
    turns = [(("Mara Okafor", "Ada Lin (she/her)")[n % 2], said) for n, said in enumerate(words)]
    document = WRITERS[form](turns)
    transcript = read(document if isinstance(document, bytes) else document.encode())
    _holds(turns, transcript)
    assert transcript.speakers == ("Mara Okafor", "Ada Lin (she/her)")
    assert transcript.questions == ()
