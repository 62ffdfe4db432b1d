"""What comes back by mail: answers, machines' answers, bounces, and what is nobody's."""

from __future__ import annotations

import asyncio
import copy
import os
import subprocess
import sys
from email.message import EmailMessage

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from local.mailbox import CaughtMail, messages
from ops.received_mail import Laid, read_mailbox, take_in
from settings import ROOT, Settings
from testing.api_clients import eventually, problem
from testing.api_company import Applicant, Company, Requisition
from testing.imap_server import imap_server, put
from testing.kept_rows import stays
from tests.api.conftest import Process
from tests.api.test_correspondence import Desk, address_of, desk_of, inputs, mail_to
from wiring import Services


@pytest.fixture(scope="module")
async def at(app: FastAPI) -> Services:
    """What a process that reads the mailbox works with."""
    found: Services = app.state.services
    return found


@pytest.fixture(scope="module")
async def requisition(company: Company, worker: Process) -> Requisition:
    """Where they applied."""
    return await company.opens()


async def written_to(requisition: Requisition, name: str, running: Settings) -> tuple[Applicant, CaughtMail]:
    """Somebody who had a letter, and the letter."""
    one = await requisition.gains(name, source="sourced")
    letter = {"letter_subject": f"Dates, {name}", "text": "Which days suit you?"}
    await requisition.company.recruiter.does(f"{one.path}/send-letter", letter)
    return one, await mail_to(running, one, f"Dates, {name}")


