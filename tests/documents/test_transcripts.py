import contextlib
from pathlib import Path

import pytest

from documents.decoding import LARGEST_BYTES, Unreadable
from documents.transcripts import read_transcript
from domain.core.source_text import Span
from testing.machine_pace import cpu_seconds

SAMPLES = Path(__file__).parents[2] / "samples" / "transcripts"


def lines(data: str | bytes, name: str = "call.vtt") -> list[tuple[str, str, int | None]]:
    transcript = read_transcript(data.encode() if isinstance(data, str) else data, name)
    return [(turn.speaker, transcript.text[turn.start : turn.end], turn.start_ms) for turn in transcript.turns]


ZOOM = """WEBVTT

1
00:00:01.200 --> 00:00:03.400
Dana Whitfield: So, what went wrong last time?

2
00:00:03.900 --> 00:00:07.000
Marcus Bell: Honestly? He was a great talker.
Here's the thing: he never shipped.

3
00:00:07.100 --> 00:00:09.000
Marcus Bell: R&amp;D hated it &lt;laughs&gt;.

4
00:00:08.000 --> 00:00:08.500
Dana Whitfield: Mm-hm.
"""

TEAMS = """\ufeffWEBVTT

3f2a5b9c-1d2e-4f60-8a7b-0c1d2e3f4a5b/12-0
00:00:04.120 --> 00:00:08.300
<v Dana Whitfield>Are you ready
to start?</v>

3f2a5b9c-1d2e-4f60-8a7b-0c1d2e3f4a5b/13-0
00:00:08.000 --> 00:00:10.000
<v Raman, Priya (Guest)>Yes, I&nbsp;am.</v>
<v Dana Whitfield>Great.</v> <v Raman, Priya (Guest)>Go <i>ahead</i>.</v>
"""

SUBRIP = """1
00:00:00,500 --> 00:00:02,000
Interviewer 1: How did you decide?

2
00:00:02,100 --> 00:00:06,000
Priya: We asked forty users.

Then we cut two features.

3
00:00:06,100 --> 00:00:08,000
The rest we kept.

4
00:00:08,200 --> 00:00:09,000
Interviewer 1: <i>Okay.</i>
"""

MEET = """Mar 4, 2026

Screen: Product manager - Transcript
Attendees
Dana Whitfield, Priya Raman
Transcript

00:00:00

Dana Whitfield: Thanks for making the time.
Priya Raman: Of course.
I had a look at the post: it is close to what I do.

00:05:00

Dana Whitfield: And pay?
Priya Raman: Around one sixty-five.

Transcription ended after 00:06:12

This editable transcript was computer generated and might contain errors. People can also change the text.
"""


def test_zoom_prefixes() -> None:
    assert lines(ZOOM) == [
        ("Dana Whitfield", "So, what went wrong last time?", 1_200),
        (
            "Marcus Bell",
            "Honestly? He was a great talker. Here's the thing: he never shipped. R&D hated it <laughs>.",
            3_900,
        ),
        ("Dana Whitfield", "Mm-hm.", 8_000),
    ]


def test_teams_voices_even_several_in_one_cue() -> None:
    assert lines(TEAMS) == [
        ("Dana Whitfield", "Are you ready to start?", 4_120),
        ("Raman, Priya (Guest)", "Yes, I am.", 8_000),
        ("Dana Whitfield", "Great.", 8_000),
        ("Raman, Priya (Guest)", "Go ahead.", 8_000),
    ]


def test_subrip_with_a_blank_line_in_a_cue_and_a_name_only_where_the_speaker_changes() -> None:
    assert lines(SUBRIP, "call.srt") == [
        ("Interviewer 1", "How did you decide?", 500),
        ("Priya", "We asked forty users. Then we cut two features. The rest we kept.", 2_100),
        ("Interviewer 1", "Okay.", 8_200),
    ]
    transcript = read_transcript(SUBRIP.encode(), "call.srt")
    found = transcript.locate("the rest we kept")
    assert found is not None
    assert transcript.quote(Span(document="d", start=found[0], end=found[1])).start_ms == 6_100


def test_meet_leaves_out_what_nobody_said() -> None:
    assert lines(MEET, "call.txt") == [
        ("Dana Whitfield", "Thanks for making the time.", 0),
        ("Priya Raman", "Of course. I had a look at the post: it is close to what I do.", 0),
        ("Dana Whitfield", "And pay?", 300_000),
        ("Priya Raman", "Around one sixty-five.", 300_000),
    ]


