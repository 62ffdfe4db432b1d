"""From request to receipt: one command after another, and eight at once, over many requisitions and candidates."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import httpx

from bench import baseline
from bench.baseline_workflow import How
from bench.harness import AT_ONCE, HOWS, Ask, Bench, percentile, waits
from bench.replay_baseline import Recording, Taken

GOAL = 1.5
TANDEM = "tandem"
LIKE_WITH_LIKE = "behind an API, regular activity"

FAMILIES = {
    "UPDATE": "update",
    "WORKFLOW_TASK": "workflow task",
    "JOURNAL": "activity: the journal",
    "EFFECT": "activity: effects",
    "TIMER": "timer",
    "UPSERT": "search attributes",
    "": "others",
}


async def receipts(bench: Bench) -> None:
    """Tandem through its API; the comparison through an API and without one, with either kind of activity.

    First a command that concerns nobody else, then one of which a candidate is told behind the receipt: another update
    with all that belongs to it, for which the same processors are wanted. The comparison tells nobody.
    """
    bench.begins("from request to receipt")
    requisitions = [await bench.company.opens() for _ in range(bench.size.requisitions)]
    for requisition in requisitions:
        await bench.company.adds(requisition)
    candidates = [(await bench.company.candidates(requisition, 1))[0] for requisition in requisitions]
    async with AsyncExitStack() as connections:
        api = await connections.enter_async_context(_http(f"http://127.0.0.1:{bench.settings.api_port}"))
        bare_api = await connections.enter_async_context(_http(bench.bare_api))
        api.headers["Authorization"] = f"Bearer {bench.company.tokens['mara']}"
        for what, command, tandem, streams in (
            ("nobody told", "log_contact", _word_logged(api, candidates), [f"candidate/{one}" for one in candidates]),
            (
                "one told",
                "change_terms",
                _terms_changed(api, requisitions),
                [f"requisition/{one}" for one in requisitions],
            ),
        ):
            await waits(tandem, 2 * len(streams), AT_ONCE)
            recording = await bench.reader.read(streams)
            asked = [taken for taken in recording.taken if taken.command == command]
            ways: dict[str, Ask] = {TANDEM: tandem}
            for how in HOWS:
                flows = [f"{command}-{how}-{number}" for number in range(len(streams))]
                for flow in flows:
                    await baseline.give(bench.client, flow, how, asked[0].again(start=True))
                ways[f"behind an API, {how} activity"] = _through_api(bare_api, how, flows, asked)
                if how == "regular":
                    ways[f"called by itself, {how} activity"] = _direct(bench, how, flows, asked)
            for ask in ways.values():
                await waits(ask, 2 * len(streams), AT_ONCE)
            await _turns(bench, what, ways, 1, bench.size.alone)
            await _turns(bench, what, ways, AT_ONCE, bench.size.together)
            tell_events(bench, f"history events an update, {what}", recording)


def tell_events(bench: Bench, what: str, recording: Recording, goal: float | None = 7) -> None:
    """Events of histories per update that was taken, and of what kinds they are."""
    kinds: Counter[str] = Counter()
    for kind, count in recording.events.items():
        kinds[next(family for word, family in FAMILIES.items() if word in kind)] += count
    updates = len(recording.taken)
    bench.tell(what, "", [recording.events.total() / updates], goal=goal)
    for family, count in kinds.most_common():
        bench.tell(f"  {family}", "", [count / updates])


async def _turns(bench: Bench, what: str, ways: dict[str, Ask], at_once: int, count: int) -> None:
    bench.begins(f"  {what}, {at_once} at once")
    found: dict[str, list[list[float]]] = {name: [] for name in ways}
    for _ in range(bench.size.rounds):
        for name, ask in ways.items():
            found[name].append(await waits(ask, count, at_once))
            if name == TANDEM:  # which goes on after the receipt; the comparison does not
                await bench.trees.settled("worker")
        bench.note_load()
    for percent in (50, 99):
        each = {name: [percentile(one, percent) for one in rounds] for name, rounds in found.items()}
        ours = each.pop(TANDEM)
        for name, theirs in each.items():
            title = f"receipt p{percent}, {what}, {at_once} at once; bare {name}"
            bench.tell(title, "ms", ours, theirs, GOAL if name == LIKE_WITH_LIKE else None)


def _word_logged(api: httpx.AsyncClient, candidates: Sequence[str]) -> Ask:
    async def ask(number: int) -> None:
        body = {"at": datetime.now(UTC).isoformat(), "direction": "outbound", "channel": "call"}
        path = f"/v1/candidates/{candidates[number % len(candidates)]}/log-contact"
        (await api.post(path, json=body)).raise_for_status()

    return ask


def _terms_changed(api: httpx.AsyncClient, requisitions: Sequence[str]) -> Ask:
    places = itertools.count()

    async def ask(number: int) -> None:
        body = {"place": f"Place {next(places)}", "why": "The team moves to another building in spring."}
        path = f"/v1/requisitions/{requisitions[number % len(requisitions)]}/change-terms"
        (await api.post(path, json=body)).raise_for_status()

    return ask


def _through_api(api: httpx.AsyncClient, how: How, flows: Sequence[str], asked: Sequence[Taken]) -> Ask:
    async def ask(number: int) -> None:
        body = asked[number % len(asked)].again(start=False).model_dump(mode="json")
        (await api.post(f"/{how}/{flows[number % len(flows)]}", json=body)).raise_for_status()

    return ask


def _direct(bench: Bench, how: How, flows: Sequence[str], asked: Sequence[Taken]) -> Ask:
    async def ask(number: int) -> None:
        await baseline.give(
            bench.client, flows[number % len(flows)], how, asked[number % len(asked)].again(start=False)
        )

    return ask


def _http(base_url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=base_url, timeout=30, trust_env=False)
