"""The requisition of `samples/`, step by step. Each step does what its people did, and says so in a sentence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from local.api_client import Refusal
from local.demo.play import Applicant, NeverCame, Play, until
from local.demo.script import Json

Step = Callable[[Play], Awaitable[str]]

CALL = {"link": "https://meet.example.com/product-team"}
"""Where they all meet."""


async def the_company(play: Play) -> str:
    for who in play.script.people:
        await play.join(who["id"])
    return f"{len(play.company)} people work here round the clock, and a day lasts a few seconds."


async def opening(play: Play) -> str:
    asked = play.script.story["requisition"]
    play.requisition = await play.mara.opens(
        **_team(play), **_kept(asked, "title", "team", "place", "jurisdiction", "openings"),
        band=play.script.band, target_date=play.today(asked["target_days"]),
    )  # fmt: skip
    requisition = await play.mara.sees(play.requisition)
    for change in requisition["inherited"]:
        await play.mara.does("resolve-inherited-change", play.requisition, change_id=change, adopt=True)
    adopted = (
        f", and adopts {len(requisition['inherited'])} changes of the last retro" if requisition["inherited"] else ""
    )
    return f"Mara opens “{asked['title']}” for Dana{adopted}."


async def intake(play: Play) -> str:
    people = play.ids("dana", "hector")
    begun = await play.books("schedule-intake", play.requisition, minutes=60, attendees=people, where=CALL)
    await begun()
    asked = play.script.story["requisition"]
    play.intake = await play.upload(asked["intake_transcript"], "transcript", play.requisition)
    await play.mara.does(
        "record-intake", play.requisition, kind="full", held_at=play.now(), attendees=[play.mara.id, *people],
        rec=_transcript(play.intake),
    )  # fmt: skip
    await play.mara.waits_until(
        play.requisition, lambda requisition: "rubric" in requisition["drafts"], "the draft of the rubric"
    )
    draft = await play.mara.api.read(f"/v1/requisitions/{play.requisition}/drafts/rubric")
    found = sum(len(topic["passages"]) for topic in draft["topics"])
    return f"The intake is held; from its transcript {found} passages are laid out by the points of the agenda."


async def rubric(play: Play) -> str:
    written = play.script.rubric(play.intake["id"])
    await play.mara.does("edit-rubric", play.requisition, base_version=0, **written)
    await play.dana.does("edit-rubric", play.requisition, base_version=1, job_text=play.script.job_text)
    return f"Mara writes {len(written['criteria'])} behaviours in Dana's own words; Dana adds the job text."


async def signatures(play: Play) -> str:
    shown = await _rubric(play)
    for signer in (play.mara, play.dana):
        await signer.does(
            "sign-rubric", play.requisition, version=shown["version"], hash=shown["content_hash"], sign=True
        )
    await play.mara.does(
        "publish-job", play.requisition, action="open", channels=["company site"], rubric_version=shown["version"]
    )
    return f"Both sign version {shown['version']}; it is locked as {shown['content_hash'][:12]}…, and the job is out."


async def applications(play: Play) -> str:
    for key in play.script.story["slate"]["candidates"]:
        await _apply(play, key)
    return f"{_names(play, *play.applicants)} come in, each with a résumé."


async def slate(play: Play) -> str:
    five = list(play.applicants)
    for key in five:
        await _shortlist(play, key)
    await play.mara.waits_until(
        play.requisition, lambda requisition: requisition["stages"].get("shortlisted") == len(five), "the shortlist"
    )
    await play.mara.does("share-slate", play.requisition, candidate_ids=[play.applicants[key].id for key in five])
    return "Mara gives her own verdict on each criterion, and shares the five as one slate."


async def answers(play: Play) -> str:
    for answer in play.script.story["slate"]["answers"]:
        await _answer(play, answer["candidate"], answer)
    requisition = await play.mara.waits_until(
        play.requisition,
        lambda requisition: not requisition["slate"]["waiting"] and requisition["drift"]["outside"],
        "the answered slate",
    )
    return (
        "Dana advances Nadia, holds Owen and Grace, and turns down Theo, and Ruth for “never worked in a startup”: "
        f"drift, {requisition['drift']['outside']} of {requisition['drift']['rejected']} reasons is not in the rubric."
    )


async def asking_back(play: Play) -> str:
    challenge = play.script.story["slate"]["challenge"]
    ruth = play.applicants["ruth"]
    await play.mara.does("challenge-answer", ruth.id, **_kept(challenge, "question", "evidence"))
    await _answer(play, "ruth", challenge["second_answer"])
    return "Mara asks what she missed; Dana looks again and advances Ruth."


async def one_more(play: Play) -> str:
    answer = play.script.story["submitted_after_slate"]
    ibrahim = await _apply(play, answer["candidate"])
    await _shortlist(play, "ibrahim")
    await play.mara.waits_until(
        play.requisition, lambda requisition: requisition["stages"].get("shortlisted"), "his place in line"
    )
    await play.mara.does("submit-candidate", play.requisition, candidate_id=ibrahim.id)
    await _answer(play, "ibrahim", answer["answer"])
    return "The slate's answers move the sourcing to people with a signed review: Ibrahim is found, and advanced."


async def two_told_no(play: Play) -> str:
    await _tell(play, "theo")
    await _resolve_hold(play, "grace")
    await _tell(play, "grace")
    return "Grace's client carried her review: she and Theo are told no, each with the criterion."


async def first_screen(play: Play) -> str:
    expected = await _screen(play, "nadia")
    return f"Nadia's screen: five bullets, her strongest quote, and she expects {expected}, above the band."


async def second_screen(play: Play) -> str:
    expected = await _screen(play, "owen")
    await _resolve_hold(play, "owen")
    await _tell(play, "owen")
    return f"Owen expects {expected}, and says himself that he lacks a must-have: he is told so the same day."


async def first_round(play: Play) -> str:
    await _interview(play, "nadia", round=1)
    await _hand_in(play, "nadia", round=1)
    return "Priya meets Nadia, and hands in her scorecard the same hour, each rating on a quote."


async def too_early(play: Play) -> str:
    try:
        await _book_interview(play, "nadia", round=2)
    except Refusal as refused:
        if refused.code != "debrief_not_booked":
            raise
        return f"Mara books the final round and is refused ({refused.code}): {refused.sentence}"
    raise NeverCame("The refusal of a final round before its debrief is booked")


async def final_round(play: Play) -> str:
    await _book_debrief(play, "nadia", in_hours=2)
    await _interview(play, "nadia", round=2)
    return "So the debrief is booked first; then Wes meets Nadia, and his dishwasher floods."


async def late_card(play: Play) -> str:
    nadia = play.applicants["nadia"]

    def broken(clocks: list[Json]) -> bool:
        return any(c["name"] == "scorecard_in" and c["owner"] == play.wes.id and c["breached_at"] for c in clocks)

    await until(lambda: play.mara.api.read(f"/v1/candidates/{nadia.id}/clocks"), broken, "the breach")
    await _hand_in(play, "nadia", round=2)
    return "A day passes without Wes's scorecard: its clock breaches, on record for good. Then it comes."


async def words_kept(play: Play) -> str:
    await _keep_in_touch(play, "ruth", "ibrahim")
    return "Mara writes to Ruth and Ibrahim before either has to ask."


async def debrief(play: Play) -> str:
    await _hold_debrief(play, "nadia")
    asked = play.script.of("debriefs", "nadia")[0]["decision"]
    follow_up = asked["follow_up"]["business_days"]
    nadia = play.applicants["nadia"]
    await play.dana.does("decide", nadia.id, decision="defer", follow_up_at=play.in_days(0.95 * follow_up))
    return f"Priya and Wes heard two launches: “{asked['quote'].partition(',')[0]}”, Dana defers, once."


async def decision(play: Play) -> str:
    again = play.script.of("interviews", "nadia")[1]["scorecard"]
    changed = play.script.of("interviews", "nadia")[1]["resubmission"]
    await _hand_in(play, "nadia", round=2, card=changed, why=changed["why"])
    await _decide(play, "nadia", play.script.of("debriefs", "nadia")[0]["follow_up"]["decision"])
    was, now = again["ratings"][0]["rating"], changed["ratings"][0]["rating"]
    return f"There were two reviews: Wes moves his {was} to a {now} and says why, and Dana decides to hire Nadia."


async def first_offer(play: Play) -> str:
    offered = await _offer(play, "nadia")
    return f"Nadia is offered {offered}, the top of the band."


async def comp_signal(play: Play) -> str:
    requisition = await play.mara.waits_until(
        play.requisition, lambda requisition: requisition["signals"], "the comp signal"
    )
    story, market = play.script.story["comp_signal"], requisition["market"]
    signal = next(iter(requisition["signals"]))
    await play.dana.does(
        "acknowledge-comp-signal", play.requisition, signal_id=signal, way=story["way"], why=story["why"]
    )
    return (
        f"Day five: the median of {market['n']} expectations is {_money(market['median'])}, "
        f"{_money(market['above_by'])} above the band. Dana holds course, with a reason."
    )


async def third_screen(play: Play) -> str:
    await play.mara.does("record-request", play.applicants["ruth"].id, kind="no_recording", at=play.now())
    expected = await _screen(play, "ruth")
    return f"Ruth asks not to be recorded, so there are signed notes and no quotes; she expects {expected}."


async def two_more_rounds(play: Play) -> str:
    await _interview(play, "ruth", round=1)
    await _hand_in(play, "ruth", round=1)
    await _book_debrief(play, "ruth", in_hours=3)
    await _interview(play, "ruth", round=2)
    await _hand_in(play, "ruth", round=2)
    return "Priya and Wes meet Ruth; both scorecards are in before the day ends."


async def second_debrief(play: Play) -> str:
    await _hold_debrief(play, "ruth")
    await _decide(play, "ruth", play.script.of("debriefs", "ruth")[0]["decision"])
    ruth = await play.mara.sees(play.applicants["ruth"].id)
    return f"The second debrief ends in a hire at once; Nadia's offer stands, so Ruth waits as the {ruth['stage']}."


async def declined(play: Play) -> str:
    answer = play.script.of("offers", "nadia")[0]
    await _answer_offer(play, "nadia", answer="declined", cause=answer["cause"])
    nadia = play.applicants["nadia"]
    await play.mara.waits_until(nadia.id, lambda seen: seen["offer"]["status"] == "declined", "her answer")
    await play.mara.does("withdraw", nadia.id, cause=answer["cause"], at=play.now(), words=answer["words"])
    return f"Nadia declines: {answer['words']}"


async def hired(play: Play) -> str:
    await play.mara.waits_until(play.requisition, lambda requisition: requisition["openings_left"], "the free opening")
    offered = await _offer(play, "ruth")
    await _answer_offer(play, "ruth", answer="accepted")
    await play.mara.waits_until(play.applicants["ruth"].id, lambda seen: seen["stage"] == "accepted", "the acceptance")
    return f"Ruth, whom drift would have lost, is offered {offered} and accepts: the requisition is filled."


async def the_last_one_told(play: Play) -> str:
    ibrahim = play.applicants["ibrahim"]
    await play.mara.waits_until(ibrahim.id, lambda seen: seen["stage"] == "rejected", "the end of his search")
    await _tell(play, "ibrahim")
    return "Ibrahim is told that it is filled, and why he should come back: nobody is left without a word."


async def retro(play: Play) -> str:
    await play.mara.waits_until(play.requisition, lambda requisition: requisition["retro"], "the retro")
    for said in play.script.story["retro"]:
        asked = _kept(said, "worked", "change", "wished_to_work_around")
        await play.company[said["person"]].does("answer-retro", play.requisition, **asked)
    return "Two days after the yes, both answer the retro: two things that worked, one to change, each."


async def the_next_requisition(play: Play) -> str:
    await play.mara.sees(play.requisition)
    first, asked = play.script.story["requisition"], play.script.story["next_requisition"]
    play.next_requisition = await play.mara.opens(
        **_team(play), **_kept(first, "place", "jurisdiction"), **_kept(asked, "title", "team", "openings"),
        band=play.script.band,
    )  # fmt: skip
    requisition = await play.mara.sees(play.next_requisition)
    changes = "; ".join(f"“{change['text'].partition(',')[0]} …”" for change in requisition["inherited"].values())
    return f"Mara opens “{asked['title']}”, and on its agenda stands what the last retro said to change: {changes}."


STORY: tuple[Step, ...] = (
    the_company, opening, intake, rubric, signatures, applications, slate, answers, asking_back, one_more, two_told_no,
    first_screen, second_screen, first_round, too_early, final_round, late_card, words_kept, debrief, decision,
    first_offer, comp_signal, third_screen, two_more_rounds, second_debrief, declined, hired, the_last_one_told, retro,
    the_next_requisition,
)  # fmt: skip


# What several steps do.


def _team(play: Play) -> Json:
    asked = play.script.story["requisition"]
    roles = {role: asked[role] for role in ("hiring_manager", "recruiter", "hr_partner")}
    roles |= {"recruiting_lead": asked["leads"]["recruiter"], "manager_lead": asked["leads"]["hiring_manager"]}
    return {role: play.company[key].id for role, key in roles.items()}


def _kept(said: Json, *names: str) -> Json:
    return {name: said[name] for name in names}


def _names(play: Play, *keys: str) -> str:
    names = [play.applicants[key].name.partition(" ")[0] for key in keys]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _money(amount: str | float) -> str:
    return f"${float(amount):,.0f}"


def _transcript(doc: Json) -> Json:
    return {"kind": "transcript", "doc": doc, "consent_of_all": True}


async def _rubric(play: Play) -> Json:
    await play.mara.sees(play.requisition)
    newest: Json = (await play.mara.api.read(f"/v1/requisitions/{play.requisition}/rubric"))[0]
    return newest


async def _apply(play: Play, key: str) -> Applicant:
    script = play.script.candidate(key)
    known = await play.mara.api.give("/v1/humans", _kept(script, "name", "email"))
    play.applicants[key] = applicant = Applicant(script, known["id"])
    resume = await play.upload(script["resume"], "resume", applicant.human)
    await play.mara.does(
        "add-candidate",
        play.requisition,
        person=applicant.human,
        source=script["source"],
        doc=resume,
        notice_version="1",
    )

    def there(candidates: list[Json]) -> list[Json]:
        return [one for one in candidates if one["human"] == applicant.human]

    everybody = await until(
        lambda: play.mara.api.read(f"/v1/requisitions/{play.requisition}/candidates"),
        there,
        f"{applicant.name}'s start",
    )
    applicant.id = there(everybody)[0]["id"]
    return applicant


async def _shortlist(play: Play, key: str) -> None:
    applicant = play.applicants[key]
    verdicts = play.script.verdicts(applicant.script["shortlist_verdicts"])
    await play.mara.does("shortlist", applicant.id, verdicts=verdicts)


async def _answer(play: Play, key: str, said: Json) -> None:
    applicant = play.applicants[key]
    await play.dana.waits_until(applicant.id, lambda seen: seen["stage"] == "submitted", f"{applicant.name}'s profile")
    why = ". ".join(said[part] for part in ("other", "why") if part in said)
    await play.dana.does(
        "answer-profile", applicant.id, verdict=said["answer"],
        criterion=play.script.criterion(said["criterion"]) if "criterion" in said else None,
        needs=said.get("would_have_to_be_known"), why=why or None,
    )  # fmt: skip


async def _resolve_hold(play: Play, key: str) -> None:
    """What Dana wanted to know is known, and she answers."""
    applicant = play.applicants[key]
    held = next(answer for answer in play.script.story["slate"]["answers"] if answer["candidate"] == key)
    await play.mara.does(
        "log-contact", applicant.id, at=play.now(), direction="inbound", channel="call", answers_hold=held["known"]
    )
    await _answer(play, key, {"answer": "reject", "criterion": held["criterion"]})


async def _tell(play: Play, key: str) -> None:
    told = play.script.of("rejections", key)[0]
    await play.mara.does("tell-outcome", play.applicants[key].id, channel="mail", text=told["tell"])


async def _keep_in_touch(play: Play, *keys: str) -> None:
    for key in keys:
        await play.mara.does(
            "log-contact", play.applicants[key].id, at=play.now(), direction="outbound", channel="mail"
        )


async def _record(play: Play, call: Json, applicant: Applicant, notes: list[str]) -> tuple[Json, str]:
    """What is left of a call, as a command carries it: its transcript, or signed notes; and the document's id."""
    if call["transcript"]:
        doc = await play.upload(call["transcript"], "transcript", applicant.human)
        return _transcript(doc), doc["id"]
    doc = await play.keep("\n".join(notes), applicant.human)
    return {"kind": "notes", "doc": doc, "why_unrecorded": call["unrecorded_because"]}, doc["id"]


