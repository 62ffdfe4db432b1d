"""The canary: words that stand nowhere else, in every field that takes words, through a whole requisition.

They are looked for in everything that lies on disk or goes by: tables, data files, write-ahead log, a dump, the
engine's database and histories, the blob store, logs at debug, metrics, mail, temporary files; as text, encoded,
compressed. Then somebody is erased, and whoever has all that, a backup of before and the keys of today, opens nothing
of theirs.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus

from api.reports import REPORTS
from domain.registry import COMMANDS
from local import mailbox
from local.api_client import Api
from local.demo import configured
from local.demo.play import Play, until
from local.demo.story import STORY
from local.stack import on_free_ports, servers, stack
from ops.administration import Operator
from privacy.keyed_hash import AddressHash
from settings import Settings
from store.database import connect as connect_database
from tests.e2e.canary_places import (
    BLOBS,
    TEMPORARY,
    clear_control,
    dumped,
    everywhere,
    histories,
    plant_control,
    restored,
)
from tests.e2e.canary_search import as_each_place_may_write_it, found
from tests.e2e.canary_sweep import give_the_others, knock, refuse_all
from tests.e2e.canary_thief import Thief
from tests.e2e.canary_words import CONTROL, DIGITS, OPEN, SECRET, PlantedPlay, fields_with_words
from tests.e2e.rows import rows, versions
from tests.replay.gate import play_again
from wiring import key_store
from worker import SANDBOX, WORKFLOWS
from workflows.client import connect

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CLEAR: Mapping[str, str] = {
    "mailbox/new": "letters are words for people: the catcher keeps them until whoever they are about is erased",
}
"""Where the words may be read, and why."""

OPEN_FIELDS: Mapping[str, str] = {
    ".title": "what the job is called: everybody reads it",
    ".team": "what the team is called: everybody reads it",
    ".place": "where the job is: everybody reads it",
    ".alias": "what the job is called outside",
    ".channels[]": "where the job is published",
    ".notice_version": "what the company calls its own notice: the proof of what they were given",
    ".criteria": "of the job and of no person: signed by its hash, and read by everybody who judges by it",
    ".requirements": "of the job and of no person, as the criteria",
    ".agreement": "of the job and of no person, as the criteria",
    ".job_text": "of the job and of no person: it is published",
}
"""What is written in commands and kept as it is: by how the field's place begins, and why erasure need not reach it."""

NOT_TAKEN = frozenset(
    {
        "candidate-cancel_interview", "candidate-extend_clock", "candidate-reaffirm_scorecard", "candidate-reject",
        "candidate-reschedule_interview", "candidate-resolve_task", "candidate-waive_clock", "person-resolve_task",
        "requisition-amend_rubric", "requisition-answer_pulse", "requisition-approve_offer",
        "requisition-extend_clock", "requisition-resolve_task", "requisition-withdraw_offer",
    }
)  # fmt: skip
"""Commands that are given, whole, and refused each time, as the story does not come to where they are taken. What they
carry is looked for all the same; several of them are taken in `tests/api/test_secrecy.py`."""

GONE = "nadia"
"""Whoever is erased: the one of the story about whom most is said."""


@dataclass
class Walked:
    """A requisition that was walked through, on a stack that still runs."""

    settings: Settings
    temporal: Client
    play: PlantedPlay
    folder: Path

    @property
    def gone(self) -> tuple[str, str]:
        """Whoever is to be erased, as candidate and as applicant."""
        one = self.play.applicants[GONE]
        return one.id, one.human


@pytest.fixture(scope="module")
async def walked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Walked]:
    folder = tmp_path_factory.mktemp("canary")
    settings = configured(on_free_ports(folder / "home", log_level="debug"))
    temporary = settings.home / TEMPORARY
    temporary.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        async with stack(settings, say=lambda _: None), PlantedPlay(settings, Operator(settings).enrol) as play:
            for step in STORY:
                await step(play)
            assert await refuse_all(play, play.applicants["ruth"].id) == []
            await give_the_others(play, erased="theo")
            await knock(settings, play.canaries, play)
            await _still(settings)
            yield Walked(settings, await connect(settings.temporal_connection), play, folder)


def test_every_field_that_takes_words_has_its_canary(walked: Walked) -> None:
    canaries = walked.play.canaries
    planted = {canary.field for canary in canaries.planted.values()}
    words = {
        f"{name}{place}": personal
        for commands in COMMANDS.values()
        for name, command in commands.items()
        for place, personal in fields_with_words(command)
    }
    assert sorted(words.keys() - planted) == []
    assert {name for name, answers in canaries.answers.items() if "taken" not in answers} <= NOT_TAKEN
    assert canaries.answers.keys() >= {f"{entity}-{name}" for entity, them in COMMANDS.items() for name in them}
    stated = tuple(OPEN_FIELDS)
    unstated = [
        field for field, personal in words.items() if not personal and not field[field.index(".") :].startswith(stated)
    ]
    assert unstated == [], "say in OPEN_FIELDS why erasure need not reach it, or seal it"


