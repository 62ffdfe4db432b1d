"""A call whose file does not say who speaks in it, for the cases of both entities."""

from __future__ import annotations

from domain.entity.speaker_naming import LabelAnswer, NameSpeakers
from domain.evidence.transcript import UNKNOWN_SPEAKER, Question, Transcript, Utterance
from testing.people import MANAGER

CALL = "D-CALLED01"
TELEPHONE = "15550104477"
UNNAMED = (0, 1)
"""The numbers of the speakers that are asked about."""

TRANSCRIPT = Transcript.of(
    [
        Utterance(UNKNOWN_SPEAKER, "Can you hear me?"),
        Utterance(TELEPHONE, "I counted the calls and showed him the tally."),
        Utterance("Mara Okafor", "What did he say?"),
        Utterance(UNKNOWN_SPEAKER, "And then we removed the map."),
    ]
).model_copy(update={"questions": (Question(kind="who_is", speaker=TELEPHONE), Question(kind="who_spoke", count=2))})

BY_TELEPHONE = LabelAnswer(speaker=TELEPHONE, who="somebody_else", name="Ada Lin")
WITHOUT_A_LABEL = LabelAnswer(who="spoke_before")
NAMING = NameSpeakers(document=CALL, speakers=(BY_TELEPHONE, WITHOUT_A_LABEL))


def naming(*answers: LabelAnswer) -> NameSpeakers:
    """The same with other answers."""
    return NAMING.but(speakers=answers)


OF_THE_APPLICANT = naming(BY_TELEPHONE.but(who="applicant", name=None), WITHOUT_A_LABEL)
"""It is the applicant who dialled in."""

MISNAMED = {
    naming(LabelAnswer(speaker="Permits Portal", who=MANAGER)): "not_in_document",
    naming(BY_TELEPHONE, BY_TELEPHONE): "invalid",
    naming(BY_TELEPHONE.but(name=None)): "invalid",
    naming(BY_TELEPHONE.but(who=MANAGER)): "invalid",
    NAMING.but(document="D-NOBODY01"): "unknown_reference",
}
"""What is said of this call that cannot be, and how it is refused."""
