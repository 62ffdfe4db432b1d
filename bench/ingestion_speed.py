"""How fast applications are taken in: as PDF beside text, and how the API answers others meanwhile.

`python -m bench.ingestion_speed` starts a stack of its own on free ports in a temporary home, and in each round takes
in as many applications as text and then as PDF of two pages, from eight callers: who they are, their résumé, and the
candidate. A process beside reads one requisition again and again: before, while nobody else asks, and while text and
PDFs come in. It ends by itself, after twenty minutes at the latest (`--small` tries everything in one or two).
"""

from __future__ import annotations

import asyncio
import io
import json
import random
import sys
import tempfile
import textwrap
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from rich.console import Console

from bench.harness import done, percentile
from bench.process_usage import load
from bench.report import Line, Spread, show
from local.api_client import Api
from local.demo.script import document
from local.stack import on_free_ports, stack
from testing.sample_company import Company, founded

RATE, READS = 0.5, 1.5
"""PDF's least share of text's rate, and how many times its idle p99 a read may take meanwhile."""

AT_MOST = 20 * 60.0
IDLE = 5.0
"""Seconds for which the API is read while nobody else asks."""

EVERY = 0.02
"""Seconds between an answer and the next reading."""

REQUISITIONS = 5


@dataclass(frozen=True)
class Size:
    """Applications as PDF, and as many as text, in so many rounds."""

    applications: int = 500
    rounds: int = 3


SMALL = Size(applications=16, rounds=1)


def text_of(number: int) -> str:
    """A résumé of some two pages, no two of which are the same."""
    chance = random.Random(number)  # nosec B311  # words of a benchmark
    words = document("resumes/ruth-abara.txt").read_text(encoding="utf-8").split()
    jobs = [" ".join(chance.choices(words, k=90)) for _ in range(8)]
    parts = [
        f"Position {n}\n{year} to {year + 2}\n{job}"
        for n, (year, job) in enumerate(zip(range(2008, 2024, 2), jobs, strict=True))
    ]
    return "\n\n".join(
        [f"Applicant {number}", f"applicant.{number}@example.com", "Experience", *parts, "Education", words[0]]
    )


def pdf_of(text: str) -> bytes:
    """The same as a PDF of two pages."""
    lines = [line for part in text.split("\n") for line in (textwrap.wrap(part, 90) or [""])]
    kept = io.BytesIO()
    canvas = Canvas(kept, pagesize=A4)
    half = (len(lines) + 1) // 2
    for page in (lines[:half], lines[half:]):
        for n, line in enumerate(page):
            canvas.drawString(50, A4[1] - 50 - 13 * n, line)
        canvas.showPage()
    canvas.save()
    return kept.getvalue()


@dataclass
class Intake:
    """A company whose requisitions take applications in."""

    company: Company
    requisitions: list[str] = field(default_factory=list)
    numbers: int = 0

    async def takes(self, count: int, pdf: bool) -> float:
        """Applications a second."""
        numbers = range(self.numbers, self.numbers + count)
        self.numbers += count
        texts = [text_of(number) for number in numbers]
        files = [pdf_of(text) if pdf else text.encode() for text in texts]
        began = time.perf_counter()
        await done(self._takes(number, file, pdf) for number, file in zip(numbers, files, strict=True))
        return count / (time.perf_counter() - began)

    async def _takes(self, number: int, file: bytes, pdf: bool) -> None:
        api = self.company.apis["mara"]
        body = {"name": f"Applicant {number}", "email": f"applicant.{number}@example.com"}
        applicant = (await api.give("/v1/humans", body))["id"]
        doc = await api.upload(file, "resume", applicant, f"resume.{'pdf' if pdf else 'txt'}")
        requisition = self.requisitions[number % len(self.requisitions)]
        added = {"person": applicant, "source": "applied", "doc": doc, "notice_version": "1"}
        await api.give(f"/v1/requisitions/{requisition}/add-candidate", added)


class Reading:
    """A process that reads a path while the block runs; `waits` are its milliseconds then."""

    def __init__(self, company: Company, path: str) -> None:
        self._asked = (company.settings.base_url, company.tokens["mara"], path)
        self.waits: list[float] = []

    @asynccontextmanager
    async def meanwhile(self) -> AsyncIterator[None]:
        """Reads from here to the end of the block."""
        reader = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.ingestion_speed", "--read", self._asked[2]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert reader.stdin is not None and reader.stdout is not None, "they were asked for"  # noqa: PT018
        reader.stdin.write(json.dumps(self._asked[:2]).encode() + b"\n")
        await reader.stdout.readline()  # it reads from now on
        try:
            yield
        finally:
            reader.stdin.close()
            said, _ = await reader.communicate()
        self.waits = json.loads(said)


async def read(path: str) -> None:
    """The reader's side: reads until its input ends, and prints what it waited."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    base, token = json.loads(await lines.readline())
    ended, waits = asyncio.ensure_future(lines.read()), list[float]()
    async with Api(base, token, patience=0) as api:
        await api.read(path)  # the first one connects
        print("reading", flush=True)
        while not ended.done():
            began = time.perf_counter()
            await api.read(path)
            waits.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(EVERY)
    print(json.dumps(waits))


async def measured(size: Size, console: Console) -> list[Line]:
    """All figures, on a stack that is gone afterwards."""
    text, pdf, loads = list[float](), list[float](), [load()]
    idle, busy, with_text = list[float](), list[float](), list[float]()
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        settings = on_free_ports(Path(home), requests_per_second=10_000)
        async with asyncio.timeout(AT_MOST), stack(settings, say=lambda _: None), AsyncExitStack() as more:
            intake = Intake(await more.enter_async_context(founded(settings)))
            intake.requisitions = [await intake.company.opens() for _ in range(REQUISITIONS)]
            for kind in (False, True):  # the first document starts the process that reads them
                await intake.takes(8, pdf=kind)
            reading = Reading(intake.company, f"/v1/requisitions/{intake.requisitions[0]}")
            each = max(size.applications // size.rounds, 1)
            for number in range(size.rounds):
                console.print(f"round {number + 1} of {size.rounds}, load {load():.2f}")
                async with reading.meanwhile():
                    await asyncio.sleep(IDLE)
                idle.append(percentile(reading.waits, 99))
                async with reading.meanwhile():
                    text.append(await intake.takes(each, pdf=False))
                with_text.append(percentile(reading.waits, 99))
                async with reading.meanwhile():
                    pdf.append(await intake.takes(each, pdf=True))
                busy.append(percentile(reading.waits, 99))
                loads.append(load())
    beside, while_pdf = Spread.of(loads), Spread.of(busy)
    return [
        Line("applications as PDF, beside text", "1/s", Spread.of(pdf), beside, Spread.of(text), RATE, or_more=True),
        Line("a requisition read meanwhile, p99, beside idle", "ms", while_pdf, beside, Spread.of(idle), READS),
        Line("the same, beside while text is taken in", "ms", while_pdf, beside, Spread.of(with_text), READS),
    ]


@click.command()
@click.option("--small", is_flag=True, help="Few of everything: whether it works.")
@click.option("--read", "path", hidden=True)
def main(small: bool, path: str | None) -> None:
    """Measure how fast applications are taken in."""
    if path is not None:
        asyncio.run(read(path))
        return
    console = Console()
    show(asyncio.run(measured(SMALL if small else Size(), console)), console)


if __name__ == "__main__":
    main()