async def test_nothing_that_was_said_lies_in_the_clear(walked: Walked) -> None:
    control = walked.play.canaries.word(CONTROL, "control")
    await plant_control(walked.settings, walked.temporal, control)
    leaks: dict[str, set[str]] = {}
    seen: dict[str, set[str]] = defaultdict(set)
    open_words: set[str] = set()
    async for place, content in everywhere(walked.settings, walked.temporal, walked.folder / "dump.sql"):
        kind = _kind(place)
        seen[kind] |= await asyncio.to_thread(found, CONTROL, content)
        if found_here := {how for stem in (SECRET, DIGITS) for how in await asyncio.to_thread(found, stem, content)}:
            leaks[place] = found_here
        if OPEN.encode() in content:
            open_words.add(kind)
    await clear_control(walked.settings, walked.temporal)

    assert {place: how for place, how in leaks.items() if not any(clear in place for clear in CLEAR)} == {}
    assert any("mailbox" in place for place in leaks), "letters say it, and are looked at"
    every = {how for content in as_each_place_may_write_it(control).values() for how in found(CONTROL, content)}
    in_text = {"plain", "base64", "base64 twice", "hexadecimal", "in an address", "in HTML", "compressed: plain"}
    expected = {
        "tables": every - {"broken into lines: plain"},
        "dump": in_text,
        "data files": (every | {"pglz"}) - {"broken into lines: plain"},
        "write-ahead log": (every | {"pglz"}) - {"broken into lines: plain"},
        "histories": every,
        "engine's database": every - {"broken into lines: plain"},
        "logs": every,
        "blob store": every,
        "mailbox": every,
        "temporary files": every,
    }
    assert {kind: hows - seen[kind] for kind, hows in expected.items()} == {kind: set() for kind in expected}
    assert open_words >= {"tables", "dump", "data files", "write-ahead log", "histories", "engine's database"}
    logs = {path.stem: path.read_text() for path in walked.settings.logs_folder.glob("*.log")}
    assert walked.gone[0] in logs["api"]


def _kind(place: str) -> str:
    """What sort of place that is."""
    sorts = {
        "table ": "tables",
        "dump ": "dump",
        "history ": "histories",
        "metrics ": "metrics",
        "file postgres/pg_wal/": "write-ahead log",
        "file postgres/": "data files",
        "file temporal.db": "engine's database",
        "file logs/": "logs",
        "file mailbox/": "mailbox",
        f"file {BLOBS}/": "blob store",
        f"file {TEMPORARY}/": "temporary files",
    }
    return next((sort for begins, sort in sorts.items() if place.startswith(begins)), "home")


@dataclass
class Erased:
    """What was before somebody was erased: what opened in a copy of the database, and whose addresses were in it."""

    hers: set[str]
    opened: dict[str, set[str]]
    thief: Thief
    matches: dict[str, str]
    reports: dict[str, Any]


@pytest.fixture(scope="module")
async def erased(walked: Walked) -> Erased:
    candidate, human = walked.gone
    settings, play = walked.settings, walked.play
    dump = walked.folder / "backup.sql"
    await asyncio.to_thread(dumped, settings, dump)
    other = on_free_ports(walked.folder / "restored", temporal_profile=settings.temporal_profile)
    thief = Thief(settings)
    async with servers(other):
        await asyncio.to_thread(restored, other, dump)
        await thief.copies(other.database_dsn)
        async with await connect_database(other.database_dsn, size=1) as pool:
            matches = {row["match"]: row["id"] for row in await pool.fetch("SELECT match, id FROM humans")}
    assert _led_to(settings, play.canaries.addresses[human], matches) == {human}
    async for name, history in histories(walked.temporal):
        thief.copies_history(name, history)
    await asyncio.to_thread(thief.copies_files)
    assert thief.has_files_of(human)
    opened, hers = await asyncio.to_thread(thief.opened), play.canaries.of(candidate, human)
    before, partner = await _reports(play), play.company["hector"]

    await partner.does("record-request", candidate, kind="erasure", at=Play.now())
    asked = (await partner.sees(candidate))["requests"]
    request = next(key for key, one in asked.items() if one["kind"] == "erasure")
    await partner.does("erase", candidate, request_id=request)
    async with await connect_database(settings.database_dsn) as pool:
        await until(
            lambda: pool.fetchval("SELECT count(*) FROM humans WHERE id = $1", human),
            lambda left: left == 0,
            "the end of what ties the applicant's id to anyone",
        )
    await _still(settings)
    return Erased(hers, opened, thief, matches, before)


