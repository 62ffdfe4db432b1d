"""What may be kept of a call with a candidate."""

from __future__ import annotations

from domain.candidate.state import Candidate
from domain.core.messages import refuse
from domain.entity.call import Call
from domain.entity.speaker_naming import check_speakers
from domain.entity.transcription import check_document
from domain.evidence.documents import Recording


def check_recording(state: Candidate, rec: Recording | None, call: Call) -> None:
    """Refuses a recording that not everybody agreed to (`consent_missing`), and a call that nothing is left of.

    So is a recording of somebody who wants no machine to read what they say, and a transcript of which nobody said who
    speaks in it, where that was asked (`speakers_unnamed`).
    """
    if rec is None:
        refuse("invalid", "Nothing is left of the call.", "Its transcript, or signed notes.", "rec")
    if rec.kind != "notes" and state.no_recording:
        refuse("consent_missing", "They asked not to be recorded.", "Signed notes of the call.", "rec")
    if rec.kind == "recording" and state.no_ai:
        refuse(
            "consent_missing",
            "They asked that no machine reads what they say, and a recording is transcribed by one.",
            "A transcript made by a person, or signed notes of the call.",
            "rec",
        )
    if rec.kind != "notes" and not rec.consent_of_all:
        refuse(
            "consent_missing",
            "Not everybody agreed to be recorded.",
            "Everybody's consent, or signed notes and why there is no recording.",
            "rec",
        )
    if rec.kind == "notes" and not rec.why_unrecorded:
        refuse("consent_missing", "The notes do not say why there is no recording.", "The reason.", "rec")
    check_document(rec, call)
    check_speakers(state, rec, call)
