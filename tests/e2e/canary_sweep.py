"""What the story leaves out: the commands that it does not give, refusals of each, and knocks at every door."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from domain.core.messages import Command
from domain.registry import COMMANDS
from local.api_client import Refusal
from local.demo.play import Player
from settings import Settings
from testing.sign_in import signed_in
from tests.api.smallest_bodies import largest, smallest
from tests.e2e.canary_words import SECRET, Canaries, PlantedPlay, PlantingApi

PLURAL = {"requisition": "requisitions", "candidate": "candidates", "person": "people"}
PLAYERS = {
    "R": ("mara", "joanne"), "H": ("dana",), "P": ("hector",), "L": ("joanne",), "I": ("priya",), "self": ("mara",),
}  # fmt: skip
"""Who may give a command, by the role; Joanne is also who takes over."""

WHATEVER_IT_SAYS = frozenset({"closed", "erased", "not_permitted", "not_found"})
"""How something is refused that no other body would make welcome."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")


async def give_the_others(play: PlantedPlay, erased: str) -> None:
    """Gives every command that was not taken yet to some of those that may take it; erases `erased`."""
    access = {"kind": "access", "at": datetime.now(UTC).isoformat()}
    await play.mara.does("record-request", play.applicants["ibrahim"].id, **access)
    for _ in range(2):  # what one of them makes possible may stand before it
        for entity, commands in COMMANDS.items():
            for name, command in commands.items():
                if name != "erase" and "taken" not in play.canaries.answers.get(f"{entity}-{name}", set()):
                    await _take(play, entity, command)
    await play.company["hector"].api.give(f"/v1/candidates/{play.applicants[erased].id}/erase", {})


async def refuse_all(play: PlantedPlay, about: str) -> list[str]:
    """Gives every command with a canary for each thing that it names; the commands that were taken all the same."""
    taken = []
    for entity, commands in COMMANDS.items():
        whose = {"requisition": play.requisition, "candidate": about, "person": play.mara.id}[entity]
        for name, command in commands.items():
            if command.begins == "itself":
                continue
            for player in _players(play, command):
                path = f"/v1/{PLURAL[entity]}/{whose}/{name.replace('_', '-')}"
                assert isinstance(player.api, PlantingApi)
                for body in (smallest(command, **_ids(play, about)), largest(command, **_ids(play, about))):
                    if not await player.api.refused(path, body):
                        taken.append(f"{entity}-{name}")
    return taken


def _waiting(word: Callable[[str], str]) -> str:
    """A résumé of somebody who is no applicant yet."""
    begins = f"{word('a name')} Roe\n{word('an address')}@example.com\n\nExperience\n"
    return (
        f"{begins}Led {word('work')} for years, and what came of it was told to everybody who asked for it in the town."
    )


async def knock(settings: Settings, canaries: Canaries, play: PlantedPlay) -> None:
    """Asks for what there is not, in every part of a request: with words that must not be repeated anywhere."""

    def word(where: str) -> str:
        return canaries.word(SECRET, where)

    base = f"http://127.0.0.1:{settings.api_port}"
    own = {"Authorization": f"Bearer {play.mara.token}"}
    async with httpx.AsyncClient(base_url=base, trust_env=False) as http:
        await http.get(f"/v1/candidates/{word('a path')}", headers=own)
        await http.get(f"/{word('a page')}")
        await http.get(f"/v1/requisitions/{play.requisition}/candidates", params={word("a name"): word("a query")})
        await http.get("/v1/board", params={"limit": word("a number in a query")}, headers=own)
        await http.get("/v1/reports/funnel", params={"team": word("a team in a query")}, headers=own)
        await http.get("/v1/board", headers={"Authorization": f"Bearer {word('a token')}"})
        await http.get("/board", headers={"Cookie": f"tandem={word('a cookie')}", "User-Agent": word("a browser")})
        await http.get("/v1/board", headers=own | {"X-Forwarded-For": word("a proxy"), "Referer": word("a referrer")})
        await http.post("/v1/humans", content=f'{{"name": "{word("broken JSON")}', headers=own)
        await http.post(
            "/v1/humans", json={"name": word("a name"), "email": word("an address that is none")}, headers=own
        )
        await http.post("/v1/humans", json={word("a field"): 1, "name": "x", "email": "x@example.com"}, headers=own)
        form = {"Origin": base}
        await http.post("/sign-in", data={"_token": word("a token typed")}, headers=form)
        await http.post("/sign-in/mail", data={"_mail": f"{word('an address')}@example.com"}, headers=form)
        await http.post("/sign-in/code", data={"_mail": f"{word('it')}@example.com", "_code": word("c")}, headers=form)
        await http.get(f"/sign-in/link/{word('a link')}")
        files = {"files": (f"{word('a waiting file')}.txt", _waiting(word).encode())}
        assert await _brought(http, play, files, form), "a file waits, and is looked for where it lies"
        for kind, content in (("transcript", b"\x89PNG\r\n"), ("resume", b"{"), ("notes", b"\xff")):
            asked = {"kind": kind, "about": play.applicants["ruth"].human, "name": word("an unreadable file")}
            unreadable = content + word("what cannot be read").encode()
            await http.post("/v1/documents", params=asked, content=unreadable, headers=own)


