"""What the API lets one read, as tables for a terminal."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.api_client import Api

Answer = Any
"""The JSON of an answer."""

Ask = Callable[[Callable[[Api], Awaitable[None]]], None]
"""Runs something with the caller's way to the API."""

_BREACHED = "overdue"
_STUCK = "stuck"

_PAGE = 500  # the most entries the API gives at once

_JSON = click.Option(["--json", "as_json"], is_flag=True, help="The API's answer as it is.")


def reads(ask: Ask) -> Iterator[click.Command]:
    """A command for each read."""
    subject = click.Argument(["about"], metavar="R-…|C-…")

    def board(as_json: bool, **narrowed: Any) -> None:
        ask(_shown(as_json, _board, "/v1/board", **narrowed))

    yield _command(
        board,
        "The requisitions you have a part in, the overdue ones first.",
        click.Option(["--person"], metavar="P-…", help="Another user's; for leads and operations."),
        click.Option(["--phase"], help="intake, rubric, calibration, sourcing, interviewing, debrief, offer, retro."),
        click.Option(["--waiting-on"], metavar="P-…", help="Those that wait for this user."),
        click.Option(["--breached/--not-breached"], default=None, help="Those with an overdue task, or without."),
    )

    def show(about: str, as_json: bool) -> None:
        ask(_shown(as_json, _candidate if about.startswith("C-") else _requisition, _place(about)))

    yield _command(show, "A requisition with its rubric, or a candidate.", subject)

    def available(about: str, as_json: bool, everything: bool) -> None:
        place = f"/v1/people/{about}" if about == "me" or about.startswith("P-") else _place(about)
        ask(_shown(as_json, _everything if everything else _available, f"{place}/available"))

    yield _command(
        available,
        "What you can do here now; with --all also what is missing for the rest.",
        click.Argument(["about"], metavar="[R-…|C-…|P-…]", required=False, default="me"),
        click.Option(["--all", "everything"], is_flag=True, help="Also what would be refused, with the reason."),
    )

    def clocks(about: str, as_json: bool, running: bool) -> None:
        ended = False if running else None
        ask(_shown(as_json, _clocks, f"{_place(about)}/clocks", ended=ended))

    yield _command(
        clocks,
        "The tasks in a requisition or about a candidate: whose, and when they are due.",
        subject,
        click.Option(["--running"], is_flag=True, help="Only those that are open now."),
    )

    def update(about: str, as_json: bool, since: datetime | None) -> None:
        begins = since.astimezone().isoformat() if since else None
        ask(_shown(as_json, _update, f"/v1/requisitions/{about}/update", since=begins))

    yield _command(
        update,
        "How a requisition goes: who stands where, what moved, the tasks of each side, how many candidates "
        "show each criterion, and when it will be filled.",
        click.Argument(["about"], metavar="R-…"),
        click.Option(["--since"], type=click.DateTime(), help="What moved after this local time; a week if left out."),
    )

    def search(words: tuple[str, ...], as_json: bool, kind: str | None) -> None:
        ask(_shown(as_json, _search, "/v1/search", q=" ".join(words), kind=kind))

    yield _command(
        search,
        "Requisitions, candidates, applicants and documents in which all these words are found, of what you may read.",
        click.Argument(["words"], metavar="WORD…", nargs=-1, required=True),
        click.Option(["--kind"], type=click.Choice(["requisition", "candidate", "applicant", "document"])),
    )

    def tasks(about: str | None, as_json: bool) -> None:
        ask(_shown(as_json, _tasks, f"{_place(about)}/tasks" if about else "/v1/tasks"))

    yield _command(
        tasks,
        "Manual tasks: what a machine could not do and a user is asked to; in all requisitions, for operations.",
        click.Argument(["about"], metavar="[R-…]", required=False),
    )

    def retention(as_json: bool, until: datetime | None) -> None:
        by = (until + timedelta(days=1)).astimezone().isoformat() if until else None
        ask(_shown(as_json, _retention, "/v1/ops/retention", until=by, limit=_PAGE))

    yield _command(
        retention,
        "Whose data are erased by when, and what keeps others': a dry run. For HR and operations.",
        click.Option(
            ["--until"], type=click.DateTime(["%Y-%m-%d"]), help="The end of this local day; in 30 days if left out."
        ),
    )

    def timeline(about: str, as_json: bool) -> None:
        ask(_shown(as_json, _timeline, f"{_place(about)}/timeline", limit=_PAGE))

    yield _command(timeline, "What happened, in order.", subject)

    def owe(as_json: bool) -> None:
        ask(_shown(as_json, _clocks, "/v1/owed"))

    yield _command(owe, "Your tasks in all requisitions, by due time.")

    def mailbox(number: int | None, as_json: bool, to: str | None) -> None:
        if number is None:
            ask(_shown(as_json, _letters, "/v1/mailbox", to=to))
        else:
            ask(_shown(as_json, _letter, f"/v1/mailbox/{number}"))

    yield _command(
        mailbox,
        "The local mail: the latest, or the one with this number.",
        click.Argument(["number"], type=click.INT, required=False),
        click.Option(["--to"], help="Only to this address."),
    )