async def _screen(play: Play, key: str) -> str:
    """Arranges and holds the screen, and sends the summary; what they expect."""
    applicant, screen = play.applicants[key], play.script.of("screens", key)[0]
    begun = await play.books(
        "schedule-screen", applicant.id, minutes=screen["minutes"], candidate_zone=applicant.script["time_zone"],
        candidate_agreed_at=play.now(), where=CALL,
    )  # fmt: skip
    await begun()
    record, document = await _record(play, screen, applicant, [note["observation"] for note in screen.get("notes", [])])
    await play.mara.does("record-screen", applicant.id, outcome="held", at=play.now(), rec=record)
    draft = await _draft(play, applicant) if screen["transcript"] else None  # notes cannot be quoted: no draft
    summary = play.script.summary(screen, document)
    await play.mara.does("confirm-summary", applicant.id, draft_id=draft, **summary)
    return _money(summary["expectation"]["amount"])


async def _draft(play: Play, applicant: Applicant) -> str:
    """The draft of a candidate's summary, once it is there."""
    seen = await play.mara.waits_until(
        applicant.id, lambda seen: "candidate_summary" in seen["drafts"], "the draft of the summary"
    )
    return str(seen["drafts"]["candidate_summary"]["id"])


async def _book_interview(play: Play, key: str, round: int) -> Callable[[], Awaitable[None]]:
    applicant, told = play.applicants[key], play.script.of("interviews", key)[round - 1]
    interviewer = play.company[told["interviewer"]]
    return await play.books(
        "schedule-interview", applicant.id, round=round, kind=told["kind"],
        interviewers=[{"person": interviewer.id, "criteria": play.script.focus(round)}], minutes=50,
        candidate_zone=applicant.script["time_zone"], candidate_agreed_at=play.now(), where=CALL,
    )  # fmt: skip