def answer(sender: str, words: str, *, to: str = "hiring@tandem.example", **headers: str) -> bytes:
    """A mail."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, "Re: Dates"
    mail["Message-ID"] = f"<{abs(hash((sender, words, to)))}@example.com>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    return mail.as_bytes()


def reply_to(letter: CaughtMail) -> str:
    """Where answers to a letter go."""
    return dict(letter.headers)["Reply-To"].partition("<")[2].rstrip(">")


async def test_an_answer_comes_back_by_its_token_once(
    at: Services, requisition: Requisition, running: Settings
) -> None:
    one, letter = await written_to(requisition, "Nora Falk", running)
    mail = answer("nora@elsewhere.example", "Tuesday suits me.", to=reply_to(letter).upper())
    first, again = await take_in(at, mail), await take_in(at, mail)
    assert first == Laid(again.id, one.id, "reply")
    assert (again.candidate, again.what) == (None, "known")
    recruiter = requisition.company.recruiter
    thread = await recruiter.sees(f"{one.path}/letters", lambda it: len(it) == 2)
    assert [entry["direction"] for entry in thread] == ["outbound", "inbound"]
    assert "Tuesday suits me." in thread[1]["text"]
    assert "from another address: nora@elsewhere.example" in thread[1]["text"]
    timeline = await recruiter.sees(f"{one.path}/timeline", lambda it: any(e["type"] == "reply_came" for e in it))
    assert [entry["type"] for entry in timeline].count("reply_came") == 1
    mara = await desk_of(requisition.company, "recruiter")
    assert "Tuesday suits me." in await mara.opens(one.path.removeprefix("/v1"))
    original = await recruiter.get(f"/v1/documents/{thread[1]['document']}/original")
    assert original.content == mail
    problem(await requisition.company.stranger.get(f"{one.path}/letters"), 403, "not_permitted")
    for table in ("letters", "documents", "events"):
        rows = await requisition.company.pool.fetch(f"SELECT row_to_json(t)::text AS row FROM {table} t")
        assert not [row for row in rows if "Tuesday suits me" in row["row"]], table


async def test_an_answer_is_found_by_what_it_answers_and_then_by_its_address(
    at: Services, requisition: Requisition, running: Settings
) -> None:
    one, letter = await written_to(requisition, "Otto Falk", running)
    by_reference = answer("otto@elsewhere.example", "By reference.", In_Reply_To=letter.message_id)
    assert (await take_in(at, by_reference)).candidate == one.id
    assert (await take_in(at, answer(address_of(one).upper(), "By address."))).candidate == one.id
    elsewhere = await requisition.company.opens()
    await elsewhere.gains("Otto Falk", source="sourced")
    assert (await take_in(at, answer(address_of(one), "Which of the two?"))).aside == "several"


async def test_a_machine_s_answer_is_kept_and_counts_for_none(
    at: Services, requisition: Requisition, running: Settings
) -> None:
    one, letter = await written_to(requisition, "Pia Falk", running)
    away = answer(address_of(one), "I am away until Monday.", to=reply_to(letter), Auto_Submitted="auto-replied")
    assert (await take_in(at, away)).what == "automatic"
    recruiter = requisition.company.recruiter
    assert len(await recruiter.reads(f"{one.path}/letters")) == 2
    assert "reply_came" not in {entry["type"] for entry in await recruiter.reads(f"{one.path}/timeline")}


async def test_a_bounce_marks_its_letter_and_becomes_a_task(
    at: Services, requisition: Requisition, running: Settings
) -> None:
    one, letter = await written_to(requisition, "Quin Falk", running)
    report = EmailMessage()
    report["From"], report["To"] = "MAILER-DAEMON@mx.example", reply_to(letter)
    report["Subject"], report["Message-ID"] = "Undelivered", "<bounced@mx.example>"
    body = report.as_bytes().partition(b"\n\n")[0] + (
        b"\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        b"--b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n"
        b"Reporting-MTA: dns; mx.example\n\nAction: failed\nStatus: 5.1.1\n\n--b\n"
        b"Content-Type: text/rfc822-headers\n\nMessage-ID: " + letter.message_id.encode() + b"\n\n--b--\n"
    )
    first, again = await take_in(at, body), await take_in(at, body)
    assert (first, again.id) == (Laid(first.id, one.id, "bounce"), first.id)
    recruiter = requisition.company.recruiter
    [entry] = await recruiter.reads(f"{one.path}/letters")
    assert entry["undelivered_at"]
    tasks = await recruiter.sees(f"{requisition.path}/tasks", lambda it: any(t["stream"].endswith(one.id) for t in it))
    mine = [task for task in tasks if task["stream"].endswith(one.id)]
    assert [task["reason"] for task in mine] == ["mail_bounced"]
    mara = await desk_of(requisition.company, "recruiter")
    assert "not delivered" in await mara.opens(one.path.removeprefix("/v1"))

    right = {"address": "quin.right@example.com", "why": "They spelt it on the telephone, letter by letter."}
    await recruiter.does(f"{one.path}/correct-contact", right)
    await mail_to_address(running, "quin.right@example.com", "Dates, Quin Falk")


async def mail_to_address(running: Settings, address: str, subject: str) -> None:
    """A letter that comes to another address than the usual one."""

    async def look() -> bool:
        return any(subject in mail.subject for mail in messages(running.mailbox_folder, address, limit=5))

    await eventually(look, f"nothing came to {address}")


async def test_what_is_nobody_s_is_kept_aside_and_laid_by_hand(
    at: Services, requisition: Requisition, running: Settings
) -> None:
    company = requisition.company
    one, _ = await written_to(requisition, "Rosa Falk", running)
    aside = await take_in(at, answer("who@nowhere.example", "It is me, Rosa, from my other mailbox."))
    assert aside.aside == "nobody"
    assert [mail["subject"] for mail in await company.ops.reads("/v1/unplaced-mail") if mail["id"] == aside.id] == [""]
    mara: Desk = await desk_of(company, "recruiter")
    place = f"/unplaced-mail/{aside.id}"
    assert place in await mara.opens("/unplaced-mail")
    form = await mara.opens(place)
    assert "It is me, Rosa" in form
    await mara.sends(place, inputs(form) | {"candidate": "not a page"}, 422)
    link = f"https://tandem.example/candidates/{one.id}"
    await mara.sends(place, inputs(form) | {"candidate": link}, 303)
    thread = await company.recruiter.reads(f"{one.path}/letters")
    assert "It is me, Rosa" in thread[-1]["text"]
    problem(await company.recruiter.get(f"/v1/unplaced-mail/{aside.id}"), 404, "not_found")

    other = await take_in(at, answer("spam@nowhere.example", "Buy this."))
    problem(await company.stranger.get("/v1/unplaced-mail"), 403, "not_permitted")
    assert (await company.recruiter.send("DELETE", f"/v1/unplaced-mail/{other.id}")).status_code == 204
    problem(await company.recruiter.get(f"/v1/unplaced-mail/{other.id}"), 404, "not_found")
    dropped = await take_in(at, answer("spam@nowhere.example", "Buy this."))
    assert dropped.id not in [mail["id"] for mail in await company.recruiter.reads("/v1/unplaced-mail")]


async def test_what_is_too_large_or_no_mail_is_listed(at: Services, requisition: Requisition) -> None:
    large = await take_in(at, answer("big@nowhere.example", "x" * 70) + b"\n" * (10 * 1024**2))
    broken = await take_in(at, b"\0\1\2 no mail at all")
    assert (large.aside, broken.aside) == ("too_large", "unreadable")
    listed = {mail["id"]: mail["reason"] for mail in await requisition.company.recruiter.reads("/v1/unplaced-mail")}
    assert listed[large.id] == "too_large"
    assert listed[broken.id] == "unreadable"


async def piped(command: list[str], mail: bytes, env: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """What a mail server does."""
    return await asyncio.to_thread(
        subprocess.run, command, input=mail, capture_output=True, cwd=ROOT, env=env, timeout=60
    )


async def test_a_mail_server_pipes_it_in(at: Services, requisition: Requisition, running: Settings) -> None:
    one, letter = await written_to(requisition, "Sven Falk", running)
    mail = answer("sven@elsewhere.example", "Piped.", to="undisclosed@example.com")
    command = [sys.executable, "-c", "from cli import main; main()", "mail-in", "--to", reply_to(letter)]
    ran = await piped(command, mail, running.environment())
    assert ran.returncode == 0, ran.stderr
    assert one.id.encode() in ran.stdout
    away = running.environment() | {"TANDEM_DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    later = await piped(command, mail, away)
    assert later.returncode == os.EX_TEMPFAIL
    assert b"Traceback" not in later.stderr


async def test_erased_people_s_mail_is_not_kept_with_them(
    at: Services, requisition: Requisition, running: Settings
) -> None:
    one, letter = await written_to(requisition, "Tove Falk", running)
    erased = """new.view := jsonb_set(new.view, '{standing}', '"erased"')"""
    await stays(at.pool, "candidates", f"new.id = '{one.id}'", erased)
    laid = await take_in(at, answer(address_of(one), "Am I forgotten?", to=reply_to(letter)))
    assert laid.aside == "erased"


async def test_the_mailbox_is_read_where_it_was_left(at: Services, requisition: Requisition, running: Settings) -> None:
    one, letter = await written_to(requisition, "Ulf Falk", running)
    with imap_server() as server:
        url = f"imap://{server.user}:secret@{server.host}:{server.port}"
        here = copy.copy(at)
        here.settings = running.model_copy(update={"imap_url": SecretStr(url)})
        put(server, answer("ulf@elsewhere.example", "First.", to=reply_to(letter)))
        assert await read_mailbox(here) == 1
        assert await read_mailbox(here) == 0
        put(server, answer("ulf@elsewhere.example", "Second.", to=reply_to(letter)), b"no mail \0 at all\r\n")
        assert await read_mailbox(here) == 2
    thread = await requisition.company.recruiter.reads(f"{one.path}/letters")
    assert [words for words in ("First.", "Second.") if words in str(thread)] == ["First.", "Second."]
