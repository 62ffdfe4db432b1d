"""`tandem`: the stack, its administration on this machine, and every command and read of the API."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import click
from rich.console import Console

import settings
from documents.document_reader import LARGEST_FILE_BYTES
from domain.access.roles import company_roles
from domain.evidence.text_rules import CALLED_VAGUE, Use
from domain.registry import COMMANDS
from domain.sla.retention import raised
from local import demo, stack
from local.api_client import Api, NoAnswer, Refusal
from local.cli_commands import verbs
from local.cli_queries import reads
from local.errors import StackError
from ops import doctor, temporal_ui
from ops.administration import NotDone, Operator
from ops.doctor.findings import some
from ops.policy import NOT_REACHED
from ops.received_mail import NotTaken, piped_in
from store.policy_file import BadPolicy, differences, load_policy
from store.projector import not_taken_in
from store.unplaced_mail import REASONS
from workflows.contract import stream_of

FIRST = """\
Nobody administers Tandem here yet. Whoever opens this link does, once, within a day; the next start prints another:
  {link}"""

PATIENCE = 2.0
"""Seconds an API that cannot answer just now is asked again before the caller is told."""


class CommandFailed(click.ClickException):
    """What went wrong, as it was said, on standard error; exit code 1."""

    def show(self, file: Any = None) -> None:
        """Prints it without decoration."""
        click.echo(self.message, err=True)


class SentenceGroup(click.Group):
    """A group whose commands fail with a sentence, never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command. Raises Failed with what it said."""
        try:
            return super().invoke(ctx)
        except (Refusal, NoAnswer, NotDone, StackError, settings.BadSettings) as said:
            raise CommandFailed(str(said)) from None


@click.group(cls=SentenceGroup, context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]})
def tandem() -> None:
    """Hiring as two people on one bicycle.

    Commands and reads go to the API, with the token in TANDEM_TOKEN. What a command takes: tandem COMMAND --help.
    """


@tandem.command()
@click.pass_context
def up(ctx: click.Context) -> None:
    """Start everything and keep it running until Ctrl-C.

    Where nobody administers Tandem yet, prints a link for whoever will.
    """
    configured = settings.load()

    async def say_how_to_begin(_running: stack.Servers) -> None:
        try:
            link = await Operator(configured).first_link()
        except NoAnswer as said:
            raise StackError(str(said)) from None
        if link:
            click.echo(FIRST.format(link=link))

    ctx.exit(stack.up(configured, then=say_how_to_begin))


@tandem.command("demo")
@click.option("--stay/--no-stay", default=True, help="Leave everything running afterwards, until Ctrl-C.")
@click.pass_context
def play_demo(ctx: click.Context, stay: bool) -> None:
    """Play a whole hire on real servers, in days of seconds, and leave everything running to look at."""
    configured = demo.configured(settings.load())
    operator = Operator(configured)
    story = demo.story(configured, operator.enrol, operator.sign_in_link)
    ctx.exit(stack.up(configured, then=story, stay=stay))


@tandem.command()
def rebuild() -> None:
    """Make the read model again from the journal."""
    made = asyncio.run(Operator(settings.load()).rebuild())
    click.echo(f"The read model was made again from {made.streams} streams.")
    if made.unread:
        raise CommandFailed("\n".join(not_taken_in(stream, record) for stream, record in made.unread.items()))


@tandem.command()
@click.argument("streams", nargs=-1, metavar="STREAM…")
@click.option("--all", "everything", is_flag=True, help="Every stream of the journal.")
@click.option("--force", is_flag=True, help="Also one that is well, or whose events this build cannot all read.")
def revive(streams: tuple[str, ...], everything: bool, force: bool) -> None:
    """Start entities again from the journal: `requisition/R-…`, `candidate/C-…`, `person/P-…`.

    For those that cannot go on: a run that failed or is gone, or when Temporal's database was lost. Whatever is well is
    left alone.
    """
    if everything == bool(streams):
        raise click.UsageError("Name the streams, or say --all.")
    if force and everything:
        raise click.UsageError("--force is for streams that you name.")
    came = asyncio.run(Operator(settings.load()).revive(streams, force))
    for words in came.again.values():
        click.echo(words)
    if came.well:
        click.echo(f"Left alone, because it is well: {some(came.well)}.")
    if came.not_revived:
        raise CommandFailed("\n".join(came.not_revived.values()))


@tandem.command("mail-in")
@click.option("--to", "sent_to", multiple=True, metavar="ADDRESS", help="Whom the mail server says it was sent to.")
@click.pass_context
def mail_in(ctx: click.Context, sent_to: tuple[str, ...]) -> None:
    """Take in one mail from standard input, as a mail server pipes it: an answer of a candidate, or a bounce.

    It is laid to its candidate, or kept aside. Exit code 75 where it was not taken: the mail server hands it over again
    later.
    """
    body = sys.stdin.buffer.read(LARGEST_FILE_BYTES + 1)
    if not body.strip():
        raise click.UsageError("A mail comes on standard input.")
    try:
        laid = asyncio.run(piped_in(settings.load(), body, sent_to))
    except NotTaken as later:
        click.echo(str(later), err=True)
        ctx.exit(os.EX_TEMPFAIL)
    click.echo(f"Kept aside: {REASONS[laid.aside]}." if laid.aside else f"Laid to {laid.candidate or 'its candidate'}.")


STREAMS = {"R": "requisition", "C": "candidate", "P": "person"}


@tandem.command("doctor")
@click.argument("about", metavar="[R-…|C-…|P-…]", required=False)
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
@click.pass_context
def see_the_doctor(ctx: click.Context, about: str | None, as_json: bool) -> None:
    """Say what is wrong with this stack, or with one requisition, candidate or user, and what to do.

    Works with everything down. Exit code 1 when something is broken.
    """
    if about and about[:2] not in {f"{letter}-" for letter in STREAMS}:
        raise click.BadParameter(f"{about} is no id of a requisition (R-…), a candidate (C-…) or a user (P-…).")
    stream = stream_of(STREAMS[about[0]], about) if about else None
    findings = asyncio.run(doctor.examine(settings.load(), stream))
    if as_json:
        click.echo(doctor.as_json(findings))
    else:
        doctor.print_findings(findings, Console(highlight=False))
    ctx.exit(1 if doctor.worst(findings) == "broken" else 0)


@tandem.command()
@click.argument("which", type=click.Choice([*temporal_ui.QUERIES, "waiting-on"]))
@click.argument("person_id", metavar="[P-…]", required=False)
def ui(which: str, person_id: str | None) -> None:
    """Print where the Temporal UI lists what is stuck, overdue, failing, or waiting for a user.

    Opening the link also keeps the query among the saved queries of your browser.
    """
    if (which == "waiting-on") != bool(person_id):
        raise click.UsageError("waiting-on takes a user (P-…); the others take nothing.")
    query = temporal_ui.waiting_on(person_id) if person_id else temporal_ui.QUERIES[which]
    link = temporal_ui.query_url(settings.load(), query, f"waiting on {person_id}" if person_id else which)
    if link is None:
        raise NotDone(f"Say where the Temporal UI is (TANDEM_TEMPORAL_UI_URL). The query is: {query}")
    click.echo(link)


@tandem.group()
def policy() -> None:
    """The file that sets the SLA: how long each clock runs, and the escalation once it is over."""


@policy.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check_policy(file: Path) -> None:
    """Say whether a policy file can be used, and what differs from the shipped one; or what is wrong on which line.

    Where the database answers, also of how many candidates it would move the date on which their data are erased.
    """
    try:
        checked = load_policy(file)
    except BadPolicy as bad:
        raise CommandFailed(str(bad)) from None
    steps = ", ".join(f"{step.rung} ({step.at})" for step in checked.ladder)
    click.echo(f"The policy {checked.name} can be used: {len(checked.clocks)} clocks; {steps}.")
    for name, time in checked.clocks.items():
        click.echo(f"  {name}: {time}")
    own = differences(checked)
    click.echo("\n  ".join(["It differs from the shipped one in:", *own]) if own else "It is as shipped.")
    click.echo("\n  ".join(["How long candidates' data are kept:", *raised(checked)]))
    try:
        click.echo(f"  {asyncio.run(Operator(settings.load()).moved_by(checked)).in_words}")
    except (NoAnswer, settings.BadSettings):
        click.echo("  The database does not answer, so nobody can say whose dates it would move.")


@policy.command("adopt")
def adopt_policy() -> None:
    """Give the policy in force (TANDEM_POLICY) to every requisition that runs, for clocks started from now on."""
    counts = asyncio.run(Operator(settings.load()).adopt_policy())
    click.echo(
        "; ".join(f"{count} {words}" for words, count in sorted(counts.items())) or "There is no requisition yet."
    )
    if counts[NOT_REACHED]:
        raise CommandFailed("Ask again for those that could not be reached: the others take it once.")


@tandem.group()
def keys() -> None:
    """The subjects' keys, straight in this machine's key store."""


@keys.command("rotate")
def rotate_keys() -> None:
    """Wrap every key under a new master key, while everything runs.

    Broken off, it is gone on with the next time. The new one is where TANDEM_MASTER_KEY says, also where the old one is
    elsewhere (TANDEM_MASTER_KEY_BEFORE). In a file, a key of your own choice: put it first (32 bytes in base64, on a
    line), leave the old one below it, and say this. Releases up to 0.3.0 read no wrapped keys.
    """
    count = asyncio.run(Operator(settings.load()).rotate_keys())
    click.echo(f"{count} keys were wrapped anew. The old master key opens none of them any more.")


@keys.command("rotate-payloads")
def rotate_payload_keys() -> None:
    """Seal what travels through Temporal under a new key from now on (TANDEM_PAYLOAD_CODEC).

    Every process takes it within a minute. What the old ones sealed is still opened.
    """
    name = asyncio.run(Operator(settings.load()).rotate_payload_keys())
    click.echo(f"{name} seals from now on.")


@tandem.group()
def documents() -> None:
    """The files that were given, straight in this machine's database and blob store."""


