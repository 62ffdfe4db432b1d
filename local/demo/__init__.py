"""`tandem demo`: the whole requisition of `samples/`, played by its people over the real API.

`story` is the story, step by step; `play` what its people can do; `script` what they say, from the samples.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from local.api_client import NoAnswer, Refusal
from local.demo.play import Enrol, NeverCame, Play
from local.demo.story import STORY
from local.errors import StackError
from local.stack import Servers
from settings import ROOT, Settings


def configured(settings: Settings) -> Settings:
    """These settings, under the demo's policy: a day is a few seconds."""
    return settings.model_copy(update={"policy": ROOT / "deploy" / "sla" / "demo.yaml"})


def story(
    settings: Settings, enrol: Enrol, link: Callable[[str], Awaitable[str]]
) -> Callable[[Servers], Awaitable[None]]:
    """What to play on a running stack.

    `enrol` makes somebody known and gives their token, `link` by their id where they are signed in.
    """

    async def played(_running: Servers) -> None:
        began = time.monotonic()
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        async with Play(settings, enrol) as play:
            with Progress(*columns, console=Console(highlight=False)) as progress:
                bar = progress.add_task("the requisition", total=len(STORY))
                for step in STORY:
                    progress.update(bar, description=step.__name__.replace("_", " "))
                    try:
                        sentence = await step(play)
                    except (Refusal, NoAnswer, NeverCame) as stopped:
                        raise StackError(
                            f"The demo stopped at “{step.__name__.replace('_', ' ')}”: {stopped}"
                        ) from None
                    told = f"{time.monotonic() - began:5.1f} s  {sentence}"
                    progress.console.print(told, markup=False, soft_wrap=True)
                    progress.advance(bar)
            links = {key: await link(player.id) for key, player in play.company.items()}
            print(play.whereabouts(links))

    return played
