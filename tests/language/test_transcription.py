"""What an endpoint hears in a piece, in whichever form it answers, and the transcript that is made of all pieces."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from fastapi.responses import JSONResponse, PlainTextResponse

from domain.evidence.transcript import UNKNOWN_SPEAKER
from language.draft_failures import ModelFailed
from language.transcription import HeardPiece, Segment, Transcriber, transcript_of
from language.transcription_client import FORMS, TranscriptionEndpoint
from testing.model_endpoint import error
from testing.sound import recorded
from testing.transcription_endpoint import MODEL, PieceSent, ScriptedEar, ear, two_people

PIECE = recorded(((2.0, 1.0),), "ogg", "libopus")

DIARIZED = (
    Segment(speaker="A", text="Question 0?", start_ms=0, end_ms=1000),
    Segment(speaker="B", text=" Answer 0.", start_ms=1000, end_ms=2500),
)
TIMED = tuple(one.model_copy(update={"speaker": None}) for one in DIARIZED)
WORDS = (Segment(text="Question 0? Answer 0."),)


class Books:
    """Books that reserve up to a limit of money, and remember."""

    def __init__(self, limit: int = 100) -> None:
        self.limit, self.reserved, self.settled = Decimal(limit), Decimal(0), list[Any]()

    async def reserve(
        self, requisition: str, effect: str, model: str, tokens_in: int, tokens_out: int, at: datetime,
        cost: Decimal | None = None,
    ) -> int | None:  # fmt: skip
        assert cost is not None
        if self.reserved + cost > self.limit:
            return None
        self.reserved += cost
        return 1

    async def settle(self, reserved: int, tokens_in: int, tokens_out: int, cost: Decimal | None = None) -> None:
        self.settled.append((tokens_in, tokens_out, cost))


@pytest.fixture
async def hears() -> AsyncIterator[ScriptedEar]:
    async with ear(by_form) as one:
        yield one


@pytest.fixture
async def endpoint(hears: ScriptedEar) -> AsyncIterator[TranscriptionEndpoint]:
    made = TranscriptionEndpoint(hears.url, MODEL, timeout=5)
    yield made
    await made.close()


def by_form(number: int, piece: PieceSent) -> dict[str, Any] | str:
    """As the forms are documented: speakers, times alone, words alone, no JSON."""
    whole = two_people(number, piece)
    match piece.form:
        case "diarized_json":
            return whole
        case "verbose_json":
            segments = [{k: v for k, v in one.items() if k != "speaker"} for one in whole["segments"]]
            return {"text": whole["text"], "language": "english", "duration": 2.0, "segments": segments}
        case "json":
            return {"text": whole["text"]}
    return f"{whole['text']}\n"


@pytest.mark.parametrize(("form", "heard"), [*zip(FORMS, (DIARIZED, TIMED, WORDS, WORDS), strict=True)], ids=FORMS)
async def test_the_fullest_form_an_endpoint_takes_is_asked_for_and_no_other_again(
    hears: ScriptedEar, endpoint: TranscriptionEndpoint, form: str, heard: tuple[Segment, ...]
) -> None:
    hears.takes = frozenset({form})

    assert (await endpoint.heard(PIECE, 2_000))[0] == heard
    assert [one.form for one in hears.sent] == list(FORMS[: FORMS.index(form) + 1])  # type: ignore[arg-type]
    hears.sent.clear()
    assert (await endpoint.heard(PIECE, 40_000))[0] == heard
    (again,) = hears.sent
    assert (again.form, again.fields["model"]) == (form, MODEL)
    assert again.fields.get("chunking_strategy") == ("auto" if form == "diarized_json" else None)


async def test_a_short_piece_is_not_cut_by_the_endpoint(hears: ScriptedEar, endpoint: TranscriptionEndpoint) -> None:
    await endpoint.heard(PIECE, 2_000)
    assert "chunking_strategy" not in hears.sent[0].fields
    assert hears.sent[0].name.endswith(".ogg")
    assert hears.sent[0].seconds == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (error(429, "rate_limit_exceeded", retry_after="7"), "rate_limited"),
        (error(500), "server_error"),
        (error(401), "key_wrong"),
        (error(404), "model_unknown"),
        (error(413), "bad_request"),
        (JSONResponse({"segments": [{"start": "soon"}]}), "invalid_answer"),
        (JSONResponse({"text": None}), "invalid_answer"),
        (JSONResponse({}, 307, {"location": "http://127.0.0.1:9/"}), "server_error"),
    ],
    ids=["busy", "broken", "key", "model", "too large", "shape", "nothing", "redirect"],
)
async def test_a_failure_has_a_name_and_is_not_tried_again(
    hears: ScriptedEar, endpoint: TranscriptionEndpoint, answer: Any, code: str
) -> None:
    hears.first = [answer]
    with pytest.raises(ModelFailed) as failed:
        await endpoint.heard(PIECE, 2_000)
    assert failed.value.code in (code, "bad_request" if answer.status_code == 307 else code)
    assert len(hears.sent) == 1


async def test_an_endpoint_that_takes_no_form_is_told_so_and_asked_from_the_start_the_next_time(
    hears: ScriptedEar, endpoint: TranscriptionEndpoint
) -> None:
    hears.takes = frozenset()
    with pytest.raises(ModelFailed, match="bad_request"):
        await endpoint.heard(PIECE, 2_000)
    hears.takes = frozenset(FORMS)
    assert (await endpoint.heard(PIECE, 2_000))[0] == DIARIZED


async def test_each_piece_is_paid_by_its_minutes_and_not_sent_beyond_the_budget(
    hears: ScriptedEar, endpoint: TranscriptionEndpoint
) -> None:
    books = Books(limit=3)
    transcriber = Transcriber(endpoint, Decimal("0.5"), books)
    await transcriber.heard(PIECE, 240_000, "R-1", "one")
    assert books.settled == [(70, 7, Decimal(2))]
    with pytest.raises(ModelFailed, match="budget_spent"):
        await transcriber.heard(PIECE, 240_000, "R-1", "one")
    assert len(hears.sent) == 1

    hears.first = [error(500)]
    with pytest.raises(ModelFailed, match="server_error"):
        await transcriber.heard(PIECE, 60_000, "R-1", "one")
    assert books.settled[-1] == (0, 0, Decimal(0))


def test_times_count_from_the_start_of_the_recording_and_no_label_is_carried_over() -> None:
    pieces = [HeardPiece(start_ms=at, segments=DIARIZED) for at in (0, 60_000)]

    transcript = transcript_of(pieces, "transcribed by an ear")

    assert transcript is not None
    assert [(turn.speaker, turn.start_ms, turn.end_ms) for turn in transcript.turns] == [
        ("Speaker A, part 1", 0, 1_000),
        ("Speaker B, part 1", 1_000, 2_500),
        ("Speaker A, part 2", 60_000, 61_000),
        ("Speaker B, part 2", 61_000, 62_500),
    ]
    assert [(asked.kind, asked.speaker) for asked in transcript.questions] == [
        ("who_is", f"Speaker {who}, part {part}") for part in (1, 2) for who in "AB"
    ]
    assert transcript.questions[3].lines == ("Answer 0.",)
    assert transcript.unanswered == (0, 1, 2, 3)


def test_labels_read_as_people_do_and_words_without_one_are_asked_about() -> None:
    said = (Segment(speaker="SPEAKER_00", text="One."), Segment(speaker="1", text="Two."), Segment(text="Three."))
    transcript = transcript_of([HeardPiece(start_ms=0, segments=said)], "")
    assert transcript is not None
    assert transcript.speakers == ("SPEAKER_00", "Speaker 1", UNKNOWN_SPEAKER)
    assert [asked.kind for asked in transcript.questions] == ["who_is", "who_is", "who_spoke"]


def test_nothing_was_said() -> None:
    assert transcript_of([HeardPiece(start_ms=0, segments=(Segment(text=" \n"),))], "") is None
    assert transcript_of([HeardPiece(start_ms=0, segments=())], "") is None


async def test_plain_words_with_no_json_around_them(hears: ScriptedEar, endpoint: TranscriptionEndpoint) -> None:
    hears.first = [PlainTextResponse("They counted.\n")]
    assert (await endpoint.heard(PIECE, 2_000))[0] == (Segment(text="They counted."),)
