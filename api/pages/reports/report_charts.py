"""How each report looks, and what one would say of it aloud. A picture says one thing; the table has the rest.

Each report becomes one `Figure`, whose sentence is made from the very bars that are drawn, or says why there are none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from markupsafe import Markup

from api.pages.layout.labels import BY_RULES, stage_words
from api.pages.reports.amounts import counted, in_percent, lasting, month_of, quarter_of
from api.pages.reports.charts import (  # fmt: skip
    LASTING,
    MONEY,
    PERCENT,
    Band,
    Bar,
    Chart,
    bands,
    bars,
    counting,
    drawn,
)
from domain.evidence.draft_jobs import draft_job
from domain.sla.catalogue import clock_row
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
from store.reports import GROUP, PRIVATE_GROUP

MOST = 20
"""Requisitions in one picture; the table has them all."""

A_MINUTE = 1 / 60
"""In hours: what lasts less is over at once, and no picture's matter."""

PEOPLE = counting("candidates")

N = TypeVar("N", Expectation, Promised)


@dataclass(frozen=True)
class Figure:
    """A report in a picture and a sentence. Without a `chart` the sentence says why there is none."""

    says: str
    chart: Chart | None = None

    @property
    def picture(self) -> Markup | None:
        """The picture, drawn, with its sentence as its name; None where there is nothing to draw."""
        return drawn(self.chart, self.says) if self.chart else None


@dataclass(frozen=True)
class Share:
    """So many of so many, as a bar in percent and in words."""

    label: str
    part: int
    whole: int
    kind: str = ""

    @property
    def bar(self) -> Bar:
        """The bar; `whole` is not 0."""
        return Bar(self.label, in_percent(self.part / self.whole), self.kind)


def shares(of: Iterable[Share]) -> Chart:
    """Shares as bars on a scale to the whole."""
    return bars([share.bar for share in of], PERCENT, most=100)


def funnel(rows: Sequence[FunnelStep]) -> Figure:
    """One bar a stage."""
    if not rows:
        return Figure("Nobody was added in this period, so that there is nobody whose way could be drawn.")
    steps = [Bar(stage_words(row.stage), row.reached) for row in rows]
    added, hired = steps[0].value, steps[-1].value
    if added == 1:
        says = "1 candidate was added, and was hired." if hired else "1 candidate was added, and is not hired so far."
    else:
        became = f"{counted(hired, 'was', 'were')} hired" if hired else "nobody was hired so far"
        says = f"Of {counted(added, 'candidate')} who were added, {became}."
    steep = min((row for row in rows if row.passed is not None), key=_passing, default=None)
    if steep is not None and steep.stopped:
        left = steep.went_on + steep.stopped
        says += (
            f" Most are lost at “{stage_words(steep.stage)}”: {steep.went_on or 'none'} of {left} went on from there."
        )
    return Figure(says, bars(steps, PEOPLE))


def time_in_stage(rows: Sequence[StageTime]) -> Figure:
    """One bar a stage, as long as half of those who moved on stayed at most."""
    if not rows:
        return Figure("Nobody came to a stage in this period.")
    stayed = {
        row.stage: Bar(stage_words(row.stage), row.median_days * 24) for row in rows if row.median_days is not None
    }
    if not stayed:
        if any(row.passed for row in rows):
            return Figure(
                "Nobody moved on in this period but from the hiring managers' answers: how long those take is told "
                f"of {GROUP} hiring managers or more together, and to each of them alone."
            )
        still = counted(sum(row.still for row in rows), "candidate")
        return Figure(f"Nobody moved on from a stage yet; {still} came to one in this period.")
    longest = max((row for row in rows if row.stage in stayed), key=lambda row: stayed[row.stage].value)
    bar = stayed[longest.stage]
    if bar.value < A_MINUTE:
        return Figure("Everybody who moved on from a stage did so within a minute.")
    of = "the one who moved on stayed" if longest.passed == 1 else "half of those who moved on stayed at most"
    return Figure(f"Longest at {bar.label}: {of} {lasting(bar.value)}.", bars(stayed.values(), LASTING))


def sla(rows: Sequence[PromiseKept]) -> Figure:
    """One bar a clock and side, coloured by side."""
    kept = [
        Share(
            f"{clock_row(row.clock).button} ({_plain(row.side)})",
            row.kept_in_time,
            row.kept_in_time + row.kept_late + row.breached_open,
            _plain(row.side),
        )
        for row in rows
        if row.in_time is not None
    ]
    if not kept:
        return Figure(
            f"No task ended or became overdue in this period that may be told of: it takes {GROUP} people with the "
            "same kind of task, or you alone."
        )
    sides = ", ".join(f"{side} {part} of {whole}" for side, part, whole in _by_kind(kept))
    return Figure(f"Tasks done in time: {sides}.", shares(kept))


