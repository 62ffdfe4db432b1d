"""How each report looks, and what one would say of it aloud. A picture says one thing; the table has the rest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from markupsafe import Markup

from api.pages.layout.labels import BY_RULES
from api.pages.reports.charts import Band, Bar, Chart, bands, bars, drawn
from domain.evidence.draft_jobs import draft_job
from store.draft_quality import Quality
from store.report_views import (
    Calibration,
    Expectation,
    FeedbackMonth,
    FeedbackWords,
    FunnelStep,
    GateUse,
    Promised,
    PromiseKept,
    RetroOutcome,
    StageTime,
    WorkAround,
)

MOST = 20
"""Searches in one picture; the table has them all."""

N = TypeVar("N", Expectation, Promised)

Drawn = tuple[Chart, str]
"""A picture, and what it says."""


def funnel(rows: Sequence[FunnelStep]) -> Drawn:
    """One bar a stage."""
    values = [Bar(_plain(row.stage), row.reached) for row in rows]
    steep = min((row for row in rows if row.passed is not None), key=_passing, default=None)
    says = f"Of {rows[0].reached} who were added, {rows[-1].reached} were hired."
    if steep is not None:
        says += f" Most are lost at {_plain(steep.stage)}: {_percent(_passing(steep))} go on from there."
    return bars(values), says


def time_in_stage(rows: Sequence[StageTime]) -> Drawn:
    """One bar a stage."""
    medians = {_plain(row.stage): row.median_days for row in rows if row.median_days is not None}
    values = [Bar(stage, days) for stage, days in medians.items()]
    longest = max(medians, key=lambda stage: medians[stage], default=None)
    says = (
        f"Longest at {longest}: {_amount(medians[longest])} days in the middle." if longest else "Nobody moved on yet."
    )
    return bars(values, " days"), says


def sla(rows: Sequence[PromiseKept]) -> Drawn:
    """One bar a clock and side, coloured by side."""
    values = [
        Bar(f"{_plain(row.clock)}, {_plain(row.side)}", round(row.in_time * 100), _plain(row.side))
        for row in rows
        if row.in_time is not None
    ]
    kept, all_of_them = Counter[str](), Counter[str]()
    for row in rows:
        kept[row.side] += row.kept_in_time
        all_of_them[row.side] += row.kept_in_time + row.kept_late + row.breached_open
    shares = (
        f"{_plain(side)} {_percent(kept[side] / count)} of {count}" for side, count in all_of_them.items() if count
    )
    says = f"Kept in time: {'; '.join(shares) or 'nothing was due yet'}."
    return bars(values, " %", most=100), says


def feedback(rows: Sequence[FeedbackMonth]) -> Drawn:
    """The median by month."""
    last = rows[-1]
    says = (
        f"In {last.month} a scorecard came {_amount(last.median_hours)} hours after the interview in the middle; "
        f"{_percent(last.within_a_day)} within a day."
    )
    return bars((Bar(row.month, row.median_hours) for row in rows), " hours"), says


def concrete(rows: Sequence[FeedbackWords]) -> Drawn:
    """The concrete share by month, of answers and of cards."""
    values = [Bar(row.month, round(row.concrete * 100), row.feedback) for row in rows]
    given, stood_by = Counter[str](), Counter[str]()
    for row in rows:
        given[row.feedback] += row.given
        stood_by[row.feedback] += row.stood_by
    shares = (f"{_percent(1 - stood_by[kind] / count)} of {count} {kind}" for kind, count in given.items())
    says = f"Concrete: {'; '.join(shares)}. {stood_by.total()} were called vague and stood by."
    return bars(values, " %", most=100), says


def expectations(rows: Sequence[Expectation]) -> Drawn:
    """Each requisition's band, with the median of what is expected, in percent of the band's top."""
    values = [
        Band(
            name,
            low=round(float(row.band_minimum / row.band_maximum) * 100),
            high=100,
            mark=round(float(row.median / row.band_maximum) * 100),
        )
        for name, row in _named(rows[:MOST])
    ]
    above = sum(row.median > row.band_maximum for row in rows)
    says = f"In {above} of {len(rows)} requisitions the median of what candidates expect lies above the band."
    return bands(values, ("the band", "median, in % of the band's top")), says


def calibration(rows: Sequence[Calibration]) -> Drawn:
    """Agreement by month, over all criteria."""
    answers, agreed = Counter[str](), Counter[str]()
    by_criterion: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        answers[row.month] += row.answers
        agreed[row.month] += row.agreed
        sums = by_criterion[row.behaviour or row.criterion, row.title]
        sums[0], sums[1] = sums[0] + row.agreed, sums[1] + row.answers
    values = [Bar(month, round(agreed[month] / answers[month] * 100)) for month in sorted(answers)]
    (criterion, title), (same, of) = min(by_criterion.items(), key=lambda item: item[1][0] / item[1][1])
    says = (
        f"Recruiter and hiring manager agreed on {_percent(agreed.total() / answers.total())} of {answers.total()} "
        f"answers; least on “{criterion}” ({title}): {same} of {of}."
    )
    return bars(values, " %", most=100), says


def promised(rows: Sequence[Promised]) -> Drawn:
    """For each requisition what was promised and what came by then."""
    values = [
        Bar(name, count, what)
        for name, row in _named(rows[:MOST])
        for what, count in (("agreed", row.candidates_promised), ("came by then", row.shown_in_time))
    ]
    over = [row for row in rows if row.time_is_up]
    held = sum(row.shown_in_time >= row.candidates_promised for row in over)
    dated = [row for row in rows if row.days_late is not None]
    late = sum(bool(row.days_late) for row in dated)
    says = f"{held} of {len(over)} requisitions whose time is up had the candidates that were agreed"
    says = says if over else "No requisition's time is up yet"
    says = f"{says}; {late} of {len(dated)} with a target date are late" if dated else says
    meetings = sum(row.meetings_promised for row in rows)
    met = sum(min(row.meetings_held, row.meetings_promised) for row in rows)
    says = f"{says}; the two sides met {met} of the {meetings} times they had agreed" if meetings else says
    return bars(values), f"{says}."


def retro_changes(rows: Sequence[RetroOutcome]) -> Drawn:
    """How many answers of each kind later requisitions gave."""
    kinds = {
        "adopted": sum(row.adopted for row in rows),
        "declined": sum(row.declined for row in rows),
        "still open": sum(row.open for row in rows),
        "no requisition since": sum(not (row.adopted or row.declined or row.open) for row in rows),
    }
    answers = kinds["adopted"] + kinds["declined"]
    says = f"{len(rows)} changes were asked for"
    says += (
        f"; later requisitions adopted {kinds['adopted']} of {answers} they answered."
        if answers
        else "; none came up yet."
    )
    return bars(Bar(kind, count) for kind, count in kinds.items()), says


def gates(rows: Sequence[GateUse]) -> Drawn:
    """One bar a gate, over all teams."""
    times = Counter[str]()
    for row in rows:
        times[_plain(row.gate)] += row.times
    most, count = times.most_common(1)[0]
    says = f"Opened by hand {times.total()} times; most often “{most}”: {count}."
    return bars(Bar(gate, count) for gate, count in times.most_common()), says


def work_around(rows: Sequence[WorkAround]) -> Drawn:
    """The share by quarter."""
    last = rows[-1]
    says = f"In {last.quarter} {_percent(last.wished)} of {last.answers} answers said so."
    return bars((Bar(row.quarter, round(row.wished * 100)) for row in rows), " %", most=100), says


def became_of_drafts(rows: Sequence[Quality]) -> Drawn | None:
    """One bar a job, in parts by what people made of its drafts."""
    if not rows:
        return None
    jobs: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        jobs[draft_job(row.job).words] += Counter(
            {
                "sent as drafted": row.unchanged,
                "edited": row.measured - row.unchanged,
                "decided after": row.decided - row.measured,
                "not decided yet": row.made - row.decided,
            }
        )
    kinds = ("sent as drafted", "edited", "decided after", "not decided yet")
    values = [Bar(job, counts[kind], kind) for job, counts in jobs.items() for kind in kinds if counts[kind]]
    measured, unchanged = sum(row.measured for row in rows), sum(row.unchanged for row in rows)
    says = (
        f"{sum(row.made for row in rows)} drafts were made, and somebody decided after {sum(r.decided for r in rows)}"
    )
    says += f"; of {measured} whose words compare, {unchanged} went as drafted." if measured else "."
    return bars(values, kinds=kinds, stacked=True), says


def edited_fields(rows: Sequence[Quality]) -> Drawn | None:
    """One bar a kind of field and drafter: the median distance between what was drafted and what was sent."""
    distances = [
        (f"{draft_job(row.job).words}, {_plain(kind).replace('.', ' ')}", row.model or BY_RULES, round(far * 100))
        for row in rows
        for kind, far in row.distances.items()
    ]
    if not distances:
        return None
    field, _, changed = max(distances, key=lambda one: one[2])
    says = f"People change most at “{field}”: {changed} % of the words in the middle."
    return bars((Bar(field, changed, by) for field, by, changed in distances), " %", most=100), says


def failures(rows: Sequence[Quality]) -> Drawn | None:
    """One bar a reason."""
    times = Counter[str]()
    for row in rows:
        times.update({_plain(why): count for why, count in row.failed.items()})
    if not times:
        return None
    says = f"{times.total()} times the draft by rules came instead; most often “{times.most_common(1)[0][0]}”."
    return bars(Bar(why, count) for why, count in times.most_common()), says


def spent(rows: Sequence[Quality]) -> Drawn | None:
    """One bar a job: its cost, or its tokens where nothing has a price."""
    priced = any(row.cost for row in rows)
    sums: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        sums[draft_job(row.job).words] += float(row.cost) if priced else row.tokens_in + row.tokens_out
    most_first = sorted(sums.items(), key=lambda item: -item[1])
    values = [Bar(job, amount) for job, amount in most_first if amount]
    if not values:
        return None
    made, total = sum(row.made for row in rows), sum(sums.values())
    each = f"{total / made:.2f}" if priced else f"{total / made:,.0f} tokens"
    says = f"A draft costs {each} on average; most goes to “{values[0].label}”."
    return bars(values, "" if priced else " tokens"), says


DRAWN: Mapping[str, Callable[[Any], Drawn]] = {
    "funnel": funnel,
    "time-in-stage": time_in_stage,
    "sla": sla,
    "feedback": feedback,
    "concrete": concrete,
    "expectations": expectations,
    "calibration": calibration,
    "promised": promised,
    "retro-changes": retro_changes,
    "gates": gates,
    "work-around": work_around,
}
"""By the report's name."""


def picture(name: str, rows: Sequence[Any]) -> Markup | None:
    """The picture of a report; None where it has no row."""
    if not rows:
        return None
    return drawn(*DRAWN[name](rows))


def _named(rows: Sequence[N]) -> list[tuple[str, N]]:
    """Searches by their titles; those of one title are told apart by a number."""
    seen, often = Counter[str](), Counter(row.title for row in rows)
    named = []
    for row in rows:
        seen[row.title] += 1
        named.append((f"{row.title} ({seen[row.title]})" if often[row.title] > 1 else row.title, row))
    return named


def _passing(row: FunnelStep) -> float:
    return 1.0 if row.passed is None else row.passed


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _percent(share: float) -> str:
    return f"{round(share * 100)} %"


def _amount(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