def test_plain_text_with_times_in_every_usual_place() -> None:
    assert lines(
        "Date: 4 March\nCandidate: Priya Raman\n\n"
        "Dana Whitfield  00:01:02\nWe met at 10:30 then?\n\nYes or no.\n\n"
        "Priya Raman (1:05): Yes.\n[00:01:07] Dana Whitfield: Fine.\n01:00:09 - Priya Raman: Note: I was late.\n"
    ) == [
        ("Dana Whitfield", "We met at 10:30 then? Yes or no.", 62_000),
        ("Priya Raman", "Yes.", 65_000),
        ("Dana Whitfield", "Fine.", 67_000),
        ("Priya Raman", "Note: I was late.", 3_609_000),
    ]


@pytest.mark.parametrize(
    ("text", "speakers"),
    [
        ("Ana de la Cruz: Hi.\nJ. R. O'Neil (Acme): Hello.", ["Ana de la Cruz", "J. R. O'Neil (Acme)"]),
        ("Q: One?\nA: Two.", ["Q", "A"]),
        ("interviewer: a\ncandidate: b\n" * 3, ["interviewer", "candidate"] * 3),
        ("王芳\uff1a你好。\n田中\uff1a はい。", ["王芳", "田中"]),
        ("Dana: Here's the thing.\nso to speak: we won.\nHere's what I mean: it went.\nLee: Ok", ["Dana", "Lee"]),
        ("Dana: See https://example.org\nhttps://example.org: that one", ["Dana"]),
    ],
)
def test_who_is_a_speaker_in_plain_text(text: str, speakers: list[str]) -> None:
    assert [speaker for speaker, _, _ in lines(text, "call.txt")] == speakers


def test_a_cue_without_a_name_is_nobodys_where_every_cue_is_named() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nDana: One.\n\n00:02.000 --> 00:03.000\nDana: Two.\n\n"
    assert lines(text + "00:03.000 --> 00:04.000\nThree.\n") == [
        ("Dana", "One. Two.", 1_000),
        ("Unknown speaker", "Three.", 3_000),
    ]
    tagged = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Dana>One.\n\n00:02.000 --> 00:03.000\n<v Dana>Two.\n\n"
    assert lines(tagged + "00:03.000 --> 00:04.000\nThree.\n")[1][0] == "Unknown speaker"


def test_a_second_voice_marked_by_a_dash_alone_is_not_given_to_the_first() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nDana: So?\n- Well.\n\n00:02.000 --> 00:03.000\n- Dana: A.\n- Lee: B.\n"
    assert [(speaker, words) for speaker, words, _ in lines(text)] == [
        ("Dana", "So?"),
        ("Unknown speaker", "- Well."),
        ("Dana", "A."),
        ("Lee", "B."),
    ]


def test_people_talking_at_once_come_in_the_order_they_began() -> None:
    text = (
        "WEBVTT\n\n00:05.000 --> 00:09.000\n<v Lee>Later.</v>\n\n00:01.000 --> 00:06.000\n<v Dana>First</v>\n\n"
        "00:02.000 --> 00:03.000\n<v Lee>yeah</v>\n\n00:04.000 --> 00:06.000\n<v Dana>second.</v>\n"
    )
    assert [words for _, words, _ in lines(text)] == ["First", "yeah", "second.", "Later."]


def test_content_decides_whatever_the_file_is_called() -> None:
    assert lines(ZOOM, "call.txt") == lines(ZOOM, "call.vtt")
    assert lines(SUBRIP, "call.vtt") == lines(SUBRIP, "call.srt")
    assert lines(ZOOM.replace("\n", "\r\n")) == lines(ZOOM)
    assert lines(ZOOM.encode("utf-16")) == lines(ZOOM)
    assert lines(b"\xef\xbb\xbf" + SUBRIP.encode()) == lines(SUBRIP)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Zoë Müller: That\u2019s how we did it \u2013 naïvely.\nRené: Genau, für den Kunden.\n"),
        ("cp1251", "Анна: Здравствуйте, мы начали проект.\nЮлия: Да, мы начали зимой.\n"),
        ("cp932", "田中: はい、そうです。プロジェクトを始めました。\n鈴木: わかりました。\n"),
    ],
)
def test_legacy_encodings(encoding: str, text: str) -> None:
    assert lines(text.encode(encoding)) == lines(text)


