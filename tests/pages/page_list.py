"""Every page there is, with whom to look at it as: for the tests that visit them all, and for their pictures."""

from __future__ import annotations

from typing import NamedTuple

from local.demo.play import Play


class Stop(NamedTuple):
    """One page: what to call its picture, whose token to come with (None: nobody's), and its path."""

    name: str
    token: str | None
    path: str


def tour(ended: Play, half_way: Play, operator: str) -> list[Stop]:
    """Every page as those see it whose page it is: of a requisition that was filled, and of one that is half way.

    `operator` is the token of somebody who operates.
    """
    mara, dana, hector = (half_way.company[key].token for key in ("mara", "dana", "hector"))
    wes, lead = half_way.company["wes"].token, half_way.company["joanne"].token
    requisition, filled, new = half_way.requisition, ended.requisition, ended.next_requisition
    at = {key: applicant.id for key, applicant in half_way.applicants.items()}
    was = {key: applicant.id for key, applicant in ended.applicants.items()}
    return [
        Stop("sign-in", None, "/sign-in"),
        Stop("sign-in-link-gone", None, "/sign-in/link/none"),
        Stop("first-administrator-gone", None, "/first/none"),
        Stop("nothing-here", mara, "/requisitions/R-NOSUCHSEARCH"),
        Stop("owed-recruiter", mara, "/owed"),
        Stop("owed-manager", dana, "/owed"),
        Stop("owed-nothing", lead, "/owed"),
        Stop("overview-of-a-lead", lead, "/overview"),
        Stop("overview-of-nothing", wes, "/overview"),
        Stop("board", mara, "/board"),
        Stop("board-with-fewer-columns", mara, "/board?by=team&columns=&columns=phase&columns=move"),
        Stop("board-of-a-lead", lead, "/board"),
        Stop("applicants", mara, "/applicants"),
        Stop("applicants-of-nobody", lead, "/applicants"),
        Stop("add-an-applicant", mara, f"/applicants/{half_way.applicants['theo'].human}/add"),
        Stop("tell-several", mara, f"/bulk?do=tell-outcome&candidate={at['theo']}&candidate={at['ruth']}"),
        Stop(
            "ask-several-for-an-update", mara, f"/bulk?do=ask-for-update&candidate={at['theo']}&candidate={at['ruth']}"
        ),
        Stop("tag-several", mara, f"/bulk?do=tag-candidate&candidate={at['theo']}&candidate={at['ruth']}"),
        Stop("search", mara, "/search?q=no"),
        Stop("search-for-words", mara, "/search?q=permits&kind=document"),
        Stop("search-finds-nothing", lead, "/search?q=zzyzx"),
        Stop("reports-of-a-lead", lead, "/reports?days=all"),
        Stop("reports-of-a-manager", dana, "/reports?days=all"),
        Stop("reports-of-drafts", lead, "/reports/quality"),
        Stop("me", dana, "/me"),
        Stop("notifications", dana, "/notifications"),
        Stop("access", dana, "/me/access"),
        Stop("own-calendar", dana, "/me/calendar"),
        Stop("preferences", dana, "/me/set-update-preferences"),
        Stop("calendar", dana, "/me/set-calendar"),
        Stop("leave", dana, "/me/take-leave"),
        Stop("open-a-search", mara, "/open"),
        Stop("search-new", mara, f"/requisitions/{new}"),
        Stop("book-the-intake", mara, f"/requisitions/{new}/schedule-intake"),
        Stop("record-the-intake", mara, f"/requisitions/{new}/record-intake"),
        Stop("last-retro", mara, f"/requisitions/{new}/resolve-inherited-change"),
        Stop("write-the-rubric", dana, f"/requisitions/{new}/edit-rubric"),
        Stop("rubric-empty", dana, f"/requisitions/{new}/rubric"),
        Stop("search-half-way", mara, f"/requisitions/{requisition}"),
        Stop("search-manager", dana, f"/requisitions/{requisition}"),
        Stop("search-filled", mara, f"/requisitions/{filled}"),
        Stop("pipeline", mara, f"/requisitions/{requisition}/pipeline"),
        Stop("pipeline-as-a-table", mara, f"/requisitions/{requisition}/pipeline?view=table&sort=due"),
        Stop("interviews", mara, f"/requisitions/{requisition}/interviews"),
        Stop("debriefs", mara, f"/requisitions/{filled}/debriefs"),
        Stop("rubric", dana, f"/requisitions/{requisition}/rubric"),
        Stop("amend-the-rubric", mara, f"/requisitions/{requisition}/amend-rubric"),
        Stop("sourcing-brief", mara, f"/requisitions/{requisition}/drafts/sourcing_brief"),
        Stop("timeline", mara, f"/requisitions/{requisition}/timeline"),
        Stop("same-person", half_way.company["hector"].token, f"/candidates/{at['theo']}/same-person"),
        Stop("correct-contact", mara, f"/candidates/{at['theo']}/correct-contact"),
        Stop("add-somebody", mara, f"/requisitions/{requisition}/new-candidate"),
        Stop("add-applications-from-files", mara, f"/requisitions/{requisition}/applications/add-many"),
        Stop("applications", mara, f"/requisitions/{requisition}/applications?last={at['theo']}"),
        Stop("share-the-slate", mara, f"/requisitions/{requisition}/share-slate"),
        Stop("pulse", dana, f"/requisitions/{requisition}/answer-pulse"),
        Stop("retro", dana, f"/requisitions/{filled}/answer-retro"),
        Stop("pay", dana, f"/requisitions/{filled}/acknowledge-comp-signal"),
        Stop("make-an-offer", mara, f"/requisitions/{filled}/make-offer"),
        Stop("approve-an-offer", hector, f"/requisitions/{filled}/approve-offer"),
        Stop("hand-over", mara, f"/requisitions/{requisition}/hand-over"),
        Stop("candidate", mara, f"/candidates/{was['nadia']}"),
        Stop("candidate-blind", wes, f"/candidates/{at['nadia']}"),
        Stop("candidate-half-way", mara, f"/candidates/{at['nadia']}"),
        Stop("answer-a-profile", dana, f"/candidates/{at['ruth']}/answer-profile"),
        Stop("ask-what-was-missed", mara, f"/candidates/{at['theo']}/challenge-answer"),
        Stop("arrange-the-screen", mara, f"/candidates/{at['ruth']}/schedule-screen"),
        Stop("summary", mara, f"/candidates/{at['owen']}/confirm-summary"),
        Stop("book-an-interview", mara, f"/candidates/{at['nadia']}/schedule-interview"),
        Stop("record-an-interview", mara, f"/candidates/{at['nadia']}/record-interview?about=I-1"),
        Stop("answer-an-invitation", wes, f"/candidates/{at['nadia']}/respond-interview"),
        Stop("scorecard", wes, f"/candidates/{at['nadia']}/submit-scorecard"),
        Stop("book-the-debrief", mara, f"/candidates/{at['nadia']}/book-debrief"),
        Stop("debrief", dana, f"/candidates/{was['nadia']}/debrief"),
        Stop("decide", dana, f"/candidates/{was['nadia']}/decide"),
        Stop("tell-them", mara, f"/candidates/{at['theo']}/tell-outcome"),
        Stop("write-a-letter", mara, f"/candidates/{at['nadia']}/send-letter"),
        Stop("write-a-note", dana, f"/candidates/{at['nadia']}/add-note"),
        Stop("tag-them", mara, f"/candidates/{at['nadia']}/tag-candidate"),
        Stop("templates", mara, "/templates"),
        Stop("keep-as-a-template", mara, f"/requisitions/{filled}/keep-template"),
        Stop("letters", mara, "/settings/letters"),
        Stop("letters-approved-by-hr", hector, "/settings/letters/offer..en"),
        Stop("mail-of-nobody", mara, "/unplaced-mail"),
        Stop("own-link-gone", None, "/your-application/none"),
        Stop("document", mara, f"/documents/{half_way.intake['id']}?start=40&end=90"),
        Stop("name-the-speakers", mara, f"/requisitions/{requisition}/name-speakers?about={half_way.intake['id']}"),
        Stop("document-on-pages", mara, f"/documents/{half_way.on_pages}?start=17&end=46#here"),
        Stop("design", mara, "/design"),
        Stop("operations", operator, "/ops"),
        Stop("audit", operator, "/ops/audit"),
        Stop("who-has-read-this", hector, f"/candidates/{at['nadia']}/audit"),
        Stop("people", operator, "/ops/people"),
        Stop("access-of-somebody", operator, f"/ops/people/{half_way.company['mara'].id}"),
        Stop("company", operator, "/ops/company"),
        Stop("teams", operator, "/ops/teams"),
        Stop("change-the-company", operator, "/ops/company/change"),
        Stop("closing-days", operator, "/ops/closing-days"),
        Stop("slas", operator, "/ops/slas"),
        Stop("retention", hector, "/ops/retention?until=2999-01-01"),
        Stop("add-a-user", operator, "/ops/people/add"),
        Stop("change-a-user", operator, f"/ops/people/{half_way.company['mara'].id}/change"),
        Stop("working-hours-of-a-user", operator, f"/ops/people/{half_way.company['mara'].id}/hours"),
        Stop("a-user-left", operator, f"/ops/people/{half_way.company['mara'].id}/left"),
        Stop("letter", operator, "/ops/mail/1"),
        Stop("contact", mara, f"/candidates/{at['nadia']}/log-contact"),
    ]
