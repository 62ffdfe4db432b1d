"""Drafts as a model would have written them. The running stack has none, so what it drafted by rule is written over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg

from domain.evidence.drafts import AgendaPoint, Claim, CriterionDraft, Draft, Finding, Section
from privacy.key_folder import FolderKeyStore
from privacy.sealing import Sealer, Tombstone
from settings import Settings
from store.blobs import FolderBlobs, SealedBlobs
from store.documents import Documents

SAYS = "Says what she did with the vendor, and what came of it."
UNASKED = "Which of your decisions would you take back today?"
UNSHOWN = "a signed review of a release"
JOB_TEXT = "You bring a permit tracker to the people who wait for permits."
CANDIDATES = "Expect 8 candidates."
DAYS = "They come within 15 working days."
ROUNDS = "Two rounds, both in one week."
GLOSSARY = "Technical: reads the schema without help."
BEHAVIOUR = "Sits with the clerks every week and writes down what they do instead of the form"


async def rewritten(
    settings: Settings, pool: asyncpg.Pool, document: str, change: Callable[[Draft], Draft]
) -> Draft:  # fmt: skip
    """The draft that is kept as `document`, written over by what `change` makes of it."""
    sealer = Sealer(FolderKeyStore(settings.home / "keys"))
    documents = Documents(pool, sealer, SealedBlobs(FolderBlobs(settings.home / "blobs"), sealer))
    before, known = await documents.draft(document), await documents.about(document)
    assert not isinstance(before, Tombstone)
    after = change(before)
    body = await asyncio.to_thread(sealer.seal_bytes, known.key, after.model_dump_json().encode(), document)
    await pool.execute("UPDATE documents SET body = $2 WHERE id = $1", document, body)
    return after


def findings(draft: Draft) -> Draft:
    """With a statement on each criterion that a passage bears on, something not shown and a question not asked."""
    return draft.model_copy(
        update={
            "findings": tuple(
                Finding(
                    criterion=topic.topic,
                    claims=tuple(Claim(text=SAYS, rests_on=(passage,)) for passage in topic.passages[-1:]),
                    not_shown=(UNSHOWN,) if draft.kind == "resume_reading" else (),
                    not_asked=(UNASKED,) if draft.kind == "scorecard" else (),
                )
                for topic in draft.topics
            )
        }
    )


def intake(draft: Draft) -> Draft:
    """With a criterion, what was agreed, the job in sentences, a word's meaning, and a point nobody asked about."""
    assert draft.intake is not None
    first = next(topic.passages[0] for topic in draft.topics if topic.passages)
    heads = {
        "job_description": JOB_TEXT,
        "agreement: candidates expected": CANDIDATES,
        "agreement: within days": DAYS,
        "agreement: interviewing": ROUNDS,
        "glossary": GLOSSARY,
    }
    criterion = CriterionDraft(
        behaviour=BEHAVIOUR, weight="must", why="Forms fail at the counter.", proof="The notes.", rests_on=(first,)
    )
    appeal = AgendaPoint(topic="appeal", status="missing")
    return draft.model_copy(
        update={
            "topics": tuple(topic for topic in draft.topics if topic.topic != "appeal"),
            "sections": tuple(
                Section(head=head, claims=(Claim(text=text, rests_on=(first,)),)) for head, text in heads.items()
            ),
            "intake": draft.intake.model_copy(
                update={
                    "criteria": (criterion,),
                    "for_hr": (first,),
                    "coverage": tuple(appeal if point.topic == "appeal" else point for point in draft.intake.coverage),
                }
            ),
        }
    )