def _command(callback: Callable[..., None], help: str, *params: click.Parameter) -> click.Command:
    return click.Command(callback.__name__, callback=callback, params=[*params, _JSON], help=help)


def _place(about: str) -> str:
    places = {"R": "requisitions", "C": "candidates"}
    if about[:2] not in {f"{letter}-" for letter in places}:
        raise click.BadParameter(f"{about} is neither a requisition (R-…) nor a candidate (C-…).")
    return f"/v1/{places[about[0]]}/{about}"


Show = Callable[[Api, Console, Answer, Mapping[str, str]], Awaitable[None]]


def _shown(as_json: bool, show: Show, path: str, **query: Any) -> Callable[[Api], Awaitable[None]]:
    async def ask(api: Api) -> None:
        answer = await _whole(api, path, query)
        if as_json:
            click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
            return
        people = {person["id"]: person["name"] for person in await api.read("/v1/people")}
        await show(api, Console(), answer, people)

    return ask


async def _whole(api: Api, path: str, query: Mapping[str, Any]) -> Answer:
    """The answer; where it comes in pages (`limit`), all of them."""
    answer = page = await api.read(path, **query)
    while "limit" in query and len(page) == query["limit"]:
        page = await api.read(path, **query, offset=len(answer))
        answer = answer + page
    return answer


async def _board(_api: Api, console: Console, lines: Answer, people: Mapping[str, str]) -> None:
    console.print(
        _table(
            ("requisition", "title", "phase", "next due", "waiting for", ""),
            (
                (
                    line["id"],
                    line["title"],
                    f"{line['phase']}{'' if line['standing'] == 'open' else ', ' + line['standing'].replace('_', ' ')}",
                    _at(line["nearest_due"]),
                    _names(line["waiting_on"], people),
                    _BREACHED if line["breached"] else "",
                )
                for line in lines
            ),
        )
    )


async def _requisition(api: Api, console: Console, requisition: Answer, people: Mapping[str, str]) -> None:
    place = f"/v1/requisitions/{requisition['id']}"
    versions, candidates = await api.read(f"{place}/rubric"), await api.read(f"{place}/candidates")
    rubric = [f"version {v['version']} ({v['status']}), hash {v['content_hash']}" for v in versions]
    agenda = [f"{key}: {change['text']} ({change['resolution']})" for key, change in requisition["inherited"].items()]
    signals = [f"{key}: {way or 'open'}" for key, way in requisition["signals"].items()]
    offers = [f"{offer['id']} to {candidate}: {offer['status']}" for candidate, offer in requisition["offers"].items()]
    band = requisition["band"]
    team = {role: people.get(person, person) for role, person in requisition["team"].items() if isinstance(person, str)}
    console.print(
        _facts(
            {
                "requisition": f"{requisition['id']}, version {requisition['version']}",
                "title": requisition["title"],
                "stands at": f"{requisition['phase']}, {requisition['standing'].replace('_', ' ')}",
                **{role.replace("_", " "): name for role, name in team.items()},
                "band": f"{band['minimum']} to {band['maximum']} {band['currency']}",
                "openings": f"{requisition['openings_left']} of {requisition['openings']} left"
                if requisition["openings"]
                else "evergreen",
                "rubric": "\n".join(rubric),
                "inherited": "\n".join(agenda),
                "comp signals": "\n".join(signals),
                "offers": "\n".join(offers),
            }
        )
    )
    if candidates:
        console.print(
            _table(
                ("candidate", "stage", "since", "source", "waiting for"),
                (
                    (c["id"], _words(c["stage"]), _at(c["stage_since"]), c["source"], _names(c["waiting_on"], people))
                    for c in candidates
                ),
            )
        )


