"""The access registry: what may be read, named once, with who may read it on which object, and until what.

A reader stands in relations to an object (`Relation`): the team of a requisition, the interviewers of a candidate,
those who oversee. A permission is granted to relations (`GRANTS`); routes, pages, documents, timelines, drafts and
exports name permissions and never roles. What a command needs is its class's `who`. `docs/access.md` is made of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Relation(StrEnum):
    """What somebody is to the object they ask for, now."""

    RECRUITER = "recruiter"
    HIRING_MANAGER = "hiring manager"
    HR_PARTNER = "HR partner"
    SECOND_SIGNER = "second signer"
    TEAM_LEAD = "recruiting lead or manager's lead of the requisition"
    DELEGATE = "hiring manager's delegate, until then and for a command of that kind of thing"
    INTERVIEWER = "interviewer of the candidate; of a requisition: of any of its candidates"
    OVERSEER = "lead in the company"
    OPERATOR = "operations and administration"
    HR = "HR in the company"
    OPENER = "recruiter in the company"
    COLLEAGUE = "any user"
    SELF = "the user themselves"
    SYSTEM = "outside system, named for this requisition"
    PROVISIONER = "the company's provider, by a token for provisioning"


class Permission(StrEnum):
    """Something that can be read or given, on one kind of object."""

    PEOPLE_READ = "company.people.read"
    PEOPLE_WRITE = "company.people.write"
    SIGN_IN_MANAGE = "company.sign-in.manage"
    SLA_READ = "company.sla.read"
    BOARD_READ = "company.board.read"
    BOARD_OVERSEE = "company.board.oversee"
    REPORTS_READ = "company.reports.read"
    REPORTS_OVERSEE = "company.reports.oversee"
    DRAFT_QUALITY_READ = "company.draft-quality.read"
    OPERATIONS_READ = "company.operations.read"
    OPERATIONS_COUNT = "company.operations.count"
    APPLICANT_INTRODUCE = "company.applicant.introduce"
    APPLICANT_MERGE = "company.applicant.merge"
    COLLEAGUE_LINK = "company.applicant.link-colleague"
    LETTERS_READ = "company.letters.read"
    LETTERS_WRITE = "company.letters.write"
    LETTERS_APPROVE = "company.letters.approve"
    TEMPLATES_READ = "company.requisition-templates.read"
    TEMPLATES_WRITE = "company.requisition-templates.write"
    MAIL_LIST = "company.mail.list"
    MAIL_READ = "company.mail.read"
    AUDIT_READ = "company.audit.read"
    RETENTION_READ = "company.retention.read"
    SEARCH = "company.search.read"
    APPLICANTS_READ = "company.applicants.read"
    PAYLOADS_DECODE = "company.payloads.decode"
    PROVISION = "company.users.provision"

    OWN_READ = "user.own.read"
    TASKS_OF_USER_READ = "user.available.read"
    MESSAGES_READ = "user.messages.read"
    MESSAGES_COUNT = "user.messages.count"

    REQUISITION_OVERVIEW = "requisition.overview.read"
    REQUISITION_CLOCKS = "requisition.clocks.read"
    REQUISITION_TIMELINE = "requisition.timeline.read"
    REQUISITION_TASKS = "requisition.tasks.read"
    REQUISITION_CANDIDATES = "requisition.candidates.read"
    REQUISITION_APPLICATIONS = "requisition.applications.read"
    REQUISITION_RUBRIC = "requisition.rubric.read"
    REQUISITION_WORDS = "requisition.words.read"
    REQUISITION_PAY = "requisition.pay.read"
    REQUISITION_DRAFTS = "requisition.drafts.read"
    REQUISITION_INTAKE = "requisition.intake.read"
    REQUISITION_UPLOAD = "requisition.document.give"
    REQUISITION_TEMPLATE = "requisition.template.make"

    CANDIDATE_OVERVIEW = "candidate.overview.read"
    CANDIDATE_NAME = "candidate.name.read"
    CANDIDATE_CONTACT = "candidate.contact.read"
    CANDIDATE_PROFILE = "candidate.profile.read"
    CANDIDATE_PAY = "candidate.pay.read"
    CANDIDATE_VERDICTS = "candidate.verdicts.read"
    CANDIDATE_CARDS = "candidate.cards.read"
    CANDIDATE_WORDS = "candidate.words.read"
    CANDIDATE_REQUESTS = "candidate.requests.read"
    CANDIDATE_NOTES = "candidate.notes.read"
    CANDIDATE_TRANSCRIPTS = "candidate.transcripts.read"
    CANDIDATE_UPLOAD = "candidate.document.give"
    CANDIDATE_AUDIT = "candidate.audit.read"
    CANDIDATE_EXPORT = "candidate.export.read"


class Condition(StrEnum):
    """What must be true of an object besides, before a relation opens something of it."""

    OWN_CARD_IN = "once every scorecard of theirs is in"


_R, _H, _P, _S = Relation.RECRUITER, Relation.HIRING_MANAGER, Relation.HR_PARTNER, Relation.SECOND_SIGNER
_L, _D, _I = Relation.TEAM_LEAD, Relation.DELEGATE, Relation.INTERVIEWER
_OVERSEE = (Relation.OVERSEER, Relation.OPERATOR)
_TEAM = (_R, _H, _P, _S, _L, _D)
_JUDGING = (_R, _H, _P, _D)


@dataclass(frozen=True)
class Grant:
    """A permission: what it opens, in words; to whom; to whom only on a condition; and whether a restriction leaves it.

    Restricted is a candidate whose erasure was granted and is put off by the law (GDPR Article 18): what we keep of
    them is then read by the HR partner alone, for the claim for which it is kept. `restricted` names whom it stays
    open to.
    """

    permission: Permission
    opens: str
    to: tuple[Relation, ...]
    on: tuple[tuple[Relation, Condition], ...] = ()
    of_all: Condition | None = None
    restricted: tuple[Relation, ...] = (_P,)


_OWN_CARD = Condition.OWN_CARD_IN

GRANTS: dict[Permission, Grant] = {
    grant.permission: grant
    for grant in (
        Grant(
            Permission.PEOPLE_READ, "names, addresses, teams and calendars of users", (Relation.COLLEAGUE,)
        ),
        Grant(Permission.PEOPLE_WRITE, "who uses Tandem, and the teams", (Relation.OPERATOR,)),
        Grant(Permission.SIGN_IN_MANAGE, "sessions and tokens of users and systems", (Relation.OPERATOR,)),
        Grant(Permission.SLA_READ, "the policy in force, and what an edited one would change", (Relation.OPERATOR,)),
        Grant(Permission.BOARD_READ, "the board: one's own requisitions", (Relation.COLLEAGUE,)),
        Grant(Permission.BOARD_OVERSEE, "the board: all requisitions", _OVERSEE),
        Grant(Permission.REPORTS_READ, "reports over one's own requisitions", (Relation.COLLEAGUE,)),
        Grant(Permission.REPORTS_OVERSEE, "reports over all requisitions", (*_OVERSEE, Relation.HR)),
        Grant(Permission.DRAFT_QUALITY_READ, "how good drafts are, in counts", (*_OVERSEE, Relation.HR)),
        Grant(
            Permission.OPERATIONS_READ,
            "the ops board: late clocks, pending effects, manual tasks",
            (Relation.OPERATOR,),
        ),
        Grant(Permission.OPERATIONS_COUNT, "what is late or stuck, in counts", _OVERSEE),
        Grant(
            Permission.APPLICANT_INTRODUCE,
            "adding an applicant; it tells nothing of one who is known already",
            (Relation.COLLEAGUE, Relation.SYSTEM),
        ),
        Grant(Permission.APPLICANT_MERGE, "that two applicants are one person, and that they are two", (Relation.HR,)),
        Grant(Permission.COLLEAGUE_LINK, "that a colleague is an applicant too", (Relation.HR,)),
        Grant(Permission.LETTERS_READ, "the letters that candidates are sent, as templates", (Relation.COLLEAGUE,)),
        Grant(
            Permission.LETTERS_WRITE, "writing another version of a letter",
            (Relation.OPENER, Relation.HR, Relation.OVERSEER),
        ),
        Grant(
            Permission.LETTERS_APPROVE, "that a version is used, and how Tandem writes by itself",
            (Relation.HR, Relation.OVERSEER),
        ),
        Grant(
            Permission.TEMPLATES_READ, "templates of requisitions: terms with pay, team, rubric, plan and agreement",
            (Relation.OPENER, Relation.HR, Relation.OVERSEER),
        ),
        Grant(
            Permission.TEMPLATES_WRITE, "what a template of requisitions is called, and that it is retired",
            (Relation.OPENER, Relation.HR, Relation.OVERSEER),
        ),
        Grant(
            Permission.MAIL_LIST, "that mail lies aside which belongs to nobody yet",
            (Relation.OPENER, Relation.HR, Relation.OPERATOR),
        ),
        Grant(
            Permission.MAIL_READ, "mail that belongs to nobody yet, and saying from whom it is",
            (Relation.OPENER, Relation.HR),
        ),
        Grant(Permission.AUDIT_READ, "the audit: who saw and did what, by identifier", (Relation.OPERATOR,)),
        Grant(
            Permission.RETENTION_READ,
            "whose data go by when, and what keeps others', by identifier",
            (Relation.OPERATOR, Relation.HR),
        ),
        Grant(
            Permission.SEARCH,
            "searching; it finds what its reader may read, and of those they interview names alone",
            (Relation.COLLEAGUE,),
        ),
        Grant(
            Permission.APPLICANTS_READ,
            "everybody who applied in the requisitions one judges in, over all of them",
            (Relation.OPENER, Relation.HR, Relation.OVERSEER),
        ),
        Grant(
            Permission.PAYLOADS_DECODE,
            "what travels through Temporal, opened: ids and stages; words stay sealed",
            (Relation.OPERATOR,),
        ),
        Grant(
            Permission.PROVISION, "users and groups as the provider has them: making, changing, letting go",
            (Relation.PROVISIONER,),
        ),
        Grant(Permission.OWN_READ, "one's own account, tasks and mail", (Relation.SELF,)),
        Grant(Permission.TASKS_OF_USER_READ, "what can be done about a user", (Relation.SELF, *_OVERSEE)),
        Grant(Permission.MESSAGES_READ, "which messages a user was sent", (Relation.SELF,)),
        Grant(Permission.MESSAGES_COUNT, "how many messages a user was sent", (Relation.SELF, Relation.OPERATOR)),
        Grant(
            Permission.REQUISITION_OVERVIEW,
            "its facts without words or pay: title, team, phase, stages, identifiers",
            (*_TEAM, _I, *_OVERSEE),
        ),
        Grant(Permission.REQUISITION_CLOCKS, "its clocks and its candidates' clocks", (*_TEAM, *_OVERSEE)),
        Grant(Permission.REQUISITION_TIMELINE, "what happened, each field by what it shows", (*_TEAM, *_OVERSEE)),
        Grant(Permission.REQUISITION_TASKS, "its manual tasks", (*_TEAM, *_OVERSEE)),
        Grant(
            Permission.REQUISITION_CANDIDATES,
            "which candidates stand at which stage, by identifier",
            (_R, _H, _P, _L, _D, *_OVERSEE),
        ),
        Grant(Permission.REQUISITION_APPLICATIONS, "the queue of applications, and which applicant each is", _JUDGING),
        Grant(Permission.REQUISITION_RUBRIC, "every version of the rubric", (*_TEAM, _I)),
        Grant(Permission.REQUISITION_WORDS, "reasons and other words about the requisition", _TEAM),
        Grant(Permission.REQUISITION_PAY, "band, ceilings, offers and the market", _TEAM),
        Grant(Permission.REQUISITION_DRAFTS, "drafts made from the intake", (_R, _H, _P, _S, _D)),
        Grant(Permission.REQUISITION_INTAKE, "the intake's transcript and notes", (_R, _H, _P)),
        Grant(Permission.REQUISITION_UPLOAD, "giving a document for the intake", (_R, _H, _P, Relation.SYSTEM)),
        Grant(
            Permission.REQUISITION_TEMPLATE,
            "keeping its terms, team, rubric, plan and agreement as a template for others",
            (_R,),
        ),
        Grant(
            Permission.CANDIDATE_OVERVIEW,
            "stage, clocks, interviews' times and identifiers",
            (*_JUDGING, _L, _I),
            restricted=(_P, _R, _H, _L),
        ),
        Grant(Permission.CANDIDATE_NAME, "the name", (*_JUDGING, _I)),
        Grant(Permission.CANDIDATE_CONTACT, "mail address and telephone", (_R, _H, _P)),
        Grant(Permission.CANDIDATE_PROFILE, "résumé, how they came, and its reading", (*_JUDGING, _I)),
        Grant(Permission.CANDIDATE_PAY, "what they expect and are offered", _JUDGING),
        Grant(
            Permission.CANDIDATE_VERDICTS,
            "verdicts, answers to the profile, the candidate summary and why somebody is out",
            _JUDGING,
            on=((_I, _OWN_CARD),),
        ),
        Grant(
            Permission.CANDIDATE_CARDS,
            "scorecards of others, debrief and decision",
            (*_JUDGING, _I),
            of_all=_OWN_CARD,
        ),
        Grant(Permission.CANDIDATE_WORDS, "reasons, messages and other words about them", _JUDGING),
        Grant(
            Permission.CANDIDATE_REQUESTS, "what they asked about their data", (_R, _P), restricted=(_R, _P)
        ),
        Grant(Permission.CANDIDATE_NOTES, "notes of calls", (_R, _H, _P)),
        Grant(Permission.CANDIDATE_TRANSCRIPTS, "transcripts of calls; an interviewer's own always", (_R, _P)),
        Grant(
            Permission.CANDIDATE_UPLOAD,
            "giving a document about them",
            (_R, _H, _P, _I, Relation.SYSTEM),
            restricted=(),
        ),
        Grant(
            Permission.CANDIDATE_EXPORT,
            "everything held about them, in one archive to hand out",
            (_R, _P),
            of_all=_OWN_CARD,
        ),
        Grant(Permission.CANDIDATE_AUDIT, "who has read what of them, and who was refused", (_P,)),
    )
}  # fmt: skip
"""Every permission with who has it."""


class Sight(NamedTuple):
    """What one reader may see of one object, from what they are to it.

    `themselves`: the reader is the candidate, and sees nothing of it as a colleague, whatever else they are to it.
    """

    relations: frozenset[Relation]
    own_card_in: bool = True
    restricted: bool = False
    themselves: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether the reader has this permission on the object."""
        grant = GRANTS[permission]
        if self.themselves:
            return False
        if grant.of_all is Condition.OWN_CARD_IN and not self.own_card_in:
            return False
        held = {one for one in self.relations if one in grant.to}
        if self.own_card_in:
            held |= {one for one, _ in grant.on if one in self.relations}
        if self.restricted:
            held &= set(grant.restricted)
        return bool(held)