@documents.command("move-originals")
def move_originals() -> None:
    """Move files that releases up to 0.4.0 put into the database to where files are now (TANDEM_BLOBS).

    While everything runs; what was not moved is read where it lies. Broken off, it is gone on with the next time. 0.4.0
    cannot hand out a file that was moved.
    """
    count = asyncio.run(Operator(settings.load()).move_originals())
    click.echo(f"{count} files were moved.")


@tandem.group()
def audit() -> None:
    """Who saw and did what, straight in this machine's database."""


@audit.command("verify")
@click.option("--known", metavar="ROW:HASH", help="A row and its hash, as said before: it must still stand there.")
def verify_audit(known: str | None) -> None:
    """Walk the chain of hashes; say how many rows there are and the last one's hash, or the first row that is wrong.

    What was cut off at the end leaves a whole chain behind: keep the row and hash that this prints elsewhere, and give
    them the next time. Exit code 1 when a row does not fit.
    """
    row, _, hash = (known or "").partition(":")
    if known and not (row.isdecimal() and re.fullmatch(r"[0-9a-fA-F]{64}", hash)):
        raise click.BadParameter("It is a row's number, a colon and 64 characters of hash, as printed.")
    found = asyncio.run(Operator(settings.load()).verify_audit((int(row), hash) if known else None))
    if found.wrong:
        raise CommandFailed(f"{found.wrong} Rows that fit before it: {found.rows}.")
    if not found.rows:
        click.echo("There is no row yet.")
    else:
        click.echo(f"{found.rows} rows fit. The last one is {found.last}:{found.hash}")


