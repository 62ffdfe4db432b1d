"""Transcripts as meeting tools export them → what was said, by whom and when, and what has to be asked.

WebVTT, SubRip, JSON, tables, Word and plain text, told apart by what is in the file. Pure and bound to the CPU: a file
of the largest size takes seconds, so call it off the event loop.
"""

from collections.abc import Iterable

from documents import captions, dialogue, transcript_json, transcript_tables
from documents.attribution import Account, Said, attributed, written
from documents.decoding import Unreadable, decoded, shown
from domain.core.source_text import normalised
from domain.evidence.transcript import UNKNOWN_SPEAKER, Transcript


def read_transcript(data: bytes, name: str, participants: Iterable[str] = ()) -> Transcript:
    """Read an uploaded transcript; `name` is the file's, used only in sentences.

    `participants` are the names of those who are known to have been there; a label that bears one counts even once.
    Raises Unreadable for what is larger than 5 MB, empty, cut off, damaged, not text, or names no speaker.
    """
    return transcript_of(decoded(data, name), name, participants)


def transcript_of(
    text: str, name: str, participants: Iterable[str] = (), inside: str = "", around: Iterable[str] = ()
) -> Transcript:
    """The same of a text, which stood `inside` a document of some program, with headers and notes `around` it."""
    file = shown(name)
    people = tuple(participants)
    account = Account()
    for words in around:
        account.leaves_out("furniture", written(words))
    table = transcript_tables.stretches(text, people, account)
    text = normalised(text)
    if not text:
        raise Unreadable(f"{file} is empty.")
    if table is not None:
        stretches, tool = table
    elif text[0] in "{[" and (found := transcript_json.stretches(text, file, account)) is not None:
        stretches, tool = found
    elif captions.looks_like_captions(text):
        stretches, tool = captions.stretches(text, file, account)
    else:
        stretches, tool = dialogue.stretches(text, people, account)
    said = attributed(stretches, people, account)
    if not _names_speakers(said):
        raise Unreadable(f"{file} {_why_speakerless(text)}")
    transcript = Transcript.of(said.utterances)
    return transcript.model_copy(
        update={
            "tool": f"{inside}, {tool}" if inside else tool,
            "left_out": account.left_out(),
            "questions": said.questions,
        }
    )


def _names_speakers(said: Said) -> bool:
    """Whether the file says who speaks: a speaker at least, or labels to ask about that most of its words have."""
    spoken = {one.speaker for one in said.utterances if one.speaker != UNKNOWN_SPEAKER}
    if "speaker" in said.verdicts.values() and spoken:
        return True
    labelled = sum(written(one.words) for one in said.utterances if one.speaker != UNKNOWN_SPEAKER)
    return labelled * 2 > sum(written(one.words) for one in said.utterances)


def _why_speakerless(text: str) -> str:
    if text[0] in "{<":
        return (
            "is not a transcript. Upload WebVTT, SubRip (.srt), JSON with speakers, "
            "or text with a “Name:” before what each person says."
        )
    return "does not say who speaks. Export it with speaker names, or put “Name:” before what each person says."