async def _candidate(_api: Api, console: Console, candidate: Answer, people: Mapping[str, str]) -> None:
    contact, summary, decision = candidate["contact"] or {}, candidate["summary"], candidate["decision"]
    interviews = [
        f"{i['id']}: round {i['round']}, {_words(i['kind'])}, {_words(i['status'])}, "
        f"{_names([a['person'] for a in i['interviewers']], people)}; scorecards in: {len(i['cards'])}"
        for i in candidate["interviews"].values()
    ]
    console.print(
        _facts(
            {
                "candidate": f"{candidate['id']}, version {candidate['version']}",
                "name": contact.get("name"),
                "mail": contact.get("email"),
                "telephone": contact.get("phone"),
                "reached through": contact.get("through"),
                "requisition": candidate["requisition"],
                "stands at": f"{_words(candidate['stage'])} since {_at(candidate['stage_since'])}",
                "recruiter's verdicts": ", ".join(f"{k} {_words(v)}" for k, v in candidate["verdicts"].items()),
                "summary": _at(summary["at"]) if summary else None,
                "interviews": "\n".join(interviews),
                "decision": f"{_words(decision['kind'])} on {', '.join(decision['criteria'])}" if decision else None,
                "out because of": candidate["out"]["reason"] if candidate["out"] else None,
                "drafts": "\n".join(f"{job}: {draft['id']}" for job, draft in candidate["drafts"].items()),
                "hidden": "others' scorecards, until yours is in" if candidate["blind"] else None,
            }
        )
    )


async def _available(_api: Api, console: Console, commands: Answer, _people: Mapping[str, str]) -> None:
    console.print(
        _table(
            ("command", "what it does", "of which"),
            ((_verb(one), one["heading"], ", ".join(_open_options(one))) for one in commands if not one["missing"]),
        )
    )


async def _everything(api: Api, console: Console, commands: Answer, people: Mapping[str, str]) -> None:
    await _available(api, console, commands, people)
    refused = (one for one in commands if one["missing"])
    rows = (
        (_verb(one), f"{one['missing']['sentence']} {one['missing']['accepted']}", one["missing"]["code"])
        for one in refused
    )
    console.print(_table(("not now", "what is missing", "refused as"), rows))


def _verb(one: Answer) -> str:
    return str(one["command"]).replace("_", "-")


def _open_options(one: Answer) -> list[str]:
    return [option["id"] for option in one["options"] if not option["missing"]]


async def _clocks(_api: Api, console: Console, clocks: Answer, people: Mapping[str, str]) -> None:
    console.print(
        _table(
            ("owner", "task", "about", "due", "stands", "id"),
            (
                (
                    people.get(clock["owner"], clock["owner"]),
                    _words(clock["name"]),
                    clock["title"] or clock["stream"],
                    _at(clock["due_at"]),
                    _standing(clock),
                    clock["id"],
                )
                for clock in clocks
            ),
        )
    )


async def _update(_api: Api, console: Console, update: Answer, _people: Mapping[str, str]) -> None:
    forecast, kept = update["forecast"], update["kept"] or {}
    slip = {cause: days for cause, days in (forecast["slip"] or {}).items() if days}
    moved = ", ".join(f"{n} {_words(stage)}" for stage, n in update["moved"].items())
    console.print(
        _facts(
            {
                "requisition": f"{update['requisition']}, {update['title']}",
                "stands at": f"{update['phase']}, {_words(update['standing'])}",
                "forecast": _at(forecast["forecast_at"]) or _words(forecast["no_forecast"] or ""),
                "agreed": f"{_at(forecast['promised_at'])}, by the {_words(forecast['promised_by'])}"
                if forecast["promised_at"]
                else None,
                "slip in working days": ", ".join(f"{_words(cause)} {days:g}" for cause, days in slip.items()),
                "profiles": f"{kept['shown']} of {kept['candidates_expected']} by {_at(kept['shown_by'])}"
                if kept
                else None,
                "meetings": f"{kept['meetings_held']} of {kept['meetings_promised']} on record" if kept else None,
                f"moved since {_at(update['since'])}": moved or "nobody",
            }
        )
    )
    for heads, rows in _update_tables(update):
        if rows:
            console.print(_table(heads, rows))