async def _interview(play: Play, key: str, round: int) -> None:
    """Books an interview, which is accepted, and holds it."""
    applicant, told = play.applicants[key], play.script.of("interviews", key)[round - 1]
    begun = await _book_interview(play, key, round)
    interviewer = play.company[told["interviewer"]]
    await interviewer.does("respond-interview", applicant.id, interview_id=f"I-{round}", answer="accept")
    await begun()
    notes = [piece["observation"] for one in told["scorecard"]["ratings"] for piece in one.get("evidence", ())
             if "observation" in piece]  # fmt: skip
    record, applicant.records[f"I-{round}"] = await _record(play, told, applicant, notes)
    await play.mara.does(
        "record-interview", applicant.id, interview_id=f"I-{round}", outcome="held", ended_at=play.now(), rec=record
    )


async def _hand_in(play: Play, key: str, round: int, card: Json | None = None, why: str | None = None) -> None:
    applicant, told = play.applicants[key], play.script.of("interviews", key)[round - 1]
    version = (await _rubric(play))["version"]
    interview = f"I-{round}"
    given = play.script.card(card or told["scorecard"], applicant.records[interview])
    await play.company[told["interviewer"]].does(
        "submit-scorecard", applicant.id, interview_id=interview, rubric_version=version, why=why, **given
    )