def test_before_somebody_is_erased_whoever_has_it_all_opens_everything(walked: Walked, erased: Erased) -> None:
    assert walked.play.canaries.named(erased.hers - erased.opened[walked.gone[1]]) == []


async def test_afterwards_nothing_of_theirs_opens_not_even_from_a_backup_of_before(
    walked: Walked, erased: Erased
) -> None:
    now = Thief(walked.settings)
    await now.copies(walked.settings.database_dsn)
    async for name, history in histories(walked.temporal):
        now.copies_history(name, history)
    await asyncio.to_thread(now.copies_files)
    assert not now.has_files_of(walked.gone[1])
    for thief in (now, erased.thief):
        opened = await asyncio.to_thread(thief.opened)
        assert walked.gone[1] not in opened
        assert walked.play.canaries.named({word for words in opened.values() for word in words} & erased.hers) == []
        assert sum(map(len, opened.values())) > 100, "what is of others opens as before"


def test_no_letter_speaks_of_them(walked: Walked, erased: Erased) -> None:
    folder = walked.settings.mailbox_folder
    assert [letter.subject for letter in mailbox.messages(folder, limit=1_000)].count("[erased]") > 5
    letters = [letter.model_dump_json().lower() for letter in mailbox.messages(folder, limit=1_000)]
    kept = {word: letter for word in erased.hers for letter in letters if word in letter}
    assert kept == {}, [(walked.play.canaries.planted[word].field, letter) for word, letter in kept.items()]
    assert any(SECRET in letter for letter in letters), "letters about others stay"


async def test_counts_stay(walked: Walked, erased: Erased) -> None:
    assert await _reports(walked.play) == erased.reports


async def test_histories_replay_and_no_run_has_failed(walked: Walked, erased: Erased) -> None:
    candidate, _ = walked.gone
    async for name, history in histories(walked.temporal):
        if not name.startswith("control/"):
            failed = [one for one in history.events if one.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED]
            assert failed == [], name
            assert (await play_again(WORKFLOWS, history, SANDBOX)).broke is None, name
    run = await walked.temporal.get_workflow_handle(f"candidate/{candidate}").describe()
    assert run.status is WorkflowExecutionStatus.COMPLETED


async def test_the_read_model_is_made_again_row_for_row(walked: Walked, erased: Erased) -> None:
    dsn = walked.settings.database_dsn
    async with asyncio.timeout(90):
        while True:  # clocks go on meanwhile
            stood, before = await versions(dsn), await rows(dsn)
            await Operator(walked.settings).rebuild()
            after = await rows(dsn)
            if await versions(dsn) == stood:
                break
    assert after == before


async def test_who_was_forgotten_cannot_be_found_again(walked: Walked, erased: Erased) -> None:
    _, human = walked.gone
    address = walked.play.canaries.addresses[human]
    assert _led_to(walked.settings, address, erased.matches) == set()
    body = {"name": "Somebody Else", "email": address}
    async with Api(walked.settings.base_url, walked.play.mara.token, 0) as api:
        assert (await api.give("/v1/humans", body))["id"] != human
    resume = walked.play.canaries.uploads[human][0]
    hashes = [hashlib.sha256(content).hexdigest() for content in (resume, b"resume\n" + resume)]
    place = walked.folder / "afterwards.sql"
    await asyncio.to_thread(dumped, walked.settings, place)
    assert [one for one in hashes if found(one, place.read_bytes())] == []


def _led_to(settings: Settings, address: str, matches: Mapping[str, str]) -> set[str]:
    """The applicants to whom an address leads in a copy of the database, whoever has the keys of today."""
    known = AddressHash.of(key_store(settings)).known(address)
    return {matches[match] for match in known & matches.keys()}


async def _reports(play: PlantedPlay) -> dict[str, Any]:
    """What the reports count, for whoever oversees all."""
    return {
        report.name: await play.company["joanne"].api.read(f"/v1/reports/{report.name}", days="all")
        for report in REPORTS
    }


async def _still(settings: Settings) -> None:
    """Waits until nothing is left to be done for now."""
    async with await connect_database(settings.database_dsn, size=1) as pool:
        await until(
            lambda: pool.fetchval("SELECT count(*) FROM effects_undone"), lambda left: left == 0, "what is to be done"
        )
