"""A transcript of each tool, as the tool writes it, is read as who said what."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import docx
import pytest

from documents.attribution import written
from documents.decoding import Unreadable
from documents.document_reader import read_document
from documents.transcripts import read_transcript
from domain.core.source_text import normalised
from domain.evidence.transcript import UNKNOWN_SPEAKER, Transcript

TOOLS = Path(__file__).parent / "tools"
PEOPLE = ("Ada Lin", "Mara Okafor")


def said(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, transcript.text[turn.start : turn.end]) for turn in transcript.turns]


def read(text: str, *people: str, name: str = "call.txt") -> Transcript:
    return read_transcript(text.encode(), name, people)


def asked(transcript: Transcript) -> list[tuple[str, str | None]]:
    return [(question.kind, question.speaker) for question in transcript.questions]


MARA, ADA = "Mara Okafor", "Ada Lin"
CALL = [(MARA, "How was the launch?"), (ADA, "I led it."), (MARA, "And the budget?"), (ADA, "Two million.")]


@pytest.mark.parametrize("path", sorted(TOOLS.iterdir()), ids=lambda path: path.name)
def test_each_tool_is_read(path: Path) -> None:
    transcript = read_transcript(path.read_bytes(), path.name)
    assert said(transcript) == CALL
    assert transcript.questions == ()
    assert transcript.tool
    if "metadata" not in path.name:
        left_out = sum(left.characters for left in transcript.left_out)
        assert written(transcript.text) + left_out == written(normalised(path.read_text()))


ROWS = [(who, words, 2.0 * n, 2.0 * n + 1.5) for n, (who, words) in enumerate(CALL, 1)]
SERVICES: dict[str, object] = {
    "segments": {
        "segments": [{"start": a, "end": b, "speaker": who, "text": f" {words}"} for who, words, a, b in ROWS]
    },
    "WhisperX": {
        "segments": [
            {
                "start": a,
                "end": b,
                "text": words,
                "speaker": who,
                "words": [{"word": word, "start": a, "end": b, "score": 0.9, "speaker": who} for word in words.split()],
            }
            for who, words, a, b in ROWS
        ],
        "word_segments": [],
        "language": "en",
    },
    "WhisperX, two in a segment": {
        "segments": [
            {
                "start": 2.0,
                "end": 10.0,
                "text": " ".join(words for _, words, _, _ in ROWS),
                "speaker": MARA,
                "words": [
                    {"word": word, "start": a, "end": b, "speaker": who}
                    for who, words, a, b in ROWS
                    for word in words.split()
                ],
            }
        ]
    },
    "Deepgram": {
        "metadata": {"request_id": "x", "duration": 10.0},
        "results": {
            "channels": [
                {
                    "alternatives": [
                        {
                            "transcript": " ".join(words for _, words, _, _ in ROWS),
                            "words": [
                                {
                                    "word": word.lower().strip("?."),
                                    "punctuated_word": word,
                                    "start": a,
                                    "end": b,
                                    "confidence": 0.9,
                                    "speaker": PEOPLE.index(who),
                                }
                                for who, words, a, b in ROWS
                                for word in words.split()
                            ],
                        }
                    ]
                }
            ]
        },
    },
    "Deepgram's utterances": {
        "metadata": {},
        "results": {
            "utterances": [
                {"start": a, "end": b, "transcript": words, "speaker": PEOPLE.index(who), "channel": 0}
                for who, words, a, b in ROWS
            ]
        },
    },
    "AssemblyAI": {
        "id": "x",
        "language_model": "assemblyai_default",
        "text": " ".join(words for _, words, _, _ in ROWS),
        "words": [
            {"text": word, "start": int(a * 1000), "end": int(b * 1000), "speaker": None}
            for _, words, a, b in ROWS
            for word in words.split()
        ],
        "utterances": [
            {
                "speaker": "AB"[PEOPLE.index(who)],
                "text": words,
                "start": int(a * 1000),
                "end": int(b * 1000),
                "confidence": 0.9,
                "words": [
                    {"text": word, "start": int(a * 1000), "end": int(b * 1000), "speaker": "AB"[PEOPLE.index(who)]}
                    for word in words.split()
                ],
            }
            for who, words, a, b in ROWS
        ],
    },
    "AWS Transcribe": {
        "jobName": "x",
        "results": {
            "transcripts": [{"transcript": " ".join(words for _, words, _, _ in ROWS)}],
            "speaker_labels": {
                "speakers": 2,
                "segments": [
                    {
                        "start_time": str(a),
                        "end_time": str(b),
                        "speaker_label": f"spk_{PEOPLE.index(who)}",
                        "items": [
                            {
                                "start_time": f"{a + n / 10:.2f}",
                                "end_time": str(b),
                                "speaker_label": f"spk_{PEOPLE.index(who)}",
                            }
                            for n, _ in enumerate(words.split())
                        ],
                    }
                    for who, words, a, b in ROWS
                ],
            },
            "items": [
                item
                for who, words, a, b in ROWS
                for n, word in enumerate(words.split())
                for item in (
                    {
                        "start_time": f"{a + n / 10:.2f}",
                        "end_time": str(b),
                        "type": "pronunciation",
                        "alternatives": [{"confidence": "0.9", "content": word.rstrip("?.")}],
                    },
                    *([{"type": "punctuation", "alternatives": [{"content": word[-1]}]}] if word[-1] in "?." else []),
                )
            ],
        },
    },
    "Rev": {
        "monologues": [
            {
                "speaker": PEOPLE.index(who),
                "elements": [
                    element
                    for n, word in enumerate(words.rstrip("?.").split())
                    for element in (
                        *([{"type": "punct", "value": " "}] if n else []),
                        {"type": "text", "value": word, "ts": a, "end_ts": b},
                    )
                ]
                + [{"type": "punct", "value": words[-1]}],
            }
            for who, words, a, b in ROWS
        ]
    },
    "Fireflies": {
        "data": {
            "transcript": {
                "title": "Screen",
                "sentences": [
                    {
                        "index": n,
                        "speaker_name": who,
                        "speaker_id": n % 2,
                        "text": words,
                        "raw_text": words,
                        "start_time": a,
                        "end_time": b,
                    }
                    for n, (who, words, a, b) in enumerate(ROWS)
                ],
                "summary": {"overview": "She led the launch."},
            }
        }
    },
    "Fathom": {
        "items": [
            {
                "title": "Screen",
                "transcript": [
                    {
                        "speaker": {
                            "display_name": who,
                            "matched_calendar_invitee_email": f"{who[0].lower()}@example.org",
                        },
                        "text": words,
                        "timestamp": f"00:00:0{int(a)}",
                    }
                    for who, words, a, _ in ROWS[:4]
                ],
            }
        ]
    },
    "Grain": [
        {"start": int(a * 1000), "end": int(b * 1000), "speaker": who, "text": words} for who, words, a, b in ROWS
    ],
    "Microsoft Stream": {
        "entries": [
            {
                "id": f"{n}",
                "text": words,
                "speakerDisplayName": who,
                "startOffset": f"00:00:0{int(a)}.0000000",
                "endOffset": f"00:00:0{int(b)}.5000000",
            }
            for n, (who, words, a, b) in enumerate(ROWS)
        ]
    },
    "an OpenAI-compatible endpoint": {
        "task": "transcribe",
        "text": " ".join(words for _, words, _, _ in ROWS),
        "segments": [
            {"type": "transcript.text.segment", "id": f"s{n}", "speaker": who, "start": a, "end": b, "text": words}
            for n, (who, words, a, b) in enumerate(ROWS)
        ],
    },
    "Google, its first version": {
        "results": [
            {"alternatives": [{"transcript": words, "words": [{"word": word} for word in words.split()]}]}
            for _, words, _, _ in ROWS
        ]
        + [
            {
                "alternatives": [
                    {
                        "words": [
                            {
                                "startTime": f"{a}s",
                                "endTime": f"{b}s",
                                "word": word,
                                "speakerTag": PEOPLE.index(who) + 1,
                            }
                            for who, words, a, b in ROWS
                            for word in words.split()
                        ]
                    }
                ]
            }
        ]
    },
    "Google, its second version": {
        "results": [
            {
                "alternatives": [
                    {
                        "transcript": words,
                        "words": [
                            {
                                "startOffset": f"{a}s",
                                "endOffset": f"{b}s",
                                "word": word,
                                "speakerLabel": str(PEOPLE.index(who)),
                            }
                            for word in words.split()
                        ],
                    },
                    {"transcript": "Something else, less likely."},
                ]
            }
            for who, words, a, b in ROWS
        ]
    },
    "Azure, in batches": {
        "combinedRecognizedPhrases": [{"channel": 0, "display": " ".join(words for _, words, _, _ in ROWS)}],
        "recognizedPhrases": [
            {
                "channel": 0,
                "speaker": PEOPLE.index(who) + 1,
                "offset": f"PT{a}S",
                "duration": "PT1.5S",
                "nBest": [
                    {"lexical": words.lower(), "display": words},
                    {"lexical": "else", "display": "Something else, less likely."},
                ],
            }
            for who, words, a, _ in ROWS
        ],
    },
    "Azure, at once": {
        "phrases": [
            {
                "speaker": PEOPLE.index(who),
                "offsetMilliseconds": int(a * 1000),
                "durationMilliseconds": 1500,
                "text": words,
            }
            for who, words, a, _ in ROWS
        ]
    },
    "Deepgram's paragraphs": {
        "paragraphs": [
            {"sentences": [{"text": words, "start": a, "end": b}], "speaker": PEOPLE.index(who), "start": a, "end": b}
            for who, words, a, b in ROWS
        ]
    },
    "Amazon Connect": {
        "Transcript": [
            {
                "ParticipantRole": ("CUSTOMER", "AGENT")[PEOPLE.index(who)],
                "BeginOffsetMillis": int(a * 1000),
                "EndOffsetMillis": int(b * 1000),
                "Content": words,
            }
            for who, words, a, b in ROWS
        ]
    },
    "Gong": {
        "callTranscripts": [
            {
                "transcript": [
                    {
                        "speakerId": f"901{PEOPLE.index(who)}",
                        "sentences": [{"start": int(a * 1000), "end": int(b * 1000), "text": words}],
                    }
                    for who, words, a, b in ROWS
                ]
            }
        ]
    },
    "Speechmatics": {
        "results": [
            item
            for who, words, a, b in ROWS
            for item in (
                *(
                    {
                        "alternatives": [{"content": word, "speaker": f"S{PEOPLE.index(who)}"}],
                        "start_time": a,
                        "end_time": b,
                        "type": "word",
                    }
                    for word in words[:-1].split()
                ),
                {
                    "alternatives": [{"content": words[-1], "speaker": f"S{PEOPLE.index(who)}"}],
                    "start_time": b,
                    "end_time": b,
                    "type": "punctuation",
                },
            )
        ]
    },
    "voices that are named beside": {
        "speakers": [{"id": PEOPLE.index(who), "name": who} for who in PEOPLE],
        "segments": [{"speaker": PEOPLE.index(who), "text": words, "start": a, "end": b} for who, words, a, b in ROWS],
    },
    "voices that are named beside by their codes": {
        "speakers": {f"SPEAKER_0{PEOPLE.index(who)}": who for who in PEOPLE},
        "segments": [
            {"speaker": f"SPEAKER_0{PEOPLE.index(who)}", "text": words, "start": a, "end": b}
            for who, words, a, b in ROWS
        ],
    },
    "capital letters": [{"Speaker": who, "Text": words, "Start Time": a} for who, words, a, _ in ROWS],
    "a chat": {
        "messages": [{"name": who, "message": words, "ts": a, "end_ts": b} for who, words, a, b in ROWS],
        "comments": [{"speaker": "Wes Ito", "text": "A comment that is longer than all that was said. " * 9}],
    },
    "a meeting bot": [
        {
            "participant": {"id": PEOPLE.index(who), "name": who},
            "words": [
                {"text": word, "start_timestamp": {"relative": a}, "end_timestamp": {"relative": b}}
                for word in words.split()
            ],
        }
        for who, words, a, b in ROWS
    ],
}


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_is_read(service: str) -> None:
    transcript = read(json.dumps(SERVICES[service]), name="call.json")
    labels = dict(zip(transcript.speakers, (MARA, ADA), strict=True))
    assert [(labels[speaker], words) for speaker, words in said(transcript)] == CALL
    assert [turn.start_ms for turn in transcript.turns] == [2_000, 4_000, 6_000, 8_000]
    nameless = [speaker for speaker in transcript.speakers if speaker not in PEOPLE]
    assert asked(transcript) == [("who_is", speaker) for speaker in nameless]


def test_numbers_of_those_who_were_there_name_no_voices() -> None:
    rows = [{"speaker": PEOPLE.index(who), "text": words, "start": a, "end": b} for who, words, a, b in ROWS]
    there = [{"id": 1, "name": MARA}, {"id": 0, "name": ADA}]
    assert read(json.dumps({"participants": there, "segments": rows})).speakers == ("Speaker 1", "Speaker 0")


@pytest.mark.parametrize("time", ["NaN", "Infinity", "1e400", "1e300"])
def test_a_time_that_is_none_is_left_out(time: str) -> None:
    rows = ",".join(f'{{"speaker": "{who}", "text": "{words}", "start": {time}}}' for who, words in CALL)
    transcript = read(f'{{"segments": [{rows}]}}')
    assert said(transcript) == CALL
    assert all(turn.start_ms is None for turn in transcript.turns)


def test_one_object_a_line_is_read() -> None:
    rows = (json.dumps({"speaker": who, "text": words, "start": a, "end": b}) for who, words, a, b in ROWS)
    assert said(read("\n".join(rows))) == CALL


def test_a_column_beside_a_table_that_nobody_knows_is_shown_and_asked_about() -> None:
    rows = [
        ("Mara Okafor", "0:01", "How was the launch?", "1", ""),
        ("Ada Lin", "0:02", "I led it.", "2", "and she named the county clerk"),
        ("Mara Okafor", "0:03", "And the budget?", "3", ""),
        ("Ada Lin", "0:04", "Two million.", "4", ""),
    ]
    table = "\n".join("\t".join(row) for row in [("Speaker", "Start", "Text", "No", "Aside"), *rows])
    transcript = read_transcript(table.encode(), "sheet.tsv")
    assert [(one.kind, one.lines) for one in transcript.questions] == [("not_understood", (rows[1][4],))]
    speakers = ["Mara Okafor", "Ada Lin", "Unknown speaker", "Mara Okafor", "Ada Lin"]
    assert [turn.speaker for turn in transcript.turns] == speakers
    assert transcript.text.split("\n") == [rows[0][2], rows[1][2], rows[1][4], rows[2][2], rows[3][2]]


def test_a_segment_without_a_speaker_is_nobodys() -> None:
    rows = [{"start": 1, "end": 2, "speaker": ADA, "text": "I led it."}, {"start": 2, "end": 3, "text": "Right."}]
    transcript = read(json.dumps({"segments": rows}))
    assert said(transcript) == [(ADA, "I led it."), (UNKNOWN_SPEAKER, "Right.")]
    assert asked(transcript) == [("who_spoke", None)]


@pytest.mark.parametrize(
    "content", [{"segments": [{"start": 1, "end": 2, "text": "I led it."}]}, {"work": []}, [], [1]]
)
def test_json_that_names_no_speaker_is_refused(content: object) -> None:
    with pytest.raises(Unreadable, match=r"who speaks|not a transcript"):
        read(json.dumps(content))


def word_file(*paragraphs: str, header: str = "") -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if header:
        document.sections[0].header.paragraphs[0].text = header
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def in_word(data: bytes) -> Transcript:
    text = read_document("transcript", data, "call.docx").text
    assert isinstance(text, Transcript)
    return text


def test_a_word_file_is_read() -> None:
    lines = (f"{who}   0:0{2 * n}\n{words}" for n, (who, words) in enumerate(CALL, 1))
    data = word_file(
        "Screen", "March 4, 2026, 3:02PM", "10s", "Mara Okafor started transcription", *lines, header="Private"
    )
    transcript = in_word(data)
    assert said(transcript) == CALL
    assert transcript.questions == ()
    assert transcript.tool.startswith("Word, ")
    assert sum(left.characters for left in transcript.left_out if left.kind == "furniture") > len("Private")


def test_a_word_file_with_a_table_is_read() -> None:
    document = docx.Document()
    table = document.add_table(rows=0, cols=2)
    for who, words in CALL:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = who, words
    stream = io.BytesIO()
    document.save(stream)
    assert said(in_word(stream.getvalue())) == CALL


def zipped(**entries: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return stream.getvalue()


def word_parts(text: bytes) -> bytes:
    """A Word document whose text is this part."""
    stream = io.BytesIO(word_file("Ada: hi"))
    made = io.BytesIO()
    with zipfile.ZipFile(stream) as known, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in known.namelist():
            archive.writestr(name, text if name == "word/document.xml" else known.read(name))
    return made.getvalue()


BOMB = b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 1_000 + b'">]><a>&b;&b;</a>'


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (zipped(xl__workbook_dot_xml=b"<a/>"), "no document"),
        (word_file("Ada: hi", "Mara: hello")[:-200], "damaged"),
        (word_parts(b"<a>"), "damaged"),
        (word_parts(BOMB), "no office program writes"),
        (word_parts(b" " * (31 * 1024 * 1024)), "packed so tightly"),
        (word_file(), "empty"),
        (word_file("Only prose, and nobody's."), "who speaks"),
    ],
)
def test_archives_that_are_no_transcripts_are_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        in_word(data)
