"""The machine and what stands around the servers: disk, keys, the policy file, mail, the API."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import aiosmtplib
import httpx

from mail.smtp import SmtpClient
from ops.doctor.findings import Finding, broken, ok, warning
from privacy.keys import KeyDestroyed, KeyMissing, KeysUnreachable
from privacy.tls import authorities
from settings import Settings
from store.policy_file import BadPolicy, load_policy
from wiring import Stores

GIB = 2**30
NEEDED, COMFORTABLE = 1 * GIB, 5 * GIB
"""Bytes left on the disk below which the servers will soon stop, and below which somebody should look."""


def disk(folder: Path, needed: int = NEEDED, comfortable: int = COMFORTABLE) -> Finding:
    """How much room is left where everything is kept, in bytes."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free
    left = f"{free / GIB:.1f} GiB are left on the disk of {folder}."
    if free < needed:
        return broken("disk", left, "Make room: PostgreSQL and Temporal stop when there is none.")
    if free < comfortable:
        return warning("disk", left, "Make room before there is none.")
    return ok("disk", left)


def keys(folder: Path) -> Finding:
    """Whether the installation's keys are there and new ones can be written."""
    if not folder.is_dir():
        return broken(
            "keys",
            f"There are no keys in {folder}: nothing personal can be read.",
            "Start Tandem if this is its first start; else put the folder back from your copy, or set TANDEM_HOME.",
        )
    probe = folder / f"doctor.{secrets.token_hex(8)}"
    try:
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as refused:
        return broken(
            "keys",
            f"{folder} cannot be written ({refused.strerror}): nobody new can be taken in.",
            "Give it back to the account Tandem runs under, mode 700.",
        )
    return ok("keys", f"{folder} is there and can be written.")


def missing_keys(at: Stores, subjects: list[str]) -> Finding | None:
    """Whether the keys of these subjects are there, unless they were erased; None where the folder itself is not."""
    gone = 0
    if at.settings.keys_url is None and not at.settings.keys_folder.is_dir():
        return None
    for subject in subjects:
        try:
            at.keys.find(subject)
        except KeyDestroyed:
            continue
        except (KeyMissing, KeysUnreachable):
            gone += 1
    if gone:
        return broken(
            "keys",
            f"The keys of {gone} of the last {len(subjects)} applicants are not in {at.keys.place}.",
            "These are another installation's, or an old copy: put the right ones back.",
        )
    return None


def unsigned_commands(at: Stores) -> Finding | None:
    """Whether what nobody signed is taken too; None where it is not, or where there are no keys to tell."""
    try:
        if not at.signing.ring.unsigned_too:
            return None
    except (KeyMissing, KeysUnreachable):
        return None
    return warning(
        "keys",
        "They are plain and commands are taken unsigned, as 0.3.0 has it: whoever reaches Temporal can give some.",
        "Run tandem keys rotate once you will not go back to 0.3.0 and its last worker is stopped.",
    )


def policy(path: Path) -> Iterator[Finding]:
    """Whether the clocks' policy can be loaded; a finding for each thing that is wrong with it."""
    try:
        loaded = load_policy(path)
    except BadPolicy as bad:
        for problem in bad.problems:
            yield broken(
                "policy", problem, "Mend that line: the policy that runs stays until then, but a restart would fail."
            )
    else:
        yield ok("policy", f"“{loaded.name}” in {path} can be used.")


async def mail(settings: Settings) -> Finding:
    """Whether the mail server takes a connection, with our name and password if it wants them."""
    server = settings.mail_server
    where = f"{server.host}:{server.port}"
    talk = SmtpClient(settings).connection(answers_within=3)
    try:
        async with talk:
            await talk.noop()
    except (aiosmtplib.SMTPException, OSError) as refused:
        return broken(
            "mail",
            f"The mail server {where} cannot be used ({type(refused).__name__}): messages are tried for two days.",
            "Bring it back, or mend TANDEM_SMTP_URL and start the worker again; what waits is then sent by itself.",
        )
    return ok("mail", f"The mail server {where} answers.")


async def api(settings: Settings) -> Finding:
    """Whether the API answers where links in messages lead, and is ready."""
    url = f"{settings.base_url}/ready"
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=3, verify=authorities()) as http:
            status = (await http.get(url)).status_code
    except httpx.HTTPError as refused:
        return broken(
            "api",
            f"Nobody answers at {settings.base_url} ({type(refused).__name__}).",
            "Start it (tandem up, or python -m api); its log says why it stopped.",
        )
    if status != 200:
        return broken(
            "api", f"The API answers {status} to {url}.", "It waits for the database or for Temporal: see those."
        )
    return ok("api", f"The API at {settings.base_url} is ready.")