@tandem.group()
def person() -> None:
    """The users of Tandem, straight in this machine's database."""


@person.command("add")
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--team")
@click.option("--zone", required=True, help="An IANA time zone: America/New_York.")
@click.option("--country", required=True, help="Whose public holidays they keep, by ISO 3166: US.")
@click.option("--roles", default="", help=f"{company_roles()}: R,L.")
def add_person(name: str, email: str, team: str | None, zone: str, country: str, roles: str) -> None:
    """Add a user who works office hours; `tandem set-calendar` changes them."""
    letters = [role.strip() for role in roles.split(",") if role.strip()]
    added = asyncio.run(Operator(settings.load()).add_person(name, email, team, zone, country, letters))
    click.echo(added.id)


@person.command("list")
def list_people() -> None:
    """List the users: id, name, mail address, company roles, team."""
    users = asyncio.run(Operator(settings.load()).users())
    _lines(
        (one.id, one.name, one.email, ",".join(sorted(one.standing)), one.team or "", "" if one.active else "left")
        for one in users
    )


@tandem.group()
def team() -> None:
    """Teams that hire, straight in this machine's database."""


@team.command("put")
@click.argument("name")
@click.option("--lead", required=True, metavar="P-…", help="Who leads it.")
def put_team(name: str, lead: str) -> None:
    """Add a team, or give it another lead."""
    asyncio.run(Operator(settings.load()).put_team(name, lead))


@team.command("list")
def list_teams() -> None:
    """List the teams, each with the id of its lead."""
    _lines((one.name, one.lead) for one in asyncio.run(Operator(settings.load()).teams()))


@tandem.group()
def token() -> None:
    """Bearer tokens, straight in this machine's database."""


@token.command("make")
@click.argument("person_id", metavar="P-…")
@click.option("--label", default="made on the command line", show_default=True)
@click.option("--days", type=click.IntRange(1), help="For how long it holds; for ever, unless given.")
def make_token(person_id: str, label: str, days: int | None) -> None:
    """Make a token; it is shown this once."""
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    click.echo(asyncio.run(Operator(settings.load()).make_token(person_id, label, expires_at)))


@person.command("link")
@click.argument("person_id", metavar="P-…")
def make_link(person_id: str) -> None:
    """Print a link that signs a user in, once, within a day."""
    click.echo(asyncio.run(Operator(settings.load()).sign_in_link(person_id)))


