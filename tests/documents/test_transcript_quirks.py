"""What real transcripts have that breaks readers: each of these was once read wrong somewhere, in other words."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.attribution import written
from documents.decoding import Unreadable
from documents.transcripts import read_transcript
from domain.core.source_text import normalised
from domain.evidence.transcript import UNKNOWN_SPEAKER
from testing.machine_pace import cpu_seconds
from tests.documents.test_transcript_tools import ADA, MARA, asked, read, said

FIELD = Path(__file__).parent / "field"
ASKED, LED = "How was the launch?", "I led it."
CALL = [(MARA, ASKED), (ADA, LED), (MARA, "And the budget?"), (ADA, "Two million.")]
HER = "Ada Lin (she/her)"
DIALLED = "15550104477"
CODES = [("SPEAKER_00", ASKED), ("SPEAKER_01", LED)]
BOTH_CODES = [("who_is", "SPEAKER_00"), ("who_is", "SPEAKER_01")]
AS_HER = [(HER if who == ADA else who, words) for who, words in CALL]
PORTAL = "Permits Portal: it went to forty cities."

RIGHT: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str | None]]]] = {
    "t01-pronouns.txt": (AS_HER, []),
    "t02-pronouns-zoom.vtt": (AS_HER, []),
    "t03-dial-in.vtt": ([(DIALLED if who == ADA else who, words) for who, words in CALL], [("who_is", DIALLED)]),
    "t04-unknown-first-is-dropped.txt": ([(HER, "Hello, thanks for having me."), (MARA, ASKED), (HER, LED)], []),
    "t05-name-time-text-lines.txt": (
        [
            (MARA, ASKED),
            (ADA, "I led it, and two things mattered to me."),
            (MARA, "Which?"),
            (ADA, "People: they come first. And the dates."),
        ],
        [],
    ),
    "t06-whisperx.srt": (CODES, BOTH_CODES),
    "t08-arrow-in-speech.vtt": ([(ADA, "so the flow is draft --> review"), (MARA, "And then?")], []),
    "t09-last-cue-empty.vtt": ([(ADA, LED), (MARA, "Thanks.")], []),
    "t12-blank-line-holds-a-space.vtt": ([(ADA, LED), (MARA, "Thanks.")], []),
    "t13-speaker-in-cue-id.vtt": ([(MARA, ASKED), (ADA, LED)], []),
    "t20-segments.json": (CODES, BOTH_CODES),
    "t21-rolling-captions.vtt": ([(ADA, "I led the launch")], []),
    "t24-line-that-is-no-speaker.txt": (
        [(MARA, "What did you ship?"), (ADA, "Two products."), ("Permits Portal", PORTAL), (MARA, "Good.")],
        [("is_a_speaker", "Permits Portal")],
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_failed_in_the_field_is_right(name: str) -> None:
    transcript = read_transcript((FIELD / name).read_bytes(), name)
    assert (said(transcript), asked(transcript)) == RIGHT[name]


def test_who_was_there_need_not_be_asked() -> None:
    name = "t24-line-that-is-no-speaker.txt"
    transcript = read_transcript((FIELD / name).read_bytes(), name, ["Mara Okafor", "Ada Lin"])
    assert asked(transcript) == [("is_a_speaker", "Permits Portal")]
    dialled = read(f"Mara: {ASKED}\nGuests: so\nAda: {LED}\n", "Mara Okafor", "Ada Lin")
    assert asked(dialled) == [("is_a_speaker", "Guests")]
    assert said(dialled) == [("Mara", ASKED), ("Guests", "Guests: so"), ("Ada", LED)]


NAMED = [
    "Ada Lin (she/her)", "Ada Lin she/her", "ada lin", "ADA LIN", "Ada Lin (Minister of State for Digital Affairs)",
    "Dr. Ada Lin, PhD", "Lin, Ada (Guest)", "Ada Lin | Acme", 'Ada "Ace" Lin', "\u674e\u96c5",
    "\u0410\u0434\u0430 \u041b\u0438\u043d", "\u0639\u0627\u062f\u0629", "Ada Lin (HR: Berlin)", "x_ada_99",
    "Prof. Ada Lin", "Mrs. Ada B. Lin", "Ada \u201cAce\u201d Lin", "Ada Lin (Acme, Inc.)", "Ada Lin, Acme Inc.",
]  # fmt: skip
NAMELESS = [
    "ada.lin@example.org", "Ada's iPhone", "Ada\u2019s MacBook Pro", "Candidate", "+1 555-010-4477", "1 (555) 010-4477",
    "15*****4477", "SPEAKER_01", "Speaker 2", "Speaker B", "spk_1", "Guest", "A", "2", "Conference Room 4", "Unknown",
    "Intervenant 2", "\u53d1\u8a00\u4eba1", "\u0421\u043f\u0438\u043a\u0435\u0440 2", "Them",
]  # fmt: skip


@pytest.mark.parametrize("label", [*NAMED, *NAMELESS])
@pytest.mark.parametrize("form", ["text", "captions", "timed", "lines"])
def test_whatever_somebody_is_called_their_words_are_theirs(form: str, label: str) -> None:
    turns = [(MARA, ASKED), (label, LED), (MARA, "And the budget?"), (label, "Two million."), (MARA, "Thank you.")]
    written_so = {
        "text": "\n".join(f"{who}: {words}" for who, words in turns),
        "captions": "WEBVTT\n\n"
        + "\n\n".join(f"{n}\n00:0{n}.000 --> 00:0{n}.900\n{who}: {words}" for n, (who, words) in enumerate(turns, 1)),
        "timed": "\n".join(f"[00:00:0{n}] {who}: {words}" for n, (who, words) in enumerate(turns)),
        "lines": "\n".join(f"{who}\n00:00:0{n}\n{words}" for n, (who, words) in enumerate(turns)),
    }
    transcript = read(written_so[form])
    assert said(transcript) == turns
    assert asked(transcript) == ([("who_is", label)] if label in NAMELESS else [])


@pytest.mark.parametrize("form", ["{}: {}\n", "[0:01] {}: {}\n", "{} (0:01): {}\n"])
def test_an_address_behind_a_name_is_part_of_the_label(form: str) -> None:
    label = "Ada Lin <ada.lin@example.org>"
    turns = [(label if who == ADA else who, words) for who, words in CALL]
    transcript = read("".join(form.format(who, words) for who, words in turns))
    assert (said(transcript), asked(transcript)) == (turns, [("who_is", label)])


@pytest.mark.parametrize("form", ["{}. {}: {}\n", "{}) {}: {}\n\n", "{}. **{}:** {}\n"])
def test_numbers_of_a_list_are_no_part_of_a_name(form: str) -> None:
    transcript = read("".join(form.format(n, who, words) for n, (who, words) in enumerate(CALL, 1)))
    assert (said(transcript), asked(transcript)) == (CALL, [])


@pytest.mark.parametrize(
    ("text", "turns", "questions"),
    [
        (
            "So, shall we?\nMara: Yes.\nAda: Fine.\nMara: Good.\nAda: Ok.\n",
            (UNKNOWN_SPEAKER, "So, shall we?"),
            ("who_spoke", None),
        ),
        (
            "Mara: Tell me?\nAda: It was hard.\nResult: we shipped.\nMara: So?\nAda: So what.\n",
            ("Result", "Result: we shipped."),
            None,
        ),
        (
            "Mara: Tell me?\nAda: Hard.\nForty cities: that was it.\nMara: So?\nAda: Ok.\n",
            ("Forty cities", "Forty cities: that was it."),
            ("is_a_speaker", "Forty cities"),
        ),
        (
            "Mara: a\nAda: b\nHector Salas: c\nMara: d\nAda: e\n",
            ("Hector Salas", "Hector Salas: c"),
            ("is_a_speaker", "Hector Salas"),
        ),
    ],
)
def test_what_cannot_be_told_is_asked(
    text: str, turns: tuple[str, str], questions: tuple[str, str | None] | None
) -> None:
    transcript = read(text)
    if questions is None:
        assert (ADA.split()[0], "It was hard. Result: we shipped.") in said(transcript)
        assert asked(transcript) == []
    else:
        assert turns in said(transcript)
        assert asked(transcript) == [questions]


@pytest.mark.parametrize(
    "words",
    [
        "Note that it was hard.", "And then my boss left the meeting", "Everyone joined the call.", "Speakers",
        "Nobody left the meeting.", "note to self, never again", "Reacted to nothing, that one.",
    ],
)  # fmt: skip
def test_what_sounds_as_a_tool_writes_is_speech(words: str) -> None:
    transcript = read(f"{MARA}: {ASKED}\n{ADA}: {LED}\n{words}\n{MARA}: And the budget?\n{ADA}: Two million.\n")
    assert (said(transcript), asked(transcript)) == ([CALL[0], (ADA, f"{LED} {words}"), *CALL[2:]], [])


@pytest.mark.parametrize("form", ["[{}]: {}", "[{}] {}", "{} {}"])
def test_a_segment_in_which_a_tool_knew_no_voice_is_nobodys(form: str) -> None:
    one, other = (form.format(code, words) for code, words in CODES)
    transcript = read(cues(one, "Right then.", other, one, other))
    assert said(transcript)[1] == (UNKNOWN_SPEAKER, "Right then.")
    assert ("who_spoke", None) in asked(transcript)


def cues(*texts: str) -> str:
    return "WEBVTT\n\n" + "\n\n".join(
        f"{n}\n00:{n:02}.000 --> 00:{n:02}.900\n{text}" for n, text in enumerate(texts, 1)
    )


QUIRKS = {
    "blank lines in a cue": (
        cues("Mara: One.\n\nTwo.", "Ada: Three.\n\n\nFour.", "Mara: Five."),
        ["One. Two.", "Three. Four.", "Five."],
    ),
    "empty cues": (cues("Mara: One.", "", "Ada: Two.", "", ""), ["One.", "Two."]),
    "an arrow at a line's beginning": (
        cues("Mara: One\n--> two", "Ada: a -> b --> c"),
        ["One --> two", "a -> b --> c"],
    ),
    "a number in speech": (cues("Mara: How many?\n42", "Ada: Yes.\n\n17"), ["How many? 42", "Yes. 17"]),
    "a number run into the words": (
        "1\n00:01,000 --> 00:02,000\nMara: One.\n2\n00:02,000 --> 00:03,000\nAda: Two.\n"
        "3\n00:03,000 --> 00:04,000\nMara: Three.\n",
        ["One.", "Two.", "Three."],
    ),
    "a number glued to the words": (
        "1\n00:01,000 --> 00:02,000\nMara: One. 2\n00:02,000 --> 00:03,000\nAda: Two.\n\n"
        "3\n00:03,000 --> 00:04,000\nMara: Three.\n\n4\n00:04,000 --> 00:05,000\nAda: Four.\n",
        ["One.", "Two.", "Three.", "Four."],
    ),
    "a comment between": (
        cues("Mara: One.", "Ada: Two.").replace("\n\n2", "\n\nNOTE Confidence: 0.9\n\n2"),
        ["One.", "Two."],
    ),
    "colours and times in words": (
        cues("Mara: <c.white>One</c>", "Ada: <00:00:02.100><c>Two</c> <b>it is</b>"),
        ["One", "Two it is"],
    ),
    "YouTube's roll": (
        "WEBVTT\n\n00:01.000 --> 00:03.000\nMara: we went\n\n00:03.000 --> 00:03.010\nMara: we went\n\n"
        "00:03.010 --> 00:05.000\nMara: we went\nto the city\n\n00:05.000 --> 00:05.010\nMara: we went\nto the city\n\n"
        "00:06.000 --> 00:07.000\nAda: Which?\n\n00:07.000 --> 00:08.000\nMara: Ours.\n",
        ["we went to the city", "Which?", "Ours."],
    ),
    "captions that grow": (
        "1\n00:00:01,000 --> 00:00:02,000\nMara: I\n\n2\n00:00:01,000 --> 00:00:03,000\nMara: I was\n\n"
        "3\n00:00:01,000 --> 00:00:04,000\nMara: I was there\n\n4\n00:00:05,000 --> 00:00:06,000\nAda: So was I.\n",
        ["I was there", "So was I."],
    ),
    "lines that move up": (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n>> Mara: one two\nthree four\n\n"
        "00:02.000 --> 00:03.000\nthree four\nfive six\n\n00:03.000 --> 00:04.000\nfive six\nseven eight\n\n"
        "00:05.000 --> 00:06.000\n>> Ada: nine\n",
        ["one two three four five six seven eight", "nine"],
    ),
    "two voices roll over each other": (
        "WEBVTT\n\n00:01.000 --> 00:02.990\nMara: How was\n\n00:02.990 --> 00:03.000\nMara: How was\n\n"
        "00:03.000 --> 00:04.990\nMara: How was\nthe launch?\n\n00:04.990 --> 00:05.000\nthe launch?\n\n"
        "00:05.000 --> 00:06.990\nthe launch?\nAda: I led it.\n\n00:06.990 --> 00:07.000\nAda: I led it.\n",
        ["How was the launch?", "I led it."],
    ),
    "what is said twice": (
        cues("Mara: No.", "Mara: No.", "Ada: Yes, yes.", "Ada: Yes, yes."),
        ["No. No.", "Yes, yes. Yes, yes."],
    ),
}


@pytest.mark.parametrize("quirk", QUIRKS)
def test_captions_are_read_with_their_quirks(quirk: str) -> None:
    text, right = QUIRKS[quirk]
    transcript = read(text)
    assert said(transcript) == list(zip(["Mara", "Ada"] * 3, right, strict=False))
    assert asked(transcript) == []
    left_out = sum(left.characters for left in transcript.left_out)
    assert written(transcript.text) + left_out == written(normalised(text))


def test_whisperx_writes_codes_into_the_rows_of_a_table() -> None:
    rows = "".join(f"{n}000\t{n}900\t[{who}]: {words}\n" for n, (who, words) in enumerate(CODES, 1))
    transcript = read(f"start\tend\ttext\n{rows}3000\t3900\tRight.\n")
    assert said(transcript) == [*CODES, (UNKNOWN_SPEAKER, "Right.")]
    assert asked(transcript) == [*BOTH_CODES, ("who_spoke", None)]
    assert [turn.start_ms for turn in transcript.turns] == [1_000, 2_000, 3_000]


def test_what_parts_the_columns_of_a_table_may_be_said() -> None:
    transcript = read('Speaker,Text\n"Okafor, Mara","How, was it\nthen?"\nAda Lin,"I said ""yes""."\n,Right.\n')
    assert said(transcript) == [
        ("Okafor, Mara", "How, was it then?"),
        (ADA, 'I said "yes".'),
        (UNKNOWN_SPEAKER, "Right."),
    ]


@pytest.mark.parametrize("text", ["start\tend\ttext\n0\t900\tI led it.\n", "text,start\nI led it,0\nand won,1\n"])
def test_a_table_that_names_no_speaker_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="who speaks"):
        read(text)


def by_identifiers(*turns: tuple[str, str]) -> str:
    return "WEBVTT\n\n" + "\n\n".join(
        f"{who}\n00:{n:02}.000 --> 00:{n:02}.900\n{words}" for n, (who, words) in enumerate(turns, 1)
    )


@pytest.mark.parametrize("turns", [CALL[:2], [*CALL, ("Wes", "Thank you.")], [*CALL, ("Wes Ito", "Thank you.")]])
def test_a_cue_whose_identifier_names_somebody_is_theirs_though_they_speak_once(turns: list[tuple[str, str]]) -> None:
    transcript = read(by_identifiers(*turns))
    assert (said(transcript), asked(transcript)) == (turns, [])


@pytest.mark.parametrize("identifiers", ["ab", ["cut 1", "cut 2"], ["opening", "answer"]])
def test_identifiers_that_name_nobody_make_no_speakers(identifiers: list[str]) -> None:
    with pytest.raises(Unreadable, match="who speaks"):
        read(by_identifiers(*((one, words) for one, (_, words) in zip(identifiers, CALL, strict=False))))


@pytest.mark.parametrize(
    "time",
    [
        "0 hours 2 minutes", "2 minutes 13 seconds", "1h 2m 3s", "10:02 AM", "10:02:13 p.m.", "0:02", ":00:02",
        "(1:02:03)", "[00:02 - 00:09]", "00:00:02.345",
    ],
)  # fmt: skip
def test_times_of_all_sorts_are_times(time: str) -> None:
    text = "".join(f"{who}  {time}\n{words}\n\n" for who, words in CALL)
    assert said(read(text)) == CALL
    assert all(turn.start_ms is not None for turn in read(text).turns)


def test_a_time_that_somebody_says_is_speech() -> None:
    text = f"{MARA}: When?\n{ADA}: 10:30\n{MARA}: We met at 10:30?\n{ADA}: No, 11:15\n"
    assert [words for _, words in said(read(text))] == ["When?", "10:30", "We met at 10:30?", "No, 11:15"]


@pytest.mark.parametrize(
    ("one", "other"), [("15550104477", "+1 555-010-4477"), ("Ada Lin", "Ada Lin (she/her)"), ("ADA LIN", "Ada Lin")]
)
def test_one_speaker_under_two_spellings_is_one(one: str, other: str) -> None:
    transcript = read(f"Mara: {ASKED}\n{one}: {LED}\nMara: And?\n{other}: Two.\n")
    assert transcript.speakers == ("Mara", one)


def test_a_long_call_is_read_at_once() -> None:
    """Ninety minutes: 1,500 cues, 15,000 words. The bound is generous; it takes some 60 ms."""
    speech = "we cut the form from forty questions to twelve again"
    text = "WEBVTT\n\n" + "\n\n".join(
        f"{n}\n00:{n // 60:02}:{n % 60:02}.000 --> 00:{n // 60:02}:{n % 60:02}.900\n{(MARA, ADA)[n // 3 % 2]}: {speech}"
        for n in range(1_500)
    )
    assert cpu_seconds(lambda: read(text)) < 0.3


@pytest.mark.parametrize(
    "text",
    ["Ada: Hello\nMara: Hi", "WEBVTT\n\n00:01.000 --> 00:02.000\nAda: Hello", '{"segments": []}', "Ada  0:02\nHello"],
)
def test_an_envelope_is_no_transcript(text: str) -> None:
    body = f'--b\r\nContent-Disposition: form-data; name="file"; filename="call.txt"\r\n\r\n{text}\r\n--b--\r\n'
    with pytest.raises(Unreadable, match="Send the file itself as the body"):
        read(body)


@pytest.mark.parametrize(
    "text",
    [
        f"SPEAKER_00 {ASKED}\nSPEAKER_01 {LED}\n",
        f"[SPEAKER_00] {ASKED}\n[SPEAKER_01] {LED}\n",
        f"[00:00.000 --> 00:03.000] [SPEAKER_00]: {ASKED}\n[00:03.000 --> 00:05.000] [SPEAKER_01]: {LED}\n",
        f"00:00:03,000 --> 00:00:05,000 [SPEAKER_00]\n{ASKED}\n\n00:00:05,000 --> 00:00:08,000 [SPEAKER_01]\n{LED}\n",
        f"SPEAKER_00 00:03\n{ASKED}\n\nSPEAKER_01 00:05\n{LED}\n",
    ],
)
def test_codes_of_a_diarising_tool_are_speakers_to_be_named(text: str) -> None:
    transcript = read(text)
    assert (said(transcript), asked(transcript)) == (CODES, BOTH_CODES)
