"""Everybody who carries out effects, put together once from what the process works with."""

from __future__ import annotations

from activities.calendar import Invitations
from activities.candidate_letters import CandidateLetters
from activities.chat import Chat
from activities.contacts import ContactActivities
from activities.digest_composer import DigestComposer
from activities.drafting import DraftActivity
from activities.entities import EntityActivities
from activities.holidays import HolidayActivities
from activities.inbox import InboxActivities
from activities.keys import KeyActivities
from activities.letter_context import ContextReader
from activities.letter_writer import LetterWriter
from activities.manager_update import ManagerUpdates
from activities.registry import Activity, activities_of
from activities.smtp_delivery import SmtpDelivery
from activities.transcription import TranscribeActivity
from domain.core.messages import Effect
from domain.entity.effects import EFFECTS
from language.extractive_drafter import ExtractiveDrafter
from wiring import Services


def composed(at: Services) -> dict[type[Effect], Activity]:
    """The activity of every effect. Raises RuntimeError when one has none: it would be ordered and never done."""
    library = ContextReader(at)
    writer, post = LetterWriter(library.opened, at.settings.base_url), SmtpDelivery(at.claims, at.settings)
    entities = EntityActivities(at.temporal, at)
    composer = DigestComposer(library, writer, ManagerUpdates(at))
    found = activities_of(
        CandidateLetters(library, writer, post, at.settings),
        Invitations(library, writer, post),
        InboxActivities(library, composer, post, Chat(at.claims, at.settings), entities),
        entities,
        HolidayActivities(entities),
        KeyActivities(at),
        ContactActivities(at),
        DraftActivity(library, at, ExtractiveDrafter(at.embeddings), at.model),
        TranscribeActivity(at, at.transcriber),
    )
    if nobodys := set(EFFECTS) - found.keys():
        raise RuntimeError(f"nothing carries out {', '.join(sorted(effect.type for effect in nobodys))}")
    return found
