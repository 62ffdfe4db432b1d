"""`make eval`: every drafter there is through the corpus and the hostile cases, and the page that says so."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import click

import wiring
from bench.evaluation import page
from bench.evaluation.runs import Outcome, extractive, lied_to, with_model
from settings import ROOT, Settings
from testing.loopback_model import talkative


@click.command(help=__doc__)
@click.option("--minutes", default=60.0, show_default=True, help="how long each model may take; then it stops there")
@click.option("--loopback/--no-loopback", default=True, help="run the small model on this machine too")
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), default=page.DOCS, help="the folder to write into"
)
def main(minutes: float, loopback: bool, into: Path) -> None:
    """Run everything and write what came of it."""
    asyncio.run(evaluated(Settings(), minutes, loopback, into))


async def evaluated(settings: Settings, minutes: float, loopback: bool, into: Path) -> None:
    """Put every drafter through everything, the endpoint of the settings too, and write page and file."""
    commit = _commit()
    outcomes = [await extractive(click.echo)]
    if loopback:
        async with talkative() as endpoint, talkative() as beside:
            outcomes.append(await with_model(endpoint, beside, 60 * minutes, click.echo))
    if own := wiring.endpoint_of(settings):
        prices = (settings.language_price_in, settings.language_price_out)
        outcomes.append(await with_model(own, own, 60 * minutes, click.echo, prices))
        await own.close()
    liar = Outcome("lying endpoint")
    told = await lied_to(liar, click.echo)
    page.write(outcomes, told, liar.successes, datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), commit, into)


def _commit() -> str:
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    return told.stdout.strip()


if __name__ == "__main__":
    main()