async def _book_debrief(play: Play, key: str, in_hours: float) -> None:
    told = play.script.of("debriefs", key)[0]
    await play.mara.does(
        "book-debrief", play.applicants[key].id, starts_at=play.in_real_hours(in_hours), minutes=told["minutes"],
        attendees=play.ids(*told["attendees"]), where=CALL,
    )  # fmt: skip


async def _hold_debrief(play: Play, key: str) -> None:
    """Every card is in, so that they meet sooner than booked."""
    applicant, told = play.applicants[key], play.script.of("debriefs", key)[0]
    begun = await play.books("rebook-debrief", applicant.id, cause="Every card is in: we meet now.")
    await begun()
    await play.mara.does(
        "hold-debrief", applicant.id, held_at=play.now(), minutes=told["minutes"],
        attendees=play.ids(*told["attendees"]),
    )  # fmt: skip


async def _decide(play: Play, key: str, told: Json) -> None:
    criteria = play.script.criteria(told["criteria"])
    await play.dana.does(
        "decide", play.applicants[key].id, decision=told["decision"], criteria=criteria, reason=told["reason"]
    )


async def _offer(play: Play, key: str) -> str:
    """Makes the offer of the script; what is offered."""
    told, applicant = play.script.of("offers", key)[0], play.applicants[key]

    def known(requisition: Json) -> bool:
        return bool(requisition["stages"].get("hire_decided") or requisition["stages"].get("reserve"))

    await play.mara.waits_until(play.requisition, known, "the decision")
    await play.mara.does(
        "make-offer", play.requisition, candidate_id=applicant.id,
        **_kept(told, "amount", "currency", "period", "place"),
        start_on=play.today(told["start_in_days"]), answer_by=play.in_days(12),
        letter_subject="Our offer", letter=_OFFER_LETTER.format(_money(told["amount"])),
    )  # fmt: skip
    return _money(told["amount"])


_OFFER_LETTER = """\
We would be glad if you joined us, for {} a year.

Here you can accept, decline, or ask for something else:
{{{{answer_link}}}}
"""


async def _answer_offer(play: Play, key: str, **answer: str) -> None:
    requisition = await play.mara.sees(play.requisition)
    offer = requisition["offers"][play.applicants[key].id]["id"]
    await play.mara.does("answer-offer", play.requisition, offer_id=offer, **answer)