def _update_tables(update: Answer) -> Iterator[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    names = update["names"]
    yield (
        ("candidate", "name", "stage", "working days", "waiting for"),
        [
            (one["id"], names.get(one["id"], ""), _words(one["stage"]), f"{one['days']:g}", _sides(one["waits_on"]))
            for one in update["candidates"]
        ],
    )
    yield (
        ("owner", "task", "about", "due", ""),
        [
            (
                _words(clock["side"]),
                _words(clock["name"]),
                names.get(clock["candidate"]) or clock["candidate"] or "",
                _at(clock["due_at"]),
                _BREACHED if clock["late"] else "paused" if clock["still"] else "",
            )
            for clock in update["debts"]
        ],
    )
    yield (
        ("criterion", "", "show it", "since", "of another version"),
        [
            (
                one["behaviour"],
                one["weight"],
                f"{one['counted']['now']['met']} of {one['counted']['now']['read']}",
                f"{one['counted']['moved']['met']:+}",
                str(one["counted"]["not_comparable"] or ""),
            )
            for one in update["criteria"]
        ],
    )


def _sides(sides: Iterable[str]) -> str:
    return ", ".join(_words(side) for side in sides)


async def _search(_api: Api, console: Console, answer: Answer, _people: Mapping[str, str]) -> None:
    console.print(
        _table(
            ("kind", "id", "name", "in", "stage", "where it says so"),
            (
                (
                    hit["kind"],
                    hit["id"],
                    hit["name"],
                    hit["title"] or "",
                    _words(hit["stage"] or ""),
                    " … ".join(passage["text"].replace("\n", " ") for passage in hit["passages"]),
                )
                for hit in answer["hits"]
            ),
        )
    )
    if answer["more"]:
        console.print(f"There is more: {', '.join(answer['more'])}.")


async def _tasks(_api: Api, console: Console, tasks: Answer, _people: Mapping[str, str]) -> None:
    rows = ((task["stream"], task["id"], task["kind"], task["reason"], _at(task["raised_at"])) for task in tasks)
    console.print(_table(("where", "manual task", "what was to be done", "why it was not", "since"), rows))


async def _retention(_api: Api, console: Console, lines: Answer, _people: Mapping[str, str]) -> None:
    rows = (
        (
            line["name"] or line["candidate"],
            line["requisition"],
            line["jurisdiction"],
            datetime.fromisoformat(line["due_at"]).astimezone().strftime("%Y-%m-%d %H:%M"),
            line["cause"],
            "erased then" if line["goes"] else "kept",
            ", ".join(map(_words, line["kept_by"])),
        )
        for line in lines
    )
    console.print(_table(("candidate", "requisition", "law of", "due", "because of", "", "kept by"), rows))
    goes = sum(line["goes"] for line in lines)
    console.print(f"{goes} would go, {len(lines) - goes} would be kept. Nothing was erased.")


async def _timeline(_api: Api, console: Console, entries: Answer, people: Mapping[str, str]) -> None:
    console.print(
        _table(
            ("at", "where", "what", "by"),
            ((_at(e["at"]), f"{e['stream']} {e['seq']}", e["heading"], people.get(e["by"], e["by"])) for e in entries),
        )
    )


async def _letters(_api: Api, console: Console, letters: Answer, _people: Mapping[str, str]) -> None:
    console.print(
        _table(
            ("", "caught", "to", "subject"),
            ((str(m["number"]), _at(m["caught_at"]), ", ".join(m["envelope_to"]), m["subject"]) for m in letters),
        )
    )


async def _letter(_api: Api, console: Console, letter: Answer, _people: Mapping[str, str]) -> None:
    invitations = [f"{i['method']} {i['summary']}: {i['starts']} to {i['ends']}" for i in letter["invitations"]]
    heads = {"from": letter["sender"], "to": letter["to"], "subject": letter["subject"]}
    console.print(_facts(heads | {"invitations": "\n".join(invitations)}))
    console.print(letter["text"], markup=False, highlight=False)


def _standing(clock: Answer) -> str:
    if clock["ended_at"]:
        return f"{clock['ended_as']}{', late' if clock['breached_at'] else ''}"
    if clock["stuck_at"]:
        return _STUCK
    if clock["breached_at"]:
        return _BREACHED
    return "paused" if clock["stands_since"] else _words(clock["rung"] or "runs")


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style="red" if cell in (_BREACHED, _STUCK) else "") for cell in row))
    return table


def _facts(facts: Mapping[str, str | None]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        if value:
            table.add_row(name, Text(value))
    return table


def _at(time: str | None) -> str:
    return f"{datetime.fromisoformat(time).astimezone():%d %b %H:%M:%S}" if time else ""


def _names(ids: Iterable[str], people: Mapping[str, str]) -> str:
    return ", ".join(people.get(one, one) for one in ids)


def _words(name: str) -> str:
    return name.replace("_", " ")