CUE = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nDana: Hello.\n\n"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b" \r\n\t ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"x" * (LARGEST_BYTES + 1), "larger than 5 MB"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"PK\x03\x04...", "Word document"),
        (bytes(range(256)) * 8, "not text"),
        (b"WEBVTT\x00\x00\x00", "not text"),
        ("Zoë: Ça va très bien, merci à tous.".encode()[:-30] + b"\xc3", "cut off"),
        ("Zoë: Ça va très bien, merci à tous.".encode("utf-16")[:-1], "cut off"),
        (b"WEBVTT\n", "no cue"),
        (b"WEBVTT\n\nNOTE nothing here\n", "no cue"),
        (CUE.encode() + b"2", "cut off"),
        (CUE.encode() + b"2\n00:00:0", "cut off"),
        (CUE.encode() + b"2\n00:00:03.000 --> 00:0", "cut off"),
        (CUE.encode() + b"2\n00:00:03.000 --> 00:00:04.000\n<v Da", "cut off"),
        (TEAMS.encode()[:-6], "cut off"),
        (CUE.replace("00:00:02", "00:99:02").encode(), "times cannot be read"),
        (CUE.replace("Dana: ", "").encode(), "who speaks"),
        (SUBRIP[: SUBRIP.index("00:00:09")].encode(), "cut off"),
        (SUBRIP.replace("Interviewer 1: ", "").replace("Priya: ", "").encode(), "who speaks"),
        (b"We talked about the roadmap for an hour.\nNote: it went well.\n", "who speaks"),
        (b"Summary: PM\nEmail: a@example.org\nSkills: SQL\n", "who speaks"),
        (b'{"basics": {"name": "Priya"}}', "is not a transcript"),
        (b"<html><body>Dana: hi</body></html>", "is not a transcript"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence) as refused:
        read_transcript(data, "/home/me/call.vtt")
    assert refused.value.code == "unreadable"
    assert refused.value.sentence.startswith("call.vtt ")
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT\n\n00:01.000 --> 00:02.000\nDana: " + "<a" * 200_000,
        "WEBVTT\n\n00:01.000 --> 00:02.000\nDana: " + "<v " * 150_000,
        "Dana: " + "a: " * 150_000,
        "Dana: hi\n" + "Dana 1" * 80_000,
        "1\n00:00:01,000 --> 00:00:02,000\nDana: " + "1\n" * 200_000,
        "Dana: " + " \t" * 200_000 + "x",
    ],
)
def test_hostile_repetition_costs_seconds_at_most(text: str) -> None:
    def work() -> None:
        with contextlib.suppress(Unreadable):
            read_transcript(text.encode(), "call.vtt")

    assert cpu_seconds(work, tries=1) < 8


def test_invisible_characters_and_markup_do_not_reach_the_text() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Dana>I\u200b \U000e0041said &lt;v Lee&gt;yes&lt;/v&gt;.</v>\n"
    assert lines(text) == [("Dana", "I said <v Lee>yes</v>.", 1_000)]


@pytest.mark.parametrize(
    ("name", "speakers", "turns", "last_ms"),
    [
        ("intake.vtt", ("Mara Okafor", "Dana Whitfield", "Hector Salas"), 221, 1_914_955),
        ("screen-1.vtt", ("Mara Okafor", "Nadia Brenner"), 79, 761_933),
        ("screen-2.txt", ("Mara Okafor", "Owen Tully"), 82, 600_000),
        ("interview-1.srt", ("Priya Raman", "Nadia Brenner"), 103, 1_174_839),
        ("interview-2.vtt", ("Wes Calloway", "Nadia Brenner"), 108, 1_010_122),
        ("debrief.vtt", ("Mara Okafor", "Wes Calloway", "Priya Raman", "Dana Whitfield"), 72, 675_615),
        ("debrief-follow-up.txt", ("Mara Okafor", "Dana Whitfield", "Wes Calloway", "Priya Raman"), 22, None),
    ],
)
def test_the_samples_read_with_the_right_speakers(
    name: str, speakers: tuple[str, ...], turns: int, last_ms: int | None
) -> None:
    transcript = read_transcript((SAMPLES / name).read_bytes(), name)
    assert transcript.speakers == speakers
    assert (len(transcript.turns), transcript.turns[-1].start_ms) == (turns, last_ms)