async def _brought(http: httpx.AsyncClient, play: PlantedPlay, files: dict[str, Any], form: dict[str, str]) -> bool:
    """Whether a file waits in a requisition that still takes applications."""
    for player in (play.mara, play.company["joanne"]):
        cookie = await signed_in(http, player.token)
        for line in await player.api.read("/v1/board"):
            place = f"/requisitions/{line['id']}/applications/add-many"
            answer = await http.post(place, files=files, headers=form | cookie.header, follow_redirects=True)
            if "What was read" in answer.text:
                return True
    return False


async def _take(play: PlantedPlay, entity: str, command: type[Command]) -> None:
    targets = {
        "requisition": [play.next_requisition, play.requisition],
        "candidate": [play.applicants[key].id for key in ("ibrahim", "ruth", "theo")],
        "person": [play.mara.id],
    }
    if command.name == "name_speakers":  # whoever was in a call
        targets["candidate"] = [one.id for one in play.applicants.values()]
    for whose in targets[entity]:
        for player in _players(play, command):
            for body in await _bodies(play, entity, whose, command):
                path = f"/v1/{PLURAL[entity]}/{whose}/{command.name.replace('_', '-')}"
                assert isinstance(player.api, PlantingApi)
                try:
                    await player.api.once(path, body, fill=False)
                except Refusal as refused:
                    if refused.code in WHATEVER_IT_SAYS:
                        break
                    continue
                return


def _players(play: PlantedPlay, command: type[Command]) -> list[Player]:
    return [play.company[key] for role in command.who for key in PLAYERS.get(role, ())]


def _ids(play: PlantedPlay, candidate: str) -> dict[str, str]:
    human = next((one.human for one in play.applicants.values() if one.id == candidate), "H-NOBODY00")
    return {"P": play.dana.id, "C": candidate, "H": human, "R": play.next_requisition, "D": play.intake["id"]}


CHANGED: Mapping[str, dict[str, str]] = {
    "change_terms": {"place": "Lisbon"},
    "correct_screen": {"outcome": "no_show"},
    "correct_interview": {"outcome": "candidate_no_show"},
    "correct_contact": {"full_name": "Roe Elsewhere"},
}
"""What a command has to say otherwise than what is on record."""


async def _bodies(play: PlantedPlay, entity: str, whose: str, command: type[Command]) -> list[dict[str, Any]]:
    """The largest body; and the smallest, with times that are now, that come soon and that come later."""
    candidate = whose if entity == "candidate" else play.applicants["ruth"].id
    known = {"request_id": "A-1", "interview_id": "I-1", "offer_id": "O-1", "gate": "not_screened"}
    known |= {"subject": candidate, "role": "recruiter", "to": play.company["joanne"].id}
    known |= CHANGED.get(command.name, {})
    if "change_id" in command.model_fields:
        known["change_id"] = next(iter((await play.company["joanne"].sees(play.next_requisition))["inherited"]))
    if "clock_id" in command.model_fields:
        clocks = await play.company["joanne"].api.read(f"/v1/{PLURAL[entity]}/{whose}/clocks", ended="false")
        known["clock_id"] = clocks[0]["id"] if clocks else "K-1"
    if command.name == "name_speakers":
        return await _namings(play, entity, whose)
    body = smallest(command, **_ids(play, candidate))
    body |= {name: value for name, value in known.items() if name in command.model_fields}
    whole = largest(command, **_ids(play, candidate))
    return [whole, body, _later(body, timedelta(seconds=5)), _later(body, timedelta(days=2))]


async def _namings(play: PlantedPlay, entity: str, whose: str) -> list[dict[str, Any]]:
    """That somebody else speaks first in the call that is on record here, if one is."""
    reader = play.company["joanne"] if whose == play.next_requisition else play.mara
    found = await reader.sees(whose)
    said = [intake["document"] for intake in found["intakes"]] if entity == "requisition" else _calls(found)
    bodies = []
    for document in said:
        turns = (await reader.api.read(f"/v1/documents/{document}"))["turns"]
        if turns:
            first = {"speaker": turns[0]["speaker"], "who": "somebody_else", "name": "Somebody"}
            bodies.append({"document": document, "speakers": [first]})
    return bodies


def _calls(candidate: dict[str, Any]) -> list[str]:
    screen, interviews = candidate["screen"] or {}, candidate["interviews"].values()
    return [document for document in (screen.get("record"), *(one["transcript"] for one in interviews)) if document]


def _later(value: Any, by: timedelta) -> Any:
    if isinstance(value, dict):
        return {key: _later(one, by) for key, one in value.items()}
    if isinstance(value, list):
        return [_later(one, by) for one in value]
    if isinstance(value, str) and _TIME.fullmatch(value):
        return (datetime.now(UTC) + by).isoformat()
    return value