def feedback(rows: Sequence[FeedbackMonth]) -> Figure:
    """The median by month."""
    if not rows:
        return Figure(
            f"No scorecards that may be told of yet: it takes a month with those of {GROUP} people, or only yours."
        )
    months = [Bar(month_of(row.month), row.median_hours) for row in rows]
    last, bar = rows[-1], months[-1]
    within = round(last.within_a_day * last.cards)
    if last.cards == 1:
        says = f"In {bar.label} 1 scorecard came, {lasting(bar.value)} after the interview."
    else:
        says = (
            f"In {bar.label} half of {last.cards:,} scorecards came within {lasting(bar.value)} of the interview; "
            f"{within or 'none'} of {last.cards:,} within a day."
        )
    return Figure(says, bars(months, LASTING))


def concrete(rows: Sequence[FeedbackWords]) -> Figure:
    """The concrete share by month, of answers and of cards."""
    if not rows:
        return Figure(
            f"No feedback that may be told of yet: it takes a month with that of {GROUP} people, or only yours."
        )
    called = {"answers": "answers to profiles", "cards": "scorecards"}
    given = [Share(month_of(row.month), row.given - row.stood_by, row.given, called[row.feedback]) for row in rows]
    kinds = ", ".join(f"{part} of {whole} {kind}" for kind, part, whole in _by_kind(given))
    stood_by = sum(share.whole - share.part for share in given)
    vague = (
        f"{counted(stood_by, 'was', 'were')} called vague and stood by" if stood_by else "nobody stood by vague words"
    )
    return Figure(f"Concrete: {kinds}; {vague}.", shares(given))


def expectations(rows: Sequence[Expectation]) -> Figure:
    """Each requisition's band, with the median of what is expected, in percent of the band's top."""
    if not rows:
        return Figure("No candidate of these requisitions has said yet what they expect to be paid.")
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
    if len(rows) == 1:
        says = f"The median of what candidates expect lies {'above' if above else 'within or below'} the band."
    else:
        says = f"In {above or 'none'} of {len(rows)} requisitions the median of what is expected lies above the band."
    return Figure(f"{says}{_drawn_of(rows)}", bands(values, ("the band", "median, in % of the band's top"), PERCENT))


def calibration(rows: Sequence[Calibration]) -> Figure:
    """Agreement by month, over all criteria."""
    if not rows:
        return Figure(
            "No answer of a hiring manager in this period names a criterion that the recruiter had judged before, so "
            "that there is nothing to compare."
        )
    answers, agreed = Counter[str](), Counter[str]()
    by_criterion: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        answers[row.month] += row.answers
        agreed[row.month] += row.agreed
        sums = by_criterion[row.behaviour or row.criterion, row.title]
        sums[0], sums[1] = sums[0] + row.agreed, sums[1] + row.answers
    months = [Share(month_of(month), agreed[month], answers[month]) for month in sorted(answers)]
    part, whole = sum(one.part for one in months), sum(one.whole for one in months)
    says = f"Recruiter and hiring manager agreed on {part or 'none'} of {counted(whole, 'answer')}"
    (criterion, title), (same, of) = min(by_criterion.items(), key=lambda item: item[1][0] / item[1][1])
    if len(by_criterion) > 1 and same < of:
        says += f"; least on “{criterion}” ({title}): {same or 'none'} of {of}"
    return Figure(f"{says}.", shares(months))


def promised(rows: Sequence[Promised]) -> Figure:
    """For each requisition what was agreed on and what came by then."""
    if not rows:
        return Figure("No search agreement was signed in this period.")
    values = [
        Bar(name, count, what)
        for name, row in _named(rows[:MOST])
        for what, count in (("agreed", row.candidates_promised), ("came by then", row.shown_in_time))
    ]
    over = [row for row in rows if row.time_is_up]
    held = sum(row.shown_in_time >= row.candidates_promised for row in over)
    if over:
        up = counted(len(over), "requisition")
        says = f"{held or 'None'} of {up} whose time is up had the candidates that were agreed on"
    else:
        says = "No requisition's time is up yet"
    dated = [row for row in rows if row.days_late is not None]
    late = sum(bool(row.days_late) for row in dated)
    if dated:
        says += f"; {late or 'none'} of {len(dated)} with a target date {'is' if late == 1 else 'are'} late"
    meetings = sum(row.meetings_promised for row in rows)
    met = sum(min(row.meetings_held, row.meetings_promised) for row in rows)
    if meetings:
        says += f"; the two sides met {met or 'none'} of the {counted(meetings, 'time')} they had agreed on"
    return Figure(f"{says}.{_drawn_of(rows)}", bars(values, PEOPLE))


def retro_changes(rows: Sequence[RetroOutcome]) -> Figure:
    """How many answers of each kind later requisitions gave."""
    if not rows:
        return Figure("No retro of this period asked for a change.")
    kinds = {
        "adopted": sum(row.adopted for row in rows),
        "declined": sum(row.declined for row in rows),
        "still open": sum(row.open for row in rows),
        "no requisition since": sum(not (row.adopted or row.declined or row.open) for row in rows),
    }
    answers = kinds["adopted"] + kinds["declined"]
    says = f"{counted(len(rows), 'change was', 'changes were')} asked for"
    says += (
        f"; later requisitions adopted {kinds['adopted'] or 'none'} of {answers} they answered."
        if answers
        else "; no later requisition has answered yet."
    )
    return Figure(says, bars([Bar(kind, count) for kind, count in kinds.items()], counting("changes")))