@token.command("list")
@click.argument("actor", metavar="P-…|S-…", required=False)
def list_tokens(actor: str | None) -> None:
    """List the tokens of a user or a system that hold, or of all systems: first part, whose, what for, until, used."""
    _lines(
        (
            one.prefix,
            one.actor,
            one.label,
            one.scope,
            f"until {one.expires_at:%Y-%m-%d}" if one.expires_at else "for ever",
            f"used {one.last_used_at:%Y-%m-%d %H:%M} UTC" if one.last_used_at else "never used",
        )
        for one in asyncio.run(Operator(settings.load()).tokens(actor))
    )


@token.command("revoke")
@click.argument("given", metavar="TOKEN")
def revoke_token(given: str) -> None:
    """End a token; its first part (tdm_…) will do."""
    asyncio.run(Operator(settings.load()).revoke_token(given))


def _become(module: str) -> None:
    """Goes on as another program of ours, in this process, so that it is the one that is told to stop."""
    os.execv(sys.executable, [sys.executable, "-m", module])  # nosec B606  # this Python, and a module of ours


@tandem.command("api")
def run_api() -> None:
    """Serve API and pages, and nothing else: what an image runs."""
    _become("api")


@tandem.command("worker")
def run_worker() -> None:
    """Serve the queues of TANDEM_WORKER_ROLES, and nothing else: what an image runs."""
    _become("worker")


@tandem.command("migrate")
def run_migrations() -> None:
    """Bring the database up to date. Safe to run twice at once; the release before goes on with it."""
    _become("store.migrate")


@tandem.command("setup")
def set_up_temporal() -> None:
    """Make what Temporal must have: the namespace and its search attributes. What is there already stays."""
    made = asyncio.run(Operator(settings.load()).set_up_temporal())
    click.echo("\n".join(made) or "Temporal has all that Tandem needs.")


@tandem.command()
@click.argument("file", type=click.File("rb"))
@click.option(
    "--kind",
    type=click.Choice(["transcript", "recording", "resume", "notes", "work_sample", "reference"]),
    required=True,
)
@click.option("--about", required=True, metavar="R-…|C-…|H-…", help="Whose it is.")
def upload(file: Any, kind: str, about: str) -> None:
    """Store a document or recording; its id and hash are a doc in commands."""

    async def stored(api: Api) -> None:
        click.echo(json.dumps(await api.upload(file.read(), kind, about, os.path.basename(file.name))))

    ask(stored)


@tandem.command()
@click.option("--name", required=True)
@click.option("--email")
@click.option("--phone")
@click.option("--through", help="Whom they are reached through, where there is neither address nor number.")
def introduce(name: str, email: str | None, phone: str | None, through: str | None) -> None:
    """Add an applicant, or find them again by their address and name; prints their id (H-…)."""

    body = {"name": name, "email": email, "phone": phone, "through": through}

    async def known(api: Api) -> None:
        click.echo((await api.give("/v1/humans", body))["id"])

    ask(known)


def _lines(rows: Iterable[Sequence[str]]) -> None:
    """Prints rows in columns, for people and for `grep`."""
    known = list(rows)
    widths = [max(map(len, column)) for column in zip(*known, strict=True)]
    for row in known:
        click.echo("  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip())


def ask(question: Callable[[Api], Awaitable[None]]) -> None:
    """Runs `question` with the caller's way to the API."""

    async def asked() -> None:
        async with Api(settings.load().base_url, os.environ.get("TANDEM_TOKEN"), PATIENCE) as api:
            await question(api)

    asyncio.run(asked())


@tandem.command()
@click.argument("about", metavar="R-…|C-…")
@click.argument("words")
@click.option("--use", type=click.Choice(get_args(Use)), required=True, help="What the words are for.")
def reword(about: str, words: str, use: Use) -> None:
    """Say what would make vague words concrete, with a rewrite where there is one. Nothing is changed."""

    async def reworded(api: Api) -> None:
        requisition = (await api.read(f"/v1/candidates/{about}"))["requisition"] if about.startswith("C-") else about
        said = await api.give(f"/v1/requisitions/{requisition}/rewordings", {"words": words, "use": use})
        click.echo(said["question"])
        click.echo(said["proposal"] or "There is no rewrite: nothing concrete is said that it could be made of.")

    ask(reworded)


def give(path: str, body: dict[str, Any], key: str | None, expected_version: int | None) -> None:
    """Takes a command to the API and prints its receipt; vague words are refused with the way to a rewrite."""

    async def given(api: Api) -> None:
        try:
            click.echo(json.dumps(await api.give(path, body, key, expected_version), indent=2))
        except Refusal as refusal:
            if use := CALLED_VAGUE.get(refusal.code):
                about = path.split("/")[3]
                raise CommandFailed(f"{refusal}\nA rewrite: tandem reword {about} --use {use} 'YOUR WORDS'") from None
            raise

    ask(given)


for command in (*reads(ask), *verbs(COMMANDS, give)):
    tandem.add_command(command)


def main() -> None:
    """The entry point of `tandem`."""
    tandem(prog_name="tandem")
