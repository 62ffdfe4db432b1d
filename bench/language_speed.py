"""What the language room costs: how fast quotes are grounded, and how much memory a worker full of drafts takes.

`python -m bench.language_speed` prints the figures as a table. Grounding is one core's time for a transcript of 10,000
words and 100 quotes, the source's reading included. Memory is the most that a process with everything a worker imports
ever held while it drafted from 32 transcripts of 8,000 words at once; the endpoint is another process, and answers
only when all 32 have asked.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import random
import resource
import sys
from itertools import pairwise
from time import process_time

from rich.console import Console

from bench.process_usage import load
from bench.report import Line, Spread, show
from domain.evidence.draft_requests import SummaryRequest
from domain.evidence.drafts import Topic
from domain.evidence.transcript import Transcript, Utterance
from language.grounding import Grounded
from language.llm_client import Endpoint
from language.llm_drafter import ModelDrafter
from testing.model_endpoint import MODEL, Asked, Said, completion, endpoint

GROUNDING_GOAL, MEMORY_GOAL = 0.1, 300.0
ROUNDS, CALLS, WORDS, QUOTES = 9, 32, 8_000, 100
SAID = "I led the migration of five teams"
CRITERIA = tuple(Topic(id=f"K{n}", text=f"leads migrations of kind {n}") for n in range(1, 7))


def transcript(words: int, seed: int) -> Transcript:
    """A call of so many words in turns of 50, drawn from 3,000 different ones."""
    draw = random.Random(seed)
    syllables = [first + second for first in "bcdfgklmnprst" for second in ("a", "en", "ing", "or", "ul")]
    vocabulary = ["".join(draw.choices(syllables, k=draw.randint(1, 3))) for _ in range(3_000)]
    drawn = draw.choices(vocabulary, k=words)
    said = [" ".join(drawn[first:last]) for first, last in pairwise(range(0, words + 1, 50))]
    said[1] = f"{SAID}. {said[1]}"
    return Transcript.of(
        Utterance(("Mara Okafor", "Nadia Brenner")[n % 2], each, n * 1000) for n, each in enumerate(said)
    )


def grounding() -> list[float]:
    """CPU seconds for all quotes of one transcript, the best of each round."""
    call = transcript(10_000, 1)
    draw = random.Random(2)
    quotes = []
    for _ in range(QUOTES):
        turn = draw.choice(call.turns)
        words = call.text[turn.start : turn.end].split()
        first = draw.randint(0, len(words) - 20)
        quotes.append((" ".join(words[first : first + 20]), (turn.start, turn.end)))

    def once() -> float:
        began = process_time()
        grounded = Grounded("D-1", call)
        if not all(grounded.quote(words, place) for words, place in quotes):
            raise AssertionError("a quote that is there was not found")
        return process_time() - began

    return [once() for _ in range(ROUNDS)]


async def memory() -> float:
    """The most a worker's process held, in megabytes."""
    everybody = asyncio.Event()
    asked = 0

    def script(question: Asked) -> Said:
        if question.shape == "ReadingAnswer":
            return completion({"found": [{"topic": "K1", "line": question.line(SAID), "words": SAID}]})
        return completion({"bullets": [], "verdicts": [], "strongest": 1})

    async with endpoint(script) as one:

        async def wait() -> None:
            nonlocal asked
            asked += 1
            if asked >= CALLS:
                everybody.set()
            await everybody.wait()

        one.before = wait
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.language_speed", one.url), stdout=asyncio.subprocess.PIPE
        )
        said, _ = await worker.communicate()
    if worker.returncode:
        raise RuntimeError("the worker failed")
    return float(json.loads(said)["megabytes"])


async def drafting(url: str) -> None:
    """The worker's side: everything it imports, and all drafts at once; prints what it held at most."""
    importlib.import_module("worker")  # and with it everything a worker holds

    model = Endpoint(url, MODEL, context=40_000, timeout=300.0)
    await asyncio.gather(
        *(
            ModelDrafter(model).draft(
                SummaryRequest(
                    document=f"D-{n}",
                    transcript=transcript(WORDS, n),
                    criteria=CRITERIA,
                    candidates=("Nadia Brenner",),
                    others=("Mara Okafor",),
                )
            )
            for n in range(CALLS)
        )
    )
    await model.close()
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"megabytes": held / (1024 if sys.platform == "linux" else 1024**2)}))


async def main() -> None:
    """Measure both, and print them."""
    before = load()
    seconds = grounding()
    held = await memory()
    loads = Spread.of([before, load()])
    show(
        [
            Line("100 quotes in 10,000 words", "s", Spread.of(seconds), loads, goal=GROUNDING_GOAL),
            Line("32 transcripts of 8,000 words in flight", "MB", Spread.of([held]), loads, goal=MEMORY_GOAL),
        ],
        Console(),
    )


if __name__ == "__main__":
    asyncio.run(drafting(sys.argv[1]) if len(sys.argv) > 1 else main())