def gates(rows: Sequence[GateUse]) -> Figure:
    """One bar a gate, over all teams."""
    if not rows:
        return Figure("Nobody opened a gate by hand in this period.")
    times = Counter[str]()
    for row in rows:
        times[_plain(row.gate)] += row.times
    values = [Bar(gate, count) for gate, count in times.most_common()]
    says = f"Gates were opened by hand {counted(sum(bar.value for bar in values), 'time')}"
    says += f", most often “{values[0].label}”: {counted(values[0].value, 'time')}." if len(values) > 1 else "."
    return Figure(says, bars(values, counting("times")))


def work_around(rows: Sequence[WorkAround]) -> Figure:
    """The share by quarter."""
    if not rows:
        return Figure(
            f"Nothing may be told yet: it takes a quarter that is over, with the answers of {PRIVATE_GROUP} people."
        )
    quarters = [Bar(quarter_of(row.quarter), in_percent(row.wished)) for row in rows]
    last = quarters[-1]
    says = f"In {last.label} {PERCENT.said(last.value)} of {counted(rows[-1].answers, 'answer')} said so."
    return Figure(says, bars(quarters, PERCENT, most=100))


def became_of_drafts(rows: Sequence[Quality]) -> Figure:
    """One bar a job, in parts by what people made of its drafts."""
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
    if not values:
        return Figure("Nothing was drafted yet.")
    sums = Counter[str]()
    for bar in values:
        sums[bar.kind] += int(bar.value)
    made, measured = sums.total(), sums["sent as drafted"] + sums["edited"]
    decided = made - sums["not decided yet"]
    says = f"{counted(made, 'draft was', 'drafts were')} made, and somebody decided after {decided or 'none'}"
    says += (
        f"; of {measured:,} whose words compare, {sums['sent as drafted'] or 'none'} went as drafted."
        if measured
        else "."
    )
    return Figure(says, bars(values, counting("drafts"), kinds=kinds, stacked=True))


def edited_fields(rows: Sequence[Quality]) -> Figure:
    """One bar a kind of field and drafter: the median distance between what was drafted and what was sent."""
    distances = [
        Bar(f"{draft_job(row.job).words}, {_plain(kind).replace('.', ' ')}", round(far * 100), row.model or BY_RULES)
        for row in rows
        for kind, far in row.distances.items()
    ]
    if not distances:
        return Figure("Nothing was sent yet that can be held against its draft.")
    most = max(distances, key=lambda bar: bar.value)
    says = f"People change most at “{most.label}”: half of the times {PERCENT.said(most.value)} of the words or more."
    return Figure(says if most.value else "Everything went as it was drafted.", bars(distances, PERCENT, most=100))


def failures(rows: Sequence[Quality]) -> Figure:
    """One bar a reason."""
    times = Counter[str]()
    for row in rows:
        times.update({_plain(why): count for why, count in row.failed.items()})
    values = [Bar(why, count) for why, count in times.most_common() if count]
    if not values:
        return Figure("None: every draft that was wanted of a model came, or none was.")
    says = f"The draft by rules came instead {counted(sum(bar.value for bar in values), 'time')}"
    says += f", most often because of “{values[0].label}”." if len(values) > 1 else f": “{values[0].label}”."
    return Figure(says, bars(values, counting("times")))


def spent(rows: Sequence[Quality]) -> Figure:
    """One bar a job: its cost, or its tokens where nothing has a price."""
    priced = any(row.cost for row in rows)
    sums: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        sums[draft_job(row.job).words] += float(row.cost) if priced else row.tokens_in + row.tokens_out
    most_first = sorted(sums.items(), key=lambda item: -item[1])
    values = [Bar(job, amount) for job, amount in most_first if amount]
    if not values:
        return Figure("Nothing: no model was asked.")
    made, total = sum(row.made for row in rows), sum(bar.value for bar in values)
    each = f"{total / made:.2f}" if priced else counted(round(total / made), "token")
    says = f"A draft costs {each} on average; most goes to “{values[0].label}”."
    return Figure(says, bars(values, MONEY if priced else counting("tokens")))


FIGURES: Mapping[str, Callable[[Any], Figure]] = {
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


def _by_kind(of: Iterable[Share]) -> list[tuple[str, str, int]]:
    """Shares added up by their kinds: the kind, how many (`none`), and of how many."""
    parts, wholes = Counter[str](), Counter[str]()
    for share in of:
        parts[share.kind] += share.part
        wholes[share.kind] += share.whole
    return [(kind, f"{parts[kind]:,}" if parts[kind] else "none", whole) for kind, whole in wholes.items()]


def _drawn_of(rows: Sequence[N]) -> str:
    return f" The first {MOST} of {len(rows):,} are drawn." if len(rows) > MOST else ""


def _named(rows: Sequence[N]) -> list[tuple[str, N]]:
    """Requisitions by their titles; those of one title are told apart by a number."""
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
