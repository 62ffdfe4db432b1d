"""A reading sheet: what drafters show, drawn over jobs, kinds and drafters, for two people to hold against the files.

`python -m bench.evaluation.reading sheet OUT.json` writes it. Each reader gets a copy, reads the files it names, and
writes one of the three verdicts beside every statement; `… tally ONE.json TWO.json` says what came of both.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from bench.evaluation.corpus import CORPUS, Job, asked
from bench.evaluation.measures import statements
from bench.evaluation.runs import EXTRACTIVE, in_turn, sent
from domain.evidence.draft_requests import DraftRequest
from domain.evidence.drafts import Draft, Passage
from language.drafter_protocol import Drafter
from language.llm_drafter import ModelDrafter
from testing.loopback_model import talkative

VERDICTS = ("right", "wrong attribution", "words not there")
HOW = (
    "Open the file, find the words, and see who says them, when, and of what. Write into `verdict` one of: "
    + ", ".join(VERDICTS)
    + ". `wrong attribution` is for words that somebody else says, that stand elsewhere, or that the statement above"
    " them makes into something else. Say in `note` what you doubt. Do not talk about it before both sheets are full."
)

Row = dict[str, Any]
_EMPTY: Row = {"verdict": "", "note": ""}
"""What a reader fills in."""


def rows_of(job: Job, request: DraftRequest, draft: Draft) -> Iterator[Row]:
    """Every quote and every statement of a draft that leads to words in a file of the corpus."""
    criteria = {topic.id: topic.text for topic in getattr(request, "criteria", ())}

    def row(criterion: str, statement: str, passages: Sequence[Passage]) -> Row:
        return {
            "drafter": draft.drafter,
            "job": job.name,
            "kind": draft.kind,
            "criterion": f"{criterion}: {criteria[criterion]}" if criterion in criteria else criterion,
            "statement": statement,
            "words": [_quoted(job, passage) for passage in passages],
            **_EMPTY,
        }

    for topic in draft.topics:
        yield from (row(topic.topic, "", [passage]) for passage in topic.passages)
    under = {claim.text: finding.criterion for finding in draft.findings for claim in finding.claims}
    for said in statements(request, draft):
        if said.rests_on and all(passage.span.document in job.documents for passage in said.rests_on):
            yield row(under.get(said.text, ""), said.text, said.rests_on)
    for compared in draft.debrief.compared if draft.debrief else ():
        yield from (row(compared.criterion, "", [piece]) for view in compared.views for piece in view.evidence)


def drawn(rows: Sequence[Row], how_many: int, seed: int) -> list[Row]:
    """As many rows, the same for the same seed: one of each drafter, job and kind before the next of any."""
    chance = random.Random(seed)
    piles: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        piles[row["drafter"], row["job"], row["kind"]].append(row)
    for pile in piles.values():
        chance.shuffle(pile)
    chosen: list[Row] = []
    while len(chosen) < how_many and any(piles.values()):
        chosen += [pile.pop() for pile in piles.values() if pile]
    return [{"n": n, **row} for n, row in enumerate(chosen[:how_many], 1)]


def tallied(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    """What two readers say of one sheet: how often each verdict, on which they differ, and what anybody found wrong.

    Raises ValueError if the sheets are not of the same statements, or not filled with the three verdicts.
    """
    pairs = list(zip(one["statements"], two["statements"], strict=True))
    for first, second in pairs:
        if first | _EMPTY != second | _EMPTY:
            raise ValueError(f"the sheets differ at {first['n']}")
        for row in (first, second):
            if row["verdict"] not in VERDICTS:
                raise ValueError(f"{row['n']}: {row['verdict']!r} is none of {', '.join(VERDICTS)}")
    return {
        "statements": len(pairs),
        "first": dict(Counter(first["verdict"] for first, _ in pairs)),
        "second": dict(Counter(second["verdict"] for _, second in pairs)),
        "differ": [first["n"] for first, second in pairs if first["verdict"] != second["verdict"]],
        "wrong": [first["n"] for first, second in pairs if {first["verdict"], second["verdict"]} != {"right"}],
    }


def _quoted(job: Job, passage: Passage) -> dict[str, str]:
    part = "resumes" if passage.span.document in job.resumes else "transcripts"
    said = {"file": str((job.folder / part / passage.span.document).relative_to(CORPUS.parents[1]))}
    if passage.speaker:
        said["speaker"] = passage.speaker
    if passage.start_ms is not None:
        minutes, seconds = divmod(passage.start_ms // 1000, 60)
        said["time"] = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return said | {"words": passage.words}


async def _drafted(drafter: Drafter, until: float) -> list[Row]:
    """What a drafter shows of the corpus, as far as it comes until the clock (`time.monotonic`) says so."""
    rows: list[Row] = []
    for job, request in in_turn(asked()):
        if time.monotonic() > until:
            break
        draft = await sent(drafter, request)
        if draft.drafter == drafter.name:
            rows += rows_of(job, request, draft)
    return rows


async def _sheet(how_many: int, seed: int, loopback_minutes: float) -> dict[str, Any]:
    rows = await _drafted(EXTRACTIVE, time.monotonic() + 3600)
    if loopback_minutes:
        async with talkative() as endpoint:
            drafter = ModelDrafter(endpoint, extractive=EXTRACTIVE)
            rows += await _drafted(drafter, time.monotonic() + 60 * loopback_minutes)
    return {"how": HOW, "seed": seed, "reader": "", "statements": drawn(rows, how_many, seed)}


@click.group(help=__doc__)
def main() -> None:
    """See the module."""


@main.command()
@click.option("--statements", "how_many", default=50, show_default=True)
@click.option("--seed", default=1, show_default=True, help="the same seed draws the same statements")
@click.option("--loopback-minutes", default=0.0, help="how long the small model on this machine may draft too")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
def sheet(how_many: int, seed: int, loopback_minutes: float, out: Path) -> None:
    """Draw statements and write them to OUT, with room for a verdict on each."""
    made = asyncio.run(_sheet(how_many, seed, loopback_minutes))
    out.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@main.command()
@click.argument("one", type=click.Path(path_type=Path, exists=True))
@click.argument("two", type=click.Path(path_type=Path, exists=True))
def tally(one: Path, two: Path) -> None:
    """Count the verdicts of two filled sheets, and say where they differ."""
    try:
        found = tallied(*(json.loads(path.read_text(encoding="utf-8")) for path in (one, two)))
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None
    click.echo(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
